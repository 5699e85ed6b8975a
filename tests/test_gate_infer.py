"""Tests for harness.gate.infer."""

import pytest
from toy.cases import edited, make_case

from harness.config import Library
from harness.gate.infer import infer
from harness.gate.observations import Basis
from harness.gate.published import Published, PublishedCell
from harness.verdict import Status

LIBRARIES = {
    "toy": Library(name="toy", distribution="toy-dist", module="toy"),
    "dep": Library(name="dep", distribution="dep", module="dep"),
}
HEAD = edited('["toy"]', '["toy-dist"]')
BUG = make_case(header=HEAD.replace("toy<2", "toy-dist<2"))
DRIFT = make_case(header=HEAD.replace('["toy<2"]', '["toy-dist>=2,<4", "dep>=5"]'))
PYTHON = make_case(header=HEAD.replace('["toy<2"]', '["toy-dist<2", "python<3.12"]'))


def cell(status, toy, dep="5", python="3.11", **options):
    facts = {"python": python, "toy-dist": toy, "dep": dep}
    known = {
        "variant": "failure",
        "device": "cpu",
        "environment": f"toy-{toy}+dep-{dep}+python-{python}",
        "measured_at": "2026-01-01T12:00:00Z",
        **options,
    }
    return PublishedCell(status=Status(status), facts={k: v for k, v in facts.items() if v}, **known)


def published(case, *cells, digest=None):
    dead = tuple(c for c in cells if not c.status.is_evidence)
    return Published(
        digests={case.id: digest or case.digest},
        measured={case.id: tuple(c for c in cells if c not in dead)},
        unimportable={case.id: dead},
        distributions={},
    )


def inferred(case, *cells, toy="1.0", dep="5", python="3.11", device="cpu", variant="failure", **more):
    facts = {"python": python, "toy-dist": toy, "dep": dep, **more}
    facts = {name: version for name, version in facts.items() if version}
    return infer(case, case.variant(variant), device, facts, published(case, *cells), LIBRARIES)


AROUND = (cell("failing", "1.0"), cell("failing", "1.4"), cell("fixed", "2.0"), cell("fixed", "3.0"))


@pytest.mark.parametrize(
    ("toy", "status"),
    [
        ("1.0", "failing"),
        ("1.2", "failing"),
        ("1.4rc1", "failing"),
        ("1.4", "failing"),
        ("1.0.post1", "failing"),
        ("2.0", "fixed"),
        ("2.0.post1", "fixed"),
        ("2.5", "fixed"),
        ("3.0", "fixed"),
        ("1.5", None),
        ("2.0rc1", None),
        ("0.9", None),
        ("1.0rc1", None),
        ("3.0.1", None),
        ("3.1", None),
    ],
)
def test_a_release_is_inferred_between_measurements_on_its_side_of_the_conditions(toy, status):
    seen = inferred(BUG, *AROUND, toy=toy)

    assert seen.status == (Status(status) if status else None)
    assert seen.basis is Basis.INFERRED
    assert not seen.is_package_missing


def test_what_is_inferred_says_from_what_and_how_it_shows():
    seen = inferred(BUG, *AROUND, toy="1.2", dep="5")

    assert seen.reason == (
        "inferred from toy-1.0+dep-5+python-3.11 (toy-dist 1.0), toy-1.4+dep-5+python-3.11 (toy-dist 1.4)"
    )
    assert seen.symptom == "ValueError matching 'shapes disagree'"
    assert seen.expected is Status.FAILING
    assert seen.measured_at == "2026-01-01T12:00:00Z"
    assert inferred(BUG, *AROUND, toy="2.5").symptom == ""


def test_a_reason_names_at_most_three_environments():
    cells = [cell("failing", "1.0", dep=str(n)) for n in range(1, 6)]

    seen = inferred(BUG, *cells, dep="3")

    assert seen.reason.startswith("inferred from toy-1.0+dep-3+python-3.11 (toy-dist 1.0), toy-1.0+dep-1+")
    assert seen.reason.endswith("(toy-dist 1.0, dep 2) and 2 more")


def test_the_oldest_measurement_counts():
    old, new = (cell("failing", v, measured_at=f"2026-01-0{d}") for v, d in (("1.4", 1), ("1.0", 2)))

    assert inferred(BUG, old, new, toy="1.2").measured_at == "2026-01-01"


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"toy": "3.1"}, "toy-dist 3.1 is newer than anything measured with this case (3.0)"),
        ({"toy": "0.9"}, "toy-dist 0.9 is older than anything measured with this case (1.0)"),
        ({"dep": "6"}, "dep 6 is newer than anything measured with this case (5)"),
        ({"dep": "4"}, "dep 4 is older than anything measured with this case (5)"),
        ({"device": "cuda"}, "never measured on cuda"),
        ({"variant": "fix_pin"}, "never measured"),
        ({"toy": "1.5"}, "nothing measured with toy-dist 1.5 or the nearest newer one is alike"),
    ],
)
def test_outside_of_what_was_measured_nothing_is_inferred(given_, reason):
    seen = inferred(BUG, *AROUND, **given_)

    assert seen.status is None
    assert seen.reason.startswith(reason)
    assert (seen.symptom, seen.measured_at, seen.is_package_missing) == ("", "", False)


def test_another_text_of_the_case_tells_nothing():
    def said(report):
        facts = {"python": "3.11", "toy-dist": "1.0", "dep": "5"}
        seen = infer(BUG, BUG.variants[0], "cpu", facts, report, LIBRARIES)
        return seen.status, seen.reason

    unknown = Published(digests={}, measured={}, distributions={})
    assert said(published(BUG, *AROUND, digest="other")) == (None, "measured on another text of the case")
    assert said(unknown) == (None, "the published report does not know the case")


def test_a_missing_package_is_told_apart():
    needy = make_case(header=HEAD.replace('["toy-dist"]', '["toy-dist", "extra-part>=2"]'))

    for more in ({}, {"extra-part": "1.0"}):
        seen = inferred(needy, *AROUND, **more)
        assert seen.status is None
        assert seen.is_package_missing
        assert "the case needs extra-part>=2" in seen.reason
    assert inferred(BUG, *AROUND, toy=None).is_package_missing


def test_a_python_that_the_case_does_not_take_is_a_missing_package():
    assert inferred(BUG, *AROUND, python="3.8").is_package_missing


def test_a_package_that_the_case_needs_has_a_range_too():
    needy = make_case(
        header=HEAD.replace('["toy-dist"]', '["toy-dist", "extra"]').replace("toy<2", "toy-dist<2")
    )
    point = cell("failing", "1.0")
    point = PublishedCell(**{**vars(point), "facts": {**point.facts, "extra": "2"}})

    assert inferred(needy, point, extra="2").status is Status.FAILING
    assert inferred(needy, point, extra="3").status is None


DRIFTED = (
    cell("fixed", "2.0", dep="3"),
    cell("fixed", "2.0", dep="4"),
    cell("failing", "2.0", dep="5"),
    cell("failing", "3.0", dep="7"),
    cell("fixed", "4.0", dep="5"),
    cell("fixed", "4.0", dep="7"),
)


@pytest.mark.parametrize(
    ("toy", "dep", "status"),
    [
        ("2.0", "3", "fixed"),
        ("2.0", "3.5", "fixed"),
        ("2.0", "4", "fixed"),
        ("2.0", "4.5", None),
        ("2.0", "5", "failing"),
        ("2.0", "6", "failing"),
        ("2.0", "7", "failing"),
        ("3.0", "6", "failing"),
        ("2.5", "6", "failing"),
        ("3.0", "4", None),
        ("4.0", "6", "fixed"),
        ("4.0", "8", None),
        ("4.0", "2", None),
        ("3.5", "6", None),
    ],
)
def test_drift_is_inferred_between_versions_of_the_other_package(toy, dep, status):
    seen = inferred(DRIFT, *DRIFTED, toy=toy, dep=dep)

    assert seen.status == (Status(status) if status else None)


def test_before_and_after_a_range_of_versions_are_two_sides():
    cells = (
        cell("fixed", "1.0"),
        cell("fixed", "4.0"),
        cell("fixed", "1.0", dep="3"),
        cell("fixed", "4.0", dep="7"),
    )

    assert inferred(DRIFT, *cells, toy="1.5").status is None
    assert inferred(DRIFT, *cells, toy="1.0", dep="6").status is None
    assert inferred(DRIFT, *cells, toy="4.0", dep="6").status is Status.FIXED


def test_a_state_without_a_named_package_is_compared_with_such_environments_only():
    without = cell("fixed", "2.0", dep=None)

    assert inferred(DRIFT, *DRIFTED, without, toy="2.0", dep=None).status is Status.FIXED
    seen = inferred(DRIFT, *DRIFTED, toy="2.0", dep=None)
    assert (seen.status, seen.reason) == (None, "never measured without dep")
    seen = inferred(DRIFT, without, toy="2.0", dep="4")
    assert (seen.status, seen.reason) == (None, "never measured with dep")


@pytest.mark.parametrize(
    ("python", "status"), [("3.10", None), ("3.11", "failing"), ("3.11.9", "failing"), ("3.12", None)]
)
def test_python_counts_by_its_minor_release_where_a_condition_names_it(python, status):
    seen = inferred(PYTHON, cell("failing", "1.0"), cell("fixed", "1.0", python="3.13"), python=python)

    assert seen.status == (Status(status) if status else None)


def test_python_does_not_count_elsewhere():
    assert inferred(BUG, *AROUND, python="3.14").status is Status.FAILING


@pytest.mark.parametrize("other", ["fixed", "changed", "timeout", "crashed"])
def test_measurements_that_disagree_tell_nothing(other):
    seen = inferred(BUG, cell("failing", "1.0"), cell(other, "1.0", python="3.13"))

    assert seen.status is None
    assert seen.reason.startswith(
        "what was measured around disagrees: failing in toy-1.0+dep-5+python-3.11, "
    )


@pytest.mark.parametrize("seen_", ["fixed", "changed", "crashed"])
def test_measurements_that_contradict_the_case_tell_nothing(seen_):
    seen = inferred(BUG, cell(seen_, "1.0"))

    assert seen.status is None
    assert seen.reason.endswith(f"with the case: {seen_} in toy-1.0+dep-5+python-3.11, not failing")


@pytest.mark.parametrize("statuses", [("failing", "fixed"), ("fixed", "failing")])
def test_a_contradiction_in_one_environment_is_not_lost(statuses):
    assert inferred(BUG, *(cell(status, "1.0") for status in statuses)).status is None


def test_a_disagreeing_neighbour_in_the_other_package_counts():
    cells = (
        cell("failing", "2.0", dep="5"),
        cell("changed", "3.0", dep="6"),
        cell("failing", "2.0", dep="7"),
    )

    assert inferred(DRIFT, *cells, toy="2.0", dep="6").status is None
    assert inferred(DRIFT, *cells, toy="2.0", dep="5").status is Status.FAILING


IMPORTS = (
    cell("failing", "1.0", dep="3"),
    cell("unimportable", "1.0", dep="5"),
    cell("fixed", "2.0", dep="6"),
)


@pytest.mark.parametrize(("dep", "status"), [("3", "failing"), ("4", None), ("5", None), ("6", None)])
def test_nothing_is_inferred_where_it_could_not_be_imported(dep, status):
    seen = inferred(BUG, *IMPORTS, dep=dep)

    assert seen.status == (Status(status) if status else None)
    if status is None:
        assert seen.reason.startswith("it could not be imported in toy-1.0+dep-5+python-3.11 (toy-dist 1.0")


def test_releases_that_cannot_be_imported_elsewhere_do_not_matter():
    assert inferred(BUG, *AROUND, cell("unimportable", "1.4", dep="5"), toy="1.0").status is Status.FAILING
    assert inferred(BUG, *AROUND, cell("unimportable", "1.4", dep="5"), toy="1.2").status is None


def test_a_version_that_is_none_tells_nothing():
    assert inferred(BUG, *AROUND, toy="unknown").status is None
    assert inferred(BUG, cell("failing", "unknown"), *AROUND, toy="1.0").status is Status.FAILING


def test_a_reason_is_one_plain_line():
    seen = inferred(BUG, cell("failing", "1.0", environment="\x1b[31mtoy\n-1.0"))

    assert seen.reason == "inferred from toy -1.0 (toy-dist 1.0)"
