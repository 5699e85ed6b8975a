# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/38621"
# kind = "silent"
# api = ["jax.scipy.stats.vonmises.pdf", "jax.scipy.stats.vonmises.logpdf"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^density nan, not 0\.159$'
# failing = ["jax<0.12"]
#
# [tool.case.fix.little_concentration]
# source = "ours"
# ///
"""The von Mises density is NaN where the concentration is zero."""

import math

from jax.scipy.stats import vonmises


def assert_uniform(density: float) -> None:
    expected = 1 / (2 * math.pi)
    wrong = f"density {density:.3f}, not {expected:.3f}"
    assert math.isclose(density, expected, rel_tol=1e-5), wrong


def failure() -> None:
    """Without concentration it is uniform on the circle."""
    assert_uniform(float(vonmises.pdf(1.0, 0.0)))


def fix_little_concentration() -> None:
    """Give it a very small concentration instead of zero."""
    assert_uniform(float(vonmises.pdf(1.0, 1e-6)))


if __name__ == "__main__":
    failure()
