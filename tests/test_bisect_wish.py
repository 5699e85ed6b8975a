"""What a user asked for: options that fit, the searches they mean, the command that asks again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import click
import pytest
from packaging.version import Version
from toy.cases import HEADER, edited, make_case
from toy.project import CONFIG, toy_lock

from harness.bisect import wish as module
from harness.bisect.answer import Point
from harness.bisect.lab import Subject
from harness.bisect.labels import Reading
from harness.bisect.pipeline import Depth
from harness.bisect.releases import Line
from harness.bisect.wish import Planner, Wish, distribution_of, parse_pin
from harness.cli import main
from harness.config import Config, load_config
from harness.device import parse_device
from harness.environment.lock import Lock
from harness.environment.places import LockedPlace
from harness.environment.releases import Release
from harness.errors import NoEvidence, UsageError

TORCH = '\n[tool.harness.library.torch]\ndistribution = "py-torch"\n'


@pytest.fixture
def config(tmp_path) -> Config:
    (tmp_path / "pyproject.toml").write_text(CONFIG + TORCH)
    return load_config(tmp_path)


# Options that do not go together


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"good": "1.0"}, "give both --good and --bad, or neither."),
        ({"bad": "1.0"}, "give both --good and --bad, or neither."),
        (
            {"package": "dep"},
            "--package and --env belong together: its releases are searched, and the other packages of that "
            "environment held.",
        ),
        (
            {"environment": "toy-1.0"},
            "--package and --env belong together: its releases are searched, and the other packages of that "
            "environment held.",
        ),
        (
            {"package": "dep", "environment": "toy-1.0", "resolution": "latest"},
            "--package holds the packages of --env; it goes with neither --resolution nor --with.",
        ),
        (
            {"package": "dep", "environment": "toy-1.0", "pins": ("torch==2",)},
            "--package holds the packages of --env; it goes with neither --resolution nor --with.",
        ),
        (
            {"pins": ("torch==2",), "resolution": "latest"},
            "--with makes a pinned environment; leave out --resolution latest.",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, told):
    with pytest.raises(UsageError) as caught:
        Wish(**options)
    assert str(caught.value) == told


# The command that asks for it again

FULL = Wish(
    variant="fix_pin",
    resolution="pinned",
    pins=("torch==2.5.1", "jax==0.4.1"),
    since="1.0",
    until="2024-05-31",
    good="2.0",
    bad="1.0",
    every=True,
    repeat=3,
    tries=("1.1", "abc123"),
    first="v1.0",
    last="main",
    into_merges=True,
    releases_only=True,
    devices=("cpu:4", "cpu+x64"),
)


def test_a_wish_without_options_is_a_short_command():
    assert Wish().command("toy-7", []) == "harness bisect toy-7"


def parsed(line: str) -> dict[str, object]:
    """What the command line itself reads in a command."""
    program, command, *arguments = shlex.split(line)
    assert program == "harness"
    found = main.commands[command].make_context(command, list(arguments))
    assert isinstance(found, click.Context)
    return found.params


@pytest.mark.parametrize(
    "wish",
    [Wish(), FULL, Wish(package="dep", environment="toy-1.0"), Wish(since="a b", tries=("$(rm)", "'"))],
)
def test_the_command_of_a_wish_is_that_wish(wish):
    params = parsed(wish.command("toy-7", ["toy=https://example.org/toy", "dep=/a folder/x=y"]))
    assert params.pop("cases") == ("toy-7",)
    assert params.pop("repos") == ("toy=https://example.org/toy", "dep=/a folder/x=y")
    own = ("everything", "root", "store", "reports", "rerun")
    assert {name: params.pop(name) for name in own} == dict.fromkeys(own, None) | {
        "everything": False,
        "rerun": False,
    }
    assert Wish(**params) == wish


def test_the_command_names_repositories_as_others_reach_them_and_not_as_the_user_did():
    wish = Wish(repos=("toy=/home/me/toy",))
    assert wish.command("toy-7", ["toy=https://example.org/toy"]) == (
        "harness bisect toy-7 --repo toy=https://example.org/toy"
    )


# Repositories


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/clones/toy", {"": "/clones/toy"}),
        ("toy", {"": "toy"}),
        ("toy=/clones/toy", {"toy": "/clones/toy"}),
        ("Toy_Box=../toy", {"toy-box": "../toy"}),
        ("toy=https://example.org/toy?a=b", {"toy": "https://example.org/toy?a=b"}),
        ("https://example.org/toy?a=b", {"": "https://example.org/toy?a=b"}),
        ("git@example.org:toy=box.git", {"": "git@example.org:toy=box.git"}),
        ("C:\\clones\\toy=box", {"": "C:\\clones\\toy=box"}),
        ("toy=C:\\clones\\toy", {"toy": "C:\\clones\\toy"}),
        ("clones\\toy=box", {"": "clones\\toy=box"}),
        ("./toy=box", {"": "./toy=box"}),
    ],
)
def test_a_repository_is_that_of_a_package_or_of_any(config, text, found):
    assert Wish(repos=(text,)).repositories(config) == found


def test_several_repositories_are_kept_by_package(config):
    repos = ("toy=a", "dep=b", "c")
    assert Wish(repos=repos).repositories(config) == {"toy": "a", "dep": "b", "": "c"}


def test_the_package_of_a_repository_may_be_called_by_its_library(config):
    assert Wish(repos=("torch=a",)).repositories(config) == {"py-torch": "a"}


def test_how_far_to_go_is_part_of_a_wish(config):
    wish = replace(FULL, repos=("toy=a",))
    assert wish.depth(config) == Depth(
        releases_only=True,
        repositories={"toy": "a"},
        first="v1.0",
        last="main",
        suspects=("1.1", "abc123"),
        into_merges=True,
    )


# Pins and packages


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("torch==2.5.1", ("torch", Version("2.5.1"))),
        (" torch == 2.5.1 ", ("torch", Version("2.5.1"))),
        ("Py_Torch==2", ("torch", Version("2"))),
        ("toy==1", ("toy", Version("1"))),
    ],
)
def test_a_pin_is_a_library_or_its_distribution_at_a_version(config, text, pin):
    assert parse_pin(config, text) == pin


@pytest.mark.parametrize("text", ["torch", "torch==", "torch=2", "numpy==1", "torch>=2", "==2", ""])
def test_any_other_pin_is_refused_with_what_may_be_pinned(config, text):
    with pytest.raises(UsageError) as caught:
        parse_pin(config, text)
    told = f"--with {text!r} is no version of a library; write torch==2.5.1, with one of torch, toy."
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("name", "distribution"), [("torch", "py-torch"), ("py_torch", "py-torch"), ("NumPy", "numpy")]
)
def test_a_package_may_be_called_by_its_library(config, name, distribution):
    assert distribution_of(config, name) == distribution


# The searches of a wish


@dataclass
class FakeLab:
    """Gives every release its status and tells which were measured."""

    config: Config
    labels: dict[str, str | None]
    measured: list[str] = field(default_factory=list)

    def known(self, place: LockedPlace, subject: Subject) -> Reading | None:
        return None

    def read(self, place: LockedPlace, subject: Subject) -> Reading:
        version = str(place.lock.id.version)
        self.measured.append(version)
        return Reading(label=self.labels[version], detail="it crashed")


@dataclass
class FakeSteps:
    told: list[tuple[str, str]] = field(default_factory=list)

    def step(self, name: str, reading: Reading, left: str) -> None:
        self.told.append((name, left))


@dataclass
class FakeShelf:
    config: Config


@dataclass
class FakeBench:
    lab: FakeLab
    shelf: FakeShelf
    steps: FakeSteps


LABELS = {"1.0": "failing", "1.1": "failing", "1.2": None, "2.0": "fixed", "2.1": "rejected"}
CASE = make_case(header=edited('failing = ["toy<2"]', 'failing = ["toy"]', HEADER))


def toy_line() -> Line:
    def lock(release: Release) -> Lock:
        return toy_lock(str(release.version))

    releases = tuple(
        Release(version=Version(text), uploaded=None, yanked=False, requires_python=None) for text in LABELS
    )
    return Line(package="toy", held="period", releases=releases, lock=lock, lock_at_hand=lambda _: None)


@pytest.fixture
def bench(config) -> FakeBench:
    return FakeBench(FakeLab(config, LABELS), FakeShelf(config), FakeSteps())


@pytest.fixture
def plan(bench, monkeypatch):
    """Makes the search of a wish over the toy's releases."""
    monkeypatch.setattr(module, "choose_axis", lambda shelf, *asked: shelf.config.axes[0])
    monkeypatch.setattr(module, "axis_line", lambda shelf, axis: toy_line())

    def make(**options: object) -> Planner:
        return Planner(bench=bench, wish=Wish(**options))

    return make


SUBJECT = Subject(case=CASE, variant=CASE.variants[0], device=parse_device("cpu"))


def names(line: Line) -> list[str]:
    return [str(release.version) for release in line.releases]


def refusal(planner: Planner) -> str:
    with pytest.raises(UsageError) as caught:
        planner.track(SUBJECT)
    return str(caught.value)


def test_without_options_all_releases_are_searched_and_nothing_measured_yet(plan, bench):
    track = plan().track(SUBJECT)
    assert names(track.line) == ["1.0", "1.1", "1.2", "2.0", "2.1"]
    assert (track.subject, bench.lab.measured, set(track.search.gains())) == (SUBJECT, [], {0, 4})


def test_bounds_narrow_the_releases(plan):
    assert names(plan(since="1.1", until="2.0").track(SUBJECT).line) == ["1.1", "1.2", "2.0"]


def test_searches_of_one_axis_share_their_line(plan):
    planner = plan()
    other = replace(SUBJECT, device=parse_device("cpu:2"))
    assert planner.track(SUBJECT).line is planner.track(other).line


@pytest.mark.parametrize(("good", "bad"), [("2.0", "1.0"), ("2.0.0", "1.0")])
def test_ends_that_are_what_they_were_called_bound_the_search(plan, bench, good, bad):
    track = plan(good=good, bad=bad).track(SUBJECT)
    assert names(track.line) == ["1.0", "1.1", "1.2", "2.0"]
    assert bench.steps.told == [("toy-2.0", "given as good"), ("toy-1.0", "given as bad")]


def test_the_good_end_may_be_the_older_one(plan, bench):
    bench.lab.labels = {**LABELS, "1.0": "fixed", "2.1": "failing"}
    assert names(plan(good="1.0", bad="2.1").track(SUBJECT).line) == names(toy_line())


def test_ends_the_wrong_way_round_are_told_and_the_other_direction_offered(plan):
    assert refusal(plan(good="1.0", bad="2.0")) == (
        "the ends are the wrong way round: 1.0 is failing and 2.0 is fixed; give --good 2.0 --bad 1.0."
    )


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("1.0", "1.1", "1.0 is failing and 1.1 is failing"),
        ("2.1", "2.0", "2.1 is rejected and 2.0 is fixed"),
        ("2.0", "2.0", "2.0 is fixed and 2.0 is fixed"),
    ],
)
def test_ends_that_do_not_differ_are_told_with_what_both_gave(plan, good, bad, said):
    assert refusal(plan(good=good, bad=bad)) == (
        f"the ends do not differ: {said}; give others, or neither to search all releases."
    )


def test_an_end_without_a_verdict_is_no_evidence(plan):
    with pytest.raises(NoEvidence) as caught:
        plan(good="2.0", bad="1.2").track(SUBJECT)
    assert str(caught.value) == "toy-1.2, given as bad, has no verdict (it crashed); give another end."


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"good": "9", "bad": "1.0"}, "toy 9 is not among the releases 1.0 to 2.1 that are searched."),
        ({"good": "x", "bad": "1.0"}, "'x' is neither a version nor a day; write 0.16.1 or 2024-05-31."),
        ({"since": "x"}, "'x' is neither a version nor a day; write 0.16.1 or 2024-05-31."),
        ({"since": "3"}, "there is no release of toy from 3; it has 1.0 to 2.1."),
        (
            {"pins": ("numpy==1",)},
            "--with 'numpy==1' is no version of a library; write torch==2.5.1, with one of torch, toy.",
        ),
    ],
)
def test_bounds_and_pins_that_mean_nothing_are_refused_before_anything_is_measured(
    plan, bench, options, told
):
    assert refusal(plan(**options)) == told
    assert bench.lab.measured == []


# What to try first


def test_a_release_to_try_is_tested_first_with_the_one_before(plan):
    assert list(plan(tries=("2.0",)).track(SUBJECT).search.gains())[:2] == [2, 3]


def test_the_first_release_has_none_before(plan):
    assert next(iter(plan(tries=("1.0.0",)).track(SUBJECT).search.gains())) == 0


@pytest.mark.parametrize("text", ["9.9", "abc123", "", "nonsense"])
def test_what_is_no_release_needs_a_repository(plan, text):
    assert refusal(plan(tries=("2.0", text))) == (
        f"--try {text} is not among the releases of toy that are searched; for a commit, give --repo."
    )


def test_with_a_repository_it_may_be_a_commit(plan):
    track = plan(tries=("abc123", "2.0"), repos=("toy=clone",)).track(SUBJECT)
    assert list(track.search.gains())[:2] == [2, 3]


def test_a_point_of_a_release_without_a_date_has_none(plan):
    track = plan().track(SUBJECT)
    track.tell(0, toy_lock("1.0"), Reading(label="failing"))
    point = track.point(0)
    assert isinstance(point, Point)
    assert point.date is None


def test_bounds_may_be_days(plan, monkeypatch):
    def dated(shelf: object, axis: object) -> Line:
        plain = toy_line()
        first, *rest = plain.releases
        stamped = replace(first, uploaded=datetime(2024, 1, 1, tzinfo=UTC))
        return replace(plain, releases=(stamped, *rest))

    monkeypatch.setattr(module, "axis_line", dated)
    assert names(plan(until=str(date(2024, 1, 1))).track(SUBJECT).line) == ["1.0"]
