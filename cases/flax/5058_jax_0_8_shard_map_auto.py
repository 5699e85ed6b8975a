# /// script
# requires-python = ">=3.9"
# dependencies = ["flax>=0.10.4", "jax"]  # before, nnx has no shard_map
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/5058"
# introduced-by = ["jax==0.8.0"]
# fixed-by = ["https://github.com/google/flax/commit/5bf9b35ff03130f440a93a812fd8b47ec6a49add"]
# kind = "drift"
# api = ["flax.nnx.shard_map"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "shard_map\\(\\) got an unexpected keyword argument 'auto'"
# failing = ["flax<0.12.1", "jax>=0.8"]
#
# [tool.case.fix.jax_shard_map]
# source = "upstream"
# ///
"""nnx.shard_map of Flax up to 0.12.0 fails with JAX 0.8, which its requirements admit."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P

MESH = Mesh(np.array(jax.devices()[:1]), ("data",))


def sum_all(x: jax.Array) -> jax.Array:
    return jax.lax.psum(x.sum(), "data")


def failure() -> None:
    """nnx.shard_map sums what the devices hold."""
    total = nnx.shard_map(sum_all, mesh=MESH, in_specs=P("data"), out_specs=P())
    assert total(jnp.arange(4.0)) == 6.0


def fix_jax_shard_map() -> None:
    """For a function of arrays alone, JAX's own shard_map does the same."""
    if hasattr(jax, "shard_map"):
        shard_map = jax.shard_map
    else:
        from jax.experimental.shard_map import shard_map
    total = shard_map(sum_all, mesh=MESH, in_specs=P("data"), out_specs=P())
    assert total(jnp.arange(4.0)) == 6.0


if __name__ == "__main__":
    failure()
