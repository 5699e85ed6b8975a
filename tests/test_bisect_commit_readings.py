"""A package in lockstep with another: its commits beside more than one environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from toy.project import toy_lock

from harness.bisect.commit_readings import CommitReadings
from harness.bisect.labels import Reading
from harness.bisect.wheels import Wheel
from harness.environment.build import Unbuildable
from harness.environment.lock import Lock

OLD = toy_lock("1.0", packages={"toy": "1.0", "dep": "1"})
NEW = toy_lock("2.0", packages={"toy": "2.0", "dep": "2"})


@dataclass
class Lockstep:
    """What commits give: a text has one label, or one beside each release of `dep`."""

    commits: dict[str, str | dict[str, str]]
    ran: list[tuple[str, str]] = field(default_factory=list)

    def make(self, sha: str) -> Wheel:
        if sha not in self.commits:
            message = "no\n sources"
            raise Unbuildable(message)
        return Wheel(path=Path(sha), version="1.5.dev0", sha256=sha, missing=())

    def measure(self, lock: Lock, variables: object) -> Reading:
        sha, dep = lock.sources[0].sha256, lock.packages["dep"]
        self.ran.append((sha, dep))
        said = self.commits[sha]
        label = said if isinstance(said, str) else said.get(dep)
        return Reading(label=label, detail="" if label else f"unimportable beside dep {dep}")


@pytest.fixture
def lockstep():
    def make(**commits: str | dict[str, str]) -> tuple[CommitReadings, list[tuple[str, str]]]:
        world = Lockstep(commits)
        readings = CommitReadings(package="toy", rests=(NEW, OLD), measure=world.measure, make=world.make)
        return readings, world.ran

    return make


def beside(readings: CommitReadings, sha: str) -> str:
    return str(readings.chosen[sha].rest.id)


def test_a_commit_with_a_verdict_is_measured_beside_the_best_alone(lockstep):
    readings, ran = lockstep(a="failing")
    assert [readings.of("a").label for _ in range(2)] == ["failing", "failing"]
    assert (ran, beside(readings, "a")) == ([("a", "2")], "toy-2.0")


def test_a_commit_without_a_verdict_is_measured_beside_the_other_too(lockstep):
    readings, ran = lockstep(a={"1": "failing"})
    assert readings.of("a").label == "failing"
    assert (ran, beside(readings, "a")) == ([("a", "2"), ("a", "1")], "toy-1.0")
    point = readings.point("a", "2024-01-01")
    assert (point.environment, dict(point.packages)["dep"]) == ("toy-1.0 with toy at a", "1")


def test_a_commit_with_a_verdict_nowhere_says_why_beside_the_best(lockstep):
    readings, ran = lockstep(a={})
    assert (readings.of("a").label, readings.of("a").detail) == (None, "unimportable beside dep 2")
    assert ran == [("a", "2"), ("a", "1")]


def test_what_cannot_be_built_is_not_tried_again(lockstep):
    readings, ran = lockstep()
    assert (readings.of("a").label, readings.of("a").detail) == (None, "unbuildable: no sources")
    assert ran == []
    assert readings.point("a", "2024-01-01").packages == ()


@pytest.mark.parametrize(
    ("one", "other", "agree", "where"),
    [
        ("fixed", "failing", True, "toy-2.0"),
        ({"1": "fixed"}, "failing", True, "toy-1.0"),
        ("fixed", {"1": "failing"}, True, "toy-1.0"),
        ({"1": "fixed"}, {"1": "failing"}, True, "toy-1.0"),
        ({"1": "fixed"}, {"2": "failing"}, False, ""),
        # beside dep 1 the other would be right, too: dep 2 breaks it, and no commit does
        ({"1": "fixed"}, {"1": "fixed", "2": "failing"}, False, ""),
    ],
)
def test_two_commits_are_told_apart_only_beside_the_same(lockstep, one, other, agree, where):
    readings, _ = lockstep(one=one, other=other)
    labels = readings.of("one").label, readings.of("other").label
    assert labels == ("fixed", "failing")
    assert readings.agree_beside_one("one", "other") is agree
    assert (readings.of("one").label, readings.of("other").label) == labels
    if agree:
        assert {beside(readings, "one"), beside(readings, "other")} == {where}
