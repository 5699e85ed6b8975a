# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/27107"
# fixed-by = ["https://github.com/jax-ml/jax/pull/27107"]
# kind = "silent"
# api = ["jax.scipy.special.betainc", "jax.scipy.stats.beta.cdf"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^\[nan, nan\], not \[1, 0\]$'
# failing = ["jax<0.6"]
#
# [tool.case.fix.tiny]
# source = "ours"
# ///
"""The incomplete beta function is NaN where one of its parameters is zero."""

import jax.numpy as jnp
from jax.scipy.special import betainc

A = jnp.array([0.0, 1.0])
B = jnp.array([1.0, 0.0])


def assert_limits(values: jnp.ndarray) -> None:
    """All the mass is at 0 where the first parameter is zero, and at 1 where the second is."""
    assert jnp.allclose(values, jnp.array([1.0, 0.0])), f"{values.tolist()}, not [1, 0]"


def failure() -> None:
    """How much of the mass is below one half."""
    assert_limits(betainc(A, B, 0.5))


def fix_tiny() -> None:
    """Make the parameters a little larger than zero."""
    assert_limits(betainc(jnp.maximum(A, 1e-10), jnp.maximum(B, 1e-10), 0.5))


if __name__ == "__main__":
    failure()
