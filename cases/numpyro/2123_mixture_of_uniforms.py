# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2123"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2127"]
# kind = "silent"
# api = ["numpyro.distributions.MixtureSameFamily", "numpyro.distributions.Mixture"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^theta has the shape \(2,\)$'
# failing = ["numpyro<0.20"]
#
# [tool.case.rejected]
# raises = "AssertionError"
# match = '^Invalid component distribution: Uniform\.'
# rejected = ["numpyro>=0.20"]
#
# [tool.case.fix.list_of_components]
# source = "documented"
#
# [tool.case.fix.list_of_components_everywhere]
# source = "documented"
# refuted = ["numpyro"]
# raises = "AssertionError"
# match = '^theta is from -1 to -?0$'
#
# [tool.case.fix.list_of_components_with_support]
# source = "ours"
# refuted = ["numpyro<0.15"]
# raises = "TypeError"
# match = "__init__\\(\\) got an unexpected keyword argument 'support'"
# ///
"""A mixture of batched Uniforms makes inference sample a vector in place of a number."""

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.distributions import constraints
from numpyro.infer.util import constrain_fn


def index() -> dist.Distribution:
    return dist.Categorical(probs=jnp.array([1 / 3, 2 / 3]))


def components() -> list[dist.Distribution]:
    return [dist.Uniform(-1.0, 0.0), dist.Uniform(0.0, 1.0)]


def sampled(prior: dist.Distribution, unconstrained: float) -> jax.Array:
    """The value of theta to which inference maps an unconstrained one."""

    def model() -> None:
        numpyro.sample("theta", prior)

    return constrain_fn(model, (), {}, {"theta": unconstrained})["theta"]


def assert_number(prior: dist.Distribution) -> None:
    theta = sampled(prior, 0.0)
    assert theta.shape == (), f"theta has the shape {theta.shape}"


def assert_reaches_both(prior: dist.Distribution) -> None:
    low, high = (float(sampled(prior, value)) for value in (-10.0, 10.0))
    assert low < 0 < high - 0.1, f"theta is from {low:.0f} to {high:.0f}"


def failure() -> None:
    """Inference samples a number."""
    uniforms = dist.Uniform(jnp.array([-1.0, 0.0]), jnp.array([0.0, 1.0]))
    assert_number(dist.Mixture(index(), uniforms))


def fix_list_of_components() -> None:
    """With a list of Uniforms in place of the batch, inference samples a number."""
    assert_number(dist.Mixture(index(), components()))


def fix_list_of_components_everywhere() -> None:
    """With a list of Uniforms, inference reaches the supports of all."""
    assert_reaches_both(dist.Mixture(index(), components()))


def fix_list_of_components_with_support() -> None:
    """With a list of Uniforms and the union of their supports, inference reaches all of it."""
    union = constraints.interval(-1.0, 1.0)
    assert_reaches_both(dist.MixtureGeneral(index(), components(), support=union))


if __name__ == "__main__":
    failure()
