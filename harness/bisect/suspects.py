"""Which of the packages that differ between two environments make the status change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from harness.bisect.answer import Experiment, Move, Suspects
from harness.bisect.delta import PAIRS_UP_TO, Minimal, all_causes, minimal
from harness.bisect.ends import Ends, Measure
from harness.bisect.mixes import blend, hold, mix, moves
from harness.bisect.progress import Steps
from harness.bisect.pythons import to_one_python
from harness.bisect.shelf import Shelf
from harness.environment.lock import Lock

NAMED = 4
"""Packages that a mixture is described by."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The suspects, and the environments of one Python between which they were searched."""

    suspects: Suspects
    ends: Ends


def find_suspects(
    ends: Ends,
    measure: Measure,
    shelf: Shelf,
    steps: Steps,
    prime: Sequence[str] = (),
    *,
    consistent: bool = True,
) -> Found:
    """Search for the smallest set of packages that flips the status, and prove it both ways where possible.

    Args:
        ends: the two environments, already measured.
        measure: gives the reading of an environment.
        shelf: keeps what the resolver says of mixtures.
        steps: told of every experiment.
        prime: the packages to suspect first.
        consistent: whether both environments satisfy their own requirements; where they do not, the
            resolver is not asked about mixtures of them.
    """
    tried: tuple[Experiment, ...] = ()
    if ends.before.python != ends.after.python:
        together = to_one_python(ends, measure, steps)
        if isinstance(together, Suspects):
            return Found(suspects=together, ends=ends)
        ends, tried = together
    hunt = _Hunt(ends=ends, measure=measure, shelf=shelf, steps=steps, consistent=consistent)
    if not hunt.moves:
        note = "both environments hold the same packages"
        nothing = Suspects(
            moves=(), culprits=(), sufficient=None, necessary=None, experiments=tried, note=note
        )
        return Found(suspects=nothing, ends=ends)
    found = hunt.run(tuple(name for name in prime if name in hunt.units))
    return Found(suspects=replace(found, experiments=(*tried, *found.experiments)), ends=ends)


@dataclass(kw_only=True)
class _Hunt:
    ends: Ends
    measure: Measure
    shelf: Shelf
    steps: Steps
    consistent: bool = True
    tried: dict[frozenset[str], Experiment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.moves = moves(self.ends.before, self.ends.after)
        self.units = tuple(move.package for move in self.moves)

    def run(self, prime: tuple[str, ...]) -> Suspects:
        culprits, unproven = self._smallest(prime)
        self._with(culprits)
        necessary = self._with(self._rest(culprits))
        companions: frozenset[str] = frozenset()
        others = []
        if necessary.reading.label == self.ends.new:
            found = all_causes(self.units, self._flips, first=[culprits])
            others = [tuple(sorted(self._apart(c)[0])) for c in found.sets if c.units != culprits]
        elif necessary.reading.label is None:
            companions = self._along(self.ends.after, self.ends.before, culprits) - culprits
        return Suspects(
            moves=self.moves,
            culprits=tuple(sorted(culprits)),
            sufficient=self._brought_in(culprits),
            necessary=self._taken_back(culprits | companions),
            experiments=tuple(self.tried.values()),
            others=tuple(others),
            note=_note(unproven, companions),
        )

    def _smallest(self, prime: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
        """The smallest set found, and those of it that could not be shown to be needed."""
        groups = []
        for name in prime:
            suspect = frozenset({name})
            flips = self._flips(suspect)
            if flips:
                return suspect, frozenset()
            if flips is None:
                group = self._along(self.ends.before, self.ends.after, suspect)
                if self._restores(suspect) and self._flips(group) is not False:
                    return suspect, frozenset()
                groups.append(group)
        for group in sorted(groups, key=len):
            if len(group) > 1 and self._flips(group):
                return self._apart(minimal(sorted(group), self._flips))
        units, unproven = self._apart(minimal(self.units, self._flips))
        if len(units) > 1 and unproven:
            # Where the resolver refuses to bring in the new version alone, it may allow to take it out.
            backward = minimal(self.units, self._restores)
            if len(backward.units) < len(units) and self._may_be_all(backward.units, units):
                if self._flips(backward.units):
                    return self._apart(minimal(sorted(backward.units), self._flips))
                # Of causes that each do alone, a part of every one goes back: perhaps one is seen to do.
                lone = (frozenset({unit}) for unit in sorted(backward.units))
                enough = next((unit for unit in lone if self._flips(unit)), None)
                return (enough, frozenset()) if enough else (backward.units, backward.unproven)
        return units, unproven

    def _may_be_all(self, fewer: frozenset[str], more: frozenset[str]) -> bool:
        """Whether units that restore the status may make the change alone, as far as can be seen.

        Of a pair that only breaks together each restores it; then it alone does not flip it, or both restore.
        """
        others = (self._restores(frozenset({unit})) for unit in sorted(more - fewer))
        return self._flips(fewer) is not False and not any(others)

    def _apart(self, found: Minimal) -> tuple[frozenset[str], frozenset[str]]:
        """A set that flips, without what goes away only together; and what is not shown to be needed."""
        units = found.units
        if not found.unproven:
            return units, found.unproven
        smaller = (units - group for group in self._bound(units))
        fewer = next((each for each in smaller if each and self._flips(each)), None)
        if fewer is None:
            return units, frozenset(unit for unit in units if not self._is_needed(unit, units))
        return self._apart(replace(found, units=fewer))

    def _is_needed(self, unit: str, units: frozenset[str]) -> bool:
        return self._flips(units - {unit}) is False or self._restores(frozenset({unit})) is True

    def _bound(self, units: frozenset[str]) -> Iterator[frozenset[str]]:
        """What may be taken from a set at once: one, one with what needs it, or two of a few."""
        yield from (frozenset({unit}) for unit in sorted(units))
        for unit in sorted(units):
            yield self._along(self.ends.after, self.ends.before, frozenset({unit})) & units
        if len(units) <= PAIRS_UP_TO:
            yield from map(frozenset, combinations(sorted(units), 2))

    def _along(self, base: Lock, other: Lock, chosen: frozenset[str]) -> frozenset[str]:
        """The packages that must move along when these get their versions of the other environment."""
        together = set(chosen)
        for name in sorted(chosen):
            version = other.packages.get(name)
            if version is not None and self.consistent:
                held = self._held(base, name, version)
                moved = {move.package for move in moves(base, held)} if held.packages else set()
                together |= moved & set(self.units)
        return frozenset(together)

    def _held(self, base: Lock, name: str, version: str) -> Lock:
        title = f"{base.key} with {name}=={version}"
        return self.shelf.made(title, lambda: hold(base, name, version, self.shelf.config))

    def _rest(self, chosen: frozenset[str]) -> frozenset[str]:
        return frozenset(self.units) - chosen

    def _flips(self, chosen: frozenset[str]) -> bool | None:
        """Whether the old environment with these packages new gives the new status."""
        return self._is(self._with(chosen), self.ends.new, self.ends.old)

    def _restores(self, chosen: frozenset[str]) -> bool | None:
        """Whether the new environment with these packages old gives the old status."""
        return self._is(self._with(self._rest(chosen)), self.ends.old, self.ends.new)

    @staticmethod
    def _is(experiment: Experiment, yes: str, no: str) -> bool | None:
        label = experiment.reading.label
        return True if label == yes else False if label == no else None

    def _with(self, chosen: frozenset[str]) -> Experiment:
        """The old environment with these packages as in the new one."""
        if chosen not in self.tried:
            before, after = self.ends.before, self.ends.after
            unchecked = "" if self.consistent else ", unchecked"
            title = f"{before.key} with {' '.join(sorted(chosen))} of {after.key}{unchecked}"
            lock = self.shelf.made(title, lambda: self._mixed(chosen))
            moved = tuple(move for move in self.moves if move.package in chosen)
            reading = self.measure(lock, {})
            description = self._describe(chosen)
            self.tried[chosen] = Experiment(description=description, moved=moved, reading=reading)
            self.steps.step(description, reading, "")
        return self.tried[chosen]

    def _mixed(self, chosen: frozenset[str]) -> Lock:
        before, after = self.ends.before, self.ends.after
        binary = self.shelf.config.only_binary
        return mix(before, after, chosen, binary) if self.consistent else blend(before, after, chosen)

    def _describe(self, chosen: frozenset[str]) -> str:
        """A mixture in words, from the end that it is nearer to."""
        is_near = len(chosen) * 2 <= len(self.units)
        return self._from_before(chosen) if is_near else self._from_after(self._rest(chosen))

    def _from_before(self, moved: frozenset[str]) -> str:
        if len(moved) == len(self.units):
            return self.ends.called[1]
        changed = [f"{m.package} {m.after or 'absent'}" for m in self.moves if m.package in moved]
        return _with(self.ends.called[0], changed)

    def _from_after(self, reverted: frozenset[str]) -> str:
        if len(reverted) == len(self.units):
            return self.ends.called[0]
        changed = [f"{m.package} {m.before or 'absent'}" for m in self.moves if m.package in reverted]
        return _with(self.ends.called[1], changed)

    def _brought_in(self, culprits: frozenset[str]) -> Experiment | None:
        """The old environment with only the culprits new, if it has the new status."""
        experiment = self._with(culprits)
        if experiment.reading.label != self.ends.new:
            return None
        return replace(experiment, description=self._from_before(culprits))

    def _taken_back(self, culprits: frozenset[str]) -> Experiment | None:
        """The new environment with only the culprits old, if it has the old status: the counterfactual."""
        experiment = self._with(self._rest(culprits))
        if experiment.reading.label != self.ends.old:
            return None
        back = tuple(
            Move(package=m.package, before=m.after, after=m.before)
            for m in self.moves
            if m.package in culprits
        )
        return replace(experiment, description=self._from_after(culprits), moved=back)


def _with(end: str, changed: Sequence[str]) -> str:
    return f"{end} with {_some(changed)}" if changed else end


def _note(unproven: frozenset[str], companions: frozenset[str]) -> str:
    notes = []
    if unproven:
        names = ", ".join(sorted(unproven))
        notes.append(f"it could not be measured without {names}: such a mixture gives no verdict")
    if companions:
        notes.append(f"it was taken back together with {', '.join(sorted(companions))}")
    return "; ".join(notes)


def _with_changes(name: str, changed: Sequence[str]) -> str:
    return f"{name} with {_some(changed)}" if changed else name


def _some(changed: Sequence[str]) -> str:
    """The first of many, and how many more."""
    if len(changed) <= NAMED:
        return ", ".join(changed)
    return f"{', '.join(changed[: NAMED - 1])} and {len(changed) - NAMED + 1} more"
