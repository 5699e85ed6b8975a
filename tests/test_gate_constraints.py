"""The lines that keep cases clear: chosen as measured, and as few as can be."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from constraints_subjects import DEPS, EVERYWHERE, cell, limits, planned, subject
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from harness.gate.constraints import Plan
from harness.gate.hazards import Subject, admits
from harness.gate.published import PublishedCell
from harness.gate.ranges import Line, opposites
from harness.verdict import Status


def lines(*subjects: Subject, team: Sequence[str] = (), **options: object) -> list[str]:
    return [str(line) for line in planned(*subjects, team=team, **options).lines]


def stuck(plan: Plan) -> list[str]:
    return [str(hazard) for hazard in plan.stuck]


# Opposites


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("<2", [">=2"]),
        ("<=2", [">2"]),
        (">2", ["<=2"]),
        (">=1.9,<2.1", [">=2.1", "<1.9"]),
        ("==2.0", ["!=2.0"]),
        ("==2.*", ["!=2.*"]),
        ("!=2.0", ["==2.0"]),
        ("~=1.4.2", ["<1.4.2", ">=1.5"]),
        ("===weird", []),
        ("", []),
    ],
)
def test_every_end_of_a_range_has_its_opposite(limit, expected):
    found = [line.limit for line in opposites("toy", SpecifierSet(limit))]
    assert found == expected


# The choice


def test_a_floor_on_the_own_library_comes_before_a_cap_on_another():
    drift = subject(["toy>=2,<3", "dep>=2"])
    assert lines(drift) == ["toy>=3"]


def test_a_cap_on_another_package_where_the_team_is_bound_to_its_release():
    drift = subject(["toy>=2,<3", "dep>=2"])
    plan = planned(drift, team=["toy==2.0"])
    assert [str(line) for line in plan.lines] == ["dep<2"]
    assert [hazard.case.id for hazard in plan.kept[plan.lines[0]]] == ["toy-7"]


def test_another_package_is_capped_before_something_is_excluded():
    assert lines(subject(["toy==2.0", "dep>=2"])) == ["dep<2"]


def test_what_holds_for_one_release_is_excluded():
    assert lines(subject(["toy==2.0"])) == ["toy!=2.0"]


def test_nothing_is_said_where_the_team_excludes_it_already():
    plan = planned(subject(["toy<2"]), team=["toy>=2"])
    assert plan.lines == ()
    assert [str(hazard) for hazard in plan.excluded] == ["toy<2"]


def test_a_bound_is_not_what_lies_beyond_it():
    assert lines(subject(["toy>3"]), team=["toy>=3"]) == ["toy<=3"], "3.1 may come, and fail"
    assert lines(subject(["toy>3"]), team=["toy<=3"]) == []


def test_versions_that_nobody_measured_are_still_excluded_by_name():
    assert lines(subject(["toy<3"]), team=["toy==2.5"]) == []
    assert stuck(planned(subject(["toy<3"]), team=["toy==2.5"])) == ["toy<3"]
    assert lines(subject(["toy<3"]), team=["toy>=3.5"]) == []


def test_the_weaker_floor_goes_and_its_case_is_told_with_the_stronger():
    plan = planned(subject(["toy<2"], number=1), subject(["toy<3"], number=2))
    assert [str(line) for line in plan.lines] == ["toy>=3"]
    assert [hazard.case.id for hazard in plan.kept[plan.lines[0]]] == ["toy-1", "toy-2"]


def test_a_line_that_a_later_one_makes_superfluous_goes():
    early = subject(["toy<2", "dep>=2"], number=1, differs={("2.0", "2.0"): Status.FAILING})
    late = subject(["toy<3"], number=2)
    assert lines(early) == ["dep<2"]
    assert lines(early, late) == ["toy>=3"]


def test_a_case_that_fails_everywhere_is_not_avoidable():
    plan = planned(subject(["toy"]))
    assert (plan.lines, stuck(plan)) == ((), ["toy"])


def test_what_was_measured_right_nowhere_is_no_way_out():
    unmeasured = subject(["toy<2", "dep>=2"], at=[("1.0", "1.0"), ("1.0", "2.0"), ("3.0", "1.0")])
    assert lines(unmeasured) == ["dep<2"], "toy>=2 was never measured with dep>=2"


@pytest.mark.parametrize("status", [Status.CHANGED, Status.CRASHED, Status.TIMEOUT])
def test_another_failure_is_not_right(status):
    assert lines(subject(["toy<3"], differs={("3.0", "1.0"): status, ("3.0", "2.0"): status})) == []


def test_a_rejected_input_is_right():
    rejected = {("3.0", dep): Status.REJECTED for dep in DEPS}
    assert lines(subject(["toy<3"], differs=rejected)) == ["toy>=3"]


def test_a_way_out_that_failed_somewhere_is_none():
    assert lines(subject(["toy<2"], differs={("3.0", "2.0"): Status.FAILING})) == []


def test_a_failure_that_another_group_explains_counts_against_that_alone():
    both = subject(["toy<2"], ["dep>=2"])
    assert lines(both) == ["dep<2", "toy>=2"]


def test_a_remedy_that_works_is_not_the_failure_being_right():
    remedies = [cell("3.0", dep, Status.WORKS, "fix_pin") for dep in DEPS]
    assert lines(subject(["toy<3"], at=[("1.0", "1.0")], cells=remedies)) == []


def test_two_cases_that_need_each_other_out_of_the_way():
    old = subject(["toy<2"], number=1)
    new = subject(["toy>=2"], number=2)
    plan = planned(old, new)
    assert [str(line) for line in plan.lines] == ["toy>=2"]
    assert [hazard.case.id for hazard in plan.conflicting] == ["toy-2"]


def test_the_first_choice_is_taken_back_where_it_leaves_no_way_for_another_case():
    first = subject(["toy<3", "dep>=2"], number=1)
    second = subject(["toy>=3"], number=2)
    plan = planned(first, second)
    assert ([str(line) for line in plan.lines], plan.conflicting) == (["dep<2", "toy<3"], ())


def test_lines_that_were_measured_together_come_first():
    # toy>=3 is right with dep>=2; but no environment has toy 3 with dep 1, which the second case needs.
    at = [("1.0", "1.0"), ("1.0", "2.0"), ("2.0", "1.0"), ("2.0", "2.0"), ("3.0", "2.0")]
    first = subject(["toy<3", "dep>=2"], number=1, at=at)
    second = subject(["dep>=2"], number=2, at=at)
    assert lines(first, second) == ["dep<2"]


def test_lines_that_were_measured_apart_are_not_put_together():
    at = [("1.0", "1.0"), ("2.0", "1.0"), ("2.0", "2.0"), ("3.0", "2.0")]
    first = subject(
        ["toy<3", "other>=1"],
        number=1,
        at=at,
        cells=[other_cell("3.0", "2.0", Status.FIXED), other_cell("2.0", "1.0", Status.FAILING)],
    )
    second = subject(["dep>=2"], number=2, at=at)
    apart = other_cell("2.0", "1.0", Status.FIXED, other="0.5")
    first = subject(["toy<3", "other>=1"], number=1, at=at, cells=[*first.cells[4:], apart])
    assert lines(first) == ["toy>=3"]
    assert lines(first, second) == ["dep<2", "other<1"]


def other_cell(toy: str, dep: str, status: Status, other: str = "1.0") -> PublishedCell:
    """A measurement with a third package."""
    known = cell(toy, dep, status)
    name = f"{known.environment}+other-{other}"
    return replace(known, environment=name, facts={**known.facts, "other": other})


def test_a_python_that_is_not_the_teams_makes_no_line():
    new_python = subject(["toy<2", "python>=3.13"])
    assert lines(new_python) == []
    assert stuck(planned(new_python)) == []
    assert stuck(planned(new_python, python="3.13")) == ["toy<2 and python>=3.13"], "measured with 3.11 alone"
    right = [cell("3.0", "1.0", Status.FIXED, python="3.13")]
    assert lines(subject(["toy<2", "python>=3.13"], cells=right), python="3.13") == ["toy>=2"]


def test_a_banned_line_is_passed_over():
    drift = subject(["toy>=2,<3", "dep>=2"])
    assert lines(drift, banned=frozenset({Line("toy", ">=3")})) == ["dep<2"]


def test_the_order_of_the_cases_does_not_matter():
    cases = [subject(["toy<2"], number=1), subject(["dep>=2"], number=2), subject(["toy==2.0"], number=3)]
    texts = {tuple(lines(*order)) for order in itertools.permutations(cases)}
    assert texts == {("dep<2", "toy>=2", "toy!=2.0")}


def test_hundreds_of_lines_are_found():
    subjects = [
        subject([f"toy=={number}.0"], number=number, at=[("9999", "1.0")]) for number in range(1, 320)
    ]
    assert len(lines(*subjects)) == 319


LIMITS = st.sampled_from(["", "<2", ">=2", "<3", ">=3", "==2.0", "!=2.0", "<=1.0", ">1.0", "==2.*"])
GROUPS = st.builds(
    lambda toy, dep: [f"toy{toy}", *([f"dep{dep}"] if dep is not None else [])], LIMITS, st.none() | LIMITS
)
STATUSES = st.sampled_from([Status.FIXED, Status.REJECTED, Status.FAILING, Status.CHANGED])
UNIVERSE = st.dictionaries(st.sampled_from(EVERYWHERE), STATUSES, max_size=3)
SUBJECTS = st.lists(
    st.tuples(
        st.lists(GROUPS, min_size=1, max_size=2),
        st.lists(st.sampled_from(EVERYWHERE), min_size=1, unique=True),
        UNIVERSE,
    ),
    min_size=1,
    max_size=4,
)
TEAMS = st.lists(
    st.sampled_from(["toy", "toy>=2", "toy<3", "toy==2.0", "dep<2", "dep>=2", "toy!=2.0"]), max_size=2
)


@given(SUBJECTS, TEAMS)
@example([([["toy<2"]], list(EVERYWHERE), {})], [])
@example([([["toy<2", "dep>=2"], ["toy>=2"]], list(EVERYWHERE), {})], ["toy<3"])
def test_under_the_lines_nothing_fails_that_could_be_avoided_and_no_line_is_superfluous(made, team):
    subjects = [
        subject(*groups, number=number, at=at, differs=differs)
        for number, (groups, at, differs) in enumerate(made, start=1)
    ]
    plan = planned(*subjects, team=team)
    hazards = [hazard for each in subjects for hazard in each.hazards("3.11")]
    universe = [{"python": "3.11", "toy": toy, "dep": dep} for toy, dep in EVERYWHERE]

    def admitted(rules: Mapping[str, SpecifierSet]) -> list[dict[str, str]]:
        return [facts for facts in universe if all(admits(rules[name], facts[name]) for name in rules)]

    def with_lines(chosen: Sequence[Line]) -> dict[str, SpecifierSet]:
        return limits(*team, *map(str, chosen))

    given_up = {(h.case.id, h.number) for h in (*plan.stuck, *plan.conflicting)}
    covered = [hazard for hazard in hazards if (hazard.case.id, hazard.number) not in given_up]
    for facts in admitted(with_lines(plan.lines)):
        assert not any(hazard.holds(facts) for hazard in covered)
    accounted = [*plan.avoided, *plan.excluded, *plan.stuck, *plan.conflicting]
    assert sorted((h.case.id, h.number) for h in accounted) == sorted((h.case.id, h.number) for h in hazards)
    for line in plan.lines:
        rest = with_lines([other for other in plan.lines if other != line])
        assert any(_is_possible(hazard, rest) for hazard in covered), f"{line} is superfluous"
    known = {(c.facts["toy"], c.facts["dep"]) for each in subjects for c in each.cells}
    for hazard in plan.stuck:
        assert not _way_out(hazard, subjects, limits(*team), known)


def _is_possible(hazard, rules: Mapping[str, SpecifierSet]) -> bool:
    """By brute force over versions between and beyond the limits."""
    versions = ["0.5", "1.0", "1.5", "2.0", "2.0.5", "2.5", "3.0", "3.5"]
    return all(
        any(
            admits(specifier, version) and admits(rules.get(name, SpecifierSet()), version)
            for version in versions
        )
        for name, specifier in hazard.parts.items()
    )


def _way_out(hazard, subjects, team, known) -> bool:
    """Whether some single limit was measured right, never failing, and is admitted in a known version."""
    others = [h for h in hazard.subject.hazards("3.11") if h.number != hazard.number]
    for name in hazard.packages:
        at = ("toy", "dep").index(name)
        for line in opposites(name, hazard.parts[name]):
            cells = hazard.beside(line)
            failing = [
                c for c in cells if c.status is Status.FAILING and not any(o.holds(c.facts) for o in others)
            ]
            is_right = any(c.status in (Status.FIXED, Status.REJECTED) for c in cells)
            rule = SpecifierSet(line.limit) & team.get(name, SpecifierSet())
            if is_right and not failing and any(admits(rule, versions[at]) for versions in known):
                return True
    return False
