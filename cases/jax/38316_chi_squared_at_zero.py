# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/38316"
# kind = "silent"
# api = ["jax.scipy.stats.chi2.logpdf", "jax.scipy.stats.chi2.pdf"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^log density nan, not -0\.693$'
# failing = ["jax<0.12"]
#
# [tool.case.fix.pdf]
# source = "ours"
# refuted = ["jax<0.12"]
# raises = "AssertionError"
# match = '^log density nan, not -0\.693$'
#
# [tool.case.fix.gamma]
# source = "documented"
# ///
"""The log density of chi-squared with two degrees of freedom is NaN at zero."""

import math

from jax.scipy.stats import chi2, gamma


def assert_log_density(logpdf: float) -> None:
    """It is an exponential distribution with a mean of two."""
    expected = math.log(0.5)
    wrong = f"log density {logpdf:.3f}, not {expected:.3f}"
    assert math.isclose(logpdf, expected, rel_tol=1e-5), wrong


def failure() -> None:
    """The density at zero is one half."""
    assert_log_density(float(chi2.logpdf(0.0, 2.0)))


def fix_pdf() -> None:
    """Take the logarithm of the density."""
    assert_log_density(math.log(float(chi2.pdf(0.0, 2.0))))


def fix_gamma() -> None:
    """Use the gamma distribution with half the degrees of freedom and a scale of two."""
    assert_log_density(float(gamma.logpdf(0.0, 1.0, scale=2.0)))


if __name__ == "__main__":
    failure()
