# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1661"
# introduced-by = ["https://github.com/pyro-ppl/numpyro/pull/1529"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1661"]
# kind = "bug"
# api = ["numpyro.contrib.control_flow.scan"]
#
# [tool.case.failure]
# raises = ["AssertionError", "IndexError"]     # the latter in 0.13.0, which is numpyro-1630
# match = "^batch shape \\(4,\\), not \\(4, 2\\)$|^list index out of range$"
# failing = ["numpyro>=0.13,<0.14"]
#
# [tool.case.fix.plate_instead]
# source = "ours"
# ///
"""scan loses the plate from the batch shape of a vector site that was declared with to_event."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.contrib.control_flow import scan


def assert_batch_shape(site: Callable[[], None], expected: tuple[int, ...]) -> None:
    """Assert it of four steps."""

    def model() -> None:
        scan(lambda carry, _: (site(), None), None, None, length=4)

    trace = handlers.trace(handlers.seed(model, 0)).get_trace()
    actual = trace["x"]["fn"].batch_shape
    assert actual == expected, f"batch shape {actual}, not {expected}"


def failure() -> None:
    """Four steps of two series of vectors."""

    def vectors() -> None:
        with numpyro.plate("series", 2):
            numpyro.sample("x", dist.Normal(jnp.zeros((2, 3)), 1.0).to_event(1))

    assert_batch_shape(vectors, (4, 2))


def fix_plate_instead() -> None:
    """Declare the dimension of the vectors with a second plate instead of to_event."""

    def scalars() -> None:
        with numpyro.plate("series", 2, dim=-2), numpyro.plate("axes", 3, dim=-1):
            numpyro.sample("x", dist.Normal(0.0, 1.0))

    assert_batch_shape(scalars, (4, 2, 3))


if __name__ == "__main__":
    failure()
