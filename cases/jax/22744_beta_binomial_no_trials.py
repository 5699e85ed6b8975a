# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/22744"
# fixed-by = ["https://github.com/jax-ml/jax/pull/22744"]
# kind = "silent"
# api = ["jax.scipy.stats.betabinom.logpmf", "jax.scipy.stats.betabinom.pmf"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^log probabilities of no success: \[nan, -0\.693\]$'
# failing = ["jax<0.4.32"]
#
# [tool.case.fix.clip_after]
# source = "ours"
#
# [tool.case.fix.one_trial]
# source = "ours"
# ///
"""The beta-binomial log probability is NaN where there are no trials."""

import jax.numpy as jnp
from jax.scipy.stats import betabinom

TRIALS = jnp.array([0, 1])


def assert_log_probabilities(logpmf: jnp.ndarray) -> None:
    """No success is certain in no trial, and has an even chance in one."""
    actual = [round(float(value), 3) for value in logpmf]
    assert actual == [0.0, -0.693], f"log probabilities of no success: {actual}"


def failure() -> None:
    """No trial and one trial, under a uniform prior."""
    assert_log_probabilities(betabinom.logpmf(0, TRIALS, 1.0, 1.0))


def fix_clip_after() -> None:
    """Replace the result where there is no trial."""
    logpmf = betabinom.logpmf(0, TRIALS, 1.0, 1.0)
    assert_log_probabilities(jnp.where(TRIALS == 0, 0.0, logpmf))


def fix_one_trial() -> None:
    """Where there is no trial, evaluate one trial and do not use it, so that gradients are right."""
    logpmf = betabinom.logpmf(0, jnp.maximum(TRIALS, 1), 1.0, 1.0)
    assert_log_probabilities(jnp.where(TRIALS == 0, 0.0, logpmf))


if __name__ == "__main__":
    failure()
