"""Truth: searches over random histories with planted changes. Nothing may be claimed that is not so."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from toy.histories import RIGHT, Label, Tally, accept, false_claims, true_changes
from toy.history_releases import (
    FOREIGN,
    HOMELESS,
    PRERELEASE,
    SLOW,
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

    def run(self, case, variant, device, seed=0):
        library = self.libraries[self.lock.id.library]
        return library.evidence(str(self.lock.id.version), int(case.id.rpartition("-")[2]), seed)


def new_project(root: Path, libraries: Sequence[ToyLibrary]) -> Path:
    (root / "harness" / "locks").mkdir(parents=True)
    config = "".join(library.config() for library in libraries)
    (root / "pyproject.toml").write_text(f"[tool.harness]\n{config}", encoding="utf-8")
    for library in libraries:
        library.write_cases(root)
    return root


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a search is asked for."""

    variant: str = "failure"
    repeat: int = 1
    every: bool = False

    @property
    def options(self) -> list[object]:
        return [*("--variant", self.variant, "--repeat", self.repeat), *(["--every"] if self.every else [])]


def answers_of(
    root: Path, library: ToyLibrary, asked: Asked, histories: Sequence[History]
) -> Iterator[tuple[History, Answer]]:
    """Histories of a library, each with its answer: one command for all of them."""
    reports = root.parent / f"{asked}"
    cases = [f"{library.name}-{history.number}" for history in histories]
    said = harness("bisect", "--root", root, *cases, "--releases-only", "--reports", reports, *asked.options)
    answers = [read_answer(reports / f"{case}.{asked.variant}.json") for case in cases]
    assert said.err == ""
    assert said.code == (0 if all(answer.is_decided for answer in answers) else 3)
    return zip(histories, answers, strict=True)


def faults_of(truth: Mapping[str, Label], answer: Answer, *, is_whole: bool) -> Iterator[str]:
    """Everything that an answer says and that is not so, or that it could have said and did not.

    A search that does not measure every release has to find the one change, or at least one of several.
    """
    found, changes = answer.releases, true_changes(truth)
    claims = [(change.before.name, change.after.name, change.undecided) for change in found.changes]
    claimed = {(before, after) for before, after, _ in claims}
    yield from false_claims(truth, claims)
    for point in [*found.points, *(p for change in found.changes for p in (change.before, change.after))]:
        if point.reading.label != truth.get(point.name):
            yield f"{point.name} is called {point.reading.label} and is {truth.get(point.name)}"
    left = [*found.unmeasured, *found.unjudged]
    if sorted([*(point.name for point in found.points), *left]) != sorted(truth):
        yield "not every release is either measured or listed as not measured"
    order = list(truth)
    known = [order.index(point.name) for point in found.points if point.reading.label]
    for name in left:
        is_between = bool(known) and min(known) < order.index(name) < max(known)
        if is_between != (name in found.unmeasured):
            yield f"{name} is called {'beyond' if is_between else 'between'} the verdicts, which it is not"
    if bool(claimed) != bool(changes) or ((is_whole or len(changes) == 1) and claimed != changes):
        yield f"it found {claimed}, and all changes are {changes}"
    is_decided = any(truth.values()) and not any(undecided for *_, undecided in claims)
    if answer.is_decided != is_decided:
        yield f"it calls itself {answer.is_decided} where {is_decided} is so: whether it is decided"


def count(tally: Tally, root: Path, library: ToyLibrary, asked: Asked, histories: Sequence[History]) -> None:
    for history, answer in answers_of(root, library, asked, histories):
        truth = library.truth(history, variant=asked.variant, repeat=asked.repeat)
        # What the header claims is tested first, so that a right one leaves nothing out.
        is_told = "right header" in history.features and not {None, "rejected"} & {*truth.values()}
        faults = list(faults_of(truth, answer, is_whole=asked.every or is_told))
        tally.add(f"{library.name}-{history.number}", faults, is_decided=answer.is_decided)


LOOKED_UP = {"toya": 40, "toyb": 31, "toyc": 24, "toyd": 17, "toye": 12, "toyf": 8, "toyg": 5, "toyh": 3}
"""Libraries whose cases are looked up: the number of releases."""

RUN = 40
"""So many histories of a library may also be run in earnest: nothing hangs in them."""


@pytest.fixture(scope="module")
def looked_up(world) -> list[ToyLibrary]:
    chance = random.Random(20)
    libraries = [plan_library(name, random_natures(chance, size)) for name, size in LOOKED_UP.items()]
    for library in libraries:
        library.histories = [
            random_history(chance, library, number, flaky=number % 4 == 0, slow="" if number < RUN else SLOW)
            for number in range(64)
        ]
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

    def session(place: LockedPlace) -> nullcontext[LookUp]:
        return nullcontext(LookUp(libraries, place.lock))

    monkeypatch.setattr(LockedPlace, "prepare", prepare)
    monkeypatch.setattr(LockedPlace, "session", session)


@pytest.mark.usefixtures("lookups")
def test_of_500_histories_no_answer_is_wrong(looked_up, project, record_testsuite_property):
    tally = Tally("releases")
    for library in looked_up:
        count(tally, project, library, Asked(), library.histories)
    accept(tally, record_testsuite_property, at_least=500)
    assert tally.counts[RIGHT] >= 250


def test_the_500_histories_hold_everything_that_is_difficult(looked_up):
    counts = census(looked_up)
    wanted = {
        "no change": 30,
        "one change": 200,
        "several changes": 150,
        "broken again": 40,
        "rejected": 100,
        "changed stretch": 200,
        "flaky": 120,
        "right header": 100,
        "wrong header": 100,
        UNINSTALLABLE: 120,
        FOREIGN: 120,
        HOMELESS: 120,
        UNIMPORTABLE: 120,
        YANKED: 120,
        PRERELEASE: 120,
    }
    assert {feature: least for feature, least in wanted.items() if counts[feature] < least} == {}


@pytest.mark.usefixtures("lookups")
def test_a_release_that_seeds_disagree_on_is_never_called_good_or_bad(
    looked_up, project, record_testsuite_property
):
    tally = Tally("releases, five seeds")
    for library in looked_up:
        count(
            tally, project, library, Asked(repeat=5), [h for h in library.histories if "flaky" in h.features]
        )
    accept(tally, record_testsuite_property, at_least=120)


@pytest.mark.usefixtures("lookups")
def test_every_change_is_found_where_every_release_is_measured(looked_up, project, record_testsuite_property):
    tally = Tally("releases, every one")
    for library in looked_up:
        count(tally, project, library, Asked(every=True), library.histories[::4])
        count(tally, project, library, Asked(every=True, repeat=5), library.histories[::8])
    accept(tally, record_testsuite_property, at_least=180)


@pytest.mark.usefixtures("lookups")
def test_the_releases_in_which_a_remedy_works_are_told_as_truly(
    looked_up, project, record_testsuite_property
):
    tally = Tally("releases of a remedy")
    for library in looked_up[2:6]:
        count(tally, project, library, Asked(variant="fix_pin"), library.histories[1::3])
    accept(tally, record_testsuite_property, at_least=80)


def test_what_is_built_and_run_is_answered_as_truly(looked_up, tmp_path, record_testsuite_property):
    root, tally = new_project(tmp_path / "project", looked_up), Tally("releases, built and run")
    first, second = looked_up[3], looked_up[5]
    for library in (first, second):
        count(tally, root, library, Asked(), library.histories[:RUN])
    flaky = [history for history in first.histories[:RUN] if "flaky" in history.features]
    count(tally, root, first, Asked(repeat=5), flaky)
    count(tally, root, first, Asked(every=True), first.histories[:RUN:4])
    accept(tally, record_testsuite_property, at_least=100)
    assert tally.counts[RIGHT] >= 50
