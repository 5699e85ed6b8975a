# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1751"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1751"]
# kind = "feature"
# api = ["numpyro.distributions.ZeroSumNormal"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "has no attribute 'ZeroSumNormal'$"
# failing = ["numpyro<0.15"]
#
# [tool.case.fix.density]
# source = "upstream"
# refuted = ["numpyro<0.15"]
# raises = "AttributeError"
# match = "has no attribute 'ZeroSumNormal'$"
#
# [tool.case.fix.subtract_the_mean]
# source = "ours"
# ///
"""There is no normal distribution over vectors that sum to zero."""

import math

import numpy as np
import numpyro.distributions as dist
from jax import random

SCALE, SIZE = 2.0, 3


def assert_zero_sum(samples: np.ndarray) -> None:
    """They sum to zero, with the covariance of independent noise around its own mean."""
    assert np.abs(samples.sum(axis=-1)).max() < 1e-4
    expected = SCALE**2 * (np.eye(SIZE) - 1 / SIZE)
    covariance = np.cov(samples.T)
    assert np.abs(covariance - expected).max() < 0.4, f"covariance {covariance}"


def failure(seed: int) -> None:
    """Sums and covariance of 4000 samples."""
    zero_sum = dist.ZeroSumNormal(SCALE, event_shape=(SIZE,))
    assert_zero_sum(np.asarray(zero_sum.sample(random.PRNGKey(seed), (4000,))))


def fix_density() -> None:
    """Its density is the one in the plane of vectors that sum to zero."""
    zero_sum = dist.ZeroSumNormal(SCALE, event_shape=(SIZE,))
    value = np.array([2.0, -1.0, -1.0])
    expected = -(SIZE - 1) * math.log(SCALE * math.sqrt(2 * math.pi)) - value @ value / SCALE**2 / 2
    actual = float(zero_sum.log_prob(value))
    assert math.isclose(actual, expected, rel_tol=1e-5), f"{actual}, not {expected}"


def fix_subtract_the_mean(seed: int) -> None:
    """Subtract its mean from independent noise."""
    noise = dist.Normal(0.0, SCALE).sample(random.PRNGKey(seed), (4000, SIZE))
    assert_zero_sum(np.asarray(noise - noise.mean(axis=-1, keepdims=True)))


if __name__ == "__main__":
    failure(seed=0)
