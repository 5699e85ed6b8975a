from __future__ import annotations

import copy
import json

import pytest
from feed_documents import CASE, FIXED_LATER, NEW, OLD, build, history, large_document, published_document
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from report_results import evidence, release, row, toy_case

from harness.errors import UsageError
from harness.report.changes import (
    CellChange,
    Changes,
    Moves,
    changes_between,
    changes_data,
    changes_schema_text,
    changes_text,
    load_changes,
    next_changes,
)
from harness.verdict import Agreement, Status, agreement

OTHER = toy_case(2)
SCHEMA = Draft202012Validator(json.loads(changes_schema_text()))
STILL_FAILING = build(history([Status.FAILING, Status.FAILING], [OLD, NEW]), OLD, NEW)
FAILED_IN_NEW = CellChange(
    case="toy-1",
    variant="failure",
    device="cpu",
    before="fixed",
    after="failing",
    before_agreement="expected",
    after_agreement="unexpected",
    environments=("toy-2.0",),
)

_CASES = ("toy-1", "toy-2", "other-1")
_ENVIRONMENTS = ("toy-1.0", "toy-2.0", "other-1.0")
_KEYS = st.tuples(
    st.sampled_from(_CASES),
    st.sampled_from(("failure", "fix_a")),
    st.sampled_from(_ENVIRONMENTS),
    st.sampled_from(("cpu", "cuda")),
)
_SAID = st.tuples(
    st.sampled_from([status.value for status in Status]),
    st.sampled_from(["failing", "fixed"]),
    st.dates().map(str),
)


def subsets(names):
    return st.lists(st.sampled_from(names), unique=True)


@st.composite
def documents(draw):
    cases, environments = draw(subsets(_CASES)), draw(subsets(_ENVIRONMENTS))
    said = draw(st.dictionaries(_KEYS, _SAID, max_size=12))
    names = ("case", "variant", "environment", "device")
    cells = [
        {
            **dict(zip(names, key, strict=True)),
            "status": status,
            "expected": expected,
            "measured_at": f"{day}T10:00:00",
        }
        for key, (status, expected, day) in said.items()
        if key[0] in cases and key[2] in environments
    ]
    return {
        "cases": {name: {} for name in cases},
        "environments": {name: {} for name in environments},
        "cells": cells,
    }


def standing(cell):
    return cell["status"], agreement(Status(cell["status"]), Status(cell["expected"])).value


def standings(document):
    return {
        (cell["case"], cell["variant"], cell["environment"], cell["device"]): standing(cell)
        for cell in document["cells"]
    }


def differing(before, after):
    """Brute force: the cells of what both have, and what became of each."""
    was, now = standings(before), standings(after)
    return {
        key: (was.get(key), now.get(key))
        for key in {*was, *now}
        if was.get(key) != now.get(key)
        and all(key[0] in each["cases"] and key[2] in each["environments"] for each in (before, after))
    }


def sides(change):
    before = (change.before, change.before_agreement) if change.before else None
    after = (change.after, change.after_agreement) if change.after else None
    return before, after


@given(documents())
def test_nothing_differs_from_itself(document):
    assert changes_between(document, document).is_empty


@given(documents(), documents())
def test_every_differing_cell_is_in_exactly_one_group_and_no_other_cell_is(before, after):
    listed = [
        ((change.case, change.variant, environment, change.device), sides(change))
        for change in changes_between(before, after).cells
        for environment in change.environments
    ]
    assert len(listed) == len(dict(listed))
    assert dict(listed) == differing(before, after)


@given(documents(), documents())
def test_groups_differ_in_more_than_the_environment_and_are_in_order(before, after):
    cells = changes_between(before, after).cells
    assert len({(change.case, change.variant, change.device, *sides(change)) for change in cells}) == len(
        cells
    )
    assert list(cells) == sorted(cells, key=lambda change: change.order)
    assert all(list(change.environments) == sorted(set(change.environments)) for change in cells)


def swapped(moves):
    return Moves(added=moves.removed, removed=moves.added)


@given(documents(), documents())
def test_the_way_back_is_the_same_with_both_sides_exchanged(before, after):
    there, back = changes_between(before, after), changes_between(after, before)
    assert (back.cases, back.environments) == (swapped(there.cases), swapped(there.environments))
    exchanged = [(c.case, c.variant, c.device, *reversed(sides(c)), c.environments) for c in there.cells]
    found = [(c.case, c.variant, c.device, *sides(c), c.environments) for c in back.cells]
    assert sorted(exchanged, key=repr) == sorted(found, key=repr)


@given(documents(), documents())
def test_names_that_came_and_went_are_all_told(before, after):
    found = changes_between(before, after)
    for key, moves in (("cases", found.cases), ("environments", found.environments)):
        assert set(moves.added) == set(after[key]) - set(before[key])
        assert set(moves.removed) == set(before[key]) - set(after[key])


@given(documents(), documents())
def test_every_text_is_valid_and_reads_back(tmp_path_factory, before, after):
    changes = changes_between(before, after)
    text = changes_text(changes)
    SCHEMA.validate(json.loads(text))
    path = tmp_path_factory.mktemp("changes") / "changes.json"
    path.write_text(text)
    assert load_changes(path) == (None if changes == Changes(since=None) else changes)


@given(documents(), st.randoms())
def test_the_order_of_a_document_does_not_matter(document, random):
    other = {key: dict(reversed(document[key].items())) for key in ("cases", "environments")}
    cells = list(document["cells"])
    random.shuffle(cells)
    assert changes_between(document, {**other, "cells": cells}).is_empty


def test_a_changed_status_is_told_with_what_the_case_says():
    assert changes_between(FIXED_LATER, STILL_FAILING) == Changes(since="2025-05-01", cells=(FAILED_IN_NEW,))


def test_a_group_has_all_environments_that_changed_alike():
    before = STILL_FAILING
    after = build(history([Status.CHANGED, Status.CHANGED], [OLD, NEW]), OLD, NEW)
    groups = changes_between(before, after).cells
    assert [(group.before_agreement, group.environments) for group in groups] == [
        ("expected", ("toy-1.0",)),
        ("unexpected", ("toy-2.0",)),
    ]


def test_time_of_measuring_seconds_and_the_case_text_change_nothing():
    later = copy.deepcopy(FIXED_LATER)
    later["cases"]["toy-1"]["digest"] = "1" * 64
    for cell in later["cells"]:
        cell |= {"seconds": 99.0, "measured_at": "2030-01-01T00:00:00", "symptom": "other", "reason": "other"}
    assert changes_between(FIXED_LATER, later).is_empty


def test_another_expectation_alone_is_a_change():
    case = toy_case(failing="toy<3")
    stricter = build(history([Status.FAILING, Status.FIXED], [OLD, NEW], case=case), OLD, NEW, cases=[case])
    (found,) = changes_between(FIXED_LATER, stricter).cells
    assert (found.before, found.after, found.environments) == ("fixed", "fixed", ("toy-2.0",))
    assert (found.before_agreement, found.after_agreement) == ("expected", "unexpected")


def test_a_cell_that_came_or_went_has_no_status_on_that_side():
    more = build(
        history([Status.FAILING, Status.FIXED], [OLD, NEW]) + history([Status.WORKS], [NEW], "fix_keep"),
        OLD,
        NEW,
    )
    (came,), (went,) = changes_between(FIXED_LATER, more).cells, changes_between(more, FIXED_LATER).cells
    assert (came.variant, came.before, came.after) == ("fix_keep", None, "works")
    assert (went.before, went.after, went.after_agreement) == ("works", None, None)


def test_cells_of_new_cases_and_environments_are_not_listed():
    rows = history([Status.FAILING, Status.FIXED, Status.FIXED], [OLD, NEW, release("3.0")])
    rows += history([Status.FAILING], [OLD], case=OTHER)
    more = build(rows, OLD, NEW, release("3.0"), cases=[CASE, OTHER])
    assert changes_between(FIXED_LATER, more) == Changes(
        since="2025-05-01", cases=Moves(added=("toy-2",)), environments=Moves(added=("toy-3.0",))
    )


def test_since_is_the_newest_day_of_the_earlier_report():
    days = ("2025-01-31T23:59:59", "2024-12-31T10:00:00")
    rows = [
        row(CASE, record, evidence(measured_at=day)) for record, day in zip((OLD, NEW), days, strict=True)
    ]
    assert changes_between(build(rows, OLD, NEW), FIXED_LATER).since == "2025-01-31"
    assert changes_between(build([]), FIXED_LATER).since is None


def test_the_first_report_knows_of_no_change():
    assert next_changes(None, None, FIXED_LATER) is None


def test_making_a_report_again_keeps_what_it_said_of_changes():
    changes = next_changes(FIXED_LATER, None, STILL_FAILING)
    assert changes == Changes(since="2025-05-01", cells=(FAILED_IN_NEW,))
    measured_again = copy.deepcopy(STILL_FAILING)
    measured_again["cells"][0]["measured_at"] = "2026-01-01T00:00:00"
    assert next_changes(STILL_FAILING, changes, STILL_FAILING) == changes
    assert next_changes(STILL_FAILING, changes, measured_again) == changes
    assert next_changes(FIXED_LATER, None, FIXED_LATER) is None


def test_another_change_takes_the_place_of_the_one_before():
    first = next_changes(FIXED_LATER, None, STILL_FAILING)
    second = next_changes(STILL_FAILING, first, FIXED_LATER)
    assert [(change.before, change.after) for change in second.cells] == [("failing", "fixed")]


def test_the_text_is_exact_with_a_line_for_each_group():
    assert changes_text(changes_between(FIXED_LATER, STILL_FAILING)) == (
        '{\n"cases": {"added": [], "removed": []},\n"cells": [\n'
        '{"after": "failing", "after_agreement": "unexpected", "before": "fixed", '
        '"before_agreement": "expected", "case": "toy-1", "device": "cpu", "environments": ["toy-2.0"], '
        '"variant": "failure"}\n],\n'
        '"environments": {"added": [], "removed": []},\n"schema": 1,\n"since": "2025-05-01"\n}\n'
    )


def test_nothing_known_is_a_file_without_a_date(tmp_path):
    text = changes_text(None)
    SCHEMA.validate(json.loads(text))
    assert json.loads(text)["since"] is None
    (tmp_path / "changes.json").write_text(text)
    assert load_changes(tmp_path / "changes.json") is None


def test_a_page_gets_the_same_as_the_file():
    changes = changes_between(FIXED_LATER, STILL_FAILING)
    assert json.loads(json.dumps(changes_data(changes))) == json.loads(changes_text(changes))


def test_the_schema_names_every_status_and_agreement():
    definitions = json.loads(changes_schema_text())["$defs"]
    assert definitions["status"]["enum"] == [*(status.value for status in Status), None]
    assert definitions["agreement"]["enum"] == [*(each.value for each in Agreement), None]


def damaged(**changes):
    data = json.loads(changes_text(changes_between(FIXED_LATER, STILL_FAILING)))
    return json.dumps({**data, **changes})


_CELL = json.loads(damaged())["cells"][0]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "1", '"schema"', "{}", "{", "\x00", "[" * 100_000, '{"schema": 1}',
        damaged(since="yesterday"),
        damaged(since=1),
        damaged(since=""),
        damaged(cases=None),
        damaged(cases={"added": []}),
        damaged(cases={"added": "toy-1", "removed": []}),
        damaged(environments={"added": [1], "removed": []}),
        damaged(environments={"added": [""], "removed": []}),
        damaged(cells={}),
        damaged(cells=[1]),
        damaged(cells=[{**_CELL, "before": "broken"}]),
        damaged(cells=[{**_CELL, "before": None}]),
        damaged(cells=[{**_CELL, "after_agreement": None}]),
        damaged(cells=[{**_CELL, "after_agreement": ["expected"]}]),
        damaged(cells=[{**_CELL, "case": None}]),
        damaged(cells=[{**_CELL, "environments": "toy-1.0"}]),
        damaged(cells=[{name: value for name, value in _CELL.items() if name != "device"}]),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path, text):
    path = tmp_path / "changes.json"
    path.write_text(text)
    with pytest.raises(
        UsageError, match=r"changes\.json is damaged or tells of no changes; make it anew .*\.$"
    ):
        load_changes(path)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be read \(No such file or directory\)"):
        load_changes(tmp_path / "changes.json")
    (tmp_path / "changes.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(UsageError, match="is damaged"):
        load_changes(tmp_path / "changes.json")


@pytest.mark.parametrize(
    ("schema", "told"),
    [(2, "newer version"), (0, "another schema"), ("1", "another schema"), (True, "another schema")],
)
def test_another_schema_is_refused_in_one_sentence(tmp_path, schema, told):
    path = tmp_path / "changes.json"
    path.write_text(damaged(schema=schema))
    with pytest.raises(UsageError, match=told):
        load_changes(path)


def test_many_cells_are_compared_and_grouped():
    before = large_document(cases=30)
    after = {**before, "cells": [{**cell, "status": "crashed"} for cell in before["cells"]]}
    changes = changes_between(before, after)
    assert sum(len(change.environments) for change in changes.cells) == len(before["cells"])
    SCHEMA.validate(json.loads(changes_text(changes)))


def test_the_published_report_differs_from_one_with_a_cell_less_in_just_that_cell():
    document = published_document()
    (change,) = changes_between(document, {**document, "cells": document["cells"][1:]}).cells
    assert (change.case, change.after) == (document["cells"][0]["case"], None)
