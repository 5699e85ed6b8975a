"""Collects the deprecation warnings that a variant draws. Standard library only, Python 3.8 and newer."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import suppress
from pathlib import PurePath

from .text import clean, clip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

CATEGORIES = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
MESSAGE_LIMIT = 500
NUMBER_LIMIT = 20


class Deprecations:
    """One of each kind, in the order in which they came; warnings are shown as ever."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, ...], dict[str, str]] = {}

    def install(self) -> None:
        shown = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, CATEGORIES):
                with suppress(Exception):  # a warning of a strange kind must not fail in another way here
                    self.note(str(message), category, filename)
            shown(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        for category in CATEGORIES:
            warnings.simplefilter("default", category)

    def note(self, message: str, category: type[Warning], filename: str) -> None:
        entry = {
            "category": category.__name__,
            "message": clip(clean(message), MESSAGE_LIMIT),
            "module": owner(filename),
        }
        if len(self.seen) < NUMBER_LIMIT:
            self.seen.setdefault(tuple(entry.values()), entry)

    def records(self) -> list[dict[str, str]]:
        return list(self.seen.values())


def owner(filename: str) -> str:
    """The top-level module that a file belongs to; `case` for the case itself, which has no folder."""
    path = PurePath(filename)
    if filename.startswith("<"):  # no file, such as <string>
        return filename
    if len(path.parts) == 1:
        return "case"
    folders = [entry for entry in sys.path if entry and filename.startswith(entry + os.sep)]
    inner = path.relative_to(max(folders, key=len)) if folders else PurePath(path.name)
    top = inner.parts[0]
    return top[:-3] if top.endswith(".py") else top
