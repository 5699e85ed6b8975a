"""An admission as text and back, with a seal that tells whether anybody wrote into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from harness.admit.record import SCHEMA, Admission, Cause, CellFact, Origin, Repeat, Side
from harness.errors import UsageError
from harness.report.text import plain
from harness.verdict import Status

Document = dict[str, Any]

_PLAIN = ("case", "digest", "platform", "tool", "measured_at", "repeat", "seeds")
_NOTHING = "not measured"


def admission_text(admission: Admission) -> str:
    """The document as text: the same for the same admission."""
    body = _body(admission)
    return json.dumps({**body, "seal": _seal(body)}, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _body(admission: Admission) -> Document:
    return {
        "schema": SCHEMA,
        **{name: getattr(admission, name) for name in _PLAIN},
        "environments": dict(admission.environments),
        "cells": _grouped(admission.cells),
        "gaps": [_gap(cell) for cell in admission.cells if not cell.is_evidence],
        "sides": [asdict(side) for side in admission.sides],
        "causes": [_bounded(asdict(cause)) for cause in admission.causes],
        "origins": [asdict(origin) for origin in admission.origins],
        "repeats": [_bounded(asdict(repeat)) for repeat in admission.repeats],
    }


def _bounded(data: Document) -> Document:
    """Tuples as lists, foreign text as one bounded line."""
    shown = {key: plain(value) if isinstance(value, str) else value for key, value in data.items()}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in shown.items()}


def _grouped(cells: Sequence[CellFact]) -> Document:
    """Device to variant to status to environments."""
    found: Document = {}
    for cell in cells:
        status = cell.status.value if cell.status else _NOTHING
        variants = found.setdefault(cell.device, {}).setdefault(cell.variant, {})
        variants.setdefault(status, []).append(cell.environment)
    return found


def _gap(cell: CellFact) -> Document:
    where = {"variant": cell.variant, "device": cell.device, "environment": cell.environment}
    return {**where, "reason": plain(cell.gap)}


def _seal(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_admission(path: Path, expected: Mapping[tuple[str, str], Status]) -> Admission:
    """Read a stored admission.

    Args:
        path: the file.
        expected: (variant, environment) to what the header says there today; INVALID where nothing is.

    Raises:
        UsageError: it cannot be read, has another schema, or is not as it was written.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        schema, seal = document["schema"], document.pop("seal")
        if schema == SCHEMA and seal == _seal(document):
            return _admission(document, expected)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        message = f"{path.name} is damaged or no admission; make it anew with `harness admit`."
        raise UsageError(message) from None
    if schema != SCHEMA:
        message = (
            f"{path.name} has another schema (this one reads {SCHEMA}); make it anew with `harness admit`."
        )
        raise UsageError(message)
    message = f"{path.name} was changed by hand; make it anew with `harness admit`."
    raise UsageError(message)


def _admission(document: Document, expected: Mapping[tuple[str, str], Status]) -> Admission:
    return Admission(
        **{name: document[name] for name in _PLAIN},
        environments=tuple(sorted(document["environments"].items())),
        cells=tuple(_cells(document, expected)),
        sides=tuple(Side(**side) for side in document["sides"]),
        causes=tuple(Cause(**{**c, "culprits": tuple(c["culprits"])}) for c in document["causes"]),
        origins=tuple(Origin(**origin) for origin in document["origins"]),
        repeats=tuple(Repeat(**repeat) for repeat in document["repeats"]),
    )


def _cells(document: Document, expected: Mapping[tuple[str, str], Status]) -> list[CellFact]:
    gaps = {(g["variant"], g["device"], g["environment"]): g["reason"] for g in document["gaps"]}
    return [
        CellFact(
            variant=variant,
            device=device,
            environment=environment,
            status=None if status == _NOTHING else Status(status),
            expected=expected.get((variant, environment), Status.INVALID),
            gap=gaps.get((variant, device, environment), ""),
        )
        for device, variants in document["cells"].items()
        for variant, statuses in variants.items()
        for status, environments in statuses.items()
        for environment in environments
    ]


def schema_text() -> str:
    """The JSON Schema of the document."""
    return files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
