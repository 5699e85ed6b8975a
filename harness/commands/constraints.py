"""`harness constraints`: the limits on versions that keep a team clear of the cases that concern it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from rich.console import Console
from rich.text import Text

from harness.case import Case
from harness.config import Config
from harness.environment.compiling import Unsolvable, compile_pins, public_versions
from harness.environment.stated import (
    Stated,
    parse_requirements,
    python_of,
    read_requirements,
    read_text,
    read_toml,
)
from harness.environment.uv import UvError, present_pythons
from harness.errors import NoEvidence, UnexpectedResult, UsageError
from harness.files import write_atomically
from harness.gate.constraints import Plan, make_plan
from harness.gate.constraints_text import Answered, constraints_text, summary, verdict_words
from harness.gate.hazards import Hazard, Limits, Subject
from harness.gate.published import Published, read_published
from harness.gate.ranges import Line
from harness.gate.uncap import judge_caps, limits_of
from harness.progress import visible
from harness.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A team's requirements, and the Python that they are for."""

    name: str
    stated: Stated
    python: str

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Their own limits: of what they require, and of what else they constrain."""
        return (*self.stated.requirements, *map(Requirement, self.stated.constraints))


@dataclass(frozen=True, kw_only=True)
class Index:
    """Resolves the team's requirements now."""

    wanted: Wanted
    config: Config

    def pins(self, lines: Sequence[Line] = ()) -> dict[str, str]:
        """Public versions of everything that is installed with some lines.

        Raises:
            Unsolvable: nothing is.
            NoEvidence: the index cannot be asked.
        """
        try:
            pins = compile_pins(
                [str(requirement) for requirement in self.wanted.stated.requirements],
                python=self.wanted.python,
                only_binary=self.config.only_binary,
                constraints=[*self.wanted.stated.constraints, *map(str, lines)],
            )
        except UvError as error:
            message = (
                f"{self.wanted.name} cannot be resolved now: {error.brief}; --no-check leaves the check out."
            )
            raise NoEvidence(message) from None
        return public_versions(pins)


def run_constraints(console: Console, workspace: Workspace, options: Mapping[str, Any]) -> int:
    """Print or write the constraints; exit code 1 where what they are to avoid is still expected.

    Raises:
        UsageError: the requirements cannot be read, or no case concerns them.
        NoEvidence: nothing was measured, nothing can be resolved, or the file cannot be written.
    """
    config = workspace.config
    wanted = read_wanted(options["requirements"], options["python"])
    published = read_published(config.reports / "compatibility.json")
    index = Index(wanted=wanted, config=config) if options["check"] else None
    cases = _relevant(workspace.cases, wanted, _names(wanted, index), config)
    cases = _met(cases, options["uses"], config)
    subjects, stale = _measured(cases, published, config)
    team = limits_of(wanted.requirements)
    plan = make_plan(subjects, team, wanted.python)
    pins, banned = None, frozenset[Line]()
    if index is not None:
        plan, pins, banned = _resolvable(plan, index, subjects, team)
    distributions = {library.distribution for library in config.libraries.values()}
    answered = Answered(
        source=wanted.name,
        uses=tuple(map(str, options["uses"])),
        python=wanted.python,
        subjects=subjects,
        stale=stale,
        team=team,
        plan=plan,
        verdicts=judge_caps(subjects, wanted.requirements, distributions, plan, wanted.python, banned),
        resolved=None if pins is None else _shown(pins, subjects),
        expected=() if pins is None else _expected(plan, {**pins, "python": wanted.python}),
        unavailable=tuple(sorted(banned)),
    )
    _give(console, answered, options["output"])
    return UnexpectedResult.exit_code if answered.expected else 0


def read_wanted(path: Path, python: str | None) -> Wanted:
    """The requirements of a file: a pyproject.toml's dependencies, or a requirements file.

    Raises:
        UsageError: it cannot be read or names nothing.
    """
    if python is not None and not re.fullmatch(r"3\.\d+", python):
        message = f"--python {python} is no version of Python; write it as 3.11."
        raise UsageError(message)
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if path.suffix == ".toml":
        dependencies, requires = _project(path)
        chosen = _python_for(path, python, requires, own)
        stated = parse_requirements("\n".join(dependencies), path, chosen)
    else:
        chosen = python or python_of(read_text(path)) or own
        stated = read_requirements(path, chosen)
    if not stated.requirements:
        message = f"{path} requires nothing with Python {chosen}; give a file that names what you install."
        raise UsageError(message)
    return Wanted(name=str(path), stated=stated, python=chosen)


def _project(path: Path) -> tuple[list[str], str]:
    project = read_toml(path).get("project")
    if not isinstance(project, dict):
        message = f"{path} has no [project] table; give a requirements file or another pyproject.toml."
        raise UsageError(message)
    dependencies, requires = project.get("dependencies", []), project.get("requires-python", "")
    dynamic = project.get("dynamic", [])
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        message = f"{path} leaves its dependencies to its build (dynamic); give a requirements file."
        raise UsageError(message)
    if not (isinstance(dependencies, list) and all(isinstance(each, str) for each in dependencies)):
        message = f"{path}: dependencies of [project] is no list of strings; mend it."
        raise UsageError(message)
    return dependencies, str(requires)


def _python_for(path: Path, given: str | None, requires: str, own: str) -> str:
    try:
        admitted = SpecifierSet(requires)
    except InvalidSpecifier:
        message = f"{path}: requires-python = {requires!r} says no Python; mend it."
        raise UsageError(message) from None
    for version in [given] if given else [own, *present_pythons()]:
        if admitted.contains(f"{version}.99"):
            return version
    message = f"{path} is for Python {requires}; give one of these with --python."
    raise UsageError(message)


def _names(wanted: Wanted, index: Index | None) -> set[str]:
    """Canonical names of all that is required, and of what that pulls in where it can be resolved."""
    names = {str(canonicalize_name(requirement.name)) for requirement in wanted.stated.requirements}
    if index is None:
        return names
    try:
        return names | index.pins().keys()
    except Unsolvable as error:
        message = f"nothing satisfies {wanted.name}: {_brief(error)}."
        raise UsageError(message) from None


def _relevant(cases: Sequence[Case], wanted: Wanted, names: set[str], config: Config) -> list[Case]:
    found = [case for case in cases if config.libraries[case.library].distribution in names]
    if not found:
        known = sorted({config.libraries[case.library].distribution for case in cases})
        message = f"no case concerns {wanted.name}: it has nothing of {', '.join(known) or 'any library'}."
        raise UsageError(message)
    return found


def _met(cases: Sequence[Case], roots: Sequence[Path], config: Config) -> list[Case]:
    """The cases that some source meets; all of them without source."""
    if not roots:
        return list(cases)
    from harness.gate.usage import read_usage

    usage = read_usage(roots, {library.module for library in config.libraries.values()})
    found = [case for case in cases if usage.meeting(case)]
    if not found:
        where = " and ".join(map(str, roots))
        message = (
            f"nothing in {where} meets one of the {len(cases)} cases; leave out --uses to have them all."
        )
        raise UsageError(message)
    return found


def _measured(
    cases: Sequence[Case], published: Published, config: Config
) -> tuple[tuple[Subject, ...], tuple[Case, ...]]:
    """The cases with evidence, and those without."""
    subjects = [
        Subject(
            case=case,
            distribution=config.libraries[case.library].distribution,
            cells=published.cells(case),
        )
        for case in cases
    ]
    found = tuple(subject for subject in subjects if subject.failures)
    if not found:
        message = (
            f"none of the {len(cases)} relevant cases was measured as it is written now; "
            "run them with `nox -s matrix` and `harness report`."
        )
        raise NoEvidence(message)
    return found, tuple(subject.case for subject in subjects if not subject.failures)


def _resolvable(
    plan: Plan, index: Index, subjects: Sequence[Subject], team: Limits
) -> tuple[Plan, dict[str, str], frozenset[Line]]:
    """The first plan under which something can be installed, its versions, and the lines that cannot be had.

    Raises:
        NoEvidence: no plan that avoids as much has a solution.
    """
    banned: frozenset[Line] = frozenset()
    first, now = plan, plan
    reason = ""
    while True:
        try:
            return now, index.pins(now.lines), banned
        except Unsolvable as error:
            reason = reason or _brief(error)
        alone = {line for line in now.lines if len(now.lines) == 1 or not _is_solvable(index, line)}
        banned |= alone
        now = make_plan(subjects, team, index.wanted.python, banned)
        if not alone or len(now.stuck) > len(first.stuck) or len(now.conflicting) > len(first.conflicting):
            lines = ", ".join(map(str, first.lines))
            message = f"nothing satisfies {index.wanted.name} with {lines}: {reason}."
            raise NoEvidence(message)


def _is_solvable(index: Index, line: Line) -> bool:
    try:
        index.pins([line])
    except Unsolvable:
        return False
    return True


def _shown(pins: Mapping[str, str], subjects: Sequence[Subject]) -> dict[str, str]:
    """The versions of the libraries, and of what the cases' conditions name."""
    own = {subject.distribution for subject in subjects}
    named = {name for subject in subjects for name in subject.named}
    return {name: pins[name] for name in [*sorted(own), *sorted(named - own)] if name in pins}


def _expected(plan: Plan, facts: Mapping[str, str]) -> tuple[Hazard, ...]:
    avoidable = (*plan.excluded, *plan.avoided, *plan.conflicting)
    return tuple(hazard for hazard in avoidable if hazard.holds(facts))


def _give(console: Console, answered: Answered, output: Path | None) -> None:
    text = constraints_text(answered)
    if output is None:
        console.print(Text(text), soft_wrap=True, end="")
        return
    write_atomically(output, text)
    console.print(Text(visible(f"{output}: {summary(answered)}")), soft_wrap=True)
    for verdict in answered.verdicts:
        console.print(Text(visible(verdict_words(verdict, answered))), soft_wrap=True)


def _brief(error: Exception) -> str:
    return visible(" ".join(str(error).split())).removesuffix(".")
