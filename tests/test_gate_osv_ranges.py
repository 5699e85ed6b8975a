"""Ranges in the OSV schema: what was measured and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from osv_records import DRIFT, NEW, OLD, C, F, N, R, about, affects, events, included, ranges, record_of
from report_results import by_id, release, row, toy_case, toy_config

from harness.gate.osv import osv_record
from harness.gate.osv_evidence import edges_of, events_of, unmeasured_in
from harness.report.document import build_document
from harness.report.intervals import intervals
from harness.verdict import Status


@given(st.lists(st.sampled_from([F, R, None]), min_size=1, max_size=12), st.booleans())
def test_a_reader_of_the_events_finds_the_failing_releases_and_those_told_to_be_unknown(
    statuses, right_before
):
    points = [(f"1.{minor}", status) for minor, status in enumerate(statuses)]
    history = intervals(points)
    told = events_of(history, right_before=right_before)
    found = {label for label, _ in points if included(label, told)}
    failing = {label for label, status in points if status is F}
    assert found == failing | set(unmeasured_in(history, right_before=right_before))
    assert not found & {label for label, status in points if status is R}
    assert included("0.1", told) == (history[:1] != () and history[0].status is F and not right_before)
    assert [next(iter(event)) for event in told] == (["introduced", "fixed"] * len(told))[: len(told)]
    edges = edges_of(history, right_before=right_before)
    assert [{e["event"]: e["release"]} for e in edges if e["release"]] == told
    known = {label for label, status in points if status} | {"0"}
    assert all(value in known for event in told for value in event.values())


def test_an_oldest_release_that_fails_stands_for_all_before_it_and_says_so():
    record = record_of(("1.0", F), ("1.1", F), ("2.0", R))
    assert events(record) == [{"introduced": "0"}, {"fixed": "2.0"}]
    assert record["affected"][0]["versions"] == ["1.0", "1.1"]
    start, stop = ranges(record)["edges"]
    assert (start["exact"], "older ones were not measured" in start["note"]) == (False, True)
    assert (stop["exact"], stop["unknown"]) == (True, [])
    assert affects(record, "0.9")
    assert not affects(record, "2.0")


def test_a_release_without_evidence_at_an_edge_is_told_and_never_called_fixed():
    record = record_of(("1.0", F), ("1.1", N), ("1.2", None), ("2.0", R))
    assert events(record) == [{"introduced": "0"}, {"fixed": "2.0"}]
    assert ranges(record)["unmeasured_in_range"] == ["1.1", "1.2"]
    stop = ranges(record)["edges"][1]
    assert (stop["exact"], stop["unknown"]) == (False, ["1.1", "1.2"])
    assert "of 1.1, 1.2 between them nothing is known" in record["details"]


def test_what_breaks_again_is_one_range_of_several_events():
    record = record_of(("1.0", R), ("1.1", F), ("1.2", R), ("1.3", F), ("2.0", R), failing="toy<3")
    assert events(record) == [
        {"introduced": "1.1"}, {"fixed": "1.2"}, {"introduced": "1.3"}, {"fixed": "2.0"},
    ]  # fmt: skip
    assert len(record["affected"][0]["ranges"]) == 1


def test_what_is_open_has_no_fixed_event_and_no_last_affected():
    record = record_of(("1.0", R), ("1.1", F), ("1.2", F))
    assert events(record) == [{"introduced": "1.1"}]
    assert "no release was measured right after 1.2." in record["details"]
    assert affects(record, "9")


def test_another_error_is_neither_failing_nor_right():
    record = record_of(("1.0", F), ("1.1", C), ("1.2", Status.TIMEOUT), ("2.0", Status.REJECTED))
    assert events(record) == [{"introduced": "0"}, {"fixed": "2.0"}]
    assert record["affected"][0]["versions"] == ["1.0"]


def test_drift_is_told_on_the_axis_where_it_shows_with_the_other_package():
    record = record_of(
        ("1.0", R, "", "period", OLD), ("1.1", R, "", "period", OLD),
        ("1.1", F, "@latest", "latest", NEW), ("2.0", R, "@latest", "latest", NEW), **DRIFT,
    )  # fmt: skip
    assert ranges(record)["axis"]["axis"] == "toy@latest"
    assert events(record) == [{"introduced": "1.1"}, {"fixed": "2.0"}], "1.0 was right, elsewhere"
    assert about(record)["conditions"] == {
        "failing": [["toy<2", "dep>=2"]],
        "measured": {"dep": {"failing": ["2.0"], "right": ["1.0"]}},
    }
    assert [place["axis"] for place in about(record)["elsewhere"]] == ["toy"]
    assert "- `dep`: failing with 2.0; right with 1.0" in record["details"]


def test_the_period_counts_before_other_axes():
    record = record_of(
        ("1.0", F, "", "period", NEW), ("2.0", R, "", "period", NEW),
        ("1.0", F, "@latest", "latest", NEW), ("1.1", F, "@latest", "latest", NEW), **DRIFT,
    )  # fmt: skip
    assert ranges(record)["axis"]["axis"] == "toy"


@pytest.mark.parametrize(("packages", "fixed"), [(NEW, "1.1"), (OLD, "2.0")])
def test_an_unknown_release_is_taken_from_another_axis_only_under_the_same_conditions(packages, fixed):
    record = record_of(
        ("1.1", R, "", "period", packages), ("1.0", F, "@latest", "latest", NEW),
        ("1.1", N, "@latest", "latest", NEW), ("2.0", R, "@latest", "latest", NEW), **DRIFT,
    )  # fmt: skip
    assert events(record) == [{"introduced": "0"}, {"fixed": fixed}]
    assert bool(ranges(record)["from_other_axes"]) == (fixed == "1.1")
    assert ("- 1.1 fixed on `toy`" in record["details"]) == (fixed == "1.1")


def test_an_edge_at_a_release_that_was_right_without_the_conditions_is_not_exact():
    record = record_of(("1.0", R, "", "period", OLD), ("1.1", F, "", "period", NEW), **DRIFT)
    start = ranges(record)["edges"][0]
    assert (start["release"], start["exact"]) == ("1.1", False)
    assert "measured without what the issue needs of other packages" in start["note"]


def test_a_fix_that_was_right_without_the_conditions_is_not_exact():
    record = record_of(("1.0", F, "", "period", NEW), ("1.1", R, "", "period", OLD), **DRIFT)
    stop = ranges(record)["edges"][1]
    assert (stop["release"], stop["exact"]) == ("1.1", False)


def test_an_unknown_release_on_which_other_axes_disagree_stays_unknown():
    record = record_of(
        ("1.0", F, "", "period", NEW), ("1.1", N, "", "period", NEW), ("2.0", R, "", "period", NEW),
        ("1.1", R, "@latest", "latest", NEW), ("1.1", F, "+dep-2.0", "pinned", NEW), **DRIFT,
    )  # fmt: skip
    assert events(record) == [{"introduced": "0"}, {"fixed": "2.0"}]
    assert ranges(record)["unmeasured_in_range"] == ["1.1"]


def test_devices_are_kept_apart():
    case = toy_case()
    old, middle, new = release("1.0"), release("1.1"), release("2.0")
    latest = release("1.1", "@latest", "latest")
    rows = [
        row(case, old, F), row(case, middle, N), row(case, new, R),
        row(case, old, R, device="cuda"), row(case, new, R, device="cuda"),
        row(case, latest, R, device="cuda"),
    ]  # fmt: skip
    record = osv_record(
        case, build_document([case], rows, by_id(old, middle, new, latest), toy_config()), "toy"
    )
    assert ranges(record)["axis"]["device"] == "cpu"
    assert events(record) == [{"introduced": "0"}, {"fixed": "2.0"}]
    assert ("toy", "cuda") in {(place["axis"], place["device"]) for place in about(record)["elsewhere"]}
