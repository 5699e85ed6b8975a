"""The compatibility table of the project's README: one row per case, between two markers."""

from __future__ import annotations

import re

from harness.errors import UsageError
from harness.report.document import Document
from harness.report.intervals import NO_EVIDENCE
from harness.report.markdown import remedy_name
from harness.report.markup import escape, link, prose, table
from harness.report.view import Remedy, Story, View, labelled
from harness.verdict import Status

BEGIN = "<!-- compatibility:begin -->"
END = "<!-- compatibility:end -->"
_BLOCK = re.compile(rf"^{re.escape(BEGIN)}$.*?^{re.escape(END)}$", re.MULTILINE | re.DOTALL)


def readme_table(document: Document) -> str:
    """One row per case; a remedy without words holds, or is refuted, wherever it was measured."""
    view = View(document=document)
    rows = [
        [
            link(name, case["issue"]),
            prose(case["title"]).rstrip("."),
            _failure(view.story(name, "failure")),
            _holding(view.remedies(name)),
            _refuted(view.remedies(name)),
        ]
        for name, case in view.cases
    ]
    return table(["case", "issue", "failing", "remedies that hold", "remedies refuted"], rows)


def _failure(story: Story) -> str:
    """The axes where anything but the right behaviour was seen."""
    told = [chapter for chapter in story.chapters if chapter.statuses - {Status.FIXED}]
    if told:
        return "<br>".join(escape(line) for line in labelled(told, lambda chapter: chapter.brief))
    return "nowhere: fixed wherever measured" if story.statuses else NO_EVIDENCE


def _holding(stories: list[Story]) -> str:
    undecided = ", ".join(remedy_name(story) for story in stories if story.remedy is Remedy.UNDECIDED)
    holding = [_where(story, Status.WORKS) for story in stories if Status.WORKS in story.statuses]
    return "<br>".join([*holding, *([f"undecided: {undecided}"] if undecided else [])])


def _refuted(stories: list[Story]) -> str:
    return "<br>".join(_where(story, Status.REFUTED) for story in stories if Status.REFUTED in story.statuses)


def _where(story: Story, status: Status) -> str:
    """A remedy by name, and where it has this status if that is not all that was seen of it."""
    if story.statuses == {status}:
        return remedy_name(story)
    chapters = [chapter for chapter in story.chapters if status in chapter.parts]
    return f"{remedy_name(story)}: {escape('; '.join(labelled(chapters, lambda each: each.parts[status])))}"


def replace_table(readme_text: str, table: str) -> str:
    """The README with this table between its markers.

    Raises:
        UsageError: the two markers are not there exactly once, each on a line of its own.
    """
    once = readme_text.count(BEGIN) == readme_text.count(END) == 1
    if not (once and _BLOCK.search(readme_text)):
        message = f"the README needs the lines '{BEGIN}' and '{END}', once each and in this order."
        raise UsageError(message)
    return _BLOCK.sub(lambda _: f"{BEGIN}\n{table}{END}", readme_text)
