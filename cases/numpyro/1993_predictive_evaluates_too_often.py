# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1993"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1993"]
# kind = "limitation"
# api = ["numpyro.infer.Predictive(parallel=)", "numpyro.infer.log_likelihood(parallel=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^8 evaluations for 4 samples$'
# failing = ["numpyro<0.18"]
#
# [tool.case.fix.sequential]
# source = "ours"
#
# [tool.case.fix.vmap]
# source = "ours"
# ///
"""Predictive evaluates the model twice as often as it has samples when it runs in parallel."""

from collections.abc import Callable

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.handlers import seed, substitute
from numpyro.infer import Predictive

X = jax.numpy.arange(4.0)
evaluations = []


def model() -> jax.Array:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    jax.debug.callback(evaluations.append, x)
    return numpyro.sample("y", dist.Normal(x, 1.0))


def assert_evaluates_four_times(predict: Callable[[jax.Array], object]) -> None:
    shapes = jax.eval_shape(predict, jax.random.PRNGKey(0))
    evaluations.clear()
    assert jax.tree_util.tree_leaves(shapes)[0].shape == (4,)
    jax.block_until_ready(predict(jax.random.PRNGKey(0)))
    jax.effects_barrier()
    assert len(evaluations) == 4, f"{len(evaluations)} evaluations for 4 samples"


def failure() -> None:
    """Each sample needs the model once."""
    assert_evaluates_four_times(Predictive(model, {"x": X}, parallel=True))


def fix_sequential() -> None:
    """Where Predictive does not run in parallel, each sample needs the model once."""
    assert_evaluates_four_times(Predictive(model, {"x": X}))


def fix_vmap() -> None:
    """With vmap over a seeded and substituted model, each sample needs the model once."""

    def predict(key: jax.Array) -> jax.Array:
        return jax.vmap(lambda key, x: seed(substitute(model, {"x": x}), key)())(jax.random.split(key, 4), X)

    assert_evaluates_four_times(predict)


if __name__ == "__main__":
    failure()
