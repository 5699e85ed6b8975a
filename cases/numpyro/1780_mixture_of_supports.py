# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1780"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1791"]
# kind = "feature"
# api = ["numpyro.distributions.MixtureGeneral(support=)"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "got an unexpected keyword argument 'support'$"
# failing = ["numpyro<0.15"]
#
# [tool.case.fix.inferred]
# source = "documented"
# refuted = ["numpyro"]           # only where all of them are of the same type
# raises = "ValueError"
# match = "^All component distributions must have the same support\\.$"
#
# [tool.case.fix.by_hand]
# source = "ours"
# ///
"""A mixture cannot have components with different supports."""

import math

import jax
import jax.numpy as jnp
import numpyro.distributions as dist

WEIGHTS = jnp.array([0.5, 0.5])
COMPONENTS = [dist.Normal(), dist.HalfNormal()]
VALUES = jnp.array([-1.0, 1.0])


def check(log_density: jax.Array) -> None:
    """Assert that below zero, there are values of the first component only."""
    below, above = -0.5 * math.log(2 * math.pi) - 0.5 + jnp.log(jnp.array([0.5, 1.5]))
    assert jnp.allclose(log_density, jnp.array([below, above]), atol=1e-5), f"log density {log_density}"


def failure() -> None:
    """The density of a normal and a positive component, of which the user tells the common support."""
    support = dist.constraints.real
    mixture = dist.MixtureGeneral(dist.Categorical(WEIGHTS), COMPONENTS, support=support)
    check(mixture.log_prob(VALUES))


def fix_inferred() -> None:
    """If the support is not given, it is inferred from the components."""
    check(dist.MixtureGeneral(dist.Categorical(WEIGHTS), COMPONENTS).log_prob(VALUES))


def fix_by_hand() -> None:
    """Add the densities, each of them zero outside of its component's support."""
    log_densities = [
        jnp.where(component.support(VALUES), component.log_prob(VALUES), -jnp.inf) for component in COMPONENTS
    ]
    check(jax.nn.logsumexp(jnp.log(WEIGHTS)[:, None] + jnp.stack(log_densities), axis=0))


if __name__ == "__main__":
    failure()
