# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.15"]    # the first release with numpyro.contrib.hsgp
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1811"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1811"]
# kind = "silent"
# api = [
#   "numpyro.contrib.hsgp.approximation.hsgp_matern",
#   "numpyro.contrib.hsgp.spectral_densities.spectral_density_matern",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^0\.424, 0\.086, 0\.000 at the frequencies 0, 1, 2$'
# failing = ["numpyro<0.15.1"]
#
# [tool.case.fix.divide_by_two_pi]
# source = "ours"
# refuted = ["numpyro"]
# raises = "AssertionError"
# match = '^(0\.424, 0\.410, 0\.370|2\.309, 2\.271, 2\.161) at the frequencies 0, 1, 2$'
#
# [tool.case.fix.squared_exponential]
# source = "ours"
# ///
"""The spectral density of the Matern kernel is wrong in NumPyro 0.15.0."""

from __future__ import annotations

import math
from collections.abc import Callable

import jax.numpy as jnp
from numpyro.contrib.hsgp.spectral_densities import (
    spectral_density_matern,
    spectral_density_squared_exponential,
)


def matern(w: float) -> float:
    """The Fourier transform of the kernel with nu=3/2, variance 1 and length 1 in one dimension."""
    return 4 * 3**1.5 / (3 + w**2) ** 2


def check(density: Callable[[float], float], expected: Callable[[float], float]) -> None:
    values = [float(density(w)) for w in range(3)]
    right = all(math.isclose(value, expected(w), rel_tol=1e-4) for w, value in enumerate(values))
    assert right, ", ".join(f"{value:.3f}" for value in values) + " at the frequencies 0, 1, 2"


def failure() -> None:
    """The spectral density is the Fourier transform of the kernel."""
    check(lambda w: spectral_density_matern(1, 1.5, jnp.array([float(w)]), 1.0, 1.0), matern)


def fix_divide_by_two_pi() -> None:
    """The argument is an ordinary frequency: divide the angular frequency by two pi."""
    check(lambda w: spectral_density_matern(1, 1.5, jnp.array([w / (2 * jnp.pi)]), 1.0, 1.0), matern)


def fix_squared_exponential() -> None:
    """The squared exponential kernel has the right density."""
    check(
        lambda w: spectral_density_squared_exponential(1, jnp.array([float(w)]), 1.0, 1.0),
        lambda w: math.sqrt(2 * math.pi) * math.exp(-(w**2) / 2),
    )


if __name__ == "__main__":
    failure()
