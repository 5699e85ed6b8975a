# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.14"]     # before, the guide of the globals was required
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2033"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2033"]
# kind = "bug"
# api = ["numpyro.infer.autoguide.AutoSemiDAIS"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^There are no local variables in the `\{plate_name\}` plate\.'
# failing = ["numpyro<0.19"]
# ///
"""AutoSemiDAIS does not name the plate in which it misses local variables."""

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.infer.autoguide import AutoSemiDAIS


def model() -> None:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    with numpyro.plate("data", 4, subsample_size=2):
        numpyro.sample("y", dist.Normal(x, 1.0), obs=jnp.zeros(2))


def message() -> str:
    guide = handlers.seed(AutoSemiDAIS(model, lambda: None), rng_seed=0)
    try:
        jax.eval_shape(guide)  # which computes nothing
    except RuntimeError as error:
        return str(error)
    return "no error"


def failure() -> None:
    """The message says in which plate there are no local variables."""
    text = message()
    assert text.startswith("There are no local variables in the `data` plate."), text


if __name__ == "__main__":
    failure()
