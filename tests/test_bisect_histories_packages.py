"""Truth: the packages that are blamed for planted changes, and a change that nothing but chance explains."""

from __future__ import annotations

import io
import random
import shutil
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console
from toy import history_suspects
from toy.histories import RIGHT, Tally, accept
from toy.history_suspects import Tangle, random_tangle
from toy.project import CONFIG, write_project
from toy.user import harness
from toy.wheels import write_wheel

from harness.bisect import suspects
from harness.bisect.answer import Suspects
from harness.bisect.document import read_answer
from harness.bisect.ends import Ends
from harness.bisect.progress import Steps


def hunt(tangle: Tangle, monkeypatch: pytest.MonkeyPatch) -> Suspects:
    """Search mixtures that are looked up and not resolved, built or run."""
    monkeypatch.setattr(suspects, "mix", tangle.mix)
    monkeypatch.setattr(suspects, "hold", tangle.hold)
    shelf = SimpleNamespace(made=lambda title, make: make(), config=SimpleNamespace(only_binary=()))
    every = frozenset(tangle.packages)
    ends = Ends(
        before=tangle.lock(frozenset()),
        after=tangle.lock(every),
        old=history_suspects.OLD,
        new=history_suspects.NEW,
    )
    return suspects.find_suspects(ends, tangle.measure, shelf, quiet(), ("toy",)).suspects


def quiet() -> Steps:
    return Steps(Console(file=io.StringIO()))


def test_of_600_sets_of_packages_none_is_called_the_culprits_wrongly(monkeypatch, record_testsuite_property):
    chance, tally, counts = random.Random(40), Tally("packages"), Counter[str]()
    for number in range(600):
        tangle = random_tangle(chance)
        found = hunt(tangle, monkeypatch)
        counts.update(tangle.features)
        faults = list(history_suspects.faults_of(tangle, found))
        tally.add(f"{number} {tangle}", faults, is_decided=history_suspects.is_decided(found))
    accept(tally, record_testsuite_property, at_least=600)
    assert tally.counts[RIGHT] >= 400
    wanted = {"one": 100, "pair": 40, "triple": 40, "either or": 40, "itself": 100, "30 moved": 50}
    wanted |= {"refused mixtures": 100, "mute mixtures": 100}
    assert {feature: least for feature, least in wanted.items() if counts[feature] < least} == {}


def test_where_every_mixture_gives_a_verdict_the_culprits_are_told_exactly(monkeypatch):
    chance = random.Random(41)
    tangles = [replace(random_tangle(chance), needs=(), wants=(), mute=()) for _ in range(200)]
    for tangle in tangles:
        found = hunt(tangle, monkeypatch)
        assert {frozenset(found.culprits), *map(frozenset, found.others)} == set(tangle.causes)
        assert found.is_proven == (len(tangle.causes) == 1)
        assert found.note == ""


PACKAGES = ("toy", *(f"dep{number:02}" for number in range(30)))
BOUND = (("dep10", "dep20"),)
"""Two that the resolver only moves together."""


def sets(*names: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(each.split()) for each in names)


def test_among_30_packages_that_moved_the_culprits_are_found_in_what_is_really_built(
    toy_index, tmp_path, record_testsuite_property
):
    causes = [sets("toy"), sets("dep29"), sets("dep03 dep17"), sets("dep10")]
    tangles = [Tangle(PACKAGES, each, needs=BOUND) for each in causes]
    history_suspects.publish(toy_index, tangles)
    root = write_project(tmp_path / "project", f"[tool.harness]\n{CONFIG}")
    shutil.rmtree(root / "harness" / "locks")
    history_suspects.write_cases(root, len(tangles))
    said = harness("bisect", "--root", root, "--all", "--reports", tmp_path / "answers")
    assert (said.code, said.err) == (0, "")
    tally, culprits = Tally("packages, built and run"), []
    for number, tangle in enumerate(tangles):
        (change,) = read_answer(tmp_path / "answers" / f"toy-{number}.failure.json").releases.changes
        assert change.suspects is not None
        faults = list(history_suspects.faults_of(tangle, change.suspects))
        is_decided = history_suspects.is_decided(change.suspects)
        tally.add(f"{tangle.causes}", faults, is_decided=is_decided)
        culprits.append([change.suspects.culprits, *change.suspects.others])
        if number == 1:
            assert change.pair is not None
            assert [(c.before.name, c.after.name) for c in change.pair.changes] == [("1.0", "1.5")]
    accept(tally, record_testsuite_property, at_least=4)
    assert tally.counts[RIGHT] == 3
    assert [set(each) for each in culprits] == [
        {("toy",)},
        {("dep29",)},
        {("dep03", "dep17")},
        {("dep10", "dep20")},
    ]


# The random stream


JAX = """\
import os
from types import SimpleNamespace

VERSION = {version!r}
IS_PARTITIONABLE = os.environ.get("JAX_THREEFRY_PARTITIONABLE", {default!r}) == "1"
config = SimpleNamespace(jax_enable_x64=False, update=lambda name, value: None)


def devices():
    return [SimpleNamespace(platform="cpu")]
"""
DRAWS = """\
import jax


def behave(history):
    is_on, is_new = jax.IS_PARTITIONABLE, jax.VERSION == "0.5.0"
    if [is_on, is_new, {version!r} == "2.0", not is_on][history]:
        raise ValueError("shapes disagree: 2 and 3")
"""


def test_only_what_the_default_random_stream_does_not_explain_is_blamed_on_jax(toy_index, tmp_path):
    folder = toy_index.folder
    for version, day, default in (("0.4.38", "2024-01-01", "0"), ("0.5.0", "2024-03-01", "1")):
        text = JAX.format(version=version, default=default)
        toy_index.add(write_wheel(folder, "jax", version, {"jax.py": text}), uploaded=day)
    for version, day in (("1.0", "2024-01-01"), ("2.0", "2024-06-01")):
        files = {"toy.py": DRAWS.format(version=version)}
        toy_index.add(write_wheel(folder, "toy", version, files, requires=["jax"]), uploaded=day)
    root = write_project(tmp_path / "project", f"[tool.harness]\n{CONFIG}")
    shutil.rmtree(root / "harness" / "locks")
    history_suspects.write_cases(root, 4)
    said = harness("bisect", "--root", root, "--all", "--reports", tmp_path / "answers")
    assert (said.code, said.err) == (0, "")
    answers = [read_answer(tmp_path / "answers" / f"toy-{number}.failure.json") for number in range(4)]
    changes = [answer.releases.changes[0] for answer in answers]
    assert [(c.before.name, c.after.name) for c in changes] == [("1.0", "2.0")] * 4
    assert [bool(change.random_stream) for change in changes] == [True, False, False, True]
    blamed = [change.suspects.culprits if change.suspects else None for change in changes]
    assert blamed == [None, ("jax",), ("toy",), None]
