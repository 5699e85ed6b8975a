# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1760"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1760"]
# kind = "bug"
# api = ["numpyro.prng_key"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^returned None, warned \\[\\]$"
# failing = ["numpyro<0.15"]
#
# [tool.case.fix.under_other_handlers]
# source = "ours"
# refuted = ["numpyro"]           # only a call under no handler at all warns
# raises = "AssertionError"
# match = "^returned None, warned \\[\\]$"
#
# [tool.case.fix.seed_handler]
# source = "documented"
# ///
"""Without a seed handler, prng_key returns None and says nothing."""

from __future__ import annotations

import warnings

import jax
import numpyro
from numpyro import handlers


def assert_warns() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        key = numpyro.prng_key()
    messages = [str(warning.message) for warning in caught]
    assert any("outside of `seed`" in message for message in messages), f"returned {key}, warned {messages}"


def failure() -> None:
    """The call warns that there is no key."""
    assert_warns()


def fix_under_other_handlers() -> None:
    """It warns, too, when there are handlers, but none of them is seed."""
    with handlers.trace():
        assert_warns()


def fix_seed_handler() -> None:
    """With a seed handler there is a key."""
    with handlers.seed(rng_seed=0):
        key = numpyro.prng_key()
    assert jax.random.normal(key).shape == ()


if __name__ == "__main__":
    failure()
