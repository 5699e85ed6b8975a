"""What `[tool.harness]` of pyproject.toml says: libraries, axes of the matrix, known gaps."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.case import Condition, Kind
from harness.device import Device, parse_device
from harness.errors import UsageError
from harness.home import results_folder
from harness.tables import count_of, list_of, table_of, text_of, texts_of
from harness.verdict import Status

NEWEST = "newest"
"""As an axis's Python: the newest interpreter that is present when the lock is made."""

DEFAULT_TIER = "default"

_KEYS = {"library", "axis", "devices", "known", "jax-cache-off", "only-binary", "uploaded", "gate"}
"""`gate` is a policy, which `harness gate` reads by itself."""
_AXIS_KEYS = {
    "library",
    "resolution",
    "python",
    "since",
    "last",
    "versions",
    "pins",
    "extra",
    "tier",
    "kinds",
}


@dataclass(frozen=True, kw_only=True)
class Library:
    """A library that has cases: how it is called on the index and in an import statement."""

    name: str
    distribution: str
    module: str
    repositories: tuple[str, ...] = ()
    """`owner/name` on GitHub, where its issues are; where it moved, today's comes first."""
    parts: tuple[str, ...] = ()
    """Further distributions of the same project, released with it, such as the compiled half of JAX."""

    @property
    def distributions(self) -> tuple[str, ...]:
        """Its own, and those of its parts."""
        return (self.distribution, *self.parts)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A row of environments: releases of one library, resolved in one way."""

    library: str
    resolution: str
    python: str
    since: Version | None = None
    last: int | None = None
    versions: tuple[Version, ...] = ()
    pins: tuple[tuple[str, Version], ...] = ()
    """For pinned axes: (library name, version)."""
    extra: tuple[str, ...] = ()
    """Requirements installed beside the library, such as `flax`."""
    tier: str = DEFAULT_TIER
    kinds: tuple[Kind, ...] = ()
    """The kinds of case that a run without a selection measures here; all of them if none."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A gap in the evidence that was looked into: where it is, and why."""

    status: Status
    where: Condition
    reason: str
    match: str = ""
    """Pattern of what is seen there; another error is not this gap."""


@dataclass(frozen=True, kw_only=True)
class Distrust:
    """Environments in which JAX's persistent compilation cache is not used, because it gave wrong results."""

    where: Condition
    reason: str


@dataclass(frozen=True, kw_only=True)
class Config:
    """`[tool.harness]`, checked."""

    root: Path
    libraries: Mapping[str, Library]
    axes: tuple[Axis, ...]
    devices: tuple[Device, ...]
    known: tuple[Known, ...]
    jax_cache_off: tuple[Distrust, ...] = ()
    only_binary: tuple[str, ...]
    """Distributions that are never built from source."""
    uploaded: Mapping[tuple[str, Version], datetime]
    """True upload dates of files that the index dates wrongly: (distribution, version) to time."""

    @property
    def cases(self) -> Path:
        return self.root / "cases"

    @property
    def locks(self) -> Path:
        return self.root / "harness" / "locks"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def store(self) -> Path:
        return results_folder(self.root) / "results.sqlite"

    def known_gap(self, status: Status, packages: Mapping[str, str], seen: str = "") -> Known | None:
        """The declared reason why an environment gives `status` in place of evidence, with this error."""
        return next(
            (
                known
                for known in self.known
                if known.status is status and known.where.holds(packages) and re.search(known.match, seen)
            ),
            None,
        )

    def trusts_jax_cache(self, packages: Mapping[str, str]) -> bool:
        """Whether JAX's persistent compilation cache may be used in an environment."""
        return not any(distrust.where.holds(packages) for distrust in self.jax_cache_off)


def load_config(root: Path) -> Config:
    """Read and check `[tool.harness]`.

    Raises:
        UsageError: the table is missing or malformed; the message names file and key.
    """
    path = root / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); give the project's folder with --root."
        raise UsageError(message) from None
    except (ValueError, RecursionError) as error:  # ValueError: no UTF-8, no TOML, an endless integer
        message = f"{path} is not valid TOML: {error}."
        raise UsageError(message) from None
    tool = project.get("tool")
    if not isinstance(tool, dict) or "harness" not in tool:
        message = f"{path} has no [tool.harness] table; give the project's folder with --root."
        raise UsageError(message)
    try:
        return _config(root, tool["harness"])
    except (ValueError, UsageError) as error:
        message = f"{path}: [tool.harness] is malformed: {str(error).removesuffix('.')}."
        raise UsageError(message) from None


def _config(root: Path, value: object) -> Config:
    table = table_of(value, "[tool.harness]", _KEYS)
    libraries = {
        name: _library(name, entry) for name, entry in table_of(table.get("library"), "'library'").items()
    }
    return Config(
        root=root,
        libraries=libraries,
        axes=tuple(_axis(entry, libraries) for entry in list_of(table, "axis")),
        devices=tuple(parse_device(text) for text in texts_of(table, "devices", ["cpu"])),
        known=tuple(_known(entry) for entry in list_of(table, "known")),
        jax_cache_off=tuple(_distrust(entry) for entry in list_of(table, "jax-cache-off")),
        only_binary=texts_of(table, "only-binary"),
        uploaded=dict(_upload(*item) for item in table_of(table.get("uploaded", {}), "'uploaded'").items()),
    )


def _library(name: str, value: object) -> Library:
    entry = table_of(value, f"the library {name!r}", {"distribution", "module", "repository", "parts"})
    place = entry.get("repository", [])
    return Library(
        name=name,
        distribution=str(canonicalize_name(text_of(entry, "distribution", name))),
        module=text_of(entry, "module", name),
        repositories=texts_of({"repository": [place] if isinstance(place, str) else place}, "repository"),
        parts=tuple(str(canonicalize_name(part)) for part in texts_of(entry, "parts")),
    )


def _axis(value: object, libraries: Mapping[str, Library]) -> Axis:
    entry = table_of(value, "an axis", _AXIS_KEYS)
    pins = table_of(entry.get("pins", {}), "'pins' of an axis")
    for name in (text_of(entry, "library"), *pins):
        if name not in libraries:
            raise ValueError(f"an axis names the unknown library {name!r}; add [tool.harness.library.{name}]")
    if text_of(entry, "resolution") not in {"period", "latest", "pinned"}:
        raise ValueError(f"an axis has resolution {entry['resolution']!r}; use period, latest or pinned")
    if (entry["resolution"] == "pinned") != bool(pins):
        raise ValueError("an axis has pins exactly where its resolution is pinned")
    return Axis(
        library=entry["library"],
        resolution=entry["resolution"],
        python=text_of(entry, "python"),
        since=Version(text_of(entry, "since")) if "since" in entry else None,
        last=count_of(entry, "last"),
        versions=tuple(Version(text) for text in texts_of(entry, "versions")),
        pins=tuple(sorted((name, Version(text_of(pins, name))) for name in pins)),
        extra=texts_of(entry, "extra"),
        tier=text_of(entry, "tier", DEFAULT_TIER),
        kinds=tuple(Kind(text) for text in texts_of(entry, "kinds")),
    )


def _known(value: object) -> Known:
    entry = table_of(value, "a known gap", {"status", "where", "reason", "match"})
    return Known(
        status=Status(text_of(entry, "status")),
        where=_where(entry, "a known gap"),
        reason=text_of(entry, "reason"),
        match=_pattern(entry, "match"),
    )


def _pattern(entry: dict[str, Any], key: str) -> str:
    text = text_of(entry, key) if key in entry else ""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{key} = {text!r} is not a regular expression: {error}") from None
    return text


def _distrust(value: object) -> Distrust:
    entry = table_of(value, "a jax-cache-off", {"where", "reason"})
    return Distrust(where=_where(entry, "a jax-cache-off"), reason=text_of(entry, "reason"))


def _where(entry: dict[str, Any], what: str) -> Condition:
    where = tuple(_requirement(text, what) for text in texts_of(entry, "where"))
    if not where:
        raise ValueError(f"{what} needs where = [requirement strings]")
    return Condition(groups=(where,))


def _requirement(text: str, what: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement:
        raise ValueError(f"'where' of {what} holds {text!r}, which is not a requirement") from None


def _upload(release: str, day: object) -> tuple[tuple[str, Version], datetime]:
    name, _, version = release.partition("==")
    if not isinstance(day, date):
        raise ValueError(f"'uploaded' dates {release!r} {day!r}, which is not a date such as 2023-06-23")
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return (str(canonicalize_name(name)), Version(version)), midnight
