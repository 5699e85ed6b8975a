# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro", "flax"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1446"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1823"]
# kind = "bug"
# api = ["numpyro.contrib.module.random_flax_module(mutable=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^$"                    # the exception carries no message
# failing = ["numpyro<0.15.1"]
#
# [tool.case.fix.own_guide]
# source = "ours"
# ///
"""Autoguides fail if the random network of a model has a BatchNorm."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from flax import linen as nn
from numpyro.contrib.module import random_flax_module
from numpyro.infer import SVI, Trace_ELBO
from numpyro.infer.autoguide import AutoDelta

X = np.array([[0.0], [1.0], [2.0], [3.0]], np.float32)


def model(x: np.ndarray) -> None:
    layer = nn.BatchNorm(use_running_average=False, momentum=0.5)
    net = random_flax_module("net", layer, dist.Normal(0, 1), input_shape=(4, 1), mutable=["batch_stats"])
    numpyro.sample("y", dist.Normal(net(x), 1.0), obs=x)


def check(guide: Callable[[np.ndarray], None]) -> None:
    """Assert that the running mean, from 0, goes towards that of the data."""
    svi = SVI(model, guide, numpyro.optim.Adam(0.1), Trace_ELBO())
    state = jax.jit(svi.init)(jax.random.PRNGKey(0), X)
    state, _ = jax.jit(svi.update)(state, X)
    (mean,) = state.mutable_state["net$state"]["batch_stats"]["mean"]
    assert 0.5 < mean <= X.mean(), f"running mean {mean}"


def failure() -> None:
    """SVI works with an autoguide."""
    check(AutoDelta(model))


def fix_own_guide() -> None:
    """A guide that is written by hand works."""

    def guide(x: np.ndarray) -> None:
        for name in ["net/bias", "net/scale"]:
            loc = numpyro.param(name + "_loc", np.zeros(1, np.float32))
            numpyro.sample(name, dist.Delta(loc).to_event(1))

    check(guide)


if __name__ == "__main__":
    failure()
