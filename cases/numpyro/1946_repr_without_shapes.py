# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1946"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1946"]
# kind = "feature"
# api = ["numpyro.distributions.Distribution.__repr__"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^shown as <numpyro\\.distributions\\.\\S+ object at 0x[0-9a-f]+>$"
# failing = ["numpyro<0.17"]
#
# [tool.case.fix.format_shapes]
# source = "ours"
# ///
"""A distribution that is printed does not show its batch and event shapes."""

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro import handlers

VECTORS = dist.Normal(jnp.zeros((2, 3)), 1.0).to_event(1)


def failure() -> None:
    """Two vectors of size 3."""
    shown = repr(VECTORS)
    assert "batch shape (2,) and event shape (3,)" in shown, f"shown as {shown}"


def fix_format_shapes() -> None:
    """format_shapes shows the shapes of a site's distribution, the batch before the event."""
    with handlers.trace() as trace, handlers.seed(rng_seed=0):
        numpyro.sample("x", VECTORS)
    (row,) = [line.split() for line in numpyro.util.format_shapes(trace).splitlines() if "dist" in line]
    assert row == ["x", "dist", "2", "|", "3"], row


if __name__ == "__main__":
    failure()
