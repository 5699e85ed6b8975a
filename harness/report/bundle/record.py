"""The record of a cell as JSON: all that is stored of it, and what it means."""

from __future__ import annotations

import json
from typing import Any

from harness import __version__
from harness.report.bundle.subject import Subject
from harness.report.places import portable

SCHEMA = 1
"""Version of the record. Raise it with every change of a key."""

_TOLD = "told above"


def record_text(subject: Subject) -> str:
    """The whole record; every character that is not ASCII is escaped."""
    return _json(record(subject))


def brief_record_text(subject: Subject) -> str:
    """The record without log, traceback and versions, for a text that shows them by themselves."""
    data = record(subject)
    evidence = data["evidence"]
    evidence["log"] = _TOLD if evidence["log"] else ""
    if evidence["raised"]:
        evidence["raised"]["traceback"] = _TOLD
    if evidence["attested"]:
        evidence["attested"]["versions"] = _TOLD
    data["environment"]["packages"] = _TOLD
    return _json(data)


def record(subject: Subject) -> dict[str, Any]:
    """The record as plain data."""
    cell, judgement = subject.row.cell, subject.judgement
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "harness": __version__,
        "cell": {
            "case": cell.case,
            "variant": cell.variant,
            "environment": cell.environment,
            "device": cell.device,
        },
        "case": {
            "issue": subject.case.issue,
            "title": subject.case.title,
            "sha256": subject.row.case_digest,
        },
        "environment": {**subject.record.to_json(), "released": subject.record.released},
        "environment_key": subject.row.environment_key,
        "platform": subject.row.platform,
        "status": judgement.status.value,
        "expected": judgement.expected.value,
        "agreement": judgement.agreement.value,
        "gap": judgement.gap,
        "evidence": subject.evidence.to_json(),
    }
    clean: dict[str, Any] = portable(data)
    return clean


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, sort_keys=True) + "\n"
