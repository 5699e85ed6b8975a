# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1655"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1897"]
# kind = "silent"
# api = ["numpyro.infer.autoguide.AutoBNAFNormal", "numpyro.nn.BlockNeuralAutoregressiveNN"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^total probability 0\\.\\d\\d$"
# failing = ["numpyro<0.17"]
#
# [tool.case.fix.residual]
# source = "ours"
# ///
"""A block neural autoregressive flow reaches a bounded region only, and loses the rest."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpyro.distributions as dist
from numpyro.distributions.flows import BlockNeuralAutoregressiveTransform
from numpyro.nn import BlockNeuralAutoregressiveNN


def check(residual: str | None) -> None:
    """Assert that the flow takes the real line to all that a normal distribution may sample."""
    initialise, network = BlockNeuralAutoregressiveNN(1, hidden_factors=[2], residual=residual)

    @jax.jit
    def ends(key: jax.Array) -> jax.Array:
        _, parameters = initialise(key, (1,))
        flow = BlockNeuralAutoregressiveTransform(partial(network, parameters))
        return flow(jnp.array([[-1e6], [1e6]]))

    lowest, highest = dist.Normal().cdf(ends(jax.random.PRNGKey(0)))[:, 0]
    assert abs(highest - lowest - 1) < 1e-3, f"total probability {highest - lowest:.2f}"


def failure() -> None:
    """The density of what the flow takes to normal samples integrates to one."""
    check(residual=None)


def fix_residual() -> None:
    """With a residual connection, the flow is not bounded."""
    check(residual="normal")


if __name__ == "__main__":
    failure()
