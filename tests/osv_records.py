"""Records of toy cases in the OSV schema, the schema, and a reader of the ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import jsonschema
from official_schemas import osv_schema
from packaging.version import Version
from report_results import by_id, release, row, toy_case, toy_config

from harness.case import Case
from harness.gate.osv import osv_record
from harness.report.document import Document, build_document
from harness.verdict import Status

F, R, C, N = Status.FAILING, Status.FIXED, Status.CHANGED, Status.UNIMPORTABLE

DRIFT = {"failing": 'toy<2", "dep>=2'}
OLD, NEW = {"packages": {"dep": "1.0"}}, {"packages": {"dep": "2.0+cpu"}}


def check(record: dict) -> None:
    jsonschema.Draft202012Validator(osv_schema()).validate(record)


def affects(record: dict, version: str) -> bool:
    """The specification's evaluation of one version of the affected package."""
    return any(
        version in affected["versions"] or any(included(version, r["events"]) for r in affected["ranges"])
        for affected in record["affected"]
    )


def included(version: str, events: Sequence[Mapping[str, str]]) -> bool:
    vulnerable = False
    for event in sorted(events, key=lambda event: Version(next(iter(event.values())))):
        ((kind, bound),) = event.items()
        if kind == "introduced" and (bound == "0" or Version(version) >= Version(bound)):
            vulnerable = True
        elif kind == "fixed" and Version(version) >= Version(bound):
            vulnerable = False
    return vulnerable


def reported(case: Case, *cells: tuple) -> Document:
    """The report of these cells: a release, its status, and what else `release` takes."""
    made = [
        (release(version, *rest[:2], **(rest[2] if rest[2:] else {})), got) for version, got, *rest in cells
    ]
    rows = [row(case, environment, status) for environment, status in made if status]
    return build_document([case], rows, by_id(*(environment for environment, _ in made)), toy_config())


def record_of(*cells: tuple, **options: str) -> dict:
    case = toy_case(**options)
    record = osv_record(case, reported(case, *cells), "toy")
    check(record)
    return record


def events(record: dict) -> list[dict]:
    return record["affected"][0]["ranges"][0]["events"]


def about(record: dict) -> dict:
    return record["affected"][0]["database_specific"]


def ranges(record: dict) -> dict:
    return record["affected"][0]["ranges"][0]["database_specific"]
