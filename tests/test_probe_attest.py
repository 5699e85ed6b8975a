"""Whether what was imported is what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy.cases import HEADER, case_text, edited

from harness.header import parse_case
from harness.probe.attest import attestation, mismatch, missing, needed_names


def library(**fields):
    known = {"module": "toy", "file": "lib/python3.11/site-packages/toy.py", "version": "1.0", "error": None}
    return {**known, **fields}


def hello(**fields):
    known = {
        "python": "3.11.7",
        "platform": "linux-x86_64",
        "versions": {"toy": "1.0", "other-lib": "2.0"},
        "libraries": {"toy": library()},
    }
    return {**known, **fields}


def case(python=">=3.9", dependencies='["toy"]'):
    header = edited('">=3.9"', f'"{python}"', edited('["toy"]', dependencies, HEADER))
    return parse_case(Path("toy/7_breaks.py"), case_text(header))


# Missing


@pytest.mark.parametrize("python", [">=3.9", "==3.11.*", ">=3.11.7", "<3.12"])
def test_a_case_that_admits_the_python_can_run(python):
    assert missing(case(python), hello()) == ""


def test_a_case_for_other_pythons_cannot_run():
    assert missing(case(">=3.12"), hello()) == "the case needs Python >=3.12, this is 3.11.7"


def test_a_release_candidate_of_a_python_is_that_python():
    assert missing(case(">=3.9"), hello(python="3.15.0rc1")) == ""


def test_a_case_without_a_word_on_pythons_runs_on_all():
    header = edited('requires-python = ">=3.9"\n', "")
    assert missing(parse_case(Path("toy/7_x.py"), case_text(header)), hello(python="3.8.0")) == ""


@pytest.mark.parametrize(
    ("dependencies", "reason"),
    [
        ('["toy"]', ""),
        ('["toy", "Other_Lib>=2"]', ""),
        ('["toy>=1", "toy<2"]', ""),
        ('["toy>=1.1"]', "the case needs toy>=1.1, here is 1.0"),
        ('["toy", "flax"]', "the case needs flax, here is none"),
        ('["toy[extra]"]', ""),
        ("[\"flax; python_version < '3.11'\", 'toy']", ""),
        (
            "[\"flax; python_version >= '3.11'\"]",
            'the case needs flax; python_version >= "3.11", here is none',
        ),
        ("[\"flax; python_full_version < '3.11.7'\", 'toy']", ""),
    ],
)
def test_a_case_needs_the_packages_whose_markers_hold_there(dependencies, reason):
    assert missing(case(dependencies=dependencies), hello()) == reason


@pytest.mark.parametrize("version", ["1.0.dev0", "1.0rc1", "2.0a1"])
def test_a_pre_release_that_is_installed_is_there(version):
    assert missing(case(), hello(versions={"toy": version})) == ""


def test_a_version_that_is_none_satisfies_no_bound_and_breaks_nothing():
    reason = missing(case(dependencies='["toy>=1"]'), hello(versions={"toy": "of today"}))
    assert reason == "the case needs toy>=1, here is of today"


def test_names_are_those_that_markers_leave_and_canonical():
    written = case(dependencies='["Toy", "flax; python_version < \'3.9\'", "Other_Lib"]')
    assert needed_names(written, "3.11.7") == ["toy", "other-lib"]
    assert needed_names(written, "3.8.1") == ["toy", "flax", "other-lib"]


# Mismatch


@pytest.mark.parametrize("locked", [{}, {"toy": "1.0"}, {"toy": "1.0.0", "other-lib": "2"}])
def test_an_environment_that_holds_what_its_lock_says_is_valid(locked):
    assert mismatch(hello(), locked) == ""


def test_what_is_there_beside_the_lock_does_no_harm():
    assert mismatch(hello(versions={"toy": "1.0", "setuptools": "70"}), {"toy": "1.0"}) == ""


@pytest.mark.parametrize(
    ("locked", "reason"),
    [
        ({"toy": "1.1"}, "the lock has toy 1.1, the environment 1.0"),
        ({"toy": "1.0", "flax": "0.8"}, "the lock has flax 0.8, the environment none"),
        ({"toy": "1.0.post1"}, "the lock has toy 1.0.post1, the environment 1.0"),
        ({"toy": "1.0rc1"}, "the lock has toy 1.0rc1, the environment 1.0"),
    ],
)
def test_an_environment_that_holds_something_else_is_invalid(locked, reason):
    assert mismatch(hello(), locked) == reason


def test_a_local_label_makes_no_other_version():
    held = hello(
        versions={"torch": "2.4.1"}, libraries={"torch": library(module="torch", version="2.4.1+cpu")}
    )
    assert mismatch(held, {"torch": "2.4.1+cpu"}) == ""


def test_a_module_that_states_another_version_is_invalid():
    held = hello(libraries={"toy": library(version="0.9")})
    assert mismatch(held, {"toy": "1.0"}) == "toy states version 0.9, its distribution 1.0"


@pytest.mark.parametrize("stated", [None, "1.0", "1.0.0", "1.0+local"])
def test_a_module_that_states_its_version_or_none_is_valid(stated):
    assert mismatch(hello(libraries={"toy": library(version=stated)}), {"toy": "1.0"}) == ""


@pytest.mark.parametrize(
    "file",
    [
        "/src/toy/__init__.py",
        "/other/lib/python3.11/site-packages/toy.py",
        "src/toy.py",
        "<python>/lib/python3.11/site-packages/toy.py",
        "toy.py",
    ],
)
def test_a_module_from_outside_the_environment_is_invalid(file):
    reason = mismatch(hello(libraries={"toy": library(file=file)}), {"toy": "1.0"})
    assert reason == f"toy was imported from {file}, which is outside the environment"


def test_a_module_that_was_not_imported_has_no_origin_to_be_wrong():
    broken = library(file="", version=None, error={"type": "builtins.ImportError"})
    assert mismatch(hello(libraries={"toy": broken}), {"toy": "1.0"}) == ""


# Attestation


def test_an_attestation_holds_what_the_server_and_the_variant_said():
    absent = library(module="gone", file="", version=None)
    attested = attestation(hello(libraries={"toy": library(), "gone": absent}), "cpu x 4", "float64")
    assert (attested.python, attested.platform) == ("3.11.7", "linux-x86_64")
    assert attested.versions == {"toy": "1.0", "other-lib": "2.0"}
    assert attested.origins == {"toy": "lib/python3.11/site-packages/toy.py"}
    assert (attested.device, attested.precision) == ("cpu x 4", "float64")
