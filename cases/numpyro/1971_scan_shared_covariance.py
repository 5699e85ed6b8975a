# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1971"
# introduced-by = ["https://github.com/pyro-ppl/numpyro/pull/1529"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1973"]
# kind = "bug"
# api = ["numpyro.contrib.control_flow.scan"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^batch shape \\(4,\\), not \\(4, 3\\)$"
# failing = ["numpyro>=0.13,<0.17"]
#
# [tool.case.fix.repeat_covariance]
# source = "ours"
# refuted = ["numpyro>=0.13,<0.17"]
# raises = "AssertionError"
# match = "^batch shape \\(4,\\), not \\(4, 3\\)$"
#
# [tool.case.fix.independent_noise]
# source = "ours"
# ///
"""scan loses the plate of a MultivariateNormal from its batch shape."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.contrib.control_flow import scan

CHOLESKY = jnp.array([[1.0, 0.0], [0.5, 1.0]])


def check(step: Callable, expected: tuple[int, ...] = (4, 3)) -> None:
    """Assert the batch shape of four steps, each of which begins at the means."""
    with handlers.trace() as trace, handlers.seed(rng_seed=0):
        scan(lambda means, _: (means, step(means)), jnp.zeros((3, 2)), None, length=4)
    batch_shape = trace["x"]["fn"].batch_shape
    assert batch_shape == expected, f"batch shape {batch_shape}, not {expected}"


def failure() -> None:
    """Three series, which share one covariance."""

    def step(means: jax.Array) -> None:
        with numpyro.plate("series", 3):
            numpyro.sample("x", dist.MultivariateNormal(means, scale_tril=CHOLESKY))

    check(step)


def fix_repeat_covariance() -> None:
    """Repeat the covariance for every member of the plate."""

    def step(means: jax.Array) -> None:
        repeated = jnp.broadcast_to(CHOLESKY, (3, 2, 2))
        with numpyro.plate("series", 3):
            numpyro.sample("x", dist.MultivariateNormal(means, scale_tril=repeated))

    check(step)


def fix_independent_noise() -> None:
    """Sample independent noise in a second plate, and multiply it with the factor of the covariance."""

    def step(means: jax.Array) -> jax.Array:
        with numpyro.plate("series", 3, dim=-2), numpyro.plate("axes", 2, dim=-1):
            noise = numpyro.sample("x", dist.Normal(0.0, 1.0))
        return means + noise @ CHOLESKY.T

    check(step, expected=(4, 3, 2))


if __name__ == "__main__":
    failure()
