# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1995"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1995"]
# kind = "feature"
# api = ["numpyro.infer.Trace_ELBO(sum_sites=)", "numpyro.infer.TraceMeanField_ELBO(sum_sites=)"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "__init__\\(\\) got an unexpected keyword argument 'sum_sites'"
# failing = ["numpyro<0.18"]
#
# [tool.case.fix.mean_field]
# source = "upstream"
# refuted = ["numpyro<0.18"]
# raises = "TypeError"
# match = "__init__\\(\\) got an unexpected keyword argument 'sum_sites'"
#
# [tool.case.fix.particles]
# source = "ours"
# refuted = ["numpyro<0.18"]
# raises = "TypeError"
# match = "__init__\\(\\) got an unexpected keyword argument 'sum_sites'"
#
# [tool.case.fix.by_hand]
# source = "ours"
# ///
"""No loss of SVI tells how much each site contributes to it."""

import math

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.infer import ELBO, Trace_ELBO, TraceMeanField_ELBO

KEY = jax.random.PRNGKey(0)


def model() -> None:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    numpyro.sample("y", dist.Normal(x, 1.0), obs=3.0)


def guide() -> None:
    numpyro.sample("x", dist.Delta(1.0))


def assert_losses(losses: dict[str, jax.Array]) -> None:
    """Assert that they are the squares of the distances, 1 and 2."""
    actual = {name: round(float(loss), 3) for name, loss in losses.items()}
    constant = math.log(2 * math.pi) / 2
    assert actual == {"x": round(0.5 + constant, 3), "y": round(2 + constant, 3)}, actual


def assert_elbo(elbo: ELBO) -> None:
    assert_losses(elbo.loss(KEY, {}, model, guide))


def failure() -> None:
    """With sum_sites=False, the loss comes as a dictionary of sites."""
    assert_elbo(Trace_ELBO(sum_sites=False))


def fix_mean_field() -> None:
    """With sum_sites=False, the loss of TraceMeanField_ELBO comes as a dictionary of sites."""
    assert_elbo(TraceMeanField_ELBO(sum_sites=False))


def fix_particles() -> None:
    """With sum_sites=False, the contributions are averaged over several particles."""
    assert_elbo(Trace_ELBO(num_particles=3, sum_sites=False))


def fix_by_hand() -> None:
    """The traces of guide and model have what the loss of each site is made of."""
    guide_trace = handlers.trace(handlers.seed(guide, KEY)).get_trace()
    model_trace = handlers.trace(handlers.replay(model, guide_trace)).get_trace()
    losses = {name: -site["fn"].log_prob(site["value"]) for name, site in model_trace.items()}
    for name, site in guide_trace.items():
        losses[name] += jnp.sum(site["fn"].log_prob(site["value"]))
    assert_losses(losses)


if __name__ == "__main__":
    failure()
