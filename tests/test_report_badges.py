from __future__ import annotations

import json

import pytest
from feed_documents import (
    CASE,
    FIXED_LATER,
    HOSTILE,
    NEW,
    OLD,
    build,
    history,
    large_document,
    poisoned,
    published_document,
)
from report_results import release, toy_case

from harness.report.feeds.badges import badges
from harness.verdict import Status

OTHER = toy_case(2)
PINNED = [release(version, "+torch-2.1", "pinned") for version in ("1.0", "3.0")]
LATEST = release("4.0", "@latest", "latest")
EVIDENCE = [Status.FAILING, Status.FIXED, Status.REJECTED, Status.CHANGED, Status.TIMEOUT, Status.CRASHED]
NO_EVIDENCE = [status for status in Status if not status.is_evidence]


def badge(document, name="badge-toy.json"):
    found = json.loads(badges(document)[name])
    return found["label"], found["message"], found["color"]


def two(first, second, record=NEW):
    """What the newest release gave for two cases."""
    rows = history([first], [record]) + history([second], [record], case=OTHER)
    return build(rows, OLD, record, cases=[CASE, OTHER])


def test_a_small_report_is_exact():
    assert badges(FIXED_LATER) == {
        "badge.json": '{\n "schemaVersion": 1,\n "label": "newest releases",\n'
        ' "message": "0 of 1 documented issue fail",\n "color": "green"\n}\n',
        "badge-toy.json": '{\n "schemaVersion": 1,\n "label": "toy 2.0",\n'
        ' "message": "0 of 1 documented issue fail",\n "color": "green"\n}\n',
    }


def test_what_fails_as_documented_is_orange():
    document = build(history([Status.FAILING], [OLD]), OLD)
    assert badge(document) == ("toy 1.0", "1 of 1 documented issue fails", "orange")


def test_all_measured_and_none_failing_is_green():
    assert badge(two(Status.FIXED, Status.FIXED)) == ("toy 2.0", "0 of 2 documented issues fail", "green")


@pytest.mark.parametrize("lacking", [*NO_EVIDENCE, None])
def test_partial_evidence_is_never_green_and_names_what_lacks(lacking):
    label, message, color = badge(two(Status.FIXED, lacking))
    assert (label, color) == ("toy 2.0", "yellow")
    assert message == "0 of 1 measured issue fail, 1 without evidence"


@pytest.mark.parametrize("lacking", [*NO_EVIDENCE, None])
def test_no_evidence_is_grey_and_says_so(lacking):
    label, message, color = badge(two(lacking, lacking))
    assert (label, message, color) == ("toy", "no evidence", "lightgrey")


@pytest.mark.parametrize("status", [Status.FAILING, Status.CHANGED, Status.TIMEOUT, Status.CRASHED])
def test_what_is_not_as_the_case_says_is_red_and_counted(status):
    _, message, color = badge(two(status, Status.FIXED))
    assert color == "red"
    assert message.endswith(", 1 cell not as the case says")


def test_what_is_not_as_the_case_says_counts_in_every_release_and_variant():
    rows = history([Status.FIXED, Status.FIXED], [OLD, NEW]) + history([Status.WORKS], [OLD], "fix_mask")
    message = "0 of 1 documented issue fail, 2 cells not as the case says"
    assert badge(build(rows, OLD, NEW)) == ("toy 2.0", message, "red")


def test_no_evidence_is_red_where_something_else_is_not_as_the_case_says():
    document = build(history([Status.REFUTED], [NEW], "fix_keep"), NEW)
    assert badge(document) == ("toy", "no evidence, 1 cell not as the case says", "red")


def test_the_newest_release_with_evidence_is_told():
    rows = history([Status.FAILING, Status.UNBUILDABLE], [OLD, NEW])
    assert badge(build(rows, OLD, NEW)) == ("toy 1.0", "1 of 1 documented issue fails", "orange")


def test_a_remedy_is_no_evidence_for_its_failure():
    rows = history([Status.FAILING, None], [OLD, NEW]) + history([Status.WORKS], [NEW], "fix_keep")
    assert badge(build(rows, OLD, NEW))[0] == "toy 1.0"


def test_releases_are_ordered_as_versions_are():
    records = [release("1.10"), release("1.9")]
    assert badge(build(history([Status.FAILING] * 2, records), *records))[0] == "toy 1.10"


def test_the_period_axis_comes_before_newer_pinned_ones():
    rows = history([Status.FAILING], [OLD]) + history([Status.FIXED] * 2, PINNED)
    assert badge(build(rows, OLD, *PINNED))[0] == "toy 1.0"


def test_a_pinned_axis_tells_where_the_period_axis_has_no_evidence():
    rows = history([Status.UNBUILDABLE], [OLD]) + history([Status.FAILING, Status.FIXED], PINNED)
    assert badge(build(rows, OLD, *PINNED)) == (
        "toy 3.0 with torch 2.1",
        "0 of 1 documented issue fail",
        "green",
    )


def test_the_latest_axis_tells_only_where_nothing_else_does():
    rows = history([Status.FIXED], [LATEST])
    assert badge(build([*rows, *history([Status.FAILING], [OLD])], OLD, LATEST))[0] == "toy 1.0"
    assert badge(build(rows, LATEST))[0] == "toy 4.0 latest"


def test_a_case_fails_if_it_fails_on_any_device():
    rows = history([Status.FIXED], [OLD]) + history([Status.FAILING], [OLD], device="cuda")
    assert badge(build(rows, OLD))[1].startswith("1 of 1 documented issue fails")


def test_a_device_without_evidence_takes_nothing_from_another():
    rows = history([Status.FAILING], [OLD]) + history([Status.UNSUPPORTED], [OLD], device="cuda")
    assert badge(build(rows, OLD))[1] == "1 of 1 documented issue fails"


def test_the_badge_for_all_adds_up_each_librarys_newest_release():
    document = large_document(cases=6, releases=10)
    sums = [int(badge(document, f"badge-{name}.json")[1].partition(" ")[0]) for name in ("toy", "other")]
    assert badge(document, "badge.json")[1].startswith(f"{sum(sums)} of ")


def test_the_badge_for_all_is_no_greener_than_any_library():
    elsewhere = toy_case(library="other")
    document = build(history([Status.FIXED], [NEW]), NEW, cases=[CASE, elsewhere])
    assert badge(document, "badge-other.json") == ("other", "no evidence", "lightgrey")
    assert badge(document)[2] == "green"
    assert badge(document, "badge.json")[1:] == ("0 of 1 measured issue fail, 1 without evidence", "yellow")


def test_a_report_without_cases_has_one_grey_badge():
    assert list(badges(build([], cases=[]))) == ["badge.json"]
    assert badge(build([], cases=[]), "badge.json")[1:] == ("no evidence", "lightgrey")


@pytest.mark.parametrize("evil", HOSTILE)
def test_hostile_text_is_a_bounded_line_and_a_file_name(evil):
    for name, text in badges(poisoned(FIXED_LATER, evil)).items():
        found = json.loads(text.encode())
        assert set(found) == {"schemaVersion", "label", "message", "color"}
        assert len(found["label"].splitlines()) == 1
        assert len(found["label"]) <= 100
        assert "/" not in name
        assert name.isascii()
        assert name.isprintable()


def test_the_published_report_has_a_badge_for_each_library():
    document = published_document()
    libraries = {case["library"] for case in document["cases"].values()}
    assert set(badges(document)) == {"badge.json", *(f"badge-{library}.json" for library in libraries)}
