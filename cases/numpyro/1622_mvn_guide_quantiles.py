# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1622"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1622"]
# kind = "silent"
# api = [
#   "numpyro.infer.autoguide.AutoMultivariateNormal().quantiles",
#   "numpyro.infer.autoguide.AutoLaplaceApproximation().quantiles",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^standard deviations: \[1\.0, 3\.0\]$'
# failing = ["numpyro<0.13"]
#
# [tool.case.fix.posterior]
# source = "ours"
# ///
"""Quantiles of AutoMultivariateNormal leave out that its variables are correlated."""

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.handlers import seed
from numpyro.infer.autoguide import AutoMultivariateNormal

PARAMS = {"auto_loc": jnp.zeros(2), "auto_scale_tril": jnp.array([[1.0, 0.0], [4.0, 3.0]])}


def model() -> None:
    numpyro.sample("x", dist.Normal(0.0, 1.0).expand([2]).to_event(1))


def initialised() -> AutoMultivariateNormal:
    guide = AutoMultivariateNormal(model)
    seed(guide, rng_seed=0)()
    return guide


def assert_deviations(deviations: jax.Array) -> None:
    """Assert that they are 1 and the root of 4 * 4 + 3 * 3."""
    rounded = [round(float(deviation), 2) for deviation in deviations]
    assert rounded == [1.0, 5.0], f"standard deviations: {rounded}"


def failure() -> None:
    """The quantile of a standard deviation is one standard deviation from the mean."""
    quantile = dist.Normal(0.0, 1.0).cdf(1.0)
    assert_deviations(initialised().quantiles(PARAMS, quantile)["x"])


def fix_posterior() -> None:
    """The posterior distribution of the guide knows the right variances."""
    assert_deviations(jnp.sqrt(initialised().get_posterior(PARAMS).variance))


if __name__ == "__main__":
    failure()
