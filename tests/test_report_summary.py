"""The Markdown for a job's page, as GitHub would show it."""

from __future__ import annotations

import copy
import re

import pytest
from feed_documents import (
    CASE,
    FIXED_LATER,
    HOSTILE,
    NEW,
    OLD,
    WITHOUT_CUDA,
    build,
    history,
    large_document,
    poisoned,
    published_document,
)
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_results import release, row, toy_case, toy_config

from harness.report.changes import CellChange, Changes, Moves, changes_between
from harness.report.feeds.room import rows_part
from harness.report.feeds.summary import LIMIT, summary
from harness.verdict import Status

BYTES = 60_000
NEW_LATEST = release("2.0", "@latest", "latest")


def html(text):
    return MarkdownIt("commonmark").enable("table").render(text)


def headings(text):
    return re.findall(r"^#+ (.*)$", text, re.MULTILINE)


def part(text, heading):
    """The lines between a heading and the next."""
    return re.split(r"^#+ ", text.partition(f" {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0].strip()


def rows_under(text, heading):
    lines = [line for line in part(text, heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def changed(**parts):
    fields = {
        "case": "toy-1", "variant": "failure", "device": "cpu", "before": "fixed", "after": "failing",
        "before_agreement": "expected", "after_agreement": "unexpected", "environments": ("toy-2.0",),
    }  # fmt: skip
    return Changes(since="2025-05-01", cells=(CellChange(**{**fields, **parts}),))


def test_a_small_summary_is_exact():
    assert summary(FIXED_LATER, Changes(since="2025-04-30")) == (
        "## Compatibility report\n\n"
        "**Every cell with evidence is as its case says.**\n\n"
        "1 case, 2 environments, 2 cells: 2 as the case says, 0 not as the case says, 0 without evidence. "
        "Measured 2025-05-01.\n\n"
        "### What changed since 2025-04-30\n\nNothing: every cell is as it was.\n\n"
        "### Libraries\n\n"
        "| library | newest release with evidence | cases | failing | changed, timeout or crashed "
        "| fixed or rejected | no evidence | drift |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| toy | 2.0 | 1 | 0 | 0 | 1 | 0 | 0 |\n\n"
        "### toy: failing in 2.0\n\nNo case.\n\n"
    )


def test_the_verdict_comes_first_and_is_never_good_without_evidence():
    bad = build(history([Status.CHANGED], [OLD]), OLD)
    nothing = build(history([Status.UNBUILDABLE], [OLD]), OLD)
    assert "**Not as the case says: 1 cell.**" in summary(bad, None)
    told = "**Nothing here is evidence: no library's behaviour was observed. 1 cell gave no evidence, for no"
    assert told in summary(nothing, None)
    assert "**Nothing here is evidence" in summary(build([]), None)


def test_gaps_for_no_known_reason_are_in_the_verdict():
    rows = history([Status.FAILING, Status.UNBUILDABLE], [OLD, NEW])
    text = summary(build(rows, OLD, NEW), None)
    assert "as its case says. 1 cell gave no evidence, for no reason known before.**" in text


def test_known_gaps_are_not_in_the_verdict():
    rows = history([Status.FAILING, Status.UNSUPPORTED], [OLD, NEW])
    text = summary(build(rows, OLD, NEW, config=toy_config(WITHOUT_CUDA)), None)
    assert "**Every cell with evidence is as its case says.**" in text


def test_what_is_not_as_the_case_says_is_one_row_for_all_its_environments():
    records = [release(f"1.{minor}") for minor in range(12)]
    text = summary(build(history([Status.CHANGED] * 12, records), *records), None)
    names = ", ".join(f"`toy-1.{minor}`" for minor in range(8))
    assert rows_under(text, "Not as the case says") == [
        [
            "[toy-1](https://example.org/toy/issues/1)", "`failure`", "cpu", "changed", "failing",
            f"{names}, and 4 more", "toy.errors.Odd: something else",
        ]
    ]  # fmt: skip


def test_without_an_earlier_report_nothing_is_said_to_have_changed():
    assert part(summary(FIXED_LATER, None), "What changed") == "No earlier report is known."


def test_changes_are_told_with_what_they_were():
    text = summary(FIXED_LATER, changed())
    assert rows_under(text, "What changed since 2025-05-01") == [
        ["`toy-1`", "`failure`", "cpu", "fixed", "failing, not as the case says", "`toy-2.0`"]
    ]


def test_a_change_of_what_the_case_says_alone_is_told():
    text = summary(FIXED_LATER, changed(after="fixed"))
    (row,) = rows_under(text, "What changed since 2025-05-01")
    assert row[3:5] == ["fixed, as the case says", "fixed, not as the case says"]


def test_a_cell_that_came_was_not_measured_before():
    text = summary(FIXED_LATER, changed(before=None, before_agreement=None))
    (row,) = rows_under(text, "What changed since 2025-05-01")
    assert row[3] == "not measured"


def test_cases_and_environments_that_came_and_went_are_named():
    changes = Changes(
        since="2025-05-01",
        cases=Moves(added=("toy-2", "toy-3"), removed=("toy-0",)),
        environments=Moves(added=("toy-3.0",)),
    )
    assert part(summary(FIXED_LATER, changes), "What changed since 2025-05-01").splitlines() == [
        "- 2 cases new: `toy-2`, `toy-3`",
        "- 1 case gone: `toy-0`",
        "- 1 environment new: `toy-3.0`",
    ]


def test_moves_and_cells_are_told_together():
    changes = Changes(since="2025-05-01", cases=Moves(removed=("toy-0",)), cells=changed().cells)
    text = summary(FIXED_LATER, changes)
    assert "1 case gone" in part(text, "What changed since 2025-05-01")
    assert len(rows_under(text, "What changed since 2025-05-01")) == 1


def test_a_case_that_fails_in_the_newest_release_is_told_with_its_history():
    text = summary(build(history([Status.FAILING, Status.FAILING], [OLD, NEW]), OLD, NEW), None)
    assert rows_under(text, "toy: failing in 2.0") == [
        [
            "[toy-1](https://example.org/toy/issues/1)", "The shape is kept.", "failing",
            "failing throughout, 1.0 to 2.0",
        ]
    ]  # fmt: skip


def test_a_case_that_fails_in_some_other_way_is_told_beside_those_that_fail():
    text = summary(build(history([Status.CRASHED], [OLD]), OLD), None)
    assert [row[2] for row in rows_under(text, "toy: failing in 1.0")] == ["changed, timeout or crashed"]


def test_a_case_fails_on_the_device_where_it_does():
    rows = history([Status.FAILING], [OLD]) + history([Status.FIXED], [OLD], device="cuda")
    ((*_, told),) = rows_under(summary(build(rows, OLD), None), "toy: failing in 1.0")
    assert told == "on cpu failing in 1.0; on cuda fixed in 1.0"


def test_drift_is_another_fate_of_the_same_release_with_other_versions():
    rows = history([Status.FIXED, Status.FAILING], [NEW, NEW_LATEST])
    text = summary(build(rows, NEW, NEW_LATEST), None)
    ((_, _, versions, there),) = rows_under(text, "toy: the same release, otherwise with other versions")
    assert (versions, there) == ("latest", "failing in 2.0")
    assert rows_under(text, "Libraries")[0][-1] == "1"


@pytest.mark.parametrize(
    ("statuses", "records"),
    [
        ((Status.FAILING, Status.FAILING), (NEW, NEW_LATEST)),
        ((Status.FIXED, Status.UNBUILDABLE), (NEW, NEW_LATEST)),
        ((Status.UNBUILDABLE, Status.FAILING), (NEW, NEW_LATEST)),
        ((Status.FIXED, Status.FAILING), (NEW, release("1.0", "@latest", "latest"))),
    ],
)
def test_nothing_is_drift_without_evidence_of_a_difference_in_one_release(statuses, records):
    text = summary(build(history(statuses, records), *records), None)
    assert "otherwise with other versions" not in text
    assert rows_under(text, "Libraries")[0][-1] == "0"


def test_another_device_is_no_drift():
    rows = history([Status.FIXED], [NEW]) + history([Status.FAILING], [NEW_LATEST], device="cuda")
    assert "otherwise with other versions" not in summary(build(rows, NEW, NEW_LATEST), None)


def test_gaps_are_told_by_reason_those_not_known_first():
    rows = history([Status.UNSUPPORTED] * 2, [OLD, NEW]) + history([Status.UNBUILDABLE], [OLD], "fix_keep")
    text = summary(build(rows, OLD, NEW, config=toy_config(WITHOUT_CUDA)), None)
    assert rows_under(text, "toy: no evidence") == [
        ["unbuildable", "no wheel", "**no**", "1", "`toy-1.0`"],
        ["unsupported", "there is no cuda on this machine", "yes", "2", "`toy-1.0`, `toy-2.0`"],
    ]
    assert part(text, "toy") == "No evidence in any release."


def test_a_library_without_evidence_is_not_told_as_fixed():
    document = build(history([Status.FIXED], [OLD]), OLD, cases=[CASE, toy_case(library="other")])
    row = next(row for row in rows_under(summary(document, None), "Libraries") if row[0] == "other")
    assert row == ["other", "no evidence", "1", "0", "0", "0", "1", "0"]


def everything_changed(document):
    after = copy.deepcopy(document)
    for cell in after["cells"]:
        cell["status"] = "crashed"
    return after, changes_between(document, after)


@pytest.mark.parametrize("evil", ["", "é" * 200, "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 300, "|" * 300, *HOSTILE])
def test_it_is_never_too_long_and_says_what_it_left_out(evil):
    document, changes = everything_changed(poisoned(large_document(cases=60, releases=30), evil))
    text = summary(document, changes)
    assert len(text.encode()) < BYTES
    assert LIMIT < BYTES
    assert "left out to keep this short." in text
    assert headings(text)[:3] == [
        "Compatibility report",
        "Not as the case says",
        "What changed since 2026-11-21",
    ]


@given(st.text("aé", min_size=1, max_size=60), st.integers(1, 400), st.integers(200, 20_000))
def test_a_table_keeps_to_its_room_and_loses_no_row_without_saying_so(name, count, room):
    names = [name] * count
    text = rows_part("### A", ["name"], [[name] for name in names], "row", room)
    left = re.search(r"(\d+) rows? more left out", text)
    shown = sum(line.startswith("| ") for line in text.splitlines()) - 2
    assert len(text.encode()) <= room
    assert max(shown, 0) + (int(left[1]) if left else 0) == len(names)


def test_many_libraries_are_counted_where_they_do_not_fit():
    cases = [toy_case(library=f"toy{number}") for number in range(300)]
    rows = [row(case, OLD, Status.FAILING) for case in cases]
    text = summary(build(rows, OLD, cases=cases), None)
    assert len(text.encode()) < BYTES
    assert re.search(r"^\d+ library parts left out to keep this short\.$", text, re.MULTILINE)


@pytest.mark.parametrize("evil", HOSTILE)
def test_hostile_text_is_only_text(evil):
    rows = history([Status.CHANGED, Status.FAILING], [OLD, NEW])
    rows += history([Status.UNSUPPORTED, Status.TIMEOUT], [OLD, NEW], "fix_mask")
    clean = build(rows, OLD, NEW, config=toy_config(WITHOUT_CUDA))
    document = poisoned(clean, evil)
    text = summary(document, changes_between(document, {**document, "cells": document["cells"][:1]}))
    page = html(text)
    tags = set(re.findall(r"<([a-z0-9]+)", page))
    assert tags <= {"h2", "h3", "h4", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "a"}
    assert set(re.findall(r'href="([^/]*)', page)) <= {"https:"}
    assert len(headings(text)) == len(
        headings(summary(clean, changes_between(clean, {**clean, "cells": []})))
    )


def test_numbers_are_those_of_the_report():
    document = large_document(cases=10, releases=8)
    counts = re.search(
        r"(\d+) cells: (\d+) as the case says, (\d+) not .*, (\d+) without", summary(document, None)
    )
    total, *parts = map(int, counts.groups())
    assert total == sum(parts) == len(document["cells"])
    assert rows_under(summary(document, None), "Libraries")[0][2] == "5"


def test_the_published_report_is_told_for_every_library():
    document = published_document()
    text = summary(document, None)
    assert len(text.encode()) < BYTES
    assert {row[0] for row in rows_under(text, "Libraries")} == {
        case["library"] for case in document["cases"].values()
    }
