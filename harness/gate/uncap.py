"""Says of the caps in a team's own requirements whether measurements allow them to go. Pure."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.gate.constraints import Plan, make_plan
from harness.gate.hazards import PYTHON, RIGHT, Limits, Subject, has, within
from harness.gate.published import PublishedCell
from harness.gate.ranges import Line, after


class Answer(enum.Enum):
    """Whether a cap can go."""

    UNCAP = "uncap now"
    KEEP = "keep"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Cap:
    """An upper bound or exclusion of the team's own."""

    package: str
    limit: str
    """As written, such as `<0.10`, `!=2.1` or `~=1.4`."""
    beyond: SpecifierSet
    """What it keeps out that may be let in."""
    floor: str = ""
    """What stays of it: `>=1.4` of `~=1.4`."""

    def __str__(self) -> str:
        return f"{self.package}{self.limit}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is known of a cap."""

    cap: Cap
    answer: Answer
    lines: tuple[Line, ...] = ()
    """What has to be there in its place."""
    facts: Mapping[str, str] | None = None
    """The environment that shows it."""
    cases: tuple[str, ...] = ()
    """What is right there, or what is not."""
    total: int = 0
    """How many cases are right within the cap."""


def caps_of(requirements: Sequence[Requirement], packages: Collection[str]) -> tuple[Cap, ...]:
    """The caps on some packages, in order; a pin to one release is none."""
    found = []
    for requirement in requirements:
        name = str(canonicalize_name(requirement.name))
        for part in sorted(requirement.specifier, key=str) if name in packages else ():
            found += [cap for cap in [_cap(name, part)] if cap is not None]
    return tuple(dict.fromkeys(found))


def _cap(name: str, part: Specifier) -> Cap | None:
    prefix = part.version.removesuffix(".*")
    limit = f"{part.operator}{part.version}"
    try:
        bound = Version(prefix)
    except InvalidVersion:
        return None
    opposite = {"<": f">={bound}", "<=": f">{bound}", "!=": f"=={part.version}"}.get(part.operator)
    if opposite is not None:
        return Cap(package=name, limit=limit, beyond=SpecifierSet(opposite))
    if part.operator == "~=" or (part.operator == "==" and prefix != part.version):
        length = len(bound.release) - (part.operator == "~=")
        beyond = SpecifierSet(f">={after(bound, length)}")
        return Cap(package=name, limit=limit, beyond=beyond, floor=f">={bound}")
    return None


def judge_caps(
    subjects: Sequence[Subject],
    requirements: Sequence[Requirement],
    packages: Collection[str],
    plan: Plan,
    python: str,
    banned: AbstractSet[Line] = frozenset(),
) -> tuple[Verdict, ...]:
    """A verdict on each of the team's caps on the libraries, or on what the cases' conditions name."""
    named = {name for subject in subjects for name in subject.named}
    caps = caps_of(requirements, {*packages, *named})
    return tuple(_judge(cap, subjects, requirements, plan, python, banned) for cap in caps)


def limits_of(requirements: Sequence[Requirement], without: Cap | None = None) -> dict[str, SpecifierSet]:
    """What is required of each package; without one cap, of which only its floor stays."""
    found: dict[str, SpecifierSet] = {}
    for requirement in requirements:
        name = str(canonicalize_name(requirement.name))
        for part in requirement.specifier:
            limit = f"{part.operator}{part.version}"
            if without is not None and (name, limit) == (without.package, without.limit):
                limit = without.floor
            found[name] = found.get(name, SpecifierSet()) & SpecifierSet(limit)
        found.setdefault(name, SpecifierSet())
    return found


def _judge(
    cap: Cap,
    subjects: Sequence[Subject],
    requirements: Sequence[Requirement],
    plan: Plan,
    python: str,
    banned: AbstractSet[Line],
) -> Verdict:
    free = limits_of(requirements, cap)
    environments = _by_environment(subjects)
    right = {
        case
        for cells in environments.values()
        if cap.package in _facts(cells) and within(_facts(cells), limits_of(requirements))
        for case in _right(cells)
    }
    past = {name: cells for name, cells in environments.items() if _is_past(_facts(cells), cap, free)}
    if not past or not right:
        return Verdict(cap=cap, answer=Answer.UNKNOWN, total=len(right))
    relaxed = make_plan(subjects, free, python, banned)
    let_in = [cells for cells in past.values() if within(_facts(cells), relaxed.limits)]
    clean = [_facts(cells) for cells in let_in if right <= _right(cells)]
    is_bad = any(right & _wrong(cells) for cells in let_in)
    lost = {hazard.case.id for hazard in (*relaxed.stuck, *relaxed.conflicting)} & {
        hazard.case.id for hazard in (*plan.excluded, *plan.avoided)
    } - {hazard.case.id for hazard in (*plan.stuck, *plan.conflicting)}
    if clean and not lost and not is_bad:
        lines = tuple(line for line in relaxed.lines if line not in plan.lines)
        facts = max(clean, key=lambda facts: _newest(facts, subjects, python))
        return Verdict(
            cap=cap,
            answer=Answer.UNCAP,
            lines=lines,
            facts=facts,
            cases=tuple(sorted(right)),
            total=len(right),
        )
    return _kept(cap, subjects, past, right, python)


def _kept(
    cap: Cap,
    subjects: Sequence[Subject],
    past: Mapping[str, Mapping[str, list[PublishedCell]]],
    right: Collection[str],
    python: str,
) -> Verdict:
    """The newest environment beyond the cap where something is wrong; unknown where nothing is."""
    wrong = [(_facts(cells), _wrong(cells) & set(right)) for cells in past.values()]
    seen = [(facts, cases) for facts, cases in wrong if cases]
    if not seen:
        return Verdict(
            cap=cap, answer=Answer.UNKNOWN, facts=_facts(next(iter(past.values()))), total=len(right)
        )
    facts, cases = max(seen, key=lambda pair: _newest(pair[0], subjects, python))
    return Verdict(cap=cap, answer=Answer.KEEP, facts=facts, cases=tuple(sorted(cases)), total=len(right))


def _by_environment(subjects: Sequence[Subject]) -> dict[str, dict[str, list[PublishedCell]]]:
    """Environment to case id to the failure's cells on all devices."""
    found: dict[str, dict[str, list[PublishedCell]]] = {}
    for subject in subjects:
        for cell in subject.failures:
            found.setdefault(cell.environment, {}).setdefault(subject.case.id, []).append(cell)
    return found


def _facts(cells: Mapping[str, list[PublishedCell]]) -> Mapping[str, str]:
    return next(iter(cells.values()))[0].facts


def _is_past(facts: Mapping[str, str], cap: Cap, free: Limits) -> bool:
    return has(facts, cap.package, cap.beyond) and within(facts, free)


def _right(cells: Mapping[str, list[PublishedCell]]) -> set[str]:
    return {case for case, found in cells.items() if all(cell.status in RIGHT for cell in found)}


def _wrong(cells: Mapping[str, list[PublishedCell]]) -> set[str]:
    return {case for case, found in cells.items() if any(cell.status not in RIGHT for cell in found)}


def _newest(facts: Mapping[str, str], subjects: Sequence[Subject], python: str) -> tuple[object, ...]:
    """For a maximum: of the team's Python, then by the libraries' versions, then by what conditions name."""
    own = list(dict.fromkeys(subject.distribution for subject in subjects))
    others = sorted({name for subject in subjects for name in subject.named})
    versions = [Version(facts.get(name, "0")) for name in [*own, *others]]
    return facts.get(PYTHON, "").split(".")[:2] == python.split("."), versions
