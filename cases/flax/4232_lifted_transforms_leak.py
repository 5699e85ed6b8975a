# /// script
# requires-python = ">=3.9"
# dependencies = ["flax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/4232"
# fixed-by = ["https://github.com/google/flax/commit/62a6a253c5812eca111a9024b5d43a52ef93094d"]
# kind = "bug"
# api = ["flax.linen.jit", "flax.linen.vmap"]
#
# [tool.case.failure]
# raises = "Exception"
# match = "^Leaked trace MainTrace\\(1,DynamicJaxprTrace\\)\\. Leaked tracer"
# failing = ["flax<0.10"]
#
# [tool.case.fix.vmap]
# source = "ours"
# refuted = ["flax<0.10"]
# raises = "Exception"
# match = "^Leaked trace MainTrace\\(1,BatchTrace\\)\\. Leaked tracer"
#
# [tool.case.fix.transform_the_function]
# source = "ours"
# ///
"""JAX's check for leaked tracers finds one in Flax's own lifted transformations."""

from __future__ import annotations

import flax.linen as nn
import jax
import jax.numpy as jnp

KEY, X = jax.random.PRNGKey(0), jnp.ones((2, 1))


def assert_initialises(layer: nn.Module) -> None:
    with jax.checking_leaks():
        variables = layer.init(KEY, X)
    assert "kernel" in variables["params"]


def failure() -> None:
    """A compiled layer leaves no tracer behind."""
    assert_initialises(nn.jit(nn.Dense)(1))


def fix_vmap() -> None:
    """A vectorised layer leaves none."""
    rules = {"variable_axes": {"params": 0}, "split_rngs": {"params": True}}
    assert_initialises(nn.vmap(nn.Dense, **rules)(1))


def fix_transform_the_function() -> None:
    """Compile with JAX what calls the layer, instead of the layer itself."""
    with jax.checking_leaks():
        variables = jax.jit(nn.Dense(1).init)(KEY, X)
    assert "kernel" in variables["params"]


if __name__ == "__main__":
    failure()
