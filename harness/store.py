"""Stored results: SQLite, one row per cell, written as it finishes; exported and merged as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from harness.database import Database, Words
from harness.evidence import Cell, EnvironmentRecord, Lack
from harness.files import write_atomically
from harness.rows import CELL_COLUMNS, SCHEMA, Row, flat, read_export, row_of, wrong_schema

PASSING = (Lack.DEVICE, Lack.PROBE)
"""What a cell lacked that it may have another time: such evidence is kept, and does not count again."""

_CELL = """
    "case" TEXT NOT NULL,
    variant TEXT NOT NULL,
    environment TEXT NOT NULL,
    device TEXT NOT NULL,
    case_digest TEXT NOT NULL,
    environment_key TEXT NOT NULL,
    platform TEXT NOT NULL,
    measured_at TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY ("case", variant, environment, device)
"""
_ENVIRONMENT = "id TEXT PRIMARY KEY, record TEXT NOT NULL"


class Store(Database):
    """A results file: a row per cell, and what each environment consists of."""

    schema = SCHEMA
    tables: ClassVar = {"cell": _CELL, "environment": _ENVIRONMENT}
    words = Words(
        name="a results store",
        records="cells",
        if_foreign="move it away or give another one with --store",
        if_held="wait for it or give another store with --store",
        if_unusable="give another place with --store",
    )

    def _wrong_schema(self, found: int) -> str:
        return wrong_schema(self.path, found)

    def put(self, row: Row) -> None:
        """Keep a cell's evidence in place of what was known of that cell."""
        self._put_rows([flat(row)])

    def put_environment(self, record: EnvironmentRecord) -> None:
        """Keep what an environment consists of; its cells of another key become stale."""
        with self._explained(), self._transaction():
            self._put_environment(record)

    def _put_environment(self, record: EnvironmentRecord) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO environment VALUES (?, ?)",
            (record.id, json.dumps(record.to_json(), sort_keys=True)),
        )

    def _put_rows(self, rows: Iterable[tuple[str, ...]]) -> None:
        marks = ", ".join("?" * len(CELL_COLUMNS))
        with self._explained(), self._transaction():
            self._connection.executemany(f"INSERT OR REPLACE INTO cell VALUES ({marks})", rows)

    def get(self, cell: Cell) -> Row | None:
        with self._explained():
            found = self._connection.execute(
                'SELECT * FROM cell WHERE "case" = ? AND variant = ? AND environment = ? AND device = ?',
                (cell.case, cell.variant, cell.environment, cell.device),
            ).fetchone()
        return None if found is None else row_of(found)

    def keys(self, environment: str) -> dict[Cell, tuple[str, str, str]]:
        """Case digest, environment key and platform of an environment's cells, for deciding what to run.

        Leaves out cells whose device was missing or whose probe died: today they may give evidence.
        """
        marks = ", ".join("?" * len(PASSING))
        with self._explained():
            rows = self._connection.execute(
                'SELECT "case", variant, environment, device, case_digest, environment_key, platform '
                "FROM cell WHERE environment = ? "
                f"AND ifnull(json_extract(evidence, '$.lack'), '') NOT IN ({marks})",
                (environment, *(lack.value for lack in PASSING)),
            ).fetchall()
        return {
            Cell(case=c, variant=v, environment=e, device=d): (digest, key, platform)
            for c, v, e, d, digest, key, platform in rows
        }

    def of_key(self, key: str, platform: str) -> dict[tuple[str, str, str], Row]:
        """(case, variant, device) to the newest cell of whatever environment consists of just this."""
        columns = ", ".join(f'"{column}"' for column in CELL_COLUMNS)
        with self._explained():
            found = self._connection.execute(
                f"SELECT {columns} FROM cell WHERE environment_key = ? AND platform = ? ORDER BY measured_at",
                (key, platform),
            ).fetchall()
        rows = (row_of(each) for each in found)
        return {(row.cell.case, row.cell.variant, row.cell.device): row for row in rows}

    def rows(self, environment: str | None = None) -> list[Row]:
        """Every stored cell, or those of one environment, ordered by key."""
        with self._explained():
            return [row_of(found) for found in self._select(environment)]

    def _select(self, environment: str | None = None) -> list[tuple[str, ...]]:
        columns = ", ".join(f'"{column}"' for column in CELL_COLUMNS)
        where, values = ("WHERE environment = ?", (environment,)) if environment else ("", ())
        return self._connection.execute(
            f'SELECT {columns} FROM cell {where} ORDER BY "case", variant, environment, device', values
        ).fetchall()

    def environments(self) -> dict[str, EnvironmentRecord]:
        with self._explained():
            rows = self._connection.execute("SELECT id, record FROM environment ORDER BY id").fetchall()
        return {name: EnvironmentRecord(**json.loads(record)) for name, record in rows}

    def export(self, target: Path) -> int:
        """Write everything as JSON Lines, all or nothing, and return the number of cells."""
        with self._explained():
            cells = [dict(zip(CELL_COLUMNS, found, strict=True)) for found in self._select()]
        environments = [record.to_json() for record in self.environments().values()]
        head = {"schema": SCHEMA, "cells": len(cells), "environments": len(environments)}
        lines = (json.dumps(line, sort_keys=True) + "\n" for line in (head, *environments, *cells))
        write_atomically(target, "".join(lines))
        return len(cells)

    def merge(self, source: Path) -> int:
        """Take over the cells of an export that are newer than ours; return how many were taken.

        Raises:
            UsageError: the file is no export, is cut short, or comes from another schema version.
        """
        environments, cells = read_export(source)
        with self._explained(), self._transaction():
            ours = {
                tuple(key): measured_at
                for *key, measured_at in self._connection.execute(
                    'SELECT "case", variant, environment, device, measured_at FROM cell'
                )
            }
            taken = [row for row in cells if row[:4] not in ours or row[7] > ours[row[:4]]]
            marks = ", ".join("?" * len(CELL_COLUMNS))
            self._connection.executemany(f"INSERT OR REPLACE INTO cell VALUES ({marks})", taken)
            known = {name for (name,) in self._connection.execute("SELECT id FROM environment")}
            fresh = {row[2] for row in taken}
            for record in environments:
                if record.id not in known or record.id in fresh:
                    self._put_environment(record)
        return len(taken)
