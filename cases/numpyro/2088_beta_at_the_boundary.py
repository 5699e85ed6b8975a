# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2088"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2089"]
# kind = "silent"
# api = ["numpyro.distributions.Beta"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^log density at 0 is nan, not 2\.079$'
# failing = ["numpyro<0.20"]
#
# [tool.case.fix.gradient]
# source = "ours"
# refuted = ["numpyro>=0.20"]     # the fix of the density broke it
# raises = "AssertionError"
# match = '^gradient is 0\.000, not 0\.125$'
#
# [tool.case.fix.clip]
# source = "ours"
# ///
"""Beta(1, b) has the log density NaN at 0, where it is log(b)."""

import math

import jax
import jax.numpy as jnp
import numpyro.distributions as dist


def log_density(value: float, b: float = 8.0) -> jax.Array:
    return dist.Beta(1.0, b).log_prob(value)


def assert_close(actual: float, expected: float, what: str) -> None:
    wrong = f"{what} is {actual:.3f}, not {expected:.3f}"
    assert math.isclose(actual, expected, abs_tol=1e-3), wrong


def failure() -> None:
    """The density at the boundary is the limit of the density beside it."""
    assert_close(float(log_density(0.0)), math.log(8), "log density at 0")


def fix_gradient() -> None:
    """The gradient with respect to b is right at the boundary, too: 1 / b."""
    gradient = jax.grad(lambda b: log_density(0.0, b))(8.0)
    assert_close(float(gradient), 1 / 8, "gradient")


def fix_clip() -> None:
    """Values clipped to the inside of the support have practically the right density."""
    inside = jnp.clip(0.0, 1e-6, 1 - 1e-6)
    assert_close(float(log_density(inside)), math.log(8), "log density at 0")


if __name__ == "__main__":
    failure()
