from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from report_results import GIVING, release, row, toy_case, toy_config
from site_results import model_of

from harness.errors import NoEvidence, UsageError
from harness.report import publish as publishing
from harness.report.document import SCHEMA, build_document
from harness.report.markdown import markdown
from harness.report.publish import load_document, publish, schema_text, to_json

CASE = toy_case()
RECORDS = [release(f"1.{minor}") for minor in range(len(GIVING))]
ROWS = [row(CASE, record, status, "fix_mask") for record, status in zip(RECORDS, GIVING, strict=True)]
MODEL = model_of([CASE], ROWS, RECORDS, plot="<svg/>")
DOCUMENT = MODEL.document


NAMES = [
    "compatibility.json",
    "compatibility.schema.json",
    "README.md",
    "changes.json",
    "changes.schema.json",
    "compatibility.csv",
    "junit.xml",
    "summary.md",
    "history.svg",
    "badges/badge.json",
    "badges/badge-toy.json",
    "index.html",
]


def test_publishing_writes_document_schema_pages_and_feeds(tmp_path):
    paths = publish(MODEL, None, tmp_path / "reports")
    assert [path.relative_to(tmp_path / "reports").as_posix() for path in paths] == NAMES
    assert paths[1].read_text() == schema_text()
    assert paths[2].read_text(encoding="utf-8") == markdown(DOCUMENT)
    Draft202012Validator(json.loads(paths[1].read_text())).validate(json.loads(paths[0].read_text()))


def test_what_would_be_written_can_be_had_without_writing(tmp_path):
    texts = publishing.rendered(MODEL, None, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert {path: path.read_bytes().decode() for path in publish(MODEL, None, tmp_path)} == texts


def test_publishing_again_changes_no_byte_and_leaves_nothing_else(tmp_path):
    before = [path.read_bytes() for path in publish(MODEL, None, tmp_path)]
    assert [path.read_bytes() for path in publish(MODEL, None, tmp_path)] == before
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == len(NAMES)


def test_a_published_document_reads_back_as_it_was(tmp_path):
    assert load_document(publish(MODEL, None, tmp_path)[0]) == DOCUMENT


def test_each_cell_is_one_line_of_the_document():
    lines = to_json(DOCUMENT).splitlines()
    assert sum('"measured_at"' in line for line in lines) == len(ROWS)


def test_the_text_does_not_depend_on_the_order_of_keys():
    backwards = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value
        for key, value in reversed(DOCUMENT.items())
    }
    assert to_json(backwards) == to_json(DOCUMENT)


def test_an_empty_document_is_still_json():
    empty = build_document([], [], {}, toy_config())
    assert json.loads(to_json(empty)) == empty


def test_the_code_and_the_published_schema_agree_on_the_version():
    assert json.loads(schema_text())["properties"]["schema"]["const"] == SCHEMA


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"schema": 2}', "newer version.*update the harness"),
        ('{"schema": 0}', "schema 0.*nox -s report"),
        ('{"schema": "1"}', "schema 1.*nox -s report"),
        ('{"schema": 1, "cells": []}', "cut short.*nox -s report"),
        ("{}", "no compatibility report.*nox -s report"),
        ("[]", "no compatibility report"),
        ("not json", "no compatibility report"),
        ("\udcff", "no compatibility report"),
    ],
)
def test_another_document_is_refused_with_the_way_out(tmp_path, text, sentence):
    path = tmp_path / "compatibility.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=sentence):
        load_document(path)


def test_a_missing_document_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(UsageError, match="nox -s report"):
        load_document(tmp_path / "compatibility.json")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(NoEvidence, match="cannot be written"):
        publish(MODEL, None, tmp_path / "reports")


def test_nothing_is_written_where_the_page_cannot_be_made(tmp_path, monkeypatch):
    monkeypatch.setattr(publishing, "markdown", lambda document: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(MODEL, None, tmp_path)
    assert list(tmp_path.iterdir()) == []
