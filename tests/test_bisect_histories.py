"""Truth: searches over random histories with planted changes. Nothing may be claimed that is not so."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from toy.histories import RIGHT, UNDECIDED, WRONG, Tally, false_claims, true_changes
from toy.history_releases import (
    FOREIGN,
    PRERELEASE,
    UNIMPORTABLE,
    UNINSTALLABLE,
    YANKED,
    History,
    ToyLibrary,
    census,
    plan_library,
    random_history,
    random_natures,
)
from toy.user import harness

from harness.bisect.answer import Answer
from harness.bisect.document import read_answer
from harness.environment.build import Unbuildable
from harness.environment.lock import Lock
from harness.environment.places import LockedPlace


@dataclass(frozen=True)
class LookUp:
    """A session in which a case is looked up and not run."""

    libraries: dict[str, ToyLibrary]
    lock: Lock
    seed: int

    def run(self, case, variant, device):
        library = self.libraries[self.lock.id.library]
        return library.evidence(str(self.lock.id.version), int(case.id.rpartition("-")[2]), self.seed)


def new_project(root: Path, libraries: Sequence[ToyLibrary]) -> Path:
    (root / "harness" / "locks").mkdir(parents=True)
    config = "".join(library.config() for library in libraries)
    (root / "pyproject.toml").write_text(f"[tool.harness]\n{config}", encoding="utf-8")
    for library in libraries:
        library.write_cases(root)
    return root


def bisect(root: Path, library: ToyLibrary, *options: object, some: int | None = None) -> Iterator[tuple[History, Answer]]:
    """The histories of a library, each with its answer."""
    histories = library.histories[:some]
    reports = root.parent / "answers" / "-".join(map(str, options))
    cases = [f"{library.name}-{history.number}" for history in histories]
    said = harness(
        "bisect", "--root", root, *cases, "--releases-only", "--reports", reports, *options
    )
    answers = [read_answer(next(reports.glob(f"{case}.failure.json"))) for case in cases]
    assert said.err == ""
    assert said.code == (0 if all(answer.is_decided for answer in answers) else 3)
    return zip(histories, answers, strict=True)


def faults_of(library: ToyLibrary, history: History, answer: Answer, *, is_whole: bool) -> Iterator[str]:
    """Everything that an answer says and that is not so, or that it could have said and did not."""
    truth, found = library.truth(history), answer.releases
    changes = [(c.before.name, c.after.name, c.undecided) for c in found.changes]
    claimed = {(before, after) for before, after, _ in changes}
    yield from false_claims(truth, changes)
    for change in found.changes:
        for point in (change.before, change.after):
            if point.reading.label != truth[point.name]:
                yield f"{point.name} is called {point.reading.label} and is {truth[point.name]}"
    for point in found.points:
        if point.reading.label != truth.get(point.name):
            yield f"{point.name} is measured as {point.reading.label} and is {truth.get(point.name)}"
    if sorted([*(p.name for p in found.points), *found.unmeasured]) != sorted(truth):
        yield "not every release is either measured or listed as not measured"
    if bool(claimed) != bool(true_changes(truth)):
        yield f"it found {len(claimed)} of {len(true_changes(truth))} changes"
    if (is_whole or len(true_changes(truth)) == 1) and claimed != true_changes(truth):
        yield f"it found {claimed}, and all are {true_changes(truth)}"
    is_decided = any(truth.values()) and not any(undecided for *_, undecided in changes)
    if answer.is_decided != is_decided:
        yield f"it says {answer.is_decided} where the truth is {is_decided}: whether it is decided"


def count(
    tally: Tally, library: ToyLibrary, answers: Iterator[tuple[History, Answer]], *, is_whole: bool = False
) -> None:
    for history, answer in answers:
        truth = library.truth(history)
        # What the header claims is tested first, so that a right one leaves nothing out.
        is_told = "right header" in history.features and not {None, "rejected"} & {*truth.values()}
        is_all = is_whole or is_told
        faults = list(faults_of(library, history, answer, is_whole=is_all))
        tally.add(f"{library.name}-{history.number}", faults, is_decided=answer.is_decided)


LOOKED_UP = {"toya": 40, "toyb": 31, "toyc": 24, "toyd": 17, "toye": 12, "toyf": 8, "toyg": 5, "toyh": 3}
"""Libraries whose cases are looked up: the number of releases."""


@pytest.fixture(scope="module")
def looked_up(world) -> list[ToyLibrary]:
    chance = random.Random(20)
    libraries = [plan_library(name, random_natures(chance, size)) for name, size in LOOKED_UP.items()]
    for library in libraries:
        library.histories = [random_history(chance, library, number, flaky=number % 4 == 0) for number in range(60)]
        library.publish(world)
    return libraries


@pytest.fixture(scope="module")
def project(looked_up, tmp_path_factory) -> Path:
    root = new_project(tmp_path_factory.mktemp("looked-up") / "project", looked_up)
    for library in looked_up:
        library.write_locks(root)
    return root


@pytest.fixture
def lookups(looked_up, monkeypatch) -> None:
    """Nothing is built or run: only that takes long."""
    libraries = {library.name: library for library in looked_up}

    def prepare(place: LockedPlace) -> None:
        if place.lock.unresolvable:
            raise Unbuildable(place.lock.unresolvable)

    def session(place: LockedPlace, seed: int) -> nullcontext[LookUp]:
        return nullcontext(LookUp(libraries, place.lock, seed))

    monkeypatch.setattr(LockedPlace, "prepare", prepare)
    monkeypatch.setattr(LockedPlace, "session", session)



def test_looked_up_histories_are_never_answered_wrongly(looked_up, project, lookups, record_property):
    tally = Tally()
    for library in looked_up:
        count(tally, library, bisect(project, library))
        print(tally)
    print(census(looked_up)); print(*tally.faults[:20],sep="\n")
    print(harness("bisect", "--root", project, "--all", "--releases-only").out[-200:])
    assert 0


def test_every_change_is_found_where_every_release_is_measured(looked_up, project, lookups, record_property):
    tally = Tally()
    for library in looked_up:
        count(tally, library, bisect(project, library, "--every"), is_whole=True)
    print(tally); print(*tally.faults[:20],sep="\n")
    assert 0

def test_all_flaky(looked_up, project, lookups, record_property):
    tally = Tally()
    for library in looked_up:
        count(tally, library, bisect(project, library, "--repeat", 5))
    print(tally); print(*tally.faults[:20],sep="\n")
    assert 0
