"""Foreign text (messages, notes, logs) made fit for a report: one bounded line of printable characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from harness.evidence import Raised

MESSAGE_LENGTH = 300
"""Characters of a message that a report shows."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_INVISIBLE = {"Cc", "Cf", "Cs"}
_LEVELS = ("I", "W", "E", "F")
_LOG_HEAD = re.compile(r"^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ")
"""Date, time and process that XLA and others put before a line."""
_LONG = 50


def plain(text: str, limit: int = MESSAGE_LENGTH) -> str:
    """Text as one line: no terminal codes, no invisible characters, no addresses that every run changes."""
    text = text[: 20 * limit]
    visible = text if text.isprintable() else "".join(map(_visible, _ANSI.sub("", text)))
    line = _without_addresses(" ".join(visible.split()))
    return line if len(line) <= limit else line[: limit - 3].rstrip() + "..."


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub("0x...", text) if "0x" in text else text


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


def block(text: str, limit: int) -> str:
    """Several lines of foreign text, as a terminal would show them, without what every run changes.

    Of more than `limit` characters the middle is left out, and that is said.
    """
    if len(text) > _LONG * limit:
        text = _middle_out(text, _LONG * limit)
    if not text.replace("\n", "").isprintable():
        text = "\n".join(_line(line) for line in _ANSI.sub("", text).split("\n"))
    lines = (_LOG_HEAD.sub(r"\1 ", line) if line[:1] in _LEVELS else line for line in text.split("\n"))
    return _middle_out(_without_addresses("\n".join(lines)).strip("\n"), limit)


def _line(line: str) -> str:
    """What stays to be seen of a line that was written over, such as a progress bar."""
    line = line.rstrip("\r").rpartition("\r")[2]
    return line if line.isprintable() else "".join(map(_visible, line.expandtabs()))


def _middle_out(text: str, limit: int) -> str:
    left_out = len(text) - limit
    if left_out <= 0:
        return text
    head = limit // 4
    return f"{text[:head]}\n[... {left_out} characters left out ...]\n{text[head + left_out :]}"


def spelled_out(text: str) -> str:
    """Source with every character that cannot be seen, or that turns the order of others, as an escape."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()


def counted(count: int, noun: str, verb: str = "") -> str:
    """`counted(2, "cell", "run")` is `2 cells run`, and of one `1 cell runs`."""
    words = f"{count} {noun}{'' if count == 1 else 's'}"
    return f"{words} {verb}{'s' if count == 1 else ''}" if verb else words


def shortened(texts: Sequence[str], limit: int, separator: str = ", ") -> str:
    """The first few, and how many more there are."""
    more = [f"and {len(texts) - limit} more"] if len(texts) > limit else []
    return separator.join([*texts[:limit], *more])
