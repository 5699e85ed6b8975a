"""An answer of the gate as a comment on a pull request: Markdown in which foreign text is only text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.gate import summary, words
from harness.gate.records import Action, Decision, Finding, GateResult
from harness.report.markup import linked, quoted, said, table, titled
from harness.report.text import counted, shortened

LIMIT = 60_000
"""Characters of a comment; GitHub refuses more than 65,536."""
_ROWS = 0.4
_DETAILS = 0.85
"""Shares of the room that are used up when the table, and when the details too, are written."""
_RESERVE = 3_000
"""Room for headings, and for the lines that say what was dropped."""
_COMMAND_LENGTH = 2_000

_MARKER = re.compile(r"^(\d*)(?=[#+=.)-])")
"""Where a line would begin a heading, a list or a rule."""

_HEADER = ("no.", "effect", "finding", "case", "used at", "avoid with")
_QUOTED = {"symptom"}


def gate_markdown(result: GateResult) -> str:
    """The whole comment: the verdict first; what does not fit is counted, the least important first."""
    head = _head(result)
    foot = _foot(result)
    room = LIMIT - len(head) - len(foot) - _RESERVE
    shown = [*result.having(Action.BLOCK), *result.having(Action.WARN)]
    rows = _table(shown, round(room * _ROWS))
    details = _details(shown, round(room * _DETAILS) - len(rows))
    rest = _rest(result, room - len(rows) - len(details))
    return "\n".join(part for part in (head, rows + details + rest, foot) if part)


def _head(result: GateResult) -> str:
    why = [*map(said, summary.caveats(result)), *map(titled, summary.reasons(result))]
    states = [said(line, 1000) for line in summary.states(result)]
    parts = [f"## {said(summary.question(result))}", f"**{said(summary.verdict(result))}**"]
    return "\n\n".join([*parts, "\n".join(f"- {line}" for line in why + states)]) + "\n"


def _foot(result: GateResult) -> str:
    looked = "".join(f"- {said(line, 1000)}\n" for line in summary.looked_at(result))
    again = summary.command(result)
    again = again if len(again) <= _COMMAND_LENGTH else again[: _COMMAND_LENGTH - 3] + "..."
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", again)), default=0))
    made = said(summary.made(result), 1000)
    return f"### Looked at\n\n{looked}\n{made}\n\n{fence}console\n$ {again}\n{fence}\n"


def _table(shown: Sequence[Decision], room: int) -> str:
    if not shown:
        return ""
    rows = (f"| {' | '.join(_row(number, decision))} |\n" for number, decision in enumerate(shown, 1))
    kept = _fitting(rows, room)
    dropped = _dropped(len(shown) - len(kept), "finding")
    return f"### Findings\n\n{table(_HEADER, ())}{''.join(kept)}{dropped}\n"


def _row(number: int, decision: Decision) -> tuple[str, ...]:
    finding = decision.finding
    first = words.ordered(finding.uses)[:1]
    more = f" and {len(finding.uses) - 1} more" if len(finding.uses) > 1 else ""
    return (
        str(number),
        "**blocks**" if decision.effect is Action.BLOCK else "warns",
        titled(words.heading(finding)),
        _cases(finding),
        "".join(quoted(words.place(use)) for use in first) + more,
        ", ".join(quoted(avoid.requirement) for avoid in finding.avoid),
    )


def _cases(finding: Finding) -> str:
    if len(finding.cases) == 1 and finding.issue:
        return linked(finding.cases[0], finding.issue)
    return said(shortened([words.named(case) for case in finding.cases], words.SHOWN_CASES))


def _details(shown: Sequence[Decision], room: int) -> str:
    kept = _fitting((_detail(number, decision) for number, decision in enumerate(shown, 1)), room)
    return "".join(kept) + _dropped(len(shown) - len(kept), "finding", "in detail")


def _detail(number: int, decision: Decision) -> str:
    """A finding in a part that folds; its summary holds nothing foreign, for it is HTML."""
    finding = decision.finding
    is_open = " open" if decision.effect is Action.BLOCK else ""
    head = f"<details{is_open}><summary>Finding {number}: {words.kind_of(finding)}</summary>"
    lines = [f"**{titled(words.heading(finding))}**", ""]
    lines += [f"- {label}: {_fact(label, text, finding)}" for label, text in words.facts(finding)]
    return "\n".join([head, "", *lines, "", "</details>", "", ""])


def _fact(label: str, text: str, finding: Finding) -> str:
    if label == "issue":
        return linked(text, text)
    if label == "used at":
        places = [
            quoted(words.place(use), 2 * len(text)) for use in words.ordered(finding.uses)[: words.SHOWN_USES]
        ]
        more = len(finding.uses) - len(places)
        return ", ".join([*places, *([f"and {more} more"] if more else [])])
    return quoted(text, len(text)) if label in _QUOTED else said(text, 3000)


def _rest(result: GateResult, room: int) -> str:
    """What only informs, the most important first."""
    allowed = [
        f"{titled(words.heading(decision.finding))} ({_cases(decision.finding) or 'no case'}): "
        f"{said(words.standing(decision))}."
        for decision in result.having(Action.ALLOW)
    ]
    told, free = "", room
    for title, lines in (
        (words.GROUPS[Action.ALLOW], allowed),
        ("Repaired by the upgrade", map(_line, summary.repaired(result))),
        ("Gone since the baseline", map(_line, summary.gone(result))),
        ("Notes", map(_line, summary.notes(result))),
        ("Source that could not be read", map(_line, summary.skipped(result))),
        ("Left out", map(_line, summary.left_out(result))),
    ):
        text = _list(title, lines, free)
        told, free = told + text, max(0, free - len(text))
    return told


def _line(text: str) -> str:
    """Foreign text that begins a line, and begins nothing else."""
    return _MARKER.sub(r"\1\\", said(text, 1000))


def _list(title: str, lines: Iterable[str], room: int) -> str:
    items = [f"- {line}\n" for line in lines]
    if not items:
        return ""
    kept = _fitting(items, room)
    return f"### {title} ({len(items)})\n\n{''.join(kept)}{_dropped(len(items) - len(kept), 'line')}\n"


def _fitting(texts: Iterable[str], room: int) -> list[str]:
    """The first of them, as many as there is room for."""
    kept = []
    for text in texts:
        room -= len(text)
        if room < 0:
            break
        kept.append(text)
    return kept


def _dropped(count: int, noun: str, how: str = "") -> str:
    told = f"{counted(count, noun)} more{f' {how}' if how else ''}"
    return (
        f"\n{told} dropped here, to keep the comment short enough; the JSON answer has all.\n\n"
        if count
        else ""
    )
