from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bisect.delta import PAIRS_UP_TO, all_causes, minimal

THIRTY = tuple(f"package{number:02}" for number in range(30))


class Oracle:
    """A truth that counts how often it is asked, and refuses to be asked twice."""

    def __init__(self, truth):
        self.truth = truth
        self.asked = []

    def __call__(self, units):
        assert units not in self.asked
        self.asked.append(units)
        return self.truth(units)


def flips_with(*sets):
    """Flips where all of one of the sets are there."""
    return lambda units: any(frozenset(names) <= units for names in sets)


def together(truth, *groups):
    """Unknown where a group is there only in part."""

    def partly_known(units):
        parts = (units & frozenset(group) for group in groups)
        return (
            truth(units)
            if all(len(part) in (0, len(g)) for part, g in zip(parts, groups, strict=True))
            else None
        )

    return partly_known


def units_of(*names):
    return frozenset(names)


# What it finds, and in how many tests.


@pytest.mark.parametrize("culprit", THIRTY)
def test_one_culprit_among_thirty_takes_six_tests(culprit):
    oracle = Oracle(flips_with({culprit}))
    found = minimal(THIRTY, oracle)
    assert found.units == {culprit}
    assert found.unproven == frozenset()
    assert found.tests == len(oracle.asked) <= math.ceil(math.log2(30)) + 1


def test_a_pair_that_only_flips_together_is_found_wherever_it_is():
    most = 0
    for pair in combinations(THIRTY, 2):
        found = minimal(THIRTY, Oracle(flips_with(pair)))
        assert found.units == set(pair)
        assert found.unproven == frozenset()
        most = max(most, found.tests)
    assert most <= 2 * (math.ceil(math.log2(30)) + 2)


@pytest.mark.parametrize("names", [THIRTY[3:6], THIRTY[0:30:10], THIRTY[:5], THIRTY])
def test_more_that_only_flip_together_are_found(names):
    found = minimal(THIRTY, Oracle(flips_with(names)))
    assert found.units == set(names)
    assert found.unproven == frozenset()


def test_of_two_causes_one_is_found():
    assert minimal(THIRTY, Oracle(flips_with({THIRTY[2]}, {THIRTY[20]}))).units in ({THIRTY[2]}, {THIRTY[20]})


def test_a_single_unit_needs_no_test():
    oracle = Oracle(flips_with({"jax"}))
    assert minimal(["jax"], oracle).units == {"jax"}
    assert oracle.asked == []


def test_neither_nothing_nor_everything_is_tested():
    oracle = Oracle(flips_with({"b", "c"}))
    minimal("abcd", oracle)
    assert frozenset() not in oracle.asked
    assert frozenset("abcd") not in oracle.asked


def test_no_unit_at_all_is_refused():
    with pytest.raises(ValueError, match=r"^Delta debugging needs at least one unit that changed\.$"):
        minimal([], flips_with({"jax"}))


# Suspects first.


def test_a_suspect_that_flips_alone_takes_one_test():
    oracle = Oracle(flips_with({THIRTY[17]}))
    assert minimal(THIRTY, oracle, first=[{THIRTY[17]}]).units == {THIRTY[17]}
    assert oracle.asked == [units_of(THIRTY[17])]


def test_suspects_that_flip_are_cut_down():
    found = minimal(THIRTY, Oracle(flips_with({THIRTY[17]})), first=[THIRTY[16:18]])
    assert found.units == {THIRTY[17]}
    assert found.tests == 3


def test_a_wrong_suspect_costs_one_test_and_halves_no_worse():
    for culprit in THIRTY[1:]:
        found = minimal(THIRTY, Oracle(flips_with({culprit})), first=[{THIRTY[0]}])
        assert found.units == {culprit}
        assert found.tests <= math.ceil(math.log2(30)) + 2


def test_a_suspect_that_needs_another_is_found_with_it():
    found = minimal(THIRTY, Oracle(flips_with({THIRTY[5], THIRTY[25]})), first=[{THIRTY[5]}])
    assert found.units == {THIRTY[5], THIRTY[25]}
    assert found.tests <= math.ceil(math.log2(30)) + 3


def test_suspects_that_did_not_change_are_passed_over():
    oracle = Oracle(flips_with({"jax"}))
    found = minimal(["flax", "jax"], oracle, first=[{"numpy"}, set(), {"jax", "numpy"}])
    assert found.units == {"jax"}
    assert oracle.asked == [units_of("jax")]


@pytest.mark.parametrize("first", [["ab", "bc"], ["bc", "ab"], ["abc", "b", "cd"]])
def test_suspects_may_overlap(first):
    assert minimal("abcdef", Oracle(flips_with("e")), first=first).units == {"e"}
    assert minimal("abcdef", Oracle(flips_with("ce")), first=first).units == {"c", "e"}
    assert minimal("abcdef", Oracle(flips_with("c")), first=first).units == {"c"}


@pytest.mark.parametrize("first", [[THIRTY[::2]], [THIRTY[::2], THIRTY[:1]]])
def test_suspects_that_do_not_flip_are_left_out_of_the_halving(first):
    for culprit in THIRTY[1::2]:
        found = minimal(THIRTY, Oracle(flips_with({culprit})), first=first)
        assert found.units == {culprit}
        assert found.tests <= len(first) + math.ceil(math.log2(15)) + 1


def test_once_suspects_flip_nothing_else_is_moved():
    oracle = Oracle(flips_with("cd"))
    assert minimal("abcdef", oracle, first=["ab", "bcde"]).units == {"c", "d"}
    assert all(units <= set("bcde") for units in oracle.asked[1:])


def test_a_unit_that_turns_out_superfluous_is_left_out():
    flipping = [units_of(*names) for names in ("abcd", "abc", "bc", "b")]
    assert minimal("abcd", Oracle(lambda units: units in flipping)).units == {"b"}


# Unknown outcomes.


def test_companions_that_cannot_be_separated_are_found_together_and_unproven():
    names = ["flax", "jax", "jaxlib", "numpy", "numpyro", "scipy"]
    found = minimal(names, Oracle(together(flips_with({"jax"}), {"jax", "jaxlib"})))
    assert found.units == {"jax", "jaxlib"}
    assert found.unproven == {"jax", "jaxlib"}


def test_companions_elsewhere_do_not_hide_a_culprit():
    for companions in combinations(THIRTY[:12], 2):
        for culprit in set(THIRTY) - set(companions):
            found = minimal(THIRTY, Oracle(together(flips_with({culprit}), companions)))
            assert found.units == {culprit}
            assert found.unproven == frozenset()
            assert found.tests <= 20


def test_companions_anywhere_are_found_as_a_pair():
    for companions in combinations(THIRTY, 2):
        found = minimal(THIRTY, Oracle(together(flips_with(companions[:1]), companions)))
        assert found.units == found.unproven == set(companions)


def test_two_pairs_of_companions_that_interlock_come_apart():
    found = minimal("jkJK", Oracle(together(flips_with("jJ"), "jJ", "kK")))
    assert found.units == {"j", "J"}


def test_a_unit_whose_presence_is_never_decidable_does_not_hide_a_culprit():
    def truth(units):
        return None if THIRTY[9] in units else THIRTY[21] in units

    found = minimal(THIRTY, Oracle(truth))
    assert found.units == {THIRTY[21]}
    assert found.unproven == frozenset()


def test_a_unit_whose_absence_is_never_decidable_is_unproven():
    def truth(units):
        return THIRTY[21] in units if THIRTY[9] in units else None

    found = minimal(THIRTY, Oracle(truth))
    assert found.units == {THIRTY[9], THIRTY[21]}
    assert found.unproven == {THIRTY[9]}


def test_what_is_decidable_only_beside_others_is_found_by_taking_away():
    always = {THIRTY[0], THIRTY[29]}
    found = minimal(THIRTY, Oracle(lambda units: THIRTY[14] in units if always <= units else None))
    assert found.units == always | {THIRTY[14]}
    assert found.unproven == always
    assert found.tests <= 2 * len(THIRTY)


def test_where_nothing_can_be_told_everything_is_left_and_unproven():
    oracle = Oracle(lambda units: None)
    found = minimal("abcd", oracle)
    assert found.units == found.unproven == set("abcd")


def test_many_that_do_not_come_apart_are_not_tried_in_pairs():
    sizes = {}
    for number in (PAIRS_UP_TO, PAIRS_UP_TO + 1, 30):
        oracle = Oracle(lambda units: None)
        minimal(THIRTY[:number], oracle)
        sizes[number] = any(len(units) == 2 for units in oracle.asked) and len(oracle.asked)
    assert sizes[PAIRS_UP_TO] >= math.comb(PAIRS_UP_TO, 2)
    assert sizes[30] <= 4 * 30


# All causes.


def test_either_of_two_causes_is_found():
    oracle = Oracle(flips_with({THIRTY[3]}, {THIRTY[20], THIRTY[21]}))
    causes = all_causes(THIRTY, oracle)
    assert {cause.units for cause in causes.sets} == {units_of(THIRTY[3]), units_of(THIRTY[20], THIRTY[21])}
    assert causes.rest is False
    assert sum(cause.tests for cause in causes.sets) <= len(oracle.asked)


def test_a_single_cause_is_necessary():
    causes = all_causes(THIRTY, Oracle(flips_with({THIRTY[3]})))
    assert [cause.units for cause in causes.sets] == [{THIRTY[3]}]
    assert causes.rest is False


def test_where_all_others_are_unknown_no_further_cause_is_claimed():
    causes = all_causes(
        "abc", Oracle(lambda units: None if "a" not in units and len(units) > 1 else "a" in units)
    )
    assert [cause.units for cause in causes.sets] == [{"a"}]
    assert causes.rest is None


def test_each_unit_by_itself_is_a_cause():
    causes = all_causes("abc", Oracle(bool), first=["b"])
    assert [cause.units for cause in causes.sets] == [{"b"}, {"a"}, {"c"}]
    assert causes.rest is False


# What always holds.

NAMES = "abcdefgh"
sets = st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=4)
causes_of_it = st.lists(sets, min_size=1, max_size=4)
suspects = st.lists(sets, max_size=2)


def subsets_of(units):
    return [
        frozenset(some) for number in range(len(units) + 1) for some in combinations(sorted(units), number)
    ]


@given(causes_of_it, suspects)
def test_a_decidable_monotone_truth_gives_a_minimal_cause(causes, first):
    found = minimal(NAMES, Oracle(flips_with(*causes)), first=first)
    assert found.units in causes
    assert not any(cause < found.units for cause in causes)
    assert found.unproven == frozenset()


@given(causes_of_it, suspects)
def test_all_causes_are_disjoint_and_minimal_and_leave_nothing(causes, first):
    oracle = Oracle(flips_with(*causes))
    found = all_causes(NAMES, oracle, first=first)
    taken = frozenset().union(*(cause.units for cause in found.sets))
    assert sum(len(cause.units) for cause in found.sets) == len(taken)
    assert all(cause.units in causes for cause in found.sets)
    assert found.rest is False
    assert not any(cause.isdisjoint(taken) for cause in causes)


@settings(max_examples=200)
@given(st.dictionaries(st.frozensets(st.sampled_from(NAMES)), st.sampled_from([True, False, None])), suspects)
def test_whatever_the_truth_the_result_flips_and_no_single_removal_is_known_to(answers, first):
    answers = {**answers, frozenset(): False, frozenset(NAMES): True}
    oracle = Oracle(answers.get)
    found = minimal(NAMES, oracle, first=first)
    assert answers[found.units] is True
    removed = {unit: answers.get(found.units - {unit}) for unit in found.units}
    assert True not in removed.values()
    assert found.unproven == {unit for unit, answer in removed.items() if answer is None}
    assert found.tests == len(oracle.asked)


@settings(max_examples=200)
@given(st.permutations(NAMES), st.lists(st.integers(1, 3), min_size=8, max_size=8), causes_of_it, suspects)
def test_groups_that_move_only_together_are_found_whole_and_no_group_is_too_many(order, sizes, causes, first):
    groups, rest = [], list(order)
    for size in sizes:
        groups.append(frozenset(rest[:size]))
        rest = rest[size:]
    groups = [group for group in groups if group]
    truth = together(flips_with(*causes), *groups)
    found = minimal(NAMES, Oracle(truth), first=first)
    inside = [group for group in groups if group <= found.units]
    assert found.units == frozenset().union(*inside)
    assert found.unproven == frozenset().union(*(group for group in inside if len(group) > 1))
    assert truth(found.units) is True
    if max(map(len, groups)) <= 2:
        assert not any(truth(found.units - group) for group in inside)
