# /// script
# requires-python = ">=3.9"
# dependencies = ["jax>=0.4.24"]      # the first release with this function
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/22028"
# fixed-by = ["https://github.com/jax-ml/jax/pull/22028"]
# kind = "silent"
# api = ["jax.scipy.stats.sem(keepdims=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^one error for each row, of shape \(2,\)$'
# failing = ["jax<0.4.31"]
#
# [tool.case.fix.standardised]
# source = "ours"
# refuted = ["jax<0.4.31"]
# raises = "ValueError"
# match = '^Incompatible shapes for broadcasting: '
#
# [tool.case.fix.expand_dims]
# source = "ours"
# ///
"""The standard error of the mean ignores keepdims and drops the axis."""

import jax.numpy as jnp
from jax.scipy.stats import sem

X = jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 9.0]])


def failure() -> None:
    """The axis is kept, as keepdims asks."""
    errors = sem(X, axis=1, keepdims=True)
    assert errors.shape == (2, 1), f"one error for each row, of shape {errors.shape}"


def fix_standardised() -> None:
    """With keepdims=True, an array can be divided by its standard errors."""
    assert (X / sem(X, axis=1, keepdims=True)).shape == X.shape


def fix_expand_dims() -> None:
    """Put the axis back with expand_dims."""
    errors = jnp.expand_dims(sem(X, axis=1), 1)
    assert errors.shape == (2, 1)


if __name__ == "__main__":
    failure()
