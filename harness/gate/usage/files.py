"""The files of a team's source, and their text."""

from __future__ import annotations

import os
import re
import stat
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from harness.errors import UsageError
from harness.gate.observations import Skipped
from harness.report.text import plain

_SUFFIXES = (".py", ".ipynb")
_NOT_THEIRS = {"__pycache__", "node_modules", "site-packages"}
_COOKIE = re.compile(rb"coding[:=]")


class Unreadable(Exception):
    """Something that cannot be read as Python."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = plain(reason)
        self.line = line

    def at(self, path: str) -> Skipped:
        return Skipped(path=path, line=self.line, reason=self.reason)


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file that was found."""

    path: str
    """The root as the user gave it and what is below it, with forward slashes."""
    absolute: str
    root: str
    """Absolute: the folder that the user named, or the folder of the file."""

    @property
    def is_notebook(self) -> bool:
        return self.absolute.endswith(".ipynb")

    def read(self) -> bytes:
        try:
            if not stat.S_ISREG(os.stat(self.absolute).st_mode):
                reason = "is no regular file"
                raise Unreadable(reason)
            return Path(self.absolute).read_bytes()
        except OSError as error:
            reason = f"cannot be read ({error.strerror})"
            raise Unreadable(reason) from None


def find_files(roots: Sequence[Path]) -> list[SourceFile]:
    """Every Python file and notebook below the roots, each once, in an order that does not change.

    Raises:
        UsageError: a root is missing or holds no Python.
    """
    found: dict[str, SourceFile] = {}
    for root in roots:
        below = list(_below(root))
        if not below:
            message = f"{root} holds no Python file and no notebook; name a folder or a file of your source."
            raise UsageError(message)
        for file in below:
            found.setdefault(os.path.realpath(file.absolute), file)
    return list(found.values())


def _below(root: Path) -> Iterator[SourceFile]:
    absolute = os.path.abspath(root)
    if root.is_file():
        yield SourceFile(path=root.as_posix(), absolute=absolute, root=os.path.dirname(absolute))
        return
    if not root.is_dir():
        message = f"{root} does not exist; name a folder or a file of your source."
        raise UsageError(message)
    for folder, folders, names in os.walk(absolute):
        folders[:] = sorted(name for name in folders if _is_theirs(folder, name))
        relative = os.path.relpath(folder, absolute)
        for name in sorted(names):
            if name.endswith(_SUFFIXES):
                path = (root / relative / name).as_posix()
                yield SourceFile(path=path, absolute=f"{folder}{os.sep}{name}", root=absolute)


def _is_theirs(folder: str, name: str) -> bool:
    if name.startswith(".") or name in _NOT_THEIRS:
        return False
    try:
        return not Path(folder, name, "pyvenv.cfg").exists()
    except OSError:  # a folder that may not be entered; walking passes over it
        return True


def decode(data: bytes) -> str:
    """The text of a Python file, as Python itself decodes it."""
    encoding = "utf-8-sig"
    try:
        if _COOKIE.search(data[:400]):
            encoding = tokenize.detect_encoding(BytesIO(data).readline)[0]
        return data.decode(encoding)
    except (UnicodeDecodeError, SyntaxError, LookupError) as error:
        line = data.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else None
        reason = f"is no text ({error.reason})" if isinstance(error, UnicodeDecodeError) else f"{error}"
        raise Unreadable(reason, line) from None
