"""Delta debugging: of many things that changed at once, the few that make the difference.

A test of a set says whether moving just these units flips the status: True, False, or None where that cannot
be told. See Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

Units = frozenset[str]
Test = Callable[[Units], bool | None]

PAIRS_UP_TO = 8
"""So many units that do not come apart one by one are tried in pairs, too: two packages released in step."""


@dataclass(frozen=True, kw_only=True)
class Minimal:
    """Units that flip the status together, and of which none is known to be superfluous."""

    units: Units
    unproven: Units
    """Those without which the outcome is unknown: not shown to be necessary."""
    tests: int
    """How often the test was called for it."""


@dataclass(frozen=True, kw_only=True)
class Causes:
    """Sets without common members that flip the status, each by itself."""

    sets: tuple[Minimal, ...]
    """At least one, in the order in which they were found."""
    rest: bool | None
    """What all other units together give. False: no further set, and these units are necessary together."""


def minimal(units: Sequence[str], test: Test, *, first: Sequence[Collection[str]] = ()) -> Minimal:
    """The smallest set that taking away single units leads to; it was tested and flips.

    All units together must flip, and none must not: the caller has proven both, and neither is tested again.
    The sets of `first` are tried before anything else. Units that belong together should be neighbours.
    """
    asked = _Asked(units, test)
    return _minimal(asked, frozenset(units), first)


def all_causes(units: Sequence[str], test: Test, *, first: Sequence[Collection[str]] = ()) -> Causes:
    """A minimal set; then another among the other units, until these do not flip or it is unknown.

    Sets that share a member with one found before are not looked for.
    """
    asked = _Asked(units, test)
    rest = frozenset(units)
    sets = [_minimal(asked, rest, first)]
    rest -= sets[0].units
    while asked(rest):
        sets.append(_minimal(asked, rest, first))
        rest -= sets[-1].units
    return Causes(sets=tuple(sets), rest=asked(rest))


class _Asked:
    """The test, called at most once for a set."""

    def __init__(self, units: Sequence[str], test: Test) -> None:
        if not units:
            message = "Delta debugging needs at least one unit that changed."
            raise ValueError(message)
        self.order = tuple(dict.fromkeys(units))
        self.count = 0
        self._test = test
        self._answers: dict[Units, bool | None] = {frozenset(): False, frozenset(units): True}

    def __call__(self, units: Units) -> bool | None:
        if units not in self._answers:
            self.count += 1
            self._answers[units] = self._test(units)
        return self._answers[units]

    def sort(self, units: Units) -> list[str]:
        return [unit for unit in self.order if unit in units]


@dataclass(frozen=True, kw_only=True)
class _Span:
    """Two sets, one within the other: the smaller is not known to flip, the larger flips."""

    inner: Units
    outer: Units
    parts: int = 2
    """Into how many parts the difference is cut."""

    @property
    def between(self) -> Units:
        return self.outer - self.inner


def _minimal(asked: _Asked, flipping: Units, first: Sequence[Collection[str]]) -> Minimal:
    """As `minimal`, within units that are known to flip."""
    before = asked.count
    found: Units = frozenset()
    while not asked(found):
        span = _narrow(asked, _tried(asked, _Span(inner=found, outer=flipping), first))
        found, flipping = found | span.between, span.outer
    found = _without_superfluous(asked, found)
    unproven = frozenset(unit for unit in found if asked(found - {unit}) is None)
    return Minimal(units=found, unproven=unproven, tests=asked.count - before)


def _tried(asked: _Asked, span: _Span, first: Sequence[Collection[str]]) -> _Span:
    """What the suspects leave: down to the first that flips, or beyond the largest that does not."""
    inner = span.inner
    for suspects in (span.inner | (span.outer & frozenset(names)) for names in first):
        if asked(suspects):
            return _Span(inner=span.inner, outer=suspects)
        if asked(suspects) is False:
            inner = max(inner, suspects, key=len)
    return _Span(inner=inner, outer=span.outer)


def _narrow(asked: _Asked, span: _Span) -> _Span:
    """Bring both sets together until the difference is one unit, or does not come apart."""
    while len(span.between) > 1:
        narrower = _with_parts(asked, span)
        if narrower is None and span.parts < len(span.between):
            narrower = _Span(inner=span.inner, outer=span.outer, parts=2 * span.parts)
        if narrower is None:
            narrower = _with_pairs(asked, span)
        if narrower is None:
            break
        span = narrower
    return span


def _with_parts(asked: _Asked, span: _Span) -> _Span | None:
    between = asked.sort(span.between)
    parts = min(span.parts, len(between))
    edges = [len(between) * part // parts for part in range(parts + 1)]
    return _step(asked, span, [frozenset(between[edges[i] : edges[i + 1]]) for i in range(parts)])


def _with_pairs(asked: _Asked, span: _Span) -> _Span | None:
    between = asked.sort(span.between)
    if len(between) > PAIRS_UP_TO:
        return None
    return _step(asked, span, [frozenset(pair) for pair in combinations(between, 2)])


def _step(asked: _Asked, span: _Span, parts: Sequence[Units]) -> _Span | None:
    """The span after the first decided test of a part added to the inner set or taken from the outer."""
    added = (span.inner | part for part in parts)
    taken = (span.outer - part for part in parts)
    return _first_decided(asked, span, added) or _first_decided(asked, span, taken)


def _first_decided(asked: _Asked, span: _Span, sets: Iterable[Units]) -> _Span | None:
    for units in sets:
        if units not in (span.inner, span.outer) and (moved := _moved(span, units, asked(units))):
            return moved
    return None


def _moved(span: _Span, units: Units, flips: bool | None) -> _Span | None:
    """The span with one end moved to a tested set, cut more coarsely again; none where that is unknown."""
    if flips is None:
        return None
    inner, outer = (span.inner, units) if flips else (units, span.outer)
    removed = len(span.between) - len(outer - inner)
    parts = 2 if 2 * removed >= len(span.between) else max(2, span.parts - 1)
    return _Span(inner=inner, outer=outer, parts=parts)


def _without_superfluous(asked: _Asked, found: Units) -> Units:
    """Take away single units as long as the rest is known to flip: more than monotone truths need."""
    for unit in asked.sort(found):
        if asked(found - {unit}):
            return _without_superfluous(asked, found - {unit})
    return found
