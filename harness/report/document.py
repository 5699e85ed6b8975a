"""compatibility.json: everything a report shows, as plain data that depends on stored results alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.case import Case, Variant
from harness.config import Config
from harness.evidence import Cell, Deprecation, EnvironmentRecord
from harness.judge import facts_of, gap_of
from harness.report.axes import ReleaseAxis, axes_of
from harness.report.freshness import live_rows
from harness.report.histories import histories_of
from harness.report.text import plain, symptom_of
from harness.rows import Row
from harness.verdict import Status, expected_status, status_of

SCHEMA = 1
"""Version of the document. Raise it with every change that a reader of the old one would misread."""

Document = dict[str, Any]

_DEPRECATIONS = 10
"""Deprecation warnings kept per cell."""
_NOTE_LENGTH = 600


def build_document(
    cases: Sequence[Case], rows: Sequence[Row], environments: Mapping[str, EnvironmentRecord], config: Config
) -> Document:
    """The document of these results: the same for the same results, in whatever order they come.

    Cells that no longer count are left out, and so are environments without any other cell; these still
    stand on their axes, as releases not measured, so that no interval is more certain than its evidence.
    """
    by_id = {case.id: case for case in cases}
    axes = axes_of(environments)
    judged = [_judged(row, by_id[row.cell.case]) for row in live_rows(cases, rows, environments)]
    statuses: dict[str, dict[Cell, Status]] = defaultdict(dict)
    for entry in judged:
        statuses[entry.case.id][entry.row.cell] = entry.status
    seen = {entry.row.cell.environment for entry in judged}
    contexts = {name: _Context.of(environments[name], config) for name in seen}
    order = _order(axes, environments)
    return {
        "schema": SCHEMA,
        "environments": {name: _environment(environments[name]) for name in sorted(seen)},
        "axes": _axes(axes, seen),
        "cases": {case.id: _case(case, statuses[case.id], axes) for case in sorted(cases, key=_case_order)},
        "cells": [
            contexts[entry.row.cell.environment].cell(entry)
            for entry in sorted(judged, key=lambda entry: (*entry.order, order[entry.row.cell.environment]))
        ],
    }


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A stored cell with its status."""

    row: Row
    case: Case
    variant: Variant
    status: Status

    @property
    def order(self) -> tuple[str, int, int, str]:
        position = self.case.variants.index(self.variant)
        return (self.case.library, self.case.number, position, self.row.cell.device)


def _judged(row: Row, case: Case) -> _Judged:
    variant = case.variant(row.cell.variant)
    assert variant is not None, "live rows have a variant"
    return _Judged(row=row, case=case, variant=variant, status=status_of(variant, row.evidence))


@dataclass(frozen=True, kw_only=True)
class _Context:
    """What an environment contributes to the judgement of its cells."""

    packages: Mapping[str, str]
    config: Config

    @staticmethod
    def of(record: EnvironmentRecord, config: Config) -> _Context:
        return _Context(packages=facts_of(record, config), config=config)

    def cell(self, entry: _Judged) -> dict[str, Any]:
        cell, evidence = entry.row.cell, entry.row.evidence
        return {
            "case": cell.case,
            "variant": cell.variant,
            "environment": cell.environment,
            "device": cell.device,
            "status": entry.status.value,
            "expected": expected_status(entry.variant, self.packages).value,
            "outcome": evidence.outcome.value,
            "symptom": symptom_of(evidence.raised) if evidence.raised else None,
            "reason": plain(evidence.reason) or None,
            "gap": plain(gap_of(entry.status, self.packages, evidence, self.config)) or None,
            "seconds": round(evidence.seconds, 3),
            "measured_at": evidence.measured_at,
            "platform": evidence.attested.platform if evidence.attested else entry.row.platform,
            "device_used": evidence.attested.device if evidence.attested else None,
            "deprecations": _deprecations(evidence.deprecations),
        }


def _deprecations(found: Sequence[Deprecation]) -> list[dict[str, str]]:
    distinct = sorted({(each.module, each.category, plain(each.message)) for each in found})
    return [
        {"module": module, "category": category, "message": message}
        for module, category, message in distinct[:_DEPRECATIONS]
    ]


def _order(axes: Sequence[ReleaseAxis], environments: Mapping[str, EnvironmentRecord]) -> dict[str, int]:
    placed = [place.environment for axis in axes for place in axis.places]
    others = sorted(set(environments) - set(placed))
    return {name: index for index, name in enumerate([*placed, *others])}


def _environment(record: EnvironmentRecord) -> dict[str, Any]:
    return {
        "python": record.python,
        "resolution": record.resolution,
        "released": record.released,
        "as_of": record.as_of,
        "library": record.library,
        "version": record.version,
        "packages": dict(sorted(record.packages.items())),
        "note": plain(record.note, _NOTE_LENGTH),
    }


def _axes(axes: Sequence[ReleaseAxis], seen: set[str]) -> dict[str, Any]:
    """Axes with the environments that appear in the document, in order of release."""
    entries = {
        axis.id: {
            "library": axis.library,
            "resolution": axis.resolution,
            "pins": dict(axis.pins),
            "python": axis.python,
            "environments": [place.environment for place in axis.places if place.environment in seen],
        }
        for axis in axes
    }
    return {name: entry for name, entry in entries.items() if entry["environments"]}


def _case_order(case: Case) -> tuple[str, int]:
    return (case.library, case.number)


def _case(case: Case, statuses: Mapping[Cell, Status], axes: Sequence[ReleaseAxis]) -> dict[str, Any]:
    histories = list(histories_of(case, statuses, axes))
    return {
        "title": plain(case.title),
        "digest": case.digest,
        "issue": case.issue,
        "kind": case.kind.value,
        "library": case.library,
        "number": case.number,
        "introduced_by": list(case.introduced_by),
        "fixed_by": list(case.fixed_by),
        "api": list(case.api),
        "variants": {variant.name: _variant(case, variant) for variant in case.variants},
        "intervals": [interval for history in histories for interval in history.intervals()],
        "histories": [history.words() for history in histories],
    }


def _variant(case: Case, variant: Variant) -> dict[str, Any]:
    source = variant.source.value if variant.source else None
    return {"claim": plain(case.claim(variant.name)), "source": source}
