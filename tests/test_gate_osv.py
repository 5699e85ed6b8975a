"""The corpus in the OSV schema: valid, and what the cases say."""

from __future__ import annotations

import copy
import time
from pathlib import Path

import pytest
from osv_records import F, R, about, affects, check, events, included, ranges, record_of, reported
from report_results import by_id, evidence, release, row, toy_case, toy_config
from toy.cases import edited, make_case

from harness.config import load_config
from harness.corpus import find_cases
from harness.errors import NoEvidence, UsageError
from harness.gate.osv import osv_json, osv_record
from harness.report.document import build_document
from harness.report.publish import DOCUMENT_NAME, load_document
from harness.verdict import Status

ROOT = Path(__file__).parents[1]


def test_a_record_names_the_case_its_package_its_addresses_and_no_severity():
    record = record_of(("1.0", F), ("2.0", R))
    assert record["id"] == "x_PPLREPRODUCERS-toy-1"
    assert record["affected"][0]["package"] == {"ecosystem": "PyPI", "name": "toy", "purl": "pkg:pypi/toy"}
    assert record["references"] == [
        {"type": "REPORT", "url": "https://example.org/toy/issues/1"},
        {"type": "FIX", "url": "https://example.org/toy/pull/9"},
    ]
    assert record["summary"] == "The shape is kept."
    assert not {"severity", "aliases", "published"} & set(record)
    assert "severity" not in record["affected"][0]
    assert record["database_specific"]["kind"] == "bug"
    assert "no vulnerability" in record["details"]
    assert about(record)["symptom"]["seen"] == "ValueError: the shapes disagree"
    assert [remedy["name"] for remedy in about(record)["remedies"]] == ["fix_keep", "fix_mask"]


def test_the_distribution_is_named_as_the_index_names_it():
    case = toy_case()
    record = osv_record(case, reported(case, ("1.0", F)), "Toy_Dist")
    assert record["affected"][0]["package"]["purl"] == "pkg:pypi/toy-dist"


def test_a_record_was_modified_when_its_newest_cell_was_measured():
    case = toy_case()
    old, new = release("1.0"), release("2.0")
    rows = [
        row(case, old, evidence(measured_at="2026-01-02T01:00:00+02:00")),
        row(case, old, Status.WORKS, "fix_keep"),
        row(case, new, F),
    ]
    document = build_document([case], rows, by_id(old, new), toy_config())
    assert osv_record(case, document, "toy")["modified"] == "2026-01-01T23:00:00Z"


def test_a_time_without_a_zone_is_utc_wherever_it_is_read(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert record_of(("1.0", F))["modified"] == "2025-05-01T10:00:00Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_culprit_is_a_reference_only_where_it_has_an_address():
    header = edited(
        'kind = "bug"', 'introduced-by = ["dep==2.0", "https://example.org/toy/pull/3"]\nkind = "bug"'
    )
    case = make_case("toy/7_breaks.py", header)
    record = osv_record(case, reported(case, ("1.0", F)), "toy")
    check(record)
    assert record["references"][1:] == [{"type": "INTRODUCED", "url": "https://example.org/toy/pull/3"}]
    assert about(record)["introduced_by"] == ["dep==2.0", "https://example.org/toy/pull/3"]


def test_remedies_tell_where_they_work():
    case = toy_case()
    old, new = release("1.0"), release("2.0")
    rows = [
        row(case, old, F),
        row(case, old, Status.REFUTED, "fix_mask"),
        row(case, new, Status.WORKS, "fix_mask"),
    ]
    record = osv_record(case, build_document([case], rows, by_id(old, new), toy_config()), "toy")
    assert about(record)["remedies"][1]["here"] == "refuted in 1.0, works from 2.0"
    assert (
        "- `fix_mask` (ours): It runs with a mask. Measured: refuted in 1.0, works from 2.0."
        in record["details"]
    )


def test_foreign_text_is_no_markup_and_no_terminal_code():
    record = record_of(("1.0", F), title="A <b>title</b> with \x1b[31m[a](http://x)")
    assert record["summary"] == "A <b>title</b> with [a](http://x)"
    assert record["details"].startswith(r"A \<b\>title\</b\> with \[a\](http://x)")


# Cases without a record


def test_a_case_that_changed_has_no_record():
    document = reported(toy_case(), ("1.0", F))
    with pytest.raises(
        NoEvidence, match=r"^toy-1 was changed since it was measured; .*`nox -s matrix report`\.$"
    ):
        osv_record(toy_case(title="Another."), document, "toy")


def test_a_case_that_was_not_measured_has_no_record():
    with pytest.raises(NoEvidence, match="toy-2 is not in the compatibility report"):
        osv_record(toy_case(2), reported(toy_case(), ("1.0", F)), "toy")
    with pytest.raises(NoEvidence, match="toy-1 is not in the compatibility report"):
        osv_record(toy_case(), reported(toy_case(), ("1.0", None)), "toy")


def test_a_case_that_shows_nothing_has_no_record():
    with pytest.raises(NoEvidence, match="shows its issue in no release"):
        osv_record(toy_case(), reported(toy_case(), ("1.0", R)), "toy")


BROKEN = {
    "no axis": lambda d: d["axes"].clear(),
    "no environment": lambda d: d["environments"].clear(),
    "no histories": lambda d: d["cases"]["toy-1"].pop("histories"),
    "a case that is none": lambda d: d["cases"].update({"toy-1": 7}),
    "no version": lambda d: d["environments"]["toy-1.0"].update(version="one"),
    "a status that is none": lambda d: d["cells"][0].update(status="odd"),
    "no time": lambda d: d["cells"][0].update(measured_at="noon"),
    "cells that are none": lambda d: d.update(cells=[1]),
    "a resolution that is none": lambda d: d["axes"]["toy"].update(resolution="odd"),
}


@pytest.mark.parametrize("break_it", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_report_is_told_in_one_sentence(break_it):
    case = toy_case()
    document = copy.deepcopy(reported(case, ("1.0", F)))
    break_it(document)
    with pytest.raises(UsageError, match=r"^the compatibility report is broken at toy-1; make it anew"):
        osv_record(case, document, "toy")


# The real corpus


def test_every_real_case_that_is_up_to_date_has_a_valid_record_of_its_failing_releases():
    config = load_config(ROOT)
    document = load_document(ROOT / "reports" / DOCUMENT_NAME)
    cases = [c for c in find_cases(config.cases) if c.digest == document["cases"].get(c.id, {}).get("digest")]
    assert cases
    for case in cases:
        record = osv_record(case, document, config.libraries[case.library].distribution)
        check(record)
        (affected,) = record["affected"]
        axis = ranges(record)["axis"]
        cells = [
            cell
            for cell in document["cells"]
            if (cell["case"], cell["variant"], cell["device"]) == (case.id, "failure", axis["device"])
            and cell["environment"] in document["axes"][axis["axis"]]["environments"]
        ]
        for cell in cells:
            version = document["environments"][cell["environment"]]["version"]
            if cell["status"] in ("failing", "fixed"):
                assert affects(record, version) == (cell["status"] == "failing"), (case.id, version)
        assert all(included(version, events(record)) for version in affected["versions"])
        assert osv_json(record) == osv_json(osv_record(case, document, affected["package"]["name"]))
