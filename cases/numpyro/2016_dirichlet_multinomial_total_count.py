# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2016"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2016"]
# kind = "feature"
# api = ["numpyro.distributions.DirichletMultinomial(total_count_max=)"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "__init__\\(\\) got an unexpected keyword argument 'total_count_max'"
# failing = ["numpyro<0.19"]
#
# [tool.case.fix.one_count]
# source = "documented"
# refuted = ["numpyro"]               # for a count that is no array, all take the bound itself
# raises = ["TypeError", "AssertionError"]
# match = "unexpected keyword argument 'total_count_max'|^9 in all, not 5$"
#
# [tool.case.fix.static]
# source = "ours"
#
# [tool.case.fix.two_steps]
# source = "ours"
# ///
"""A compiled function cannot sample a DirichletMultinomial with a total count that varies."""

from collections.abc import Callable

import jax
import numpy as np
import numpyro.distributions as dist

CONCENTRATION = np.array([1.0, 2.0])


def assert_totals(sample: Callable[[jax.Array, object], jax.Array], seed: int) -> None:
    totals = sample(jax.random.PRNGKey(seed), np.array([2, 5])).sum(-1).tolist()
    assert totals == [2, 5], f"{totals} in all, not [2, 5]"


@jax.jit
def with_bound(key: jax.Array, count: jax.Array) -> jax.Array:
    return dist.DirichletMultinomial(CONCENTRATION, count, total_count_max=9).sample(key)


def failure(seed: int) -> None:
    """With a bound to the total count, it can vary."""
    assert_totals(with_bound, seed)


def fix_one_count(seed: int) -> None:
    """With a bound to the total count, it can vary, also where it is a single number."""
    total = int(with_bound(jax.random.PRNGKey(seed), 5).sum())
    assert total == 5, f"{total} in all, not 5"


def fix_static(seed: int) -> None:
    """A compiled function that knows the total counts can sample."""

    def sample(key: jax.Array, count: np.ndarray) -> jax.Array:
        compiled = jax.jit(lambda key: dist.DirichletMultinomial(CONCENTRATION, count).sample(key))
        return compiled(key)

    assert_totals(sample, seed)


def fix_two_steps(seed: int) -> None:
    """A Multinomial of probabilities from a Dirichlet takes a bound to the total count."""

    @jax.jit
    def sample(key: jax.Array, count: jax.Array) -> jax.Array:
        first, second = jax.random.split(key)
        probs = dist.Dirichlet(CONCENTRATION).sample(first, count.shape)
        return dist.Multinomial(count, probs, total_count_max=9).sample(second)

    assert_totals(sample, seed)


if __name__ == "__main__":
    failure(seed=0)
