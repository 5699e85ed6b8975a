# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1963"
# introduced-by = ["https://github.com/pyro-ppl/numpyro/pull/1529"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1967"]
# kind = "bug"
# api = ["numpyro.contrib.control_flow.scan"]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^\\.event_dim cannot be determined statically$"
# failing = ["numpyro>=0.13,<0.17"]
#
# [tool.case.fix.normal]
# source = "ours"
# ///
"""scan fails if its steps sample from a Uniform in a plate."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.contrib.control_flow import scan


def check(uniform: Callable[[], jax.Array]) -> None:
    """Assert that there are samples of the unit interval for four steps of three series."""

    def step(carry: None, _: None) -> tuple[None, jax.Array]:
        with numpyro.plate("series", 3):
            return carry, uniform()

    with handlers.seed(rng_seed=0):
        _, samples = scan(step, None, None, length=4)
    assert samples.shape == (4, 3), samples.shape
    assert ((samples >= 0) & (samples <= 1)).all(), samples


def failure() -> None:
    """Three uniform variables, in each of four steps."""
    check(lambda: numpyro.sample("x", dist.Uniform()))


def fix_normal() -> None:
    """Sample a normal variable and take its cumulative probability, which is uniform."""
    check(lambda: dist.Normal().cdf(numpyro.sample("z", dist.Normal())))


if __name__ == "__main__":
    failure()
