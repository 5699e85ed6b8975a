"""The ways in which relevant cases fail, with what was published of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from harness.case import FAILURE, Case
from harness.gate.published import PublishedCell
from harness.gate.ranges import Line
from harness.verdict import Status

RIGHT = frozenset({Status.FIXED, Status.REJECTED})
PYTHON = "python"

Limits = Mapping[str, SpecifierSet]
"""Canonical distribution name to what is required of its version."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A relevant case with what was published of it."""

    case: Case
    distribution: str
    """Of the case's own library."""
    cells: tuple[PublishedCell, ...]
    """Of all variants and devices; only evidence."""

    @cached_property
    def failures(self) -> tuple[PublishedCell, ...]:
        return tuple(cell for cell in self.cells if cell.variant == FAILURE)

    @cached_property
    def named(self) -> frozenset[str]:
        """The packages that its condition names."""
        failure = self.case.variant(FAILURE)
        groups = failure.present.where.groups if failure is not None and failure.present is not None else ()
        return frozenset(str(canonicalize_name(r.name)) for group in groups for r in group) - {PYTHON}

    def hazards(self, python: str) -> Iterator[Hazard]:
        """The ways in which it fails with a Python (`X.Y`)."""
        failure = self.case.variant(FAILURE)
        assert failure is not None
        assert failure.present is not None
        for number, group in enumerate(failure.present.where.groups):
            parts: dict[str, SpecifierSet] = {}
            for requirement in group:
                name = str(canonicalize_name(requirement.name))
                parts[name] = parts.get(name, SpecifierSet()) & requirement.specifier
            if admits(parts.get(PYTHON, SpecifierSet()), f"{python}.99"):
                yield Hazard(subject=self, number=number, parts=parts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Hazard:
    """One way in which a case fails: a group of its condition, its requirements by package."""

    subject: Subject
    number: int
    parts: Limits

    @property
    def case(self) -> Case:
        return self.subject.case

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(name for name in self.parts if name != PYTHON)

    def __str__(self) -> str:
        return " and ".join(f"{name}{specifier}" for name, specifier in self.parts.items())

    def holds(self, facts: Mapping[str, str]) -> bool:
        return all(has(facts, name, specifier) for name, specifier in self.parts.items())

    def beside(self, line: Line) -> list[PublishedCell]:
        """The measured failures that satisfy a line and the rest of the group."""
        wanted = {**self.parts, line.package: SpecifierSet(line.limit)}
        return [
            cell
            for cell in self.subject.failures
            if all(has(cell.facts, name, specifier) for name, specifier in wanted.items())
        ]


def admits(specifier: SpecifierSet, version: str) -> bool:
    return specifier.contains(version, prereleases=True)


def has(facts: Mapping[str, str], name: str, specifier: SpecifierSet) -> bool:
    """Whether a package is there in an admitted version; what is absent satisfies nothing."""
    return name in facts and admits(specifier, facts[name])


def within(facts: Mapping[str, str], limits: Limits) -> bool:
    """Whether an environment breaks no limit; a package that is not in it breaks none."""
    return all(name not in facts or admits(specifier, facts[name]) for name, specifier in limits.items())


def narrowed(limits: Limits, lines: Iterable[Line]) -> dict[str, SpecifierSet]:
    found = dict(limits)
    for line in lines:
        found[line.package] = found.get(line.package, SpecifierSet()) & SpecifierSet(line.limit)
    return found
