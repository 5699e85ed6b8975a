from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.intervals import NO_EVIDENCE, Gap, gaps, history_words, intervals
from harness.verdict import Status

LETTERS = {
    "F": Status.FAILING,
    "x": Status.FIXED,
    "r": Status.REJECTED,
    "c": Status.CHANGED,
    "t": Status.TIMEOUT,
    "k": Status.CRASHED,
    "s": Status.UNSUPPORTED,
    "b": Status.UNBUILDABLE,
    "i": Status.UNIMPORTABLE,
    "v": Status.INVALID,
    "-": None,
}
UNKNOWN = "sbiv-"


def points_of(pattern):
    """One release per letter: `F-x` is 0 failing, 1 not measured, 2 fixed."""
    return [(str(index), LETTERS[letter]) for index, letter in enumerate(pattern)]


patterns = st.text(alphabet=list(LETTERS), max_size=12)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("FFx", "failing 0 to 1, fixed from 2"),
        ("FFxxx", "failing 0 to 1, fixed from 2"),
        ("Fx", "failing in 0, fixed from 1"),
        ("iFFx", "failing 1 to 2, fixed from 3 (no evidence: 0 unimportable)"),
        (
            "F-x",
            "failing in at least 0, fixed from a release after 0, at the latest 2"
            " (no evidence: 1 not measured)",
        ),
        (
            "FF-bxF",
            "failing 0 to at least 1, fixed from a release after 1, at the latest 4, to 4,"
            " failing again from 5"
            " (no evidence: 2 not measured, 3 unbuildable)",
        ),
        ("FFxxFF", "failing 0 to 1, fixed 2 to 3, failing again from 4"),
        ("FxFxF", "failing in 0, fixed in 1, failing again in 2, fixed again in 3, failing again from 4"),
        ("FFF", "failing throughout, 0 to 2"),
        ("F", "failing in 0"),
        ("F--", "failing in 0 (no evidence: 1 to 2 not measured)"),
        ("F-F", "failing wherever measured, 0 to 2 (no evidence: 1 not measured)"),
        ("Fxx--", "failing in 0, fixed 1 to at least 2 (no evidence: 3 to 4 not measured)"),
        ("F-Fx", "failing 0 to 2, fixed from 3 (no evidence: 1 not measured)"),
        ("Fccx", "failing in 0, changed 1 to 2, fixed from 3"),
        ("Ftkrx", "failing in 0, timeout in 1, crashed in 2, rejected in 3, fixed from 4"),
        ("bb-v", "no evidence: 0 to 1 unbuildable, 2 not measured, 3 invalid"),
        ("s", "no evidence: 0 unsupported"),
        ("", "no evidence"),
    ],
)
def test_a_history_is_told_in_words(pattern, words):
    assert history_words(points_of(pattern)) == words


def test_exact_edges_name_their_measured_neighbours():
    failing, fixed = intervals(points_of("FFxx"))
    assert (failing.first, failing.last, failing.after, failing.before) == ("0", "1", None, "2")
    assert (fixed.first, fixed.last, fixed.after, fixed.before) == ("2", "3", "1", None)
    assert failing.unknown_after == fixed.unknown_before == ()


def test_unknown_releases_at_an_edge_belong_to_both_of_its_intervals():
    failing, fixed = intervals(points_of("F-bx"))
    assert failing.unknown_after == fixed.unknown_before == ("1", "2")
    assert (failing.before, fixed.after) == ("3", "0")


def test_unknown_releases_inside_an_interval_do_not_split_it():
    (failing,) = intervals(points_of("F-F"))
    assert (failing.first, failing.last, failing.unknown_within) == ("0", "2", ("1",))


def test_a_change_that_later_goes_back_makes_three_intervals():
    assert [i.status for i in intervals(points_of("FxF"))] == [Status.FAILING, Status.FIXED, Status.FAILING]


def test_a_gap_ends_where_its_reason_changes():
    assert gaps(points_of("F--bx")) == (
        Gap(status=None, first="1", last="2"),
        Gap(status=Status.UNBUILDABLE, first="3", last="3"),
    )


def brute_force(pattern):
    """Intervals by comparing every pair of measured releases, as sets of letters' positions."""
    measured = [i for i, letter in enumerate(pattern) if letter not in UNKNOWN]

    def together(i, j):
        between = [k for k in measured if min(i, j) <= k <= max(i, j)]
        return len({pattern[k] for k in between}) == 1

    runs = {tuple(j for j in measured if together(i, j)) for i in measured}
    found = []
    for run in sorted(runs):
        earlier = [k for k in measured if k < run[0]]
        later = [k for k in measured if k > run[-1]]
        found.append(
            {
                "status": LETTERS[pattern[run[0]]],
                "first": str(run[0]),
                "last": str(run[-1]),
                "after": str(max(earlier)) if earlier else None,
                "before": str(min(later)) if later else None,
                "unknown_before": [k for k in range(run[0]) if all(e < k for e in earlier)],
                "unknown_within": [k for k in range(run[0], run[-1]) if k not in run],
                "unknown_after": [k for k in range(run[-1] + 1, len(pattern)) if all(k < e for e in later)],
            }
        )
    return found


@given(patterns)
def test_intervals_agree_with_brute_force(pattern):
    assert [
        {
            **vars(interval),
            **{
                name: [int(label) for label in getattr(interval, name)]
                for name in ("unknown_before", "unknown_within", "unknown_after")
            },
        }
        for interval in intervals(points_of(pattern))
    ] == brute_force(pattern)


@given(patterns)
def test_intervals_and_gaps_together_tell_every_release(pattern):
    told = {}
    for interval in intervals(points_of(pattern)):
        for index in range(int(interval.first), int(interval.last) + 1):
            if str(index) not in interval.unknown_within:
                told[index] = interval.status
    for gap in gaps(points_of(pattern)):
        for index in range(int(gap.first), int(gap.last) + 1):
            assert index not in told
            told[index] = gap.status
    assert [told[index] for index in range(len(pattern))] == [LETTERS[letter] for letter in pattern]


@given(patterns, st.data())
def test_every_edge_holds_whatever_the_unknown_releases_would_have_shown(pattern, data):
    evident = st.sampled_from([letter for letter in LETTERS if letter not in UNKNOWN])
    truth = [data.draw(evident) if letter in UNKNOWN else letter for letter in pattern]
    for interval in intervals(points_of(pattern)):
        letter = pattern[int(interval.first)]
        if interval.after is not None:
            begins = range(int(interval.after) + 1, int(interval.first) + 1)
            assert any(truth[k] == letter != truth[k - 1] for k in begins)
        if interval.before is not None:
            ends = range(int(interval.last) + 1, int(interval.before) + 1)
            assert any(truth[k - 1] == letter != truth[k] for k in ends)


@given(patterns)
def test_words_name_no_status_that_was_not_measured(pattern):
    words = history_words(points_of(pattern))
    for status in Status:
        assert (status.value in words) == (status in {LETTERS[letter] for letter in pattern})


@given(patterns)
def test_an_open_end_is_claimed_only_where_the_newest_release_was_measured(pattern):
    words = history_words(points_of(pattern)).partition(" (")[0]
    claims = re.search(r"(from [^,]*|at the latest \d+|throughout, \d+ to \d+)$", words)
    if claims and not words.startswith(NO_EVIDENCE):
        assert pattern[-1] not in UNKNOWN


@given(patterns)
def test_no_evidence_is_said_exactly_where_some_release_gave_none(pattern):
    words = history_words(points_of(pattern))
    assert (NO_EVIDENCE in words) == (not pattern or any(letter in UNKNOWN for letter in pattern))
    if all(letter in UNKNOWN for letter in pattern):
        assert words.startswith(NO_EVIDENCE)
        assert intervals(points_of(pattern)) == ()
