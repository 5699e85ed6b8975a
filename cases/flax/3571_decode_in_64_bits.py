# /// script
# requires-python = ">=3.9"
# dependencies = ["flax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/3571"
# fixed-by = ["https://github.com/google/flax/pull/3571"]
# kind = "bug"
# api = [
#   "flax.linen.MultiHeadDotProductAttention",
#   "flax.linen.SelfAttention",
# ]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "^index arguments to dynamic_update_slice must be integers of the same type"
# failing = ["flax<0.8"]
#
# [tool.case.fix.without_x64]
# source = "ours"
#
# [tool.case.fix.float32_inputs]
# source = "ours"
# refuted = ["flax<0.8"]
# raises = "TypeError"
# match = "^index arguments to dynamic_update_slice must be integers of the same type"
# ///
"""Attention cannot decode step by step when JAX computes in 64 bits."""

import flax.linen as nn
import jax
import jax.numpy as jnp


def assert_decodes(x64: bool = True, dtype: str = "float64") -> None:
    """The first of two tokens goes into the cache, whose index moves on."""
    jax.config.update("jax_enable_x64", x64)
    attention = nn.MultiHeadDotProductAttention(num_heads=1, decode=True)
    tokens = jnp.ones((1, 2, 2), dtype)
    variables = jax.jit(attention.init)(jax.random.PRNGKey(0), tokens, tokens)
    _, updated = attention.apply(variables, tokens[:, :1], tokens[:, :1], mutable=["cache"])
    assert updated["cache"]["cache_index"] == 1


def failure() -> None:
    """It decodes in 64 bits."""
    assert_decodes()


def fix_without_x64() -> None:
    """Without jax_enable_x64 it decodes."""
    assert_decodes(x64=False, dtype="float32")


def fix_float32_inputs() -> None:
    """Give it inputs of 32 bits."""
    assert_decodes(dtype="float32")


if __name__ == "__main__":
    failure()
