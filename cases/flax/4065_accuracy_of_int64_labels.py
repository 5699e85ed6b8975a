# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.8.4"]         # which brought flax.nnx
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/4065"
# fixed-by = ["https://github.com/google/flax/pull/4065"]
# kind = "limitation"
# api = ["flax.nnx.metrics.Accuracy", "flax.nnx.Accuracy"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^Expected labels.dtype==jnp.int32 and logits.ndim=2==labels.ndim\\+1=2$"
# failing = ["flax<0.9"]
#
# [tool.case.fix.bytes]
# source = "ours"
# refuted = ["flax"]
# raises = "ValueError"
# match = "^Expected labels.dtype==jnp.int32( and|, got uint8$)"
#
# [tool.case.fix.jax_array]
# source = "ours"
# ///
"""Accuracy refuses integer labels that are not of 32 bits, as those that NumPy makes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

LOGITS = jnp.array([[1.0, 2.0], [2.0, 1.0]])


def assert_half(labels: np.ndarray | jax.Array) -> None:
    """One of two predictions is right."""
    accuracy = nnx.metrics.Accuracy()
    accuracy.update(logits=LOGITS, labels=labels)
    assert accuracy.compute() == 0.5


def failure() -> None:
    """It counts with the integers of NumPy, which have 64 bits."""
    assert_half(np.array([1, 1], np.int64))


def fix_bytes() -> None:
    """It counts with bytes, as data sets of images have them."""
    assert_half(np.array([1, 1], np.uint8))


def fix_jax_array() -> None:
    """Convert the labels."""
    assert_half(jnp.array([1, 1], jnp.int32))


if __name__ == "__main__":
    failure()
