"""What happened to each variant of a case over the releases of each axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.case import Case
from harness.evidence import Cell
from harness.report.axes import ReleaseAxis
from harness.report.intervals import Gap, Interval, Point, brief_words, gaps, history_words, intervals
from harness.verdict import Status


@dataclass(frozen=True, kw_only=True)
class History:
    """One variant on one device, release by release of one axis."""

    variant: str
    axis: str
    device: str
    points: tuple[Point, ...]

    def words(self) -> dict[str, Any]:
        """The whole history for the document, with the releases that gave no evidence."""
        return {
            **self._key(),
            "words": history_words(self.points),
            "brief": brief_words(self.points),
            "gaps": [_gap(gap) for gap in gaps(self.points)],
        }

    def intervals(self) -> list[dict[str, Any]]:
        return [{**self._key(), **_interval(interval)} for interval in intervals(self.points)]

    def _key(self) -> dict[str, Any]:
        return {"variant": self.variant, "axis": self.axis, "device": self.device}


def _gap(gap: Gap) -> dict[str, Any]:
    return {"status": gap.status.value if gap.status else None, "first": gap.first, "last": gap.last}


def _interval(interval: Interval) -> dict[str, Any]:
    return {
        "status": interval.status.value,
        "first": interval.first,
        "last": interval.last,
        "after": interval.after,
        "before": interval.before,
        "unknown_before": list(interval.unknown_before),
        "unknown_within": list(interval.unknown_within),
        "unknown_after": list(interval.unknown_after),
        "words": interval.words,
    }


def histories_of(
    case: Case, statuses: Mapping[Cell, Status], axes: Sequence[ReleaseAxis]
) -> Iterator[History]:
    """Every variant on every axis and device that the case was measured on at all.

    `statuses` hold the case's cells. `axes` hold every known environment: a release that the case was not
    measured in is an unknown point.
    """
    devices: dict[str, set[str]] = defaultdict(set)
    for cell in statuses:
        devices[cell.environment].add(cell.device)
    for axis in axes:
        measured = set().union(*(devices[place.environment] for place in axis.places))
        for variant in case.variants:
            for device in sorted(measured):
                yield _history(case.id, variant.name, device, axis, statuses)


def _history(
    case: str, variant: str, device: str, axis: ReleaseAxis, statuses: Mapping[Cell, Status]
) -> History:
    points = tuple(
        (
            place.label,
            statuses.get(Cell(case=case, variant=variant, environment=place.environment, device=device)),
        )
        for place in axis.places
    )
    return History(variant=variant, axis=axis.id, device=device, points=points)
