"""Which of many ordered points to measure next, so that every change between known points is found.

Points are numbers; the caller knows the releases or commits behind them. Nothing here measures or remembers
beyond what it is told, so a search that is told the same results again goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Neighbouring decided points with different labels, and what lies between them."""

    before: int
    after: int
    undecided: tuple[int, ...] = ()
    """Points that gave no verdict."""
    untested: tuple[int, ...] = ()
    """Points yet to be measured; empty once the search is done."""


class Search:
    """The search over the points 0 to size - 1, each of which has a label or is unknown."""

    def __init__(
        self, size: int, *, first: Iterable[int] = (), every: bool = False, sweep: bool = True
    ) -> None:
        """`first` is measured before all else, `every` measures all points.

        With `sweep`, as long as all that is decided has one label, the search goes on between until something
        differs or nothing is left. Without, it goes on only until two points are decided.
        """
        if size < 1:
            message = f"A search needs at least one point, not {size}."
            raise ValueError(message)
        self._size = size
        self._told: dict[int, str | None] = {}
        self._first = tuple(dict.fromkeys(first))
        self._every = every
        self._sweep = sweep
        for point in self._first:
            self._check(point)

    @property
    def told(self) -> Mapping[int, str | None]:
        """All that is known, in order; none where a point gave no verdict."""
        return dict(sorted(self._told.items()))

    @property
    def is_done(self) -> bool:
        return not self.gains()

    def tell(self, point: int, label: str | None) -> None:
        """What a point gave, asked for or not. Raises ValueError if it was told otherwise before."""
        self._check(point)
        if self._told.setdefault(point, label) != label:
            message = f"Point {point} was {self._told[point]} and cannot be {label}, too."
            raise ValueError(message)

    def next_point(self) -> int | None:
        """The point that helps most, or none when done."""
        gains = self.gains()
        return max(gains, key=gains.__getitem__) if gains else None

    def next_if(self, point: int, label: str | None) -> int | None:
        """The point that would help most, were this one told this label."""
        other = copy(self)
        other._told = {**self._told, point: label}
        return other.next_point()

    def gains(self) -> dict[int, float]:
        """How much each useful point helps now: 1 if it has to be proven first, else less. Empty when done.

        Of several searches over the same points, the one with the greatest sum serves them best.
        """
        gains = dict.fromkeys(self._proofs(), 1.0)
        is_proven = not gains
        for gap in self.changes():
            for point, gain in _splits(gap):
                gains.setdefault(point, gain)
        if self._every or (is_proven and self._must_sweep()):
            for point, gain in _spread(self._told, self._size):
                gains.setdefault(point, gain)
        return gains

    def changes(self) -> list[Gap]:
        """Every neighbouring pair of decided points with different labels, in order."""
        return [
            self._gap(before, after)
            for before, after in pairwise(self._decided())
            if self._told[before] != self._told[after]
        ]

    def unmeasured(self) -> tuple[int, ...]:
        """Points that were never told and lie in no open change: between or beside points of one label."""
        open_points = {point for gap in self.changes() for point in gap.untested}
        return tuple(point for point in self._untested(range(self._size)) if point not in open_points)

    def _check(self, point: int) -> None:
        if not 0 <= point < self._size:
            message = f"Point {point} is not one of 0 to {self._size - 1}."
            raise ValueError(message)

    def _decided(self) -> list[int]:
        return sorted(point for point, label in self._told.items() if label is not None)

    def _untested(self, points: Iterable[int]) -> Iterator[int]:
        return (point for point in points if point not in self._told)

    def _gap(self, before: int, after: int) -> Gap:
        between = range(before + 1, after)
        return Gap(
            before=before,
            after=after,
            undecided=tuple(point for point in between if point in self._told),
            untested=tuple(self._untested(between)),
        )

    def _proofs(self) -> Iterator[int]:
        """What has to be known before all else: the points to try, then both ends."""
        yield from self._untested(self._first)
        points = range(self._size)
        walks = [(_step_of_walk(self._told, line), line) for line in (points, points[::-1])]
        yield from (line[step] for step, line in sorted(walks, key=lambda walk: walk[0]) if step < self._size)

    def _must_sweep(self) -> bool:
        labels = [label for label in self._told.values() if label is not None]
        return len(labels) < 2 or (self._sweep and len(set(labels)) == 1)


def _step_of_walk(told: Mapping[int, str | None], points: Sequence[int]) -> int:
    """How far from its end a walk inwards is, in doubling steps; past all points once it met one decided."""
    reach = next((step for step, point in enumerate(points) if told.get(point) is not None), len(points))
    step = 0
    while step < reach and points[step] in told:
        step = 2 * step + 1
    return step if step < reach else len(points)


def _splits(gap: Gap) -> Iterator[tuple[int, float]]:
    """For every untested point of a change, the share of them that it removes at least, times its chance."""
    bounds = (gap.before, *gap.undecided, gap.after)
    total = len(gap.untested)
    rank = 0
    for left, right in pairwise(bounds):
        for point in range(left + 1, right):
            share = (min(rank, total - 1 - rank) + 1) / (total + 1)
            yield point, share * _chance(gap, left, point, right)
            rank += 1


def _chance(gap: Gap, left: int, point: int, right: int) -> float:
    """How likely a point is to give a verdict, from the told points beside it: the unknown come in stretches.

    Between a decided and an unknown point a stretch ends, and halving finds where. Between two unknown points
    hope falls with their number, so that a stretch is measured through only if nothing else is left.
    """
    if not gap.undecided:
        return 1.0
    if left == gap.before:
        return (right - point) / (right - left)
    if right == gap.after:
        return (point - left) / (right - left)
    return min(point - left, right - point) / (gap.after - gap.before) / len(gap.undecided)


def _spread(told: Mapping[int, str | None], size: int) -> Iterator[tuple[int, float]]:
    """Every untested point by its distance from all that was told; to take the best is breadth-first."""
    for left, right in pairwise((-1, *sorted(told), size)):
        for point in range(left + 1, right):
            yield point, min(point - left, right - point) / (2 * size)
