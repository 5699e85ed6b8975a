# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2072"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2074"]
# kind = "feature"
# api = [
#   "numpyro.distributions.TruncatedCauchy().cdf",
#   "numpyro.distributions.TruncatedDistribution().cdf",
#   "numpyro.distributions.TruncatedNormal().cdf",
# ]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^$"                    # the exception carries no message
# failing = ["numpyro<0.20"]
#
# [tool.case.fix.outside_of_the_support]
# source = "ours"
# refuted = ["numpyro<0.20"]
# raises = "NotImplementedError"
# match = "^$"
#
# [tool.case.fix.base_distribution]
# source = "ours"
# ///
"""Truncated distributions do not compute cumulative probabilities."""

import jax.numpy as jnp
import numpyro.distributions as dist

LOW, HIGH = 0.5, 2.0


def check(actual: float, expected: float = 0.5) -> None:
    assert abs(actual - expected) < 1e-5, f"probability {actual}, not {expected}"


def failure() -> None:
    """Half of the samples of a symmetric distribution are below its mean."""
    check(dist.TruncatedNormal(loc=1.25, low=LOW, high=HIGH).cdf(1.25))


def fix_outside_of_the_support() -> None:
    """Nothing is below the lower bound, and all below the upper one."""
    truncated = dist.TruncatedNormal(loc=1.25, low=LOW, high=HIGH)
    check(truncated.cdf(LOW - 1.0), 0.0)
    check(truncated.cdf(HIGH + 1.0), 1.0)


def fix_base_distribution() -> None:
    """Use the cumulative probabilities of the distribution that is truncated."""
    at_low, at_value, at_high = dist.Normal(1.25).cdf(jnp.array([LOW, 1.25, HIGH]))
    check((at_value - at_low) / (at_high - at_low))


if __name__ == "__main__":
    failure()
