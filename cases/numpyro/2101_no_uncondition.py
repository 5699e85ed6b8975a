# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2101"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2101"]
# kind = "feature"
# api = ["numpyro.handlers.uncondition"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "has no attribute 'uncondition'"
# failing = ["numpyro<0.20"]
#
# [tool.case.fix.optional_data]
# source = "documented"
#
# [tool.case.fix.sample_from_trace]
# source = "ours"
# ///
"""No effect handler makes a model sample what it observes, as uncondition does in Pyro."""

from __future__ import annotations

import jax
import numpyro
import numpyro.distributions as dist
from numpyro import handlers


def model(data: float | None = 7.0) -> jax.Array:
    return numpyro.sample("x", dist.Normal(0.0, 1e-3), obs=data)


def assert_not_observed(x: jax.Array) -> None:
    assert abs(float(x)) < 0.1, f"x is {x}"


def failure(seed: int) -> None:
    """An unconditioned model samples in place of what is observed."""
    assert_not_observed(handlers.uncondition(handlers.seed(model, rng_seed=seed))())


def fix_optional_data(seed: int) -> None:
    """A model that is given None as data samples."""
    assert_not_observed(handlers.seed(model, rng_seed=seed)(data=None))


def fix_sample_from_trace(seed: int) -> None:
    """The distribution of what is observed can be taken from a trace and sampled."""
    site = handlers.trace(handlers.seed(model, rng_seed=seed)).get_trace()["x"]
    assert_not_observed(site["fn"].sample(jax.random.PRNGKey(seed)))


if __name__ == "__main__":
    failure(seed=0)
