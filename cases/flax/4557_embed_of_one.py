# /// script
# requires-python = ">=3.9"
# dependencies = ["flax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/4557"
# introduced-by = ["https://github.com/google/flax/pull/3590"]
# fixed-by = ["https://github.com/google/flax/pull/4600"]
# kind = "bug"
# api = ["flax.linen.Embed", "flax.nnx.Embed"]
#
# [tool.case.failure]
# raises = "FloatingPointError"
# match = "^invalid value \\(nan\\) encountered in .*convert_element_type"
# failing = ["flax>=0.8,<0.10.5"]
#
# [tool.case.fix.with_jit]
# source = "ours"
#
# [tool.case.fix.two_embeddings]
# source = "ours"
# ///
"""An embedding of a single value makes a NaN, at which JAX's search for them stops."""

from __future__ import annotations

import flax.linen as nn
import jax
import jax.numpy as jnp


def assert_embeds(values: int = 1, disable_jit: bool = True) -> None:
    """The only embedding is a vector of ones."""
    embed = nn.Embed(values, features=2)
    variables = {"params": {"embedding": jnp.ones((values, 2))}}
    with jax.debug_nans(True), jax.disable_jit(disable_jit):
        assert embed.apply(variables, jnp.array([0])).tolist() == [[1.0, 1.0]]


def failure() -> None:
    """No NaN is met without jit, as people run it who look for one."""
    assert_embeds()


def fix_with_jit() -> None:
    """Leave jit on."""
    assert_embeds(disable_jit=False)


def fix_two_embeddings() -> None:
    """Have room for two values, and never use the second."""
    assert_embeds(values=2)


if __name__ == "__main__":
    failure()
