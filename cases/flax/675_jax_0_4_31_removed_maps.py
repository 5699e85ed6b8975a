# /// script
# requires-python = ">=3.9"
# dependencies = ["flax", "jax"]
#
# [tool.case]
# issue = "https://github.com/scverse/pertpy/issues/675"
# introduced-by = ["jax==0.4.31"]
# fixed-by = ["https://github.com/google/flax/commit/e1465fedc15628271e62a2c22db4b0cadd701ba8"]
# kind = "drift"
# api = ["flax"]
#
# [tool.case.failure]
# raises = "ImportError"
# match = "^cannot import name 'maps' from 'jax.experimental'"
# failing = ["flax>=0.8,<0.8.3", "jax>=0.4.31"]
#
# [tool.case.fix.put_it_back]
# source = "ours"
# ///
"""Flax up to 0.8.2 cannot be imported with JAX 0.4.31, which its requirements admit."""

import importlib.util
import sys
import types

import jax.experimental
import jax.interpreters.pxla
import jax.numpy as jnp
import numpy as np


def assert_shards() -> None:
    """A layer of ones, whose weights are spread over a mesh, sums its input."""
    import flax.linen as nn

    ones = nn.with_partitioning(nn.initializers.ones, ("devices", None))
    model = nn.Dense(1, kernel_init=ones)
    with jax.sharding.Mesh(np.array(jax.devices()[:1]), ("devices",)):
        y, _ = model.init_with_output(jax.random.PRNGKey(0), jnp.array([1.0, 2.0]))
    assert y.tolist() == [3.0], y


def failure() -> None:
    """Flax can be imported and applies a layer in a mesh."""
    assert_shards()


def fix_put_it_back() -> None:
    """With a module of that name that has what Flax reads of it, Flax works in a mesh, too."""
    if importlib.util.find_spec("jax.experimental.maps") is None:
        maps = types.ModuleType("jax.experimental.maps")
        maps.thread_resources = jax.interpreters.pxla.thread_resources
        sys.modules[maps.__name__] = jax.experimental.maps = maps
    assert_shards()


if __name__ == "__main__":
    failure()
