"""The gate's answer as JSON, and its schema."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields, replace

import pytest
from jsonschema import Draft202012Validator
from toy.gate import (
    HOSTILE,
    acceptance,
    allowed,
    blocking,
    decision,
    finding,
    full_result,
    gate_result,
    source_reading,
    state_view,
    use,
)

from harness.gate import observations, records
from harness.gate.document import SCHEMA, TEXT_LENGTH, gate_document, gate_json, schema_text
from harness.gate.observations import Basis
from harness.gate.records import Action, FindingKind

VALIDATOR = Draft202012Validator(json.loads(schema_text()))
FULL = gate_document(full_result())
SMALL = gate_document(full_result(decisions=blocking()[:1] + allowed()[1:2], notes=("A note.",), titles={}))
"""Everything once: what mutilations begin with."""


def errors(document):
    return [error.message for error in VALIDATOR.iter_errors(document)]


def objects(value, path=()):
    """Every object of a document with its path; those with free keys are left out."""
    if isinstance(value, dict):
        if path[-1:] not in (("packages",), ("facts",), ("titles",), ("libraries",)):
            yield path, value
        for key, each in value.items():
            yield from objects(each, (*path, key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from objects(each, (*path, place))


def leaves(value, path=()):
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, key))
    else:
        yield path, value


def at(document, path):
    for key in path:
        document = document[key]
    return document


def changed(path, value):
    document = deepcopy(SMALL)
    at(document, path[:-1])[path[-1]] = value
    return document


def first(**wanted):
    return next(each for each in FULL["findings"] if all(each[key] == wanted[key] for key in wanted))


def names_of(record):
    return {field.name for field in fields(record)}


def test_schema_is_a_schema():
    Draft202012Validator.check_schema(VALIDATOR.schema)


def test_schema_names_every_kind_action_and_basis():
    definitions = VALIDATOR.schema["$defs"]
    assert definitions["kind"]["enum"] == [kind.value for kind in FindingKind]
    assert definitions["action"]["enum"] == [action.value for action in Action]
    assert definitions["basis"]["enum"] == [basis.value for basis in Basis]


def test_schema_admits_nothing_unknown_anywhere():
    def check(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert "additionalProperties" in node
                assert node["additionalProperties"] is False or "$ref" in node["additionalProperties"]
                if "properties" in node:
                    assert sorted(node["required"]) == sorted(node["properties"])
            for each in node.values():
                check(each)
        elif isinstance(node, list):
            for each in node:
                check(each)

    check(VALIDATOR.schema)


@pytest.mark.parametrize(
    "result",
    [
        full_result(),
        gate_result(),
        gate_result(counts=replace(full_result().counts, ran=0, stored=0, inferred=0)),
        gate_result(decisions=(decision(action=Action.WARN),)),
        gate_result(source=source_reading(), before=state_view("1.0")),
    ],
)
def test_answers_are_valid(result):
    assert errors(gate_document(result)) == []


def test_full_result_has_every_kind_and_effect():
    decisions = full_result().decisions
    assert {each.finding.kind for each in decisions} == set(FindingKind)
    assert {each.effect for each in decisions} == set(Action)
    assert {each.finding.basis for each in decisions} == {None, *Basis}


@pytest.mark.parametrize("path", [path for path, _ in objects(SMALL)], ids=str)
def test_schema_refuses_what_is_missing_or_unknown(path):
    for key in at(SMALL, path):
        document = deepcopy(SMALL)
        del at(document, path)[key]
        assert errors(document), key
    assert errors(changed((*path, "surprise"), 1))


@pytest.mark.parametrize(("path", "value"), list(leaves(SMALL)), ids=lambda value: str(value)[:40])
def test_schema_refuses_wrong_types(path, value):
    wrong = [] if path[-1] == "schema" or not isinstance(value, bool) else 3
    assert errors(changed(path, wrong))
    assert errors(changed(path, {}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), 2),
        (("verdict",), "passed"),
        (("exit_code",), 0),
        (("exit_code",), 2),
        (("made_at",), "yesterday"),
        (("policy",), ""),
        (("counts", "ran"), -1),
        (("after", "packages", "toy"), "2\n0"),
        (("findings", 0, "kind"), "failing"),
        (("findings", 0, "title"), ""),
        (("findings", 0, "title"), "x" * (TEXT_LENGTH + 1)),
        (("findings", 0, "symptom"), "two\nlines"),
        (("findings", 0, "fingerprint"), "0"),
        (("findings", 0, "case_kind"), "nuisance"),
        (("findings", 0, "effect"), "warn"),
        (("findings", 0, "in_baseline"), True),
        (("findings", 0, "uses", 0, "line"), 0),
        (("findings", 0, "uses", 1, "cell"), 0),
        (("findings", -1, "effect"), "block"),
    ],
)
def test_schema_refuses_wrong_values(path, value):
    assert errors(changed(path, value))


def test_document_has_every_field_of_the_records():
    assert names_of(records.GateResult) - {"decisions"} <= set(FULL)
    assert names_of(records.Finding) <= set(FULL["findings"][0])
    assert names_of(records.Remedy) == set(FULL["findings"][0]["remedies"][0])
    assert names_of(records.Avoidance) == set(FULL["findings"][0]["avoid"][0])
    assert names_of(observations.Use) == set(FULL["findings"][0]["uses"][0])
    assert names_of(observations.StateView) == set(FULL["after"])
    assert names_of(records.Counts) == set(FULL["counts"])
    assert names_of(observations.SourceReading) == set(FULL["source"])
    assert names_of(observations.Skipped) == set(FULL["source"]["skipped"][0])
    assert names_of(records.Acceptance) == set(SMALL["findings"][1]["accepted"])


def test_document_shows_what_was_decided():
    assert (FULL["schema"], FULL["verdict"], FULL["exit_code"]) == (SCHEMA, "blocked", 1)
    assert [each["effect"] for each in FULL["findings"]] == ["block"] * 5 + ["warn"] * 4 + ["allow"] * 3
    assert first(kind="known-failing", action="warn")["accepted"] == {
        "case": "toy-7",
        "reason": "we pad the shapes",
        "until": "2026-03-31",
        "kind": "known-failing",
        "device": "cpu",
    }
    assert [each["in_baseline"] for each in FULL["findings"]].count(True) == 1
    assert first(kind="deprecation")["only_possible"]
    assert FULL["findings"][0]["uses"][1] == {
        "path": "notes/try.ipynb",
        "line": 40,
        "column": 1,
        "cell": 3,
        "name": "toy.infer.sample",
        "is_certain": True,
        "is_import": True,
    }
    assert FULL["findings"][0]["basis"] == "ran now"
    assert first(kind="no-evidence")["basis"] is None
    assert FULL["after"]["packages"] == {"toy": "2.0", "toy-base": "1.5+cpu"}
    assert FULL["before"]["note"] == "resolved now"
    assert FULL["repaired"] == [{"case": "toy-1", "sentence": "The toy adds up again"}]
    assert FULL["left_out"] == [{"case": "toy-2", "reason": "their source does not use toy.infer"}]
    assert FULL["gone"] == ["The toy was slow"]
    assert FULL["source"]["skipped"][1] == {"path": "src/bytes.py", "line": None, "reason": "no UTF-8"}


def test_an_audit_has_no_old_state_and_no_source():
    document = gate_document(gate_result())
    assert document["before"] is None
    assert document["source"] is None
    assert (document["verdict"], document["findings"]) == ("passed", [])


def test_foreign_text_is_one_bounded_printable_line():
    everything = {field.name: HOSTILE for field in fields(state_view()) if field.type == "str"}
    hostile = full_result(
        after=state_view(**everything, packages={HOSTILE: HOSTILE}, facts={HOSTILE: HOSTILE}),
        tool=HOSTILE,
        policy=HOSTILE,
        devices=(HOSTILE,),
        repaired=((HOSTILE, HOSTILE),),
        left_out=((HOSTILE, HOSTILE),),
        gone=(HOSTILE,),
        titles={HOSTILE: HOSTILE},
        source=source_reading(roots=(HOSTILE,), libraries={HOSTILE: 1}),
    )
    document = gate_document(hostile)
    assert errors(document) == []
    for path, value in leaves(document):
        for text in (*path, value):
            if isinstance(text, str):
                assert text.isprintable(), path
                assert len(text) <= TEXT_LENGTH, path


def test_no_text_names_credentials():
    address = "https://user:secret@index.example.org/simple"
    noted = gate_result(notes=(address,), command=f"harness gate --index {address}", gone=(address,))
    accepted = acceptance(reason=address)
    text = gate_json(replace(noted, decisions=(decision(finding(evidence=address), accepted=accepted),)))
    assert "secret" not in text
    assert text.count("https://index.example.org/simple") == 5


def test_command_stays_as_it_was_typed():
    command = "harness gate --policy 'my  policy.toml' " + "--device cpu " * 100
    assert gate_document(gate_result(command=command))["command"] == command


def test_json_is_stable_and_ends_its_line():
    text = gate_json(full_result())
    assert text == gate_json(full_result())
    assert json.loads(text) == FULL
    assert text.endswith("\n}\n")
    assert text == json.dumps(FULL, sort_keys=True, indent=1) + "\n"


def test_uses_of_one_finding_keep_their_order():
    uses = (use(line=9), use(line=3))
    document = gate_document(gate_result(decisions=(decision(finding(uses=uses)),)))
    assert [each["line"] for each in document["findings"][0]["uses"]] == [9, 3]
