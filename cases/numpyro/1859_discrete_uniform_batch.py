# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1859"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1859"]
# kind = "bug"
# api = ["numpyro.distributions.DiscreteUniform"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = 'add got incompatible shapes for broadcasting: \(2,\), \(4,\)'
# failing = ["numpyro<0.15.3"]
#
# [tool.case.fix.batched_high]
# source = "ours"
#
# [tool.case.fix.expand]
# source = "ours"
# refuted = ["numpyro<0.20"]      # enumerating an expanded distribution failed for a reason of its own
# raises = "AttributeError"
# match = "object has no attribute 'expand'"
#
# [tool.case.fix.one_element]
# source = "ours"
# ///
"""DiscreteUniform with an array of lower bounds cannot be enumerated."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpyro.distributions as dist


def check(support: jax.Array) -> None:
    """Assert that each of two elements takes the values 0 to 3."""
    assert support.tolist() == [[0, 0], [1, 1], [2, 2], [3, 3]], support


def failure() -> None:
    """The support of two elements is enumerated for both."""
    check(dist.DiscreteUniform(jnp.array([0, 0]), 3).enumerate_support())


def fix_batched_high() -> None:
    """An array of upper bounds, with one lower bound, can be enumerated."""
    check(dist.DiscreteUniform(0, jnp.array([3, 3])).enumerate_support())


def fix_expand() -> None:
    """A distribution of one element can be expanded to two."""
    check(dist.DiscreteUniform(0, 3).expand([2]).enumerate_support())


def fix_one_element() -> None:
    """The support of one element can be repeated for each."""
    support = dist.DiscreteUniform(0, 3).enumerate_support()
    check(jnp.stack([support, support], axis=1))


if __name__ == "__main__":
    failure()
