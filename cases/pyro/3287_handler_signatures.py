# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3287"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3287"]
# kind = "bug"
# api = ["pyro.poutine.condition", "pyro.poutine.block", "pyro.poutine.trace"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^condition takes fn, args, kwargs$"
# failing = ["pyro-ppl<1.9.0"]
#
# [tool.case.fix.messenger]
# source = "ours"
# ///
"""The signatures of effect handlers, as help() and editors show them, name no argument."""

import inspect
from collections.abc import Callable

from pyro import poutine
from pyro.poutine.condition_messenger import ConditionMessenger


def assert_parameters(handler: Callable[..., object], expected: str) -> None:
    parameters = ", ".join(inspect.signature(handler).parameters)
    assert parameters == expected, f"condition takes {parameters}"


def failure() -> None:
    """The signature of poutine.condition names what it takes."""
    assert_parameters(poutine.condition, "fn, data")


def fix_messenger() -> None:
    """The class behind the handler has the signature, without the function."""
    assert_parameters(ConditionMessenger, "data")


if __name__ == "__main__":
    failure()
