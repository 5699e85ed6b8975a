"""An answer as Markdown, ready to be pasted as a comment on the issue: the answer first, then its proof."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.bisect.answer import Answer, Change, ReleaseSearch
from harness.bisect.document import confidence, without_credentials
from harness.bisect.proof import change_section, counted, evidence, held_words, names_of
from harness.bisect.sentences import MARKDOWN, headline, headline_in
from harness.progress import visible
from harness.report.markup import quoted, titled
from harness.report.symbols import MEANINGS
from harness.report.text import plain

__all__ = ["answer_markdown", "headline"]


def answer_markdown(answer: Answer) -> str:
    """The whole comment."""
    changes = [*answer.releases.changes, *([answer.drift] if answer.drift else [])]
    sections = [
        f"**{headline_in(MARKDOWN, answer)}**\n",
        f"{titled(answer.title)}\n" if answer.title not in {"", answer.variant} else "",
        *(change_section(change) for change in changes),
        _measured(answer, changes),
        _reproduce(answer),
    ]
    return "\n".join(section for section in sections if section)


def _measured(answer: Answer, changes: Sequence[Change]) -> str:
    releases = answer.releases
    culprits = {name for change in changes if change.suspects for name in change.suspects.culprits}
    shown = sorted(culprits - {releases.package})[:3]
    text = f"### Measured\n\n{_searched(releases)}"
    if releases.points:
        ends = {name for change in changes for name in (change.before.name, change.after.name)}
        text += "\n" + evidence("release" if releases.package else "state", releases.points, shown, ends)
    text += _meanings({point.reading.label for point in releases.points})
    if releases.unmeasured:
        text += (
            f"\nAssumed and not measured, because both neighbours agree: {names_of(releases.unmeasured)}.\n"
        )
    if releases.unjudged:
        told = names_of(releases.unjudged)
        text += (
            f"\nNot measured, and beyond all that gives a verdict, so that nothing is said of them: {told}.\n"
        )
    return text


def _searched(releases: ReleaseSearch) -> str:
    if not releases.package:
        return f"{held_words(releases.held).capitalize()}.\n"
    known = counted(len(releases.points), "release")
    return f"{known} of {quoted(releases.package)}, {held_words(releases.held)}.\n"


def _meanings(labels: set[str | None]) -> str:
    """What the words for a status mean, to somebody who never saw a case."""
    told = [
        f"*{status.value}*: {meaning.partition(': ')[2]}"
        for status, meaning in MEANINGS.items()
        if status.value in labels
    ]
    return f"\n{'; '.join(told)}.\n" if told else ""


def _reproduce(answer: Answer) -> str:
    command = visible(without_credentials(answer.command))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", command)), default=0))
    pythons = sorted({point.python for point in answer.releases.points})
    python = f", Python {', '.join(map(plain, pythons))}" if pythons else ""
    digest = f"; case file SHA-256 {quoted(answer.digest[:12])}" if answer.digest else ""
    when = (
        f"Measured until {plain(answer.measured_at[:19])} UTC"
        if answer.measured_at
        else "Nothing was measured"
    )
    return (
        f"### Reproduce\n\n{fence}console\n$ {command}\n{fence}\n\n{confidence(answer.repeat)} "
        f"{when} with harness {plain(answer.tool)} on "
        f"{quoted(answer.platform)}, device {quoted(answer.device)}{python}{digest}.\n"
    )
