"""A change is not blamed on a package where the default random stream alone makes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from toy.project import toy_lock

from harness.bisect.ends import Ends, Variables
from harness.bisect.labels import Reading
from harness.bisect.stream import stream_alone
from harness.environment.lock import Lock

OLD, NEW = {"JAX_THREEFRY_PARTITIONABLE": "0"}, {"JAX_THREEFRY_PARTITIONABLE": "1"}


def lock(version: str, jax: str | None) -> Lock:
    return toy_lock(version, packages={"toy": version, **({"jax": jax} if jax else {})})


class Stage:
    """Measures locks by a rule, and tells with which variables."""

    def __init__(self, rule: Callable[[Lock, Variables], str | None]) -> None:
        self.rule = rule
        self.measured: list[tuple[str, dict[str, str]]] = []

    def measure(self, lock: Lock, variables: Variables) -> Reading:
        self.measured.append((str(lock.id), dict(variables)))
        return Reading(label=self.rule(lock, variables))


def ends(before: str | None, after: str | None) -> Ends:
    return Ends(before=lock("1.0", before), after=lock("2.0", after), old="fixed", new="failing")


def by_stream(lock: Lock, variables: Variables) -> str:
    """Failing exactly with the new stream."""
    return "failing" if variables == NEW else "fixed"


def test_a_change_that_goes_with_the_stream_is_told_with_both_controls():
    stage = Stage(by_stream)
    assert stream_alone(ends("0.4.38", "0.5.0"), stage.measure) == (
        "toy-2.0 with JAX_THREEFRY_PARTITIONABLE=0 is fixed, as toy-1.0; "
        "and toy-1.0 with the other stream is failing"
    )
    assert stage.measured == [("toy-2.0", OLD), ("toy-1.0", NEW)]


def test_a_change_on_the_way_back_is_tested_with_the_new_stream():
    stage = Stage(lambda lock, variables: "fixed" if variables == NEW else "failing")
    assert stream_alone(ends("0.5.0", "0.4.38"), stage.measure) == (
        "toy-2.0 with JAX_THREEFRY_PARTITIONABLE=1 is fixed, as toy-1.0; "
        "and toy-1.0 with the other stream is failing"
    )
    assert stage.measured == [("toy-2.0", NEW), ("toy-1.0", OLD)]


def test_a_change_that_stays_whatever_the_stream_is_blamed_on_a_package():
    stage = Stage(lambda lock, variables: "failing" if lock.packages["toy"] == "2.0" else "fixed")
    assert stream_alone(ends("0.4.38", "0.5.0"), stage.measure) == ""
    assert stage.measured == [("toy-2.0", OLD)]


@pytest.mark.parametrize("label", [None, "rejected"])
def test_a_control_that_gives_neither_status_shows_nothing(label):
    stage = Stage(lambda lock, variables: label)
    assert stream_alone(ends("0.4.38", "0.5.0"), stage.measure) == ""


def test_an_undecided_second_control_is_told():
    stage = Stage(lambda lock, variables: "fixed" if variables == OLD else None)
    assert stream_alone(ends("0.4.38", "0.5.0"), stage.measure).endswith(
        "toy-1.0 with the other stream is undecided"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [("0.4.1", "0.4.38"), ("0.5.0", "0.9.2"), (None, "0.5.0"), ("0.4.38", None), (None, None)],
)
def test_where_the_default_stream_is_the_same_nothing_is_measured(before, after):
    stage = Stage(by_stream)
    assert stream_alone(ends(before, after), stage.measure) == ""
    assert stage.measured == []
