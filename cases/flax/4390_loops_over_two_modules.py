# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.10.2"]        # which brought these loops
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/4390"
# fixed-by = ["https://github.com/google/flax/pull/4390"]
# kind = "bug"
# api = ["flax.nnx.fori_loop", "flax.nnx.while_loop"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^nnx.fori_loop requires body function's input and output to have the same reference"
# failing = ["flax<0.10.3"]
#
# [tool.case.fix.while_loop]
# source = "upstream"
# refuted = ["flax<0.10.3"]
# raises = "ValueError"
# match = "^nnx.while_loop requires body function's input and output to have the same reference"
#
# [tool.case.fix.one_module]
# source = "ours"
# ///
"""A loop over two modules is refused as if its body had exchanged them."""

from __future__ import annotations

import jax.numpy as jnp
from flax import nnx


class Counter(nnx.Module):
    def __init__(self) -> None:
        self.count = nnx.Variable(jnp.array(0))


class Pair(nnx.Module):
    def __init__(self) -> None:
        self.slow, self.fast = Counter(), Counter()


def step(slow: Counter, fast: Counter) -> tuple[Counter, Counter]:
    slow.count.value += 1
    fast.count.value += 2
    return slow, fast


def failure() -> None:
    """Both are updated three times."""
    pair = (Counter(), Counter())
    slow, fast = nnx.fori_loop(0, 3, lambda _, pair: step(*pair), pair)
    assert (slow.count.value, fast.count.value) == (3, 6)


def fix_while_loop() -> None:
    """A while loop takes two modules."""
    pair = (Counter(), Counter())
    slow, fast = nnx.while_loop(lambda pair: pair[0].count.value < 3, lambda pair: step(*pair), pair)
    assert (slow.count.value, fast.count.value) == (3, 6)


def fix_one_module() -> None:
    """Make both parts of one module."""

    def body(_: int, pair: Pair) -> Pair:
        step(pair.slow, pair.fast)
        return pair

    pair = nnx.fori_loop(0, 3, body, Pair())
    assert (pair.slow.count.value, pair.fast.count.value) == (3, 6)


if __name__ == "__main__":
    failure()
