"""What an admission rests on, as records: plain data for the decision, the terminal and JSON."""

from __future__ import annotations

from dataclasses import dataclass

from harness.verdict import Status

SCHEMA = 1

INTRODUCED, FIXED, OPEN = "introduced", "fixed", "open"
"""Kinds of side: right and then failing, failing and then right, failing up to the newest release."""


@dataclass(frozen=True, kw_only=True)
class CellFact:
    """A cell of the default matrix."""

    variant: str
    device: str
    environment: str
    status: Status | None
    """None where nothing was measured of this very text, in this very environment."""
    expected: Status
    gap: str = ""
    """Why there is no evidence, where that is explained."""
    detail: str = ""
    """What was seen, in one line."""

    @property
    def is_evidence(self) -> bool:
        return self.status is not None and self.status.is_evidence


@dataclass(frozen=True, kw_only=True)
class Side:
    """A change of `failure` on an axis, or its end where it still fails, as the environments beside it."""

    axis: str
    device: str
    kind: str
    failing: str
    right: str | None = None

    @property
    def environments(self) -> tuple[str, ...]:
        return (self.failing, self.right) if self.right else (self.failing,)


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What a bisection says of one change of `failure`."""

    kind: str
    before: str
    after: str
    culprits: tuple[str, ...]
    is_exact: bool
    note: str = ""
    """Where only the random stream makes the difference: how that was shown."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a bisection found to introduce or to fix: a page of a change, or a release of another package."""

    kind: str
    name: str

    @property
    def is_release(self) -> bool:
        return "==" in self.name


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """Runs of one cell beside a change, each in a process and with a seed of its own."""

    variant: str
    device: str
    environment: str
    takes_seed: bool
    runs: int
    status: str | None
    """None where they disagree with each other."""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Everything that was measured about one text of one case."""

    case: str
    digest: str
    platform: str
    tool: str
    measured_at: str
    """When the newest of its cells was measured: UTC, ISO 8601."""
    repeat: int
    seeds: int
    environments: tuple[tuple[str, str], ...]
    """(id, digest of what it consists of) of the environments of its cells, sorted."""
    cells: tuple[CellFact, ...]
    sides: tuple[Side, ...]
    causes: tuple[Cause, ...] = ()
    origins: tuple[Origin, ...] = ()
    repeats: tuple[Repeat, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a case is not admitted, and what to do."""

    text: str
    is_missing: bool = False
    """Whether only evidence is missing: what is there speaks for the case."""
