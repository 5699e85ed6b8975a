# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.10"]          # which brought pure dictionaries
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/4858"
# introduced-by = ["https://github.com/google/flax/pull/4317"]
# fixed-by = ["https://github.com/google/flax/pull/4860"]
# kind = "bug"
# api = ["flax.nnx.State.replace_by_pure_dict", "flax.nnx.replace_by_pure_dict"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^key in pure_dict not available in state: \\(0,\\)$"
# failing = ["flax>=0.10.1,<0.11.2"]
#
# [tool.case.fix.integer_keys]
# source = "ours"
#
# [tool.case.fix.no_digits]
# source = "ours"
# ///
"""A state whose keys are digits cannot take back the pure dictionary that it gave."""

from __future__ import annotations

import jax.numpy as jnp
from flax import nnx


def assert_replaces(key: str | int) -> None:
    """The state takes another value for its only parameter."""
    state = nnx.State({key: nnx.Param(jnp.array(1.0))})
    pure = state.to_pure_dict()
    pure[key] = jnp.array(2.0)
    state.replace_by_pure_dict(pure)
    assert state.to_pure_dict() == {key: 2.0}, state


def failure() -> None:
    """The state takes a pure dictionary of the same structure."""
    assert_replaces("0")


def fix_integer_keys() -> None:
    """Use integers for keys."""
    assert_replaces(0)


def fix_no_digits() -> None:
    """Put a letter before the digits."""
    assert_replaces("layer_0")


if __name__ == "__main__":
    failure()
