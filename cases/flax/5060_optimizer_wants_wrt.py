# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.8.4", "optax"]        # which brought flax.nnx
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/5060"
# introduced-by = ["https://github.com/google/flax/pull/4842"]
# kind = "limitation"
# api = ["flax.nnx.Optimizer", "flax.nnx.Optimizer.update"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "^Missing required argument `wrt`\\. As of Flax 0\\.11\\.0"
# failing = ["flax>=0.11"]
#
# [tool.case.fix.wrt]
# source = "documented"               # by the docstring; the model must go to update, too
# refuted = [["flax<0.8.5"], ["flax>=0.11"]]
# raises = "TypeError"
# match = "^Missing required argument `grads`|unexpected keyword argument 'wrt'$"
#
# [tool.case.fix.model_and_optimizer]
# source = "documented"               # by the error message
# refuted = ["flax<0.11"]
# raises = "AttributeError"
# match = "has no attribute 'ModelAndOptimizer'"
#
# [tool.case.fix.pass_the_model]
# source = "documented"
# refuted = ["flax<0.11"]
# raises = "TypeError"
# match = "unexpected keyword argument 'wrt'$|^Optimizer.update\\(\\) takes"
# ///
"""Code that trains with nnx.Optimizer stops working: wrt became required."""

import jax.numpy as jnp
import optax
from flax import nnx


class Model(nnx.Module):
    def __init__(self) -> None:
        self.weight = nnx.Param(jnp.array(1.0))


def gradient(model: Model) -> nnx.State:
    return nnx.grad(lambda model: model.weight.value**2)(model)


def assert_step(model: Model) -> None:
    """One step against a gradient of 2 at a rate of 1/4."""
    assert model.weight.value == 0.5, model.weight.value


def failure() -> None:
    """An optimiser keeps the model, and updates it with gradients."""
    model = Model()
    nnx.Optimizer(model, optax.sgd(0.25)).update(gradient(model))
    assert_step(model)


def fix_wrt() -> None:
    """Add wrt=nnx.Param."""
    model = Model()
    nnx.Optimizer(model, optax.sgd(0.25), wrt=nnx.Param).update(gradient(model))
    assert_step(model)


def fix_model_and_optimizer() -> None:
    """Use ModelAndOptimizer instead."""
    model = Model()
    nnx.ModelAndOptimizer(model, optax.sgd(0.25), wrt=nnx.Param).update(gradient(model))
    assert_step(model)


def fix_pass_the_model() -> None:
    """Add wrt=nnx.Param, and give the model to every update."""
    model = Model()
    nnx.Optimizer(model, optax.sgd(0.25), wrt=nnx.Param).update(model, gradient(model))
    assert_step(model)


if __name__ == "__main__":
    failure()
