"""What a compatibility report says of a case's failure, and the OSV events that this makes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

from harness.case import FAILURE, Case, satisfied
from harness.errors import NoEvidence
from harness.report.axes import RESOLUTIONS
from harness.report.document import Document
from harness.report.intervals import Interval, Point, intervals
from harness.report.text import plain
from harness.verdict import Status

_READ_AS = {Status.FAILING: Status.FAILING, Status.FIXED: Status.FIXED, Status.REJECTED: Status.FIXED}
"""What a status says about the issue; a crash, a timeout or another error says neither of the two."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    axis: str
    release: str
    status: Status
    facts: Mapping[str, str]
    symptom: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """The failure on one axis and device."""

    axis: str
    resolution: str
    pins: Mapping[str, str]
    device: str
    words: str
    cells: tuple[Measured, ...]
    unknown: frozenset[str]

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        read = {cell.release: _READ_AS.get(cell.status) for cell in self.cells}
        points: list[Point] = [*read.items(), *((label, None) for label in self.unknown - set(read))]
        return intervals(sorted(points, key=lambda point: Version(point[0])))

    def of(self, status: Status) -> list[Measured]:
        return [cell for cell in self.cells if _READ_AS.get(cell.status) is status]

    @property
    def order(self) -> tuple[object, ...]:
        rank = RESOLUTIONS.index(self.resolution)
        return (rank, -len(self.of(Status.FAILING)), self.device, self.axis)


def read_evidence(case: Case, document: Document) -> tuple[list[Line], str]:
    told = document["cases"].get(case.id)
    cells = [cell for cell in document["cells"] if cell["case"] == case.id]
    if told is None or not cells:
        message = f"{case.id} is not in the compatibility report; run `nox -s matrix report`."
        raise NoEvidence(message)
    if told["digest"] != case.digest:
        message = f"{case.id} was changed since it was measured; run `nox -s matrix report`."
        raise NoEvidence(message)
    lines = [
        _line(history, document, cells, told["intervals"])
        for history in told["histories"]
        if history["variant"] == FAILURE
    ]
    return lines, _timestamp(max(_moment(cell["measured_at"]) for cell in cells))


def _line(
    history: Mapping[str, Any],
    document: Document,
    cells: Iterable[Mapping[str, Any]],
    told: Iterable[Mapping[str, Any]],
) -> Line:
    key = (FAILURE, history["axis"], history["device"])
    axis, environments = document["axes"][history["axis"]], document["environments"]
    found = [
        _cell(cell, environments[cell["environment"]], history["axis"])
        for cell in cells
        if (cell["variant"], cell["device"]) == (FAILURE, history["device"])
        and cell["environment"] in axis["environments"]
    ]
    unknown = {
        label
        for interval in told
        if (interval["variant"], interval["axis"], interval["device"]) == key
        for side in ("unknown_before", "unknown_within", "unknown_after")
        for label in interval[side]
    }
    return Line(
        axis=history["axis"],
        resolution=axis["resolution"],
        pins=axis["pins"],
        device=history["device"],
        words=plain(history["words"]),
        cells=tuple(sorted(found, key=lambda cell: Version(cell.release))),
        unknown=frozenset(unknown),
    )


def _cell(cell: Mapping[str, Any], environment: Mapping[str, Any], axis: str) -> Measured:
    public = {name: version.partition("+")[0] for name, version in environment["packages"].items()}
    return Measured(
        axis=axis,
        release=str(Version(environment["version"])),
        status=Status(cell["status"]),
        facts={"python": environment["python"], **public},
        symptom=plain(cell["symptom"] or ""),
    )


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def line_to_tell(case: Case, lines: Sequence[Line]) -> Line:
    """Where the issue shows: in each release's own time, or else on the next axis where it does.

    Raises:
        NoEvidence: nowhere.
    """
    failing = [line for line in lines if line.of(Status.FAILING)]
    if not failing:
        message = f"{case.id} shows its issue in no release that was measured; there is no range to export."
        raise NoEvidence(message)
    return min(failing, key=lambda line: line.order)


def borrowing(line: Line, others: Sequence[Line], groups: Iterable[Sequence[Requirement]]) -> Line:
    """The line with what other axes measured of its unknown releases, where any of the groups holds.

    The groups are what the issue needs of other packages: without that, right means nothing for this line.
    """
    needs = list(groups)
    found = {cell.release: cell for cell in line.cells}
    for release in sorted(line.unknown, key=Version):
        cells = [
            cell
            for other in others
            if other.device == line.device
            for cell in other.cells
            if cell.release == release and cell.status in _READ_AS
            if _meets(cell, needs)
        ]
        if len({_READ_AS[cell.status] for cell in cells}) == 1:
            found[release] = cells[0]
    return replace(line, cells=tuple(sorted(found.values(), key=lambda cell: Version(cell.release))))


def right_outside(line: Line, groups: Iterable[Sequence[Requirement]]) -> frozenset[str]:
    """The releases that were right without what the issue needs: with it they may not be."""
    needs = list(groups)
    return frozenset(cell.release for cell in line.of(Status.FIXED) if not _meets(cell, needs))


def _meets(cell: Measured, groups: Sequence[Sequence[Requirement]]) -> bool:
    return any(all(satisfied(need, cell.facts) for need in group) for group in groups)


# Ranges


def events_of(history: Sequence[Interval], *, right_before: bool = False) -> list[dict[str, str]]:
    """The events of intervals that are failing or fixed, in order.

    An oldest measured release that fails stands for all before it, unless one of these was measured right
    elsewhere (`right_before`).
    """
    events = []
    for interval in _failing(history):
        everything = interval.after is None and not right_before
        events.append({"introduced": "0" if everything else interval.first})
        if interval.before is not None:
            events.append({"fixed": interval.before})
    return events


def unmeasured_in(history: Sequence[Interval], *, right_before: bool = False) -> list[str]:
    """The releases without evidence that the events call affected."""
    found: list[str] = []
    for interval in _failing(history):
        older = interval.unknown_before if interval.after is None and not right_before else ()
        found += [*older, *interval.unknown_within, *interval.unknown_after]
    return found


def _failing(history: Sequence[Interval]) -> list[Interval]:
    return [interval for interval in history if interval.status is Status.FAILING]


def edges_of(
    history: Sequence[Interval], *, right_before: bool = False, outside: Collection[str] = ()
) -> list[dict[str, Any]]:
    """How sure each event is, in order, and an edge without an event where no measured release is right.

    `outside` are the releases that were right, but not under the conditions of the issue.
    """
    edges = []
    for interval in _failing(history):
        edges += [_start(interval, right_before, outside), _stop(interval, outside)]
    return edges


def _start(interval: Interval, right_before: bool, outside: Collection[str]) -> dict[str, Any]:
    first, unknown = interval.first, list(interval.unknown_before)
    if interval.after is not None:
        note = f"{interval.after} is right{_where(interval.after, outside)} and {first} is not; "
        exact = not unknown and interval.after not in outside
        return _edge("introduced", first, unknown, note + _between(unknown), exact=exact)
    if right_before:
        note = f"{first} is the oldest that was measured here; older ones were right where measured elsewhere"
        note += _no_evidence(unknown)
        return _edge("introduced", first, unknown, note, exact=False)
    note = f"{first} is the oldest that was measured and is not right; older ones were not measured"
    note += _no_evidence(unknown)
    return _edge("introduced", "0", unknown, note, exact=False)


def _stop(interval: Interval, outside: Collection[str]) -> dict[str, Any]:
    unknown = list(interval.unknown_after)
    if interval.before is not None:
        note = f"{interval.last} is not right and {interval.before} is{_where(interval.before, outside)}; "
        exact = not unknown and interval.before not in outside
        return _edge("fixed", interval.before, unknown, note + _between(unknown), exact=exact)
    note = f"no release was measured right after {interval.last}" + _no_evidence(unknown)
    return _edge("fixed", None, unknown, note, exact=False)


def _where(release: str, outside: Collection[str]) -> str:
    return " (measured without what the issue needs of other packages)" if release in outside else ""


def _between(unknown: Sequence[str]) -> str:
    if not unknown:
        return "no release that the axis has is between them."
    return f"of {', '.join(unknown)} between them nothing is known."


def _no_evidence(unknown: Sequence[str]) -> str:
    return f" ({', '.join(unknown)} gave no evidence)." if unknown else "."


def _edge(event: str, release: str | None, unknown: list[str], note: str, *, exact: bool) -> dict[str, Any]:
    return {"event": event, "release": release, "exact": exact, "unknown": unknown, "note": note}
