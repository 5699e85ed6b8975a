# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/10951"
# kind = "silent"
# api = ["jax.random.truncated_normal"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^mean [67]\.00, not 6\.16$'
# failing = ["jax"]
#
# [tool.case.fix.other_tail]
# source = "ours"
# refuted = ["jax"]
# raises = "AssertionError"
# match = '^mean [67]\.00, not 6\.16$'
#
# [tool.case.fix.x64]
# source = "ours"
#
# [tool.case.fix.quantiles]
# source = "ours"
# ///
"""Samples of a normal distribution truncated to its tail are all at one of its bounds."""

import jax
import jax.numpy as jnp
from jax import random
from jax.scipy.special import ndtr, ndtri


def assert_tail(samples: jax.Array) -> None:
    """Most are near the lower bound of six."""
    mean = float(samples.mean())
    assert abs(mean - 6.16) < 0.05, f"mean {mean:.2f}, not 6.16"


def failure(seed: int) -> None:
    """Between six and seven standard deviations."""
    assert_tail(random.truncated_normal(random.PRNGKey(seed), 6.0, 7.0, (1000,)))


def fix_other_tail(seed: int) -> None:
    """Draw from the other tail, and change the sign."""
    assert_tail(-random.truncated_normal(random.PRNGKey(seed), -7.0, -6.0, (1000,)))


def fix_x64(seed: int) -> None:
    """Compute in 64 bits."""
    jax.config.update("jax_enable_x64", True)
    assert_tail(random.truncated_normal(random.PRNGKey(seed), 6.0, 7.0, (1000,)))


def fix_quantiles(seed: int) -> None:
    """Take normal quantiles of small numbers, and change the sign."""
    low, high = ndtr(jnp.array([-7.0, -6.0]))
    u = random.uniform(random.PRNGKey(seed), (1000,), minval=low, maxval=high)
    assert_tail(-jax.jit(ndtri)(u))


if __name__ == "__main__":
    failure(seed=0)
