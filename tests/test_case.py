"""What a case knows of itself, and how conditions read versions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from toy.cases import HEADER, block, case_text, condition, edited, make_case

from harness.case import Condition, Symptom, satisfied
from harness.errors import UsageError
from harness.header import parse_case


def holds(requirement: str, **packages: str) -> bool:
    """Whether a requirement admits what is installed; `_` in a keyword stands for the canonical `-`."""
    installed = {name.replace("_", "-"): version for name, version in packages.items()}
    return satisfied(Requirement(requirement), installed)


# Texts


def test_the_digest_is_that_of_the_whole_file():
    case = make_case()
    assert case.digest == hashlib.sha256(case_text().encode()).hexdigest()


def test_one_changed_character_anywhere_changes_the_digest():
    text = case_text() + "x = 1\n" * 1000
    changed = [
        text,
        text + "\n",
        edited("breaks", "breakz", text),
        edited("toy/issues/7", "toy/issues/8", text),
    ]
    assert len({parse_case(Path("toy/7_breaks.py"), each).digest for each in changed}) == 4


def test_the_title_is_the_first_paragraph_of_the_docstring_on_one_line():
    case = make_case(title="The toy breaks\nwhen it falls.\n\nMore about that.")
    assert case.title == "The toy breaks when it falls."


def test_a_variants_claim_is_the_first_line_of_its_docstring():
    assert make_case().claim("fix_pin") == "Shows fix_pin."


@pytest.mark.parametrize("variant", ["fix_nothing", "", "__init__"])
def test_an_unknown_variant_claims_nothing(variant):
    assert make_case().claim(variant) == ""


def test_a_case_without_docstrings_has_empty_titles_and_claims():
    functions = "def failure(): pass\n\n\ndef fix_pin(): pass\n"
    case = parse_case(Path("toy/7_breaks.py"), block(HEADER) + functions)
    assert case.title == ""
    assert case.claim("failure") == ""


def test_a_claim_may_stand_below_a_decorator():
    case = parse_case(
        Path("toy/7_breaks.py"), edited("def failure", "@staticmethod\ndef failure", case_text())
    )
    assert case.claim("failure") == "Shows failure."


@pytest.mark.parametrize(
    "broken", ["def (:\n", "'''never closed\n", "if True:\n\tx\n        y\n", "\0\n"], ids=repr
)
def test_a_case_that_is_not_python_is_refused_when_its_title_is_asked_for(broken):
    case = parse_case(Path("toy/7_breaks.py"), case_text() + broken)
    with pytest.raises(UsageError, match=r"7_breaks\.py: is not Python") as caught:
        _ = case.title
    assert len(str(caught.value).splitlines()) == 1


@given(text=st.text())
def test_any_text_below_a_header_has_a_title_or_is_refused(text):
    case = parse_case(Path("toy/7_breaks.py"), case_text() + "\n" + text)
    try:
        title = case.title
    except UsageError:
        title = "The toy breaks."
    assert title == "The toy breaks."


def test_a_variant_is_found_by_its_name():
    case = make_case()
    assert case.variant("fix_pin").name == "fix_pin"
    assert case.variant("fix_other") is None


def test_only_the_failure_is_a_failure():
    assert [v.is_failure for v in make_case().variants] == [True, False]


def test_a_symptom_prints_its_types_and_its_pattern():
    assert (
        str(Symptom(raises=("ValueError", "TypeError"), match="a b"))
        == "ValueError or TypeError matching 'a b'"
    )


def test_a_condition_prints_as_it_is_read():
    assert str(condition(["toy<2", "jax>=0.5"], ["python==3.8.*"])) == "toy<2 and jax>=0.5 or python==3.8.*"


# Versions


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        ("toy<2", "1.9", True),
        ("toy<2", "2.0", False),
        ("toy<2", "2", False),
        ("toy>=1,<2", "1.0.0", True),
        ("toy", "0.0.1", True),
        ("toy!=1.5", "1.5.0", False),
        ("toy==1.5", "1.5.0", True),
        ("toy==1.5.*", "1.5.9", True),
        ("toy~=1.5", "1.9", True),
        ("toy~=1.5", "2.0", False),
        ("toy<10", "9", True),
    ],
)
def test_versions_compare_as_versions(requirement, version, expected):
    assert holds(requirement, toy=version) is expected


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        pytest.param("toy>=0.9", "1.0rc1", True, id="a prerelease counts though no specifier names one"),
        pytest.param("toy", "1.0rc1", True, id="a prerelease of anything is the thing"),
        pytest.param("toy>=1.0", "1.0rc1", False, id="it comes before its release"),
        pytest.param("toy<=1.0", "1.0rc1", True, id="and so is at most that"),
        pytest.param("toy<1.0", "1.0rc1", False, id="PEP 440: below 1.0 leaves out what leads to 1.0"),
        pytest.param("toy<1.0rc2", "1.0rc1", True, id="unless a prerelease is named"),
        pytest.param("toy<1.0", "0.9.dev3+gabc", True, id="a development version of an earlier one"),
        pytest.param("toy>1.0", "1.0.post1", False, id="PEP 440: above 1.0 leaves out its post-releases"),
        pytest.param("toy>=1.0", "1.0.post1", True, id="a post-release is at least its release"),
    ],
)
def test_prereleases_and_post_releases_are_ordered_as_pep_440_says(requirement, version, expected):
    assert holds(requirement, toy=version) is expected


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("torch==2.13.0", True),
        ("torch==2.13", True),
        ("torch<=2.13.0", True),
        ("torch>=2.13.0", True),
        ("torch>2.13.0", False),
        ("torch<2.13.0", False),
        ("torch!=2.13.0", False),
        ("torch==2.13.0+cpu", True),
        ("torch==2.13.0+cu126", False),
    ],
)
def test_a_local_version_is_its_public_version(requirement, expected):
    assert holds(requirement, torch="2.13.0+cpu") is expected


@pytest.mark.parametrize("name", ["Pyro_PPL", "pyro-ppl", "PYRO.PPL", "pyro--ppl", "pyro_-.ppl"])
def test_a_requirement_may_spell_a_name_in_any_way(name):
    assert holds(f"{name}>=1", pyro_ppl="1.9.1")
    assert not holds(f"{name}>=2", pyro_ppl="1.9.1")


def test_another_package_satisfies_nothing():
    assert not holds("pyro>=1", pyro_ppl="1.9.1")


@pytest.mark.parametrize("requirement", ["toy", "toy<2", "toy!=1", "toy>=0"])
def test_an_absent_package_satisfies_nothing(requirement):
    assert not holds(requirement, jax="0.4.30")


def test_python_is_a_package_among_others():
    assert holds("python<3.12", python="3.11.7")
    assert holds("Python==3.11.*", python="3.11.7")
    assert not holds("python<3.12", python="3.13")


@pytest.mark.parametrize("version", ["unknown", "", "1.0-dev_foo", "2.1.0-gitabc"])
def test_a_version_that_is_none_meets_no_bound_and_raises_nothing(version):
    assert not holds("toy>=0", toy=version)
    assert not holds("toy<99", toy=version)


# Conditions


def test_all_requirements_of_a_group_must_hold():
    both = condition(["toy<2", "jax>=0.5"])
    assert both.holds({"toy": "1.0", "jax": "0.5"})
    assert not both.holds({"toy": "1.0", "jax": "0.4"})
    assert not both.holds({"toy": "2.0", "jax": "0.5"})
    assert not both.holds({"toy": "1.0"})


def test_any_of_the_groups_must_hold():
    either = condition(["toy<2", "jax>=0.5"], ["python<3.10"])
    assert either.holds({"toy": "1.0", "jax": "0.5", "python": "3.11"})
    assert either.holds({"toy": "3.0", "jax": "0.4", "python": "3.9"})
    assert either.holds({"python": "3.9"})
    assert not either.holds({"toy": "3.0", "jax": "0.5", "python": "3.11"})


def test_no_group_holds_nowhere():
    assert not Condition(groups=()).holds({"toy": "1.0"})


def test_nothing_holds_where_nothing_is_installed():
    assert not condition(["toy"], ["jax"], ["python"]).holds({})


VERSIONS = st.tuples(st.integers(0, 3), st.integers(0, 3)).map("{0[0]}.{0[1]}".format)
GROUPS = st.lists(
    st.lists(st.builds("{}{}{}".format, st.sampled_from("ab"), st.sampled_from(["<", ">=", "=="]), VERSIONS)),
    max_size=3,
)


@given(first=GROUPS, second=GROUPS, packages=st.dictionaries(st.sampled_from("abc"), VERSIONS))
def test_more_groups_mean_or(first, second, packages):
    union = condition(*first, *second).holds(packages)
    assert union == (condition(*first).holds(packages) or condition(*second).holds(packages))


@given(first=GROUPS, second=GROUPS, packages=st.dictionaries(st.sampled_from("abc"), VERSIONS))
def test_longer_groups_mean_and(first, second, packages):
    products = [[*one, *other] for one in first for other in second]
    intersection = condition(*products).holds(packages)
    assert intersection == (condition(*first).holds(packages) and condition(*second).holds(packages))
