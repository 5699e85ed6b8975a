# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1317"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1529"]
# kind = "limitation"
# api = ["numpyro.distributions.Distribution.to_event"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^Expected reinterpreted_batch_ndims <= len\\(base_distribution.batch_shape\\), actual 1 vs 0$"
# failing = ["numpyro<0.13"]
#
# [tool.case.fix.batch_shape]
# source = "documented"
# refuted = ["numpyro"]
# raises = ["ValueError", "AssertionError"]
# match = "^Expected reinterpreted_batch_ndims <= len|^batch shape \\(\\), not \\(3,\\)$"
#
# [tool.case.fix.promote_batch_shape]
# source = "upstream"
# refuted = ["numpyro<0.13.1"]
# raises = ["ModuleNotFoundError", "IndexError"]
# match = "^No module named 'numpyro.distributions.batch_util'$|^list index out of range$"
#
# [tool.case.fix.use_it_inside]
# source = "ours"
# ///
"""A function that returns a distribution with event dimensions cannot be vmapped."""

import math

import jax
import jax.numpy as jnp
import numpyro.distributions as dist

MEANS = jnp.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
AT_ZERO = [-math.log(2 * math.pi) - mean**2 / 2 for mean in (0.0, 1.0, 2.0)]


def vector(mean: jax.Array) -> dist.Distribution:
    return dist.Normal(mean, 1.0).to_event(1)


def failure() -> None:
    """Three distributions at once, and the log density of each."""
    vectors = jax.vmap(vector)(MEANS)
    actual = jax.vmap(lambda each: each.log_prob(jnp.zeros(2)))(vectors)
    assert jnp.allclose(actual, jnp.array(AT_ZERO)), f"{actual}, not {AT_ZERO}"


def fix_batch_shape() -> None:
    """The dimension that vmap maps over is in the batch shape of the result."""
    shape = jax.vmap(vector)(MEANS).batch_shape
    assert shape == (3,), f"batch shape {shape}, not (3,)"


def fix_promote_batch_shape() -> None:
    """promote_batch_shape puts it there, and the result is used without vmap."""
    from numpyro.distributions.batch_util import promote_batch_shape

    vectors = promote_batch_shape(jax.vmap(vector)(MEANS))
    assert vectors.batch_shape == (3,), f"batch shape {vectors.batch_shape}, not (3,)"
    actual = vectors.log_prob(jnp.zeros(2))
    assert jnp.allclose(actual, jnp.array(AT_ZERO)), f"{actual}, not {AT_ZERO}"


def fix_use_it_inside() -> None:
    """Let the function that is vmapped return what the distribution is for instead."""
    actual = jax.vmap(lambda mean: vector(mean).log_prob(jnp.zeros(2)))(MEANS)
    assert jnp.allclose(actual, jnp.array(AT_ZERO)), f"{actual}, not {AT_ZERO}"


if __name__ == "__main__":
    failure()
