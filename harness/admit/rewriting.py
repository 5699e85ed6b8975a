"""Changes single values of a case's header; everything else stays as it is, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import tomli

from harness.errors import UsageError

Edits = Mapping[tuple[str, str], str]
"""(table below `tool.case`, key) to the value as TOML; the table's name is empty for `tool.case` itself."""

_START, _END = "# /// script", "# ///"
_TABLE = re.compile(r"#\s*\[(?P<name>[^\[\]]+)\]\s*(?:#.*)?")


def rewritten(text: str, edits: Edits) -> str:
    """The text with these values; a key that is not there comes right after the issue.

    Raises:
        UsageError: it cannot be done without touching anything else.
    """
    lines = text.splitlines(keepends=True)
    for (table, key), value in edits.items():
        lines = _with(lines, f"tool.case.{table}".rstrip("."), key, value)
    _check(text, "".join(lines), edits)
    return "".join(lines)


def _with(lines: list[str], table: str, key: str, value: str) -> list[str]:
    at = _line_of(lines, table, key)
    if at is None:
        after = next(
            (_line_of(lines, table, k) for k in _before(key) if _line_of(lines, table, k) is not None), None
        )
        if after is None:
            raise _refusal(key, value)
        end = _end_of(lines, after, key, value)
        return [*lines[:end], f"# {key} = {value}{_line_end(lines[after])}", *lines[end:]]
    end = _end_of(lines, at, key, value)
    return [*lines[:at], _replaced(lines[at:end], key, value), *lines[end:]]


def _before(key: str) -> tuple[str, ...]:
    """The keys after which a missing one is put."""
    return ("introduced-by", "issue") if key == "fixed-by" else ("issue",)


def _line_of(lines: list[str], table: str, key: str) -> int | None:
    """The line on which a key of a table of the header begins."""
    inside, here = False, ""
    for index, line in enumerate(lines):
        bare = line.strip()
        if bare == _START:
            inside = True
        elif inside and bare == _END:
            return None
        elif inside and (found := _TABLE.fullmatch(bare)):
            here = re.sub(r"\s", "", found["name"])
        elif inside and here == table and re.match(rf"#\s*{re.escape(key)}\s*=", line):
            return index
    return None


def _end_of(lines: list[str], start: int, key: str, value: str) -> int:
    """The line after the last one of a value."""
    for end in range(start + 1, len(lines) + 1):
        if _parsed("\n".join(_body(line) for line in lines[start:end])) is not None:
            return end
        if lines[end - 1].strip() == _END:
            break
    raise _refusal(key, value)


def _replaced(old: list[str], key: str, value: str) -> str:
    """One line with the new value, and with the comment behind the old one."""
    new = f"# {key} = {value}"
    if len(old) > 1:
        if "#" in "".join(_body(line) for line in old):
            raise _refusal(key, value)
        return new + _line_end(old[0])
    body = _body(old[0])
    parsed = _parsed(body)
    for at in (found.start() for found in re.finditer(r"\s*#", body)):
        if _parsed(body[:at]) == parsed:
            return new + body[at:] + _line_end(old[0])
    return new + _line_end(old[0])


def _body(line: str) -> str:
    return line.rstrip("\r\n").removeprefix("#").removeprefix(" ")


def _line_end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :] or "\n"


def _parsed(body: str) -> dict[str, Any] | None:
    try:
        return tomli.loads(body)
    except ValueError:
        return None


def _check(old: str, new: str, edits: Edits) -> None:
    """Nothing but the values that were meant may have changed in what the header says."""
    wanted = _header(old)
    for (table, key), value in edits.items():
        place = wanted["tool"]["case"]
        for name in table.split(".") if table else ():
            place = place[name]
        place[key] = tomli.loads(f"x = {value}")["x"]
    if _header(new) != wanted or _code(new) != _code(old):
        (_, key), value = next(iter(edits.items()))
        raise _refusal(key, value)


def _header(text: str) -> dict[str, Any]:
    body = text.partition(_START)[2].partition(f"\n{_END}")[0]
    return tomli.loads("\n".join(_body(line) for line in body.splitlines()[1:]))


def _code(text: str) -> str:
    return text.partition(_START)[2].partition(f"\n{_END}")[2]


def _refusal(key: str, value: str) -> UsageError:
    message = f"{key} cannot be changed without touching other lines; write {key} = {value} yourself."
    return UsageError(message)
