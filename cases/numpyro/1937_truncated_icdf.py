# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1937"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1938"]
# kind = "feature"
# api = [
#   "numpyro.distributions.TruncatedCauchy().icdf",
#   "numpyro.distributions.TruncatedDistribution().icdf",
#   "numpyro.distributions.TruncatedNormal().icdf",
# ]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^$"                    # the exception carries no message
# failing = ["numpyro<0.17"]
#
# [tool.case.fix.outside_of_the_unit_interval]
# source = "upstream"
# refuted = ["numpyro"]           # not where the base distribution is a Cauchy
# raises = ["NotImplementedError", "AssertionError"]
# match = "^$|^quantile at 1\\.5 is -1\\.6, not nan$"
#
# [tool.case.fix.base_distribution]
# source = "ours"
# ///
"""Truncated distributions do not compute quantiles."""

import math

import numpyro.distributions as dist

LOW, HIGH = 0.5, 2.0


def assert_median(median: float) -> None:
    """Assert that there is as much probability below as above, up to the bounds."""
    normal = dist.Normal()
    below, above = normal.cdf(median) - normal.cdf(LOW), normal.cdf(HIGH) - normal.cdf(median)
    assert abs(below - above) < 1e-5, f"{below} below {median}, {above} above"


def failure() -> None:
    """The median of a normal distribution between two bounds."""
    assert_median(dist.TruncatedNormal(low=LOW, high=HIGH).icdf(0.5))


def fix_outside_of_the_unit_interval() -> None:
    """For a probability that is none, the quantile is NaN, as with other distributions."""
    quantile = float(dist.TruncatedCauchy(low=LOW).icdf(1.5))
    assert math.isnan(quantile), f"quantile at 1.5 is {quantile:.1f}, not nan"


def fix_base_distribution() -> None:
    """Use the quantiles of the distribution that is truncated, between its values at the bounds."""
    normal = dist.Normal()
    assert_median(normal.icdf(0.5 * normal.cdf(LOW) + 0.5 * normal.cdf(HIGH)))


if __name__ == "__main__":
    failure()
