# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/17738"
# kind = "silent"
# api = ["jax.scipy.special.polygamma", "jax.scipy.special.zeta"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^pi squared / 6 is 1\\.6449342\\d+$"
# failing = ["jaxlib<0.4.26"]
#
# [tool.case.fix.zeta]
# source = "documented"
# refuted = ["jaxlib<0.4.26"]
# raises = "AssertionError"
# match = "^pi squared / 6 is 1\\.6449342\\d+$"
#
# [tool.case.fix.gradient_of_digamma]
# source = "ours"
# refuted = ["jaxlib<0.4.26"]
# raises = "AssertionError"
# match = "^pi squared / 6 is 1\\.6449342\\d+$"
#
# [tool.case.fix.upward]
# source = "ours"
# ///
"""In double precision, polygamma has the accuracy of single precision only."""

import math

import jax
import jax.numpy as jnp
from jax.scipy.special import digamma, polygamma, zeta

jax.config.update("jax_enable_x64", True)


def check(value: jax.Array) -> None:
    assert value.dtype == jnp.float64, value.dtype
    assert abs(float(value) - math.pi**2 / 6) < 1e-13, f"pi squared / 6 is {value}"


def failure() -> None:
    """The trigamma function is accurate to double precision at one."""
    check(polygamma(1, 1.0))


def fix_zeta() -> None:
    """The zeta function is accurate."""
    check(zeta(2.0, 1.0))


def fix_gradient_of_digamma() -> None:
    """The gradient of the digamma function is accurate."""
    check(jax.grad(digamma)(1.0))


def fix_upward() -> None:
    """The recurrence leads to large arguments, where a short series is accurate."""
    n = jnp.arange(1.0, 20.0)
    series = 1 / 20 + 1 / (2 * 20**2) + 1 / (6 * 20**3) - 1 / (30 * 20**5) + 1 / (42 * 20**7)
    check(jnp.sum(n**-2) + series)


if __name__ == "__main__":
    failure()
