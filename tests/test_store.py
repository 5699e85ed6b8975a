"""Results that survive everything: other runs, kills, full disks, other machines."""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from toy.cases import attestation, cell, lacking, raised, record, returned, row

from harness.errors import NoEvidence, UsageError
from harness.evidence import Deprecation, Lack
from harness.files import write_atomically
from harness.rows import SCHEMA, Row
from harness.store import Store

PROLOGUE = """
import sqlite3, sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from toy.cases import cell, returned, row
from harness.errors import HarnessError
from harness.store import Store

def say(word):
    print(word, flush=True)
"""
FOLDERS = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as opened:
        yield opened


@contextmanager
def process(script: str) -> Iterator[subprocess.Popen[str]]:
    """Another Python that runs a script and speaks in lines."""
    child = subprocess.Popen(
        [sys.executable, "-c", PROLOGUE + script, *FOLDERS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        try:
            yield child
        finally:
            child.kill()


def tell(child: subprocess.Popen[str], line: object = "") -> None:
    child.stdin.write(f"{line}\n")
    child.stdin.flush()


def heard(child: subprocess.Popen[str]) -> str:
    return child.stdout.readline().strip()


def measured(at: str, **fields: str) -> Row:
    """A row of the one toy cell, measured at this time."""
    return row(evidence=returned(measured_at=at), **fields)


def exported(path: Path, *rows: Row) -> Path:
    """An export of a store with these rows and their one environment."""
    target = path.with_suffix(".jsonl")
    with Store(path) as store:
        store.put_environment(record())
        for each in rows:
            store.put(each)
        store.export(target)
    return target


def leftovers(folder: Path) -> list[str]:
    return sorted(found.name for found in folder.iterdir())


# Rows


def test_a_new_store_is_empty(store, path):
    assert path.is_file()
    assert store.rows() == []
    assert store.keys("toy-1.0") == {}
    assert store.environments() == {}
    assert store.get(cell()) is None


def test_a_store_makes_the_folders_above_it(tmp_path):
    with Store(tmp_path / "a" / "b" / "results.sqlite") as store:
        store.put(row())
    assert (tmp_path / "a" / "b" / "results.sqlite").is_file()


def test_a_row_comes_back_as_it_was_put(store):
    evidence = raised(
        "toy.ShapeError",
        "3 and 5 \ud800 \N{SNOWMAN}",
        attested=attestation(device="cpu x 4", precision="float32"),
        seconds=0.1 + 0.2,
        peak_mib=123.4,
        log="line\n\0line\r\n",
        deprecations=(Deprecation(category="FutureWarning", message="soon", module="toy"),),
        seed=2**63,
        jax_cache=True,
        measured_at="2026-01-01T12:00:00Z",
    )
    store.put(row(evidence=evidence))
    assert store.get(cell()) == row(evidence=evidence)


def test_evidence_outlives_the_connection(path):
    with Store(path) as store:
        store.put(row())
        store.put_environment(record())
    with Store(path) as store:
        assert store.rows() == [row()]
        assert store.environments() == {"toy-1.0": record()}


def test_a_second_result_of_a_cell_replaces_the_first(store):
    store.put(row(case_digest="old"))
    store.put(row(case_digest="new"))
    assert [found.case_digest for found in store.rows()] == ["new"]


@pytest.mark.parametrize("part", ["case", "variant", "environment", "device"])
def test_each_part_of_a_cell_makes_it_another_cell(store, part):
    store.put(row())
    store.put(row(cell(**{part: "other"})))
    assert len(store.rows()) == 2
    assert store.get(cell(**{part: "other"})) == row(cell(**{part: "other"}))


def test_keys_say_what_must_be_unchanged(store):
    store.put(row(case_digest="d", environment_key="k", platform="p"))
    assert store.keys("toy-1.0") == {cell(): ("d", "k", "p")}


def test_keys_and_rows_are_asked_for_by_environment(store):
    elsewhere = row(cell(environment="toy-1.0@latest"))
    store.put(row())
    store.put(elsewhere)
    assert list(store.keys("toy-1.0")) == [cell()]
    assert store.rows("toy-1.0@latest") == [elsewhere]
    assert store.rows("toy") == []
    assert len(store.rows()) == 2


@pytest.mark.parametrize("lack", Lack)
def test_only_what_may_be_there_another_time_is_looked_for_again(store, lack):
    store.put(row(evidence=replace(lacking(lack), log="\ud800")))
    assert list(store.keys("toy-1.0")) == ([] if lack in (Lack.DEVICE, Lack.PROBE) else [cell()])
    assert len(store.rows()) == 1


def test_a_reason_that_speaks_of_a_device_is_no_missing_device(store):
    store.put(row(evidence=raised("toy.Error", "device", reason='"lack": "device"')))
    assert list(store.keys("toy-1.0")) == [cell()]


def test_rows_come_in_the_order_of_their_cells(store):
    cells = [cell(case=c, device=d) for c in ("toy-7", "jax-4") for d in ("cuda", "cpu")]
    for each in cells:
        store.put(row(each))
    assert [found.cell for found in store.rows()] == sorted(cells)


def test_an_environment_replaces_its_older_self(store):
    store.put_environment(record(key="old", note="moved"))
    store.put_environment(record(key="new"))
    store.put_environment(record("jax-0.4.30", library="jax"))
    assert list(store.environments()) == ["jax-0.4.30", "toy-1.0"]
    assert store.environments()["toy-1.0"] == record(key="new")


def test_a_releases_date_is_stored_nowhere_as_earlier_harnesses_read_it(store, tmp_path):
    store.put_environment(record(released="2024-01-01"))
    assert store.environments() == {"toy-1.0": record()}
    store.export(tmp_path / "results.jsonl")
    with sqlite3.connect(store.path) as connection:
        ((kept,),) = connection.execute("SELECT record FROM environment").fetchall()
    exported = (tmp_path / "results.jsonl").read_text("utf-8").splitlines()[1]
    known = {"id", "library", "version", "resolution", "python", "as_of", "packages", "key", "note"}
    assert set(json.loads(kept)) == set(json.loads(exported)) == known


def test_a_text_with_quotes_is_only_a_text(store):
    strange = cell(case="'; DROP TABLE cell; --", device='"')
    store.put(row(strange))
    assert store.get(strange) == row(strange)


# Files that are no store of ours


def stamp(path: Path, schema: int) -> None:
    with Store(path) as store:
        store.put(row())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema}")


def test_a_store_of_a_newer_schema_is_refused_with_the_way_out(path):
    stamp(path, SCHEMA + 1)
    with pytest.raises(UsageError) as caught:
        Store(path)
    assert str(caught.value) == (
        f"{path} is of a newer version (schema {SCHEMA + 1}, this one reads {SCHEMA}); update the harness."
    )


@pytest.mark.parametrize("schema", [0, -1])
def test_a_store_of_an_older_schema_is_refused_with_the_way_out(path, schema):
    stamp(path, schema)
    with pytest.raises(UsageError, match=f"old schema {schema} .*move it away"):
        Store(path)


@pytest.mark.parametrize("schema", [SCHEMA + 1, SCHEMA - 1])
def test_a_refused_store_is_left_as_it_was(path, schema):
    stamp(path, schema)
    before = path.read_bytes()
    with pytest.raises(UsageError):
        Store(path)
    assert path.read_bytes() == before
    assert leftovers(path.parent) == [path.name]


@pytest.mark.parametrize(
    "content", [b"a text, not a database\n" * 100, b"\x00" * 4096, b"SQLite format 3\x00" + b"x" * 200]
)
def test_a_file_that_is_no_database_is_refused_and_kept(path, content):
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not a results store; move it away"):
        Store(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("version", [0, SCHEMA])
def test_somebody_elses_database_is_refused_and_kept(path, version):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="move it away"):
        Store(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_store(path):
    path.touch()
    with Store(path) as store:
        store.put(row())
        assert store.rows() == [row()]


# Places where nothing can be kept


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NoEvidence, match=r"results\.sqlite cannot be written .* --store"):
        Store(tmp_path / "file" / "results.sqlite")


def test_a_folder_in_the_place_of_the_file_is_explained(tmp_path):
    with pytest.raises(NoEvidence, match=r"cannot be used .* --store"):
        Store(tmp_path)


def test_a_full_disk_loses_only_the_row_that_did_not_fit(store):
    store.put(row())
    store._connection.execute("PRAGMA max_page_count = 1")
    for _ in range(2):
        with pytest.raises(NoEvidence, match="no room on the disk; free some"):
            store.put(row(cell(device="cuda"), returned(log="x" * 100_000)))
    assert store.rows() == [row()]


def test_a_store_goes_on_once_there_is_room_again(store):
    store._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(NoEvidence):
        store.put(row(evidence=returned(log="x" * 100_000)))
    store._connection.execute("PRAGMA max_page_count = 1000000")
    store.put(row())
    assert store.rows() == [row()]


def test_a_full_disk_stops_a_merge_before_anything_of_it_is_kept(store, tmp_path):
    more = [row(cell(case=f"toy-{n}"), returned(log="x" * 10_000, measured_at="2026")) for n in range(20)]
    source = exported(tmp_path / "other.sqlite", *more)
    store.put(row())
    store._connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(NoEvidence, match="no room on the disk"):
        store.merge(source)
    assert store.rows() == [row()]
    assert store.environments() == {}


WRITES_TO_A_LIMIT = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))
store = Store(Path(sys.stdin.readline().strip()))
for number in range(1000):
    try:
        store.put(row(cell(case=f"toy-{number}"), returned(log="x" * 20_000)))
    except HarnessError as error:
        say(f"{number} {type(error).__name__} {len(str(error).splitlines())}")
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.put(row(cell(case="toy-after")))
say(len(store.rows()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the operating system has no limit on a file's size")
def test_a_write_that_the_system_refuses_is_explained_and_harms_nothing(path):
    with process(WRITES_TO_A_LIMIT) as child:
        tell(child, path)
        number, error, lines = heard(child).split()
        assert int(number) > 0
        assert (error, lines) == ("NoEvidence", "1")
        assert int(heard(child)) == int(number) + 1
    with Store(path) as store:
        assert len(store.rows()) == int(number) + 1


# Several processes

HOLDS = """
connection = sqlite3.connect(sys.stdin.readline().strip(), isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
say("held")
sys.stdin.readline()
connection.execute("COMMIT")
"""


def test_a_store_held_by_another_run_is_explained_with_the_way_out(path):
    with Store(path, wait_seconds=0.05) as store, process(HOLDS) as child:
        tell(child, path)
        assert heard(child) == "held"
        with pytest.raises(NoEvidence) as caught:
            store.put(row())
        assert str(caught.value) == (
            f"{path} is held by another process; wait for it or give another store with --store."
        )
        assert store.rows() == []


def test_a_new_file_held_by_another_run_is_explained_too(path):
    with process(HOLDS) as child:
        tell(child, path)
        assert heard(child) == "held"
        with pytest.raises(NoEvidence, match="is held by another process"):
            Store(path, wait_seconds=0.05)


def test_a_store_that_is_let_go_in_time_is_only_waited_for(path):
    with Store(path, wait_seconds=20) as store, process(HOLDS) as child:
        tell(child, path)
        assert heard(child) == "held"
        release = threading.Timer(0.1, tell, [child])
        release.start()
        store.put(row())
        release.join()
        assert store.rows() == [row()]


def test_readers_go_on_while_another_run_writes(path):
    with Store(path, wait_seconds=0.05) as store, process(HOLDS) as child:
        store.put(row())
        tell(child, path)
        assert heard(child) == "held"
        assert store.rows() == [row()]
        assert store.export(path.with_name("export.jsonl")) == 1


PUTS_A_HUNDRED = """
path, name = sys.stdin.readline().split()
with Store(Path(path)) as store:
    for number in range(100):
        store.put(row(cell(case=f"{name}-{number}")))
        store.put(row(cell(case="shared-1", variant=f"fix_{number}"), case_digest=name))
say("done")
"""


def test_two_runs_on_one_fresh_store_both_finish_and_lose_nothing(path):
    with process(PUTS_A_HUNDRED) as one, process(PUTS_A_HUNDRED) as two:
        tell(one, f"{path} jax")
        tell(two, f"{path} toy")
        assert (heard(one), heard(two)) == ("done", "done")
    with Store(path) as store:
        cases = [found.cell.case for found in store.rows()]
    assert len(cases) == 300
    assert {name: sum(c.startswith(name) for c in cases) for name in ("jax", "toy", "shared")} == {
        "jax": 100,
        "toy": 100,
        "shared": 100,
    }


OPENS_AND_PUTS = """
say("ready")
for line in sys.stdin:
    path, name = line.split()
    try:
        with Store(Path(path)) as store:
            store.put(row(cell(case=name)))
        say("done")
    except HarnessError as error:
        say(error)
"""


def test_runs_that_create_a_store_in_the_same_moment_share_it(tmp_path):
    with process(OPENS_AND_PUTS) as one, process(OPENS_AND_PUTS) as two, process(OPENS_AND_PUTS) as three:
        children = (one, two, three)
        assert [heard(child) for child in children] == ["ready"] * 3
        for attempt in range(8):
            for name, child in enumerate(children):
                tell(child, f"{tmp_path}/{attempt}.sqlite toy-{name}")
            assert [heard(child) for child in children] == ["done"] * 3
    for attempt in range(8):
        with closing(sqlite3.connect(tmp_path / f"{attempt}.sqlite")) as connection:
            assert connection.execute("SELECT count(*) FROM cell").fetchone() == (3,)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("error", ["database is locked", "disk I/O error"])
def test_the_switch_to_many_readers_waits_for_others_and_for_nothing_else(path, monkeypatch, error):
    class Reluctant(sqlite3.Connection):
        """Refuses the first three times, as SQLite does without waiting when two runs switch at once."""

        refusals = 3

        def execute(self, statement, *arguments):
            if "journal_mode" in statement and self.refusals:
                self.refusals -= 1
                raise sqlite3.OperationalError(error)
            return super().execute(statement, *arguments)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **kw: connect(*a, **kw, factory=Reluctant))
    if "locked" in error:
        with Store(path) as store:
            store.put(row())
            assert store._connection.refusals == 0
    else:
        with pytest.raises(NoEvidence, match="disk I/O error"):
            Store(path)


PUTS_WITHOUT_END = """
store = Store(Path(sys.stdin.readline().strip()))
number = 0
while True:
    store.put(row(cell(case=f"toy-{number}")))
    say(number)
    number += 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the operating system has no SIGKILL")
@pytest.mark.parametrize("moment", [0, 1, 37])
def test_a_killed_run_loses_no_row_that_it_had_finished(path, moment):
    with process(PUTS_WITHOUT_END) as child:
        tell(child, path)
        while int(heard(child)) < moment:
            pass
        child.send_signal(signal.SIGKILL)
        last = int((child.stdout.read().split() or [moment])[-1])
    with Store(path, wait_seconds=1) as store:
        cases = {found.cell.case for found in store.rows()}
        assert cases >= {f"toy-{number}" for number in range(last + 1)}
        assert len(cases) <= last + 2
        assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        store.put(row())
        assert store.get(cell()) == row()


LEAVES_HALF = """
path = Path(sys.stdin.readline().strip())
store = Store(path)
store.put(row())
with store._transaction():
    store._connection.execute("DELETE FROM cell")
    say("half")
    sys.stdin.readline()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the operating system has no SIGKILL")
def test_a_run_killed_in_the_middle_of_a_write_leaves_no_half_and_no_lock(path):
    with process(LEAVES_HALF) as child:
        tell(child, path)
        assert heard(child) == "half"
        child.send_signal(signal.SIGKILL)
        child.wait()
    with Store(path, wait_seconds=0.05) as store:
        assert store.rows() == [row()]
        store.put(row(cell(device="cuda")))


def test_an_interruption_in_the_middle_of_a_write_leaves_no_half_and_no_lock(store, path):
    def interrupted() -> Iterator[tuple[str, ...]]:
        yield ("half a run",) * 9
        raise KeyboardInterrupt

    store.put(row())
    with pytest.raises(KeyboardInterrupt):
        store._put_rows(interrupted())
    with Store(path, wait_seconds=0.05) as other:
        other.put(row(cell(device="cuda")))
    assert [found.cell.device for found in store.rows()] == ["cpu", "cuda"]


# Between machines


def test_an_export_merged_into_an_empty_store_is_the_same_store(path, tmp_path):
    rows = [
        row(cell(device=d), returned(measured_at="2026", log="\ud800\u2028\x85\n")) for d in ("cpu", "cuda")
    ]
    source = exported(path, *rows)
    with Store(tmp_path / "other.sqlite") as other:
        assert other.merge(source) == 2
        assert other.rows() == rows
        assert other.environments() == {"toy-1.0": record()}
        other.export(tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == source.read_bytes()


def test_an_export_says_what_it_is_in_its_first_line(path):
    lines = exported(path, row()).read_text().splitlines()
    assert json.loads(lines[0]) == {"schema": SCHEMA, "cells": 1, "environments": 1}
    assert len(lines) == 3


def test_an_empty_store_can_be_exported_and_merged(store, tmp_path):
    assert store.export(tmp_path / "empty.jsonl") == 0
    assert store.merge(tmp_path / "empty.jsonl") == 0
    assert store.rows() == []


@pytest.mark.parametrize(
    ("ours", "theirs", "kept"),
    [
        pytest.param("2026-01-01T12:00:00Z", "2026-01-01T12:00:01Z", "theirs", id="theirs is newer"),
        pytest.param("2026-01-01T12:00:01Z", "2026-01-01T12:00:00Z", "ours", id="ours is newer"),
        pytest.param("2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z", "ours", id="both at once"),
        pytest.param("", "2026-01-01T12:00:00Z", "theirs", id="ours has no time"),
    ],
)
def test_of_two_results_the_newer_is_kept(store, tmp_path, ours, theirs, kept):
    source = exported(tmp_path / "other.sqlite", measured(theirs, case_digest="theirs"))
    store.put(measured(ours, case_digest="ours"))
    assert store.merge(source) == (kept == "theirs")
    assert store.get(cell()).case_digest == kept


def test_a_cell_that_we_lack_is_taken_even_without_a_time(store, tmp_path):
    assert store.merge(exported(tmp_path / "other.sqlite", measured(""))) == 1
    assert store.rows() == [measured("")]


def test_merging_twice_takes_nothing_the_second_time(store, tmp_path):
    source = exported(tmp_path / "other.sqlite", measured("2026"))
    assert [store.merge(source), store.merge(source)] == [1, 0]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_merging_makes_no_difference(store, tmp_path, order):
    sources = [
        exported(
            tmp_path / f"{n}.sqlite",
            measured(f"202{n}", case_digest=f"{n}"),
            row(cell(device=f"cpu:{n + 2}")),
        )
        for n in range(3)
    ]
    for n in order:
        store.merge(sources[n])
    assert store.get(cell()).case_digest == "2"
    assert [found.cell.device for found in store.rows()] == ["cpu", "cpu:2", "cpu:3", "cpu:4"]


def test_our_environment_stays_where_none_of_its_cells_is_taken(store, tmp_path):
    source = exported(tmp_path / "other.sqlite", measured("2025"))
    store.put(measured("2026"))
    store.put_environment(record(key="ours"))
    store.merge(source)
    assert store.environments()["toy-1.0"].key == "ours"


def test_an_environment_that_we_lack_is_taken_even_without_cells(store, tmp_path):
    assert store.merge(exported(tmp_path / "other.sqlite")) == 0
    assert store.environments() == {"toy-1.0": record()}


def test_their_environment_comes_with_their_cells(store, tmp_path):
    source = exported(tmp_path / "other.sqlite", measured("2027"))
    store.put(measured("2026"))
    store.put_environment(record(key="ours"))
    store.merge(source)
    assert store.environments()["toy-1.0"].key == "lock"


# Exports that are none


def refuse(store: Store, source: Path) -> str:
    """The one sentence with which an export is refused; nothing of it may be kept."""
    with pytest.raises(UsageError) as caught:
        store.merge(source)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"{source} ")
    assert store.rows() == []
    assert store.environments() == {}
    return message


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return exported(tmp_path / "other.sqlite", row(), row(cell(device="cuda")))


def test_an_export_that_lacks_lines_is_cut_short(store, source):
    source.write_text("".join(source.read_text().splitlines(keepends=True)[:-1]))
    assert "is cut short: 2 of 3 records" in refuse(store, source)


def test_an_export_cut_at_any_byte_is_refused(store, source):
    whole = source.read_bytes()
    first = whole.index(b"\n")
    for end in range(0, len(whole), 7):
        source.write_bytes(whole[:end])
        assert ("is cut short" if end >= first else "is not an export") in refuse(store, source)


def test_an_export_that_lacks_only_its_last_newline_is_cut_short(store, source):
    source.write_bytes(source.read_bytes()[:-1])
    assert "is cut short: 2 of 3" in refuse(store, source)


def test_an_export_with_lines_too_many_is_refused(store, source):
    source.write_text(source.read_text() + "{}\n")
    assert "4 of 3" in refuse(store, source)


@pytest.mark.parametrize(("schema", "reason"), [(SCHEMA + 1, "newer version"), (SCHEMA - 1, "old schema")])
def test_an_export_of_another_schema_is_refused(store, source, schema, reason):
    source.write_text(source.read_text().replace(f'"schema": {SCHEMA}', f'"schema": {schema}'))
    assert reason in refuse(store, source)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n", id="an empty line"),
        pytest.param(b"text\n", id="no JSON"),
        pytest.param(b"[]\n", id="a list"),
        pytest.param(b"1\n", id="a number"),
        pytest.param(b"{}\n", id="no head"),
        pytest.param(b'{"schema": "x", "cells": 0, "environments": 0}\n', id="a schema that is no number"),
        pytest.param(b'{"schema": 1, "cells": null, "environments": 0}\n', id="a count that is no number"),
        pytest.param(b"\xff\xfe\n", id="no text"),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_the_way_out(store, tmp_path, content):
    (tmp_path / "wrong.jsonl").write_bytes(content)
    assert "is not an export of results; make one with" in refuse(store, tmp_path / "wrong.jsonl")


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_refused(store, tmp_path, name):
    assert "is not an export" in refuse(store, tmp_path / name)


@pytest.mark.parametrize(
    ("line", "old", "new"),
    [
        pytest.param(1, '"id"', '"identity"', id="an environment with an unknown key"),
        pytest.param(1, '"id": "toy-1.0", ', "", id="an environment without its id"),
        pytest.param(1, '"id": "toy-1.0"', '"id": ["toy-1.0"]', id="an environment with a list for its id"),
        pytest.param(2, '"case_digest"', '"digest"', id="a cell without its digest"),
        pytest.param(2, '"evidence": "', '"evidence": "x', id="evidence that is no JSON"),
        pytest.param(2, '\\"returned\\"', '\\"no such\\"', id="an outcome that there is not"),
        pytest.param(2, '\\"raised\\"', '\\"risen\\"', id="evidence with an unknown key"),
        pytest.param(2, '"device": "cpu"', '"device": ["cpu"]', id="a list for a device"),
        pytest.param(2, "{", "[{", id="a line that is no JSON"),
    ],
)
def test_a_damaged_record_refuses_the_whole_export(store, source, line, old, new):
    lines = source.read_text().splitlines(keepends=True)
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new, 1)
    source.write_text("".join(lines))
    assert "is damaged" in refuse(store, source)


# Files written as a whole


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "report.json"
    write_atomically(path, "old\n")
    return path


def test_a_file_is_written_with_folders_and_replaced_as_a_whole(target):
    assert target.read_text() == "old\n"
    write_atomically(target, "n\u00e9w\n")
    assert target.read_text(encoding="utf-8") == "n\u00e9w\n"
    assert leftovers(target.parent) == ["report.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="the operating system has no such permissions")
def test_a_written_file_can_be_read_by_everyone(target):
    assert target.stat().st_mode & 0o777 == 0o644


class FullDisk:
    """A file that opens and takes nothing."""

    def __init__(self, descriptor: int, *arguments: object, **options: object) -> None:
        self.descriptor = descriptor

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self.descriptor)

    def write(self, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def refuse_to_replace(*arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(("step", "broken"), [("fdopen", FullDisk), ("replace", refuse_to_replace)])
def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(target, monkeypatch, step, broken):
    monkeypatch.setattr(os, step, broken)
    with pytest.raises(NoEvidence, match=r"report\.json cannot be written \(No space left on device\)"):
        write_atomically(target, "new\n")
    assert target.read_text() == "old\n"
    assert leftovers(target.parent) == ["report.json"]


def test_an_interruption_leaves_the_old_file_and_nothing_beside_it(target, monkeypatch):
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, "new\n")
    assert target.read_text() == "old\n"
    assert leftovers(target.parent) == ["report.json"]


def test_a_text_that_cannot_be_encoded_leaves_the_old_file(target):
    with pytest.raises(UnicodeEncodeError):
        write_atomically(target, "\ud800")
    assert target.read_text() == "old\n"
    assert leftovers(target.parent) == ["report.json"]


def test_a_place_that_is_no_folder_is_explained(target):
    with pytest.raises(NoEvidence, match=r"cannot be written .* choose another place"):
        write_atomically(target / "below.json", "new\n")
    assert target.read_text() == "old\n"


def test_a_folder_in_the_place_of_the_target_is_explained(target):
    with pytest.raises(NoEvidence, match="out cannot be written"):
        write_atomically(target.parent, "new\n")
    assert leftovers(target.parent.parent) == ["out"]


def test_a_reader_never_sees_half_a_file(target):
    texts = {"a" * 100_000, "b" * 200_000}
    write_atomically(target, "a" * 100_000)
    seen = set()

    def write() -> None:
        for number in range(60):
            write_atomically(target, "ab"[number % 2] * (100_000 * (number % 2 + 1)))

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        seen.add(target.read_text())
    writer.join()
    assert seen <= texts
    assert seen


def test_an_export_that_cannot_be_written_leaves_the_earlier_one(store, tmp_path, monkeypatch):
    target = tmp_path / "export.jsonl"
    store.export(target)
    before = target.read_bytes()
    store.put(row())
    monkeypatch.setattr(os, "replace", refuse_to_replace)
    with pytest.raises(NoEvidence, match=r"export\.jsonl cannot be written"):
        store.export(target)
    assert target.read_bytes() == before
