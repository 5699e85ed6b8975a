# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/22045"
# introduced-by = ["https://github.com/jax-ml/jax/commit/cec796f5dc9ee5bd333b7453e87ffc02782a4a1b"]
# fixed-by = ["https://github.com/jax-ml/jax/commit/018189491bde26fe9c7ade1213c5cbbad8bca1c6"]
# kind = "bug"
# api = ["jax.lax.scan", "jax.grad", "jax.device_put"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "body_fun output and input must have identical types|carry input and carry output must have equal"
# failing = ["jax>=0.4.30,<0.4.34"]
#
# [tool.case.fix.put_each]
# source = "documented"
#
# [tool.case.fix.asarray]
# source = "ours"
#
# [tool.case.fix.float_index]
# source = "documented"
# ///
"""A scan that starts from integers and floats put on the device together has no gradient."""

from collections.abc import Callable

import jax
import jax.numpy as jnp


def check(start: Callable[[jax.Array], tuple]) -> None:
    """Assert the gradient of three sums of the start and a number."""

    def total(x: jax.Array) -> jax.Array:
        carry = start(x)
        return jax.lax.scan(lambda c, t: (c, c[1] + t), carry, jnp.arange(3))[1].sum()

    gradient = float(jax.grad(total)(1.0))
    assert gradient == 3.0, f"gradient {gradient}"


def failure() -> None:
    """The start of a scan can be put on the device as a whole."""
    check(lambda x: jax.device_put((0, x)))


def fix_put_each() -> None:
    """Put each part on the device by itself."""
    check(lambda x: (jax.device_put(0), jax.device_put(x)))


def fix_asarray() -> None:
    """Make arrays of the parts, which puts them on the device."""
    check(lambda x: (jnp.asarray(0), jnp.asarray(x)))


def fix_float_index() -> None:
    """Use a float in place of the integer."""
    check(lambda x: jax.device_put((0.0, x)))


if __name__ == "__main__":
    failure()
