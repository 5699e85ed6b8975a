"""The text of a file of constraints, for pip and uv: ASCII, and what is foreign in comments of one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from harness.case import FIX_PREFIX, Case
from harness.gate.constraints import Plan
from harness.gate.hazards import PYTHON, RIGHT, Hazard, Limits, Subject, within
from harness.gate.published import PublishedCell
from harness.gate.ranges import Line
from harness.gate.uncap import Answer, Verdict
from harness.report.text import plain
from harness.verdict import Status

_WIDTH = 700
_REMEDIES = 4


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Everything that the file tells."""

    source: str
    """What the requirements were read from."""
    uses: tuple[str, ...]
    """The source that relevance was read from; empty where all cases of the libraries count."""
    python: str
    subjects: tuple[Subject, ...]
    stale: tuple[Case, ...]
    """Relevant cases without evidence for their text as it is."""
    team: Limits
    plan: Plan
    verdicts: tuple[Verdict, ...]
    resolved: Mapping[str, str] | None
    """The versions of the libraries in a resolution; none where nothing was checked."""
    expected: tuple[Hazard, ...] = ()
    """What fails in the resolution although it could be avoided."""
    unavailable: tuple[Line, ...] = ()
    """Lines that were passed over, because nothing can be installed with them."""


def constraints_text(answered: Answered) -> str:
    """The whole file."""
    blocks = [list(_head(answered))]
    blocks += [list(_block(line, answered)) for line in answered.plan.lines]
    tail = [*_unavoidable(answered), *_conflicting(answered), *_no_evidence(answered)]
    tail += [verdict_words(verdict, answered) for verdict in answered.verdicts]
    blocks += [[_comment(text) for text in tail]] if tail else []
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def summary(answered: Answered) -> str:
    """One sentence on what the file does."""
    plan = answered.plan
    kept, excluded, stuck = (_count(hazards) for hazards in (plan.avoided, plan.excluded, plan.stuck))
    lines = f"{len(plan.lines)} line{'' if len(plan.lines) == 1 else 's'}"
    parts = [f"{lines} for {kept} of {len(answered.subjects) + len(answered.stale)} cases"]
    parts += [f"{excluded} kept clear by your own requirements"] if excluded else []
    parts += [f"{stuck} not avoidable"] if stuck else []
    parts += [f"{_count(plan.conflicting)} not avoidable together"] if plan.conflicting else []
    parts += [f"{len(answered.stale)} without evidence"] if answered.stale else []
    return ", ".join(parts)


def _count(hazards: Iterable[Hazard]) -> int:
    return len({hazard.case.id for hazard in hazards})


def _head(answered: Answered) -> Iterator[str]:
    # Nothing foreign on the first two lines: pip looks for a "coding:" there.
    yield "# Constraints for `pip -c` and `uv pip -c`, made by `harness constraints` from measurements."
    yield "# Each line says above it what it keeps clear of; make them anew when the requirements change."
    of = f", for what {' and '.join(answered.uses)} meets" if answered.uses else ""
    yield _comment(f"For {answered.source} with Python {answered.python}{of}: {summary(answered)}.")
    measured = [cell.measured_at[:10] for subject in answered.subjects for cell in subject.cells]
    yield _comment(f"Measured until {max(measured)}.")
    if answered.plan.excluded:
        yield _comment(f"Kept clear by your own requirements: {', '.join(_excluded(answered))}.")
    yield _comment(_check(answered))
    for line in answered.unavailable:
        yield _comment(f"Passed over, because nothing can be installed with it: {line}")


def _excluded(answered: Answered) -> Iterator[str]:
    for case in _cases(answered.plan.excluded):
        if case.id not in {hazard.case.id for hazard in _open(answered.plan)}:
            yield case.id


def _open(plan: Plan) -> tuple[Hazard, ...]:
    return (*plan.avoided, *plan.stuck, *plan.conflicting)


def _check(answered: Answered) -> str:
    if answered.resolved is None:
        return "Not checked against an index (--no-check): whether these versions go together is not known."
    versions = _versions(answered.resolved, answered.resolved)
    if answered.expected:
        ids = ", ".join(case.id for case in _cases(answered.expected))
        return f"Checked: resolves to {versions}, where {ids} is still expected to fail."
    return f"Checked: resolves to {versions}, where no case that can be avoided is expected to fail."


def _block(line: Line, answered: Answered) -> Iterator[str]:
    for case in _cases(answered.plan.kept[line]):
        hazards = [hazard for hazard in answered.plan.kept[line] if hazard.case is case]
        yield _comment(f"{case.id} ({case.kind.value}): {plain(case.title)}")
        yield _comment(case.issue)
        shown = _shown(hazards, line, answered.plan)
        measured = f"; right with {_versions_of(hazards, shown.facts)}" if shown else ""
        yield _comment(f"Fails with {' or '.join(map(str, hazards))}{measured}")
    yield str(line)


def _shown(hazards: Sequence[Hazard], line: Line, plan: Plan) -> PublishedCell | None:
    """A measurement that the line is right: if possible within all limits, and where it fails without."""
    everything = [cell for cell in hazards[0].subject.failures if cell.status in RIGHT]
    beside = [cell for hazard in hazards for cell in hazard.beside(line) if cell.status in RIGHT]
    held = ([cell for cell in cells if within(cell.facts, plan.limits)] for cells in (beside, everything))
    names = _named([hazards[0].subject])
    cells = next(filter(None, held), beside)
    return max(cells, key=lambda cell: [Version(cell.facts.get(name, "0")) for name in names], default=None)


def _unavoidable(answered: Answered) -> Iterator[str]:
    for case in _cases(answered.plan.stuck):
        hazards = [hazard for hazard in answered.plan.stuck if hazard.case is case]
        subject = hazards[0].subject
        cells = [cell for cell in subject.failures if within(cell.facts, answered.team)]
        where = " or ".join(str(hazard) for hazard in hazards)
        if any(cell.status in RIGHT for cell in cells):
            why = f"fails with {where}, and nothing measured that you admit keeps clear of it"
        elif any(cell.status in RIGHT for cell in subject.failures):
            why = f"fails with {where}, and is right only where your requirements do not admit it"
        elif subject.failures:
            why = "fails in every measured release"
        else:
            why = f"fails with {where}, and was measured nowhere else"
        remedies = _remedies(subject, answered.team)
        yield (
            f"not avoidable: {case.id} {why}: {plain(case.title)} {case.issue}; measured remedies: {remedies}"
        )


def _remedies(subject: Subject, team: Limits) -> str:
    """The remedies that worked within the team's requirements, and never were refuted there."""
    cells = [cell for cell in subject.cells if within(cell.facts, team)]
    refuted = {cell.variant for cell in cells if cell.status is not Status.WORKS}
    worked = {cell.variant for cell in cells if cell.status is Status.WORKS} - refuted
    names = [v.name.removeprefix(FIX_PREFIX) for v in subject.case.variants if v.name in worked]
    more = f" and {len(names) - _REMEDIES} more" if len(names) > _REMEDIES else ""
    return ", ".join(names[:_REMEDIES]) + more or "none"


def _conflicting(answered: Answered) -> Iterator[str]:
    for case in _cases(answered.plan.conflicting):
        lines = ", ".join(map(str, answered.plan.lines))
        yield f"not avoidable together with {lines}: {case.id}: {plain(case.title)} {case.issue}"


def _no_evidence(answered: Answered) -> Iterator[str]:
    for case in answered.stale:
        yield f"no evidence: {case.id} was not measured as it is written now; run it and `harness report`"


def verdict_words(verdict: Verdict, answered: Answered) -> str:
    """What is known of a cap, in one line."""
    cap, named = verdict.cap, _named(answered.subjects)
    where = _versions(verdict.facts, named) if verdict.facts else ""
    if verdict.answer is Answer.UNCAP:
        then = f"can become {cap.package}{cap.floor}" if cap.floor else "can go"
        lines = " and ".join(map(str, verdict.lines))
        then += f" once {lines} is in its place" if verdict.lines else ""
        cases = f"{len(verdict.cases)} case{'' if len(verdict.cases) == 1 else 's'}"
        python = (verdict.facts or {}).get(PYTHON, "")
        if python.split(".")[:2] != answered.python.split("."):
            where += f" on Python {python}"
        return f"uncap now: {cap} {then}: measured clean with {where} ({cases})"
    if verdict.answer is Answer.KEEP:
        own = _versions(verdict.facts or {}, [n for n in named if n != cap.package])
        return f"keep: {cap} avoids {', '.join(verdict.cases)} with {own or where}"
    if not verdict.total:
        return f"unknown: no case was measured right within {cap}"
    if verdict.facts is None:
        return f"unknown: nothing was measured beyond {cap}"
    return f"unknown: no measured environment beyond {cap} has all {verdict.total} cases right"


def _named(subjects: Sequence[Subject]) -> list[str]:
    """The libraries of the cases, then what else their conditions name."""
    own = sorted({subject.distribution for subject in subjects})
    others = {name for subject in subjects for name in subject.named}
    return [*own, *sorted(others - set(own))]


def _versions_of(hazards: Sequence[Hazard], facts: Mapping[str, str]) -> str:
    names = [hazards[0].subject.distribution, *(name for hazard in hazards for name in hazard.packages)]
    return _versions(facts, dict.fromkeys(names))


def _versions(facts: Mapping[str, str], names: Iterable[str]) -> str:
    found = [f"{name} {facts[name]}" for name in names if name in facts]
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def _cases(hazards: Iterable[Hazard]) -> list[Case]:
    return list({hazard.case.id: hazard.case for hazard in hazards}.values())


def _comment(text: str) -> str:
    """A comment of one line; a backslash at its end would join it with the next."""
    line = plain(text, _WIDTH).encode("ascii", "backslashreplace").decode()
    return f"# {line}".rstrip("\\ ")
