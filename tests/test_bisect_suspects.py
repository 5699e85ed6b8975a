"""Of all packages that differ, those that make the difference, and the proof in both directions."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from rich.console import Console
from toy.project import CONFIG, toy_lock

from harness.bisect import suspects as module
from harness.bisect.answer import Move, Suspects
from harness.bisect.ends import Ends, Variables
from harness.bisect.journal import Journal
from harness.bisect.labels import Reading
from harness.bisect.progress import Steps
from harness.bisect.shelf import Shelf
from harness.bisect.suspects import find_suspects
from harness.config import Config, load_config
from harness.environment.lock import Lock, LockFolder
from harness.environment.resolve import Resolver

Rule = Callable[[Mapping[str, str]], str | None]
"""From packages to a label; `python` is one of them."""


def old_and_new(*names: str) -> tuple[Lock, Lock]:
    """Two environments in which all these packages differ, and one does not."""
    before = {"same": "1", **dict.fromkeys(names, "1.0")}
    after = {"same": "1", **dict.fromkeys(names, "2.0")}
    return toy_lock("1.0", packages=before), toy_lock("2.0", packages=after)


def fails_with(*culprits: str) -> Rule:
    """Failing where all of these are new."""
    return lambda packages: "failing" if all(packages.get(c) == "2.0" for c in culprits) else "works"


class Desk:
    """Environments that are mixed without a resolver, unless a test refuses them, and what was measured."""

    def __init__(self, shelf: Shelf, steps: Steps) -> None:
        self.shelf = shelf
        self.steps = steps
        self.measured: list[dict[str, str]] = []
        self.mixed: list[frozenset[str]] = []
        self.refused: Callable[[frozenset[str]], bool] = lambda chosen: False
        self.along: dict[str, dict[str, str]] = {}
        """What must move along with a package, and to which version."""

    def mix(self, a: Lock, b: Lock, chosen: frozenset[str], only_binary: Sequence[str]) -> Lock:
        self.mixed.append(chosen)
        names = {*a.packages, *b.packages}
        if self.refused(chosen) and chosen and chosen != frozenset(m.package for m in module.moves(a, b)):
            return replace(a, packages={}, unresolvable="they do not fit")
        versions = {n: (b if n in chosen else a).packages.get(n) for n in names}
        return replace(a, packages={n: v for n, v in versions.items() if v is not None})

    def hold(self, base: Lock, package: str, version: str, config: Config) -> Lock:
        return replace(base, packages={**base.packages, package: version, **self.along.get(package, {})})

    def find(
        self, ends: tuple[Lock, Lock], rule: Rule, prime: Sequence[str] = (), *, consistent: bool = True
    ) -> Suspects:
        before, after = ends

        def read(lock: Lock, variables: Variables) -> Reading:
            assert not variables
            self.measured.append({**lock.packages, "python": lock.python})
            if lock.unresolvable:
                return Reading(label=None, detail=f"unbuildable: {lock.unresolvable}", runs=0)
            return Reading(label=rule({**lock.packages, "python": lock.python}))

        labels = [rule({**lock.packages, "python": lock.python}) for lock in ends]
        assert None not in labels
        known = Ends(before=before, after=after, old=str(labels[0]), new=str(labels[1]))
        found = find_suspects(known, read, self.shelf, self.steps, prime, consistent=consistent)
        self.found_between = found.ends
        return found.suspects


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def desk(tmp_path, monkeypatch, said):
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    config = load_config(tmp_path)
    with Journal(tmp_path / "bisect.sqlite") as journal:
        shelf = Shelf(
            config=config, locks=LockFolder(path=config.locks), journal=journal, resolver=Resolver(config)
        )
        made = Desk(shelf, Steps(Console(file=said, width=200, highlight=False)))
        monkeypatch.setattr(module, "mix", made.mix)
        monkeypatch.setattr(module, "hold", made.hold)
        yield made


def moved(*names: str) -> tuple[Move, ...]:
    return tuple(Move(package=name, before="1.0", after="2.0") for name in names)


def back(*names: str) -> tuple[Move, ...]:
    return tuple(Move(package=name, before="2.0", after="1.0") for name in names)


MANY = tuple(f"p{number:02}" for number in range(30))


# One culprit


def test_the_culprit_is_found_and_proven_both_ways(desk):
    found = desk.find(old_and_new("a", "b", "c", "d"), fails_with("c"))
    assert (found.culprits, found.others, found.note, found.is_proven) == (("c",), (), "", True)
    assert found.moves == moved("a", "b", "c", "d")
    assert found.sufficient.moved == moved("c")
    assert found.sufficient.description == "toy-1.0 with c 2.0"
    assert found.sufficient.reading == Reading(label="failing")
    assert found.necessary.moved == back("c")
    assert found.necessary.description == "toy-2.0 with c 1.0"
    assert found.necessary.reading == Reading(label="works")


def test_a_fix_has_a_culprit_too(desk):
    before, after = old_and_new("a", "b", "c")
    found = desk.find((after, before), fails_with("b"))
    assert (found.culprits, found.is_proven) == (("b",), True)
    assert (found.sufficient.reading.label, found.necessary.reading.label) == ("works", "failing")


@pytest.mark.parametrize("culprit", [MANY[0], MANY[13], MANY[29]])
def test_one_of_thirty_is_found_in_few_experiments(desk, culprit):
    found = desk.find(old_and_new(*MANY), fails_with(culprit))
    assert (found.culprits, found.is_proven) == ((culprit,), True)
    assert len(desk.measured) == len(found.experiments) <= 14


def test_what_is_suspected_first_is_tried_first(desk):
    found = desk.find(old_and_new(*MANY), fails_with("p17"), prime=("same", "unknown", "p03", "p17"))
    assert found.culprits == ("p17",)
    assert [experiment.moved for experiment in found.experiments] == [
        moved("p03"),
        moved("p17"),
        moved(*(name for name in MANY if name != "p17")),
    ]


def test_no_environment_is_measured_twice(desk):
    desk.find(old_and_new(*MANY), fails_with("p05", "p22"))
    seen = [tuple(sorted(packages.items())) for packages in desk.measured]
    assert len(seen) == len(set(seen))


def test_a_package_that_came_or_went_can_be_the_culprit(desk):
    before = toy_lock("1.0", packages={"toy": "1.0", "left": "3", "a": "1"})
    after = toy_lock("2.0", packages={"toy": "2.0", "came": "4", "a": "2"})
    found = desk.find((before, after), lambda packages: "works" if "left" in packages else "failing")
    assert found.culprits == ("left",)
    assert found.sufficient.description == "toy-1.0 with left absent"
    assert found.necessary.moved == (Move(package="left", before=None, after="3"),)
    assert found.necessary.description == "toy-2.0 with left 3"


def test_the_only_package_that_differs_is_proven_by_the_ends_themselves(desk):
    found = desk.find(old_and_new("a"), fails_with("a"))
    assert (found.culprits, found.is_proven) == (("a",), True)
    assert (found.sufficient.description, found.necessary.description) == ("toy-2.0", "toy-1.0")


def test_a_status_between_two_good_ones_is_searched_too(desk):
    def rule(packages: Mapping[str, str]) -> str:
        return "rejected" if packages["b"] == "2.0" else "fixed"

    assert desk.find(old_and_new("a", "b"), rule).culprits == ("b",)


def test_every_experiment_is_told_as_a_step(desk, said):
    found = desk.find(old_and_new("a", "b", "c", "d"), fails_with("c"))
    lines = said.getvalue().splitlines()
    assert len(lines) == len(found.experiments)
    assert all(e.description in line for e, line in zip(found.experiments, lines, strict=True))


# Several


def test_a_pair_that_only_breaks_together_is_found_as_a_pair(desk):
    found = desk.find(old_and_new(*MANY), fails_with("p04", "p21"))
    assert (found.culprits, found.is_proven, found.others) == (("p04", "p21"), True, ())
    assert found.sufficient.description == "toy-1.0 with p04 2.0, p21 2.0"
    assert found.necessary.description == "toy-2.0 with p04 1.0, p21 1.0"


def test_of_two_that_each_suffice_both_are_told_and_none_is_necessary(desk):
    def rule(packages: Mapping[str, str]) -> str:
        return "failing" if "2.0" in (packages["b"], packages["d"]) else "works"

    found = desk.find(old_and_new("a", "b", "c", "d"), rule)
    assert {found.culprits, *found.others} == {("b",), ("d",)}
    assert (found.sufficient.reading.label, found.necessary, found.is_proven) == ("failing", None, False)


def test_a_suspect_that_suffices_does_not_hide_another(desk):
    def rule(packages: Mapping[str, str]) -> str:
        return "failing" if "2.0" in (packages["b"], packages["d"]) else "works"

    found = desk.find(old_and_new("a", "b", "c", "d"), rule, prime=("d",))
    assert (found.culprits, found.others) == (("d",), (("b",),))


# What the resolver refuses


def test_a_culprit_that_may_not_come_in_alone_is_proven_by_taking_it_out(desk):
    desk.refused = lambda chosen: "c" in chosen
    found = desk.find(old_and_new("a", "b", "c", "d"), fails_with("c"))
    assert (found.culprits, found.sufficient, found.is_proven) == (("c",), None, False)
    assert (found.necessary.reading.label, found.necessary.moved) == ("works", back("c"))


def test_a_suspect_that_may_only_be_taken_out_is_proven_in_that_direction(desk):
    desk.refused = lambda chosen: chosen == {"c"}
    found = desk.find(old_and_new("a", "b", "c", "d"), fails_with("c"), prime=("c",))
    assert (found.culprits, found.sufficient, found.is_proven) == (("c",), None, False)
    assert (found.necessary.reading.label, found.necessary.moved) == ("works", back("c"))


def test_a_culprit_that_may_only_come_in_is_proven_in_that_direction(desk):
    desk.refused = lambda chosen: "c" not in chosen
    found = desk.find(old_and_new("a", "b", "c", "d"), fails_with("c"))
    assert (found.culprits, found.necessary, found.is_proven) == (("c",), None, False)
    assert (found.sufficient.reading.label, found.sufficient.moved) == ("failing", moved("c"))


def test_packages_that_only_fit_together_are_not_told_apart(desk):
    desk.refused = lambda chosen: len(chosen & {"jax", "jaxlib"}) == 1
    found = desk.find(old_and_new("a", "jax", "jaxlib", "toy"), fails_with("jax"))
    assert (found.culprits, found.is_proven) == (("jax", "jaxlib"), True)
    assert found.note == "it could not be measured without jax, jaxlib: such a mixture gives no verdict"


def test_where_everything_is_refused_all_that_differs_is_suspected_and_nothing_claimed(desk):
    desk.refused = lambda chosen: True
    found = desk.find(old_and_new("a", "b", "c"), fails_with("b"))
    assert found.culprits == ("a", "b", "c")
    assert found.note.startswith("it could not be measured without a, b, c")


def test_a_refusal_is_an_experiment_without_a_verdict(desk):
    desk.refused = lambda chosen: True
    found = desk.find(old_and_new("a", "b"), fails_with("a"))
    told = {e.reading.detail for e in found.experiments if e.reading.label is None}
    assert told == {"unbuildable: they do not fit"}


def test_mixtures_are_kept_so_that_a_restart_does_not_ask_the_resolver_again(desk):
    ends = old_and_new("a", "b", "c", "d")
    first = desk.find(ends, fails_with("c"))
    assert len(desk.mixed) == len(first.experiments)
    desk.mixed.clear()
    assert desk.find(ends, fails_with("c")) == first
    assert desk.mixed == []


def test_packages_that_must_move_along_with_a_suspect_are_tried_with_it_first(desk):
    desk.refused = lambda chosen: len(chosen & {"jax", "jaxlib"}) == 1
    desk.along = {"jax": {"jaxlib": "2.0", "elsewhere": "1"}}
    found = desk.find(old_and_new(*MANY, "jax", "jaxlib"), fails_with("jax"), prime=("jax",))
    assert (found.culprits, found.is_proven) == (("jax", "jaxlib"), True)
    assert len(found.experiments) <= 6


def test_a_companion_that_had_to_go_back_too_is_told_and_not_blamed(desk):
    desk.refused = lambda chosen: "dep" in chosen and "toy" not in chosen
    desk.along = {"toy": {"dep": "1.0"}}
    found = desk.find(old_and_new("a", "dep", "toy"), fails_with("toy"), prime=("toy",))
    assert (found.culprits, found.is_proven) == (("toy",), True)
    assert found.necessary.moved == back("dep", "toy")
    assert found.note == "it was taken back together with dep"


def test_environments_that_contradict_themselves_are_mixed_without_the_resolver(desk):
    desk.refused = lambda chosen: True
    found = desk.find(old_and_new("a", "b", "c"), fails_with("b"), consistent=False)
    assert (found.culprits, found.is_proven, desk.mixed) == (("b",), True, [])


def test_a_mixture_of_many_is_described_by_some(desk):
    found = desk.find(old_and_new(*MANY), fails_with(*MANY[:10]), prime=())
    assert found.sufficient.description == "toy-1.0 with p00 2.0, p01 2.0, p02 2.0 and 7 more"


# Pythons


def on(python: str, lock: Lock) -> Lock:
    return replace(lock, python=python)


def test_the_python_is_the_culprit_where_it_alone_makes_the_difference(desk):
    before, after = old_and_new("a", "b")
    found = desk.find(
        (on("3.11", before), on("3.12", after)),
        lambda packages: "failing" if packages["python"] == "3.12" else "works",
    )
    assert (found.culprits, found.is_proven) == (("python",), True)
    assert found.moves == (Move(package="python", before="3.11", after="3.12"), *moved("a", "b"))
    assert found.sufficient.description == "toy-1.0 on Python 3.12"
    assert found.sufficient.moved == (Move(package="python", before="3.11", after="3.12"),)
    assert found.necessary.description == "toy-2.0 on Python 3.11"
    assert found.necessary.moved == (Move(package="python", before="3.12", after="3.11"),)


def test_a_package_is_searched_on_one_python_where_that_changes_nothing(desk):
    before, after = old_and_new("a", "b", "c")
    found = desk.find((on("3.11", before), on("3.12", after)), fails_with("b"))
    assert (found.culprits, found.is_proven) == (("b",), True)
    assert found.experiments[0].description == "toy-1.0 on Python 3.12"
    assert (desk.found_between.before.python, desk.found_between.after) == ("3.12", on("3.12", after))
    assert {packages["python"] for packages in desk.measured} == {"3.12"}


def test_packages_are_mixed_on_the_old_python_where_the_old_ones_do_not_run_on_the_new(desk):
    before, after = old_and_new("a", "b", "c")

    def rule(packages: Mapping[str, str]) -> str | None:
        if packages["python"] == "3.12" and packages["a"] == "1.0":
            return None
        return fails_with("b")(packages)

    found = desk.find((on("3.11", before), on("3.12", after)), rule)
    assert (found.culprits, found.is_proven) == (("b",), True)
    assert [e.description for e in found.experiments[:2]] == [
        "toy-1.0 on Python 3.12",
        "toy-2.0 on Python 3.11",
    ]
    assert {packages["python"] for packages in desk.measured[1:]} == {"3.11"}


def test_environments_that_run_only_on_their_own_python_are_not_decided(desk):
    before, after = old_and_new("a", "b")

    def rule(packages: Mapping[str, str]) -> str | None:
        if (packages["python"] == "3.12") != (packages["a"] == "2.0"):
            return None
        return fails_with("a")(packages)

    found = desk.find((on("3.11", before), on("3.12", after)), rule)
    assert (found.culprits, found.sufficient, found.necessary) == ((), None, None)
    assert found.note == "neither environment can be measured on the other's Python"
    assert len(found.experiments) == 2


# Nothing to tell


def test_environments_of_the_same_packages_have_no_suspects(desk):
    before, _ = old_and_new("a", "b")
    found = find_suspects(
        Ends(before=before, after=before, old="works", new="failing"),
        lambda lock, variables: pytest.fail("nothing is to be measured"),
        desk.shelf,
        desk.steps,
    ).suspects
    assert (found.moves, found.culprits, found.experiments) == ((), (), ())
    assert found.note == "both environments hold the same packages"


def test_what_the_resolver_said_of_a_mixture_is_not_taken_for_an_unchecked_one(desk):
    desk.refused = lambda chosen: True
    refused = desk.find(old_and_new("a", "b", "c"), fails_with("b"))
    assert set(refused.culprits) == {"a", "b", "c"}
    found = desk.find(old_and_new("a", "b", "c"), fails_with("b"), consistent=False)
    assert (found.culprits, found.is_proven) == (("b",), True)
