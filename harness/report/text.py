"""Foreign text (messages, notes, logs) made fit for a report: one bounded line of printable characters."""

from __future__ import annotations

import re
import unicodedata

from harness.evidence import Raised

MESSAGE_LENGTH = 300
"""Characters of a message that a report shows."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_INVISIBLE = {"Cc", "Cf", "Cs"}


def plain(text: str, limit: int = MESSAGE_LENGTH) -> str:
    """Text as one line: no terminal codes, no invisible characters, no addresses that every run changes."""
    text = text[: 20 * limit]
    visible = text if text.isprintable() else "".join(map(_visible, _ANSI.sub("", text)))
    line = _ADDRESS.sub("0x...", " ".join(visible.split()))
    return line if len(line) <= limit else line[: limit - 3].rstrip() + "..."


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in _INVISIBLE else character


def symptom_of(raised: Raised, limit: int = MESSAGE_LENGTH) -> str:
    """An exception's type and the first line of its message that says something."""
    lines = (plain(line, limit) for line in raised.message.splitlines())
    kind = raised.type.removeprefix("builtins.")
    message = next((line for line in lines if line), "")
    return plain(f"{kind}: {message}" if message else kind, limit)
