"""What searches found: exact, kept whatever happens, and given back only where it counts."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from packaging.version import Version
from toy.cases import attestation, lacking, raised, returned
from toy.project import toy_lock

from harness.bisect.journal import Journal, TrialKey, command_digest
from harness.bisect.labels import Reading
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Source
from harness.errors import NoEvidence, UsageError
from harness.evidence import Deprecation, Lack

KEY = TrialKey(
    case_digest="case",
    variant="failure",
    device="cpu",
    environment_key="lock",
    platform="linux-x86_64",
    seed=0,
    attempt=0,
)
READING = Reading(label="fails", detail="exit 1", runs=3, seconds=0.25, attested=(("toy", "1.0"),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".harness" / "bisect.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


# Trials


def test_a_new_journal_knows_nothing(journal):
    assert journal.get_trial(KEY) is None
    assert journal.get_reading("command", "lock") is None
    assert journal.get_lock("toy-1.0", None) is None


def test_a_trial_comes_back_as_it_was_put(journal):
    evidence = raised(
        "toy.ShapeError",
        "3 and 5 \ud800 \N{SNOWMAN}",
        attested=attestation(device="cpu x 4", precision="float32"),
        seconds=0.1 + 0.2,
        log="line\n\0line\r\n",
        deprecations=(Deprecation(category="FutureWarning", message="soon", module="toy"),),
        seed=2**63,
        measured_at="2026-01-01T12:00:00Z",
    )
    journal.put_trial(KEY, evidence)
    assert journal.get_trial(KEY) == evidence


@pytest.mark.parametrize("name", [*TrialKey.__dataclass_fields__])
def test_every_part_of_its_key_makes_it_another_trial(journal, name):
    other = replace(KEY, **{name: 2**64 if name in ("seed", "attempt") else "other"})
    journal.put_trial(KEY, returned(log="one"))
    assert journal.get_trial(other) is None
    journal.put_trial(other, returned(log="other"))
    assert (journal.get_trial(KEY).log, journal.get_trial(other).log) == ("one", "other")


def test_keys_whose_parts_run_together_stay_apart(journal):
    one, other = replace(KEY, variant="a", device="bc"), replace(KEY, variant="ab", device="c")
    journal.put_trial(one, returned())
    assert journal.get_trial(other) is None


def test_a_second_trial_of_a_key_replaces_the_first(journal):
    journal.put_trial(KEY, lacking(Lack.DEVICE))
    journal.put_trial(KEY, returned())
    assert journal.get_trial(KEY) == returned()


@pytest.mark.parametrize("lack", Lack)
def test_only_what_may_be_there_another_time_is_looked_for_again(journal, lack):
    journal.put_trial(KEY, lacking(lack))
    counts = lack not in (Lack.DEVICE, Lack.PROBE)
    assert journal.get_trial(KEY) == (lacking(lack) if counts else None)


def test_a_journal_outlives_its_connection(path):
    with Journal(path) as journal:
        journal.put_trial(KEY, returned())
        journal.put_reading("command", "lock", READING)
        journal.put_lock("toy-1.0", toy_lock(), None)
    with Journal(path) as journal:
        assert journal.get_trial(KEY) == returned()
        assert journal.get_reading("command", "lock") == replace(READING, stored=True)
        assert journal.get_lock("toy-1.0", None) == toy_lock()


# Commands


def test_a_reading_comes_back_and_says_that_it_was_stored(journal):
    journal.put_reading("command", "lock", READING)
    assert journal.get_reading("command", "lock") == replace(READING, stored=True)


def test_a_reading_without_a_label_is_one_too(journal):
    journal.put_reading("command", "lock", Reading(label=None, detail="exit 125"))
    assert journal.get_reading("command", "lock") == Reading(label=None, detail="exit 125", stored=True)


def test_a_reading_is_of_one_command_in_one_environment(journal):
    journal.put_reading("command", "lock", READING)
    assert journal.get_reading("command", "other") is None
    assert journal.get_reading("other", "lock") is None


def test_commands_differ_by_their_words_and_by_their_folder(tmp_path, monkeypatch):
    commands = [(["a", "b"], tmp_path), (["a b"], tmp_path), (["a", "b"], tmp_path / "c"), ([], tmp_path)]
    assert len({command_digest(argv, folder) for argv, folder in commands}) == len(commands)
    assert command_digest(("a", "b"), tmp_path) == command_digest(["a", "b"], tmp_path)
    monkeypatch.chdir(tmp_path)
    assert command_digest(["a", "b"], Path("c")) == command_digest(["a", "b"], tmp_path / "c")


def test_a_command_of_any_bytes_has_a_digest(tmp_path):
    assert command_digest(["\udcff"], tmp_path) != command_digest(["\udcfe"], tmp_path)


# Locks


def test_a_lock_is_kept_without_its_releases_date_as_earlier_harnesses_read_it(journal, path):
    journal.put_lock("toy-1.0", toy_lock(released="2024-01-01"), None)
    assert journal.get_lock("toy-1.0", None) == toy_lock()
    journal.close()
    with sqlite3.connect(path) as connection:
        ((text,),) = connection.execute("SELECT lock FROM resolved").fetchall()
    assert "released" not in text


@pytest.mark.parametrize(
    "lock",
    [
        toy_lock(),
        toy_lock("0.9", packages={}, unresolvable="Because there is no \N{SNOWMAN},\nnothing fits."),
        toy_lock(
            local_builds=("dep", "toy"),
            note="moved",
            tier="full",
            requested=("toy==1.0", 'six ; python_version < "3.9"'),
            as_of=None,
        ),
        toy_lock(
            id=EnvironmentId(
                library="toy-ppl",
                version=Version("1!1.0rc1+abc.1"),
                latest=True,
                pins=(("dep", Version("2.10")),),
                python="3.12",
            ),
            python="3.12",
        ),
        toy_lock(sources=(Source(name="toy", path=Path("/a b/toy-1.0-py3-none-any.whl"), sha256="12"),)),
    ],
    ids=["plain", "unresolvable", "local builds", "strange id", "sources"],
)
def test_a_lock_comes_back_as_it_was_put(journal, lock):
    journal.put_lock("anything [1] at all", lock, None)
    found = journal.get_lock("anything [1] at all", None)
    assert found == lock
    assert (found.key, str(found.id)) == (lock.key, str(lock.id))
    assert found.requirements() == lock.requirements()


def test_a_lock_of_read_only_packages_can_be_put(journal):
    journal.put_lock("toy", toy_lock(packages=MappingProxyType({"toy": "1.0"})), None)
    assert journal.get_lock("toy", None) == toy_lock()


def test_a_lock_is_kept_without_the_one_that_it_is_like(journal):
    journal.put_lock("toy", toy_lock("1.1", like=toy_lock("1.0")), None)
    found = journal.get_lock("toy", None)
    assert (found, found.like) == (toy_lock("1.1"), None)


def test_a_lock_of_a_day_is_for_that_day_alone(journal):
    journal.put_lock("toy@latest", toy_lock("1.0"), "2026-01-01")
    journal.put_lock("toy@latest", toy_lock("1.1"), "2026-01-02")
    assert journal.get_lock("toy@latest", "2026-01-01") == toy_lock("1.0")
    assert journal.get_lock("toy@latest", "2026-01-02") == toy_lock("1.1")
    assert journal.get_lock("toy@latest", "2026-01-03") is None
    assert journal.get_lock("toy@latest", None) is None


def test_a_lock_without_a_day_is_none_of_a_day(journal):
    journal.put_lock("toy", toy_lock(), None)
    assert journal.get_lock("toy", "2026-01-01") is None


def test_a_second_lock_of_a_name_replaces_the_first(journal):
    journal.put_lock("toy", toy_lock("1.0"), None)
    journal.put_lock("toy", toy_lock("1.1"), None)
    assert journal.get_lock("toy", None) == toy_lock("1.1")


# Forgetting


def test_a_forgotten_case_or_command_is_measured_anew_and_no_other(journal):
    for digest in ("one", "other"):
        journal.put_trial(replace(KEY, case_digest=digest), returned())
        journal.put_trial(replace(KEY, case_digest=digest, seed=1), returned())
        journal.put_reading(digest, "lock", READING)
    journal.put_lock("one", toy_lock(), None)
    journal.forget("one")
    trials = [replace(KEY, case_digest=digest, seed=seed) for digest in ("one", "other") for seed in (0, 1)]
    assert [journal.get_trial(key) for key in trials] == [None, None, returned(), returned()]
    assert journal.get_reading("one", "lock") is None
    assert journal.get_reading("other", "lock") is not None
    assert journal.get_lock("one", None) == toy_lock()


# Several processes, and the end of one

WRITES = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from toy.cases import returned
from toy.project import toy_lock
from harness.bisect.journal import Journal, TrialKey
from harness.bisect.labels import Reading

path, name = sys.stdin.readline().split()
journal = Journal(Path(path))
for number in range(int(sys.argv[3])):
    key = TrialKey(case_digest=name, variant="failure", device="cpu", environment_key="lock",
                   platform="here", seed=number, attempt=0)
    journal.put_trial(key, returned())
    journal.put_reading(name, str(number), Reading(label="fails"))
    journal.put_lock(f"{name} {number}", toy_lock(), None)
    print(number, flush=True)
"""
FOLDERS = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    """Another Python that puts a trial, a reading and a lock per number, and says each number after that."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITES, *FOLDERS, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child.stdin.write(f"{path} {name}\n")
    child.stdin.flush()
    return child


def kept(journal: Journal, name: str, number: int) -> tuple[bool, bool, bool]:
    key = replace(KEY, case_digest=name, platform="here", seed=number)
    return (
        journal.get_trial(key) is not None,
        journal.get_reading(name, str(number)) is not None,
        journal.get_lock(f"{name} {number}", None) is not None,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the operating system has no SIGKILL")
@pytest.mark.parametrize("moment", [0, 25])
def test_a_killed_search_loses_nothing_that_it_had_put(path, moment):
    with writer(path, "one", 1_000_000) as child:
        while int(child.stdout.readline()) < moment:
            pass
        child.send_signal(signal.SIGKILL)
        last = int((child.stdout.read().split() or [moment])[-1])
    with Journal(path, wait_seconds=1) as journal:
        assert {kept(journal, "one", number) for number in range(last + 1)} == {(True, True, True)}
        assert kept(journal, "one", last + 2) == (False, False, False)
        assert journal._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        journal.put_trial(KEY, returned())


def test_two_searches_on_one_fresh_journal_both_finish_and_lose_nothing(path):
    with writer(path, "one", 50) as one, writer(path, "two", 50) as two:
        assert one.wait(60) == two.wait(60) == 0
    with Journal(path) as journal:
        assert {kept(journal, name, number) for name in ("one", "two") for number in range(50)} == {
            (True, True, True)
        }


# Files that are no journal


@pytest.mark.parametrize("schema", [0, Journal.schema + 1])
def test_a_journal_of_another_version_is_refused_with_the_way_out(path, schema):
    Journal(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema}")
    with pytest.raises(UsageError) as caught:
        Journal(path)
    assert str(caught.value) == (
        f"{path} is of another version of the harness (schema {schema}, this one reads {Journal.schema}); "
        "use that one or move it away."
    )


def test_a_damaged_journal_is_refused_and_kept(path):
    path.parent.mkdir()
    path.write_bytes(b"a text, not a database\n" * 100)
    with pytest.raises(UsageError) as caught:
        Journal(path)
    assert str(caught.value) == f"{path} is not a journal of searches; move it away."
    assert path.read_bytes() == b"a text, not a database\n" * 100


def test_a_results_store_is_no_journal(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cell (x)")
        connection.execute(f"PRAGMA user_version = {Journal.schema}")
    with pytest.raises(UsageError, match="is not a journal of searches"):
        Journal(path)


def test_a_folder_that_cannot_be_written_is_explained(path):
    path.parent.write_text("")
    with pytest.raises(NoEvidence) as caught:
        Journal(path)
    assert str(caught.value) == f"{path} cannot be written (File exists); make its folder writable."


def test_a_full_disk_loses_only_what_did_not_fit(journal, path):
    journal.put_trial(KEY, returned())
    journal._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(NoEvidence) as caught:
        journal.put_trial(replace(KEY, seed=1), returned(log="x" * 100_000))
    assert str(caught.value) == (
        f"{path}: no room on the disk; free some and run again, finished trials are kept."
    )
    assert journal.get_trial(KEY) == returned()


def test_a_trial_key_can_be_a_key(journal):
    assert {KEY: 1}[replace(KEY)] == 1
