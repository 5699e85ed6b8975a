# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1630"
# introduced-by = ["https://github.com/pyro-ppl/numpyro/pull/1529"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1630"]
# kind = "bug"
# api = ["numpyro.contrib.control_flow.scan", "numpyro.distributions.Distribution.to_event"]
#
# [tool.case.failure]
# raises = "IndexError"
# match = "^list index out of range$"
# failing = ["numpyro>=0.13,<0.13.1"]
#
# [tool.case.fix.masked]
# source = "upstream"
# refuted = ["numpyro>=0.13,<0.13.1"]
# raises = "IndexError"
# match = "^list index out of range$"
#
# [tool.case.fix.plate_instead]
# source = "ours"
# ///
"""scan cannot step over a vector whose dimension was declared with to_event."""

from __future__ import annotations

import math
from collections.abc import Callable

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from jax import Array
from numpyro import handlers
from numpyro.contrib.control_flow import scan
from numpyro.infer.util import log_density

WALK = jnp.array([[1.0, 0.0], [1.0, 2.0], [4.0, 2.0]])  # three steps in the plane: 1, 2 and 3 long


def assert_density(step: Callable[[Array, None], tuple[Array, None]], steps: int = 3) -> None:
    def model() -> None:
        scan(step, jnp.zeros(2), None, length=3)

    actual = float(log_density(model, (), {}, {"x": WALK})[0])
    expected = -sum(length**2 / 2 + math.log(2 * math.pi) for length in range(1, steps + 1))
    assert math.isclose(actual, expected, rel_tol=1e-5), f"{actual}, not {expected}"


def failure() -> None:
    """The log density of a random walk in the plane."""

    def step(position: Array, _: None) -> tuple[Array, None]:
        return numpyro.sample("x", dist.Normal(position, 1.0).to_event(1)), None

    assert_density(step)


def fix_masked() -> None:
    """It works under the mask handler, too: only the steps up to the unit square's far side count."""

    def step(position: Array, _: None) -> tuple[Array, None]:
        with handlers.mask(mask=jnp.all(position < 1.5)):
            return numpyro.sample("x", dist.Normal(position, 1.0).to_event(1)), None

    assert_density(step, steps=2)


def fix_plate_instead() -> None:
    """Declare the dimension with a plate instead of to_event."""

    def step(position: Array, _: None) -> tuple[Array, None]:
        with numpyro.plate("axes", 2):
            return numpyro.sample("x", dist.Normal(position, 1.0)), None

    assert_density(step)


if __name__ == "__main__":
    failure()
