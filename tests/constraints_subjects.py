"""Cases of a made-up library `toy`, measured with every `dep`, for tests of constraints."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from toy.cases import edited, make_case

from harness.gate.constraints import Plan, make_plan
from harness.gate.constraints_text import Answered
from harness.gate.hazards import Subject
from harness.gate.published import PublishedCell
from harness.gate.uncap import judge_caps, limits_of
from harness.verdict import Status

TOYS = ("1.0", "2.0", "3.0")
DEPS = ("1.0", "2.0")
EVERYWHERE = tuple(itertools.product(TOYS, DEPS))


def cell(toy: str, dep: str, status: Status, variant: str = "failure", python: str = "3.11") -> PublishedCell:
    return PublishedCell(
        variant=variant,
        device="cpu",
        status=status,
        environment=f"toy-{toy}+dep-{dep}",
        facts={"python": python, "toy": toy, "dep": dep},
        measured_at="2026-01-01T12:00:00Z",
    )


def subject(
    *groups: Sequence[str],
    number: int = 7,
    at: Sequence[tuple[str, str]] = EVERYWHERE,
    differs: Mapping[tuple[str, str], Status] = {},
    cells: Sequence[PublishedCell] = (),
    title: str = "The toy breaks.",
) -> Subject:
    """A case that fails where its groups say, measured in all these environments."""
    failing = ", ".join(str(list(group)).replace("'", '"') for group in groups)
    header = edited('failing = ["toy<2"]', f"failing = [{failing}]")
    case = make_case(f"toy/{number}_breaks.py", header, title=title)
    where = case.variants[0].present.where
    known = {
        (toy, dep): Status.FAILING
        if where.holds({"python": "3.11", "toy": toy, "dep": dep})
        else Status.FIXED
        for toy, dep in at
    }
    measured = [cell(toy, dep, status) for (toy, dep), status in {**known, **differs}.items()]
    return Subject(case=case, distribution="toy", cells=(*measured, *cells))


def limits(*requirements: str) -> dict[str, SpecifierSet]:
    return limits_of([Requirement(text) for text in requirements])


def planned(*subjects: Subject, team: Sequence[str] = (), python: str = "3.11", **options: object) -> Plan:
    return make_plan(subjects, limits(*team), python, **options)


def answered(*subjects: Subject, team: Sequence[str] = (), **fields: object) -> Answered:
    requirements = [Requirement(text) for text in team]
    plan = planned(*subjects, team=team)
    known: dict[str, object] = {
        "source": "requirements.txt",
        "uses": (),
        "python": "3.11",
        "subjects": subjects,
        "stale": (),
        "team": limits(*team),
        "plan": plan,
        "verdicts": judge_caps(subjects, requirements, ["toy"], plan, "3.11"),
        "resolved": None,
    }
    return Answered(**{**known, **fields})
