"""How much was measured, and what became of the remedies: a table of the libraries and one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from harness.report.document import Document
from harness.report.feeds.releases import Fate, Track, Tracks
from harness.report.markup import escape, table
from harness.report.view import Remedy, Story, View, agreement_of
from harness.verdict import Agreement

_HEADER = [
    "library",
    "cases",
    "failing in its newest release",
    "releases",
    "cells with evidence",
    "documented remedies: hold",
    "in part",
    "refuted",
    "other remedies: hold",
    "in part",
    "refuted",
]
_TOLD = (Remedy.HOLDS, Remedy.IN_PART, Remedy.REFUTED)


def counts(document: Document) -> str:
    """A row per library, one for all together, and what that says of documented remedies."""
    view = View(document=document)
    tracks = Tracks(view=view).by_library
    rows = [_row(view, library, cases, tracks[library]) for library, cases in view.libraries.items()]
    total = ["all", *(str(sum(int(row[column]) for row in rows)) for column in range(1, len(_HEADER)))]
    return f"{table(_HEADER, [*rows, total])}\n{_sentence(view)}"


def _row(
    view: View, library: str, cases: Iterable[tuple[str, Mapping[str, Any]]], track: Track | None
) -> list[str]:
    names = {name for name, _ in cases}
    measured = [
        cell
        for cell in view.document["cells"]
        if cell["case"] in names and agreement_of(cell) is not Agreement.NO_EVIDENCE
    ]
    environments = view.document["environments"]
    releases = {environments[cell["environment"]]["version"] for cell in measured}
    stories = [story for name in names for story in view.remedies(name)]
    fates = [_fates(s for s in stories if (s.source == "documented") is known) for known in (True, False)]
    return [
        escape(library),
        str(len(names)),
        str(_failing(track)),
        str(len(releases)),
        str(len(measured)),
        *(str(found[fate]) for found in fates for fate in _TOLD),
    ]


def _failing(track: Track | None) -> int:
    newest = track.newest if track else None
    return newest.counts[Fate.FAILING] if newest else 0


def _fates(stories: Iterable[Story]) -> Counter[Remedy]:
    return Counter(story.remedy for story in stories)


def _sentence(view: View) -> str:
    found = _fates(s for name, _ in view.cases for s in view.remedies(name) if s.source == "documented")
    undecided = f", {found[Remedy.UNDECIDED]} undecided" if found[Remedy.UNDECIDED] else ""
    return (
        f"Documented remedies: {found[Remedy.HOLDS]} hold wherever they were measured, "
        f"{found[Remedy.IN_PART]} in some releases only, {found[Remedy.REFUTED]} in none{undecided}.\n"
    )
