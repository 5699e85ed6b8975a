# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro!=0.15.1,!=0.21.0"]     # where TraceGraph_ELBO may fail otherwise: see 1837, 2244
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2106"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2106"]
# kind = "silent"
# api = [
#   "numpyro.distributions.Mixture",
#   "numpyro.distributions.MixtureSameFamily",
#   "numpyro.distributions.MixtureGeneral",
#   "numpyro.infer.TraceGraph_ELBO",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^gradient is -?0, not -4$'
# failing = ["numpyro<0.20"]
#
# [tool.case.fix.list_of_components]
# source = "upstream"
# refuted = ["numpyro<0.20"]
# raises = "AssertionError"
# match = '^gradient is -?0, not -4$'
#
# [tool.case.fix.declare_it]
# source = "ours"
# ///
"""TraceGraph_ELBO has no gradient for the weights of a mixture in the guide."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.infer import TraceGraph_ELBO

LOCS, SCALE = [-1.0, 1.0], 0.5


def same_family(index: dist.Distribution) -> dist.Distribution:
    return dist.MixtureSameFamily(index, dist.Normal(jnp.array(LOCS), SCALE))


def assert_gradient(mixture: Callable[[dist.Distribution], dist.Distribution], seed: int) -> None:
    """Assert that the loss falls with the weight of the component that is nearer to the model."""

    def model() -> None:
        numpyro.sample("x", dist.Normal(2.0, 1.0))

    def guide() -> None:
        weight = numpyro.param("weight", 0.5)
        index = dist.Categorical(probs=jnp.stack([1 - weight, weight]))
        numpyro.sample("x", mixture(index))

    @jax.jit
    @jax.grad
    def gradient(weight: jax.Array, key: jax.Array) -> jax.Array:
        elbo = TraceGraph_ELBO(num_particles=10_000)
        return elbo.loss(key, {"weight": weight}, model, guide)

    actual = float(gradient(0.5, jax.random.PRNGKey(seed)))
    assert abs(actual + 4) < 0.5, f"gradient is {actual:.0f}, not -4"


def failure(seed: int) -> None:
    """The gradient is the difference of the two components' expected log densities."""
    assert_gradient(same_family, seed)


def fix_list_of_components(seed: int) -> None:
    """A mixture of a list of components has a gradient."""
    assert_gradient(lambda i: dist.Mixture(i, [dist.Normal(loc, SCALE) for loc in LOCS]), seed)


def fix_declare_it(seed: int) -> None:
    """A subclass that has no reparameterised samples, and says so, has a gradient."""

    class Mixture(dist.MixtureSameFamily):
        has_rsample = False

    assert_gradient(lambda i: Mixture(i, dist.Normal(jnp.array(LOCS), SCALE)), seed)


if __name__ == "__main__":
    failure(seed=0)
