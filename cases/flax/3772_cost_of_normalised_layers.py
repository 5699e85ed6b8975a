# /// script
# requires-python = ">=3.9"
# dependencies = ["flax>=0.7.5"]         # which brought these layers, and compute_flops
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/3772"
# fixed-by = ["https://github.com/google/flax/pull/3772"]
# kind = "bug"
# api = ["flax.linen.Module.tabulate", "flax.linen.WeightNorm", "flax.linen.SpectralNorm"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = '^"Dense" object has no attribute "layer_forward"'
# failing = ["flax<0.8.3"]
#
# [tool.case.fix.without_flops]
# source = "ours"
#
# [tool.case.fix.cost_analysis]
# source = "ours"
# ///
"""The cost of a model with WeightNorm cannot be tabulated."""

from __future__ import annotations

import flax.linen as nn
import jax
import jax.numpy as jnp

KEY, X = jax.random.PRNGKey(0), jnp.ones((2, 3))


class Model(nn.Module):
    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        return nn.WeightNorm(nn.Dense(4))(x)


def assert_tabulates(**options: bool) -> None:
    table = Model().tabulate(KEY, X, console_kwargs={"width": 200}, **options)
    assert "kernel/scale" in table, table


def failure() -> None:
    """The table shows what the normalised layer costs."""
    assert_tabulates(compute_flops=True)


def fix_without_flops() -> None:
    """Tabulate without the cost."""
    assert_tabulates()


def fix_cost_analysis() -> None:
    """Ask JAX for the cost of the model."""
    variables = jax.eval_shape(Model().init, KEY, X)
    cost = jax.jit(Model().apply).lower(variables, X).cost_analysis()
    assert cost["flops"] > 2 * 2 * 3 * 4, cost  # more than the matrix product alone


if __name__ == "__main__":
    failure()
