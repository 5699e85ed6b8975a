# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1983"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1983"]
# kind = "bug"
# api = ["numpyro.handlers.seed"]
#
# [tool.case.failure]
# raises = "UnexpectedTracerError"
# match = 'Encountered an unexpected tracer.* intermediate value with type uint32\[2\]'
# failing = ["numpyro<0.18"]
#
# [tool.case.fix.seed_in_function]
# source = "documented"
#
# [tool.case.fix.context_manager]
# source = "ours"
# ///
"""A seeded model cannot be called again once JAX has traced it."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.handlers import seed as seeded


def model() -> jax.Array:
    return numpyro.sample("x", dist.Normal(0.0, 1.0))


def check(call: Callable[[], jax.Array]) -> None:
    """Assert that it can be called within and without a compiled function."""
    compiled, plain = float(jax.jit(lambda: call())()), float(call())
    assert abs(compiled - plain) < 1e-5, f"{compiled} when compiled, {plain} else"


def failure(seed: int) -> None:
    """A seeded model gives the same value in a compiled function and after it."""
    check(seeded(model, seed))


def fix_seed_in_function(seed: int) -> None:
    """Seed the model in a function, anew in every call."""

    def call() -> jax.Array:
        return seeded(model, seed)()

    check(call)


def fix_context_manager(seed: int) -> None:
    """Seed the model by a context around its call."""

    def call() -> jax.Array:
        with seeded(rng_seed=seed):
            return model()

    check(call)


if __name__ == "__main__":
    failure(seed=0)
