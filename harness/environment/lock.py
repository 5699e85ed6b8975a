"""Locks: the exact versions of an environment, one committed text file each, readable by pip and uv."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.config import DEFAULT_TIER
from harness.environment.ids import EnvironmentId, parse_environment_id
from harness.errors import UsageError
from harness.evidence import EnvironmentRecord
from harness.files import write_atomically

FORMAT = 1
_HEAD = "# harness-lock: "
_FIELDS = (
    "environment",
    "python",
    "released",
    "as-of",
    "tier",
    "requested",
    "local-builds",
    "note",
    "unresolvable",
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A package that comes from a wheel at hand, such as one built of a commit, and not from the index."""

    name: str
    """Canonical name of the distribution."""
    path: Path
    sha256: str

    @property
    def requirement(self) -> str:
        """As a line for uv, which checks the digest."""
        return f"{self.name} @ {self.path.absolute().as_uri()}#sha256={self.sha256}"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """What an environment consists of. `unresolvable` keeps the resolver's reason where there is nothing."""

    id: EnvironmentId
    python: str
    """Major and minor version, such as `3.11`."""
    as_of: str | None
    """The date (UTC, exclusive) whose index was used; none for latest."""
    requested: tuple[str, ...]
    packages: Mapping[str, str]
    released: str | None = None
    """The date (UTC) of the first file of the library's own release; none where no index gave one."""
    local_builds: tuple[str, ...] = ()
    """Packages that were resolved to a local build, such as torch `+cpu`: the index's own needs more."""
    tier: str = DEFAULT_TIER
    note: str = ""
    unresolvable: str = ""
    sources: tuple[Source, ...] = ()
    """The wheels of those packages that no index has; `packages` has their versions, too."""
    like: Lock | None = field(default=None, compare=False, repr=False)
    """The same but for the sources: where that is built, a copy of it saves the installation."""

    @cached_property
    def key(self) -> str:
        """Digest of content alone: two ids with the same packages and Python share one build."""
        content: list[object] = [self.python, sorted(self.packages.items()), self.unresolvable]
        if self.sources:  # appended, so that every lock without them has the key that it always had
            content.append(sorted((source.name, source.sha256) for source in self.sources))
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def record(self) -> EnvironmentRecord:
        return EnvironmentRecord(
            id=str(self.id),
            library=self.id.library,
            version=str(self.id.version),
            resolution=self.id.resolution,
            python=self.python,
            as_of=self.as_of,
            packages=dict(self.packages),
            key=self.key,
            note=self.unresolvable or self.note,
            released=self.released,
        )

    def requirements(self) -> str:
        """The packages as a requirements file; uv checks the digest of every wheel at hand."""
        lines = {name: f"{name}=={version}\n" for name, version in self.packages.items()}
        for source in self.sources:
            lines[source.name] = f"{source.requirement}\n"
        return "".join(line for _, line in sorted(lines.items()))


@dataclass(frozen=True, kw_only=True)
class LockFolder:
    """A folder of locks, one file per environment id."""

    path: Path
    _read: dict[str, Lock] = field(default_factory=dict, repr=False, compare=False)

    def file(self, name: str) -> Path:
        return self.path / f"{name}.txt"

    def all(self) -> list[Lock]:
        """Every lock, ordered by library, resolution and version."""
        locks = [self.get(path.name.removesuffix(".txt")) for path in self.path.glob("*.txt")]
        return sorted((lock for lock in locks if lock is not None), key=_order)

    def get(self, name: str) -> Lock | None:
        if name not in self._read:
            path = self.file(name)
            if not path.is_file():
                return None
            self._read[name] = parse_lock(path, path.read_text(encoding="utf-8", errors="replace"))
        return self._read[name]

    def put(self, lock: Lock) -> None:
        write_atomically(self.file(str(lock.id)), render_lock(lock))
        self._read[str(lock.id)] = lock


def _order(lock: Lock) -> tuple[str, int, list[tuple[str, Version]], Version, str]:
    rank = {"period": 0, "latest": 1, "pinned": 2}[lock.id.resolution]
    return lock.id.library, rank, list(lock.id.pins), lock.id.version, str(lock.id)


def render_lock(lock: Lock) -> str:
    """The text of a lock file.

    Raises:
        ValueError: a package comes from a wheel at hand, which a file to be shared cannot name.
    """
    if lock.sources:
        message = f"{lock.id} holds wheels of this machine and has no lock file"
        raise ValueError(message)
    values = {
        "environment": str(lock.id),
        "python": lock.python,
        "released": lock.released or "",
        "as-of": lock.as_of or "",
        "tier": lock.tier,
        "requested": " ".join(_word(requirement) for requirement in lock.requested),
        "local-builds": " ".join(lock.local_builds),
        "note": lock.note,
        "unresolvable": lock.unresolvable,
    }
    head = [f"{_HEAD}{FORMAT}", *(f"# {key}: {json_line(values[key])}" for key in _FIELDS if values[key])]
    return "\n".join(head) + "\n" + lock.requirements()


def _word(requirement: str) -> str:
    return shlex.quote(requirement) if re.search(r"[\s'\"\\]", requirement) else requirement


def json_line(text: str) -> str:
    """One line whatever the text holds; plain where it is plain."""
    return text if text.isprintable() and not text.startswith('"') else json.dumps(text)


def parse_lock(path: Path, text: str) -> Lock:
    """Read a lock file.

    Raises:
        UsageError: it is malformed or of another format; the message says how to make it anew.
    """
    again = f"remove it and run `harness lock {path.stem}`"
    lines = text.splitlines()
    if not lines or lines[0] != f"{_HEAD}{FORMAT}":
        message = f"{path} is no lock of format {FORMAT}; {again}."
        raise UsageError(message)
    values: dict[str, str] = {}
    packages: dict[str, str] = {}
    try:
        for line in lines[1:]:
            if line.startswith("# "):
                key, _, value = line[2:].partition(": ")
                values[key] = json.loads(value) if value.startswith('"') else value
            elif line.strip():
                name, version = _pin(line)
                packages[name] = version
        lock = Lock(
            id=parse_environment_id(values["environment"]),
            python=values["python"],
            as_of=values.get("as-of"),
            tier=values["tier"],
            requested=tuple(shlex.split(values["requested"])),
            packages=packages,
            released=_day(values["released"]) if "released" in values else None,
            local_builds=tuple(values.get("local-builds", "").split()),
            note=values.get("note", ""),
            unresolvable=values.get("unresolvable", ""),
        )
        if str(lock.id) != path.stem or bool(packages) == bool(lock.unresolvable):
            raise ValueError
    except (InvalidRequirement, ValueError, KeyError, UsageError):
        message = f"{path} is damaged; {again}."
        raise UsageError(message) from None
    return lock


def _day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError
    return text


def _pin(line: str) -> tuple[str, str]:
    requirement = Requirement(line)
    (pin,) = requirement.specifier
    if pin.operator != "==":
        raise ValueError
    return canonicalize_name(requirement.name), str(Version(pin.version))
