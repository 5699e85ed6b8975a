"""Truth: the commits that are blamed for planted changes."""

from __future__ import annotations

import io
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console
from toy import history_commits, history_suspects
from toy.histories import RIGHT, Tally, accept
from toy.history_commits import Branch, CommitHistory, random_commits
from toy.project import CONFIG, toy_lock, write_project
from toy.repository import BROKEN, MENDED, ToyRepository, package
from toy.user import harness
from toy.wheels import write_wheel

from harness.bisect import commits
from harness.bisect.answer import CommitSearch
from harness.bisect.document import read_answer
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


def test_of_120_histories_of_commits_none_is_answered_wrongly(
    tmp_path, monkeypatch, record_testsuite_property
):
    chance, tally, counts = random.Random(60), Tally("commits"), Counter[str]()
    for number in range(120):
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
    accept(tally, record_testsuite_property, at_least=120)
    assert tally.counts[RIGHT] >= 60
    wanted = {"one change": 40, "several changes": 4, "merges": 40, "unbuildable stretch": 40}
    wanted |= {"culprit in a branch": 15, "culprit is a merge": 4, "an end without a verdict": 4}
    assert {feature: least for feature, least in wanted.items() if counts[feature] < least} == {}


LINE = [0, 1, 2, 3, 4, 5, 8, 9, 10, 11]
"""The commits of the main line; 8 is the merge of 6 and 7, 3 does not build, 9 cannot be imported."""

FIRST_BAD = [1, 4, 7, 8, 10, 11]
"""What each case has for its culprit."""


def real_history(bad: int) -> CommitHistory:
    history = CommitHistory(line=LINE)
    for number in range(12):
        parents = {0: (), 6: (4,), 8: (5, 7)}.get(number, (number - 1,))
        # What a branch brings in is not in the main line beside it.
        is_bad = number >= bad and (number > 7 or bad <= 4 or number == bad)
        history.add("failing" if is_bad else "fixed", *parents)
    history.labels |= {3: None, 9: None}
    history.branches[8] = Branch(base=4, commits=[6, 7])
    return history


def module(number: int, histories: list[CommitHistory]) -> str:
    bad = [history.labels[number] == "failing" for history in histories]
    raises = 'raise ValueError("shapes disagree")'
    return f"BAD = {bad}\n\n\ndef behave(history):\n    if BAD[history]:\n        {raises}\n"


def test_commits_that_are_really_built_are_answered_as_truly(toy_index, tmp_path, record_testsuite_property):
    histories = [real_history(bad) for bad in FIRST_BAD]
    toy = ToyRepository(tmp_path / "toy")
    for number, parents in histories[0].parents.items():
        text = "import gone\n" if number == 9 else module(number, histories)
        files = {"toy.py": text, **(BROKEN if number == 3 else MENDED)}
        start = package() if number == 0 else {}
        tag = {0: "v1.0", 11: "v1.1"}.get(number, ())
        toy.commit({**start, **files}, f"commit {number}", parents=parents, tag=tag)
    toy.write()
    for version, number in (("1.0", 0), ("1.1", 11)):
        wheel = write_wheel(toy_index.folder, "toy", version, {"toy.py": module(number, histories)})
        toy_index.add(wheel, uploaded="2024-06-01" if number else "2024-01-01")
    root = write_project(tmp_path / "project", f"[tool.harness]\n{CONFIG}")
    shutil.rmtree(root / "harness" / "locks")
    history_suspects.write_cases(root, len(histories))
    reports = tmp_path / "answers"
    said = harness(
        "bisect", "--root", root, "--all", "--repo", toy.path, "--into-merges", "--reports", reports
    )
    assert (said.code, said.err) == (3, "")  # two of them cannot be decided
    tally, culprits = Tally("commits, built and run"), []
    for number, history in enumerate(histories):
        history.repository = toy
        (change,) = read_answer(reports / f"toy-{number}.failure.json").releases.changes
        found = change.commits
        assert found is not None
        faults = list(history_commits.faults_of(history, found, into_merges=True))
        tally.add(f"{FIRST_BAD[number]}", faults, is_decided=found.culprit is not None)
        culprits.append([history.number(c.sha) for c in (found.culprit, *found.candidates) if c])
    accept(tally, record_testsuite_property, at_least=6)
    assert culprits == [[1], [3, 4], [7], [8], [9, 10], [11]]
