# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/38605"
# kind = "silent"
# api = ["jax.scipy.stats.multinomial.logpmf", "jax.scipy.stats.multinomial.pmf"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^log probabilities \[-inf, -inf\]$'
# failing = ["jax<0.12"]
#
# [tool.case.fix.vmap]
# source = "ours"
# ///
"""The multinomial log probability of each of several vectors of counts is minus infinity."""

import math

import jax
import jax.numpy as jnp
from jax.scipy.stats import multinomial

COUNTS = jnp.array([[1, 1], [2, 0]])
EVEN = jnp.array([0.5, 0.5])


def assert_log_probabilities(logpmf: jnp.ndarray) -> None:
    """Two throws of a coin: one head in half of the cases, two in a quarter."""
    expected = jnp.array([math.log(1 / 2), math.log(1 / 4)])
    assert jnp.allclose(logpmf, expected), f"log probabilities {logpmf.tolist()}"


def failure() -> None:
    """Two vectors of counts, each with a sum of two."""
    assert_log_probabilities(multinomial.logpmf(COUNTS, 2, EVEN))


def fix_vmap() -> None:
    """Map over the vectors with jax.vmap."""
    assert_log_probabilities(jax.vmap(lambda x: multinomial.logpmf(x, 2, EVEN))(COUNTS))


if __name__ == "__main__":
    failure()
