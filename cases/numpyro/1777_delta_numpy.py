# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1777"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1777"]
# kind = "limitation"
# api = ["numpyro.distributions.Delta"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^a NumPy array became a JAX array$"
# failing = ["numpyro<0.15"]
#
# [tool.case.fix.large_integer]
# source = "ours"
# refuted = ["numpyro<0.15"]
# raises = "AssertionError"
# match = "^1, not 1099511627777$"
#
# [tool.case.fix.dictionary]
# source = "upstream"
# refuted = ["numpyro<0.15"]
# raises = "TypeError"
# match = "^broadcast_to requires ndarray or scalar arguments, got <class 'dict'>"
#
# [tool.case.fix.deterministic]
# source = "ours"
# ///
"""A Delta cannot hold a value as it is: sampling makes a JAX array of it."""

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro import handlers

ARRAY = np.array([1.0, 2.0])
LARGE = 2**40 + 1  # more than 32 bits
SETTINGS = {"name": "pilot", "visits": 3}


@handlers.seed(rng_seed=0)
def sample(value: object) -> object:
    return numpyro.sample("x", dist.Delta(value))


def failure() -> None:
    """A NumPy array stays one."""
    kind = "JAX array" if isinstance(sample(ARRAY), jax.Array) else "NumPy array"
    assert kind == "NumPy array", f"a NumPy array became a {kind}"


def fix_large_integer() -> None:
    """A 64-bit integer keeps its value."""
    value = int(sample(np.array(LARGE)))
    assert value == LARGE, f"{value}, not {LARGE}"


def fix_dictionary() -> None:
    """Anything can be held, such as a dictionary."""
    assert sample(SETTINGS) == SETTINGS


def fix_deterministic() -> None:
    """A deterministic site holds anything as it is."""
    assert isinstance(numpyro.deterministic("x", ARRAY), np.ndarray)
    assert numpyro.deterministic("x", np.array(LARGE)) == LARGE
    with handlers.trace() as trace:
        numpyro.deterministic("x", SETTINGS)
    assert trace["x"]["value"] == SETTINGS


if __name__ == "__main__":
    failure()
