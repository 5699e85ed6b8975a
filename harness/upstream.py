"""Addresses of issues and pull requests, and the library that they are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.config import Library
from harness.errors import UsageError

_THREAD = re.compile(
    r"https?://(?:www\.)?github\.com/(?P<repository>[\w.-]+/[\w.-]+)/(?P<kind>issues|pull)/(?P<number>[0-9]{1,9})"
    r"(?:[/?#]\S*)?",
    re.ASCII | re.IGNORECASE,
)
"""What follows the number (a comment, a commit, a list of files) is part of the same thread."""


@dataclass(frozen=True, kw_only=True)
class Thread:
    """An issue or a pull request of a library."""

    library: Library
    number: int
    address: str
    """Without what leads to one place in it."""


def read_thread(address: str, libraries: Mapping[str, Library]) -> Thread:
    """What an address is about.

    Raises:
        UsageError: it is none of an issue or pull request, or its repository is of no known library.
    """
    found = _THREAD.fullmatch(address.strip())
    if found is None:
        message = (
            f"{address!r} is no address of an issue or pull request; "
            "write https://github.com/pyro-ppl/numpyro/issues/1739."
        )
        raise UsageError(message)
    known = {
        place.lower(): (place, library) for library in libraries.values() for place in library.repositories
    }
    if found["repository"].lower() not in known:
        names = ", ".join(sorted(place for place, _ in known.values())) or "none"
        message = (
            f"{found['repository']} is the repository of no library here; known are {names}. Another one "
            "goes into [tool.harness.library.NAME] of pyproject.toml, as repository."
        )
        raise UsageError(message)
    place, library = known[found["repository"].lower()]
    number = int(found["number"])
    address = f"https://github.com/{place}/{found['kind'].lower()}/{number}"
    return Thread(library=library, number=number, address=address)
