"""The gate's answer in SARIF: exact, deterministic, and as the standard has it.

`PARTS` says of every part that is used what the official schema says of it, and a little more.
"""

from __future__ import annotations

import json
import random
from datetime import date

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from official_schemas import sarif_schema
from toy.gate import (
    HOSTILE,
    acceptance,
    counts,
    decision,
    finding,
    full_result,
    gate_result,
    source_reading,
    use,
)

from harness.gate.observations import Skipped
from harness.gate.records import Action, FindingKind
from harness.gate.sarif import FINGERPRINT, LOCATIONS, SCHEMA, gate_sarif

NOTHING = counts(ran=0, stored=0, inferred=0, without_evidence=0)


def closed(required, **properties):
    """An object with just these properties, those named first required."""
    known = {"type": "object", "additionalProperties": False, "minProperties": 1}
    return {**known, "required": required.split(), "properties": properties}


def many(items, **more):
    return {"type": "array", "items": items, **more}


TEXT = {"type": "string", "minLength": 1}
MESSAGE = closed("text", text=TEXT)
COUNT = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["error", "warning", "note"]}
BAG = {"type": "object", "properties": {"tags": many(TEXT, uniqueItems=True)}}
URI = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9._~!$&'()*+,;=:@/%-]+$",
    "not": {"pattern": "%(?![0-9A-Fa-f]{2})"},
}
ARTIFACT = {
    "oneOf": [
        closed(
            "uri uriBaseId", uri={**URI, "not": {"pattern": "^/|^[^/]*:"}}, uriBaseId={"const": "%SRCROOT%"}
        ),
        closed("uri", uri={**URI, "pattern": "^file:///[^/]"}),
    ]
}
PHYSICAL = closed(
    "artifactLocation",
    artifactLocation=ARTIFACT,
    region=closed("startLine", startLine=COUNT, startColumn=COUNT),
)
LOGICAL = closed("name fullyQualifiedName", name=TEXT, fullyQualifiedName=TEXT)
LOCATION = closed("", physicalLocation=PHYSICAL, logicalLocations=many(LOGICAL, minItems=1), message=MESSAGE)
RULE = closed(
    "id shortDescription fullDescription help defaultConfiguration",
    id=TEXT, shortDescription=MESSAGE, fullDescription=MESSAGE, help=MESSAGE,
    helpUri={"type": "string", "pattern": r"^https?://[^\s<>\"{}|\\^`]+$"},
    defaultConfiguration=closed("level", level=LEVEL), properties=BAG,
)  # fmt: skip
SUPPRESSION = closed(
    "kind", kind={"const": "external"}, status={"const": "accepted"}, justification=TEXT, properties=BAG
)
RESULT = closed(
    "ruleId ruleIndex level message locations partialFingerprints",
    ruleId=TEXT, ruleIndex={"type": "integer", "minimum": 0}, level=LEVEL, message=MESSAGE,
    locations=many(LOCATION, minItems=1, maxItems=LOCATIONS),
    partialFingerprints={"type": "object", "additionalProperties": TEXT, "minProperties": 1},
    suppressions=many(SUPPRESSION, minItems=1), baselineState={"enum": ["new", "unchanged"]}, properties=BAG,
)  # fmt: skip
NOTIFICATION = closed("message level", message=MESSAGE, level=LEVEL, locations=many(LOCATION, minItems=1))
INVOCATION = closed(
    "executionSuccessful exitCode",
    executionSuccessful={"type": "boolean"}, exitCode={"enum": [0, 1, 3]}, exitCodeDescription=TEXT,
    commandLine=TEXT,
    endTimeUtc={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    toolExecutionNotifications=many(NOTIFICATION),
)  # fmt: skip
DRIVER = closed(
    "name version rules", name={"const": "ppl-reproducers"}, version=TEXT, rules=many(RULE, uniqueItems=True)
)
RUN = closed(
    "tool invocations results columnKind",
    tool=closed("driver", driver=DRIVER), invocations=many(INVOCATION, minItems=1, maxItems=1),
    originalUriBaseIds={"type": "object", "additionalProperties": closed("description", description=MESSAGE)},
    columnKind={"const": "unicodeCodePoints"}, results=many(RESULT), properties=BAG,
)  # fmt: skip
PARTS = closed(
    "$schema version runs",
    **{
        "$schema": {"const": SCHEMA},
        "version": {"const": "2.1.0"},
        "runs": many(RUN, minItems=1, maxItems=1),
    },
)


def five_hundred():
    found = (
        decision(finding(cases=(f"toy-{number}",), title=HOSTILE, uses=(use(path="é @.py"),)))
        for number in range(500)
    )
    return gate_result(decisions=tuple(found))


RESULTS = {
    "full": full_result,
    "empty": gate_result,
    "nothing": lambda: gate_result(counts=NOTHING, is_offline=True),
    "five hundred": five_hundred,
    "odd": lambda: gate_result(made_at=HOSTILE, command=HOSTILE, tool=HOSTILE, policy=HOSTILE),
}


def run_of(result):
    return json.loads(gate_sarif(result))["runs"][0]


def results_of(*decisions, **fields):
    return run_of(gate_result(decisions=decisions, **fields))["results"]


def artifact(path):
    found = results_of(decision(finding(uses=(use(path=path),))))[0]["locations"][0]
    return found["physicalLocation"]["artifactLocation"]


@pytest.mark.parametrize("name", RESULTS)
def test_answer_has_only_what_the_standard_knows(name):
    log = json.loads(gate_sarif(RESULTS[name]()))
    assert [error.message for error in Draft202012Validator(PARTS).iter_errors(log)] == []
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"])


@pytest.mark.parametrize("name", RESULTS)
def test_answer_is_valid_by_the_official_schema(name):
    validator = Draft7Validator(sarif_schema(), format_checker=FormatChecker())
    assert list(validator.iter_errors({"version": "2.1.0", "runs": [{}]})), "it refuses what is none"
    log = json.loads(gate_sarif(RESULTS[name]()))
    assert [error.message for error in validator.iter_errors(log)] == []


def test_result_is_exact():
    about = finding(issue="", evidence="seen", touches=(), uses=(use(),))
    assert results_of(decision(about)) == [
        {
            "ruleId": "toy-7/newly-failing",
            "ruleIndex": 0,
            "level": "error",
            "message": {
                "text": "newly failing: The toy breaks.\nabout: toy-7, bug, on cpu\n"
                "symptom: ValueError: shapes disagree\nevidence: measured now: seen\npolicy: blocks"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "src/app/model.py", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 12, "startColumn": 5},
                    },
                    "message": {"text": "toy.infer.sample"},
                }
            ],
            "partialFingerprints": {FINGERPRINT: about.fingerprint},
            "properties": {
                "kind": "newly-failing",
                "effect": "block",
                "standing": "blocks",
                "basis": "ran now",
                "isOnlyPossible": False,
            },
        }
    ]


def test_one_rule_for_a_case_and_a_kind():
    found = (
        decision(action=Action.ALLOW),
        decision(finding(device="cuda"), Action.WARN),
        decision(finding(kind=FindingKind.CHANGED)),
        decision(finding(kind=FindingKind.DEPRECATION, cases=("toy-7", "toy-8"))),
    )
    rules = run_of(gate_result(decisions=found, titles={"toy-7": "The toy breaks."}))["tool"]["driver"][
        "rules"
    ]
    assert [rule["id"] for rule in rules] == ["deprecation", "toy-7/changed", "toy-7/newly-failing"]
    assert rules[2] == {
        "id": "toy-7/newly-failing",
        "shortDescription": {"text": "toy-7: The toy breaks."},
        "fullDescription": {
            "text": "toy-7: The toy breaks. "
            "Fails in the new state, and was right or not known in the old one."
        },
        "help": {
            "text": "toy-7: The toy breaks. "
            "Fails in the new state, and was right or not known in the old one. "
            "See https://example.org/toy/issues/7"
        },
        "helpUri": "https://example.org/toy/issues/7",
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["toy", "bug", "newly-failing"]},
    }
    assert "helpUri" not in rules[0]


@pytest.mark.parametrize(
    ("action", "level"), [(Action.BLOCK, "error"), (Action.WARN, "warning"), (Action.ALLOW, "note")]
)
def test_level_is_the_effect(action, level):
    assert results_of(decision(action=action))[0]["level"] == level


def test_accepted_finding_is_suppressed():
    accepted = decision(accepted=acceptance(until=date(2026, 3, 31)))
    (found,) = results_of(accepted)
    assert found["level"] == "note"
    assert found["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "we pad the shapes",
            "properties": {"until": "2026-03-31"},
        }
    ]


def test_baseline_is_told_only_where_there_is_one():
    known, new = decision(is_in_baseline=True), decision(finding(cases=("toy-8",)))
    told = results_of(known, new, has_baseline=True)
    assert [each["baselineState"] for each in told] == ["unchanged", "new"]
    assert "baselineState" not in results_of(new)[0]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("./src/a.py", "src/a.py"),
        ("src/a b#c?d%.py", "src/a%20b%23c%3Fd%25.py"),
        ("a:b.py", "a%3Ab.py"),
        ("é.py", "%C3%A9.py"),
        ("\udce9.py", "%E9.py"),
        ("\ud800.py", "%EF%BF%BD.py"),
        ("../else/a.py", "../else/a.py"),
        ("a\\b.py", "a%5Cb.py"),
    ],
)
def test_path_is_relative_and_encoded(path, uri):
    assert artifact(path) == {"uri": uri, "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize(
    ("path", "uri"), [("/home/me/a b.py", "file:///home/me/a%20b.py"), ("C:/me/a.py", "file:///C:/me/a.py")]
)
def test_absolute_path_is_a_whole_address(path, uri):
    assert artifact(path) == {"uri": uri}


def test_every_use_is_a_location():
    places = (
        use(line=3, is_certain=False),
        use(path="n.ipynb", line=40, column=2, cell=3),
        use(line=0, column=0),
    )
    found = results_of(decision(finding(uses=places)))[0]["locations"]
    assert [(each["physicalLocation"]["region"], each["message"]["text"]) for each in found] == [
        ({"startLine": 40}, "cell 3: toy.infer.sample"),
        ({"startLine": 1, "startColumn": 1}, "toy.infer.sample"),
        ({"startLine": 3, "startColumn": 5}, "toy.infer.sample (possible)"),
    ]


def test_no_result_has_more_locations_than_are_read():
    places = tuple(use(line=number) for number in range(1, LOCATIONS + 9))
    assert len(results_of(decision(finding(uses=places)))[0]["locations"]) == LOCATIONS


def test_without_uses_the_case_is_the_location():
    assert results_of(decision())[0]["locations"] == [
        {"logicalLocations": [{"name": "toy-7", "fullyQualifiedName": "toy-7"}]}
    ]
    nothing = decision(finding(kind=FindingKind.NOTHING_TO_RUN, cases=()))
    assert results_of(nothing)[0]["locations"][0]["logicalLocations"][0]["name"] == "toy==2.0"


@pytest.mark.parametrize(
    ("fields", "code", "is_successful"),
    [({}, 0, True), ({"decisions": (decision(),)}, 1, True), ({"counts": NOTHING}, 3, False)],
)
def test_invocation_tells_how_it_ended(fields, code, is_successful):
    (found,) = run_of(gate_result(**fields))["invocations"]
    assert (found["exitCode"], found["executionSuccessful"]) == (code, is_successful)
    assert found["commandLine"] == "harness gate toy==2.0"
    assert found["endTimeUtc"] == "2026-01-01T12:00:00Z"


def test_skipped_files_are_notifications():
    skipped = (
        Skipped(path="a b.py", line=3, reason="invalid syntax"),
        Skipped(path="c.py", line=None, reason="no UTF-8"),
    )
    found = run_of(gate_result(source=source_reading(skipped=skipped)))["invocations"][0][
        "toolExecutionNotifications"
    ]
    assert found[:2] == [
        {
            "level": "warning",
            "message": {"text": "Not read: a b.py:3: invalid syntax."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "a%20b.py", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 3},
                    }
                }
            ],
        },
        {
            "level": "warning",
            "message": {"text": "Not read: c.py: no UTF-8."},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": "c.py", "uriBaseId": "%SRCROOT%"}}}
            ],
        },
    ]


def test_offline_is_told():
    run = run_of(gate_result(is_offline=True))
    told = [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"]]
    assert told[0].startswith("Offline: nothing ran.")
    assert run["properties"]["isOffline"] is True


def test_foreign_text_makes_no_link_and_no_placeholder():
    evil = "see [this](https://evil.example) and {0}"
    text = gate_sarif(
        gate_result(decisions=(decision(finding(title=evil, symptom=evil)),), titles={"toy-7": evil})
    )
    assert "[this] (https://evil.example)" in text
    assert "](" not in text
    assert "{0}" not in text


def test_address_that_is_none_helps_nobody():
    run = run_of(gate_result(decisions=(decision(finding(issue=f"javascript:{HOSTILE}")),)))
    assert "helpUri" not in run["tool"]["driver"]["rules"][0]


def test_same_answer_gives_the_same_text_whatever_order_cases_come_in():
    assert gate_sarif(full_result()) == gate_sarif(full_result())
    found = [decision(finding(cases=(f"toy-{number}",))) for number in range(20)]
    rules = run_of(gate_result(decisions=tuple(found)))["tool"]
    random.Random(0).shuffle(found)
    assert run_of(gate_result(decisions=tuple(found)))["tool"] == rules
