# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/37798"
# fixed-by = ["https://github.com/jax-ml/jax/pull/37798"]
# kind = "bug"
# api = ["jax.random.t"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^t parameter shapes must be broadcast-compatible with shape argument"
# failing = ["jax<0.10.2"]
#
# [tool.case.fix.shape]
# source = "ours"
#
# [tool.case.fix.ratio]
# source = "ours"
# ///
"""random.t refuses an array of degrees of freedom unless it is told the shape of its samples."""

import jax
import jax.numpy as jnp
from jax import random

DF = jnp.array([3.0, 30.0])


def check(samples: jax.Array) -> None:
    assert samples.shape == (2,), f"of shape {samples.shape}"
    assert jnp.isfinite(samples).all(), samples


def failure() -> None:
    """There is one sample for each of the parameters, as with the other distributions."""
    check(random.t(random.PRNGKey(0), DF))


def fix_shape(seed: int) -> None:
    """Pass the shape of the parameters."""
    check(random.t(random.PRNGKey(seed), DF, DF.shape))


def fix_ratio(seed: int) -> None:
    """Divide a normal sample by the root of a gamma sample, which takes arrays."""
    normal, gamma = random.split(random.PRNGKey(seed))
    half = DF / 2
    check(random.normal(normal, DF.shape) * jnp.sqrt(half / random.gamma(gamma, half)))


if __name__ == "__main__":
    failure()
