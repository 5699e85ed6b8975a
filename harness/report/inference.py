"""What follows from a history: the status of releases not measured, and where a status changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise, repeat

from harness.report.intervals import Interval, Point, intervals
from harness.verdict import Status


def inferred(points: Sequence[Point]) -> tuple[Status | None, ...]:
    """For each release that was not measured the status that follows for it, where one does; else `None`.

    It follows from two releases that gave evidence of one status and have nothing but releases not measured
    between them. Something observed in between that is no evidence, such as a release that cannot be
    imported, differs from both, and nothing follows for any release around it. Nor does anything follow
    before the first or after the last evidence. Of a measured release this says nothing.
    """
    runs = [(status, len(list(run))) for status, run in groupby(status for _, status in points)]
    seen = [None, *(status for status, _ in runs), None]
    found = zip(map(_following, seen, seen[1:], seen[2:]), runs, strict=True)
    return tuple(chain.from_iterable(repeat(follows, length) for follows, (_, length) in found))


def _following(before: Status | None, here: Status | None, after: Status | None) -> Status | None:
    if here is None and before is not None and before is after and before.is_evidence:
        return before
    return None


@dataclass(frozen=True, kw_only=True)
class Transition:
    """Evidence of one status, and then of another: the change came after `last_before`, by `first_after`."""

    before: Status
    after: Status
    last_before: str
    first_after: str
    unknown: tuple[str, ...]
    """The releases between, not measured or without evidence: the change may have come with any of them."""

    @property
    def bounds(self) -> str:
        """The releases that may have brought the change, as a version specifier: `> 0.15.3, <= 0.16.1`."""
        return f"> {self.last_before}, <= {self.first_after}"

    @property
    def is_exact(self) -> bool:
        """Whether `first_after` brought the change for certain."""
        return not self.unknown


def transitions(points: Sequence[Point]) -> tuple[Transition, ...]:
    """Every change of status in a history, in its order, those back to an earlier status included."""
    return tuple(_transition(*both) for both in pairwise(intervals(points)))


def _transition(earlier: Interval, later: Interval) -> Transition:
    return Transition(
        before=earlier.status,
        after=later.status,
        last_before=earlier.last,
        first_after=later.first,
        unknown=later.unknown_before,
    )
