"""What becomes of a team's own caps: they can go, they stay, or nothing is known of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from constraints_subjects import DEPS, answered, cell, planned, subject
from packaging.requirements import Requirement

from harness.gate.constraints_text import verdict_words
from harness.gate.hazards import Subject
from harness.gate.ranges import Line
from harness.gate.uncap import Answer, judge_caps
from harness.verdict import Status

DRIFT = ["toy<3", "dep>=2"]


def judged(*subjects: Subject, team: Sequence[str], packages: Sequence[str] = ("toy",)) -> list[str]:
    requirements = [Requirement(text) for text in team]
    plan = planned(*subjects, team=team)
    verdicts = judge_caps(subjects, requirements, packages, plan, "3.11")
    return [verdict_words(verdict, answered(*subjects, team=team)) for verdict in verdicts]


def test_a_cap_can_go_where_a_newer_release_is_clean():
    assert judged(subject(["toy<2"]), team=["toy>=2,<3"]) == [
        "uncap now: toy<3 can go: measured clean with toy 3.0 (1 case)"
    ]


def test_a_cap_can_go_once_a_floor_is_in_its_place():
    assert judged(subject(DRIFT), team=["toy", "dep<2"]) == [
        "uncap now: dep<2 can go once toy>=3 is in its place: "
        "measured clean with toy 3.0 and dep 2.0 (1 case)"
    ]


def test_a_cap_stays_that_keeps_the_pinned_release_clear():
    assert judged(subject(DRIFT), team=["toy==2.0", "dep<2"]) == ["keep: dep<2 avoids toy-7 with toy 2.0"]


def test_nothing_is_known_of_a_cap_beyond_which_nothing_was_measured():
    assert judged(subject(DRIFT), team=["toy", "dep<9"]) == ["unknown: nothing was measured beyond dep<9"]


def test_what_was_measured_beyond_a_cap_must_be_what_the_other_requirements_admit():
    only = subject(DRIFT, at=[("2.0", "1.0"), ("3.0", "2.0")])
    assert judged(only, team=["toy<3", "dep<2"]) == [
        "unknown: nothing was measured beyond toy<3",
        "unknown: nothing was measured beyond dep<2",
    ]


def test_nothing_is_known_of_a_cap_within_which_nothing_was_right():
    assert judged(subject(["toy"]), team=["toy<3"]) == ["unknown: no case was measured right within toy<3"]


def test_every_case_that_was_right_must_be_right_beyond():
    first = subject(["toy<2"], number=1)
    second = subject(["toy<2"], number=2, at=[("2.0", "1.0")])
    assert judged(first, second, team=["toy>=2,<3"]) == [
        "unknown: no measured environment beyond toy<3 has all 2 cases right"
    ]


@pytest.mark.parametrize("status", [Status.FAILING, Status.CRASHED, Status.CHANGED])
def test_a_cap_stays_where_a_case_goes_wrong_beyond_it(status):
    bad = {("3.0", dep): status for dep in DEPS}
    said = judged(subject(["toy<2"], differs=bad), team=["toy>=2,<3"])
    assert said == ["keep: toy<3 avoids toy-7 with toy 3.0"]


def test_a_cap_stays_where_the_newest_is_not_clean_though_an_older_is():
    crashes = [cell("4.0", "2.0", Status.CRASHED)]
    assert judged(subject(["toy<2"], cells=crashes), team=["toy>=2,<3"]) == [
        "keep: toy<3 avoids toy-7 with toy 4.0"
    ]


def test_one_device_on_which_it_is_wrong_is_enough():
    gpu = [cell("3.0", dep, Status.FAILING) for dep in DEPS]
    (said,) = judged(subject(["toy<2"], cells=gpu), team=["toy>=2,<3"])
    assert said == "keep: toy<3 avoids toy-7 with toy 3.0"
    gpu = [cell("2.0", dep, Status.FAILING) for dep in DEPS]
    (said,) = judged(subject(["toy<2"], cells=gpu), team=["toy>=2,<3"])
    assert said == "unknown: no case was measured right within toy<3"


def test_an_exclusion_can_go_where_just_that_release_is_clean():
    assert judged(subject(["toy<2"]), team=["toy>=2", "toy!=3.0"]) == [
        "uncap now: toy!=3.0 can go: measured clean with toy 3.0 (1 case)"
    ]
    assert judged(subject(["toy==2.0"]), team=["toy!=2.0"]) == ["keep: toy!=2.0 avoids toy-7 with toy 2.0"]


@pytest.mark.parametrize("limit", ["~=2.0", "==2.*"])
def test_of_a_compatible_release_the_floor_stays(limit):
    assert judged(subject(["toy<2"]), team=[f"toy{limit}"]) == [
        f"uncap now: toy{limit} can become toy>=2{'.0' if '~' in limit else ''}: "
        "measured clean with toy 3.0 (1 case)"
    ]


def test_pins_floors_and_other_packages_are_no_caps():
    assert judged(subject(["toy<2"]), team=["toy==2.0", "dep<2", "other<9", "toy>=2"]) == []
    assert len(judged(subject(["toy<2"]), team=["dep<2"], packages=["toy", "dep"])) == 1


def test_of_two_clean_environments_the_one_of_the_teams_python_is_shown():
    other = [cell("3.0", "9.0", Status.FIXED, python="3.13")]
    (said,) = judged(subject(["toy<2", "dep>=1"], cells=other), team=["toy>=2,<3"])
    assert "with toy 3.0 and dep 2.0 (1 case)" in said
    (said,) = judged(subject(["toy<2", "dep>=1"], at=[("2.0", "1.0")], cells=other), team=["toy>=2,<3"])
    assert "with toy 3.0 and dep 9.0 on Python 3.13 (1 case)" in said


def test_the_answer_is_an_enum():
    subjects = [subject(["toy<2"])]
    requirements = [Requirement("toy>=2,<3")]
    (verdict,) = judge_caps(subjects, requirements, ["toy"], planned(*subjects, team=["toy>=2,<3"]), "3.11")
    assert (verdict.answer, verdict.cases, verdict.total) == (Answer.UNCAP, ("toy-7",), 1)


def test_a_line_that_cannot_be_had_is_not_put_in_its_place():
    drift, team = subject(DRIFT), ["toy", "dep<2"]
    requirements = [Requirement(text) for text in team]
    banned = frozenset({Line("toy", ">=3")})
    (verdict,) = judge_caps([drift], requirements, ["toy"], planned(drift, team=team), "3.11", banned)
    assert verdict.answer is Answer.KEEP
