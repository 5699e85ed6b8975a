"""The evidence of a case's cells: what is said more than once is kept once."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from harness.case import Case
from harness.evidence import Attestation, Evidence
from harness.report.places import without_places
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
    """Values in order of their first appearance, each once, and made once for each key."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}
        self._of_key: dict[Hashable, int] = {}

    def add(self, key: Hashable, make: Callable[[], Any]) -> int:
        if key not in self._of_key:
            value = make()
            place = self._places.setdefault(json.dumps(value, sort_keys=True), len(self.values))
            if place == len(self.values):
                self.values.append(value)
            self._of_key[key] = place
        return self._of_key[key]


def records_of(model: SiteModel, case: Case) -> dict[str, Any]:
    """`cells`, and the `texts` and `attested` that they name by index."""
    texts, attested = _Pool(), _Pool()
    cells = [_record(model, entry, texts, attested) for entry in model.cells[case.id]]
    return {"texts": texts.values, "attested": attested.values, "cells": cells}


def _record(model: SiteModel, entry: Mapping[str, Any], texts: _Pool, attested: _Pool) -> dict[str, Any]:
    evidence = model.evidence[cell_of(entry)]
    record = model.environments[entry["environment"]]
    is_at_hand = record.resolution == "interpreter"
    found = {
        **{key: entry[key] for key in _FROM_DOCUMENT},
        "environment": model.position[entry["environment"]],
        "traceback": _text(texts, evidence.raised.traceback if evidence.raised else "", is_at_hand),
        "log": _text(texts, evidence.log, is_at_hand),
        "attested": _attested(attested, evidence.attested, record.packages),
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


def _text(texts: _Pool, text: str, is_at_hand: bool) -> int | None:
    """The index of a text; of an interpreter at hand the probe does not know every folder that it names."""
    if not text.strip():
        return None
    return texts.add(text, lambda: block(without_places(text) if is_at_hand else text, TEXT_LENGTH))


def _attested(pool: _Pool, attested: Attestation | None, requested: Mapping[str, str]) -> int | None:
    if attested is None:
        return None
    key = (attested.python, attested.platform, attested.device, attested.precision)
    named = tuple(tuple(found.items()) for found in (attested.versions, attested.origins, requested))
    return pool.add((key, named), lambda: _attestation(attested, requested))


def _attestation(attested: Attestation, requested: Mapping[str, str]) -> dict[str, Any]:
    return {
        "python": plain(attested.python),
        "platform": plain(attested.platform),
        "device": attested.device,
        "precision": attested.precision,
        "origins": {
            plain(name): without_places(plain(file))
            for name, file in sorted(attested.origins.items())[:_ORIGINS]
        },
        "different": {
            name: [requested.get(name), attested.versions.get(name)]
            for name in sorted({*requested, *attested.versions})
            if requested.get(name) != attested.versions.get(name)
        },
        "count": len(attested.versions),
    }
