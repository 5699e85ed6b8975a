"""The evidence of a case's cells: what is said more than once is kept once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.case import Case
from harness.evidence import Attestation, Evidence
from harness.report.site.model import SiteModel, cell_of
from harness.report.text import block, plain

TEXT_LENGTH = 12_000
"""Characters of a traceback or log that the site shows; `harness evidence` has all that was kept."""

_ORIGINS = 40

_FROM_DOCUMENT = (
    "variant",
    "device",
    "status",
    "expected",
    "outcome",
    "symptom",
    "reason",
    "gap",
    "seconds",
    "measured_at",
    "platform",
    "deprecations",
)


class _Pool:
    """Values in order of their first appearance, each once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def add(self, key: str, value: object) -> int:
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def records_of(model: SiteModel, case: Case) -> dict[str, Any]:
    """`cells`, and the `texts` and `attested` that they name by index."""
    texts, attested = _Pool(), _Pool()
    cells = [_record(model, entry, texts, attested) for entry in model.cells[case.id]]
    return {"texts": texts.values, "attested": attested.values, "cells": cells}


def _record(model: SiteModel, entry: Mapping[str, Any], texts: _Pool, attested: _Pool) -> dict[str, Any]:
    evidence = model.evidence[cell_of(entry)]
    requested = model.environments[entry["environment"]].packages
    found = {
        **{key: entry[key] for key in _FROM_DOCUMENT},
        "environment": model.position[entry["environment"]],
        "traceback": _text(texts, evidence.raised.traceback if evidence.raised else ""),
        "log": _text(texts, evidence.log),
        "attested": _attested(attested, evidence.attested, requested),
        **_run(evidence),
    }
    return {key: value for key, value in found.items() if not _is_nothing(value)}


def _is_nothing(value: object) -> bool:
    """Whether a reader may as well find nothing; an index of 0 is something."""
    return value is None or value is False or value == "" or value == []


def _run(evidence: Evidence) -> dict[str, Any]:
    return {
        "peak_mib": evidence.peak_mib,
        "seed": evidence.seed,
        "isolation": evidence.isolation,
        "jax_cache": evidence.jax_cache,
    }


def _text(texts: _Pool, text: str) -> int | None:
    shown = block(text, TEXT_LENGTH)
    return texts.add(shown, shown) if shown else None


def _attested(pool: _Pool, attested: Attestation | None, requested: Mapping[str, str]) -> int | None:
    if attested is None:
        return None
    value = {
        "python": plain(attested.python),
        "platform": plain(attested.platform),
        "device": attested.device,
        "precision": attested.precision,
        "origins": {plain(name): plain(file) for name, file in sorted(attested.origins.items())[:_ORIGINS]},
        "different": {
            name: [requested.get(name), attested.versions.get(name)]
            for name in sorted({*requested, *attested.versions})
            if requested.get(name) != attested.versions.get(name)
        },
        "count": len(attested.versions),
    }
    return pool.add(json.dumps(value, sort_keys=True), value)
