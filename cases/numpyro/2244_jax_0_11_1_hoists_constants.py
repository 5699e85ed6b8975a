# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.15.2"]  # before, another change in JAX breaks this: see 1837
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2244"
# introduced-by = ["jax==0.11.1"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2245"]
# kind = "drift"
# api = [
#   "numpyro.infer.TraceGraph_ELBO",
#   "numpyro.infer.inspect.get_model_relations",
#   "numpyro.render_model",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^length mismatch: \[\d+, 1\]$'
# failing = ["numpyro>=0.21,<0.22", "jax>=0.11.1"]
#
# [tool.case.fix.inspect]
# source = "documented"
# refuted = ["numpyro>=0.21,<0.22", "jax>=0.11.1"]
# raises = "AssertionError"
# match = '^length mismatch: \[\d+, 2\]$'
#
# [tool.case.fix.trace_elbo]
# source = "ours"
#
# [tool.case.fix.plain_numbers]
# source = "ours"
# ///
"""NumPyro 0.21.0 with JAX 0.11.1 cannot trace dependencies in a model that uses an array."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.infer import ELBO, Trace_ELBO, TraceGraph_ELBO
from numpyro.infer.inspect import get_model_relations


def model(weight: float | jax.Array) -> None:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    numpyro.sample("y", dist.Normal(weight * x, 1.0), obs=3.0)


def guide(weight: float | jax.Array) -> None:
    numpyro.sample("x", dist.Delta(1.0))


def assert_loss(elbo: ELBO, weight: float | jax.Array) -> None:
    loss = jax.jit(lambda key: elbo.loss(key, {}, model, guide, weight))
    actual = loss(jax.random.PRNGKey(0))
    expected = (1.0**2 + (3.0 - 2.0) ** 2) / 2 + math.log(2 * math.pi)
    assert math.isclose(actual, expected, rel_tol=1e-5), f"{actual} != {expected}"


def failure() -> None:
    """TraceGraph_ELBO works for a model that multiplies with an array."""
    assert_loss(TraceGraph_ELBO(), jnp.array(2.0))


def fix_inspect() -> None:
    """What needs no TraceGraph_ELBO works: the model can be inspected (and so rendered)."""
    parents = get_model_relations(model, (jnp.array(2.0),))["sample_sample"]
    assert set(parents["y"]) - {"y"} == {"x"}, parents


def fix_trace_elbo() -> None:
    """Trace_ELBO needs no dependencies and gives the same loss."""
    assert_loss(Trace_ELBO(), jnp.array(2.0))


def fix_plain_numbers() -> None:
    """A plain number in place of the array is no constant that JAX could hoist."""
    assert_loss(TraceGraph_ELBO(), 2.0)


if __name__ == "__main__":
    failure()
