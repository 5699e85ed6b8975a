# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro", "flax"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1935"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1935"]
# kind = "bug"
# api = ["numpyro.contrib.module.flax_module(mutable=)"]
#
# [tool.case.failure]
# raises = "UnexpectedTracerError"
# match = 'Encountered an unexpected tracer.*wrapped in a JVPTracer'
# failing = ["numpyro<0.17"]
#
# [tool.case.fix.own_guide]
# source = "ours"
#
# [tool.case.fix.stop_gradient]
# source = "upstream"
#
# [tool.case.fix.return_the_state]
# source = "ours"
# ///
"""The gradient of a model leaves a tracer in the running mean of its BatchNorm."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from flax import linen as nn
from numpyro.contrib.module import flax_module
from numpyro.handlers import seed as seeded
from numpyro.handlers import trace
from numpyro.infer import SVI, Trace_ELBO
from numpyro.infer.util import log_density

BATCH_NORM = nn.BatchNorm(use_running_average=False, momentum=0.5)
X = np.full((2, 1), 5.0, np.float32)


def model(layer: object = BATCH_NORM) -> None:
    net = flax_module("net", layer, input_shape=(2, 1), mutable=["batch_stats"])
    x = numpyro.sample("x", dist.Normal(X, 0.1).to_event(2))
    numpyro.deterministic("y", net(x))


def network(layer: object = BATCH_NORM) -> dict[str, dict]:
    """The parameters and the state of the network."""
    sites = trace(seeded(model, rng_seed=0)).get_trace(layer)
    return {name: sites[name]["value"] for name in ["net$params", "net$state"]}


def assert_moves(state: dict[str, dict]) -> None:
    """Assert that the running mean has gone from 0 towards that of the data."""
    mean = float(state["batch_stats"]["mean"][0])
    assert 2 < mean < 6, f"running mean {mean}"


def check_gradient(layer: object) -> None:
    values = network(layer)
    for _ in range(2):
        jax.grad(lambda x: log_density(model, (layer,), {}, {**values, "x": x})[0])(X)
    assert_moves(values["net$state"])


def failure() -> None:
    """The log density can be differentiated more than once."""
    check_gradient(BATCH_NORM)


def fix_own_guide() -> None:
    """SVI with a guide that is written by hand trains the network."""

    def guide() -> None:
        numpyro.sample("x", dist.Delta(numpyro.param("loc", X), event_dim=2))

    svi = SVI(model, guide, numpyro.optim.Adam(0.01), Trace_ELBO())
    state = svi.init(jax.random.PRNGKey(0))
    state, _ = jax.jit(svi.update)(state)
    assert_moves(state.mutable_state["net$state"])


def fix_stop_gradient() -> None:
    """Let no gradient through to the state that the network returns."""

    def apply(*args: object, **kwargs: object) -> tuple:
        out, state = BATCH_NORM.apply(*args, **kwargs)
        return out, jax.lax.stop_gradient(state)

    check_gradient(SimpleNamespace(init=BATCH_NORM.init, apply=apply))


def fix_return_the_state() -> None:
    """Give the model a copy of the state, and return the new state beside the density."""
    values = network()

    def density(x: jax.Array, state: dict[str, dict]) -> tuple[jax.Array, dict[str, dict]]:
        density, sites = log_density(model, (), {}, {**values, "net$state": dict(state), "x": x})
        return density, sites["net$state"]["value"]

    state = values["net$state"]
    for _ in range(2):
        _, state = jax.grad(density, has_aux=True)(X, state)
    assert_moves(state)


if __name__ == "__main__":
    failure()
