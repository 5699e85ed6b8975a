"""The exact versions of a bundle, as lines that uv and pip read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.version import InvalidVersion, Version

from harness.report.bundle.subject import Subject
from harness.report.text import plain

OURS = "ppl-reproducers"
"""This tool, which no case imports, but which the interpreter at hand may hold."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def dependencies(subject: Subject) -> tuple[str, ...]:
    """The lock as requirements; of one that cannot be resolved, what was asked for.

    Of an interpreter at hand, the versions that it held.
    """
    if subject.lock is not None and subject.lock.unresolvable:
        return subject.lock.requested
    return tuple(f"{name}=={version}" for name, version in _pinned(_source(subject)).items())


def left_out(subject: Subject) -> tuple[str, ...]:
    """Packages that no index could be asked for: without a proper version, or this tool itself."""
    source = _source(subject)
    return tuple(sorted(set(source) - set(_pinned(source))))


def requirements_text(subject: Subject) -> str:
    """The requirements file of the bundle, with what it is on its first line."""
    head = f"# {plain(subject.record.id)}, Python {plain(subject.python)}\n"
    return head + "".join(f"{line}\n" for line in dependencies(subject))


def _source(subject: Subject) -> Mapping[str, str]:
    return subject.versions if subject.lock is None else subject.record.packages


def _pinned(versions: Mapping[str, str]) -> dict[str, str]:
    """Public versions: no index has a local build, and `==2.13.0` admits `2.13.0+cpu` where that is."""
    return {
        name: public
        for name, version in sorted(versions.items())
        if _NAME.fullmatch(name) and name != OURS and (public := _public(version))
    }


def _public(version: str) -> str:
    try:
        return Version(version).public
    except InvalidVersion:
        return ""
