"""Markdown as GitHub reads it, with everything foreign escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$&]")
_URL = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?(?:/[\w./~%#?=&+:@,;-]*)?", re.ASCII)


def escape(text: str) -> str:
    """Text that shows as it is, in a paragraph and in a table."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], re.sub(r"\s+", " ", text))


def code(text: str) -> str:
    """Text in code type; escaped text where a code span could not hold it."""
    return escape(text) if not text.strip() or set(text) & set("`|\\\n") else f"`{text}`"


def prose(text: str) -> str:
    """Escaped text in which pairs of back quotes still mean code, as in a docstring."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or not all(part.strip() for part in parts[1::2]):
        return escape(text)
    return "".join(code(part) if index % 2 else escape(part) for index, part in enumerate(parts))


def link(text: str, url: str) -> str:
    """A link; plain text where the address is no ordinary web address."""
    return f"[{escape(text)}]({url})" if _URL.fullmatch(url) else escape(f"{text} ({url})")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
