"""Every case of the corpus is verified: `reports/admitted` has the evidence, of its text and of its locks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from harness.admit.document import schema_text
from harness.admit.measure import default_places
from harness.commands.admit import Wanted
from harness.commands.admit_check import objections
from harness.workspace import Workspace

ROOT = Path(__file__).parent.parent
WORKSPACE = Workspace.at(ROOT)
CASES = {case.id: case for case in WORKSPACE.cases}
PLACES = default_places(WORKSPACE, WORKSPACE.cases)
FILES = sorted((ROOT / "reports" / "admitted").glob("*"))
ASKED = Wanted(repeat=10, seeds=20, repos=(), workers=1, store=None)

UNADMITTED = {
    "numpyro-1664",
    "numpyro-1772",
    "numpyro-1784",
    "numpyro-1785",
    "numpyro-1811",
    "numpyro-1837",
    "numpyro-1846",
    "numpyro-1847",
    "numpyro-1859",
    "numpyro-1873",
    "numpyro-2033",
    "numpyro-2051",
    "numpyro-2064",
    "numpyro-2088",
    "numpyro-2093",
    "numpyro-2176",
    "numpyro-2244",
    "pyro-2919",
    "pyro-3200",
    "pyro-3286",
    "pyro-3317",
    "pyro-3374",
    "pyro-3468",
}
"""Cases that nobody has admitted yet; none is to stay here."""


def marked(name: str):
    marks = [pytest.mark.xfail(strict=True, reason="not admitted yet")] if name in UNADMITTED else []
    return pytest.param(CASES[name], id=name, marks=marks)


@pytest.mark.parametrize("case", [marked(name) for name in CASES])
def test_a_case_is_admitted(case):
    assert [reason.text for reason in objections(WORKSPACE.config, case, PLACES, ASKED)] == []


def test_what_is_not_admitted_yet_is_a_case():
    assert set(CASES) >= UNADMITTED


def test_there_is_no_admission_of_anything_else():
    assert {path.name for path in FILES} <= {f"{name}.json" for name in CASES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_admission_is_as_its_schema_says_and_small(path):
    Draft202012Validator(json.loads(schema_text())).validate(json.loads(path.read_text(encoding="utf-8")))
    assert path.stat().st_size < 200_000
