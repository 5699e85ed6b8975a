# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.8.4"]         # which brought flax.nnx
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/4992"
# introduced-by = ["https://github.com/google/flax/pull/4561"]
# fixed-by = ["https://github.com/google/flax/pull/4992"]
# kind = "bug"
# api = ["flax.nnx.State.__sub__"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "^'FlatState' object has no attribute 'items'$"
# failing = ["flax>=0.10.4,<0.12.1"]
#
# [tool.case.fix.filter]
# source = "ours"
# ///
"""Two states of a module cannot be subtracted any more."""

from flax import nnx


def module() -> nnx.Module:
    return nnx.BatchNorm(2, rngs=nnx.Rngs(0))


def failure() -> None:
    """Without the statistics, what is left of the state are the parameters."""
    rest = nnx.state(module()) - nnx.state(module(), nnx.BatchStat)
    assert set(rest) == {"scale", "bias"}, rest


def fix_filter() -> None:
    """Take the rest with a filter."""
    rest = nnx.state(module(), nnx.Not(nnx.BatchStat))
    assert set(rest) == {"scale", "bias"}, rest


if __name__ == "__main__":
    failure()
