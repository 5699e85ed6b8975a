"""What the gate looks at: uses in source, states, and what was observed there."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from harness.case import Case
from harness.evidence import Deprecation
from harness.verdict import Status


@dataclass(frozen=True, kw_only=True, order=True)
class Use:
    """A place in a team's source where a name of a library is used."""

    path: str
    """As the user would type it from where the gate runs, with forward slashes."""
    line: int
    """From 1. Of a notebook, the line of the file in which the source line stands."""
    column: int
    """From 1, in characters."""
    name: str
    """What is used, as the source reaches it: `numpyro.infer.SVI`."""
    is_certain: bool
    """False where it may be another thing: a star import, a name made at run time, a module passed on."""
    is_import: bool = False
    """Whether this is the import statement itself."""
    cell: int | None = None
    """Of a notebook, the number of the code cell, from 1."""


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A file, or a cell of a notebook, that could not be read as Python; the rest of the source counts."""

    path: str
    line: int | None
    reason: str
    """One line."""


@dataclass(frozen=True, kw_only=True)
class SourceReading:
    """What was read of a team's source."""

    roots: tuple[str, ...]
    """What the user named."""
    files: int
    """How many files were read, notebooks included and skipped ones not."""
    libraries: Mapping[str, int]
    """Top-level module of each known library to the number of places that use it."""
    skipped: tuple[Skipped, ...]


class Basis(enum.Enum):
    """How an observation came about."""

    RAN = "ran now"
    STORED = "stored"
    INFERRED = "inferred"


@dataclass(frozen=True, kw_only=True, order=True)
class Question:
    """A variant of a case on a device: what is asked of a state."""

    case: str
    variant: str
    device: str


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What is known of a question in a state."""

    status: Status | None
    """None where nothing is known at all: nothing ran and nothing can be inferred."""
    expected: Status
    """What the case's conditions say of these versions."""
    basis: Basis
    symptom: str = ""
    """What was seen, on one line: the exception; empty where it returned."""
    reason: str = ""
    """Why there is no evidence, or from what the status is inferred, on one line."""
    is_package_missing: bool = False
    """Whether there is no evidence because a package that the case needs is not in the state."""
    deprecations: tuple[Deprecation, ...] = ()
    measured_at: str = ""

    @property
    def is_evidence(self) -> bool:
        return self.status is not None and self.status.is_evidence


@dataclass(frozen=True, kw_only=True)
class StateView:
    """An environment that the gate looks at, as answers show it."""

    name: str
    """As the user named it."""
    python: str
    packages: Mapping[str, str]
    """Canonical distribution name to exact version, of everything in it."""
    facts: Mapping[str, str]
    """The same with public versions and the pseudo package `python`, for conditions."""
    key: str
    platform: str
    note: str = ""
    """What a reader must know, such as what was resolved now."""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """A state with everything that is known of it."""

    state: StateView
    observations: Mapping[Question, Observation]


@dataclass(frozen=True, kw_only=True)
class Relevant:
    """A case that concerns the team, with the places in their source that meet it.

    Without `--uses` there are no places, and every case of a library in the state is relevant.
    """

    case: Case
    uses: tuple[Use, ...] = ()

    @property
    def is_certain(self) -> bool:
        return not self.uses or any(use.is_certain for use in self.uses)
