# /// script
# requires-python = ">=3.9"
# dependencies = ["flax>=0.8.3"]         # which brought force_fp32_for_softmax
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/4008"
# fixed-by = ["https://github.com/google/flax/commit/9e6b8193eb2e5b7e173d0bede2c8bbe3121228d8"]
# kind = "silent"
# api = ["flax.linen.MultiHeadDotProductAttention"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^weights in float16$"
# failing = ["flax<0.8.5"]
#
# [tool.case.fix.attention_fn]
# source = "documented"
# refuted = ["flax>=0.8.5"]           # the layer's own option is passed now, and wins
# raises = "AssertionError"
# match = "^weights in float16$"
#
# [tool.case.fix.both]
# source = "ours"
# ///
"""Attention computes its softmax in half precision although it is told to use float32."""

from __future__ import annotations

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp


def assert_single_precision(**options: object) -> None:
    """Run attention in half precision, and look at the weights that it computes."""
    attention = nn.MultiHeadDotProductAttention(num_heads=1, dtype=jnp.float16, **options)
    run = partial(attention.init_with_output, mutable=True, sow_weights=True)
    tokens = jnp.ones((1, 2, 2))
    _, variables = jax.eval_shape(run, jax.random.PRNGKey(0), tokens, tokens)
    (weights,) = variables["intermediates"]["attention_weights"]
    assert weights.dtype == jnp.float32, f"weights in {weights.dtype}"


def failure() -> None:
    """With force_fp32_for_softmax, the weights are computed in float32."""
    assert_single_precision(force_fp32_for_softmax=True)


def fix_attention_fn() -> None:
    """Set the option for the function that computes attention."""
    function = partial(nn.dot_product_attention, force_fp32_for_softmax=True)
    assert_single_precision(attention_fn=function)


def fix_both() -> None:
    """Set the option for the layer and for the function."""
    function = partial(nn.dot_product_attention, force_fp32_for_softmax=True)
    assert_single_precision(attention_fn=function, force_fp32_for_softmax=True)


if __name__ == "__main__":
    failure()
