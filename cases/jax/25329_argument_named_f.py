# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/25329"
# introduced-by = ["https://github.com/jax-ml/jax/pull/24873"]
# fixed-by = ["https://github.com/jax-ml/jax/commit/95892fdac86524151b6dadd7d8bedbf915f1500f"]
# kind = "bug"
# api = ["jax.jit"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "got multiple values for argument 'f'$"
# failing = ["jax==0.4.36"]
#
# [tool.case.fix.by_position]
# source = "ours"
#
# [tool.case.fix.another_name]
# source = "ours"
# ///
"""A jitted function cannot be called with a keyword argument named f."""

import jax


@jax.jit
def square(f: float) -> float:
    return f**2


def failure() -> None:
    """The argument is passed on, whatever its name."""
    assert square(f=3.0) == 9.0


def fix_by_position() -> None:
    """Pass the argument by its position."""
    assert square(3.0) == 9.0


def fix_another_name() -> None:
    """Rename the argument."""
    assert jax.jit(lambda x: x**2)(x=3.0) == 9.0


if __name__ == "__main__":
    failure()
