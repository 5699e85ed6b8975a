"""The gate's answer as JUnit XML, read back by a parser."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from toy.gate import HOSTILE, acceptance, counts, decision, finding, full_result, gate_result, use

from harness.gate.junit import gate_junit
from harness.gate.records import Action, FindingKind

NOTHING = counts(ran=0, stored=0, inferred=0, without_evidence=0)


def parsed(result):
    return ET.fromstring(gate_junit(result).encode())


def numbers(element):
    return {name: int(element.get(name)) for name in ("tests", "failures", "errors", "skipped")}


def case(decided):
    return parsed(gate_result(decisions=(decided,))).find(".//testcase")


def test_small_answer_is_exact():
    result = gate_result(decisions=(decision(finding(issue="", evidence="seen", touches=())),), policy="none")
    assert gate_junit(result) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="ppl-reproducers gate" tests="1" failures="1" errors="0" skipped="0">\n'
        '  <testsuite name="gate" time="0" timestamp="2026-01-01T12:00:00" tests="0" failures="0" errors="0" '
        'skipped="0">\n'
        "    <system-out>Audit of toy==2.0\n"
        "BLOCKED: 1 finding blocks.\n"
        "1 cell gave no evidence: of these nothing is known.\n"
        "State: toy==2.0, Python 3.11 on linux-x86_64, 2 packages.\n"
        "4 of 9 cases concern this; cells on cpu: 5 ran now, 2 stored, 0 INFERRED; "
        "1 of them without evidence.\n"
        "No source was read (--uses): every case of a library in the state counts.\n"
        "Policy: none. Made 2026-01-01T12:00:00Z with harness 0.1.\n"
        "Again: harness gate toy==2.0</system-out>\n"
        "  </testsuite>\n"
        '  <testsuite name="toy" time="0" timestamp="2026-01-01T12:00:00" tests="1" failures="1" errors="0" '
        'skipped="0">\n'
        '    <testcase classname="toy-7" name="newly failing: The toy breaks [cpu]" time="0">\n'
        '      <failure type="newly-failing" message="newly failing: The toy breaks">'
        "about: toy-7, bug, on cpu\n"
        "symptom: ValueError: shapes disagree\n"
        "evidence: measured now: seen</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_counts_are_those_of_the_elements():
    root = parsed(full_result())
    assert numbers(root) == {"tests": 12, "failures": 3, "errors": 2, "skipped": 3}
    for suite in root.findall("testsuite"):
        assert numbers(suite) == {
            "tests": len(suite.findall("testcase")),
            "failures": len(suite.findall("testcase/failure")),
            "errors": len(suite.findall("testcase/error")),
            "skipped": len(suite.findall("testcase/skipped")),
        }


def test_one_suite_for_each_library():
    found = tuple(decision(finding(library=library)) for library in ("toy", "other", "toy", ""))
    suites = parsed(gate_result(decisions=found)).findall("testsuite")
    assert [(suite.get("name"), suite.get("tests")) for suite in suites] == [
        ("gate", "1"), ("other", "1"), ("toy", "2"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", list(FindingKind))
@pytest.mark.parametrize("action", list(Action))
def test_outcome_of_every_kind_and_effect(kind, action):
    is_lacking = kind in {FindingKind.NO_EVIDENCE, FindingKind.NOTHING_TO_RUN}
    outcome = [child.tag for child in case(decision(finding(kind=kind), action))]
    expected = {
        Action.BLOCK: "error" if is_lacking else "failure",
        Action.WARN: "skipped" if is_lacking else "system-out",
        Action.ALLOW: "skipped",
    }
    assert outcome == [expected[action]]


def test_what_is_let_pass_says_why():
    accepted = case(decision(accepted=acceptance()))
    assert accepted.find("skipped").get("message") == "accepted until 2026-03-31: we pad the shapes"
    assert (
        case(decision(is_in_baseline=True)).find("skipped").get("message") == "known: it is in the baseline"
    )


def test_warning_is_told():
    text = case(decision(action=Action.WARN)).findtext("system-out")
    assert text.startswith("WARNING: newly failing: The toy breaks\n")


def test_nothing_seen_is_an_error():
    root = parsed(gate_result(counts=NOTHING))
    assert numbers(root) == {"tests": 1, "failures": 0, "errors": 1, "skipped": 0}
    assert root.find(".//error").get("message").startswith("NO EVIDENCE: nothing was seen")


def test_missing_evidence_that_blocks_is_told_once():
    lacking = decision(finding(kind=FindingKind.NO_EVIDENCE))
    assert numbers(parsed(gate_result(counts=NOTHING, decisions=(lacking,))))["errors"] == 1


def test_nothing_found_claims_no_passed_case():
    root = parsed(gate_result())
    assert numbers(root) == {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    assert "PASSED: nothing was found in what was looked at." in root.findtext("testsuite/system-out")


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\ud800", "\ufffe", "\uffff", "]]>", "&<\"'"])
def test_any_character_makes_well_formed_text(character):
    evil = f"a{character}b"
    about = finding(
        title=evil,
        cases=(evil,),
        library=evil,
        device=evil,
        symptom=evil,
        evidence=evil,
        uses=(use(path=evil),),
    )
    result = gate_result(decisions=(decision(about),), notes=(evil,), made_at=evil, tool=evil, command=evil)
    assert numbers(parsed(result))["failures"] == 1


def test_hostile_text_is_text():
    root = parsed(gate_result(decisions=(decision(finding(title=HOSTILE)),)))
    assert "<script>alert(1)</script> | `a`" in root.find(".//testcase").get("name")
    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "system-out",
    }  # fmt: skip


def test_five_hundred_findings():
    found = tuple(decision(finding(title=f"Breaks {number}")) for number in range(500))
    assert numbers(parsed(gate_result(decisions=found)))["failures"] == 500
