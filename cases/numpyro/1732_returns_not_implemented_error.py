# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1732"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1732"]
# kind = "silent"
# api = [
#   "numpyro.distributions.LeftTruncatedDistribution().mean",
#   "numpyro.distributions.RightTruncatedDistribution().mean",
#   "numpyro.distributions.TwoSidedTruncatedDistribution().mean",
#   "numpyro.distributions.TruncatedDistribution().mean",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^the mean is a NotImplementedError$"
# failing = ["numpyro<0.14"]
#
# [tool.case.fix.right]
# source = "upstream"
# refuted = ["numpyro<0.14"]
# raises = "AssertionError"
# match = "^the mean is a NotImplementedError$"
#
# [tool.case.fix.average]
# source = "ours"
# ///
"""The mean of a truncated Logistic distribution is an exception that is not raised."""

import contextlib

import jax
import numpyro.distributions as dist

BASE = dist.Logistic(0.0, 1.0)


def assert_is_a_number_or_raises(truncated: dist.Distribution) -> None:
    with contextlib.suppress(NotImplementedError):
        mean = truncated.mean
        assert not isinstance(mean, Exception), f"the mean is a {type(mean).__name__}"


def failure() -> None:
    """What is not implemented raises."""
    assert_is_a_number_or_raises(dist.LeftTruncatedDistribution(BASE, low=0.0))


def fix_right() -> None:
    """What is not implemented raises where the distribution is truncated at the right."""
    assert_is_a_number_or_raises(dist.RightTruncatedDistribution(BASE, high=0.0))


def fix_average(seed: int) -> None:
    """The average of many samples is about the mean, which is the logarithm of 4 here."""
    truncated = dist.LeftTruncatedDistribution(BASE, low=0.0)
    mean = float(truncated.sample(jax.random.PRNGKey(seed), (10_000,)).mean())
    assert abs(mean - 1.386) < 0.1, mean


if __name__ == "__main__":
    failure()
