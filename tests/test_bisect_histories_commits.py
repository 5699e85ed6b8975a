"""Truth: the commits that are blamed for planted changes."""

from __future__ import annotations

import io
import random
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console
from toy import history_commits
from toy.histories import RIGHT, Tally, accept
from toy.history_commits import CommitHistory, random_commits
from toy.project import toy_lock

from harness.bisect import commits
from harness.bisect.answer import CommitSearch
from harness.bisect.ends import Ends
from harness.bisect.labels import Reading
from harness.bisect.progress import Steps
from harness.bisect.repository import Repository
from harness.bisect.wheels import Recipe, Wheel
from harness.environment.build import Unbuildable
from harness.environment.lock import Lock


def search_commits(
    history: CommitHistory, monkeypatch: pytest.MonkeyPatch, reverts: str | None, *, into_merges: bool
) -> CommitSearch:
    """Search a git repository whose commits are looked up and not built or run."""
    toy = history.repository
    assert toy is not None

    def wheel_of(repository: Repository, sha: str, recipe: Recipe) -> Wheel:
        if history.labels[history.number(sha)] is None:
            message = "it does not build"
            raise Unbuildable(message)
        return Wheel(path=Path("toy.whl"), version="1.0", sha256=sha, missing=())

    def wheel_without(repository: Repository, sha: str, culprit: str, recipe: Recipe) -> Wheel | None:
        return Wheel(path=Path("toy.whl"), version="1.0", sha256="reverted", missing=()) if reverts else None

    def measure(lock: Lock, variables: object) -> Reading:
        (source,) = lock.sources
        is_reverted = source.sha256 == "reverted"
        return Reading(label=reverts if is_reverted else history.labels[history.number(source.sha256)])

    monkeypatch.setattr(commits, "wheel_of", wheel_of)
    monkeypatch.setattr(commits, "wheel_without", wheel_without)
    numbers = (history.line[0], history.line[-1])
    first, last = (commits.Revision(name=f"end {number}", sha=toy.sha(number)) for number in numbers)
    ends = Ends(
        before=toy_lock("1.0"), after=toy_lock("1.1"), old=history_commits.OLD, new=history_commits.NEW
    )
    return commits.CommitHunt(
        repository=Repository.open(toy.path),
        package="toy",
        ends=ends,
        measure=measure,
        steps=Steps(Console(file=io.StringIO())),
        rest=toy_lock("1.1"),
        versions=("1.0", "1.1"),
    ).run(first, last, into_merges=into_merges)


def test_of_60_histories_of_commits_none_is_answered_wrongly(tmp_path, monkeypatch, record_property):
    chance, tally, counts = random.Random(60), Tally(), Counter[str]()
    for number in range(60):
        history = random_commits(chance).write(tmp_path / str(number))
        reverts = chance.choice([None, "fixed", "failing"])
        into_merges = number % 2 == 0
        found = search_commits(history, monkeypatch, reverts, into_merges=into_merges)
        faults = list(history_commits.faults_of(history, found, into_merges=into_merges))
        seen = found.reverted.reading.label if found.reverted else None
        if seen != (reverts if found.culprit else None):
            faults.append(f"the revert is called {seen}")
        counts.update(history.features)
        tally.add(f"{number} {history.line}", faults, is_decided=found.culprit is not None)
    accept(tally, record_property, at_least=60)
    assert tally.counts[RIGHT] >= 40
    wanted = {"one change": 40, "several changes": 4, "merges": 40, "unbuildable stretch": 25}
    wanted |= {"culprit in a branch": 15, "culprit is a merge": 4, "an end without a verdict": 4}
    assert {feature: least for feature, least in wanted.items() if counts[feature] < least} == {}
