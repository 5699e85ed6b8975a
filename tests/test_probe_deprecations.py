"""Which deprecation warnings of a variant are collected, and that nothing else of warnings changes."""

from __future__ import annotations

import sys
import sysconfig

import pytest
from toy.libraries import Prober, make_environment

from harness.evidence import Outcome
from harness.probe.deprecations import NUMBER_LIMIT, owner
from harness.probe.session import Session


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deprecations")
    environment = make_environment(folder / "environment")
    environment.install("indirect", "import toy\n\ndef call(): toy.warn_caller(message='through indirect')\n")
    with Session(environment.target()) as session:
        yield Prober(session, folder / "cases")


def seen(evidence):
    """Category, message and module of each warning."""
    assert evidence.outcome is Outcome.RETURNED, evidence.raised
    return [(found.category, found.message, found.module) for found in evidence.deprecations]


def test_a_warning_is_noted_with_the_module_whose_code_drew_it(prober):
    body = "import toy, indirect; toy.warn(); toy.warn_caller(); indirect.call()"
    assert seen(prober.run(body)) == [
        ("DeprecationWarning", "toy.warn is old", "toy"),
        ("DeprecationWarning", "toy.warn_caller is old", "case"),
        ("DeprecationWarning", "through indirect", "indirect"),
    ]


@pytest.mark.parametrize("category", ["DeprecationWarning", "PendingDeprecationWarning", "FutureWarning"])
def test_every_kind_of_deprecation_is_noted(prober, category):
    assert seen(prober.run(f"import toy; toy.warn({category}, 'old')")) == [(category, "old", "toy")]


def test_a_category_derived_from_one_of_them_is_noted_by_its_own_name(prober):
    module = "class ToyDeprecation(FutureWarning): pass"
    assert seen(prober.run("import toy; toy.warn(ToyDeprecation, 'x')", module=module)) == [
        ("ToyDeprecation", "x", "toy")
    ]


@pytest.mark.parametrize("category", ["UserWarning", "RuntimeWarning", "SyntaxWarning", "ResourceWarning"])
def test_other_warnings_are_not_noted(prober, category):
    assert seen(prober.run(f"import toy; toy.warn({category}, 'careful')")) == []


def test_warnings_are_shown_in_the_log_as_ever(prober):
    log = prober.run("import toy; toy.warn(); toy.warn(UserWarning, 'careful')").log
    assert "DeprecationWarning: toy.warn is old" in log
    assert "UserWarning: careful" in log


def test_a_warning_that_comes_often_is_noted_once(prober):
    assert len(seen(prober.run("import toy\nfor _ in range(50): toy.warn()"))) == 1


def test_what_is_noted_of_warnings_is_bounded(prober):
    body = "import toy\nfor n in range(100): toy.warn(message=str(n) + 'x' * 5000)"
    noted = seen(prober.run(body))
    assert len(noted) == NUMBER_LIMIT
    assert noted[0][1].startswith("0xxx")
    assert all(len(message) < 600 for _, message, _ in noted)


def test_a_warning_that_a_variant_makes_an_error_is_raised(prober):
    raised = prober.run("import toy, warnings; warnings.simplefilter('error'); toy.warn()").raised
    assert (raised.type, raised.message) == ("builtins.DeprecationWarning", "toy.warn is old")


def test_a_variant_can_catch_warnings_as_ever(prober):
    body = """
        import toy, warnings
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            toy.warn()
        assert [str(warning.message) for warning in caught] == ["toy.warn is old"]
        """
    assert seen(prober.run(body)) == []


def test_warnings_of_a_variant_that_raises_are_noted(prober):
    evidence = prober.run("import toy; toy.warn(); toy.fail()")
    assert [found.message for found in evidence.deprecations] == ["toy.warn is old"]


def test_a_warning_that_cannot_be_shown_does_not_fail_in_another_way(prober):
    module = "class Odd(DeprecationWarning):\n    def __str__(self): return str(chr(0xd800)) + 'odd'"
    assert seen(prober.run("import toy, warnings; warnings.warn(Odd())", module=module)) == [
        ("Odd", "?odd", "case")
    ]


@pytest.mark.parametrize(
    ("filename", "module"),
    [
        ("7_breaks.py", "case"),
        (f"{sysconfig.get_path('purelib')}/toy.py", "toy"),
        (f"{sysconfig.get_path('purelib')}/toy/infer/svi.py", "toy"),
        (f"{sysconfig.get_path('stdlib')}/asyncio/events.py", "asyncio"),
        (f"{sysconfig.get_path('stdlib')}/typing.py", "typing"),
        ("/src/checkout/toy/infer/svi.py", "toy"),
        ("/elsewhere/toy.py", "toy"),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>"),
        ("<string>", "<string>"),
    ],
)
def test_a_file_belongs_to_the_module_on_the_path_that_holds_it(monkeypatch, filename, module):
    paths = ["", sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), "/src", "/src/checkout"]
    monkeypatch.setattr(sys, "path", paths)
    assert owner(filename) == module
