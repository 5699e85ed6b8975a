# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/15429"
# kind = "silent"
# api = [
#   "jax.numpy.linalg.inv",
#   "jax.numpy.linalg.solve",
#   "jax.scipy.linalg.solve_triangular",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^solution \\[0\\.0, 1\\.0\\] of 0 x = 1$"
# failing = ["jaxlib<0.4.31"]
#
# [tool.case.fix.inverse]
# source = "documented"
# refuted = ["jaxlib<0.4.31"]
# raises = "AssertionError"
# match = "^solution \\[\\[.*\\]\\] of 0 x = 1$"
#
# [tool.case.fix.one_by_one]
# source = "documented"
# ///
"""A batch of singular linear equations is solved, wrongly, instead of giving infinity or NaN."""

import jax
import jax.numpy as jnp
from jax.scipy.linalg import solve_triangular

ZERO, ONE = jnp.zeros((3, 2, 2)), jnp.ones((3, 2))


def check(solutions: jax.Array) -> None:
    """Assert that there is none."""
    wrong = f"solution {solutions[0].tolist()} of 0 x = 1"
    assert not jnp.isfinite(solutions).all(axis=range(1, solutions.ndim)).any(), wrong


def failure() -> None:
    """There is no solution, as without a batch."""
    check(jax.vmap(solve_triangular)(ZERO, ONE))


def fix_inverse() -> None:
    """The inverse of a singular matrix in a batch is not finite."""
    check(jnp.linalg.inv(jnp.ones((3, 2, 2))))


def fix_one_by_one() -> None:
    """One after the other, with lax.map in place of vmap, they are found to be singular."""
    check(jax.lax.map(lambda pair: solve_triangular(*pair), (ZERO, ONE)))


if __name__ == "__main__":
    failure()
