# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro", "optax>=0.2.2"]   # before, reduce_on_plateau called the value loss
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1955"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1974"]
# kind = "feature"
# api = ["numpyro.infer.SVI", "numpyro.optim.optax_to_numpyro"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "missing 1 required keyword-only argument: 'value'"
# failing = ["numpyro<0.18"]
#
# [tool.case.fix.own_optimizer]
# source = "documented"
#
# [tool.case.fix.line_search]
# source = "documented"
# refuted = ["numpyro"]
# raises = ["TypeError", "AttributeError"]
# match = "required keyword-only argument|no attribute 'lbfgs'"
#
# [tool.case.fix.schedule]
# source = "ours"
# ///
"""SVI does not tell Optax the loss, so that reduce_on_plateau cannot be used."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpyro
import numpyro.distributions as dist
import optax
from numpyro.infer import SVI, Trace_ELBO
from numpyro.optim import _NumPyroOptim
from optax.contrib import reduce_on_plateau

OSCILLATES = 2.0  # the learning rate that maps x to -x in every step


def model() -> None:
    numpyro.sample("x", dist.Normal(0.0, 1.0))


def guide() -> None:
    numpyro.sample("x", dist.Delta(numpyro.param("loc", 1.0)))


def check(optimizer: optax.GradientTransformation | _NumPyroOptim) -> None:
    """Assert that SVI converges to zero."""
    svi = SVI(model, guide, optimizer, Trace_ELBO())
    loc = float(svi.run(jax.random.PRNGKey(0), 30, progress_bar=False).params["loc"])
    assert abs(loc) < 1e-3, f"loc is {loc}, where 0 is right"


def plateau() -> optax.GradientTransformationExtraArgs:
    return optax.chain(optax.sgd(OSCILLATES), reduce_on_plateau(factor=0.5, patience=2))


def failure() -> None:
    """A learning rate that is too high is reduced when the loss stays the same."""
    check(plateau())


def fix_own_optimizer() -> None:
    """A subclass of NumPyro's optimizer can pass on the loss."""

    class WithLoss(_NumPyroOptim):
        def eval_and_update(self, fn: Callable, state: tuple, *_: object, **__: object) -> tuple:
            step, (params, inner) = state
            (loss, aux), grads = jax.value_and_grad(fn, has_aux=True)(params)
            updates, inner = optimizer.update(grads, inner, params, value=loss)
            return (loss, aux), (step + 1, (optax.apply_updates(params, updates), inner))

    optimizer = plateau()
    functions = (lambda params: (params, optimizer.init(params)), None, lambda state: state[0])
    check(WithLoss(lambda: functions))


def fix_line_search() -> None:
    """Told the loss, also optimizers that search along a line can be used."""
    check(optax.lbfgs())


def fix_schedule() -> None:
    """A learning rate that depends on the step alone needs no loss."""
    check(optax.sgd(optax.exponential_decay(OSCILLATES, transition_steps=5, decay_rate=0.5)))


if __name__ == "__main__":
    failure()
