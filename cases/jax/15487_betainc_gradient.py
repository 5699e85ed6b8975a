# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/15487"
# kind = "limitation"
# api = ["jax.scipy.special.betainc", "jax.scipy.stats.beta.cdf", "jax.lax.betainc"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = '^Betainc gradient with respect to a and b not supported\.$'
# failing = ["jax"]
#
# [tool.case.fix.beta_cdf]
# source = "ours"
# refuted = ["jax"]
# raises = "ValueError"
# match = '^Betainc gradient with respect to a and b not supported\.$'
#
# [tool.case.fix.differences]
# source = "ours"
#
# [tool.case.fix.integrate_density]
# source = "ours"
# ///
"""The incomplete beta function has no gradient with respect to its parameters."""

import math

import jax
import jax.numpy as jnp
from jax.scipy.special import betainc
from jax.scipy.stats import beta


def assert_gradient(gradient: float) -> None:
    """Where the second parameter is one, it is a power of x, here of one half."""
    assert math.isclose(gradient, 0.5 * math.log(0.5), rel_tol=2e-3), f"gradient {gradient}"


def failure() -> None:
    """The gradient with respect to the first parameter."""
    assert_gradient(float(jax.grad(lambda a: betainc(a, 1.0, 0.5))(1.0)))


def fix_beta_cdf() -> None:
    """Take the gradient of the distribution function of the beta distribution."""
    assert_gradient(float(jax.grad(lambda a: beta.cdf(0.5, a, 1.0))(1.0)))


def fix_differences() -> None:
    """Use a central difference."""
    assert_gradient(float(betainc(1.01, 1.0, 0.5) - betainc(0.99, 1.0, 0.5)) / 0.02)


def fix_integrate_density() -> None:
    """Take the gradient of a sum over the density."""
    x = 0.5 * (jnp.arange(2000) + 0.5) / 2000
    gradient = jax.jit(jax.grad(lambda a: 0.5 * beta.pdf(x, a, 1.0).mean()))
    assert_gradient(float(gradient(1.0)))


if __name__ == "__main__":
    failure()
