# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2201"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2201"]
# kind = "silent"
# api = ["numpyro.distributions"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^no error, and the log density is nan$"
# failing = ["numpyro<0.22"]
#
# [tool.case.fix.enable_validation]
# source = "documented"
#
# [tool.case.fix.validation_enabled]
# source = "documented"
#
# [tool.case.fix.validate_args]
# source = "documented"
# ///
"""Distributions accept parameters that are not valid, such as a negative scale."""

from collections.abc import Callable

import numpyro
import numpyro.distributions as dist


def assert_refused(make: Callable[[], dist.Distribution]) -> None:
    try:
        normal = make()
    except ValueError:
        return
    raise AssertionError(f"no error, and the log density is {normal.log_prob(1.0):.0f}")


def failure() -> None:
    """A scale below zero is refused."""
    assert_refused(lambda: dist.Normal(0.0, -1.0))


def fix_enable_validation() -> None:
    """With enable_validation at the start, it is refused."""
    numpyro.enable_validation()
    assert_refused(lambda: dist.Normal(0.0, -1.0))


def fix_validation_enabled() -> None:
    """In the context of validation_enabled, it is refused."""
    with numpyro.validation_enabled():
        assert_refused(lambda: dist.Normal(0.0, -1.0))


def fix_validate_args() -> None:
    """With validate_args, it is refused."""
    assert_refused(lambda: dist.Normal(0.0, -1.0, validate_args=True))


if __name__ == "__main__":
    failure()
