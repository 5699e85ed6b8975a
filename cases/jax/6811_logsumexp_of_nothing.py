# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/6811"
# kind = "silent"
# api = ["jax.nn.logsumexp", "jax.scipy.special.logsumexp", "jax.numpy.logaddexp"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^gradient \[nan, nan\]$'
# failing = ["jax"]
#
# [tool.case.fix.logaddexp]
# source = "ours"
# refuted = ["jax"]
# raises = "AssertionError"
# match = '^gradient \[nan, nan\]$'
#
# [tool.case.fix.two_wheres]
# source = "documented"
#
# [tool.case.fix.floor]
# source = "ours"
# ///
"""The gradient of logsumexp is NaN where all its elements are minus infinity."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp


def assert_gradient(function: Callable) -> None:
    """Two probabilities of zero give a gradient of zero."""
    gradient = jax.grad(function)(jnp.full(2, -jnp.inf)).tolist()
    assert gradient == [0.0, 0.0], f"gradient {gradient}"


def failure() -> None:
    """The logarithm of the sum of two probabilities of zero."""
    assert_gradient(logsumexp)


def fix_logaddexp() -> None:
    """Add the two of them with logaddexp."""
    assert_gradient(lambda x: jnp.logaddexp(x[0], x[1]))


def fix_two_wheres() -> None:
    """Replace the elements before, and the result after, where all are minus infinity."""

    def safe(x: jax.Array) -> jax.Array:
        empty = jnp.all(x == -jnp.inf)
        return jnp.where(empty, -jnp.inf, logsumexp(jnp.where(empty, 0.0, x)))

    assert_gradient(safe)


def fix_floor() -> None:
    """Let no element be smaller than a large negative number."""
    assert_gradient(lambda x: logsumexp(jnp.maximum(x, -1e30)))


if __name__ == "__main__":
    failure()
