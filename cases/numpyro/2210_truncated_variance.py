# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2210"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2210"]
# kind = "bug"
# api = ["numpyro.distributions.TruncatedNormal().variance"]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^$"                    # the exception carries no message
# failing = ["numpyro<0.22"]
#
# [tool.case.fix.var]
# source = "upstream"
# refuted = ["numpyro>=0.22"]     # which lacks the old name
# raises = "AttributeError"
# match = "object has no attribute 'var'$"
#
# [tool.case.fix.half_normal]
# source = "ours"
# ///
"""The variance of a truncated distribution is not found under its name."""

import math

import jax
import numpyro.distributions as dist


def check(variance: jax.Array) -> None:
    """Assert the variance of the absolute value of a standard normal variable."""
    assert abs(variance - (1 - 2 / math.pi)) < 1e-5, f"variance {variance}"


def failure() -> None:
    """The variance of a normal distribution that is truncated at its mean."""
    check(dist.TruncatedNormal(low=0.0).variance)


def fix_var() -> None:
    """It is found as var."""
    check(dist.TruncatedNormal(low=0.0).var)


def fix_half_normal() -> None:
    """HalfNormal can stand in where the mean is the lower bound."""
    check(dist.HalfNormal().variance)


if __name__ == "__main__":
    failure()
