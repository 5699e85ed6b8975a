"""Findings that several cases share: deprecation warnings, and reasons why nothing is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from harness.evidence import Deprecation
from harness.gate.inquiry import RIGHT, Inquiry, touches, versions
from harness.gate.observations import Basis, Use
from harness.gate.records import Finding, FindingKind
from harness.report.text import plain
from harness.verdict import Status

_Words = tuple[str, str, str]
"""Module, category and message of a warning."""

CASE = "case"
"""What the probe calls the module of a case's own text."""


def deprecations(inquiries: Sequence[Inquiry]) -> Iterator[Finding]:
    """One finding per warning, whatever number of cases drew it."""
    drawn: dict[tuple[str, str, str, str], list[Inquiry]] = defaultdict(list)
    for inquiry in inquiries:
        for key in sorted(_warnings(inquiry)):
            drawn[(*key, inquiry.device)].append(inquiry)
    for (module, category, message, device), by in drawn.items():
        by_whom = "calling it" if module == CASE else module
        yield Finding(
            kind=FindingKind.DEPRECATION,
            title=f"{by_whom} draws a {category.rpartition('.')[2]}: {message}",
            **_shared(by),  # type: ignore[arg-type]  # keys are those of Finding
            device=device,
            symptom=plain(f"{category}: {message}"),
            evidence=f"works, with {_versions_of(by)}",
            basis=_basis(by, (module, category, message)),
            subject=plain(f"{module}: {category}: {message}"),
        )


def _works(inquiry: Inquiry) -> Iterator[tuple[Basis, Deprecation]]:
    """What warned although it worked; not what a remedy's own text draws, which is not the team's."""
    for variant in inquiry.case.variants:
        seen = inquiry.now(variant.name)
        if seen is not None and seen.status in {*RIGHT, Status.WORKS}:
            for warning in seen.deprecations:
                if variant.is_failure or warning.module != CASE:
                    yield seen.basis, warning


def _warnings(inquiry: Inquiry) -> set[_Words]:
    return {_words(warning) for _, warning in _works(inquiry)}


def _words(warning: Deprecation) -> _Words:
    return warning.module, warning.category, plain(warning.message)


def _basis(inquiries: Sequence[Inquiry], words: _Words) -> Basis:
    found = (basis for inquiry in inquiries for basis, each in _works(inquiry) if _words(each) == words)
    return next(found)


def gaps(inquiries: Sequence[Inquiry]) -> Iterator[Finding]:
    """One finding per reason why nothing is known of failures that concern the team."""
    lacking: dict[tuple[str, str, str], list[Inquiry]] = defaultdict(list)
    for inquiry in inquiries:
        seen = inquiry.now("failure")
        if seen is None or not seen.is_evidence:
            status = seen.status.value if seen and seen.status else "not measured"
            reason = plain(seen.reason or seen.symptom) if seen else "nothing ran"
            lacking[status, reason, inquiry.device].append(inquiry)
    for (status, reason, device), of in lacking.items():
        yield Finding(
            kind=FindingKind.NO_EVIDENCE,
            title=f"nothing is known of {_number(of)} in {of[0].after.state.name}: {status}",
            **_shared(of),  # type: ignore[arg-type]  # keys are those of Finding
            device=device,
            variants=("failure",),
            symptom=reason,
            evidence=f"{status}, with {_versions_of(of)}",
            subject=status,
        )


def _shared(inquiries: Sequence[Inquiry]) -> dict[str, object]:
    """What several cases have in common; the kind and the address only where there is one case."""
    cases = [inquiry.case for inquiry in inquiries]
    libraries = {case.library for case in cases}
    return {
        "cases": tuple(case.id for case in cases),
        "library": cases[0].library if len(libraries) == 1 else "",
        "case_kind": cases[0].kind.value if len(cases) == 1 else "",
        "issue": cases[0].issue if len(cases) == 1 else "",
        "touches": tuple(dict.fromkeys(name for case in cases for name in touches(case))),
        "uses": _first_uses(inquiries),
    }


def _first_uses(inquiries: Sequence[Inquiry]) -> tuple[Use, ...]:
    uses = dict.fromkeys(use for inquiry in inquiries for use in inquiry.relevant.uses)
    return tuple(sorted(uses, key=lambda use: (not use.is_certain, use.is_import, use)))


def _versions_of(inquiries: Sequence[Inquiry]) -> str:
    return versions(inquiries[0].case, inquiries[0].after.state)


def _number(inquiries: Sequence[Inquiry]) -> str:
    return inquiries[0].case.id if len(inquiries) == 1 else f"{len(inquiries)} cases"
