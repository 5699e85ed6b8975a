"""What a bundle says of its cell in sentences of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.case import Expectation
from harness.environment.compiling import public_versions
from harness.evidence import Lack
from harness.report.bundle.foreign import fenced
from harness.report.bundle.pins import left_out
from harness.report.bundle.subject import Difference, Subject
from harness.report.markup import linked, quoted, said
from harness.report.places import without_places
from harness.report.symbols import MEANINGS
from harness.report.text import MESSAGE_LENGTH, plain, symptom_of
from harness.verdict import Agreement, Status

_PATTERN_LENGTH = 1000

_SHOWN = 20
"""Packages named in a sentence; all of them are in the list of versions."""


def heading(subject: Subject) -> str:
    """The issue and the status in words; loud where it is not as the case says, or no evidence at all."""
    issue = linked(subject.case.id, subject.case.issue)
    source = f" ({subject.variant.source.value})" if subject.variant.source else ""
    what = issue if subject.variant.is_failure else f"{issue}, {quoted(subject.variant.name)}{source}"
    return f"{what}: {_status(subject)}"


def _status(subject: Subject) -> str:
    status, expected = subject.judgement.status.value, subject.judgement.expected.value
    where = f"in {quoted(subject.record.id)} on {quoted(subject.row.cell.device)}"
    match subject.judgement.agreement:
        case Agreement.EXPECTED:
            return f"{status} {where}; the case says {expected}"
        case Agreement.UNEXPECTED:
            return f"{status} {where}, NOT AS EXPECTED: the case says {expected}"
        case Agreement.NO_EVIDENCE:
            return f"NO EVIDENCE, {status} {where}; the case would say {expected}: {_why(subject)}"


def _why(subject: Subject) -> str:
    return quoted(seen(subject), MESSAGE_LENGTH)


def seen(subject: Subject) -> str:
    """What was seen, in one plain line; empty where it returned."""
    evidence = subject.evidence
    told = symptom_of(evidence.raised) if evidence.raised else evidence.reason
    return without_places(told)


def meaning(subject: Subject) -> str:
    """What the status means, to somebody who never saw a case."""
    status = subject.judgement.status
    text = f"*{status.value}*: {MEANINGS[status].partition(': ')[2] or MEANINGS[status]}."
    return f"{text} {said(f'That gap is known: {subject.judgement.gap}.')}" if subject.judgement.gap else text


def warnings(subject: Subject) -> Iterator[str]:
    """What must not be overlooked, each a sentence."""
    if subject.differences:
        told = _listed(_difference(difference) for difference in subject.differences)
        yield f"**The versions that were used are not those of the lock, which the script has:** {told}."
    if subject.lock is None:
        yield (
            "**Not built from a lock:** this is an interpreter that was at hand. The script names the "
            "versions that it held."
        )
    if names := left_out(subject):
        yield f"Left out of the script, because no index has them: {_listed(map(quoted, names))}."
    if subject.local_builds:
        yield _local_builds(subject)


def _local_builds(subject: Subject) -> str:
    public = public_versions(subject.local_builds)
    built = _listed(f"{quoted(name)} {quoted(version)}" for name, version in subject.local_builds.items())
    named = _listed(f"{quoted(f'{name}=={public[name]}')}" for name in subject.local_builds)
    return (
        f"Measured with a local build: {built}. The script names the public version, {named}, which an index "
        "may have as another build that brings more packages along."
    )


def _difference(difference: Difference) -> str:
    name = quoted(difference.name)
    if difference.attested is None:
        return f"{name} {quoted(difference.requested or '')} is missing"
    if difference.requested is None:
        return f"{name} {quoted(difference.attested)} was there as well"
    return f"{name} {quoted(difference.attested)} in place of {quoted(difference.requested)}"


def _listed(items: Iterable[str]) -> str:
    found = list(items)
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return ", ".join([*found[:_SHOWN], *more])


def symptom(subject: Subject) -> Iterator[str]:
    """How it is documented to show, and what was seen, each a paragraph."""
    variant = subject.variant
    if variant.present is not None:
        verb = "Documented" if variant.is_failure else "Where it does not help"
        yield f"{verb}: {_expectation(variant.present)}"
    else:
        yield "No environment is known where it does not help: any exception counts.\n"
    if variant.rejected is not None:
        yield f"Refused upstream: {_expectation(variant.rejected)}"
    yield f"Seen: {quoted(seen(subject), MESSAGE_LENGTH) if seen(subject) else 'it returned'}.\n"


def _expectation(expectation: Expectation) -> str:
    types = " or ".join(quoted(name) for name in expectation.symptom.raises)
    pattern = plain(expectation.symptom.match, _PATTERN_LENGTH)
    return f"{types} with a message that matches\n\n{fenced(pattern)}"


def ending(subject: Subject) -> str:
    """What a reader sees who runs the script."""
    status, evidence = subject.judgement.status, subject.evidence
    if status in (Status.FIXED, Status.WORKS):
        return "It ends with exit code 0: every assertion holds."
    if evidence.raised is not None:
        return f"It ends with {quoted(seen(subject), MESSAGE_LENGTH)}."
    if status is Status.TIMEOUT:
        return f"It does not end; it was stopped after {subject.case.timeout:g} s."
    if status is Status.CRASHED:
        return f"It takes its process along: {_why(subject)}."
    if evidence.lack is Lack.BUILD:
        return f"These versions could not be installed: {_why(subject)}."
    return f"It was not run: {_why(subject)}."
