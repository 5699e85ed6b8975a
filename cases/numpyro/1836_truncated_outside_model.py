# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1836"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1843"]
# kind = "bug"
# api = [
#   "numpyro.distributions.TruncatedCauchy",
#   "numpyro.distributions.TruncatedDistribution",
#   "numpyro.distributions.TruncatedNormal",
# ]
#
# [tool.case.failure]
# raises = "UnexpectedTracerError"
# match = 'Encountered an unexpected tracer.* intermediate value with type float32\[\]'
# failing = ["numpyro<0.15.3"]
#
# [tool.case.fix.define_in_model]
# source = "documented"
#
# [tool.case.fix.do_not_render]    # claimed in numpyro-1651
# source = "documented"
# refuted = ["numpyro<0.15.3"]
# raises = "UnexpectedTracerError"
# match = 'Encountered an unexpected tracer.* intermediate value with type float32\[\]'
#
# [tool.case.fix.half_normal]
# source = "ours"
#
# [tool.case.fix.use_once_before]
# source = "ours"
# ///
"""A truncated distribution that is made outside of the model can be used only once."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer import Predictive


def model_of(prior: dist.Distribution) -> Callable[[], None]:
    """A model of a prior that is made outside of it."""

    def model() -> None:
        numpyro.sample("x", prior)

    return model


def check(model: Callable[[], None], seed: int) -> None:
    """Assert that the model can be sampled twice."""
    for key in jax.random.split(jax.random.PRNGKey(seed)):
        samples = Predictive(model, num_samples=5)(key)["x"]
        assert samples.shape == (5,), samples.shape
        assert (samples >= 0).all(), samples


def failure(seed: int) -> None:
    """The model can be sampled twice."""
    check(model_of(dist.TruncatedNormal(low=0.0)), seed)


def fix_define_in_model(seed: int) -> None:
    """Make the distribution in the model, anew in every call."""

    def model() -> None:
        numpyro.sample("x", dist.TruncatedNormal(low=0.0))

    check(model, seed)


def fix_do_not_render() -> None:
    """Do not render the model: without that, the distribution can be used again."""
    prior = dist.TruncatedNormal(low=0.0)
    in_jit = float(jax.jit(prior.log_prob)(1.0))
    afterwards = float(prior.log_prob(1.0))
    assert abs(in_jit - afterwards) < 1e-5, f"log density {in_jit}, then {afterwards}"


def fix_half_normal(seed: int) -> None:
    """A distribution that is not truncated can be made outside."""
    check(model_of(dist.HalfNormal()), seed)


def fix_use_once_before(seed: int) -> None:
    """Used once outside of JAX's transformations, it keeps numbers instead of tracers."""
    prior = dist.TruncatedNormal(low=0.0)
    prior.sample(jax.random.PRNGKey(0))
    check(model_of(prior), seed)


if __name__ == "__main__":
    failure(seed=0)
