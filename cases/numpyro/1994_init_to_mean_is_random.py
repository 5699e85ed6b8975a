# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1994"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1994"]
# kind = "silent"
# api = ["numpyro.infer.init_to_mean"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^x starts at \d\.\d+, not at 5$'
# failing = ["numpyro<0.18"]
#
# [tool.case.fix.median_inside_the_support]
# source = "upstream"
# refuted = ["numpyro<0.18"]
# raises = "AssertionError"
# match = '^the sum of the median is \d\.\d+, not 1$'
#
# [tool.case.fix.init_to_value]
# source = "ours"
#
# [tool.case.fix.init_to_median]
# source = "ours"
# ///
"""init_to_mean starts inference at a random draw from the prior."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.distributions.transforms import StickBreakingTransform
from numpyro.infer import init_to_mean, init_to_median, init_to_value


def start(prior: dist.Distribution, strategy: Callable, seed: int) -> jax.Array:
    """The value at which inference starts, as it determines that."""

    @jax.jit
    def value(key: jax.Array) -> jax.Array:
        with handlers.substitute(substitute_fn=strategy), handlers.seed(rng_seed=key):
            return numpyro.sample("x", prior)

    return value(jax.random.PRNGKey(seed))


def assert_near_mean(strategy: Callable, seed: int, tolerance: float = 0.0) -> None:
    x = float(start(dist.Normal(5.0, 1.0), strategy, seed))
    assert abs(x - 5) <= tolerance, f"x starts at {x:.4f}, not at 5"


def failure(seed: int) -> None:
    """The start is the mean of the prior."""
    assert_near_mean(init_to_mean, seed)


def fix_median_inside_the_support(seed: int) -> None:
    """The start at a median is inside of the support: probabilities add up to one."""
    normal = dist.Normal(jnp.zeros(3), 3.0).to_event(1)
    simplex = dist.TransformedDistribution(normal, StickBreakingTransform())
    total = float(start(simplex, init_to_median, seed).sum())
    assert abs(total - 1) < 1e-4, f"the sum of the median is {total:.4f}, not 1"


def fix_init_to_value(seed: int) -> None:
    """With the mean as a value, init_to_value starts there."""
    assert_near_mean(init_to_value(values={"x": 5.0}), seed)


def fix_init_to_median(seed: int) -> None:
    """With many draws, init_to_median starts near the mean of a symmetric prior."""
    assert_near_mean(init_to_median(num_samples=10_000), seed, tolerance=0.1)


if __name__ == "__main__":
    failure(seed=0)
