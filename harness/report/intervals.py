"""From what was measured of each release, in order, to intervals that say how sure their edges are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from harness.verdict import Status

Point = tuple[str, Status | None]
"""A release and what was measured there; `None` if nothing was. A status without evidence is as unknown."""

NO_EVIDENCE = "no evidence"


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Measured releases of one status with no other status measured between them.

    The status began after `after` and at the latest with `first`. It lasted at least to `last` and had ended
    by `before`. An edge is exact where no unknown release lies at it.
    """

    status: Status
    first: str
    last: str
    after: str | None
    """The last measured release before the interval; none where the interval is the first."""
    before: str | None
    """The first measured release after the interval; none where the interval is the last."""
    unknown_before: tuple[str, ...] = ()
    unknown_within: tuple[str, ...] = ()
    unknown_after: tuple[str, ...] = ()

    @property
    def is_alone(self) -> bool:
        """Whether no other status was measured anywhere."""
        return self.after is None and self.before is None

    @property
    def is_open(self) -> bool:
        """Whether the interval reaches the newest release, measured."""
        return self.before is None and not self.unknown_after

    @property
    def words(self) -> str:
        return f"{self.status.value} {self.where}"

    @property
    def where(self) -> str:
        """The releases in words: `0.12.1 to 0.16.1`, `from 0.17.0`."""
        if self.is_alone:
            return self._where_alone()
        if self.after is not None and self.unknown_before:
            start = f"from a release after {self.after}, at the latest {self.first}"
            return start if self.is_open else f"{start}, to {self._end()}"
        if self.is_open:
            return f"from {self.first}"
        return f"in {self._end()}" if self.first == self.last else f"{self.first} to {self._end()}"

    def _where_alone(self) -> str:
        if self.first == self.last:
            return f"in {self.first}"
        unknown = self.unknown_before or self.unknown_within or self.unknown_after
        return f"{'wherever measured' if unknown else 'throughout'}, {self.first} to {self.last}"

    def _end(self) -> str:
        return f"at least {self.last}" if self.unknown_after else self.last


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Neighbouring releases without evidence, for one reason."""

    status: Status | None
    """A status without evidence; `None` where nothing was measured."""
    first: str
    last: str

    @property
    def words(self) -> str:
        where = self.first if self.first == self.last else f"{self.first} to {self.last}"
        return f"{where} {self.status.value if self.status else 'not measured'}"


def intervals(points: Sequence[Point]) -> tuple[Interval, ...]:
    """The intervals of a history, in its order; none where there is no evidence at all."""
    runs = _runs(points)
    neighbours = zip([[], *runs[:-1]], runs, [*runs[1:], []], strict=True)
    return tuple(_interval(points, *run) for run in neighbours) if runs else ()


def _runs(points: Sequence[Point]) -> list[list[int]]:
    measured = [index for index, (_, status) in enumerate(points) if _is_known(status)]
    return [list(run) for _, run in groupby(measured, key=lambda index: points[index][1])]


def _is_known(status: Status | None) -> bool:
    return status is not None and status.is_evidence


def _interval(points: Sequence[Point], earlier: list[int], run: list[int], later: list[int]) -> Interval:
    first, last = run[0], run[-1]
    start = earlier[-1] + 1 if earlier else 0
    stop = later[0] if later else len(points)
    status = points[first][1]
    assert status is not None
    return Interval(
        status=status,
        first=points[first][0],
        last=points[last][0],
        after=points[earlier[-1]][0] if earlier else None,
        before=points[later[0]][0] if later else None,
        unknown_before=_labels(points[start:first]),
        unknown_within=_labels(point for point in points[first:last] if not _is_known(point[1])),
        unknown_after=_labels(points[last + 1 : stop]),
    )


def _labels(points: Iterable[Point]) -> tuple[str, ...]:
    return tuple(label for label, _ in points)


def gaps(points: Sequence[Point]) -> tuple[Gap, ...]:
    """The stretches of a history without evidence, each with its reason."""
    stretches = [(status, _labels(run)) for status, run in groupby(points, key=lambda point: point[1])]
    return tuple(
        Gap(status=status, first=labels[0], last=labels[-1])
        for status, labels in stretches
        if not _is_known(status)
    )


def brief_words(points: Sequence[Point]) -> str:
    """A whole history in one phrase: `failing 0.12.1 to 0.16.1, fixed from 0.17.0`."""
    return ", ".join(_phrases(intervals(points))) or NO_EVIDENCE


def history_words(points: Sequence[Point]) -> str:
    """A whole history in one phrase that also names the releases without evidence, and why."""
    told, unknown = brief_words(points), ", ".join(gap.words for gap in gaps(points))
    if not unknown:
        return told
    return f"{NO_EVIDENCE}: {unknown}" if told == NO_EVIDENCE else f"{told} ({NO_EVIDENCE}: {unknown})"


def _phrases(history: Sequence[Interval]) -> list[str]:
    before: set[Status] = set()
    phrases = []
    for interval in history:
        again = " again" if interval.status in before else ""
        phrases.append(f"{interval.status.value}{again} {interval.where}")
        before.add(interval.status)
    return phrases
