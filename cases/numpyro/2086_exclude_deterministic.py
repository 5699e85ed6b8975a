# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.15"]     # the argument came with it
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2086"
# kind = "limitation"
# api = ["numpyro.infer.Predictive(exclude_deterministic=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^returned x, y$"
# failing = ["numpyro"]
#
# [tool.case.fix.return_sites]
# source = "documented"
# ///
"""Predictive returns deterministic sites although it is told to exclude them."""

from __future__ import annotations

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer import Predictive


def model() -> None:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    numpyro.deterministic("y", 2 * x)


def check(predictive: Predictive) -> None:
    """Assert that there are samples of x alone."""
    samples = predictive(jax.random.PRNGKey(0))
    assert set(samples) == {"x"}, f"returned {', '.join(sorted(samples))}"


def failure() -> None:
    """The argument keeps the deterministic site y out of the samples."""
    check(Predictive(model, num_samples=2, exclude_deterministic=True))


def fix_return_sites() -> None:
    """Name the sites that are wanted with return_sites."""
    check(Predictive(model, num_samples=2, return_sites=["x"]))


if __name__ == "__main__":
    failure()
