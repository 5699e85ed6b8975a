# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1979"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1979"]
# kind = "limitation"
# api = [
#   "numpyro.infer.autoguide.AutoNormal().sample_posterior",
#   "numpyro.infer.autoguide.AutoDiagonalNormal().sample_posterior",
#   "numpyro.infer.autoguide.AutoMultivariateNormal().sample_posterior",
#   "numpyro.infer.autoguide.AutoLowRankMultivariateNormal().sample_posterior",
#   "numpyro.infer.autoguide.AutoLaplaceApproximation().sample_posterior",
# ]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "sample_posterior\\(\\) got an unexpected keyword argument 'loc'"
# failing = ["numpyro<0.18"]
#
# [tool.case.fix.auto_diagonal_normal]
# source = "upstream"
# refuted = ["numpyro<0.18"]
# raises = "TypeError"
# match = "sample_posterior\\(\\) got an unexpected keyword argument 'loc'"
#
# [tool.case.fix.auto_delta]
# source = "ours"
#
# [tool.case.fix.predictive]
# source = "ours"
# ///
"""sample_posterior takes the arguments of the model from some guides, and fails for others."""

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.handlers import seed
from numpyro.infer import Predictive
from numpyro.infer.autoguide import AutoDelta, AutoDiagonalNormal, AutoGuide, AutoNormal

KEY = jax.random.PRNGKey(0)
NORMAL = {"x_auto_loc": 5.0, "x_auto_scale": 1e-3}


def model(loc: float) -> None:
    numpyro.sample("x", dist.Normal(loc, 1.0))


def assert_samples(x: jax.Array) -> None:
    assert abs(float(x) - 5) < 0.1, f"sampled {x}"


def sample(guide: AutoGuide, params: dict) -> jax.Array:
    """Sample x of any guide, also of one that depends on the model's arguments."""
    seed(guide, rng_seed=0)(loc=1.0)
    return guide.sample_posterior(KEY, params, loc=1.0)["x"]


def failure() -> None:
    """AutoNormal samples, whatever arguments the model has."""
    assert_samples(sample(AutoNormal(model), NORMAL))


def fix_auto_diagonal_normal() -> None:
    """AutoDiagonalNormal samples, whatever arguments the model has."""
    params = {"auto_loc": jnp.array([5.0]), "auto_scale": jnp.array([1e-3])}
    assert_samples(sample(AutoDiagonalNormal(model), params))


def fix_auto_delta() -> None:
    """AutoDelta takes the arguments of the model."""
    assert_samples(sample(AutoDelta(model), {"x_auto_loc": 5.0}))


def fix_predictive() -> None:
    """Predictive gives any guide the arguments of the model."""
    guide = AutoNormal(model)
    seed(guide, rng_seed=0)(loc=1.0)
    assert_samples(Predictive(guide, params=NORMAL, num_samples=1)(KEY, loc=1.0)["x"][0])


if __name__ == "__main__":
    failure()
