# /// script
# requires-python = ">=3.9"
# dependencies = ["jax>=0.4.27"]      # the first release with this argument
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/25791"
# fixed-by = ["https://github.com/jax-ml/jax/pull/25791"]
# kind = "silent"
# api = ["jax.nn.logsumexp(where=)", "jax.scipy.special.logsumexp(where=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^gradient \[1\.0, nan\]$'
# failing = ["jax<0.5"]
#
# [tool.case.fix.masked_before]
# source = "documented"
#
# [tool.case.fix.weights]
# source = "ours"
# ///
"""The gradient of logsumexp is NaN where a large element is left out by the mask."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp

MASK = jnp.array([True, False])


def assert_gradient(function: Callable) -> None:
    """The first element has all the weight, and the one left out has none."""
    gradient = jax.grad(function)(jnp.array([0.0, 100.0])).tolist()
    assert gradient == [1.0, 0.0], f"gradient {gradient}"


def failure() -> None:
    """Leave the second element out with where."""
    assert_gradient(lambda x: logsumexp(x, where=MASK))


def fix_masked_before() -> None:
    """Set what is left out to minus infinity before."""
    assert_gradient(lambda x: logsumexp(jnp.where(MASK, x, -jnp.inf)))


def fix_weights() -> None:
    """Give what is left out a weight of zero."""
    assert_gradient(lambda x: logsumexp(x, b=MASK))


if __name__ == "__main__":
    failure()
