"""Evidence as plain data and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy.cases import attestation, cell, lacking, raised, record, returned

from harness.evidence import (
    Attestation,
    Deprecation,
    Evidence,
    Lack,
    Outcome,
    Phase,
    Raised,
)

TEXTS = st.text(st.characters(), max_size=20)  # lone surrogates too: a library may raise anything
FINITE = st.floats(allow_nan=False)
MAPS = st.dictionaries(TEXTS, TEXTS, max_size=3)
EVIDENCE = st.builds(
    Evidence,
    outcome=st.sampled_from(Outcome),
    attested=st.none()
    | st.builds(
        Attestation,
        python=TEXTS,
        platform=TEXTS,
        versions=MAPS,
        origins=MAPS,
        device=st.none() | TEXTS,
        precision=st.none() | TEXTS,
    ),
    raised=st.none()
    | st.builds(Raised, type=TEXTS, message=TEXTS, traceback=TEXTS, phase=st.sampled_from(Phase)),
    lack=st.none() | st.sampled_from(Lack),
    reason=TEXTS,
    seconds=FINITE,
    peak_mib=st.none() | FINITE,
    log=TEXTS,
    deprecations=st.lists(
        st.builds(Deprecation, category=TEXTS, message=TEXTS, module=TEXTS), max_size=3
    ).map(tuple),
    seed=st.integers(),
    isolation=st.sampled_from(["fork", "spawn"]),
    jax_cache=st.booleans(),
    measured_at=TEXTS,
)


def stored(evidence: Evidence) -> Evidence:
    """Evidence after a way through the store."""
    return Evidence.from_json(json.loads(json.dumps(evidence.to_json())))


@given(evidence=EVIDENCE)
def test_reading_is_the_inverse_of_writing(evidence):
    assert Evidence.from_json(evidence.to_json()) == evidence
    assert stored(evidence) == evidence


@settings(max_examples=30)
@given(evidence=EVIDENCE)
def test_one_writing_gives_one_text(evidence):
    once = json.dumps(evidence.to_json(), sort_keys=True)
    assert json.dumps(stored(evidence).to_json(), sort_keys=True) == once


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_stored_by_its_word(outcome):
    assert Evidence(outcome=outcome).to_json()["outcome"] == outcome.value
    assert stored(Evidence(outcome=outcome)).outcome is outcome


@pytest.mark.parametrize("lack", Lack)
def test_every_lack_is_stored_by_its_word(lack):
    assert lacking(lack).to_json()["lack"] == lack.value
    assert stored(lacking(lack)).lack is lack


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_is_stored_by_its_word(phase):
    evidence = raised("builtins.ValueError", "no", phase)
    assert evidence.to_json()["raised"]["phase"] == phase.value
    assert stored(evidence).raised.phase is phase


def test_what_is_not_there_stays_not_there():
    evidence = stored(returned())
    assert (evidence.attested, evidence.raised, evidence.lack, evidence.peak_mib) == (None, None, None, None)
    assert evidence.deprecations == ()


def test_what_is_not_attested_stays_not_attested():
    evidence = stored(returned(attested=attestation()))
    assert evidence.attested.device is None
    assert evidence.attested.precision is None


def test_a_log_with_control_characters_and_lone_surrogates_survives():
    log = "\x1b[31mred\x1b[0m \0 \ud800 \U0001f600\r\n"
    assert stored(returned(log=log)).log == log


def test_plain_data_has_no_enums_and_no_dataclasses():
    evidence = raised(
        "toy.Error",
        "no",
        attested=attestation(),
        deprecations=(Deprecation(category="a", message="b", module="c"),),
    )
    plain = evidence.to_json()
    assert json.loads(json.dumps(plain)) == {**plain, "deprecations": list(plain["deprecations"])}


@pytest.mark.parametrize(
    "change", [{"outcome": "no such"}, {"lack": "no such"}, {"deprecations": None}, {"more": 1}]
)
def test_data_of_another_shape_is_refused_instead_of_guessed(change):
    with pytest.raises((ValueError, TypeError)):
        Evidence.from_json({**returned().to_json(), **change})


@pytest.mark.parametrize("key", ["outcome", "raised", "attested", "lack", "deprecations"])
def test_data_with_a_key_missing_is_refused_instead_of_guessed(key):
    plain = returned().to_json()
    del plain[key]
    with pytest.raises(KeyError):
        Evidence.from_json(plain)


def test_cells_sort_by_case_variant_environment_and_device():
    cells = [
        cell(case="toy-8"),
        cell(variant="fix_pin"),
        cell(environment="toy-2.0"),
        cell(device="cuda"),
        cell(),
    ]
    assert sorted(cells) == [cells[4], cells[3], cells[2], cells[1], cells[0]]


def test_equal_cells_are_one_key():
    assert len({cell(), cell(), cell(device="cuda")}) == 2


def test_an_interpreter_at_hand_needs_neither_library_nor_date():
    current = record("current", library=None, version=None, resolution="interpreter", as_of=None)
    assert (current.library, current.as_of, current.note) == (None, None, "")
    assert current.released is None
