# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1784"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1784"]
# kind = "bug"
# api = ["numpyro.distributions.MultivariateNormal(covariance_matrix=)"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "MultivariateNormal distribution got invalid covariance_matrix parameter"
# failing = ["numpyro<0.15"]
#
# [tool.case.fix.symmetrize]
# source = "ours"
#
# [tool.case.fix.scale_tril]
# source = "ours"
#
# [tool.case.fix.without_validation]
# source = "ours"
# ///
"""A covariance matrix is refused if it is symmetric only up to rounding."""

from __future__ import annotations

import numpy as np
import numpyro.distributions as dist

STD = np.array([0.1, 0.7, 0.3], np.float32)
CORRELATION = np.array([[1.0, 0.3, 0.9], [0.3, 1.0, 0.1], [0.9, 0.1, 1.0]], np.float32)
COVARIANCE = STD[:, None] * CORRELATION * STD  # (a * c) * b is not (b * c) * a in the last digit


def check(normal: dist.MultivariateNormal) -> None:
    """Assert that the log density is right at the mean."""
    assert not np.array_equal(COVARIANCE, COVARIANCE.T), "nothing was rounded"
    expected = -0.5 * np.linalg.slogdet(2 * np.pi * COVARIANCE)[1]
    actual = float(normal.log_prob(np.zeros(3, np.float32)))
    assert abs(actual - expected) < 1e-3, f"{actual}, not {expected}"


def failure() -> None:
    """A product of standard deviations and a correlation matrix is a covariance matrix."""
    check(dist.MultivariateNormal(np.zeros(3), COVARIANCE, validate_args=True))


def fix_symmetrize() -> None:
    """The mean of the matrix and its transpose is exactly symmetric."""
    check(dist.MultivariateNormal(np.zeros(3), (COVARIANCE + COVARIANCE.T) / 2, validate_args=True))


def fix_scale_tril() -> None:
    """The Cholesky factor needs no symmetry."""
    tril = np.linalg.cholesky(COVARIANCE)
    check(dist.MultivariateNormal(np.zeros(3), scale_tril=tril, validate_args=True))


def fix_without_validation() -> None:
    """With validate_args=False the matrix is taken as it is."""
    check(dist.MultivariateNormal(np.zeros(3), COVARIANCE, validate_args=False))


if __name__ == "__main__":
    failure()
