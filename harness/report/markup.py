"""Markdown as GitHub reads it, with everything foreign escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.report.text import MESSAGE_LENGTH, plain

NAME_LENGTH = 120
"""Characters of a name, a subject or an address in Markdown."""

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$&]")
_URL = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?(?:/[\w./~%#?=&+:@,;-]*)?", re.ASCII)
_REFERENCE = re.compile(r"(?<=[@#])(?=\w)|(?<=GH)(?=-\d)|(?<=://)|(?<=www)(?=\.)", re.IGNORECASE)


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


def quoted(text: str, limit: int = NAME_LENGTH) -> str:
    """Foreign text in Markdown, as code wherever a code span can hold it."""
    shown = code(plain(text, limit))
    return shown if shown.startswith("`") else said(text, limit)


def said(text: str, limit: int = MESSAGE_LENGTH) -> str:
    """Foreign text in Markdown, escaped such that it calls nobody and links nowhere."""
    return _REFERENCE.sub("<!-- -->", escape(plain(text, limit)))


def titled(text: str) -> str:
    """A title in Markdown: back quotes mean code there, unless it would call somebody."""
    return said(text) if _REFERENCE.search(text) else prose(plain(text))


def linked(text: str, url: str) -> str:
    """A link in Markdown, where the address is one; else only the text."""
    shown = link(plain(text), url)
    return shown if shown.startswith("[") else quoted(text)
