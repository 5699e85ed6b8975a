"""What searches have found so far: SQLite, written as it happens, so that a restart runs nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import ClassVar

from packaging.version import Version

from harness.bisect.labels import Reading
from harness.database import Database, Words
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock, Source
from harness.evidence import Evidence
from harness.store import PASSING

_TRIAL = """
    case_digest TEXT NOT NULL,
    variant TEXT NOT NULL,
    device TEXT NOT NULL,
    environment_key TEXT NOT NULL,
    platform TEXT NOT NULL,
    seed TEXT NOT NULL,
    attempt TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (case_digest, variant, device, environment_key, platform, seed, attempt)
"""
_READING = """
    command TEXT NOT NULL,
    environment_key TEXT NOT NULL,
    reading TEXT NOT NULL,
    PRIMARY KEY (command, environment_key)
"""
_RESOLVED = """
    name TEXT NOT NULL,
    day TEXT NOT NULL,
    lock TEXT NOT NULL,
    PRIMARY KEY (name, day)
"""


@dataclass(frozen=True, kw_only=True)
class TrialKey:
    """One run of a variant. What is the same in all of this counts as the same run."""

    case_digest: str
    variant: str
    device: str
    environment_key: str
    platform: str
    seed: int
    attempt: int


def command_digest(argv: Sequence[str], folder: Path) -> str:
    """Tells a user's commands apart: by their words and by the folder that they run in."""
    return hashlib.sha256(json.dumps([list(argv), str(folder.absolute())]).encode()).hexdigest()


class Journal(Database):
    """The file of all searches of a project: trials of cases, readings of commands, resolved locks."""

    schema = 1
    tables: ClassVar = {"trial": _TRIAL, "reading": _READING, "resolved": _RESOLVED}
    words = Words(
        name="a journal of searches",
        records="trials",
        if_foreign="move it away",
        if_held="wait for it",
        if_unusable="make its folder writable",
    )

    def put_trial(self, key: TrialKey, evidence: Evidence) -> None:
        """Keep what a trial gave in place of what it gave before."""
        self._put("trial", *_columns(key), json.dumps(evidence.to_json(), sort_keys=True))

    def get_trial(self, key: TrialKey) -> Evidence | None:
        """What a trial gave; none where its device was missing or its probe died: it may give more today."""
        found = self._get(
            "SELECT evidence FROM trial WHERE case_digest = ? AND variant = ? AND device = ? "
            "AND environment_key = ? AND platform = ? AND seed = ? AND attempt = ?",
            *_columns(key),
        )
        evidence = None if found is None else Evidence.from_json(json.loads(found))
        return None if evidence is None or evidence.lack in PASSING else evidence

    def put_reading(self, command: str, environment_key: str, reading: Reading) -> None:
        """Keep what a command, by its digest, gave in an environment."""
        self._put("reading", command, environment_key, json.dumps(asdict(reading)))

    def get_reading(self, command: str, environment_key: str) -> Reading | None:
        """What a command gave, as stored."""
        query = "SELECT reading FROM reading WHERE command = ? AND environment_key = ?"
        found = self._get(query, command, environment_key)
        return None if found is None else replace(_reading_of(found), stored=True)

    def put_lock(self, name: str, lock: Lock, day: str | None) -> None:
        """Keep a lock under what was asked for, and the day whose index answered if another's may differ."""
        self._put("resolved", name, day or "", _lock_text(lock))

    def get_lock(self, name: str, day: str | None) -> Lock | None:
        """The lock of what was asked for, as it was put with this very day, or without one."""
        found = self._get("SELECT lock FROM resolved WHERE name = ? AND day = ?", name, day or "")
        return None if found is None else _lock_of(found)

    def forget(self, digest: str) -> None:
        """Let every trial of a case, or every reading of a command, be made anew."""
        with self._explained(), self._transaction():
            self._connection.execute("DELETE FROM trial WHERE case_digest = ?", (digest,))
            self._connection.execute("DELETE FROM reading WHERE command = ?", (digest,))

    def _put(self, table: str, *values: str) -> None:
        marks = ", ".join("?" * len(values))
        with self._explained(), self._transaction():
            self._connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", values)

    def _get(self, query: str, *values: str) -> str | None:
        with self._explained():
            found = self._connection.execute(query, values).fetchone()
        return None if found is None else str(found[0])


def _columns(key: TrialKey) -> tuple[str, ...]:
    return tuple(str(value) for value in astuple(key))


def _reading_of(text: str) -> Reading:
    data = json.loads(text)
    return Reading(**{**data, "attested": tuple((name, version) for name, version in data["attested"])})


def _lock_text(lock: Lock) -> str:
    """Everything but `like`, which is only a shorter way to the same build, and the release's date.

    No search needs the date, and a journal must stay readable to harnesses that know of none.
    """
    plain = asdict(replace(lock, packages=dict(lock.packages), like=None))
    return json.dumps({key: value for key, value in plain.items() if key != "released"}, default=str)


def _lock_of(text: str) -> Lock:
    data = json.loads(text)
    id_ = data["id"]
    pins = tuple((name, Version(version)) for name, version in id_["pins"])
    return Lock(
        **{
            **data,
            "id": EnvironmentId(**{**id_, "version": Version(id_["version"]), "pins": pins}),
            "requested": tuple(data["requested"]),
            "local_builds": tuple(data["local_builds"]),
            "sources": tuple(Source(**{**each, "path": Path(each["path"])}) for each in data["sources"]),
        }
    )
