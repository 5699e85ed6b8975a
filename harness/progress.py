"""Shows a run as it goes: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.text import Text

from harness.evidence import Evidence
from harness.judge import Judgement
from harness.report.text import plain, symptom_of
from harness.runner import CellDone, EnvironmentMissing, EnvironmentStarted, Event
from harness.verdict import Agreement

STYLES = {
    Agreement.EXPECTED: "green",
    Agreement.UNEXPECTED: "bold red",
    Agreement.NO_EVIDENCE: "yellow",
}


@dataclass
class Progress:
    """Counts cells and tells what is going on. Use as a context manager."""

    console: Console
    total: int
    verbose: bool = False
    done: int = 0
    environment: str = ""
    counts: dict[Agreement, int] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)
    _live: Live | None = None

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self._live = Live(get_renderable=self._line, console=self.console, transient=True)
            self._live.start(refresh=True)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, event: Event, judgement: Judgement | None) -> None:
        """Take note of an event; a cell comes with its judgement."""
        if isinstance(event, EnvironmentStarted):
            self.environment = event.place.id
            self._say(f"{event.place.id}: {event.cells} cells", plain_only=True)
        elif isinstance(event, EnvironmentMissing):
            self.done += event.cells
            self._say(f"{event.place.id}: no evidence: {event.reason}", style="yellow")
        elif judgement is not None:
            self._cell(event, judgement)

    def _cell(self, event: CellDone, judgement: Judgement) -> None:
        self.done += 1
        self.counts[judgement.agreement] = self.counts.get(judgement.agreement, 0) + 1
        if self.verbose or judgement.agreement is Agreement.UNEXPECTED or judgement.is_unexplained:
            self._say(describe(event, judgement), style=STYLES[judgement.agreement])
        elif self.done % 25 == 0:
            self._say(self._line().plain, plain_only=True)

    def _say(self, text: str, style: str = "", *, plain_only: bool = False) -> None:
        if not (plain_only and self._live is not None):
            self.console.print(Text(text, style=style), soft_wrap=True)

    def _line(self) -> Text:
        passed = time.monotonic() - self._began
        left = f", about {_clock(passed / self.done * (self.total - self.done))} left" if self.done else ""
        return Text(f"{self.done} of {self.total} cells, {self.environment or 'starting'}{left}")


def describe(event: CellDone, judgement: Judgement) -> str:
    """One line: the cell, its status, what was expected, and what was seen."""
    cell = event.task.cell
    seen = brief(event.evidence)
    expected = "" if judgement.agreement is Agreement.EXPECTED else f" (expected {judgement.expected.value})"
    return (
        f"{cell.case} {cell.variant} in {cell.environment} on {cell.device}: "
        f"{judgement.status.value}{expected}{': ' + seen if seen else ''}"
    )


def brief(evidence: Evidence) -> str:
    """What was seen, in one bounded line."""
    return plain(evidence.reason) if evidence.raised is None else symptom_of(evidence.raised)


def visible(text: str) -> str:
    """Text with its control codes shown, so that no terminal obeys them."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
