"""Where a failure changes, on each axis of the matrix, and where it is still there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.admit.record import FIXED, INTRODUCED, OPEN, CellFact, Side
from harness.case import FAILURE
from harness.evidence import EnvironmentRecord
from harness.report.axes import ReleaseAxis, axes_of
from harness.report.inference import transitions
from harness.report.intervals import Point
from harness.verdict import Status

RIGHT = (Status.FIXED, Status.REJECTED)


def sides_of(cells: Sequence[CellFact], environments: Mapping[str, EnvironmentRecord]) -> tuple[Side, ...]:
    """Every side of every axis and device, in their order."""
    devices = dict.fromkeys(cell.device for cell in cells)
    axes = axes_of(environments)
    return tuple(side for device in devices for axis in axes for side in _of_axis(axis, device, cells))


def _of_axis(axis: ReleaseAxis, device: str, cells: Sequence[CellFact]) -> Iterator[Side]:
    statuses = {
        cell.environment: cell.status for cell in cells if cell.variant == FAILURE and cell.device == device
    }
    points: list[Point] = [(p.environment, statuses.get(p.environment)) for p in axis.places]
    for change in transitions(points):
        if change.before is Status.FAILING and change.after in RIGHT:
            yield Side(
                axis=axis.id,
                device=device,
                kind=FIXED,
                failing=change.last_before,
                right=change.first_after,
            )
        elif change.before in RIGHT and change.after is Status.FAILING:
            yield Side(
                axis=axis.id,
                device=device,
                kind=INTRODUCED,
                failing=change.first_after,
                right=change.last_before,
            )
    known = [name for name, status in points if status is not None and status.is_evidence]
    if known and statuses[known[-1]] is Status.FAILING:
        yield Side(axis=axis.id, device=device, kind=OPEN, failing=known[-1])
