# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/32694"
# fixed-by = ["https://github.com/jax-ml/jax/pull/32694"]
# kind = "silent"
# api = ["jax.numpy.linalg.lstsq"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^solution \[-?inf\]$'
# failing = ["jax<0.8.1"]
#
# [tool.case.fix.rcond]
# source = "ours"
# refuted = ["jax<0.8.1"]
# raises = "AssertionError"
# match = '^solution \[-?inf\]$'
#
# [tool.case.fix.rank]
# source = "ours"
# refuted = ["jax<0.8.1"]
# raises = "AssertionError"
# match = '^solution \[-?inf\]$'
#
# [tool.case.fix.pinv]
# source = "ours"
#
# [tool.case.fix.ridge]
# source = "ours"
# ///
"""The least squares solution for a matrix of zeros is infinite."""

import jax
import jax.numpy as jnp

A = jnp.zeros((2, 1))
B = jnp.ones(2)


def assert_zero(solution: jax.Array) -> None:
    """Any solution is as good as another, so the smallest one is right."""
    assert solution.tolist() == [0.0], f"solution {solution.tolist()}"


def failure() -> None:
    """NumPy finds zero."""
    assert_zero(jnp.linalg.lstsq(A, B)[0])


def fix_rcond() -> None:
    """Cut small singular values off."""
    assert_zero(jnp.linalg.lstsq(A, B, rcond=1e-3)[0])


def fix_rank() -> None:
    """Take zero where the rank that comes with the solution is zero."""
    solution, _, rank, _ = jnp.linalg.lstsq(A, B)
    assert_zero(jnp.where(rank == 0, 0.0, solution))


def fix_pinv() -> None:
    """Multiply by the pseudoinverse."""
    assert_zero(jnp.linalg.pinv(A) @ B)


def fix_ridge() -> None:
    """Solve the normal equations with a little on the diagonal."""
    assert_zero(jnp.linalg.solve(A.T @ A + 1e-6 * jnp.eye(1), A.T @ B))


if __name__ == "__main__":
    failure()
