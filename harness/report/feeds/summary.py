"""A report in Markdown for the page of a job in continuous integration: what is wrong first, and bounded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.changes import CellChange, Changes
from harness.report.document import Document
from harness.report.feeds.libraries import details, libraries
from harness.report.feeds.releases import Tracks
from harness.report.feeds.room import names_of, rows_part, size
from harness.report.markup import linked, quoted, said
from harness.report.text import counted
from harness.report.view import View, agreement_of
from harness.verdict import Agreement

LIMIT = 59_000
"""Bytes of a summary."""
_UNEXPECTED, _CHANGED, _LIBRARIES, _DETAILS = 0.3, 0.5, 0.6, 0.95
"""Shares of the room that are used up when each part is written."""


def summary(document: Document, changes: Changes | None) -> str:
    """The whole page: what does not fit is counted; everything foreign is only text."""
    tracks = Tracks(view=View(document=document))
    text = _head(document)
    text += _unexpected(document, _room(text, _UNEXPECTED))
    text += _changed(changes, _room(text, _CHANGED))
    text += libraries(tracks, _room(text, _LIBRARIES))
    return text + details(tracks, _room(text, _DETAILS))


def _room(text: str, share: float) -> int:
    return round(LIMIT * share) - size(text)


def _head(document: Document) -> str:
    cells = Counter(agreement_of(cell) for cell in document["cells"])
    dates = sorted(cell["measured_at"][:10] for cell in document["cells"])
    things = [
        counted(len(document["cases"]), "case"),
        counted(len(document["environments"]), "environment"),
        counted(cells.total(), "cell"),
    ]
    told = [
        f"{cells[Agreement.EXPECTED]} as the case says",
        f"{cells[Agreement.UNEXPECTED]} not as the case says",
        f"{cells[Agreement.NO_EVIDENCE]} without evidence",
    ]
    measured = f" Measured {' to '.join(dict.fromkeys(map(said, (dates[0], dates[-1]))))}." if dates else ""
    verdict = _verdict(document, cells)
    return (
        f"## Compatibility report\n\n**{verdict}**\n\n{', '.join(things)}: {', '.join(told)}.{measured}\n\n"
    )


def _verdict(document: Document, cells: Mapping[Agreement, int]) -> str:
    unknown = sum(
        agreement_of(cell) is Agreement.NO_EVIDENCE and not cell["gap"] for cell in document["cells"]
    )
    gaps = f" {counted(unknown, 'cell')} gave no evidence, for no reason known before." if unknown else ""
    if cells[Agreement.UNEXPECTED]:
        return f"Not as the case says: {counted(cells[Agreement.UNEXPECTED], 'cell')}.{gaps}"
    if not cells[Agreement.EXPECTED]:
        return f"Nothing here is evidence: no library's behaviour was observed.{gaps}"
    return f"Every cell with evidence is as its case says.{gaps}"


def _unexpected(document: Document, room: int) -> str:
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for cell in document["cells"]:
        if agreement_of(cell) is Agreement.UNEXPECTED:
            key = tuple(cell[name] for name in ("case", "variant", "device", "status", "expected"))
            groups[key].append(cell)
    rows = [
        [
            linked(case, document["cases"][case]["issue"]),
            quoted(variant),
            said(device),
            status,
            expected,
            names_of(cell["environment"] for cell in cells),
            said(cells[0]["symptom"] or cells[0]["reason"] or ""),
        ]
        for (case, variant, device, status, expected), cells in groups.items()
    ]
    header = ["case", "variant", "device", "status", "the case says", "environments", "shown"]
    return rows_part("### Not as the case says", header, rows, "row", room)


def _changed(changes: Changes | None, room: int) -> str:
    if changes is None:
        return "### What changed\n\nNo earlier report is known.\n\n"
    title = f"### What changed since {said(changes.since or 'the report before')}"
    if changes.is_empty:
        return f"{title}\n\nNothing: every cell is as it was.\n\n"
    moves = _moves("case", changes.cases.added, changes.cases.removed)
    moves += _moves("environment", changes.environments.added, changes.environments.removed)
    told = "".join(f"- {move}\n" for move in moves)
    title = f"{title}\n\n{told}" if told else title
    header = ["case", "variant", "device", "before", "now", "environments"]
    rows = [_change(change) for change in changes.cells]
    return rows_part(title, header, rows, "row", room) or f"{title}\n"


def _moves(noun: str, added: Sequence[str], removed: Sequence[str]) -> list[str]:
    return [
        f"{counted(len(names), noun)} {word}: {names_of(names)}"
        for word, names in (("new", added), ("gone", removed))
        if names
    ]


def _change(change: CellChange) -> list[str]:
    return [
        quoted(change.case),
        quoted(change.variant),
        said(change.device),
        _side(change, change.before, change.before_agreement),
        _side(change, change.after, change.after_agreement),
        names_of(change.environments),
    ]


def _side(change: CellChange, status: str | None, agreement: str | None) -> str:
    """A status, with its agreement where that tells more: it is unexpected, or alone has changed."""
    if status is None or agreement is None:
        return "not measured"
    if agreement == Agreement.UNEXPECTED.value:
        return f"{said(status)}, not as the case says"
    return f"{said(status)}, as the case says" if change.before == change.after else said(status)
