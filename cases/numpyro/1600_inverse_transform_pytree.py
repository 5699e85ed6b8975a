# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1600"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1600"]
# kind = "bug"
# api = ["numpyro.distributions.transforms.Transform.inv"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "^'tuple' object has no attribute '_inverse'$"
# failing = ["numpyro<0.13"]
#
# [tool.case.fix.returned]
# source = "upstream"
# refuted = ["numpyro<0.13"]
# raises = "AssertionError"
# match = "^came back as another transform$"
#
# [tool.case.fix.pass_the_transform]
# source = "ours"
#
# [tool.case.fix.close_over_it]
# source = "ours"
# ///
"""The inverse of a transform cannot be an argument of a jitted function."""

import jax
from numpyro.distributions.transforms import AffineTransform, ExpTransform

SHIFT_AND_DOUBLE = AffineTransform(1.0, 2.0)


def failure() -> None:
    """Inside of jit, the inverse takes 5 back to 2."""
    actual = jax.jit(lambda inverse: inverse(5.0))(SHIFT_AND_DOUBLE.inv)
    assert actual == 2.0, f"{actual}, not 2"


def fix_returned() -> None:
    """An inverse that a jitted function returns equals the one that it was given."""
    logarithm = ExpTransform().inv
    assert jax.jit(lambda inverse: inverse)(logarithm) == logarithm, "came back as another transform"


def fix_pass_the_transform() -> None:
    """Pass the transform itself, and invert it inside of the jitted function."""
    actual = jax.jit(lambda transform: transform.inv(5.0))(SHIFT_AND_DOUBLE)
    assert actual == 2.0, f"{actual}, not 2"


def fix_close_over_it() -> None:
    """Let the jitted function close over the inverse."""
    inverse = SHIFT_AND_DOUBLE.inv
    actual = jax.jit(lambda x: inverse(x))(5.0)
    assert actual == 2.0, f"{actual}, not 2"


if __name__ == "__main__":
    failure()
