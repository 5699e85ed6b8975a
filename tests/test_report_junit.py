"""A document as JUnit XML, read back by a parser."""

from __future__ import annotations

import time
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from feed_documents import (
    CASE,
    FIXED_LATER,
    HOSTILE,
    NEW,
    OLD,
    WITHOUT_CUDA,
    build,
    cell_of,
    history,
    large_document,
    poisoned,
    published_document,
)
from report_results import GIVING, evidence, release, row, toy_config

from harness.evidence import Outcome
from harness.report.feeds.junit import junit
from harness.verdict import Status


def parsed(document):
    return ET.fromstring(junit(document).encode())


def numbers(element):
    return {
        name: int(element.get(name))
        for name in ("tests", "failures", "errors", "skipped")
        if element.get(name)
    }


def outcomes(root):
    """Every test case to the tags that it holds."""
    return {
        (case.get("classname"), case.get("name")): [child.tag for child in case]
        for case in root.iter("testcase")
    }


def test_a_small_report_is_exact():
    assert junit(FIXED_LATER) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="ppl-reproducers" tests="2" failures="0" errors="0" time="0.246">\n'
        '  <testsuite name="toy-1.0" time="0.123" timestamp="2025-05-01T10:00:00" tests="1" failures="0" '
        'errors="0" skipped="0">\n'
        "    <properties>\n"
        '      <property name="resolution" value="period" />\n'
        '      <property name="python" value="3.11" />\n'
        '      <property name="released" value="2024-01-10" />\n'
        '      <property name="as_of" value="2024-01-31" />\n'
        '      <property name="package.numpy" value="1.26.0" />\n'
        '      <property name="package.toy" value="1.0" />\n'
        "    </properties>\n"
        '    <testcase classname="toy-1" name="failure [cpu]" time="0.123">\n'
        "      <system-out>failing, as the case says\nValueError: the shapes disagree</system-out>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="toy-2.0" time="0.123" timestamp="2025-05-01T10:00:00" tests="1" failures="0" '
        'errors="0" skipped="0">\n'
        "    <properties>\n"
        '      <property name="resolution" value="period" />\n'
        '      <property name="python" value="3.11" />\n'
        '      <property name="released" value="2024-05-10" />\n'
        '      <property name="as_of" value="2024-01-31" />\n'
        '      <property name="package.numpy" value="1.26.0" />\n'
        '      <property name="package.toy" value="2.0" />\n'
        "    </properties>\n"
        '    <testcase classname="toy-1" name="failure [cpu]" time="0.123" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


@pytest.mark.parametrize("status", [status for status in Status if status.is_evidence])
@pytest.mark.parametrize("expected", ["failing", "fixed", "rejected", "works", "refuted"])
def test_only_what_is_as_the_case_says_passes(status, expected):
    document = cell_of(FIXED_LATER, status=status.value, expected=expected)
    (tags,) = outcomes(parsed(document)).values()
    if status.value != expected:
        assert tags == ["failure"]
    else:
        assert tags == ([] if expected in {"fixed", "works"} else ["system-out"])


@pytest.mark.parametrize("status", [status for status in Status if not status.is_evidence])
def test_a_known_gap_is_skipped_and_another_one_is_an_error(status):
    unknown = cell_of(FIXED_LATER, status=status.value, reason="no wheel")
    root = parsed(
        {**unknown, "cells": [*unknown["cells"], {**unknown["cells"][0], "device": "cuda", "gap": "known"}]}
    )
    assert outcomes(root) == {
        ("toy-1", "failure [cpu]"): ["error"],
        ("toy-1", "failure [cuda]"): ["skipped"],
        ("report", "evidence"): ["error"],
    }
    assert root.find(".//skipped").get("message") == f"no evidence: {status.value}: known"
    assert root.find(".//error").get("message") == f"no evidence: {status.value}: no wheel"


def test_a_gap_without_any_reason_says_so():
    document = cell_of(FIXED_LATER, status="invalid", symptom=None, reason=None)
    assert parsed(document).find(".//error").get("message") == "no evidence: invalid: no reason was recorded"


def test_what_is_not_as_the_case_says_is_told_with_its_symptom_and_how_to_see_it_again():
    failure = parsed(build(history([Status.CHANGED], [OLD]), OLD)).find(".//failure")
    assert failure.get("type") == "changed"
    assert failure.get("message") == "changed, the case says failing: toy.errors.Odd: something else"
    assert failure.text.splitlines() == [
        "title: The shape is kept.",
        "issue: https://example.org/toy/issues/1",
        "status: changed",
        "the case says: failing",
        "symptom: toy.errors.Odd: something else",
        "outcome: raised",
        "measured at: 2025-05-01T10:00:00",
        "again: harness run toy-1 --env toy-1.0 --variant failure --device cpu",
    ]


def test_every_cell_is_one_test_case_of_its_environments_suite():
    document = large_document(cases=4, releases=12)
    root = parsed(document)
    for suite in root.findall("testsuite"):
        there = [cell for cell in document["cells"] if cell["environment"] == suite.get("name")]
        told = [(case.get("classname"), case.get("name")) for case in suite.findall("testcase")]
        assert told == [(cell["case"], f"{cell['variant']} [{cell['device']}]") for cell in there]
    assert len(root.findall(".//testcase")) == len(document["cells"])


def test_suites_are_in_order_of_release_and_loose_environments_last():
    here = replace(release("9"), id="current", library=None, version=None, resolution="interpreter")
    records = [release("1.10"), here, release("1.9"), release("1.9", "@latest", "latest")]
    rows = [row(CASE, record, Status.FAILING) for record in records]
    names = [suite.get("name") for suite in parsed(build(rows, *records))]
    assert names == ["toy-1.9", "toy-1.10", "toy-1.9@latest", "current"]


def test_counts_and_times_add_up():
    root = parsed(large_document(cases=10, releases=7))
    suites = root.findall("testsuite")
    for suite in suites:
        assert numbers(suite) == {
            "tests": len(suite.findall("testcase")),
            "failures": len(suite.findall("testcase/failure")),
            "errors": len(suite.findall("testcase/error")),
            "skipped": len(suite.findall("testcase/skipped")),
        }
        assert suite.get("time") == f"{sum(float(case.get('time')) for case in suite.iter('testcase')):.3f}"
    assert numbers(root) == {
        name: sum(numbers(suite)[name] for suite in suites) for name in ("tests", "failures", "errors")
    }
    assert root.get("time") == f"{sum(float(suite.get('time')) for suite in suites):.3f}"


def test_a_suite_began_when_its_first_cell_ran():
    rows = [
        row(CASE, OLD, evidence(measured_at=f"2025-05-01T10:00:0{second}.25+00:00"), variant)
        for second, variant in [(3, "failure"), (1, "fix_keep"), (2, "fix_mask")]
    ]
    assert parsed(build(rows, OLD)).find("testsuite").get("timestamp") == "2025-05-01T10:00:01"


def test_devices_are_told_apart():
    rows = history([Status.FAILING], [OLD]) + history([Status.UNSUPPORTED], [OLD], device="cuda")
    document = build(rows, OLD, config=toy_config(WITHOUT_CUDA))
    assert outcomes(parsed(document)) == {
        ("toy-1", "failure [cpu]"): ["system-out"],
        ("toy-1", "failure [cuda]"): ["skipped"],
    }


@pytest.mark.parametrize(
    "document", [build([]), build(history([Status.UNBUILDABLE], [OLD]), OLD, config=toy_config(WITHOUT_CUDA))]
)
def test_a_report_without_evidence_is_an_error(document):
    root = parsed(document)
    assert outcomes(root)["report", "evidence"] == ["error"]
    assert int(root.get("errors")) >= 1


def test_nothing_is_said_of_what_was_not_measured():
    root = parsed(build(history([Status.FAILING, None], [OLD, NEW]), OLD, NEW))
    assert list(outcomes(root)) == [("toy-1", "failure [cpu]")]


def test_elements_and_attributes_are_those_that_jenkins_admits():
    """As in junit-10.xsd of its xunit plugin, which refuses a file with anything else."""
    outcome = {"type", "message"}
    counts = {"name", "time", "tests", "failures", "errors"}
    admitted = {
        "testsuites": counts, "testsuite": counts | {"skipped", "timestamp"}, "properties": set(),
        "property": {"name", "value"}, "testcase": {"classname", "name", "time"}, "system-out": set(),
        "failure": outcome, "error": outcome, "skipped": outcome,
    }  # fmt: skip
    rows = [row(CASE, release(f"1.{n}"), status, "fix_mask") for n, status in enumerate(GIVING)]
    for element in parsed(build(rows, *(release(f"1.{n}") for n in range(len(GIVING))))).iter():
        assert set(element.attrib) <= admitted[element.tag]
        if element.tag in {"testsuites", "testsuite"}:
            assert set(element.attrib) >= counts


@pytest.mark.parametrize("evil", HOSTILE)
def test_hostile_text_is_text(evil):
    rows = history([Status.CHANGED, Status.FIXED], [OLD, NEW])
    rows += history([Status.UNSUPPORTED, Status.TIMEOUT], [OLD, NEW], "fix_mask")
    clean = build(rows, OLD, NEW, config=toy_config(WITHOUT_CUDA))
    before, after = parsed(clean), parsed(poisoned(clean, evil))
    assert [element.tag for element in after.iter()] == [element.tag for element in before.iter()]
    assert numbers(after) == numbers(before)


def test_a_killed_process_tells_its_reason():
    document = build([row(CASE, OLD, evidence(Outcome.CRASHED, reason="signal 11"))], OLD)
    assert parsed(document).find(".//failure").get("message") == "crashed, the case says failing: signal 11"


def test_time_does_not_explode_with_the_number_of_cells():
    document = large_document()
    started = time.process_time()
    junit(document)
    assert len(document["cells"]) == 10_800
    assert time.process_time() - started < 2


def test_the_published_report_has_a_test_case_for_each_cell_that_is_no_better_than_it():
    document = published_document()
    passed = sum(
        not {"failure", "error", "skipped"} & set(tags) for tags in outcomes(parsed(document)).values()
    )
    assert len(parsed(document).findall(".//testcase")) == len(document["cells"])
    assert passed <= sum(cell["status"] == cell["expected"] for cell in document["cells"])
