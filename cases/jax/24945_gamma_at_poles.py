# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/24945"
# fixed-by = ["https://github.com/jax-ml/jax/pull/24945"]
# kind = "silent"
# api = ["jax.scipy.special.gamma", "jax.scipy.special.gammasgn"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^gamma at the pole -1 is inf$'
# failing = ["jax<0.4.36"]
#
# [tool.case.fix.where]
# source = "ours"
# ///
"""The gamma function is positive infinity at negative integers, where it has no sign."""

import math

import jax.numpy as jnp
from jax.scipy.special import gamma


def assert_nan(value: float) -> None:
    assert math.isnan(value), f"gamma at the pole -1 is {value}"


def failure() -> None:
    """It goes to minus infinity on one side of -1, and to infinity on the other."""
    assert_nan(float(gamma(-1.0)))


def fix_where() -> None:
    """Select NaN at the negative integers."""
    x = jnp.array([-1.0, 3.0])
    values = jnp.where((x < 0) & (x == jnp.floor(x)), jnp.nan, gamma(x))
    assert_nan(float(values[0]))
    assert math.isclose(float(values[1]), 2.0, rel_tol=1e-5)


if __name__ == "__main__":
    failure()
