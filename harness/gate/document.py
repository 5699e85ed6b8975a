"""The gate's answer as plain JSON data: every field of the records, and what follows from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from harness.bisect.document import without_credentials
from harness.gate.observations import SourceReading, StateView, Use
from harness.gate.records import Acceptance, Counts, Decision, GateResult, Remedy
from harness.report.text import plain

SCHEMA = 1
"""Version of the document; a reader refuses another one."""

TEXT_LENGTH = 600
"""Characters of any one text in a document."""

Document = dict[str, Any]


def gate_document(result: GateResult) -> Document:
    """The answer as plain data; all text but the command becomes one bounded, printable line."""
    return {
        "schema": SCHEMA,
        "tool": _text(result.tool),
        "command": without_credentials(result.command),
        "made_at": _text(result.made_at),
        "verdict": result.verdict,
        "exit_code": result.exit_code,
        "before": None if result.before is None else _state(result.before),
        "after": _state(result.after),
        "devices": _texts(result.devices),
        "is_offline": result.is_offline,
        "policy": _text(result.policy),
        "source": None if result.source is None else _source(result.source),
        "counts": _counts(result.counts),
        "findings": [_finding(decision) for decision in result.decisions],
        "repaired": [{"case": _text(case), "sentence": _text(text)} for case, text in result.repaired],
        "left_out": [{"case": _text(case), "reason": _text(text)} for case, text in result.left_out],
        "has_baseline": result.has_baseline,
        "gone": _texts(result.gone),
        "notes": _texts(result.notes),
        "is_blind": result.is_blind,
        "titles": _mapping(result.titles),
    }


def gate_json(result: GateResult) -> str:
    """The document as text: the same for the same answer."""
    return json.dumps(gate_document(result), sort_keys=True, indent=1, allow_nan=False) + "\n"


def schema_text() -> str:
    """The JSON Schema of the document."""
    return files(__package__).joinpath("schema.json").read_text(encoding="utf-8")


def _finding(decision: Decision) -> Document:
    finding = decision.finding
    return {
        "kind": finding.kind.value,
        "action": decision.action.value,
        "effect": decision.effect.value,
        "accepted": None if decision.accepted is None else _acceptance(decision.accepted),
        "in_baseline": decision.is_in_baseline,
        "fingerprint": finding.fingerprint,
        "title": _text(finding.title),
        "cases": _texts(finding.cases),
        "library": _text(finding.library),
        "case_kind": _text(finding.case_kind),
        "variants": _texts(finding.variants),
        "device": _text(finding.device),
        "issue": _text(finding.issue),
        "touches": _texts(finding.touches),
        "symptom": _text(finding.symptom),
        "evidence": _text(finding.evidence),
        "basis": None if finding.basis is None else finding.basis.value,
        "remedies": [_remedy(remedy) for remedy in finding.remedies],
        "avoid": [
            {"requirement": _text(each.requirement), "measured": _text(each.measured)}
            for each in finding.avoid
        ],
        "uses": [_use(use) for use in finding.uses],
        "only_possible": finding.is_only_possible,
        "subject": _text(finding.subject),
    }


def _acceptance(acceptance: Acceptance) -> Document:
    return {
        "case": _text(acceptance.case),
        "reason": _text(acceptance.reason),
        "until": acceptance.until.isoformat(),
        "kind": None if acceptance.kind is None else acceptance.kind.value,
        "device": _text(acceptance.device),
    }


def _remedy(remedy: Remedy) -> Document:
    return {
        "variant": _text(remedy.variant),
        "claim": _text(remedy.claim),
        "source": _text(remedy.source),
        "basis": remedy.basis.value,
    }


def _use(use: Use) -> Document:
    return {
        "path": _text(use.path),
        "line": use.line,
        "column": use.column,
        "cell": use.cell,
        "name": _text(use.name),
        "is_certain": use.is_certain,
        "is_import": use.is_import,
    }


def _state(state: StateView) -> Document:
    return {
        "name": _text(state.name),
        "python": _text(state.python),
        "packages": _mapping(state.packages),
        "facts": _mapping(state.facts),
        "key": _text(state.key),
        "platform": _text(state.platform),
        "note": _text(state.note),
    }


def _source(reading: SourceReading) -> Document:
    return {
        "roots": _texts(reading.roots),
        "files": reading.files,
        "libraries": {_text(module): count for module, count in reading.libraries.items()},
        "skipped": [
            {"path": _text(each.path), "line": each.line, "reason": _text(each.reason)}
            for each in reading.skipped
        ],
    }


def _counts(counts: Counts) -> Document:
    return {
        "cases": counts.cases,
        "relevant": counts.relevant,
        "ran": counts.ran,
        "stored": counts.stored,
        "inferred": counts.inferred,
        "without_evidence": counts.without_evidence,
    }


def _mapping(texts: Mapping[str, str]) -> dict[str, str]:
    return {_text(key): _text(value) for key, value in texts.items()}


def _texts(texts: Iterable[str]) -> list[str]:
    return [_text(text) for text in texts]


def _text(text: str) -> str:
    return plain(without_credentials(text), TEXT_LENGTH)
