# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro", "flax"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1990"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1990"]
# kind = "feature"
# api = ["numpyro.contrib.module.nnx_module", "numpyro.contrib.module.random_nnx_module"]
#
# [tool.case.failure]
# raises = "ImportError"
# match = "cannot import name 'nnx_module' from 'numpyro.contrib.module'"
# failing = ["numpyro<0.18"]
#
# [tool.case.fix.linen]
# source = "ours"
# ///
"""A module of Flax NNX cannot be used in a model."""

from collections.abc import Callable

import jax
import numpy as np
from numpyro.handlers import seed, trace


def assert_has_kernel(model: Callable[[], jax.Array]) -> None:
    sites = trace(seed(model, rng_seed=0)).get_trace()
    kernel = jax.tree_util.tree_leaves(sites["layer$params"]["value"])
    assert [leaf.shape for leaf in kernel] == [(2, 3)], kernel


def failure() -> None:
    """The weights of an NNX module are a parameter of the model."""
    from numpyro.contrib.module import nnx_module

    def model() -> jax.Array:
        from flax import nnx

        linear = nnx.Linear(2, 3, use_bias=False, rngs=nnx.Rngs(0))
        return nnx_module("layer", linear)(np.ones(2))

    assert_has_kernel(model)


def fix_linen() -> None:
    """The weights of a Linen module can be a parameter of the model."""
    from flax import linen
    from numpyro.contrib.module import flax_module

    def model() -> jax.Array:
        layer = flax_module("layer", linen.Dense(3, use_bias=False), input_shape=(2,))
        return layer(np.ones(2))

    assert_has_kernel(model)


if __name__ == "__main__":
    failure()
