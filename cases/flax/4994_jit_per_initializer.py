# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.8.4"]         # which brought flax.nnx
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/4994"
# fixed-by = ["https://github.com/google/flax/pull/4998"]
# kind = "limitation"
# api = ["flax.nnx.jit", "flax.nnx.Linear(kernel_init=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^compiled 2 times$"
# failing = ["flax<0.12.1"]
#
# [tool.case.fix.initializer_once]
# source = "ours"
#
# [tool.case.fix.forget_initializers]
# source = "ours"
# ///
"""nnx.jit compiles again for a layer that differs only in how it was initialised."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from flax import nnx


def linear(kernel_init: Callable[..., jax.Array]) -> nnx.Linear:
    return nnx.Linear(1, 1, use_bias=False, kernel_init=kernel_init, rngs=nnx.Rngs(0))


def assert_compiles_once(*layers: nnx.Linear) -> None:
    compiled = []

    @nnx.jit
    def apply(layer: nnx.Linear, x: jax.Array) -> jax.Array:
        compiled.append(layer)
        return layer(x)

    for layer in layers:
        apply(layer, jnp.ones(1))
    assert len(compiled) == 1, f"compiled {len(compiled)} times"


def failure() -> None:
    """One program serves two layers of the same shape."""
    assert_compiles_once(*(linear(nnx.initializers.constant(value)) for value in (1.0, 2.0)))


def fix_initializer_once() -> None:
    """Make the initialiser once, and initialise all layers with it."""
    initializer = nnx.initializers.constant(1.0)
    assert_compiles_once(linear(initializer), linear(initializer))


def fix_forget_initializers() -> None:
    """Set the attribute of each layer that holds its initialiser to the same function."""
    layers = [linear(nnx.initializers.constant(value)) for value in (1.0, 2.0)]
    for layer in layers:
        layer.kernel_init = nnx.initializers.zeros
    assert_compiles_once(*layers)


if __name__ == "__main__":
    failure()
