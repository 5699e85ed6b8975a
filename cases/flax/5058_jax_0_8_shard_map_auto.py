# /// script
# requires-python = ">=3.9"
# dependencies = ["flax>=0.10.4", "jax"]  # before, nnx has no shard_map
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/5058"
# introduced-by = ["jax==0.8.0"]
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
from flax import nnx
from jax.sharding import PartitionSpec as P


def sum_all(x: jax.Array) -> jax.Array:
    return jax.lax.psum(x.sum(), "data")


def failure() -> None:
    """nnx.shard_map sums what the devices hold."""
    mesh = jax.make_mesh((1,), ("data",))
    total = nnx.shard_map(
        lambda x: jax.lax.psum(x.sum(), "data"), mesh=mesh, in_specs=P("data"), out_specs=P()
    )
    assert total(jnp.arange(4.0)) == 6.0


def fix_jax_shard_map() -> None:
    """For a function of arrays alone, JAX's own shard_map does the same."""
    if hasattr(jax, "shard_map"):
        shard_map = jax.shard_map
    else:
        from jax.experimental.shard_map import shard_map
    mesh = jax.make_mesh((1,), ("data",))
    total = shard_map(sum_all, mesh=mesh, in_specs=P("data"), out_specs=P())
    assert total(jnp.arange(4.0)) == 6.0


if __name__ == "__main__":
    failure()
