from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bisect.search import Gap, Search

LETTERS = {"F": "failing", "x": "fixed", "r": "rejected", "-": None}


def labels_of(pattern):
    """One point per letter: `F-x` is 0 failing, 1 unknown, 2 fixed."""
    return [LETTERS[letter] for letter in pattern]


def asked_of(search, history):
    """Run a search to its end over a known history: the points in the order in which it asks."""
    asked = []
    while (point := search.next_point()) is not None:
        asked.append(point)
        search.tell(point, history[point])
    return asked


def searched(pattern, **options):
    search = Search(len(pattern), **options)
    asked_of(search, labels_of(pattern))
    return search


def edges(search):
    return [(gap.before, gap.after) for gap in search.changes()]


def changes_of(history):
    """The truth: all neighbouring decided points that differ, and the unknown points between."""
    decided = [point for point, label in enumerate(history) if label is not None]
    return [
        Gap(before=before, after=after, undecided=tuple(range(before + 1, after)))
        for before, after in pairwise(decided)
        if history[before] != history[after]
    ]


def limit_of(size):
    return math.ceil(math.log2(size)) + 2


runs = st.tuples(st.sampled_from(list(LETTERS)), st.integers(1, 12)).map(lambda run: run[0] * run[1])
stretches = st.lists(runs, min_size=1, max_size=7).map("".join)
scattered = st.text(alphabet=list(LETTERS), min_size=1, max_size=25)
histories = (stretches | scattered).map(labels_of)


@st.composite
def partly_told(draw, **options):
    """A history and a search over it that some points were told to in advance."""
    history = draw(histories)
    points = st.integers(0, len(history) - 1)
    first = draw(st.lists(points, max_size=3))
    search = Search(len(history), first=first, **options)
    for point in draw(st.lists(points, max_size=8)):
        search.tell(point, history[point])
    return history, search


# What it finds.


@pytest.mark.parametrize(
    ("pattern", "changes"),
    [
        ("F", []),
        ("-", []),
        ("----", []),
        ("FFFF", []),
        ("Fx", [Gap(before=0, after=1)]),
        ("FFFFFxxx", [Gap(before=4, after=5)]),
        ("xxFFFFFF", [Gap(before=1, after=2)]),
        ("FF---xxx", [Gap(before=1, after=5, undecided=(2, 3, 4))]),
        ("--FFFxx-", [Gap(before=4, after=5)]),
        ("---Fx---", [Gap(before=3, after=4)]),
        ("FFFxFFF", [Gap(before=2, after=3), Gap(before=3, after=4)]),
        ("FFrrrxx", [Gap(before=1, after=2), Gap(before=4, after=5)]),
        ("F-----x", [Gap(before=0, after=6, undecided=(1, 2, 3, 4, 5))]),
    ],
)
def test_a_search_finds_the_changes_of(pattern, changes):
    assert searched(pattern).changes() == changes


def test_a_change_that_shows_only_in_the_middle_is_swept_for():
    assert edges(searched("FFFFFFFFFFxFFFFF")) == [(9, 10), (10, 11)]


def test_without_a_sweep_points_that_agree_end_the_search():
    search = Search(9, sweep=False)
    assert asked_of(search, labels_of("FFFFxFFFF")) == [0, 8]
    assert search.changes() == []
    assert search.unmeasured() == (1, 2, 3, 4, 5, 6, 7)


def test_without_a_sweep_a_single_decided_point_is_not_enough():
    assert edges(searched("F-----------x------", sweep=False)) == [(0, 12)]


def test_a_sweep_stops_when_something_differs():
    search = Search(33)
    asked = asked_of(search, labels_of("F" * 12 + "x" * 9 + "F" * 12))
    assert asked[:3] == [0, 32, 16]
    assert edges(search) == [(11, 12), (20, 21)]
    assert len(asked) == 11


def test_a_sweep_spreads_out():
    assert asked_of(Search(9), labels_of("FFFFFFFFF")) == [0, 8, 4, 2, 6, 1, 3, 5, 7]


def test_every_measures_every_point():
    search = Search(9, every=True)
    asked = asked_of(search, labels_of("FFxxFF--r"))
    assert asked[:2] == [0, 8]
    assert sorted(asked) == list(range(9))
    assert edges(search) == [(1, 2), (3, 4), (5, 8)]
    assert search.unmeasured() == ()


def test_both_ends_come_first():
    search = Search(10)
    assert search.gains() == {0: 1.0, 9: 1.0}


def test_a_suspect_and_its_parent_come_before_the_ends():
    search = Search(100, first=[70, 69])
    assert asked_of(search, labels_of("F" * 70 + "x" * 30)) == [70, 69, 0, 99]
    assert edges(search) == [(69, 70)]


def test_a_point_to_try_first_is_measured_even_where_nothing_hangs_on_it():
    assert 20 in asked_of(Search(100, first=[20]), labels_of("F" * 70 + "x" * 30))


def test_unknown_ends_are_left_in_growing_steps():
    search = Search(64)
    asked = asked_of(search, labels_of("-" * 20 + "F" * 24 + "x" * 15 + "-" * 5))
    assert asked[:10] == [0, 63, 1, 62, 3, 60, 7, 56, 15, 31]
    assert edges(search) == [(43, 44)]


def test_a_walk_from_an_unknown_end_stops_at_what_is_known():
    search = Search(64)
    search.tell(4, "failing")
    search.tell(0, None)
    search.tell(63, "fixed")
    search.tell(1, None)
    assert [point for point, gain in search.gains().items() if gain == 1.0] == [3]
    search.tell(3, None)
    assert min(search.gains()) == 5


def test_several_changes_that_were_told_are_all_searched():
    search = Search(100)
    for point, label in [(30, "fixed"), (60, "failing"), (80, "rejected")]:
        search.tell(point, label)
    asked_of(search, labels_of("F" * 20 + "x" * 30 + "F" * 25 + "r" * 10 + "F" * 15))
    assert edges(search) == [(19, 20), (49, 50), (74, 75), (84, 85)]


def test_the_middle_of_a_search_shows_the_range_closing():
    search = Search(9)
    for point, label in [(0, "failing"), (8, "fixed"), (4, None), (6, "fixed")]:
        search.tell(point, label)
    assert search.changes() == [Gap(before=0, after=6, undecided=(4,), untested=(1, 2, 3, 5))]
    assert search.unmeasured() == (7,)


def test_points_outside_the_outermost_decided_are_unmeasured():
    search = searched("-----FFFFxx")
    assert edges(search) == [(8, 9)]
    assert search.unmeasured() == (2, 4, 5, 6)


def test_gains_are_the_share_that_the_worst_case_removes():
    search = Search(5)
    search.tell(0, "failing")
    search.tell(4, "fixed")
    assert search.gains() == {1: 0.25, 2: 0.5, 3: 0.25}
    assert search.next_point() == 2


def test_what_was_told_is_kept_in_order():
    search = Search(3)
    search.tell(2, "fixed")
    search.tell(0, None)
    assert list(search.told.items()) == [(0, None), (2, "fixed")]


def test_an_unknown_stretch_is_left_alone_when_the_change_is_elsewhere():
    stretch = labels_of("F" * 25 + "-" * 50 + "F" * 15 + "x" * 10)
    assert len(asked_of(Search(100), stretch)) <= limit_of(100) + 3


@pytest.mark.parametrize("length", [10, 25, 50, 100])
def test_an_unknown_stretch_costs_only_its_ends_wherever_it_lies(length):
    size = 150
    most = 0
    for start in range(1, size - length):
        for change in {1, start - 1, start, start + length + 1, start + length + 2, size - 1}:
            if not 0 < change < size or start < change <= start + length:
                continue
            history = ["failing"] * change + ["fixed"] * (size - change)
            history[start : start + length] = [None] * length
            if history[-1] is None or history[change] is None or history[change - 1] is None:
                continue
            search = Search(size)
            most = max(most, len(asked_of(search, history)))
            assert edges(search) == [(change - 1, change)]
    assert most <= 2 * limit_of(size)


# How many steps it takes.


@pytest.mark.parametrize("sizes", [range(2, 50), range(50, 90), range(90, 115), range(115, 131)], ids=str)
def test_one_change_takes_at_most_the_logarithm_and_two_steps(sizes):
    for size in sizes:
        for change in range(1, size):
            search = Search(size)
            asked = asked_of(search, ["failing"] * change + ["fixed"] * (size - change))
            assert len(asked) <= limit_of(size), (size, change)
            assert edges(search) == [(change - 1, change)]


@given(st.integers(2, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size - 1))))
def test_one_change_takes_as_few_steps_among_more_points(drawn):
    size, change = drawn
    search = Search(size)
    assert len(asked_of(search, ["failing"] * change + ["fixed"] * (size - change))) <= limit_of(size)
    assert edges(search) == [(change - 1, change)]


# What always holds.


@given(partly_told())
def test_every_claimed_change_is_true_and_nothing_in_it_is_left_to_measure(drawn):
    history, search = drawn
    asked_of(search, history)
    truth = changes_of(history)
    assert all(gap in truth for gap in search.changes())


@given(partly_told())
def test_where_any_two_decided_points_differ_a_change_is_found(drawn):
    history, search = drawn
    asked_of(search, history)
    assert bool(search.changes()) == bool(changes_of(history))


@given(partly_told(every=True))
def test_every_finds_all_changes(drawn):
    history, search = drawn
    asked_of(search, history)
    assert search.changes() == changes_of(history)
    assert len(search.told) == len(history)


@given(partly_told())
def test_the_changes_lead_from_the_first_decided_label_to_the_last(drawn):
    history, search = drawn
    asked_of(search, history)
    decided = [label for label in search.told.values() if label is not None]
    along = [(history[gap.before], history[gap.after]) for gap in search.changes()]
    assert [after for _, after in along[:-1]] == [before for before, _ in along[1:]]
    if along:
        assert (along[0][0], along[-1][1]) == (decided[0], decided[-1])


@given(partly_told())
def test_two_labels_that_differ_at_the_ends_change_an_odd_number_of_times(drawn):
    history, search = drawn
    history = ["fixed" if label == "rejected" else label for label in history]
    again = Search(len(history))
    for point in search.told:
        again.tell(point, history[point])
    asked_of(again, history)
    decided = [label for label in again.told.values() if label is not None]
    if decided:
        assert len(again.changes()) % 2 == (decided[0] != decided[-1])


@given(partly_told())
def test_changes_that_were_told_are_never_lost(drawn):
    history, search = drawn
    told = [(point, label) for point, label in search.told.items() if label is not None]
    asked_of(search, history)
    found = search.changes()
    for (before, was), (after, now) in pairwise(told):
        if was != now:
            assert any(before <= gap.before and gap.after <= after for gap in found)


@given(partly_told())
def test_no_point_is_asked_twice_or_although_it_was_told(drawn):
    history, search = drawn
    told = set(search.told)
    asked = asked_of(search, history)
    assert len(set(asked)) == len(asked)
    assert not told & set(asked)
    assert search.is_done


@given(histories, st.booleans(), st.data())
def test_told_any_prefix_again_a_search_goes_on_to_the_same_answer(history, every, data):
    search = Search(len(history), every=every)
    asked = asked_of(search, history)
    again = Search(len(history), every=every)
    kept = data.draw(st.integers(0, len(asked)))
    for point in data.draw(st.permutations(asked[:kept])):
        again.tell(point, history[point])
    assert asked_of(again, history) == asked[kept:]
    assert again.changes() == search.changes()


@given(partly_told(), st.data())
def test_any_useful_point_leads_to_a_true_answer(drawn, data):
    history, search = drawn
    while gains := search.gains():
        point = data.draw(st.sampled_from(sorted(gains)))
        assert 0 < gains[point] <= 1
        search.tell(point, history[point])
    truth = changes_of(history)
    assert all(gap in truth for gap in search.changes())
    assert bool(search.changes()) == bool(truth)


@given(partly_told())
def test_every_point_is_told_or_unmeasured_in_the_end(drawn):
    history, search = drawn
    asked_of(search, history)
    assert sorted([*search.told, *search.unmeasured()]) == list(range(len(history)))


@given(partly_told(sweep=False))
def test_without_a_sweep_the_answer_is_true_and_the_ends_are_proven(drawn):
    history, search = drawn
    asked_of(search, history)
    truth = changes_of(history)
    assert all(gap in truth for gap in search.changes())
    decided = sum(label is not None for label in history)
    assert sum(label is not None for label in search.told.values()) >= min(decided, 2)


@settings(max_examples=50)
@given(st.lists(histories, min_size=2, max_size=6))
def test_searches_that_share_points_by_their_gains_come_to_true_answers(histories):
    size = min(map(len, histories))
    histories = [history[:size] for history in histories]
    searches = [Search(size) for _ in histories]
    while any(gains := [search.gains() for search in searches]):
        sums = {point: sum(gain.get(point, 0) for gain in gains) for point in range(size)}
        point = max(sums, key=sums.__getitem__)
        for search, history in zip(searches, histories, strict=True):
            search.tell(point, history[point])
    for search, history in zip(searches, histories, strict=True):
        assert all(gap in changes_of(history) for gap in search.changes())
        assert bool(search.changes()) == bool(changes_of(history))


# What it refuses.


@pytest.mark.parametrize("size", [0, -1])
def test_a_search_over_nothing_is_refused(size):
    with pytest.raises(ValueError, match=f"^A search needs at least one point, not {size}.$"):
        Search(size)


@pytest.mark.parametrize("point", [-1, 3])
def test_a_point_out_of_range_is_refused(point):
    search = Search(3)
    with pytest.raises(ValueError, match=f"^Point {point} is not one of 0 to 2.$"):
        search.tell(point, "failing")
    with pytest.raises(ValueError, match=f"^Point {point} is not one of 0 to 2.$"):
        Search(3, first=[point])


def test_a_point_may_be_told_the_same_again():
    search = Search(3)
    for _ in range(2):
        search.tell(1, "failing")
        search.tell(2, None)
    assert search.told == {1: "failing", 2: None}


@pytest.mark.parametrize(("was", "now"), [("failing", "fixed"), ("failing", None), (None, "failing")])
def test_a_point_that_is_told_two_things_is_refused(was, now):
    search = Search(3)
    search.tell(1, was)
    with pytest.raises(ValueError, match=f"^Point 1 was {was} and cannot be {now}, too.$"):
        search.tell(1, now)


def test_what_would_come_next_is_told_without_being_told():
    search = Search(9)
    search.tell(0, "good")
    search.tell(8, "bad")
    assert search.next_point() == 4
    assert (search.next_if(4, "good"), search.next_if(4, "bad")) == (6, 2)
    assert search.next_if(4, None) not in (None, 4)
    assert (search.next_point(), dict(search.told)) == (4, {0: "good", 8: "bad"})
