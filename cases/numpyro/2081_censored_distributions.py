# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2081"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2081"]
# kind = "feature"
# api = [
#   "numpyro.distributions.RightCensoredDistribution",
#   "numpyro.distributions.LeftCensoredDistribution",
# ]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "has no attribute 'RightCensoredDistribution'"
# failing = ["numpyro<0.20"]
#
# [tool.case.fix.factor]
# source = "ours"
#
# [tool.case.fix.latent]
# source = "ours"
# ///
"""There is no distribution for observations that are censored."""

import math
from collections.abc import Callable

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.infer.util import log_density

TIMES, CENSORED = jnp.array([1.0, 3.0]), jnp.array([False, True])
BASE = dist.Normal(0.0, 2.0)


def assert_log_density(model: Callable[[], None]) -> None:
    """Assert that the first time has its density, and the second the probability of more."""
    actual, _ = log_density(model, (), {}, {})
    more = math.log(math.erfc(3 / 2 / math.sqrt(2)) / 2)
    expected = -1 / 8 - math.log(2 * math.sqrt(2 * math.pi)) + more
    assert math.isclose(actual, expected, rel_tol=1e-4), f"{actual}, not {expected}"


def failure() -> None:
    """A distribution gives a censored observation the probability of all greater values."""

    def model() -> None:
        numpyro.sample("time", dist.RightCensoredDistribution(BASE, CENSORED), obs=TIMES)

    assert_log_density(model)


def fix_factor() -> None:
    """A factor can be the probability of all values that are greater."""

    def model() -> None:
        with numpyro.handlers.mask(mask=~CENSORED):
            numpyro.sample("time", BASE.expand([2]), obs=TIMES)
        numpyro.factor("more", jnp.where(CENSORED, jnp.log1p(-BASE.cdf(TIMES)), 0.0))

    assert_log_density(model)


def fix_latent() -> None:
    """That a value is greater can be observed as the outcome of a Bernoulli distribution."""

    def model() -> None:
        numpyro.sample("time", BASE, obs=TIMES[0])
        numpyro.sample("more", dist.Bernoulli(probs=1 - BASE.cdf(TIMES[1])), obs=1)

    assert_log_density(model)


if __name__ == "__main__":
    failure()
