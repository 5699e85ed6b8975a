# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/21193"
# fixed-by = ["https://github.com/jax-ml/jax/pull/21193"]
# kind = "silent"
# api = ["jax.scipy.special.rel_entr"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^divergence 1\.193, not 0\.693$'
# failing = ["jax<0.4.29"]
#
# [tool.case.fix.kl_div]
# source = "ours"
#
# [tool.case.fix.xlogy]
# source = "ours"
# ///
"""The relative entropy of an impossible event is its other probability instead of zero."""

import math

import jax.numpy as jnp
from jax.scipy.special import kl_div, rel_entr, xlogy

P = jnp.array([1.0, 0.0])
Q = jnp.array([0.5, 0.5])


def assert_divergence(divergence: float) -> None:
    """Assert that it is the logarithm of two: one of two outcomes is left."""
    wrong = f"divergence {divergence:.3f}, not 0.693"
    assert math.isclose(divergence, math.log(2), rel_tol=1e-5), wrong


def failure() -> None:
    """The relative entropies sum to the Kullback-Leibler divergence."""
    assert_divergence(float(rel_entr(P, Q).sum()))


def fix_kl_div() -> None:
    """Sum kl_div instead, which has the same sum where both arrays sum to one."""
    assert_divergence(float(kl_div(P, Q).sum()))


def fix_xlogy() -> None:
    """Take the difference of two xlogy."""
    assert_divergence(float((xlogy(P, P) - xlogy(P, Q)).sum()))


if __name__ == "__main__":
    failure()
