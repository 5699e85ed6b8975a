"""What bisections say about a text: which packages make it change, and what was found to begin and end it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.admit.record import Cause, Origin
from harness.bisect.answer import HELD, Answer, Change, ChangeKind, ReleaseSearch
from harness.case import FAILURE, Case, Kind


def causes_of(answers: Sequence[Answer], distribution: str) -> tuple[Cause, ...]:
    """Of every change of the failure over releases of the library, and of its drift, what makes it."""
    found = [
        _cause(change)
        for answer in answers
        if answer.variant == FAILURE and answer.releases.package == distribution
        for change in changes_of(answer)
        if change.kind is not ChangeKind.OTHER
    ]
    return tuple(dict.fromkeys(found))


def changes_of(answer: Answer) -> list[Change]:
    return [*answer.releases.changes, *([answer.drift] if answer.drift else [])]


def _cause(change: Change) -> Cause:
    return Cause(
        kind=change.kind.value,
        before=change.before.name,
        after=change.after.name,
        culprits=change.suspects.culprits if change.suspects else (),
        is_exact=change.is_exact,
        note=change.random_stream,
    )


def origins_of(answers: Sequence[Answer]) -> tuple[Origin, ...]:
    """Everything found to begin or to end what the variants show, sorted."""
    found = {origin for answer in answers for origin in _origins(answer)}
    return tuple(sorted(found, key=lambda origin: (origin.kind, origin.name)))


def _origins(answer: Answer) -> Iterator[Origin]:
    for change in changes_of(answer):
        if change.kind is not ChangeKind.OTHER and change.commits and change.commits.culprit:
            page = change.commits.culprit.url
            if page:
                yield Origin(kind=change.kind.value, name=page)
    for search in _of_other_packages(answer):
        for change in search.changes:
            if change.kind is not ChangeKind.OTHER and change.is_exact:
                yield Origin(kind=change.kind.value, name=f"{search.package}=={change.after.name}")


def _of_other_packages(answer: Answer) -> Iterator[ReleaseSearch]:
    if answer.releases.held.startswith(HELD):
        yield answer.releases
    for change in changes_of(answer):
        if change.pair is not None:
            yield change.pair


def origins_for(case: Case, origins: Sequence[Origin]) -> list[Origin]:
    """What a case's header should name: releases of other packages only where it is about drift."""
    return [origin for origin in origins if case.kind is Kind.DRIFT or not origin.is_release]


def releases_in(named: Sequence[str]) -> list[str]:
    """The releases of other packages among what a header names."""
    return [name for name in named if "==" in name]
