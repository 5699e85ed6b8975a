# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/27702"
# fixed-by = ["https://github.com/jax-ml/jax/commit/a7b01146f219af64d16e72d110e6efda0e0f56b9"]
# kind = "silent"
# api = ["jax.random.randint(dtype=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^0\.6\d below 56$'
# failing = ["jax<0.7.2"]
#
# [tool.case.fix.uint16]
# source = "documented"
#
# [tool.case.fix.default_dtype]
# source = "documented"
# ///
"""Random integers of eight bits are not uniform: small ones come half as often again."""

import jax
from jax import random


def assert_uniform(integers: jax.Array) -> None:
    """Of the integers below 100, 56 of 100 are below 56."""
    share = float((integers < 56).mean())
    assert abs(share - 0.56) < 0.03, f"{share:.2f} below 56"


def failure(seed: int) -> None:
    """Ten thousand integers of eight bits."""
    assert_uniform(random.randint(random.PRNGKey(seed), (10_000,), 0, 100, dtype="uint8"))


def fix_uint16(seed: int) -> None:
    """Draw integers of 16 bits, and convert them."""
    integers = random.randint(random.PRNGKey(seed), (10_000,), 0, 100, dtype="uint16")
    assert_uniform(integers.astype("uint8"))


def fix_default_dtype(seed: int) -> None:
    """Draw without a dtype, and convert."""
    assert_uniform(random.randint(random.PRNGKey(seed), (10_000,), 0, 100).astype("uint8"))


if __name__ == "__main__":
    failure(seed=0)
