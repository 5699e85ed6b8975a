"""Lists that stop where there is no more room, and say what they left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.report.markup import quoted, table
from harness.report.text import counted, shortened

_RESERVE = 100
"""Bytes for the line that says what was left out."""
_NAMES = 8


def size(text: str) -> int:
    """Bytes of a text, as a limit counts them."""
    return len(text.encode())


def rows_part(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], noun: str, room: int) -> str:
    """A heading and a table of as many rows as there is room for; nothing where there are no rows."""
    if not rows:
        return ""
    start = f"{title}\n\n"
    head = table(header, ())
    kept = _fitting((f"| {' | '.join(row)} |\n" for row in rows), room - size(start + head) - _RESERVE)
    left = len(rows) - len(kept)
    dropped = f"{counted(left, noun)} more left out to keep this short.\n" if left else ""
    return (
        start + "\n".join(text for text in (f"{head}{''.join(kept)}" if kept else "", dropped) if text) + "\n"
    )


def names_of(names: Iterable[str]) -> str:
    """The first few, and how many more there are."""
    return shortened([quoted(name) for name in names], _NAMES)


def _fitting(texts: Iterable[str], room: int) -> list[str]:
    """The first of them, as many as there is room for."""
    kept = []
    for text in texts:
        room -= size(text)
        if room < 0:
            break
        kept.append(text)
    return kept
