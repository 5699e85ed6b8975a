"""Where a package is developed, as our settings or its own metadata say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from harness.config import Library
from harness.environment.installed import dist_info, site_packages

_PAGE = re.compile(r"https?://(?:www\.)?((?:github|gitlab)\.com/(?!sponsors/)[\w.-]+/[\w.-]+)")


def known_page(libraries: Iterable[Library], distribution: str) -> str:
    """The address of a known library's repository today, whatever its releases called it; or empty."""
    known = (each.repositories for each in libraries if distribution in each.distributions)
    places = next(known, ())
    return f"https://github.com/{places[0]}" if places else ""


def repository_page(interpreter: Path, distribution: str) -> str:
    """The address of a package's repository on a hosting site; empty where its metadata names none.

    Args:
        interpreter: that of an environment in which the package is installed.
        distribution: its name.
    """
    metadata = _metadata(interpreter, distribution)
    for address in _addresses(metadata) if metadata else ():
        found = _PAGE.match(address)
        if found:
            return f"https://{found[1].removesuffix('.git')}"
    return ""


def _metadata(interpreter: Path, distribution: str) -> Message | None:
    info = dist_info(site_packages(interpreter.parent.parent), distribution)
    if info is None:
        return None
    return HeaderParser().parsestr((info / "METADATA").read_text(encoding="utf-8", errors="replace"))


def _addresses(metadata: Message) -> Iterator[str]:
    """Addresses in order of how likely they are the repository: those called source first."""
    named = [value.partition(",") for value in metadata.get_all("Project-URL", [])]
    likely = {"source", "repository", "code", "source code", "github", "homepage"}
    yield from (address.strip() for label, _, address in named if label.strip().lower() in likely)
    yield from metadata.get_all("Home-page", [])
    yield from (address.strip() for _, _, address in named)
