# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.8.4"]         # which brought flax.nnx
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/5375"
# fixed-by = ["https://github.com/google/flax/pull/5379"]
# kind = "bug"
# api = ["flax.nnx.Rngs"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^__json__ is a RngStream$"
# failing = ["flax<0.12.7"]
#
# [tool.case.fix.numpy]
# source = "ours"
# refuted = ["flax<0.12.7"]
# raises = "ValueError"
# match = "^invalid __array_struct__$"
#
# [tool.case.fix.name_the_streams]
# source = "ours"
# ///
"""Rngs says yes to every protocol: a special method that it lacks is its default stream."""

import numpy as np
from flax import nnx


def assert_lacks_protocol(rngs: nnx.Rngs) -> None:
    """Libraries ask for special methods to learn what an object can do."""
    method = getattr(rngs, "__json__", None)
    assert method is None, f"__json__ is a {type(method).__name__}"


def failure() -> None:
    """It has no special method that nobody wrote."""
    assert_lacks_protocol(nnx.Rngs(0))


def fix_numpy() -> None:
    """NumPy does not take it for an array, but for a sequence of names."""
    assert np.asarray(nnx.Rngs(0)).tolist() == ["default"]


def fix_name_the_streams() -> None:
    """Name every stream, so that there is no default."""
    assert_lacks_protocol(nnx.Rngs(params=0, dropout=1))


if __name__ == "__main__":
    failure()
