# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.10.3"]        # which brought nnx.tabulate
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/4580"
# fixed-by = ["https://github.com/google/flax/pull/4580"]
# kind = "bug"
# api = ["flax.nnx.tabulate"]
#
# [tool.case.failure]
# raises = "IndexError"
# match = "^list assignment index out of range$"
# failing = ["flax<0.10.5"]
#
# [tool.case.fix.two_outputs]
# source = "upstream"
# refuted = ["flax<0.10.5"]
# raises = "IndexError"
# match = "^list assignment index out of range$"
#
# [tool.case.fix.pair]
# source = "ours"
# refuted = ["flax<0.10.5"]
# raises = "IndexError"
# match = "^list assignment index out of range$"
#
# [tool.case.fix.keywords]
# source = "ours"
#
# [tool.case.fix.named_outputs]
# source = "ours"
# ///
"""nnx.tabulate fails for a module that takes two inputs, or returns two outputs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx

X, Y = jnp.ones(2), jnp.ones(3)


class Model(nnx.Module):
    def __call__(self, x: jax.Array, y: jax.Array) -> jax.Array:
        return x.sum() + y.sum()

    def of_pair(self, pair: tuple[jax.Array, jax.Array]) -> jax.Array:
        return pair[0].sum() + pair[1].sum()

    def split(self, both: jax.Array) -> tuple[jax.Array, jax.Array]:
        return both[:2], both[2:]

    def split_named(self, both: jax.Array) -> dict[str, jax.Array]:
        return {"x": both[:2], "y": both[2:]}


def assert_lists_both(*args: jax.Array | tuple, method: str = "__call__", **kwargs: jax.Array) -> None:
    """The table has the shapes of both arrays."""
    plain = {"force_terminal": False}
    table = nnx.tabulate(Model(), *args, method=method, console_kwargs=plain, **kwargs)
    assert "float32[2]" in table, table
    assert "float32[3]" in table, table


def failure() -> None:
    """Two inputs."""
    assert_lists_both(X, Y)


def fix_two_outputs() -> None:
    """Two outputs."""
    assert_lists_both(jnp.ones(5), method="split")


def fix_pair() -> None:
    """Make one input of them, a tuple."""
    assert_lists_both((X, Y), method="of_pair")


def fix_keywords() -> None:
    """Give all inputs by keyword."""
    assert_lists_both(x=X, y=Y)


def fix_named_outputs() -> None:
    """Return outputs in a dictionary."""
    assert_lists_both(jnp.ones(5), method="split_named")


if __name__ == "__main__":
    failure()
