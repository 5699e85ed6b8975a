# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1681"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1681"]
# kind = "silent"
# api = ["numpyro.distributions.Kumaraswamy"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^log density inf, gradient -inf$"
# failing = ["numpyro<0.14"]
#
# [tool.case.fix.right_value]
# source = "ours"
# refuted = ["numpyro"]           # clipping makes it finite, not right
# raises = "AssertionError"
# match = "^log density (inf|9\\.7\\d), not 11\\.8\\d$"
#
# [tool.case.fix.density_by_hand]
# source = "ours"
# ///
"""Log density and gradient of Kumaraswamy are infinite at the largest of its samples."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist

A = B = 0.1
X = np.float32(1 - 2**-23)  # no sample is larger; X**A rounds to 1
EXPECTED = math.log(A * B) + (A - 1) * math.log(X) + (B - 1) * math.log(-math.expm1(A * math.log(X)))


def log_density(a: float) -> jax.Array:
    return dist.Kumaraswamy(a, B).log_prob(X)


def failure() -> None:
    """Value and gradient are finite inside of the support."""
    value, gradient = jax.value_and_grad(log_density)(A)
    finite = jnp.isfinite(jnp.array([value, gradient]))
    assert finite.all(), f"log density {value}, gradient {gradient}"


def fix_right_value() -> None:
    """The finite value is right, too."""
    value = float(log_density(A))
    assert math.isclose(value, EXPECTED, rel_tol=1e-3), f"log density {value:.2f}, not {EXPECTED:.2f}"


def fix_density_by_hand() -> None:
    """With 1 - x**a written as -expm1(a * log(x)), the value is right and the gradient finite."""

    def by_hand(a: float) -> jax.Array:
        power = a * jnp.log(X)
        return jnp.log(a * B) + power - jnp.log(X) + (B - 1) * jnp.log(-jnp.expm1(power))

    value, gradient = jax.value_and_grad(by_hand)(A)
    assert math.isclose(value, EXPECTED, rel_tol=1e-3), f"log density {value:.2f}, not {EXPECTED:.2f}"
    assert jnp.isfinite(gradient), f"gradient {gradient}"


if __name__ == "__main__":
    failure()
