"""What the strings of a header may be."""

from __future__ import annotations

import re
import warnings
from functools import cache

from packaging.requirements import Requirement


@cache
def read_requirement(text: str) -> Requirement:
    """A corpus says the same few things thousands of times; nobody changes a requirement in place."""
    return Requirement(text)


@cache
def wrong_pattern(text: str) -> str:
    """What is wrong with a regular expression; empty where nothing is."""
    try:
        with warnings.catch_warnings(action="error"):
            re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        return str(error)
    return ""


def is_release(requirement: Requirement) -> bool:
    """Tell whether a requirement names one release, and says nothing else."""
    pins = [(each.operator, each.version.endswith(".*")) for each in requirement.specifier]
    return pins == [("==", False)] and not (requirement.extras or requirement.marker)
