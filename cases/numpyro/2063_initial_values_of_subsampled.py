# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2063"
# kind = "limitation"
# api = ["numpyro.infer.init_to_value", "numpyro.infer.initialization.init_to_value"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "Incompatible shapes for broadcasting: .*\\(2,\\), \\(4,\\)"
# failing = ["numpyro"]
#
# [tool.case.fix.substitute_parameter]
# source = "ours"
# ///
"""An autoguide cannot be given initial values for all data if the model takes subsamples."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.infer import init_to_value
from numpyro.infer.autoguide import AutoNormal

INITIAL = jnp.array([1.0, 2.0, 3.0, 4.0])


def model() -> None:
    with numpyro.plate("data", 4, subsample_size=2):
        numpyro.sample("x", dist.Normal(0.0, 1.0))


def check(guide: Callable[[], dict], seed: int) -> None:
    """Assert that a guide of little noise samples the initial values of the subsample."""
    trace = handlers.trace(handlers.seed(guide, seed)).get_trace()
    x, expected = trace["x"]["value"], INITIAL[trace["data"]["value"]]
    assert jnp.allclose(x, expected, atol=1e-4), f"{x}, not {expected}"


def failure(seed: int) -> None:
    """One initial value for each of four data."""
    check(AutoNormal(model, init_loc_fn=init_to_value(values={"x": INITIAL}), init_scale=1e-6), seed)


def fix_substitute_parameter(seed: int) -> None:
    """Substitute the guide's parameter instead, which has the size of all data."""
    guide = AutoNormal(model, init_scale=1e-6)
    check(handlers.substitute(guide, data={"x_auto_loc": INITIAL}), seed)


if __name__ == "__main__":
    failure(seed=0)
