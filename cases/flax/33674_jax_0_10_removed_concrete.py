# /// script
# requires-python = ">=3.9"
# dependencies = ["flax", "jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/33674"
# introduced-by = ["jax==0.10.0"]
# fixed-by = ["https://github.com/google/flax/commit/ec85cddf016404ea67aa68c95814d465ffcf05ea"]
# kind = "drift"
# api = ["flax.linen.remat", "flax.linen.checkpoint", "flax.linen.remat_scan"]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^The `concrete` option to `jax.checkpoint` was deprecated .* removed in JAX v0.10.0"
# failing = ["flax<0.12.2", "jax>=0.10,<0.11"]
#
# [tool.case.fix.jax_checkpoint]
# source = "ours"
# ///
"""Linen's remat of Flax up to 0.12.1 fails with JAX 0.10, which its requirements admit."""

from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp


class Square(nn.Module):
    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        w = self.param("w", nn.initializers.ones, ())
        return (w * x) ** 2


def assert_differentiates(model: nn.Module, apply: Callable[..., jax.Array]) -> None:
    """The derivative of (w x)^2 with respect to w is 2 w x^2."""
    params = model.init(jax.random.PRNGKey(0), jnp.array(3.0))
    gradient = jax.grad(apply)(params, jnp.array(3.0))["params"]["w"]
    assert gradient == 18.0, gradient


def failure() -> None:
    """A model that computes its activations again for the gradient can be differentiated."""
    model = nn.remat(Square)()
    assert_differentiates(model, model.apply)


def fix_jax_checkpoint() -> None:
    """jax.checkpoint around the function apply does the same for the whole model."""
    model = Square()
    assert_differentiates(model, jax.checkpoint(model.apply))


if __name__ == "__main__":
    failure()
