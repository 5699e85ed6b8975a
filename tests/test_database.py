"""Files that are shared, and refused with the way out: what every such file does, in its own words."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from harness.database import Database, Words
from harness.errors import NoEvidence, UsageError


class Notes(Database):
    """The smallest database there is."""

    schema = 3
    tables: ClassVar = {"note": "id TEXT PRIMARY KEY, text TEXT NOT NULL", "tag": "id TEXT PRIMARY KEY"}
    words = Words(
        name="a pad of notes",
        records="notes",
        if_foreign="tear it up",
        if_held="wait",
        if_unusable="buy another one",
    )

    def put(self, id_: object, text: str = "") -> None:
        with self._explained(), self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (str(id_), text))

    def ids(self) -> set[str]:
        with self._explained():
            return {id_ for (id_,) in self._connection.execute("SELECT id FROM note")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "notes.sqlite"


def refusal(path: Path, error: type[Exception] = UsageError, **options: float) -> str:
    with pytest.raises(error) as caught:
        Notes(path, **options)
    return str(caught.value)


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_what_was_written_is_there_for_the_next_one(path):
    with Notes(path) as notes:
        assert type(notes) is Notes
        notes.put("a")
        with Notes(path) as others:
            assert others.ids() == {"a"}
    with Notes(path) as notes:
        assert notes.ids() == {"a"}


def test_a_new_file_has_its_schema_its_tables_and_room_for_readers_beside_a_writer(path):
    Notes(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        assert tables.fetchall() == [("note",), ("tag",)]


@pytest.mark.parametrize("schema", [0, 2, 4])
def test_a_file_of_another_schema_is_refused_and_left_as_it_was(path, schema):
    Notes(path).close()
    edit(path, f"PRAGMA user_version = {schema}")
    before = path.read_bytes()
    assert refusal(path) == (
        f"{path} is of another version of the harness (schema {schema}, this one reads 3); "
        "use that one or tear it up."
    )
    assert path.read_bytes() == before


def test_a_file_that_lacks_one_of_the_tables_is_another_one(path):
    Notes(path).close()
    edit(path, "DROP TABLE tag")
    assert refusal(path) == f"{path} is not a pad of notes; tear it up."


def test_a_file_that_is_no_database_is_another_one(path):
    path.parent.mkdir()
    path.write_text("notes, but on paper\n" * 100)
    assert refusal(path) == f"{path} is not a pad of notes; tear it up."


def test_a_file_damaged_in_the_middle_is_refused_when_that_is_read(path):
    with Notes(path) as notes:
        for number in range(100):
            notes.put(number, "x" * 1000)
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = os.urandom(len(damaged) - 4096)
    path.write_bytes(damaged)
    with Notes(path) as notes, pytest.raises(UsageError, match=r"is not a pad of notes; tear it up\.$"):
        notes.ids()


def test_a_folder_that_cannot_be_made_is_explained(path):
    path.parent.write_text("")
    assert refusal(path, NoEvidence) == f"{path} cannot be written (File exists); buy another one."


def test_a_folder_in_the_place_of_the_file_is_explained(path):
    path.mkdir(parents=True)
    message = refusal(path, NoEvidence)
    assert message == f"{path} cannot be used (unable to open database file); buy another one."


def test_a_file_that_is_held_is_explained(path):
    Notes(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Notes(path, 0.05) as notes:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NoEvidence) as caught:
            notes.put("a")
        assert str(caught.value) == f"{path} is held by another process; wait."
        other.execute("ROLLBACK")
        notes.put("a")
        assert notes.ids() == {"a"}


def test_a_full_disk_is_explained_and_what_was_there_is_kept(path):
    with Notes(path) as notes:
        notes.put("a")
        notes._connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(NoEvidence) as caught:
            notes.put("b", "x" * 100_000)
        assert str(caught.value) == (
            f"{path}: no room on the disk; free some and run again, finished notes are kept."
        )
        assert notes.ids() == {"a"}


def test_threads_of_a_process_share_one_connection(path):
    with Notes(path) as notes, ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(notes.put, number) for number in range(200)]:
            done.result()
        assert notes.ids() == {str(number) for number in range(200)}


def test_a_refused_file_is_let_go(path):
    """Else it could not be moved away on every system."""
    Notes(path).close()
    edit(path, "PRAGMA user_version = 4")
    refusal(path)
    assert sorted(found.name for found in path.parent.iterdir()) == [path.name]
