"""Chooses the limits on versions under which cases are right, as far as that was measured. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from harness.gate.hazards import RIGHT, Hazard, Limits, Subject, narrowed
from harness.gate.ranges import Line, Space, opposites
from harness.verdict import Status

_BUDGET = 5_000
"""Steps of the search for lines that go together; a corpus of thousands needs some hundred."""
_DEPTH = 300


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The lines of a file of constraints, and what becomes of every way to fail."""

    lines: tuple[Line, ...]
    kept: Mapping[Line, tuple[Hazard, ...]]
    """What each line keeps clear of."""
    excluded: tuple[Hazard, ...]
    """What the team's own requirements exclude."""
    stuck: tuple[Hazard, ...]
    """What no measured version avoids that the team's requirements admit."""
    conflicting: tuple[Hazard, ...] = ()
    """What could be avoided, but not together with the lines."""
    limits: Limits = field(default_factory=dict)
    """The team's requirements with the lines."""

    @property
    def avoided(self) -> tuple[Hazard, ...]:
        return tuple(hazard for hazards in self.kept.values() for hazard in hazards)


def make_plan(
    subjects: Sequence[Subject], team: Limits, python: str, banned: AbstractSet[Line] = frozenset()
) -> Plan:
    """The fewest and gentlest lines under which no case fails that can be kept from it.

    Args:
        subjects: the relevant cases.
        team: the team's own requirements.
        python: the team's Python, `X.Y`.
        banned: lines that cannot be had.
    """
    return _Choice(subjects, team, python, banned).plan()


class _Choice:
    """The search for lines. Sets of versions are bits of a number, so that thousands of cases are quick."""

    def __init__(
        self, subjects: Sequence[Subject], team: Limits, python: str, banned: AbstractSet[Line]
    ) -> None:
        ordered = sorted(subjects, key=lambda subject: (subject.case.library, subject.case.number))
        self.hazards = [hazard for subject in ordered for hazard in subject.hazards(python)]
        self.team = team
        self.banned = banned
        self.facts = {
            cell.environment: cell.facts for subject in ordered for cell in subject.cells if cell.facts
        }
        self.libraries = sorted({subject.distribution for subject in subjects})
        self.space = Space(
            self.facts.values(), [team, *({p: h.parts[p] for p in h.packages} for h in self.hazards)]
        )
        self.steps = 0

    def plan(self) -> Plan:
        start = {name: self.space.mask(name, str(self.team[name])) for name in self.team}
        open_ = [hazard for hazard in self.hazards if self.is_possible(hazard, start)]
        options = {hazard: tuple(self.options(hazard, start)) for hazard in open_}
        able = [hazard for hazard in open_ if options[hazard]]
        lines: tuple[Line, ...] | None = None
        for jointly in (True, False):
            self.steps = 0
            lines = lines if lines is not None else self.search(able, options, start, (), jointly)
        if lines is None:
            lines = self.greedy(able, options, start)
        left = [h for h in able if self.is_possible(h, self.limited(start, lines))]
        needed = [hazard for hazard in able if hazard not in left]
        lines = self.fewest(needed, start, lines)
        return self.result(lines, start, open_, able)

    def result(
        self, lines: tuple[Line, ...], start: Mapping[str, int], open_: list[Hazard], able: list[Hazard]
    ) -> Plan:
        limits = self.limited(start, lines)
        kept: dict[Line, list[Hazard]] = {line: [] for line in lines}
        for hazard in open_:
            if not self.is_possible(hazard, limits):
                kept[self.cause(hazard, lines, start)].append(hazard)
        left = [hazard for hazard in open_ if self.is_possible(hazard, limits)]
        return Plan(
            lines=lines,
            kept={line: tuple(hazards) for line, hazards in kept.items()},
            excluded=tuple(hazard for hazard in self.hazards if hazard not in open_),
            stuck=tuple(hazard for hazard in left if hazard not in able),
            conflicting=tuple(hazard for hazard in left if hazard in able),
            limits=narrowed(self.team, lines),
        )

    def is_possible(self, hazard: Hazard, limits: Mapping[str, int]) -> bool:
        """Whether some versions within the limits satisfy the whole group."""
        return all(
            self.space.mask(name, str(hazard.parts[name])) & limits.get(name, -1) for name in hazard.packages
        )

    def limited(self, limits: Mapping[str, int], lines: Iterable[Line]) -> dict[str, int]:
        found = dict(limits)
        for line in lines:
            found[line.package] = found.get(line.package, -1) & self.space.mask(line.package, line.limit)
        return found

    def options(self, hazard: Hazard, start: Mapping[str, int]) -> list[Line]:
        """The lines that avoid it: measured, with versions that the team admits, the gentlest first."""
        found = [line for name in hazard.packages for line in opposites(name, hazard.parts[name])]
        usable = [
            line
            for line in dict.fromkeys(found)
            if line not in self.banned
            and self.is_known(line.package, self.limited(start, [line]))
            and self.is_measured(hazard, line)
        ]
        return sorted(usable, key=lambda line: line.rank(hazard.subject.distribution))

    def is_known(self, package: str, limits: Mapping[str, int]) -> bool:
        return bool(self.space.known(package) & limits[package])

    def is_measured(self, hazard: Hazard, line: Line) -> bool:
        """Right somewhere with the line and the rest of the group, and failing nowhere because of it."""
        others = [h for h in self.hazards if h.subject is hazard.subject and h is not hazard]
        cells = hazard.beside(line)
        return any(cell.status in RIGHT for cell in cells) and not any(
            cell.status is Status.FAILING and not any(other.holds(cell.facts) for other in others)
            for cell in cells
        )

    def is_joint(self, limits: Mapping[str, int]) -> bool:
        """Whether, for every library, something was measured that breaks no limit."""
        return all(
            any(library in facts and self.space.has(facts, limits) for facts in self.facts.values())
            for library in self.libraries
        )

    def search(
        self,
        hazards: Sequence[Hazard],
        options: Mapping[Hazard, Sequence[Line]],
        limits: Mapping[str, int],
        chosen: tuple[Line, ...],
        jointly: bool,
    ) -> tuple[Line, ...] | None:
        """The first lines in order of preference that avoid all; none where nothing does."""
        self.steps += 1
        if self.steps > _BUDGET or len(chosen) > _DEPTH:
            return None
        at = next((i for i, hazard in enumerate(hazards) if self.is_possible(hazard, limits)), None)
        if at is None:
            return chosen
        for line in options[hazards[at]]:
            then = self.limited(limits, [line])
            if self.is_known(line.package, then) and (not jointly or self.is_joint(then)):
                found = self.search(hazards[at + 1 :], options, then, (*chosen, line), jointly)
                if found is not None:
                    return found
        return None

    def greedy(
        self,
        hazards: Sequence[Hazard],
        options: Mapping[Hazard, Sequence[Line]],
        limits: Mapping[str, int],
    ) -> tuple[Line, ...]:
        """Lines that avoid as much as goes together, taken in order."""
        chosen: list[Line] = []
        for hazard in hazards:
            held = self.limited(limits, chosen)
            if self.is_possible(hazard, held):
                fitting = (
                    line
                    for line in options[hazard]
                    if self.is_known(line.package, self.limited(held, [line]))
                )
                chosen += [line for line in [next(fitting, None)] if line is not None]
        return tuple(chosen)

    def fewest(
        self, hazards: Sequence[Hazard], start: Mapping[str, int], lines: Sequence[Line]
    ) -> tuple[Line, ...]:
        """The lines without those that the others make superfluous, the harshest gone first."""
        own = set(self.libraries)
        kept = sorted(dict.fromkeys(lines), key=lambda line: line.rank(*own))
        for line in reversed(list(kept)):
            rest = [other for other in kept if other != line]
            limits = self.limited(start, rest)
            if not any(self.is_possible(hazard, limits) for hazard in hazards):
                kept = rest
        return tuple(sorted(kept, key=lambda line: (line.package, line.rank(*own))))

    def cause(self, hazard: Hazard, lines: Sequence[Line], start: Mapping[str, int]) -> Line:
        """The line that keeps clear of it: by itself, or with the others on the same package."""
        for line in lines:
            if not self.is_possible(hazard, self.limited(start, [line])):
                return line
        for line in lines:
            same = [other for other in lines if other.package == line.package]
            if not self.is_possible(hazard, self.limited(start, same)):
                return line
        raise AssertionError(f"nothing keeps {hazard} clear")
