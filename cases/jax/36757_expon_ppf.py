# /// script
# requires-python = ">=3.9"
# dependencies = ["jax>=0.5.1"]      # which brought it
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/36757"
# fixed-by = ["https://github.com/jax-ml/jax/pull/36903"]
# kind = "silent"
# api = ["jax.scipy.stats.expon.ppf"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^-0\\.405\\d, not 2\\.886\\d$"
# failing = ["jax<0.10.1"]
#
# [tool.case.fix.standard]
# source = "ours"
#
# [tool.case.fix.by_hand]
# source = "ours"
# ///
"""expon.ppf neither scales nor shifts the quantile."""

import jax
import jax.numpy as jnp
from jax.scipy import stats

LOC, SCALE = 1.5, 2.0


def check(median: jax.Array) -> None:
    right = LOC + SCALE * 0.6931472
    assert abs(float(median) - right) < 1e-5, f"{median:.4f}, not {right:.4f}"


def failure() -> None:
    """Half of the distribution is below its median."""
    check(stats.expon.ppf(0.5, LOC, SCALE))


def fix_standard() -> None:
    """Scale and shift the quantile of the standard distribution."""
    check(LOC + SCALE * stats.expon.ppf(0.5))


def fix_by_hand() -> None:
    """The formula has one line."""
    check(LOC - SCALE * jnp.log1p(-0.5))


if __name__ == "__main__":
    failure()
