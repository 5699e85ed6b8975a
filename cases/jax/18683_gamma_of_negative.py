# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/18683"
# fixed-by = ["https://github.com/jax-ml/jax/pull/18683"]
# kind = "silent"
# api = ["jax.scipy.special.gamma"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^gamma\(-0\.5\) is 3\.545, not -3\.545$'
# failing = ["jax<0.4.21"]
#
# [tool.case.fix.recurrence]
# source = "ours"
#
# [tool.case.fix.reflection]
# source = "ours"
# ///
"""The gamma function has the wrong sign for negative numbers."""

import math

import jax.numpy as jnp
from jax.scipy.special import gamma


def assert_gamma(value: float) -> None:
    expected = math.gamma(-0.5)
    wrong = f"gamma(-0.5) is {value:.3f}, not {expected:.3f}"
    assert math.isclose(value, expected, rel_tol=1e-5), wrong


def failure() -> None:
    """It is negative between -1 and 0."""
    assert_gamma(float(gamma(-0.5)))


def fix_recurrence() -> None:
    """Take it one further, where the argument is positive, and divide."""
    assert_gamma(float(gamma(0.5) / -0.5))


def fix_reflection() -> None:
    """Reflect a negative argument: the sine has the sign."""
    x = -0.5
    assert_gamma(float(jnp.pi / (jnp.sin(jnp.pi * x) * gamma(1 - x))))


if __name__ == "__main__":
    failure()
