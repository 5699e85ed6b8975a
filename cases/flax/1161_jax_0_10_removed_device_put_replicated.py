# /// script
# requires-python = ">=3.9"
# dependencies = ["flax", "jax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/1161"
# introduced-by = ["jax==0.10.0"]
# fixed-by = ["https://github.com/google/flax/commit/355e141a5e7694e0c2fef79b8d2e0cf654102c6f"]
# kind = "drift"
# api = ["flax.jax_utils.replicate"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "device_put_replicated"
# failing = ["flax<0.12.7", "jax>=0.10"]
#
# [tool.case.fix.device_put_replicated]
# source = "documented"
# refuted = ["jax>=0.10"]
# raises = "AttributeError"
# match = "device_put_replicated"
#
# [tool.case.fix.stack]
# source = "documented"
# ///
"""flax.jax_utils.replicate of Flax up to 0.12.6 fails with JAX 0.10, which it admits."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import jax_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

DEVICES = jax.devices()[:1]


def assert_replicated(params: dict[str, jax.Array]) -> None:
    """Each device has a copy, and pmap can take it."""
    assert params["w"].shape == (1, 2), params["w"].shape
    doubled = jax.pmap(lambda params: 2 * params["w"], devices=DEVICES)(params)
    assert doubled.tolist() == [[2.0, 4.0]], doubled


def failure() -> None:
    """replicate copies parameters to all devices."""
    assert_replicated(jax_utils.replicate({"w": jnp.array([1.0, 2.0])}, DEVICES))


def fix_device_put_replicated() -> None:
    """jax.device_put_replicated does the same and makes replicate needless."""
    assert_replicated(jax.device_put_replicated({"w": jnp.array([1.0, 2.0])}, DEVICES))


def fix_stack() -> None:
    """Stack one copy for each device and shard the first axis with jax.device_put."""
    sharding = NamedSharding(Mesh(np.array(DEVICES), ("devices",)), PartitionSpec("devices"))
    stacked = jnp.stack([jnp.array([1.0, 2.0]) for _ in DEVICES])
    assert_replicated({"w": jax.device_put(stacked, sharding)})


if __name__ == "__main__":
    failure()
