"""Every case of the corpus is verified: `reports/admitted` has the evidence, of its text and of its locks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from harness.admit.document import schema_text
from harness.admit.measure import default_places
from harness.admit.record import OPEN
from harness.case import Kind
from harness.commands.admissions import Wanted, objections
from harness.workspace import Workspace

ROOT = Path(__file__).parent.parent
WORKSPACE = Workspace.at(ROOT)
CASES = {case.id: case for case in WORKSPACE.cases}
PLACES = default_places(WORKSPACE, WORKSPACE.cases)
FILES = sorted((ROOT / "reports" / "admitted").glob("*"))
ASKED = Wanted(repeat=10, seeds=20, repos=(), workers=1, store=None)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_case_is_admitted(case):
    assert [reason.text for reason in objections(WORKSPACE.config, case, PLACES, ASKED)] == []


def test_the_corpus_has_the_breadth_that_it_promises():
    """Cases of every library, of every kind, of devices and precision, and of issues that are still open."""
    cases = list(CASES.values())
    assert {case.library for case in cases} == {"numpyro", "pyro", "flax", "jax", "torch"}
    assert {case.kind for case in cases} == set(Kind)
    assert sum(case.kind is Kind.DRIFT for case in cases) >= 10
    assert any(case.devices for case in cases)
    admitted = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
    assert sum(any(side["kind"] == OPEN for side in each["sides"]) for each in admitted) >= 5


def test_there_is_no_admission_of_anything_else():
    assert {path.name for path in FILES} <= {f"{name}.json" for name in CASES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_admission_is_as_its_schema_says_and_small(path):
    Draft202012Validator(json.loads(schema_text())).validate(json.loads(path.read_text(encoding="utf-8")))
    assert path.stat().st_size < 200_000
