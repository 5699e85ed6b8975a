# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1770"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1770"]
# kind = "bug"
# api = ["numpyro.distributions.constraints.corr_matrix", "numpyro.distributions.LKJ"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^refused, because of an asymmetry of 1\\.1e-16$"
# failing = ["numpyro<0.15"]
#
# [tool.case.fix.batch]
# source = "ours"
# refuted = ["numpyro<0.15"]
# raises = "AssertionError"
# match = "^\\[False  True\\]$"
#
# [tool.case.fix.asymmetric_is_refused]
# source = "ours"
#
# [tool.case.fix.symmetrize]
# source = "ours"
#
# [tool.case.fix.cholesky]
# source = "ours"
# ///
"""The constraint corr_matrix refuses a correlation matrix that is symmetric but for rounding."""

import numpy as np
from numpyro.distributions import constraints

COVARIANCE = np.array([[2.0, 3.0], [3.0, 5.0]])
DEVIATION = np.sqrt(np.diag(COVARIANCE))
CORRELATION = COVARIANCE / DEVIATION[:, None] / DEVIATION  # as numpy.corrcoef computes it


def failure() -> None:
    """The correlation matrix of a covariance matrix is one."""
    asymmetry = abs(CORRELATION[0, 1] - CORRELATION[1, 0])
    assert constraints.corr_matrix(CORRELATION), f"refused, because of an asymmetry of {asymmetry:.1e}"


def fix_batch() -> None:
    """Of two matrices, each is judged by itself."""
    accepted = constraints.corr_matrix(np.stack([CORRELATION, np.eye(2)]))
    assert accepted.tolist() == [True, True], f"{accepted}"


def fix_asymmetric_is_refused() -> None:
    """A matrix that is not symmetric is still refused."""
    assert not constraints.corr_matrix(np.array([[1.0, 0.5], [0.4, 1.0]]))


def fix_symmetrize() -> None:
    """Average the matrix and its transpose."""
    assert constraints.corr_matrix((CORRELATION + CORRELATION.T) / 2)


def fix_cholesky() -> None:
    """Work with the Cholesky factor and its constraint instead."""
    assert constraints.corr_cholesky(np.linalg.cholesky(CORRELATION))


if __name__ == "__main__":
    failure()
