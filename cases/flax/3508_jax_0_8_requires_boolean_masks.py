# /// script
# requires-python = ">=3.9"
# dependencies = ["flax>=0.7.5", "jax"]  # before, BatchNorm takes no mask
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/3508"
# introduced-by = ["jax==0.8.0"]
# fixed-by = ["https://github.com/google/flax/commit/4887f7dc3f629433d613ea345aa9132f8a03ea80"]
# kind = "drift"
# api = [
#   "flax.linen.BatchNorm.__call__(mask=)",
#   "flax.linen.LayerNorm.__call__(mask=)",
#   "flax.linen.GroupNorm.__call__(mask=)",
#   "flax.linen.RMSNorm.__call__(mask=)",
# ]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "where must be None or a boolean array; got where.dtype=dtype\\('float32'\\)"
# failing = ["flax<0.12", "jax>=0.8"]
#
# [tool.case.fix.boolean_mask]
# source = "upstream"
# ///
"""Normalization layers of Flax up to 0.11.2 refuse a mask of zeros and ones with JAX 0.8."""

import flax.linen as nn
import jax
import jax.numpy as jnp


def assert_masks(mask: jax.Array) -> None:
    """The mean is that of the first two rows alone: the third is padding."""
    x = jnp.array([[1.0], [3.0], [100.0]])
    layer = nn.BatchNorm(use_running_average=False, momentum=0.0)
    _, variables = layer.init_with_output(jax.random.PRNGKey(0), x)
    _, variables = layer.apply(variables, x, mask=mask, mutable=["batch_stats"])
    mean = variables["batch_stats"]["mean"].tolist()
    assert mean == [2.0], mean


def failure() -> None:
    """A mask of zeros and ones hides what is padding."""
    assert_masks(jnp.array([[1.0], [1.0], [0.0]]))


def fix_boolean_mask() -> None:
    """A mask of booleans hides what is padding."""
    assert_masks(jnp.array([[1.0], [1.0], [0.0]]) == 1)


if __name__ == "__main__":
    failure()
