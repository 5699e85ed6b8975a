"""Badges: a document in one line for each library, as shields.io reads it from an address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote

from harness.report.document import Document
from harness.report.feeds.releases import Fate, Track, Tracks
from harness.report.text import counted, plain
from harness.report.view import View, agreement_of
from harness.verdict import Agreement

_LENGTH = 100


@dataclass(frozen=True, kw_only=True)
class _Tally:
    """Cases in the newest release, and cells of these cases anywhere."""

    cases: int = 0
    measured: int = 0
    failing: int = 0
    unexpected: int = 0

    def __add__(self, other: _Tally) -> _Tally:
        return _Tally(
            cases=self.cases + other.cases,
            measured=self.measured + other.measured,
            failing=self.failing + other.failing,
            unexpected=self.unexpected + other.unexpected,
        )

    @property
    def message(self) -> str:
        told = f", {counted(self.unexpected, 'cell')} not as the case says" if self.unexpected else ""
        return f"{self._failures}{told}"

    @property
    def _failures(self) -> str:
        if not self.measured:
            return "no evidence"
        if self.measured == self.cases:
            return f"{self.failing} of {counted(self.cases, 'documented issue')} {_verb(self.failing)}"
        missing = self.cases - self.measured
        issues = counted(self.measured, "measured issue")
        return f"{self.failing} of {issues} {_verb(self.failing)}, {missing} without evidence"

    @property
    def color(self) -> str:
        if self.unexpected:
            return "red"
        if not self.measured:
            return "lightgrey"
        if self.failing:
            return "orange"
        return "green" if self.measured == self.cases else "yellow"


def _verb(count: int) -> str:
    return "fails" if count == 1 else "fail"


def badges(document: Document) -> dict[str, str]:
    """File name to what shields.io's endpoint badge reads: `badge.json`, and one for each library.

    A library is told by its newest release in which the failure of any case gave evidence: on its period
    axis, or on a pinned one where that has none; only a library without evidence on both is told by the
    latest axis, and the label says so. A case fails there if it fails on any device. Cases without evidence
    there are named, and are not counted as measured. What is not as its case says counts wherever it was
    measured. The badge for all adds these up.

    Red: something is not as its case says. Light grey: no evidence. Orange: something fails, as documented.
    Yellow: nothing measured fails, but something was not measured. Green: all was measured, nothing fails.
    """
    tracks = Tracks(view=View(document=document))
    tallies = {library: _tally(tracks.view, library, track) for library, track in tracks.by_library.items()}
    single = {
        f"badge-{quote(plain(library, _LENGTH), safe='')}.json": _badge(
            _label(library, track), tallies[library]
        )
        for library, track in tracks.by_library.items()
    }
    return {"badge.json": _badge("newest releases", sum(tallies.values(), _Tally())), **single}


def _tally(view: View, library: str, track: Track | None) -> _Tally:
    cases = {name for name, _ in view.libraries[library]}
    newest = track.newest if track else None
    unexpected = [
        cell
        for cell in view.document["cells"]
        if cell["case"] in cases and agreement_of(cell) is Agreement.UNEXPECTED
    ]
    return _Tally(
        cases=len(cases),
        measured=len(cases) - newest.counts[Fate.UNKNOWN] if newest else 0,
        failing=newest.counts[Fate.FAILING] if newest else 0,
        unexpected=len(unexpected),
    )


def _label(library: str, track: Track | None) -> str:
    if track is None or track.newest is None:
        return library
    version = f"{library} {track.newest.version}"
    return version if track.words == "period" else f"{version} {track.words}"


def _badge(label: str, tally: _Tally) -> str:
    badge = {
        "schemaVersion": 1,
        "label": plain(label, _LENGTH),
        "message": tally.message,
        "color": tally.color,
    }
    return json.dumps(badge, indent=1, allow_nan=False) + "\n"
