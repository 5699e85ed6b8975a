"""What a summary says of each library: its newest release, drift, and where evidence is missing."""

from __future__ import annotations

from collections import Counter, defaultdict

from harness.report.feeds.releases import FAILURE, Fate, Track, Tracks
from harness.report.feeds.room import names_of, rows_part, size
from harness.report.feeds.words import why_no_evidence
from harness.report.intervals import NO_EVIDENCE
from harness.report.markup import linked, said, titled
from harness.report.text import counted
from harness.report.view import View, agreement_of, axis_words
from harness.verdict import Agreement

_LEAST = 2_000
"""Bytes without which a library's part is not begun."""


def libraries(tracks: Tracks, room: int) -> str:
    """A row for each library."""
    header = ["library", "newest release with evidence", "cases", *(fate.value for fate in Fate), "drift"]
    rows = [_library_row(tracks, library, track) for library, track in tracks.by_library.items()]
    return rows_part("### Libraries", header, rows, "library row", room)


def _library_row(tracks: Tracks, library: str, track: Track | None) -> list[str]:
    cases = [name for name, _ in tracks.view.libraries[library]]
    newest = track.newest if track else None
    counts = newest.counts if newest else Counter({Fate.UNKNOWN: len(cases)})
    drifting = sum(bool(tracks.drifting(library, case)) for case in cases)
    return [
        said(library),
        said(f"{newest.version}{_place(track)}") if newest else NO_EVIDENCE,
        str(len(cases)),
        *(str(counts[fate]) for fate in Fate),
        str(drifting),
    ]


def _place(track: Track | None) -> str:
    return "" if track is None or track.words == "period" else f" {track.words}"


def details(tracks: Tracks, room: int) -> str:
    """The libraries one after the other, each with its share of what those before it left."""
    text, left_out = "", 0
    libraries = list(tracks.by_library.items())
    for index, (library, track) in enumerate(libraries):
        share = (room - size(text)) // (len(libraries) - index)
        if share < _LEAST:
            left_out += 1
        else:
            text += _library(tracks, library, track, share)
    more = f"{counted(left_out, 'library part')} left out to keep this short.\n"
    return text + more if left_out else text


def _library(tracks: Tracks, library: str, track: Track | None, room: int) -> str:
    text = _failing(tracks, library, track, room // 2)
    text += _drift(tracks, library, (room - size(text)) // 2)
    return text + _gaps(tracks.view, library, room - size(text))


def _failing(tracks: Tracks, library: str, track: Track | None, room: int) -> str:
    newest = track.newest if track else None
    if track is None or newest is None:
        return f"### {said(library)}\n\nNo evidence in any release.\n\n"
    rows = [
        [linked(name, case["issue"]), titled(case["title"]), said(newest.fates[name].value), told]
        for name, case in tracks.view.libraries[library]
        if newest.fates[name] in (Fate.FAILING, Fate.OTHER)
        for told in [said(_briefly(tracks.view, name, track.axis))]
    ]
    title = f"### {said(f'{library}: failing in {newest.version}{_place(track)}')}"
    header = ["case", "title", "there", "history"]
    return rows_part(title, header, rows, "case", room) or f"{title}\n\nNo case.\n\n"


def _briefly(view: View, name: str, axis: str) -> str:
    """What became of a failure on an axis, on each device."""
    told = {
        history["device"]: history["brief"]
        for history in view.document["cases"][name]["histories"]
        if (history["variant"], history["axis"]) == (FAILURE, axis)
    }
    alone = len(set(told.values())) == 1
    return "; ".join(
        dict.fromkeys(brief if alone else f"on {device} {brief}" for device, brief in told.items())
    )


def _drift(tracks: Tracks, library: str, room: int) -> str:
    rows = [
        [
            linked(name, case["issue"]),
            titled(case["title"]),
            said(words),
            said(_briefly(tracks.view, name, axis)),
        ]
        for name, case in tracks.view.libraries[library]
        for axis in tracks.drifting(library, name)
        for words in [axis_words(tracks.view.document["axes"][axis], library)]
    ]
    header = ["case", "title", "versions", "there"]
    title = f"#### {said(library)}: the same release, otherwise with other versions"
    return rows_part(title, header, rows, "row", room)


def _gaps(view: View, library: str, room: int) -> str:
    """Why there is no evidence, what was not known before first."""
    cases = {name for name, _ in view.libraries[library]}
    groups: dict[tuple[bool, str, str], list[str]] = defaultdict(list)
    for cell in view.document["cells"]:
        if cell["case"] in cases and agreement_of(cell) is Agreement.NO_EVIDENCE:
            key = (bool(cell["gap"]), cell["status"], why_no_evidence(cell))
            groups[key].append(cell["environment"])
    rows = [
        [status, said(reason), "yes" if known else "**no**", str(len(found)), names_of(sorted(set(found)))]
        for (known, status, reason), found in sorted(
            groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0])
        )
    ]
    header = ["status", "reason", "known", "cells", "environments"]
    return rows_part(f"#### {said(library)}: no evidence", header, rows, "row", room)
