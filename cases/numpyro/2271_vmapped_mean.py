# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2271"
# introduced-by = ["https://github.com/pyro-ppl/numpyro/pull/1529"]
# kind = "limitation"
# api = ["numpyro.distributions.Distribution.mean", "numpyro.distributions.Distribution.variance"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "Cannot broadcast to shape with fewer dimensions|^safe_zip\\(\\) argument 2 is shorter"
# failing = ["numpyro>=0.13"]
#
# [tool.case.fix.vmap_mean]
# source = "documented"
#
# [tool.case.fix.promote_batch_shape]
# source = "upstream"
# refuted = ["numpyro<0.13"]
# raises = "ModuleNotFoundError"
# match = "^No module named 'numpyro.distributions.batch_util'$"
# ///
"""A distribution that vmap returns has no mean."""

import jax
import jax.numpy as jnp
import numpyro.distributions as dist

LOCS = jnp.array([1.0, 2.0, 3.0])


def normal(loc: jax.Array) -> dist.Normal:
    return dist.Normal(loc, jnp.ones_like(loc))


def check(mean: jax.Array) -> None:
    assert jnp.array_equal(mean, LOCS), f"mean {mean}, not {LOCS}"


def failure() -> None:
    """The means of three normal distributions."""
    check(jax.vmap(normal)(LOCS).mean)


def fix_vmap_mean() -> None:
    """Take the mean in a vmapped function, too."""
    check(jax.vmap(lambda each: each.mean)(jax.vmap(normal)(LOCS)))


def fix_promote_batch_shape() -> None:
    """promote_batch_shape lets the distribution know of the dimension that vmap added."""
    from numpyro.distributions.batch_util import promote_batch_shape

    check(promote_batch_shape(jax.vmap(normal)(LOCS)).mean)


if __name__ == "__main__":
    failure()
