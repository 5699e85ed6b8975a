"""Tests for harness.gate.avoid."""

import pytest
from toy.cases import edited, make_case

from harness.gate.avoid import avoidances, was_fixed_before
from harness.gate.published import Published, PublishedCell
from harness.verdict import Status


def case_of(failing, rejected=""):
    header = edited('["toy<2"]', failing)
    if rejected:
        table = f'[tool.case.rejected]\nraises = "ValueError"\nmatch = "no"\nrejected = {rejected}\n'
        header += "\n" + table
    return make_case(header=header)


def cell(status, toy="1", dep="1", axis="toy", **options):
    known = {"variant": "failure", "device": "cpu", "environment": f"toy-{toy}+dep-{dep}", "measured_at": ""}
    facts = {"python": "3.11", "toy": toy, "dep": dep}
    return PublishedCell(status=Status(status), facts=facts, axis=axis, **{**known, **options})


def published(case, *cells, digest=None):
    return Published(
        digests={case.id: digest or case.digest}, measured={case.id: cells}, distributions={"toy": ("toy",)}
    )


def avoided(failing, *cells, toy="1", dep="1", device="cpu"):
    case = case_of(failing)
    facts = {"python": "3.11", "toy": toy, "dep": dep}
    found = avoidances(case, facts, published(case, *cells), device)
    return [(each.requirement, each.measured) for each in found]


DRIFT = '["toy>=2,<4", "dep>=5"]'
DRIFTED = (
    cell("fixed", "1", "5"),
    cell("fixed", "2", "3"),
    cell("fixed", "3", "4"),
    cell("failing", "2", "5"),
    cell("failing", "3", "6"),
    cell("fixed", "4", "6"),
    cell("rejected", "5", "6"),
)


def test_drift_is_avoided_by_a_newer_release_by_an_older_other_package_or_by_an_older_release():
    assert avoided(DRIFT, *DRIFTED, toy="2", dep="5") == [
        ("toy>=4", "toy 5 with dep 6"),
        ("dep<5", "toy 3 with dep 4"),
        ("toy<2", "toy 1 with dep 5"),
    ]


@pytest.mark.parametrize(
    ("dropped", "lost"), [((5, 6), "toy>=4"), ((1, 2), "dep<5"), ((0,), "toy<2")], ids=str
)
def test_what_was_not_measured_is_no_way_out(dropped, lost):
    cells = [each for index, each in enumerate(DRIFTED) if index not in dropped]

    found = [requirement for requirement, _ in avoided(DRIFT, *cells, toy="2", dep="5")]

    assert lost not in found
    assert len(found) == 2


@pytest.mark.parametrize("status", ["failing", "changed", "timeout", "crashed"])
def test_what_was_also_measured_otherwise_is_no_way_out(status):
    found = [r for r, _ in avoided(DRIFT, *DRIFTED, cell(status, "4", "7"), toy="2", dep="5")]

    assert found == ["dep<5", "toy<2"]


def test_the_alternative_must_be_what_makes_it_right():
    assert avoided(DRIFT, cell("fixed", "4", "3"), cell("fixed", "1", "3"), toy="2", dep="5") == []


@pytest.mark.parametrize(
    ("failing", "right", "wrong", "expected"),
    [
        ('["toy<2"]', "2", "1", "toy>=2"),
        ('["toy<=1"]', "2", "1", "toy>1"),
        ('["toy>0.3"]', "0.3", "1", "toy<=0.3"),
        ('["toy>=1"]', "0.3", "1", "toy<1"),
        ('["toy==1"]', "2", "1", "toy!=1"),
        ('["toy==1.*"]', "2", "1", "toy!=1.*"),
        ('["toy!=2"]', "2", "1", "toy==2"),
        ('["toy~=1.0"]', "2", "1", "toy>=2"),
        ('["toy~=1.0"]', "0.3", "1", "toy<1.0"),
        ('["toy~=1!1.0"]', "1!2", "1!1", "toy>=1!2"),
    ],
)
def test_the_complement_of_every_operator(failing, right, wrong, expected):
    cells = (cell("fixed", right), cell("failing", wrong))

    assert avoided(failing, *cells, toy=wrong) == [(expected, f"toy {right}")]


@pytest.mark.parametrize("failing", ['["toy"]', '["toy===1"]'])
def test_what_has_no_complement_has_no_way_out(failing):
    assert avoided(failing, cell("fixed", "2"), cell("failing", "1")) == []


def test_other_devices_other_variants_and_other_texts_do_not_count():
    case, facts = case_of('["toy<2"]'), {"python": "3.11", "toy": "1"}
    here = cell("fixed", "2")

    assert avoidances(case, facts, published(case, here), "cpu")
    assert not avoidances(case, facts, published(case, here), "cuda")
    assert not avoidances(case, facts, published(case, here, digest="other"), "cpu")
    assert not avoidances(case, facts, published(case, cell("fixed", "2", variant="fix_pin")), "cpu")


def test_where_the_case_expects_no_failure_nothing_is_advised():
    assert avoided('["toy<2"]', cell("fixed", "3"), cell("failing", "2"), toy="2") == []
    case = case_of('["toy<2"]', rejected='["toy<2"]')
    assert avoidances(case, {"python": "3.11", "toy": "1"}, published(case, cell("fixed", "3")), "cpu") == ()


TWO = '[["toy<4", "dep>=5"], ["toy<3", "dep>=2"]]'


def test_where_two_groups_hold_each_one_is_turned():
    cells = (
        cell("failing", "1", "6"),
        cell("failing", "3", "6"),
        cell("failing", "2", "3"),
        cell("fixed", "4", "6"),
        cell("fixed", "3", "4"),
        cell("fixed", "2", "1"),
    )

    assert avoided(TWO, *cells, toy="1", dep="6") == [
        ("toy>=4", "toy 4 with dep 6"),
        ("dep<2", "toy 2 with dep 1"),
        ("toy>=3 and dep<5", "toy 3 with dep 4"),
    ]


def test_two_demands_on_one_package_are_joined():
    assert avoided('[["toy!=3"], ["toy<2"]]', cell("fixed", "3"), cell("failing", "1")) == [
        ("toy==3,>=2", "toy 3")
    ]


def test_a_second_group_that_has_no_way_out_closes_all():
    assert avoided('[["toy<2"], ["dep"]]', cell("fixed", "3")) == []


def test_a_demand_that_another_one_contains_is_not_repeated():
    same = '[["toy<2", "dep>=1"], ["toy<2"]]'

    assert avoided(same, cell("fixed", "2"), cell("failing", "1")) == [("toy>=2", "toy 2 with dep 1")]


def was_fixed(failing, *cells, toy, dep="1", device="cpu", rejected=""):
    case = case_of(failing, rejected)
    return was_fixed_before(case, {"python": "3.11", "toy": toy, "dep": dep}, published(case, *cells), device)


BACK = '[["toy<2"], ["toy>=3"]]'


@pytest.mark.parametrize(("toy", "expected"), [("1", False), ("1.9", False), ("2", True), ("3", True)])
@pytest.mark.parametrize("right", ["fixed", "rejected"])
def test_a_failure_comes_back_once_a_release_up_to_this_one_was_right(toy, expected, right):
    cells = (cell("failing", "1"), cell(right, "2"), cell("failing", "3"))

    assert was_fixed(BACK, *cells, toy=toy) is expected


def test_a_failure_that_was_right_first_does_not_come_back():
    assert not was_fixed('["toy>=2"]', cell("fixed", "1"), cell("failing", "2"), toy="3")


def test_drift_was_not_fixed_before_by_an_older_other_package():
    right = [cell("fixed", str(n), "1", axis="period") for n in (1, 2, 3)]
    wrong = [cell("failing", str(n), "5", axis="latest") for n in (1, 2, 3)]

    assert not was_fixed('["toy<4", "dep>=5"]', *right, *wrong, toy="3", dep="5")
    assert not was_fixed(
        '["toy<4", "dep>=5"]', cell("failing", "1", axis=""), cell("fixed", "2", axis=""), toy="3", dep="5"
    )


def test_a_case_that_expects_it_right_after_an_older_failure_says_so_too():
    failing = cell("failing", "1", axis="")

    assert was_fixed('["toy<2"]', failing, toy="2")
    assert was_fixed('["toy<3"]', failing, toy="2", rejected='["toy==2"]')
    assert not was_fixed('["toy<3"]', failing, toy="2")
    assert not was_fixed('["toy>1"]', failing, toy="1")


def test_what_is_not_measured_here_was_never_fixed():
    cells = (cell("failing", "1"), cell("fixed", "2"))

    assert not was_fixed(BACK, *cells, toy="3", device="cuda")
    assert not was_fixed(BACK, *cells, toy="unknown")
    assert not was_fixed(BACK, toy="3")
