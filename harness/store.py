"""Stored results: SQLite, one row per cell, written as it finishes; exported and merged as JSON Lines."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from harness.errors import NoEvidence, UsageError
from harness.evidence import Cell, EnvironmentRecord
from harness.files import write_atomically
from harness.rows import CELL_COLUMNS, SCHEMA, Row, flat, read_export, row_of, wrong_schema

WAIT_SECONDS = 30.0
"""How long a writer waits for another run that holds the store."""

_TABLES = """
CREATE TABLE cell (
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
) WITHOUT ROWID;
CREATE TABLE environment (
    id TEXT PRIMARY KEY,
    record TEXT NOT NULL
) WITHOUT ROWID;
"""


class Store:
    """A results file. Safe to share between processes: every write is its own short transaction."""

    def __init__(self, path: Path, wait_seconds: float = WAIT_SECONDS) -> None:
        """Open the file, making it where it does not exist.

        Raises:
            UsageError: the file is no store, or a newer version of this tool wrote it.
            NoEvidence: the disk is full, the folder cannot be written, or another process holds the file.
        """
        self.path = path
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=wait_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
                self._use_wal(until=time.monotonic() + wait_seconds)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        if self._version() != SCHEMA:
            with self._transaction():
                found = self._version()
                if found == 0 and not self._tables():
                    for statement in filter(str.strip, _TABLES.split(";")):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA user_version = {SCHEMA}")
                elif found != SCHEMA:
                    raise UsageError(wrong_schema(self.path, found))
        if not {"cell", "environment"} <= set(self._tables()):
            raise UsageError(_no_store(self.path))

    def _use_wal(self, until: float) -> None:
        """Let readers go on while someone writes. SQLite itself does not wait for others with this change."""
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.005)
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _tables(self) -> list[str]:
        return [name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise NoEvidence(_why(self.path, str(error))) from None
        except sqlite3.DatabaseError:
            raise UsageError(_no_store(self.path)) from None
        except OSError as error:
            message = f"{self.path} cannot be written ({error.strerror}); give another place with --store."
            raise NoEvidence(message) from None

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

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
            (record.id, json.dumps(asdict(record), sort_keys=True)),
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
        with self._explained():
            rows = self._connection.execute(
                'SELECT "case", variant, environment, device, case_digest, environment_key, platform '
                "FROM cell WHERE environment = ? "
                "AND ifnull(json_extract(evidence, '$.lack'), '') NOT IN ('device', 'probe')",
                (environment,),
            ).fetchall()
        return {
            Cell(case=c, variant=v, environment=e, device=d): (digest, key, platform)
            for c, v, e, d, digest, key, platform in rows
        }

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
        environments = [asdict(record) for record in self.environments().values()]
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


def _no_store(path: Path) -> str:
    return f"{path} is not a results store; move it away or give another one with --store."


def _why(path: Path, error: str) -> str:
    if "full" in error:
        return f"{path}: no room on the disk; free some and run again, finished cells are kept."
    if "locked" in error:
        return f"{path} is held by another process; wait for it or give another store with --store."
    return f"{path} cannot be used ({error}); give another place with --store."
