"""What follows for releases that were not measured, and where a status changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from test_intervals import LETTERS, UNKNOWN, patterns, points_of

from harness.report.inference import Transition, inferred, transitions
from harness.report.intervals import intervals
from harness.verdict import Status

NAMES = {status: letter for letter, status in LETTERS.items()}

sparse = st.text(alphabet=["-", "-", "F", "x", "b"], max_size=12)
"""Histories of few statuses, where much can be inferred."""


def told(pattern):
    """What is inferred, a letter per release; a dot where nothing is."""
    return "".join(NAMES[status] if status else "." for status in inferred(points_of(pattern)))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", ""),
        ("-", "."),
        ("F", "."),
        ("---", "..."),
        ("F-F", ".F."),
        ("x---x", ".xxx."),
        ("F-x", "..."),
        ("F--xx--F", "........"),
        ("-F-F-", "..F.."),
        ("F-F-x-x", ".F...x."),
        ("FbF", "..."),
        ("F-b-F", "....."),
        ("F-b-F-F", ".....F."),
        ("F-i-F", "....."),
        ("F-s-F", "....."),
        ("F-v-F", "....."),
        ("b-b", "..."),
        ("i--i", "...."),
        ("F-", ".."),
        ("-F", ".."),
        ("c-ct-tk-kr-r", ".c..t..k..r."),
    ],
)
def test_a_release_between_two_of_one_status_is_inferred_to_have_it(pattern, expected):
    assert told(pattern) == expected


def inferred_by_brute_force(pattern):
    """By asking of each release for every pair around it."""
    letters = [letter for letter in LETTERS if letter not in UNKNOWN]
    return "".join(
        next(
            (
                letter
                for letter in letters
                for low in range(index)
                for high in range(index + 1, len(pattern))
                if pattern[low] == letter == pattern[high] and set(pattern[low + 1 : high]) == {"-"}
            ),
            ".",
        )
        for index in range(len(pattern))
    )


@given(patterns | sparse)
def test_inference_agrees_with_brute_force(pattern):
    assert told(pattern) == inferred_by_brute_force(pattern)


@given(patterns | sparse)
def test_only_what_was_not_measured_is_inferred_and_only_to_be_evidence(pattern):
    for (_, status), follows in zip(points_of(pattern), inferred(points_of(pattern)), strict=True):
        assert follows is None or (status is None and follows.is_evidence)


@given(patterns | sparse)
def test_what_is_inferred_lies_in_an_interval_of_that_status_and_changes_none(pattern):
    points = points_of(pattern)
    filled = [
        (label, status or follows) for (label, status), follows in zip(points, inferred(points), strict=True)
    ]
    assert [(i.status, i.first, i.last) for i in intervals(filled)] == [
        (i.status, i.first, i.last) for i in intervals(points)
    ]
    assert transitions(filled) == transitions(points)
    assert inferred(filled) == (None,) * len(points)


@given(patterns | sparse)
def test_a_history_read_backwards_says_the_same(pattern):
    assert told(pattern[::-1]) == told(pattern)[::-1]
    turned = [
        (t.after, t.before, t.first_after, t.last_before, t.unknown[::-1])
        for t in transitions(points_of(pattern))
    ]
    assert [
        (t.before, t.after, t.last_before, t.first_after, t.unknown)
        for t in transitions(points_of(pattern)[::-1])
    ] == turned[::-1]


# Transitions


def test_a_change_between_two_releases_that_were_measured_is_exact():
    assert transitions(points_of("FFxx")) == (
        Transition(before=Status.FAILING, after=Status.FIXED, last_before="1", first_after="2", unknown=()),
    )
    assert transitions(points_of("FFxx"))[0].is_exact


def test_a_change_among_releases_without_evidence_has_bounds_and_names_them():
    (change,) = transitions(points_of("FF-bx"))
    assert (change.bounds, change.unknown, change.is_exact) == ("> 1, <= 4", ("2", "3"), False)


def test_bounds_name_releases_as_they_are_written():
    points = [("0.15.3", Status.FAILING), ("0.16.0", None), ("0.16.1", Status.FIXED)]
    assert transitions(points)[0].bounds == "> 0.15.3, <= 0.16.1"


def test_what_is_broken_again_changed_twice():
    found = transitions(points_of("FxxF-F"))
    assert [(t.before, t.after, t.bounds) for t in found] == [
        (Status.FAILING, Status.FIXED, "> 0, <= 1"),
        (Status.FIXED, Status.FAILING, "> 2, <= 3"),
    ]


@pytest.mark.parametrize("pattern", ["", "-", "bb", "F", "F-F", "FbF", "b-F-b", "-FiF-"])
def test_where_one_status_was_measured_nothing_changed(pattern):
    assert transitions(points_of(pattern)) == ()


def transitions_by_brute_force(pattern):
    """By comparing every pair of releases that gave evidence and have none between them."""
    measured = [index for index, letter in enumerate(pattern) if letter not in UNKNOWN]
    return [
        Transition(
            before=LETTERS[pattern[low]],
            after=LETTERS[pattern[high]],
            last_before=str(low),
            first_after=str(high),
            unknown=tuple(str(index) for index in range(low + 1, high)),
        )
        for low in measured
        for high in measured
        if low < high and pattern[low] != pattern[high]
        if not any(low < between < high for between in measured)
    ]


@given(patterns | sparse)
def test_transitions_agree_with_brute_force(pattern):
    assert list(transitions(points_of(pattern))) == transitions_by_brute_force(pattern)


@given(patterns | sparse)
def test_bounds_hold_exactly_the_releases_that_may_have_brought_the_change(pattern):
    for change in transitions(points_of(pattern)):
        inside = set(SpecifierSet(change.bounds).filter(str(index) for index in range(len(pattern))))
        assert inside == {*change.unknown, change.first_after}
        assert change.is_exact == (len(inside) == 1)


@given(patterns | sparse, st.data())
def test_a_change_lies_within_its_bounds_whatever_the_unknown_releases_would_have_shown(pattern, data):
    evident = st.sampled_from([letter for letter in LETTERS if letter not in UNKNOWN])
    truth = [data.draw(evident) if letter in UNKNOWN else letter for letter in pattern]
    for change in transitions(points_of(pattern)):
        steps = range(int(change.last_before) + 1, int(change.first_after) + 1)
        assert any(truth[k - 1] != truth[k] for k in steps)
        assert (LETTERS[truth[steps[0] - 1]], LETTERS[truth[steps[-1]]]) == (change.before, change.after)
