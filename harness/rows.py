"""A stored cell as a row, and the export that carries rows from machine to machine as JSON Lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.evidence import Cell, EnvironmentRecord, Evidence

SCHEMA = 1
"""Version of the store and of its exports. Raise it with every change of a column."""

CELL_COLUMNS = (
    "case",
    "variant",
    "environment",
    "device",
    "case_digest",
    "environment_key",
    "platform",
    "measured_at",
    "evidence",
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A stored cell: its evidence, and what must be unchanged for the evidence to count again."""

    cell: Cell
    case_digest: str
    environment_key: str
    platform: str
    evidence: Evidence


def flat(row: Row) -> tuple[str, ...]:
    cell = row.cell
    return (
        cell.case,
        cell.variant,
        cell.environment,
        cell.device,
        row.case_digest,
        row.environment_key,
        row.platform,
        row.evidence.measured_at,
        json.dumps(row.evidence.to_json(), sort_keys=True),
    )


def row_of(found: tuple[str, ...]) -> Row:
    case, variant, environment, device, digest, key, platform, _, evidence = found
    return Row(
        cell=Cell(case=case, variant=variant, environment=environment, device=device),
        case_digest=digest,
        environment_key=key,
        platform=platform,
        evidence=Evidence.from_json(json.loads(evidence)),
    )


def read_export(source: Path) -> tuple[list[EnvironmentRecord], list[tuple[str, ...]]]:
    try:
        first, *rest = source.read_text(encoding="utf-8").splitlines(keepends=True)
        head = json.loads(first)
        schema, environments, cells = (int(head[key]) for key in ("schema", "environments", "cells"))
    except (OSError, ValueError, LookupError, TypeError):
        message = f"{source} is not an export of results; make one with `harness export FILE`."
        raise UsageError(message) from None
    if schema != SCHEMA:
        raise UsageError(wrong_schema(source, schema))
    whole = sum(line.endswith("\n") for line in rest)
    if whole != environments + cells:
        message = f"{source} is cut short: {whole} of {environments + cells} records; export it again."
        raise UsageError(message)
    try:
        lines: list[dict[str, Any]] = [json.loads(line) for line in rest]
        found = [row_of(_columns(line)) for line in lines[environments:]]
        return [_record(line) for line in lines[:environments]], [flat(row) for row in found]
    except (ValueError, LookupError, TypeError) as error:
        message = f"{source} is damaged ({type(error).__name__}: {error}); export it again."
        raise UsageError(message) from None


def _record(line: dict[str, Any]) -> EnvironmentRecord:
    record = EnvironmentRecord(**line)
    if not isinstance(record.id, str) or not isinstance(record.packages, dict):
        raise TypeError("an environment is of another shape")
    return record


def _columns(line: dict[str, Any]) -> tuple[str, ...]:
    values = tuple(line[column] for column in CELL_COLUMNS)
    if not all(isinstance(value, str) for value in values):
        raise TypeError("a cell holds something that is no text")
    return values


def wrong_schema(path: Path, found: int) -> str:
    if found > SCHEMA:
        return f"{path} is of a newer version (schema {found}, this one reads {SCHEMA}); update the harness."
    return f"{path} has the old schema {found} (this one reads {SCHEMA}); move it away and measure again."
