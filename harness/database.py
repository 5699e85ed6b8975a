"""SQLite files that several processes share, and that refuse in a sentence what they cannot use."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.errors import NoEvidence, UsageError

WAIT_SECONDS = 30.0
"""How long a writer waits for another run that holds the file."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a file is spoken of where it cannot be used: what it is, and the way out of each refusal."""

    name: str
    """With its article, such as `a results store`."""
    records: str
    """What one write keeps, in the plural."""
    if_foreign: str
    if_held: str
    if_unusable: str


class Database:
    """A file of tables. Safe to share between processes: every write is its own short transaction.

    What a call has written stays, even if the process is killed in the next moment.
    """

    schema: ClassVar[int]
    """Version of the tables. Raise it with every change of a column."""
    tables: ClassVar[Mapping[str, str]]
    """Name to the definition of columns."""
    words: ClassVar[Words]

    def __init__(self, path: Path, wait_seconds: float = WAIT_SECONDS) -> None:
        """Open the file, making it where it does not exist.

        Raises:
            UsageError: the file is another one, or another version of this tool wrote it.
            NoEvidence: the disk is full, the folder cannot be written, or another process holds the file.
        """
        self.path = path
        self._writing = threading.RLock()
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
        if self._version() != self.schema:
            with self._transaction():
                found = self._version()
                if found == 0 and not self._found_tables():
                    for name, columns in self.tables.items():
                        self._connection.execute(f"CREATE TABLE {name} ({columns}) WITHOUT ROWID")
                    self._connection.execute(f"PRAGMA user_version = {self.schema}")
                elif found != self.schema:
                    raise UsageError(self._wrong_schema(found))
        if not self.tables.keys() <= self._found_tables():
            raise UsageError(self._foreign())

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

    def _found_tables(self) -> set[str]:
        return {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._writing:  # threads share the connection, and it has one transaction at a time
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
            raise NoEvidence(self._why(str(error))) from None
        except sqlite3.DatabaseError:
            raise UsageError(self._foreign()) from None
        except OSError as error:
            message = f"{self.path} cannot be written ({error.strerror}); {self.words.if_unusable}."
            raise NoEvidence(message) from None

    def _wrong_schema(self, found: int) -> str:
        return (
            f"{self.path} is of another version of the harness (schema {found}, this one reads "
            f"{self.schema}); use that one or {self.words.if_foreign}."
        )

    def _foreign(self) -> str:
        return f"{self.path} is not {self.words.name}; {self.words.if_foreign}."

    def _why(self, error: str) -> str:
        if "full" in error:
            records = self.words.records
            return f"{self.path}: no room on the disk; free some and run again, finished {records} are kept."
        if "locked" in error:
            return f"{self.path} is held by another process; {self.words.if_held}."
        return f"{self.path} cannot be used ({error}); {self.words.if_unusable}."

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
