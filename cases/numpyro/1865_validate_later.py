# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1865"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1866"]
# kind = "feature"
# api = ["numpyro.distributions.Distribution.validate_args"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "^'Normal' object has no attribute 'validate_args'$"
# failing = ["numpyro<0.16"]
#
# [tool.case.fix.constructor]
# source = "documented"
# ///
"""The arguments of a distribution cannot be validated after it was made."""

from __future__ import annotations

from collections.abc import Callable

import numpyro.distributions as dist


def assert_refuses(validate: Callable[[float], object]) -> None:
    """Assert that a negative scale is refused."""
    message = "nothing"
    try:
        validate(-1.0)
    except ValueError as error:
        message = str(error)
    assert message == "Normal distribution got invalid scale parameter.", message


def failure() -> None:
    """A negative scale is found by the method that validates arguments."""
    assert_refuses(lambda scale: dist.Normal(0.0, scale).validate_args())


def fix_constructor() -> None:
    """Have the arguments validated when the distribution is made."""
    assert_refuses(lambda scale: dist.Normal(0.0, scale, validate_args=True))


if __name__ == "__main__":
    failure()
