"""What `[tool.harness]` of pyproject.toml says: libraries, axes of the matrix, known gaps."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.case import Condition
from harness.device import Device, parse_device
from harness.errors import UsageError
from harness.verdict import Status

NEWEST = "newest"
"""As an axis's Python: the newest interpreter that is present when the lock is made."""

DEFAULT_TIER = "default"


@dataclass(frozen=True, kw_only=True)
class Library:
    """A library that has cases: how it is called on the index and in an import statement."""

    name: str
    distribution: str
    module: str


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


@dataclass(frozen=True, kw_only=True)
class Known:
    """A gap in the evidence that was looked into: where it is, and why."""

    status: Status
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
        return self.root / ".harness" / "results.sqlite"

    def known_gap(self, status: Status, packages: Mapping[str, str]) -> Known | None:
        """The declared reason why an environment gives `status` in place of evidence."""
        return next((k for k in self.known if k.status is status and k.where.holds(packages)), None)


def find_root(start: Path) -> Path:
    """The nearest folder upwards that holds a pyproject.toml with `[tool.harness]`.

    Raises:
        UsageError: there is none.
    """
    for folder in (start, *start.parents):
        project = folder / "pyproject.toml"
        if project.is_file() and "[tool.harness]" in project.read_text(encoding="utf-8"):
            return folder
    message = f"no pyproject.toml with [tool.harness] in {start} or above it; go into the project or give --root."
    raise UsageError(message)


def load_config(root: Path) -> Config:
    """Read and check `[tool.harness]`.

    Raises:
        UsageError: the table is missing or malformed; the message names the key.
    """
    path = root / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["harness"]
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); give the project's folder with --root."
        raise UsageError(message) from None
    except tomllib.TOMLDecodeError as error:
        message = f"{path} is not valid TOML: {error}."
        raise UsageError(message) from None
    except KeyError:
        message = f"{path} has no [tool.harness] table; give the project's folder with --root."
        raise UsageError(message) from None
    try:
        return _config(root, table)
    except (KeyError, TypeError, AttributeError, ValueError, InvalidVersion, InvalidRequirement) as error:
        message = f"{path}: [tool.harness] is malformed: {type(error).__name__}: {error}."
        raise UsageError(message) from None


def _config(root: Path, table: dict[str, Any]) -> Config:
    libraries = {
        name: Library(
            name=name,
            distribution=str(canonicalize_name(entry.get("distribution", name))),
            module=entry.get("module", name),
        )
        for name, entry in table["library"].items()
    }
    return Config(
        root=root,
        libraries=libraries,
        axes=tuple(_axis(entry, libraries) for entry in table.get("axis", [])),
        devices=tuple(parse_device(text) for text in table.get("devices", ["cpu"])),
        known=tuple(
            Known(
                status=Status(entry["status"]),
                where=Condition(groups=(tuple(Requirement(text) for text in entry["where"]),)),
                reason=entry["reason"],
            )
            for entry in table.get("known", [])
        ),
        only_binary=tuple(table.get("only-binary", [])),
        uploaded={_release(text): _midnight(day) for text, day in table.get("uploaded", {}).items()},
    )


def _axis(entry: dict[str, Any], libraries: Mapping[str, Library]) -> Axis:
    known = {"library", "resolution", "python", "since", "last", "versions", "pins", "extra", "tier"}
    unknown = sorted(set(entry) - known)
    if unknown:
        raise ValueError(f"an axis has the unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    for name in (entry["library"], *entry.get("pins", {})):
        if name not in libraries:
            raise ValueError(f"an axis names the unknown library {name!r}; add [tool.harness.library.{name}]")
    if entry["resolution"] not in {"period", "latest", "pinned"}:
        raise ValueError(f"an axis has resolution {entry['resolution']!r}; use period, latest or pinned")
    if (entry["resolution"] == "pinned") != bool(entry.get("pins")):
        raise ValueError("an axis has pins exactly where its resolution is pinned")
    return Axis(
        library=entry["library"],
        resolution=entry["resolution"],
        python=entry["python"],
        since=Version(entry["since"]) if "since" in entry else None,
        last=entry.get("last"),
        versions=tuple(Version(text) for text in entry.get("versions", [])),
        pins=tuple(sorted((name, Version(version)) for name, version in entry.get("pins", {}).items())),
        extra=tuple(entry.get("extra", [])),
        tier=entry.get("tier", DEFAULT_TIER),
    )


def _release(text: str) -> tuple[str, Version]:
    name, _, version = text.partition("==")
    return str(canonicalize_name(name)), Version(version)


def _midnight(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
