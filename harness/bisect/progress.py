"""Tells a search as it goes, one line per step, on a terminal and in a log alike: the range closes."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from harness.bisect.labels import Reading, is_bad
from harness.report.text import plain

NO_VERDICT = "no verdict"
_NAME_LENGTH = 100
_LABEL_WIDTH = len(NO_VERDICT)
_SECONDS_WIDTH = len("12.5 s")
_REASON_LENGTH = 160


class Steps:
    """Numbers the steps below each heading, and counts all: those that ran and those that were stored."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.ran = 0
        self.stored = 0
        self._number = 0
        self._name_width = 0
        self._is_first = True

    def heading(self, text: str) -> None:
        """Begin another search."""
        self._number, self._name_width = 0, 0
        self._say(("" if self._is_first else "\n") + self._shown(plain(text)), style="bold")

    def step(self, name: str, reading: Reading, left: str) -> None:
        """Tell a point that was measured, or found stored, and what is left: the range that is open."""
        self._number += 1
        self.ran += not reading.stored
        self.stored += reading.stored
        name = plain(name, _NAME_LENGTH)
        self._name_width = max(self._name_width, len(name))
        took = "stored" if reading.stored else f"{reading.seconds:.1f} s"
        columns = [
            f"step {self._number:<2}",
            name.ljust(self._name_width),
            (reading.label or NO_VERDICT).ljust(_LABEL_WIDTH),
            took.rjust(_SECONDS_WIDTH),
            _rest(reading, left),
        ]
        self._say(self._shown("  ".join(columns).rstrip()), style=_style(reading))

    def note(self, text: str) -> None:
        """Tell anything else."""
        self._say(self._shown(plain(text)))

    def _say(self, text: str, style: str = "") -> None:
        self._is_first = False
        self.console.print(Text(text, style=style), soft_wrap=True)

    def _shown(self, text: str) -> str:
        """Text that the console can print, whatever a case or a commit says."""
        encoding = self.console.encoding
        return text.encode(encoding, "backslashreplace").decode(encoding)


def _rest(reading: Reading, left: str) -> str:
    """What is left, and why there is no verdict."""
    why = f"({plain(reading.detail, _REASON_LENGTH)})" if reading.label is None and reading.detail else ""
    return " ".join(part for part in (plain(left), why) if part)


def _style(reading: Reading) -> str:
    if reading.label is None:
        return "yellow"
    return "red" if is_bad(reading.label) else "green"
