"""The code cells of a notebook, with the lines of the file in which their source stands."""

from __future__ import annotations

import ast
import json
import json.decoder
import json.scanner
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from harness.gate.usage.files import Unreadable
from harness.gate.usage.parsing import parse, split_lines

_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_PYTHON_CELLS = {"time", "timeit", "capture", "prun", "python", "python3"}
_LINE_MAGIC = re.compile(r"(\s*)(?:[%!?]|[\w.]+\?{1,2}\s*$|[\w, ]+=\s*[%!](?!=))")
_TIMED = re.compile(r"(\s*)(%(?:time|timeit|prun))\s(?=\s*[^\s-])")
_PYTHON = re.compile(r"i?python\d*", re.IGNORECASE)


class Cell(NamedTuple):
    """A code cell that holds Python."""

    number: int
    """Among the code cells, from 1."""
    lines: list[str]
    raw: list[int]
    """Of every line, its line in the file."""

    def line(self, number: int) -> int:
        return self.raw[number - 1] if 0 < number <= len(self.raw) else 1

    def parse(self) -> ast.Module:
        """As it is; where that is no Python, without what only IPython understands.

        Raises:
            Unreadable: it is no Python even so.
        """
        try:
            return parse("\n".join(self.lines))
        except Unreadable:
            pass
        try:
            return parse("\n".join(_without_magic(line, keeps_timed=True) for line in self.lines))
        except Unreadable:
            return parse("\n".join(_without_magic(line, keeps_timed=False) for line in self.lines))


def _without_magic(line: str, keeps_timed: bool) -> str:
    """A line that Python understands, every remaining character where it was."""
    if keeps_timed and (timed := _TIMED.match(line)):
        indent, magic = timed.groups()
        return f"{indent}{'if 1:':<{len(magic)}} {line[timed.end() :]}"
    found = _LINE_MAGIC.match(line)
    return f"{found[1]}pass" if found else line


class _Text(str):
    """A string of a JSON document that knows where it stands."""

    at: int


def _placed(text: str, end: int, strict: bool = True) -> tuple[str, int]:
    value, after = json.decoder.scanstring(text, end, strict)  # type: ignore[attr-defined]  # known to CPython, not to the stubs
    placed = _Text(value)
    placed.at = end
    return placed, after


def _load(text: str) -> object:
    decoder: Any = json.JSONDecoder()
    decoder.parse_string = _placed
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]  # known to CPython, not to the stubs
    return decoder.decode(text)


def cells(data: bytes) -> Iterator[Cell]:
    """The code cells that hold Python, of notebook formats 3 and 4.

    Raises:
        Unreadable: it is no notebook.
    """
    try:
        text = data.decode("utf-8-sig")
        document = _load(text)
    except UnicodeDecodeError as error:
        reason = f"is no text ({error.reason})"
        raise Unreadable(reason) from None
    except json.JSONDecodeError as error:
        reason = f"is no notebook ({error.msg})"
        raise Unreadable(reason, error.lineno) from None
    except RecursionError:
        reason = "is nested too deeply to be read"
        raise Unreadable(reason) from None
    if not isinstance(document, dict) or not ("cells" in document or "worksheets" in document):
        reason = "is no notebook (it has no cells)"
        raise Unreadable(reason)
    if not _is_python(document):
        return
    ends = [match.start() for match in re.finditer("\n", text)]
    code = [cell for cell in _all(document) if cell.get("cell_type") == "code"]
    for number, cell in enumerate(code, 1):
        found = _cell(number, cell, lambda at: bisect_right(ends, at) + 1)
        if found is not None:
            yield found


def _is_python(document: dict[str, Any]) -> bool:
    """Whether the notebook's language is Python; where it says nothing, it is."""
    metadata = document.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        said = metadata.get(key) if isinstance(metadata, dict) else None
        language = said.get(name) if isinstance(said, dict) else None
        if isinstance(language, str):
            return _PYTHON.fullmatch(language) is not None
    return True


def _all(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sheets = document.get("worksheets")
    for holder in [document, *(sheets if isinstance(sheets, list) else [])]:
        found = holder.get("cells") if isinstance(holder, dict) else None
        yield from (cell for cell in (found if isinstance(found, list) else []) if isinstance(cell, dict))


def _cell(number: int, cell: dict[str, Any], line_at: Callable[[int], int]) -> Cell | None:
    source = cell.get("source", cell.get("input", ""))
    pieces = [piece for piece in (source if isinstance(source, list) else [source]) if isinstance(piece, str)]
    lines = [""]
    raw: list[int] = []
    for piece in pieces:
        here = line_at(piece.at) if isinstance(piece, _Text) else 1
        first, *others = split_lines(piece)
        raw += [here] * (len(lines) - len(raw))
        lines[-1] += first
        lines += others
        raw += [here] * (len(lines) - 1 - len(raw))
    raw += [raw[-1] if raw else 1] * (len(lines) - len(raw))
    start = next((index for index, line in enumerate(lines) if line.strip()), 0)
    magic = _CELL_MAGIC.match(lines[start])
    if magic:
        if magic[1] not in _PYTHON_CELLS:
            return None
        lines[start] = ""
    return Cell(number, lines, raw)
