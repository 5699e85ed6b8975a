# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1899"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1899"]
# kind = "silent"
# api = ["numpyro.distributions.SineBivariateVonMises"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^log density 68\.63 at the mode, where 3\.46 is right$'
# failing = ["numpyro<0.16"]
#
# [tool.case.fix.concentration_ten_thousand]
# source = "documented"
# refuted = ["numpyro<0.16"]
# raises = "AssertionError"
# match = '^log density 18886\.\d\d at the mode, where 7\.37 is right$'
#
# [tool.case.fix.correlated]
# source = "upstream"
# refuted = ["numpyro<0.16"]
# raises = "AssertionError"
# match = '^the density integrates to 8\.38e\+27$'
#
# [tool.case.fix.low_concentration]
# source = "ours"
#
# [tool.case.fix.two_von_mises]
# source = "ours"
# ///
"""The density of SineBivariateVonMises is not normalised where the concentration is high."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpyro.distributions as dist
from jax.scipy.special import i0e


def check(joint: dist.Distribution, concentration: float) -> None:
    """Assert that the density at the mode is that of two independent angles."""
    expected = -2 * math.log(2 * math.pi * i0e(concentration))
    actual = float(joint.log_prob(jnp.zeros(2)))
    wrong = f"log density {actual:.2f} at the mode, where {expected:.2f} is right"
    assert abs(actual - expected) < 1e-2, wrong


def uncorrelated(concentration: float) -> dist.SineBivariateVonMises:
    return dist.SineBivariateVonMises(0.0, 0.0, concentration, concentration, correlation=0.0)


def failure() -> None:
    """Without correlation, the two angles are independent: each is von Mises."""
    check(uncorrelated(200.0), 200.0)


def fix_concentration_ten_thousand() -> None:
    """It is right for concentrations up to 10000."""
    check(uncorrelated(10_000.0), 10_000.0)


def fix_correlated() -> None:
    """With correlation, the density integrates to one."""
    joint = dist.SineBivariateVonMises(0.0, 0.0, 200.0, 200.0, correlation=100.0)
    angles = jnp.linspace(-0.8, 0.8, 201)
    grid = jnp.stack(jnp.meshgrid(angles, angles), axis=-1)
    integral = float(jnp.exp(joint.log_prob(grid)).sum() * (angles[1] - angles[0]) ** 2)
    assert abs(integral - 1) < 0.01, f"the density integrates to {integral:.3g}"


def fix_low_concentration() -> None:
    """It is right where the concentration is low."""
    check(uncorrelated(10.0), 10.0)


def fix_two_von_mises() -> None:
    """VonMises, which does without series, can stand in where nothing is correlated."""
    check(dist.VonMises(jnp.zeros(2), 200.0).to_event(1), 200.0)


if __name__ == "__main__":
    failure()
