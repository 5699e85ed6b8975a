"""The record of a run cell: what happened, with which versions, on what, when."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


class Outcome(enum.Enum):
    """What happened in a cell."""

    RETURNED = "returned"
    RAISED = "raised"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    UNAVAILABLE = "unavailable"


class Phase(enum.Enum):
    """Where an exception was raised."""

    IMPORT = "import"
    """A library that the case needs could not be imported."""
    LOAD = "load"
    """The case's own module body raised, after its libraries had been imported."""
    RUN = "run"


class Lack(enum.Enum):
    """Why a cell could not give evidence."""

    DEVICE = "device"
    PACKAGE = "package"
    BUILD = "build"
    IMPORT = "import"
    ORIGIN = "origin"
    PROBE = "probe"
    """The probe did not start, or died while the cell ran, of whatever: another attempt may tell."""


@dataclass(frozen=True, kw_only=True)
class Raised:
    """An exception: its exact type, its message, and its traceback with paths of this machine taken out."""

    type: str
    """Qualified name, such as `builtins.ValueError` or `jax.errors.TracerArrayConversionError`."""
    message: str
    traceback: str
    phase: Phase


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """What a cell really used, as seen from inside."""

    python: str
    platform: str
    """Operating system and processor, such as `linux-x86_64`."""
    versions: Mapping[str, str]
    """Canonical distribution name to version, of everything installed there."""
    origins: Mapping[str, str]
    """Imported module to the file it came from, relative to its environment."""
    device: str | None = None
    """Backend and number of devices, such as `cpu x 4`; none where nothing ran."""
    precision: str | None = None
    """Default floating point type, such as `float32`."""


@dataclass(frozen=True, kw_only=True)
class Deprecation:
    """A deprecation warning raised while a variant ran."""

    category: str
    message: str
    module: str
    """The top-level module whose code drew the warning."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one cell gave."""

    outcome: Outcome
    attested: Attestation | None = None
    raised: Raised | None = None
    lack: Lack | None = None
    reason: str = ""
    """For crashed, timed out and unavailable: one line saying how."""
    seconds: float = 0.0
    peak_mib: float | None = None
    """Peak resident memory of the cell's process, in MiB."""
    log: str = ""
    """Standard output and error, bounded."""
    deprecations: tuple[Deprecation, ...] = ()
    seed: int = 0
    isolation: str = "fork"
    """`fork` or `spawn`."""
    jax_cache: bool = False
    """Whether JAX's persistent compilation cache was on."""
    measured_at: str = ""
    """UTC, ISO 8601, to the second."""

    def to_json(self) -> dict[str, Any]:
        """Plain data for storing; `from_json` is its inverse."""
        return asdict(self, dict_factory=_plain)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Evidence:
        raised, attested, lack = data["raised"], data["attested"], data["lack"]
        return Evidence(
            **{
                **data,
                "outcome": Outcome(data["outcome"]),
                "raised": raised and Raised(**{**raised, "phase": Phase(raised["phase"])}),
                "attested": attested and Attestation(**attested),
                "lack": lack and Lack(lack),
                "deprecations": tuple(Deprecation(**item) for item in data["deprecations"]),
            }
        )


def _plain(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value.value if isinstance(value, enum.Enum) else value for key, value in items}


@dataclass(frozen=True, kw_only=True, order=True)
class Cell:
    """One (variant, environment, device) of the matrix, by printable ids."""

    case: str
    variant: str
    environment: str
    device: str


@dataclass(frozen=True, kw_only=True)
class EnvironmentRecord:
    """An environment as the store and the report know it."""

    id: str
    library: str | None
    """The library whose release the environment is about; none for an interpreter at hand."""
    version: str | None
    resolution: str
    """`period`, `latest`, `pinned` or `interpreter`."""
    python: str
    as_of: str | None
    """The date (UTC) whose index was used; none for latest and for interpreters."""
    packages: Mapping[str, str] = field(default_factory=dict)
    """Canonical distribution name to exact version."""
    key: str = ""
    """Digest of what the environment consists of; cells measured under another key are stale."""
    note: str = ""
    """What a reader must know, such as that the date had to be moved or why it cannot be resolved."""
    released: str | None = None
    """The date (UTC) of the library's release; none for interpreters, and where no index gave one."""

    def to_json(self) -> dict[str, Any]:
        """Plain data for storing.

        Without the release's date: its lock has it, and a store must stay readable to harnesses that
        know of none.
        """
        return {key: value for key, value in asdict(self).items() if key != "released"}
