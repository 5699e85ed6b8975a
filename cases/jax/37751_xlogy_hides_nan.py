# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/37751"
# fixed-by = ["https://github.com/jax-ml/jax/pull/37915"]
# kind = "silent"
# api = ["jax.scipy.special.xlogy", "jax.scipy.special.xlog1py"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^\[0\.0, 0\.0\], not \[nan, 0\.0\]$'
# failing = ["jax<0.10.2"]
#
# [tool.case.fix.xlog1py]
# source = "upstream"
# refuted = ["jax<0.10.2"]
# raises = "AssertionError"
# match = '^\[0\.0, 0\.0\], not \[nan, 0\.0\]$'
#
# [tool.case.fix.where]
# source = "documented"                # by the pull request
# ///
"""xlogy is zero, not NaN, where its first argument is zero and its second is NaN."""

import jax
import jax.numpy as jnp
from jax.scipy.special import xlog1py, xlogy

Y = jnp.array([jnp.nan, 0.0])


def assert_nan_stays(values: jax.Array) -> None:
    """The logarithm of NaN stays NaN; that of zero is weighted with zero."""
    assert jnp.array_equal(values, Y, equal_nan=True), f"{values.tolist()}, not [nan, 0.0]"


def failure() -> None:
    """SciPy keeps the NaN."""
    assert_nan_stays(xlogy(0.0, Y))


def fix_xlog1py() -> None:
    """The logarithm of one plus NaN stays NaN, too."""
    assert_nan_stays(xlog1py(0.0, Y - 1))


def fix_where() -> None:
    """Put the NaN back."""
    assert_nan_stays(jnp.where(jnp.isnan(Y), Y, xlogy(0.0, Y)))


if __name__ == "__main__":
    failure()
