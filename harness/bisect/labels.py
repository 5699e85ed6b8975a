"""What a status says to a search: one of two sides, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from harness.verdict import Status

PASSES, FAILS = "passes", "fails"
"""What a user's own command says; a case says the value of its status."""

_DECIDED = (Status.FAILING, Status.FIXED, Status.REJECTED, Status.WORKS, Status.REFUTED)
_BAD = {Status.FAILING.value, Status.REFUTED.value, FAILS}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one point gave."""

    label: str | None
    """The status that a search may rely on; none where it is unknown."""
    detail: str = ""
    """One line: why it is unknown, or what was seen."""
    runs: int = 1
    """How many runs it rests on."""
    stored: bool = False
    """Whether nothing had to run for it."""
    seconds: float = 0.0
    attested: tuple[tuple[str, str], ...] = ()
    """(canonical distribution name, version) as seen from inside, where it was."""
    measured_at: str = ""
    """When the newest of its runs was: UTC, ISO 8601; empty where nothing could run."""


def label_of(status: Status) -> str | None:
    """The label of a status: none for all that is neither the issue nor its absence."""
    return status.value if status in _DECIDED else None


def is_bad(label: str) -> bool:
    """Whether a label means that the issue, or a remedy's failure, is there."""
    return label in _BAD
