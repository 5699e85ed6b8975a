"""Conditions from measurements: what releases of the library explain, and what they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from harness.admit.conditions import condition_of, condition_text, disagrees, short
from harness.admit.record import CellFact
from harness.case import Condition
from harness.strings import read_requirement
from harness.verdict import Status

STATUSES = {"f": Status.FAILING, "+": Status.FIXED, "r": Status.REJECTED, "c": Status.CHANGED, "?": None}


def cells(history: str, suffix: str = "") -> list[CellFact]:
    """One letter per release, from 1.0 on."""
    return [
        CellFact(
            variant="failure",
            device="cpu",
            environment=f"toy-1.{minor}{suffix}",
            status=STATUSES[letter],
            expected=Status.FIXED,
        )
        for minor, letter in enumerate(history)
    ]


def found(*facts: CellFact):
    releases = {
        f"toy-1.{minor}{suffix}": Version(f"1.{minor}") for minor in range(12) for suffix in ("", "@latest")
    }
    return condition_of("toy", facts, releases)


@pytest.mark.parametrize(
    ("history", "groups"),
    [
        ("fff", ("toy",)),
        ("+++", ()),
        ("ff++", ("toy<1.2",)),
        ("ffrr", ("toy<1.2",)),
        ("++ff", ("toy>=1.2",)),
        ("+ff+", ("toy>=1.1,<1.3",)),
        ("f+f", ("toy<1.1", "toy>=1.2")),
        ("f??+", ("toy<1.3",)),
        ("?f+", ("toy<1.2",)),
        ("+?f?", ("toy>=1.2",)),
        ("", ()),
        ("fc+", None),
    ],
)
def test_a_history_of_releases_is_a_condition(history, groups):
    assert found(*cells(history)) == groups


def test_a_release_that_fails_in_one_environment_alone_is_explained_by_something_else():
    assert found(*cells("ff"), *cells("f+", "@latest")) is None
    assert found(*cells("ff+"), *cells("f?+", "@latest")) == ("toy<1.2",)


@given(st.text("f+", min_size=1, max_size=10).filter(lambda history: "f" in history))
def test_a_condition_holds_just_where_it_failed(history):
    groups = found(*cells(history))
    condition = Condition(groups=tuple((read_requirement(group),) for group in groups))
    assert [condition.holds({"toy": f"1.{minor}"}) for minor in range(len(history))] == [
        letter == "f" for letter in history
    ]


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("0.17.0", "0.17"),
        ("2.0", "2.0"),
        ("2.0.0", "2.0"),
        ("1.9.10", "1.9.10"),
        ("3", "3"),
        ("1.0.0rc1", "1.0.0rc1"),
    ],
)
def test_a_bound_is_as_short_as_people_write_it(version, text):
    assert short(Version(version)) == text


def test_a_condition_is_a_list_and_several_are_lists_in_a_list():
    assert condition_text(("toy<1",)) == '["toy<1"]'
    assert condition_text(("toy<1", "toy>=2")) == '[["toy<1"], ["toy>=2"]]'


@pytest.mark.parametrize(("history", "differs"), [("+", False), ("?", False), ("f", True), ("c", True)])
def test_only_evidence_disagrees_with_a_header(history, differs):
    assert disagrees(cells(history)) is differs
