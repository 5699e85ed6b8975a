"""A document as comma-separated values, read back by the csv module."""

from __future__ import annotations

import csv
import io
import time

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
from hypothesis import given
from hypothesis import strategies as st
from report_results import release, row, toy_config

from harness.report.feeds.table import COLUMNS, csv_table
from harness.verdict import Status

WIDE = "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"


def rows_of(document):
    return list(csv.DictReader(io.StringIO(csv_table(document), newline="")))


def test_a_small_table_is_exact():
    assert csv_table(FIXED_LATER) == (
        "case,library,kind,issue,variant,source,environment,resolution,library_version,python,released,device,"
        "status,expected,agreement,outcome,seconds,measured_at,symptom,reason,gap,"
        "numpyro,jax,jaxlib,flax,pyro-ppl,torch,numpy\r\n"
        "toy-1,toy,bug,https://example.org/toy/issues/1,failure,,toy-1.0,period,1.0,3.11,2024-01-10,cpu,"
        "failing,failing,expected,raised,0.123,2025-05-01T10:00:00,ValueError: the shapes disagree,,,"
        ",,,,,,1.26.0\r\n"
        "toy-1,toy,bug,https://example.org/toy/issues/1,failure,,toy-2.0,period,2.0,3.11,2024-05-10,cpu,"
        "fixed,fixed,expected,returned,0.123,2025-05-01T10:00:00,,,,"
        ",,,,,,1.26.0\r\n"
    )


def test_there_is_a_row_for_each_cell_in_the_order_of_the_document():
    document = large_document(cases=3, releases=4)
    keys = ("case", "variant", "environment", "device", "status", "expected")
    assert [[row[key] for key in keys] for row in rows_of(document)] == [
        [cell[key] for key in keys] for cell in document["cells"]
    ]


def test_a_report_without_cells_is_a_header():
    assert csv_table(build([])) == ",".join(COLUMNS) + "\r\n"


def test_versions_of_packages_are_those_of_the_environment():
    packages = {"jax": "0.4.1", "jaxlib": "0.4.2", "flax": "0.8", "torch": "2.5.1+cpu", "numpy": "1.26.0"}
    (found,) = rows_of(build([row(CASE, OLD, Status.FAILING)], release("1.0", packages=packages)))
    assert {name: found[name] for name in packages} == packages


def test_a_remedy_says_who_recommends_it_and_a_gap_is_told_apart():
    document = build(history([Status.UNSUPPORTED], [OLD], "fix_keep"), OLD, config=toy_config(WITHOUT_CUDA))
    (found,) = rows_of(document)
    assert (found["source"], found["agreement"]) == ("documented", "no evidence")
    assert (found["reason"], found["gap"]) == ("no cuda here", "there is no cuda on this machine")


def test_what_is_not_as_the_case_says_is_unexpected():
    assert [row["agreement"] for row in rows_of(build(history([Status.FIXED], [OLD]), OLD))] == ["unexpected"]


def test_an_environment_of_unknown_date_has_none():
    environment = {
        key: value for key, value in FIXED_LATER["environments"]["toy-1.0"].items() if key != "released"
    }
    document = {**FIXED_LATER, "environments": {**FIXED_LATER["environments"], "toy-1.0": environment}}
    assert [row["released"] for row in rows_of(document)] == ["", "2024-05-10"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "\n=", "\x00=", *WIDE])
def test_no_field_is_a_formula(start):
    (found,) = rows_of(cell_of(FIXED_LATER, symptom=f"{start}1+1"))
    assert found["symptom"] == f"'{start.strip().strip(chr(0))}1+1"


@pytest.mark.parametrize("text", ["a=1", "1-2", "'=1", 'say "no", twice', "1e5"])
def test_other_text_stays_as_it_is(text):
    (found,) = rows_of(cell_of(FIXED_LATER, symptom=text))
    assert found["symptom"] == text


@given(st.text(st.characters(), max_size=40))
def test_any_text_makes_one_printable_field_and_no_formula(text):
    (found,) = rows_of(cell_of(FIXED_LATER, symptom=text, reason=text))
    assert len(f"{found['symptom']}.".splitlines()) == 1
    assert not found["symptom"].startswith(("=", "+", "-", "@", "\t", "\r", " "))


@pytest.mark.parametrize("evil", HOSTILE)
def test_hostile_text_adds_no_row_and_no_column(evil):
    document = poisoned(FIXED_LATER, evil)
    text = csv_table(document).encode().decode()
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [len(line) for line in lines] == [len(COLUMNS)] * 3
    assert text.count("\r\n") == 3
    assert not any(field.startswith(("=", "+", "-", "@")) for line in lines for field in line)


def test_both_releases_are_told_in_order():
    assert [row["library_version"] for row in rows_of(FIXED_LATER)] == [OLD.version, NEW.version]


def test_time_does_not_explode_with_the_number_of_cells():
    document = large_document()
    started = time.process_time()
    csv_table(document)
    assert time.process_time() - started < 2


def test_the_published_report_has_a_row_for_each_cell():
    document = published_document()
    assert [row["status"] for row in rows_of(document)] == [cell["status"] for cell in document["cells"]]
