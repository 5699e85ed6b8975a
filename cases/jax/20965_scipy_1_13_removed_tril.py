# /// script
# requires-python = ">=3.9"
# dependencies = ["jax", "scipy"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/20965"
# introduced-by = ["scipy==1.13.0"]
# fixed-by = ["https://github.com/jax-ml/jax/commit/e356d76913dc2698ed003e07dad0dec267bacf05"]
# kind = "drift"
# api = ["jax.scipy.linalg", "jax.scipy.stats"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "^module 'scipy.linalg' has no attribute 'tril'$"
# failing = ["jax<0.4.24", "scipy>=1.13"]
#
# [tool.case.fix.put_tril_back]
# source = "ours"
# refuted = ["jax<0.4.24", "scipy>=1.13"]
# raises = "AttributeError"
# match = "^module 'scipy.linalg' has no attribute 'triu'$"
#
# [tool.case.fix.put_tril_and_triu_back]
# source = "ours"
#
# [tool.case.fix.numpy_linalg]
# source = "ours"
# ///
"""JAX up to 0.4.23 cannot import jax.scipy.linalg with SciPy 1.13, which it admits."""

import jax.numpy as jnp
import numpy as np
import scipy.linalg

COVARIANCE = ((4.0, 0.0), (0.0, 9.0))


def assert_solves() -> None:
    from jax.scipy.linalg import cho_factor, cho_solve

    actual = cho_solve(cho_factor(jnp.array(COVARIANCE)), jnp.array([8.0, 27.0]))
    assert jnp.allclose(actual, jnp.array([2.0, 3.0])), actual


def failure() -> None:
    """jax.scipy.linalg can be imported and solves a linear system."""
    assert_solves()


def fix_put_tril_back() -> None:
    """It is enough to put back the function that the error names."""
    if not hasattr(scipy.linalg, "tril"):
        scipy.linalg.tril = np.tril
    assert_solves()


def fix_put_tril_and_triu_back() -> None:
    """With NumPy's tril and triu in the place of SciPy's, jax.scipy.linalg can be imported."""
    for name in ("tril", "triu"):
        if not hasattr(scipy.linalg, name):
            setattr(scipy.linalg, name, getattr(np, name))
    assert_solves()


def fix_numpy_linalg() -> None:
    """jax.numpy.linalg needs nothing of SciPy and solves the same system."""
    actual = jnp.linalg.solve(jnp.array(COVARIANCE), jnp.array([8.0, 27.0]))
    assert jnp.allclose(actual, jnp.array([2.0, 3.0])), actual


if __name__ == "__main__":
    failure()
