"""Reads what files say of an environment: requirements files with all that they include, and pylock.toml."""

from __future__ import annotations

import codecs
import re
import shlex
import tomllib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.errors import UsageError

_COMMENT = re.compile(r"(^|\s)#.*$")
_LINE_OPTIONS = re.compile(r"\s--?[a-zA-Z].*$")
_MADE_FOR = re.compile(r"^#.*(?:with Python |--python-version[ =]|--python[ =])(3\.\d+)", re.MULTILINE)
_ELSEWHERE = ("vcs", "directory")


@dataclass(frozen=True, kw_only=True)
class Stated:
    """The requirements of one environment: those whose markers hold for its Python."""

    requirements: tuple[Requirement, ...]
    constraints: tuple[str, ...] = ()

    def pins(self, where: str) -> dict[str, str] | None:
        """Canonical name to version, local labels kept; none where something is not pinned.

        Raises:
            UsageError: one package is pinned to two versions.
        """
        pins: dict[str, str] = {}
        is_exact = True
        for requirement in self.requirements:
            name, version = str(canonicalize_name(requirement.name)), _exact(requirement)
            if version is None:
                is_exact = False
            elif pins.setdefault(name, version) != version:
                message = f"{where} pins {name} to {pins[name]} and to {version}; leave one of them."
                raise UsageError(message)
        return pins if is_exact else None


def bare(requirement: Requirement) -> str:
    """Name and extras, without versions."""
    extras = ",".join(sorted(requirement.extras))
    return f"{requirement.name}[{extras}]" if extras else requirement.name


def _exact(requirement: Requirement) -> str | None:
    """The only version that a requirement admits, where that can be read off it."""
    pins = list(requirement.specifier)
    if len(pins) != 1 or pins[0].operator not in {"==", "==="} or "*" in pins[0].version:
        return None
    try:
        return str(Version(pins[0].version))
    except InvalidVersion:
        return None


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 as Windows shells write it.

    Raises:
        UsageError: it cannot be read or is no text.
    """
    try:
        data = path.read_bytes()
        is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); give a file that can."
        raise UsageError(message) from None
    except UnicodeDecodeError:
        message = f"{path} is no text; give a requirements.txt, pylock.toml or uv.lock."
        raise UsageError(message) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Raises UsageError where there is no readable TOML."""
    try:
        return tomllib.loads(read_text(path))
    except (ValueError, RecursionError) as error:  # ValueError: no TOML, an endless integer
        message = f"{path} is not valid TOML: {str(error).removesuffix('.')}."
        raise UsageError(message) from None


def python_of(text: str) -> str | None:
    """The Python that a requirements file was compiled for, where its head says so."""
    found = _MADE_FOR.search(text)
    return found[1] if found else None


def read_requirements(path: Path, python: str) -> Stated:
    """The requirements of a file and of all that it includes; index options and hashes do not matter here.

    Raises:
        UsageError: a line is no requirement on a package of an index, or a file is missing.
    """
    requirements: list[Requirement] = []
    constraints: list[str] = []
    for found, is_constraint in _walk(path, ()):
        if found.marker is None or found.marker.evaluate(marker_values(python)):
            found.marker = None
            if is_constraint:
                constraints.append(str(found))
            else:
                requirements.append(found)
    return Stated(requirements=tuple(requirements), constraints=tuple(constraints))


def parse_requirements(text: str, where: Path, python: str) -> Stated:
    """The same of a text that includes nothing."""
    lines = (_requirement(line, where) for line in _lines(text))
    held = [r for r in lines if r.marker is None or r.marker.evaluate(marker_values(python))]
    return Stated(requirements=tuple(held))


def marker_values(python: str) -> dict[str, str]:
    """What a Python's markers see: the newest of its patch releases, on this machine."""
    return {"python_version": python, "python_full_version": f"{python}.99"}


def _walk(path: Path, above: tuple[Path, ...], *, limits: bool = False) -> Iterator[tuple[Requirement, bool]]:
    """(requirement, whether it is only a constraint) of a file and of what it includes."""
    if path in above:
        message = f"{path} includes itself; take out one of the -r lines."
        raise UsageError(message)
    for line in _lines(read_text(path)):
        option = re.match(r"(-r|-c|--requirement|--constraint|-e|--editable)(?:[ =]|(?=[^- ]))\s*(.+)", line)
        if option is None:
            if not line.startswith("-"):
                yield _requirement(line, path), limits
        elif option[1] in {"-e", "--editable"}:
            raise _foreign(line, path)
        else:
            included = path.parent / shlex.split(option[2])[0]
            is_limit = limits or option[1] in {"-c", "--constraint"}
            yield from _walk(included, (*above, path), limits=is_limit)


def _lines(text: str) -> Iterator[str]:
    joined = re.sub(r"\\\r?\n", " ", text)
    stripped = (_COMMENT.sub("", line).strip() for line in joined.splitlines())
    return (line for line in stripped if line)


def _requirement(line: str, path: Path) -> Requirement:
    try:
        found = Requirement(_LINE_OPTIONS.sub("", line))
    except InvalidRequirement:
        raise _foreign(line, path) from None
    if found.url is not None:
        raise _foreign(line, path)
    return found


def _foreign(line: str, path: Path) -> UsageError:
    shown = line if len(line) <= 100 else f"{line[:97]}..."
    return UsageError(
        f"{path} has {shown!r}, which is no release on an index; give it as NAME==VERSION or leave it out."
    )


def read_pylock(path: Path, content: dict[str, Any], python: str) -> Stated:
    """The packages of a lock file of PEP 751, with its default groups and no extras.

    Raises:
        UsageError: it is malformed, of another major version, or holds what is on no index.
    """
    if not str(content.get("lock-version", "")).startswith("1."):
        message = f"{path} is no lock file of version 1 of PEP 751; make one with `uv export` or `pip lock`."
        raise UsageError(message)
    groups = frozenset(content.get("default-groups", ()))
    values: dict[str, str | AbstractSet[str]] = {**marker_values(python)}
    values |= {"extras": frozenset(), "dependency_groups": groups}
    found = []
    try:
        for entry in content.get("packages", ()):
            marker = entry.get("marker")
            if marker and not Marker(marker).evaluate(values, context="lock_file"):
                continue
            if "version" not in entry or any(key in entry for key in _ELSEWHERE):
                raise _foreign(entry["name"], path)
            found.append(Requirement(f"{entry['name']}=={entry['version']}"))
    except (InvalidMarker, InvalidRequirement, KeyError, TypeError, AttributeError) as error:
        message = f"{path} is damaged ({str(error).splitlines()[0]}); make it anew."
        raise UsageError(message) from None
    return Stated(requirements=tuple(found))
