"""What an outcome means, what a case expects, and how the two compare."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from toy.cases import condition, expectation, failure, fix, lacking, raised, returned

from harness.case import Expectation, Symptom
from harness.evidence import Evidence, Lack, Outcome, Phase
from harness.verdict import Agreement, Status, agreement, expected_status, status_of

SHAPES = expectation("ValueError", "shapes disagree", ["toy<2"])
UNSUPPORTED = expectation("NotImplementedError", "is not supported", ["toy>=3"])
NO_SUCH = expectation("TypeError", "no such", ["toy>=1"])
BROKEN_IMPORT = expectation("ImportError", "cannot import name 'xla_pmap_p'", ["toy", "jax>=0.10"])

VARIANTS = {
    "failure": failure(SHAPES),
    "failure that is refused later": failure(SHAPES, UNSUPPORTED),
    "fix": fix(),
    "refuted fix": fix(NO_SUCH),
}

DOCUMENTED = raised("builtins.ValueError", "the shapes disagree: 3 and 5")
REFUSAL = raised("builtins.NotImplementedError", "a varying size is not supported")
CONTRADICTION = raised("builtins.TypeError", "no such argument")
OTHER = raised("builtins.RuntimeError", "out of luck")


def outcomes() -> list[Evidence]:
    """Every outcome, with every lack, and every symptom of this module in every phase."""
    exceptions = [
        replace(evidence, raised=replace(evidence.raised, phase=phase))
        for evidence in (DOCUMENTED, REFUSAL, CONTRADICTION, OTHER)
        for phase in Phase
    ]
    lacks = [lacking(lack) for lack in (*Lack, None)]
    return [
        returned(),
        Evidence(outcome=Outcome.TIMED_OUT),
        Evidence(outcome=Outcome.CRASHED, reason="signal 11"),
        *exceptions,
        *lacks,
    ]


# Every outcome means something


def test_the_samples_cover_every_outcome():
    assert {evidence.outcome for evidence in outcomes()} == set(Outcome)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_every_outcome_of_every_kind_of_variant_has_a_status(variant):
    assert all(isinstance(status_of(variant, evidence), Status) for evidence in outcomes())


def test_every_status_is_reached():
    reached = {status_of(variant, evidence) for variant, evidence in product(VARIANTS.values(), outcomes())}
    assert reached == set(Status)


def test_the_statuses_of_remedies_and_failures_do_not_mix():
    only_failures = {Status.FAILING, Status.FIXED, Status.REJECTED}
    of_failures = {status_of(v, e) for v in (failure(SHAPES, UNSUPPORTED),) for e in outcomes()}
    of_fixes = {status_of(v, e) for v in (fix(), fix(NO_SUCH)) for e in outcomes()}
    assert of_failures >= only_failures
    assert not of_fixes & only_failures
    assert not of_failures & {Status.WORKS, Status.REFUTED}


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        (returned(), Status.FIXED),
        (DOCUMENTED, Status.FAILING),
        (REFUSAL, Status.REJECTED),
        (OTHER, Status.CHANGED),
        (CONTRADICTION, Status.CHANGED),
        (Evidence(outcome=Outcome.TIMED_OUT), Status.TIMEOUT),
        (Evidence(outcome=Outcome.CRASHED), Status.CRASHED),
        (lacking(Lack.DEVICE), Status.UNSUPPORTED),
        (lacking(Lack.PACKAGE), Status.UNSUPPORTED),
        (lacking(Lack.BUILD), Status.UNBUILDABLE),
        (lacking(Lack.PROBE), Status.UNBUILDABLE),
        (lacking(Lack.IMPORT), Status.UNIMPORTABLE),
        (lacking(Lack.ORIGIN), Status.INVALID),
        (lacking(None), Status.INVALID),
    ],
)
def test_what_each_outcome_means_for_a_failure(evidence, status):
    assert status_of(VARIANTS["failure that is refused later"], evidence) is status


def test_a_refusal_that_no_case_names_is_a_change():
    assert status_of(failure(SHAPES), REFUSAL) is Status.CHANGED


def test_a_hang_or_a_crash_never_passes_for_the_symptom():
    for outcome in (Outcome.TIMED_OUT, Outcome.CRASHED):
        evidence = replace(DOCUMENTED, outcome=outcome, reason="ValueError: shapes disagree")
        assert status_of(failure(SHAPES), evidence) not in {Status.FAILING, Status.FIXED}


# The exact type


@pytest.mark.parametrize("name", ["ShapeError", "toy.errors.ShapeError"])
def test_a_type_is_named_bare_or_qualified(name):
    variant = failure(expectation(name, "disagree", ["toy"]))
    assert status_of(variant, raised("toy.errors.ShapeError", "shapes disagree")) is Status.FAILING


def test_a_builtin_type_is_named_bare():
    variant = failure(expectation("builtins.ValueError", "disagree", ["toy"]))
    assert status_of(variant, DOCUMENTED) is Status.FAILING
    assert status_of(failure(SHAPES), DOCUMENTED) is Status.FAILING


@pytest.mark.parametrize(
    "type_",
    [
        pytest.param("toy.errors.ShapeError", id="a subclass of ValueError"),
        pytest.param("builtins.UnicodeDecodeError", id="a subclass in the standard library"),
        pytest.param("builtins.Exception", id="a base class"),
        pytest.param("builtins.valueerror", id="another case"),
        pytest.param("toy.MyValueError", id="a longer name"),
        pytest.param("ValueError.Inner", id="a class inside one of that name"),
    ],
)
def test_another_type_with_the_same_message_is_a_change(type_):
    assert status_of(failure(SHAPES), raised(type_, "shapes disagree")) is Status.CHANGED


def test_a_qualified_name_refuses_a_namesake():
    variant = failure(expectation("toy.errors.ShapeError", "disagree", ["toy"]))
    assert status_of(variant, raised("jax.errors.ShapeError", "shapes disagree")) is Status.CHANGED


def test_any_of_several_types_will_do():
    symptom = Symptom(raises=("TypeError", "toy.ShapeError"), match="disagree")
    variant = failure(Expectation(symptom=symptom, where=condition(["toy"])))
    assert status_of(variant, raised("builtins.TypeError", "disagree")) is Status.FAILING
    assert status_of(variant, raised("toy.ShapeError", "disagree")) is Status.FAILING
    assert status_of(variant, DOCUMENTED) is Status.CHANGED


# The message


@pytest.mark.parametrize("message", ["", "shapes agree", "Shapes disagree", "shapes\ndisagree"])
def test_another_message_of_the_same_type_is_a_change(message):
    assert status_of(failure(SHAPES), raised("builtins.ValueError", message)) is Status.CHANGED


def test_the_pattern_may_match_anywhere_in_a_message_of_many_lines():
    message = "while tracing:\n  the shapes disagree\n  (3 and 5)"
    assert status_of(failure(SHAPES), raised("builtins.ValueError", message)) is Status.FAILING


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("the mean is 0.0, not 3.0", Status.FAILING),
        ("the mean is 0.004, not 3.0", Status.FAILING),
        ("the mean is nan, not 3.0", Status.CHANGED),
        ("the mean is inf, not 3.0", Status.CHANGED),
        ("the mean is 1.7, not 3.0", Status.CHANGED),
        ("the mean is -0.0, not 3.0", Status.CHANGED),
    ],
)
def test_only_the_documented_wrong_number_is_the_silent_issue(message, status):
    silent = failure(expectation("AssertionError", r"mean is 0\.0\d*, not 3", ["toy<2"]))
    assert status_of(silent, raised("builtins.AssertionError", message)) is status


# Where it was raised


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_library_that_cannot_be_imported_gives_no_evidence(variant):
    evidence = raised("builtins.ImportError", "cannot import name 'xla_pmap_p'", Phase.IMPORT)
    assert status_of(variant, evidence) is Status.UNIMPORTABLE


def test_it_does_where_just_that_is_the_documented_symptom():
    evidence = raised("builtins.ImportError", "cannot import name 'xla_pmap_p'", Phase.IMPORT)
    assert status_of(failure(BROKEN_IMPORT), evidence) is Status.FAILING
    assert status_of(failure(SHAPES, BROKEN_IMPORT), evidence) is Status.REJECTED
    assert status_of(fix(BROKEN_IMPORT), evidence) is Status.REFUTED


@pytest.mark.parametrize(
    "evidence",
    [
        raised("builtins.ImportError", "cannot import name 'other'", Phase.IMPORT),
        raised("builtins.ModuleNotFoundError", "cannot import name 'xla_pmap_p'", Phase.IMPORT),
    ],
    ids=["another message", "a subclass"],
)
def test_another_import_error_is_not_the_documented_one(evidence):
    assert status_of(failure(BROKEN_IMPORT), evidence) is Status.UNIMPORTABLE
    assert status_of(fix(BROKEN_IMPORT), evidence) is Status.UNIMPORTABLE


@pytest.mark.parametrize("phase", [Phase.LOAD, Phase.RUN])
def test_an_import_that_fails_inside_the_case_is_a_result(phase):
    evidence = raised("builtins.ImportError", "cannot import name 'equalize'", phase)
    documented = failure(expectation("ImportError", "equalize", ["toy<2"]))
    assert status_of(documented, evidence) is Status.FAILING
    assert status_of(failure(SHAPES), evidence) is Status.CHANGED
    assert status_of(fix(), evidence) is Status.REFUTED


# Remedies


def test_a_remedy_that_returns_works_even_where_it_was_refuted():
    assert status_of(fix(), returned()) is Status.WORKS
    assert status_of(fix(NO_SUCH), returned()) is Status.WORKS


@pytest.mark.parametrize("evidence", [DOCUMENTED, REFUSAL, CONTRADICTION, OTHER])
def test_a_remedy_said_to_hold_is_refuted_by_any_exception(evidence):
    assert status_of(fix(), evidence) is Status.REFUTED


def test_a_refuted_remedy_must_fail_as_it_was_seen_to():
    assert status_of(fix(NO_SUCH), CONTRADICTION) is Status.REFUTED
    assert status_of(fix(NO_SUCH), raised("builtins.TypeError", "mean is nan")) is Status.CHANGED
    assert status_of(fix(NO_SUCH), DOCUMENTED) is Status.CHANGED


# The expectation


@pytest.mark.parametrize(
    ("packages", "status"),
    [
        ({"toy": "1.9"}, Status.FAILING),
        ({"toy": "2.0"}, Status.FIXED),
        ({"toy": "2.9.9"}, Status.FIXED),
        ({"toy": "3.0"}, Status.REJECTED),
        ({"toy": "2.0rc1"}, Status.FIXED),
        ({"toy": "3.0rc1"}, Status.FIXED),
        ({"toy": "1.9+cpu"}, Status.FAILING),
        ({"jax": "0.4.30"}, Status.FIXED),
        ({}, Status.FIXED),
    ],
)
def test_a_failure_is_expected_just_where_it_was_measured(packages, status):
    assert expected_status(failure(SHAPES, UNSUPPORTED), packages) is status


def test_where_conditions_overlap_the_refusal_is_expected():
    everywhere = replace(UNSUPPORTED, where=condition(["toy"]))
    assert expected_status(failure(SHAPES, everywhere), {"toy": "1.0"}) is Status.REJECTED


@pytest.mark.parametrize(("version", "status"), [("0.9", Status.WORKS), ("1.0", Status.REFUTED)])
def test_a_remedy_is_expected_to_work_except_where_it_was_refuted(version, status):
    assert expected_status(fix(NO_SUCH), {"toy": version}) is status
    assert expected_status(fix(), {"toy": version}) is Status.WORKS


@pytest.mark.parametrize(
    ("packages", "status"),
    [
        ({"toy": "1.0", "jax": "0.10.0", "python": "3.13"}, Status.FAILING),
        ({"toy": "1.0", "jax": "0.9.2", "python": "3.13"}, Status.FIXED),
        ({"toy": "1.0", "jax": "0.9.2", "python": "3.9.18"}, Status.FAILING),
        ({"toy": "1.0", "python": "3.13"}, Status.FIXED),
        ({"jax": "0.10.0", "python": "3.9.18"}, Status.FIXED),
    ],
)
def test_a_drift_is_expected_by_the_pair_of_packages_or_by_the_python(packages, status):
    drift = failure(expectation("ImportError", "xla", ["toy<2", "jax>=0.10"], ["toy<2", "python<3.10"]))
    assert expected_status(drift, packages) is status


def test_the_expectation_knows_a_package_by_its_canonical_name():
    variant = failure(expectation("AttributeError", "equalize", ["Pyro_PPL<1.9.1"]))
    assert expected_status(variant, {"pyro-ppl": "1.9.0"}) is Status.FAILING
    assert expected_status(variant, {"pyro-ppl": "1.9.1"}) is Status.FIXED


def test_a_local_version_is_expected_to_behave_as_its_release():
    variant = failure(expectation("TypeError", "no such", ["torch==2.13.0"]))
    assert expected_status(variant, {"torch": "2.13.0+cpu"}) is Status.FAILING


def test_only_evidence_is_ever_expected():
    packages = [{"toy": version} for version in ("0.5", "1.0", "2.0", "3.0")]
    expected = {expected_status(variant, p) for variant, p in product(VARIANTS.values(), packages)}
    assert all(status.is_evidence for status in expected)
    assert expected == {Status.FAILING, Status.FIXED, Status.REJECTED, Status.WORKS, Status.REFUTED}


# Agreement


NO_EVIDENCE = [Status.UNSUPPORTED, Status.UNBUILDABLE, Status.UNIMPORTABLE, Status.INVALID]
OBSERVED = [status for status in Status if status not in NO_EVIDENCE]


def test_just_four_statuses_are_no_evidence():
    assert [status for status in Status if not status.is_evidence] == NO_EVIDENCE


@pytest.mark.parametrize(("status", "expected"), list(product(NO_EVIDENCE, Status)))
def test_no_evidence_agrees_with_nothing_not_even_itself(status, expected):
    assert agreement(status, expected) is Agreement.NO_EVIDENCE


@pytest.mark.parametrize(("status", "expected"), list(product(OBSERVED, Status)))
def test_evidence_agrees_with_itself_alone(status, expected):
    wanted = Agreement.EXPECTED if status is expected else Agreement.UNEXPECTED
    assert agreement(status, expected) is wanted


@pytest.mark.parametrize("status", [Status.CHANGED, Status.TIMEOUT, Status.CRASHED])
def test_a_change_a_hang_and_a_crash_are_never_expected(status):
    packages = [{"toy": version} for version in ("0.5", "1.0", "2.0", "3.0")]
    verdicts = {agreement(status, expected_status(v, p)) for v, p in product(VARIANTS.values(), packages)}
    assert verdicts == {Agreement.UNEXPECTED}
