"""What published measurements tell of a state that was not measured: never more than they show around it.

A status is inferred where measurements enclose the state and agree: at the library's own version or at the
nearest ones below and above, on the same side of everything that the case's conditions ask, and at or around
the version of every other package that they name. Where it could not even be imported next to the state,
nothing is inferred across that. Anything else is unknown, and the reason says why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.case import Case, Variant, satisfied
from harness.config import Library
from harness.gate.observations import Basis, Observation
from harness.gate.published import Published, PublishedCell
from harness.probe.attest import missing
from harness.report.text import plain
from harness.verdict import Status, expected_status

_NAMED = 3
"""Environments that a reason names."""


def infer(
    case: Case,
    variant: Variant,
    device: str,
    facts: Mapping[str, str],
    published: Published,
    libraries: Mapping[str, Library],
) -> Observation:
    """What is to be expected of a variant with these packages, from what was measured around them."""
    expected = expected_status(variant, facts)
    lacking = _lacking(case, facts, libraries)
    status, reason, measured_at = None, lacking, ""
    if not lacking:
        question = _question(case, variant, facts, libraries)
        try:
            points = _points(case, variant, device, published)
            dead = [c for c in published.dead(case) if c.variant == variant.name and c.device == device]
            witnesses = question.witnesses(points, dead)
            status = _common(witnesses, expected)
            reason, measured_at = question.told(witnesses), min(point.measured_at for point in witnesses)
        except _Unknown as unknown:
            reason = str(unknown)
    return Observation(
        status=status,
        expected=expected,
        basis=Basis.INFERRED,
        symptom=_symptom(variant, status),
        reason=plain(reason),
        is_package_missing=bool(lacking),
        measured_at=measured_at,
    )


def requirements_of(variant: Variant) -> tuple[Requirement, ...]:
    """Everything that the conditions of a variant ask, one by one: before and after a range are two sides."""
    expectations = (variant.present, variant.rejected)
    asked = (r for each in expectations if each for group in each.where.groups for r in group)
    return tuple(single for requirement in asked for single in _singles(requirement))


def _singles(requirement: Requirement) -> list[Requirement]:
    bounds = sorted(map(str, requirement.specifier))
    return [Requirement(f"{requirement.name}{bound}") for bound in bounds] or [requirement]


def version_in(facts: Mapping[str, str], package: str) -> Version | None:
    """The version that counts for ranges, of Python its minor release; None where none can be compared."""
    try:
        version = Version(facts[package])
    except (KeyError, InvalidVersion):
        return None
    return Version(f"{version.major}.{version.minor}") if package == "python" else version


class _Unknown(Exception):
    """Nothing can be inferred, for this reason."""


def _lacking(case: Case, facts: Mapping[str, str], libraries: Mapping[str, Library]) -> str:
    """Why the case cannot run with these packages at all, as a probe there would say."""
    own = _distribution(case, libraries)
    if own not in facts:
        return f"the case needs {own}, here is none"
    return missing(case, {"python": facts["python"], "versions": facts})


def _distribution(case: Case, libraries: Mapping[str, Library]) -> str:
    known = libraries.get(case.library)
    return known.distribution if known else str(canonicalize_name(case.library))


def _symptom(variant: Variant, status: Status | None) -> str:
    """The documented symptom of what is inferred; empty where it returns, or nothing is."""
    shown = {
        Status.FAILING: variant.present,
        Status.REFUTED: variant.present,
        Status.REJECTED: variant.rejected,
    }
    expectation = shown.get(status) if status else None
    return plain(str(expectation.symptom)) if expectation else ""


def _points(case: Case, variant: Variant, device: str, published: Published) -> Sequence[PublishedCell]:
    if not published.has(case.id):
        raise _Unknown("the published report does not know the case")
    if published.is_stale(case):
        raise _Unknown("measured on another text of the case")
    points = [cell for cell in published.cells(case) if cell.variant == variant.name]
    if not points:
        raise _Unknown("never measured")
    here = [cell for cell in points if cell.device == device]
    if not here:
        raise _Unknown(f"never measured on {device}")
    return here


def _common(witnesses: Sequence[PublishedCell], expected: Status) -> Status:
    """The one status of all witnesses, which the case must expect too."""
    for point in witnesses:
        if point.status is not witnesses[0].status:
            told = ", ".join(f"{p.status.value} in {p.environment}" for p in (witnesses[0], point))
            raise _Unknown(f"what was measured around disagrees: {told}")
    status = witnesses[0].status
    if status is not expected:
        seen = f"{status.value} in {witnesses[0].environment}"
        raise _Unknown(f"what was measured around disagrees with the case: {seen}, not {expected.value}")
    return status


@dataclass(frozen=True, kw_only=True)
class _Question:
    """A state as a variant's conditions see it."""

    facts: Mapping[str, str]
    own: str
    """The distribution of the case's library."""
    asked: tuple[Requirement, ...]
    named: tuple[str, ...]
    """Other packages that the conditions name."""
    others: tuple[str, ...]
    """Packages that no condition names and that may matter all the same."""

    def witnesses(
        self, points: Sequence[PublishedCell], dead: Sequence[PublishedCell]
    ) -> list[PublishedCell]:
        """The measurements that enclose the state, those that tell most first; at least one."""
        points = self._comparable(points)
        self._check_ranges(points)
        alike = [point for point in points if self._truths(point.facts) == self._truths(self.facts)]
        found = self._around(self.own, points, alike)
        self._check_imports(found, points, dead)
        for name in self.named:
            if name in self.facts:
                found += self._around(name, alike, alike)
        return list({(point.environment, point.status): point for point in found}.values())

    def told(self, witnesses: Sequence[PublishedCell]) -> str:
        """From what a status is inferred."""
        first = [self._described(point) for point in witnesses[:_NAMED]]
        more = len(witnesses) - len(first)
        return f"inferred from {', '.join(first)}" + (f" and {more} more" if more else "")

    def _comparable(self, points: Sequence[PublishedCell]) -> list[PublishedCell]:
        """The points in which just those named packages are that the state has, with versions to compare."""
        kept = [point for point in points if version_in(point.facts, self.own) is not None]
        for name in self.named:
            present = version_in(self.facts, name) is not None
            kept = [point for point in kept if (version_in(point.facts, name) is not None) == present]
            if not kept:
                raise _Unknown(f"never measured {'with' if present else 'without'} {name}")
        if not kept:
            raise _Unknown(f"never measured with a version of {self.own} that can be compared")
        return kept

    def _check_ranges(self, points: Sequence[PublishedCell]) -> None:
        for name in (self.own, *self.named, *self.others):
            measured = [version for point in points if (version := version_in(point.facts, name)) is not None]
            if name not in self.facts or not measured:
                continue
            have, said = version_in(self.facts, name), f"{name} {self.facts[name]}"
            if have is None:
                raise _Unknown(f"{said} is no version that can be compared")
            if have > max(measured):
                raise _Unknown(f"{said} is newer than anything measured with this case ({max(measured)})")
            if have < min(measured):
                raise _Unknown(f"{said} is older than anything measured with this case ({min(measured)})")

    def _check_imports(
        self,
        nearest: Sequence[PublishedCell],
        points: Sequence[PublishedCell],
        dead: Sequence[PublishedCell],
    ) -> None:
        """Refuse where a release at hand could not be imported, and nothing that could lies in between.

        In between is in the versions of the packages that every environment has, such as JAX for NumPyro.
        """
        every = [cell.facts for cell in (*points, *dead)] + [self.facts]
        names = [
            name for name in (*self.named, *self.others) if all(version_in(facts, name) for facts in every)
        ]
        releases = {version_in(point.facts, self.own) for point in nearest}
        for cell in sorted(dead, key=lambda cell: len(self._differing(cell))):
            release = version_in(cell.facts, self.own)
            if release not in releases:
                continue
            beside = [point for point in points if version_in(point.facts, self.own) == release]
            if not any(self._is_between(point, cell, names) for point in beside):
                raise _Unknown(f"it could not be imported in {self._described(cell)}")

    def _is_between(self, point: PublishedCell, cell: PublishedCell, names: Sequence[str]) -> bool:
        """Whether a measurement separates the state from a cell where there was none."""
        ours, its, theirs = (
            [version for name in names if (version := version_in(facts, name)) is not None]
            for facts in (self.facts, point.facts, cell.facts)
        )
        within = (min(a, c) <= b <= max(a, c) for a, b, c in zip(ours, its, theirs, strict=True))
        return its != theirs and all(within)

    def _truths(self, facts: Mapping[str, str]) -> list[bool]:
        return [satisfied(requirement, facts) for requirement in self.asked]

    def _around(
        self, name: str, points: Sequence[PublishedCell], alike: Collection[PublishedCell]
    ) -> list[PublishedCell]:
        """The points at the state's version of a package, or else the nearest below and above.

        Only those that are alike in what the conditions ask tell anything; on each side there must be some.
        """
        have = version_in(self.facts, name)
        assert have is not None, "it was found in range"
        versions = {version for p in points if (version := version_in(p.facts, name)) is not None}
        below = max((version for version in versions if version <= have), default=None)
        above = min((version for version in versions if version >= have), default=None)
        sides = []
        for words, nearest in (("older", below), ("newer", above)):
            side = [p for p in points if p in alike and version_in(p.facts, name) == nearest]
            if nearest is None or not side:
                raise _Unknown(
                    f"nothing measured with {name} {self.facts[name]} or the nearest {words} one"
                    " is alike in what the case's conditions ask"
                )
            sides.append(sorted(side, key=lambda point: len(self._differing(point))))
        lower, upper = sides
        return [lower[0], upper[0], *lower[1:], *upper[1:]]

    def _differing(self, point: PublishedCell) -> list[str]:
        """The packages that matter and differ between a point and the state."""
        names = (self.own, *self.named, *self.others)
        return [name for name in names if version_in(point.facts, name) != version_in(self.facts, name)]

    def _described(self, point: PublishedCell) -> str:
        names = dict.fromkeys([self.own, *self._differing(point)])
        versions = ", ".join(f"{name} {point.facts.get(name, '(none)')}" for name in names)
        return f"{point.environment} ({versions})"


def _question(
    case: Case, variant: Variant, facts: Mapping[str, str], libraries: Mapping[str, Library]
) -> _Question:
    own, asked = _distribution(case, libraries), requirements_of(variant)
    named = dict.fromkeys(str(canonicalize_name(requirement.name)) for requirement in asked)
    required = (str(canonicalize_name(requirement.name)) for requirement in case.requires)
    others = dict.fromkeys([*(library.distribution for library in libraries.values()), *required])
    return _Question(
        facts=facts,
        own=own,
        asked=asked,
        named=tuple(name for name in named if name != own),
        others=tuple(name for name in others if name != own and name not in named),
    )
