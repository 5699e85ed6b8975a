"""An answer of the gate for a terminal: words that read without colour, in any width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.gate import summary, words
from harness.gate.records import Action, Decision, GateResult

_STYLES = {Action.BLOCK: "bold red", Action.WARN: "yellow", Action.ALLOW: ""}
_SHOWN = 10
"""Lines of each list that only informs; the JSON answer has all of them."""


def gate_view(result: GateResult) -> RenderableType:
    """The whole answer: the verdict first, what it rests on last."""
    return Group(*_parts(result))


def _parts(result: GateResult) -> Iterator[RenderableType]:
    yield Text(summary.question(result))
    style = "bold red" if result.exit_code else "yellow" if result.having(Action.WARN) else "green"
    yield Text(summary.verdict(result), style=style)
    for line in (*summary.caveats(result), *summary.reasons(result)):
        yield _indented(Text(line))
    yield Text("")
    for line in summary.states(result):
        yield Text(line)
    for action in (Action.BLOCK, Action.WARN):
        yield from _findings(words.GROUPS[action], result.having(action), _STYLES[action])
    brief = [_brief(decision) for decision in result.having(Action.ALLOW)]
    yield from _list(words.GROUPS[Action.ALLOW], brief)
    yield from _list("Repaired by the upgrade", summary.repaired(result))
    yield from _list("Gone since the baseline", summary.gone(result))
    yield from _list("Left out", summary.left_out(result))
    yield from _list("Source that could not be read", summary.skipped(result))
    yield from _list("Notes", summary.notes(result))
    yield from _list("Looked at", summary.looked_at(result), is_counted=False)
    yield Text("")
    yield Text(summary.made(result))
    yield Text(f"Again: {summary.command(result)}")


def _findings(title: str, decisions: Sequence[Decision], style: str) -> Iterator[RenderableType]:
    if decisions:
        yield Text(f"\n{title} ({len(decisions)})", style=style)
    for number, decision in enumerate(decisions, 1):
        yield _marked(f"{number}.", Text(words.heading(decision.finding), style="bold"))
        rows = _grid(2)
        for label, text in words.facts(decision.finding):
            rows.add_row(Text(label), Text(text))
        yield Padding(rows, (0, 0, 0, 5), expand=False)


def _brief(decision: Decision) -> str:
    about = words.about(decision.finding)
    return f"{words.heading(decision.finding)}{f' [{about}]' if about else ''}: {words.standing(decision)}."


def _list(title: str, lines: Iterable[str], *, is_counted: bool = True) -> Iterator[RenderableType]:
    told = list(lines)
    if not told:
        return
    yield Text(f"\n{title} ({len(told)})" if is_counted else f"\n{title}", style="bold")
    more = [f"and {len(told) - _SHOWN} more, all of them in the JSON answer"] if len(told) > _SHOWN else []
    for line in (*told[:_SHOWN], *more):
        yield _marked("-", Text(line))


def _marked(mark: str, text: Text) -> RenderableType:
    """A mark with a text that hangs beside it."""
    row = _grid(1)
    row.add_row(Text(mark), text)
    return Padding(row, (0, 0, 0, 2), expand=False)


def _grid(space: int) -> Table:
    grid = Table.grid(padding=(0, space))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _indented(text: Text) -> RenderableType:
    text.overflow = "fold"
    return Padding(text, (0, 0, 0, 2), expand=False)
