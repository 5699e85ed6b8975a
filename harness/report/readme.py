"""What the project's README says of the report, between two markers: counts, and one row per case."""

from __future__ import annotations

import re

from harness.errors import UsageError
from harness.report.counts import counts
from harness.report.document import Document
from harness.report.intervals import NO_EVIDENCE
from harness.report.markdown import remedy_name
from harness.report.markup import escape, link, prose, table
from harness.report.view import Remedy, Story, View, labelled
from harness.verdict import Status

BEGIN = "<!-- compatibility:begin -->"
END = "<!-- compatibility:end -->"
_BLOCK = re.compile(rf"^{re.escape(BEGIN)}$.*?^{re.escape(END)}$", re.MULTILINE | re.DOTALL)


def readme_part(document: Document) -> str:
    """The counts, and folded away all cases."""
    cases = f"<details><summary>All cases</summary>\n\n{readme_table(document)}\n</details>\n"
    return f"{counts(document)}\n{cases}"


def readme_table(document: Document) -> str:
    """One row per case; a remedy holds, or is refuted, wherever it was measured unless it says where."""
    view = View(document=document)
    rows = [
        [
            link(name, case["issue"]),
            prose(case["title"]).rstrip("."),
            _failure(view.story(name, "failure")),
            _names(view.remedies(name), Remedy.HOLDS),
            _in_part(view.remedies(name)),
            _names(view.remedies(name), Remedy.REFUTED),
        ]
        for name, case in view.cases
    ]
    return table(["case", "issue", "failing", "remedies that hold", "hold in part", "refuted"], rows)


def _failure(story: Story) -> str:
    """The axes where anything but the right behaviour was seen."""
    told = [chapter for chapter in story.chapters if chapter.statuses - {Status.FIXED}]
    if told:
        return "<br>".join(escape(line) for line in labelled(told, lambda chapter: chapter.brief))
    return "nowhere: fixed wherever measured" if story.statuses else NO_EVIDENCE


def _names(stories: list[Story], remedy: Remedy) -> str:
    return ", ".join(remedy_name(story) for story in stories if story.remedy is remedy)


def _in_part(stories: list[Story]) -> str:
    """Remedies with the same history together, by the axis that shows where they change."""
    told: dict[str, list[str]] = {}
    for story in stories:
        if story.remedy is Remedy.IN_PART:
            told.setdefault(_change(story), []).append(remedy_name(story))
        elif story.remedy is Remedy.UNDECIDED:
            told.setdefault(NO_EVIDENCE, []).append(remedy_name(story))
    return "<br>".join(f"{escape(words)}: {', '.join(names)}" for words, names in told.items())


def _change(story: Story) -> str:
    """Where a remedy stops or begins to hold: on one axis, or from one axis to another."""
    mixed = [chapter for chapter in story.chapters if len(chapter.statuses) > 1]
    if mixed:
        first = mixed[0]
        return first.brief if first.place == "period" else f"{first.place}: {first.brief}"
    refuted = [chapter for chapter in story.chapters if Status.REFUTED in chapter.parts]
    return "; ".join(labelled(refuted, lambda chapter: chapter.parts[Status.REFUTED])) or "changes"


def replace_part(readme_text: str, part: str) -> str:
    """The README with this text between its markers.

    Raises:
        UsageError: the two markers are not there exactly once, each on a line of its own.
    """
    once = readme_text.count(BEGIN) == readme_text.count(END) == 1
    if not (once and _BLOCK.search(readme_text)):
        message = f"the README needs the lines '{BEGIN}' and '{END}', once each and in this order."
        raise UsageError(message)
    return _BLOCK.sub(lambda _: f"{BEGIN}\n{part}{END}", readme_text)
