# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1684"
# introduced-by = ["https://github.com/pyro-ppl/numpyro/pull/1529"]
# kind = "silent"
# api = ["numpyro.distributions.Distribution.sample"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^both are -?\\d\\.\\d+$"
# failing = ["numpyro>=0.13"]
#
# [tool.case.fix.vmap_sample]
# source = "documented"
#
# [tool.case.fix.promote_batch_shape]
# source = "upstream"
# refuted = ["numpyro<0.13"]
# raises = "ModuleNotFoundError"
# match = "^No module named 'numpyro.distributions.batch_util'$"
#
# [tool.case.fix.without_vmap]
# source = "ours"
# ///
"""A distribution that vmap returns has the same random numbers in all of its elements."""

import jax
import jax.numpy as jnp
import numpyro.distributions as dist
from jax import random

LOCS = jnp.zeros(2)


def assert_differ(samples: jax.Array) -> None:
    one, other = samples
    assert one != other, f"both are {one:.4f}"


def failure(seed: int) -> None:
    """Two normal distributions are sampled independently."""
    normals = jax.vmap(lambda loc: dist.Normal(loc, 1.0))(LOCS)
    assert_differ(normals.sample(random.PRNGKey(seed)))


def fix_vmap_sample(seed: int) -> None:
    """Sample in a vmapped function, too, with a key for each."""
    normals = jax.vmap(lambda loc: dist.Normal(loc, 1.0))(LOCS)
    keys = random.split(random.PRNGKey(seed), 2)
    assert_differ(jax.vmap(lambda normal, key: normal.sample(key))(normals, keys))


def fix_promote_batch_shape(seed: int) -> None:
    """promote_batch_shape lets the distribution know of the dimension that vmap added."""
    from numpyro.distributions.batch_util import promote_batch_shape

    normals = promote_batch_shape(jax.vmap(lambda loc: dist.Normal(loc, 1.0))(LOCS))
    assert_differ(normals.sample(random.PRNGKey(seed)))


def fix_without_vmap(seed: int) -> None:
    """Make the distribution of all parameters at once, without vmap."""
    assert_differ(dist.Normal(LOCS, 1.0).sample(random.PRNGKey(seed)))


if __name__ == "__main__":
    failure(seed=0)
