# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2176"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2176"]
# kind = "silent"
# api = ["numpyro.distributions.Poisson"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^log probability of no event at rate 0 is nan$'
# failing = ["numpyro<0.21"]
#
# [tool.case.fix.gradient]
# source = "ours"
# refuted = ["numpyro"]
# raises = "AssertionError"
# match = '^gradient is nan, not -1$'
#
# [tool.case.fix.validate_args]
# source = "documented"
#
# [tool.case.fix.tiny_rate]
# source = "documented"
#
# [tool.case.fix.is_sparse]
# source = "ours"
# ///
"""Poisson with a rate of zero gives no event the log probability NaN."""

import math

import jax
import jax.numpy as jnp
import numpyro.distributions as dist


def assert_certain(log_prob: float) -> None:
    wrong = f"log probability of no event at rate 0 is {log_prob}"
    assert math.isclose(log_prob, 0.0, abs_tol=1e-5), wrong


def failure() -> None:
    """No event is certain where the rate is zero."""
    assert_certain(float(dist.Poisson(0.0).log_prob(0)))


def fix_gradient() -> None:
    """The gradient with respect to a rate of zero is right, too: -1."""
    gradient = float(jax.grad(lambda rate: dist.Poisson(rate).log_prob(0))(0.0))
    assert gradient == -1.0, f"gradient is {gradient}, not -1"


def fix_validate_args() -> None:
    """With validate_args=True there is no NaN: a rate that cannot be evaluated is refused."""
    try:
        poisson = dist.Poisson(0.0, validate_args=True)
    except ValueError:
        return
    assert_certain(float(poisson.log_prob(0)))


def fix_tiny_rate() -> None:
    """A tiny number added to the rate gives probabilities that are practically right."""
    log_prob = float(dist.Poisson(0.0 + 1e-10).log_prob(0))
    assert_certain(log_prob)


def fix_is_sparse() -> None:
    """With is_sparse=True, the logarithm of the rate is taken only where there are events."""
    sparse = dist.Poisson(jnp.array([0.0, 1.0]), is_sparse=True)
    assert_certain(float(sparse.log_prob(jnp.array([0, 2]))[0]))


if __name__ == "__main__":
    failure()
