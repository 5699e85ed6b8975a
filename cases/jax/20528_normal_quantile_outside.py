# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/20528"
# fixed-by = ["https://github.com/jax-ml/jax/pull/20528"]
# kind = "silent"
# api = ["jax.scipy.special.ndtri", "jax.scipy.stats.norm.ppf", "jax.scipy.stats.norm.isf"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^quantile at 1\.5 is inf$'
# failing = ["jax<0.4.27"]
#
# [tool.case.fix.norm_ppf]
# source = "ours"
# refuted = ["jax<0.4.27"]
# raises = "AssertionError"
# match = '^quantile at 1\.5 is inf$'
#
# [tool.case.fix.where]
# source = "ours"
# ///
"""The normal quantile of what is no probability is infinite instead of NaN."""

import math

import jax.numpy as jnp
from jax.scipy.special import ndtri
from jax.scipy.stats import norm


def assert_nan(quantile: float) -> None:
    assert math.isnan(quantile), f"quantile at 1.5 is {quantile}"


def failure() -> None:
    """The quantile at 1.5 is not a number."""
    assert_nan(float(ndtri(1.5)))


def fix_norm_ppf() -> None:
    """The quantile function of the normal distribution gives NaN."""
    assert_nan(float(norm.ppf(1.5)))


def fix_where() -> None:
    """Select the quantile where the argument is a probability, and NaN elsewhere."""
    p = jnp.array([0.5, 1.5])
    quantiles = jnp.where((p >= 0) & (p <= 1), ndtri(p), jnp.nan)
    assert float(quantiles[0]) == 0.0
    assert_nan(float(quantiles[1]))


if __name__ == "__main__":
    failure()
