"""Searches over releases run together: each release is built once, what helps most comes first."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from packaging.version import Version
from rich.console import Console
from toy.cases import edited, make_case
from toy.project import CONFIG, toy_lock

from harness.bisect.answer import ChangeKind
from harness.bisect.campaign import Track, left_of, make_track, place_of, release_point, run_campaign
from harness.bisect.lab import Subject
from harness.bisect.labels import Reading
from harness.bisect.progress import Steps
from harness.bisect.releases import Line
from harness.bisect.search import Search
from harness.case import Case
from harness.config import Config, load_config
from harness.device import parse_device
from harness.environment.lock import Lock
from harness.environment.places import LockedPlace
from harness.environment.releases import Release
from harness.errors import NoEvidence

Truth = Callable[[int], str | None]

SIZE = 32


def releases(size: int = SIZE) -> tuple[Release, ...]:
    return tuple(
        Release(
            version=Version(f"1.{number}"),
            uploaded=datetime(2024, 1 + number // 28, 1 + number % 28, tzinfo=UTC),
            yanked=False,
            requires_python=None,
        )
        for number in range(size)
    )


def plain_line(size: int = SIZE, at_hand: Sequence[int] = ()) -> Line:
    """Releases 1.0, 1.1 ...; the locks of some are at hand."""
    known = {f"1.{number}" for number in at_hand}
    return Line(
        package="toy",
        held="period",
        releases=releases(size),
        lock=lambda release: toy_lock(str(release.version)),
        lock_at_hand=lambda release: (
            toy_lock(str(release.version)) if str(release.version) in known else None
        ),
    )


@dataclass
class FakeLab:
    """Knows the truth of every case by the number of a release, and tells what was built for whom."""

    config: Config
    truth: dict[str, Truth]
    stored: set[tuple[str, int]] = field(default_factory=set)
    built: list[int] = field(default_factory=list)
    ran: list[tuple[str, int]] = field(default_factory=list)

    def known(self, place: LockedPlace, subject: Subject) -> Reading | None:
        number = number_of(place)
        if (subject.case.id, number) not in self.stored:
            return None
        return Reading(label=self.truth[subject.case.id](number), stored=True)

    def read_all(self, place: LockedPlace, subjects: Sequence[Subject]) -> list[Reading]:
        number = number_of(place)
        self.built.append(number)
        self.ran += [(subject.case.id, number) for subject in subjects]
        return [Reading(label=self.truth[subject.case.id](number)) for subject in subjects]


def number_of(place: LockedPlace) -> int:
    return place.lock.id.version.minor


def named(number: int) -> Case:
    """A case whose header claims no change."""
    return make_case(f"toy/{number}_breaks.py", edited('failing = ["toy<2"]', 'failing = ["toy"]'))


def subject_of(case: Case) -> Subject:
    return Subject(case=case, variant=case.variants[0], device=parse_device("cpu"))


def since(number: int, old: str = "failing", new: str = "fixed") -> Truth:
    """One change, with this release."""
    return lambda at: new if at >= number else old


@pytest.fixture
def config(tmp_path) -> Config:
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    return load_config(tmp_path)


@pytest.fixture
def lab(config) -> FakeLab:
    return FakeLab(config, {"toy-7": since(20)})


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def steps(said) -> Steps:
    return Steps(Console(file=said, width=200, highlight=False))


CASE = named(7)


def track_of(lab: FakeLab, line: Line | None = None, case: Case = CASE, **options: object) -> Track:
    return make_track(subject_of(case), line or plain_line(), lab, **options)


def changes_of(track: Track) -> list[tuple[str, str]]:
    return [(change.before.name, change.after.name) for change in track.result().changes]


# One search


def test_a_change_is_found_between_its_neighbours(lab, steps):
    track = track_of(lab)
    run_campaign([track], lab, steps)
    (change,) = track.result().changes
    assert (change.before.name, change.after.name, change.kind) == ("1.19", "1.20", ChangeKind.FIXED)
    assert change.is_exact
    assert len(lab.built) == len(set(lab.built)) <= 7


def test_a_point_is_a_release_with_its_day_environment_and_packages(lab, steps):
    track = track_of(lab, plain_line(2))
    run_campaign([track], lab, steps)
    lock = toy_lock("1.0")
    assert track.result().points[0] == release_point("1.0", "2024-01-01", lock, Reading(label="failing"))
    point = track.result().points[1]
    assert (point.environment, point.key, point.python) == ("toy-1.1", toy_lock("1.1").key, "3.11")
    assert (point.date, point.packages) == ("2024-01-02", (("toy", "1.1"),))


def test_a_release_without_a_date_has_a_point_without_one():
    assert release_point("1.0", "", toy_lock(), Reading(label=None)).date is None


def test_what_was_not_measured_between_releases_of_one_status_is_told(lab, steps):
    track = track_of(lab, plain_line(8))
    lab.truth["toy-7"] = since(4)
    run_campaign([track], lab, steps)
    result = track.result()
    measured = {point.name for point in result.points}
    assert measured | set(result.unmeasured) == {f"1.{number}" for number in range(8)}
    assert not measured & set(result.unmeasured)
    assert [point.name for point in result.points] == sorted(measured)


def test_of_a_release_before_the_first_verdict_nothing_is_assumed(lab, steps):
    lab.truth["toy-7"] = lambda at: None if at < 9 else since(20)(at)
    track = track_of(lab)
    run_campaign([track], lab, steps)
    result = track.result()
    decided = [int(p.name.partition(".")[2]) for p in result.points if p.reading.label is not None]
    beyond = [int(name.partition(".")[2]) for name in result.unjudged]
    assumed = [int(name.partition(".")[2]) for name in result.unmeasured]
    assert beyond
    assert assumed
    assert max(beyond) < min(decided) < min(assumed)
    assert len(beyond) + len(assumed) + len(result.points) == SIZE


def test_points_stand_in_the_order_of_releases_whatever_was_measured_first(lab, steps):
    track = track_of(lab, plain_line(12), every=True)
    run_campaign([track], lab, steps)
    assert [point.name for point in track.result().points] == [f"1.{number}" for number in range(12)]


def test_every_measures_all_so_that_no_change_can_hide(lab, steps):
    def truth(at: int) -> str:
        return "fixed" if at == 11 else "failing"

    lab.truth["toy-7"] = truth
    track = track_of(lab, every=True)
    run_campaign([track], lab, steps)
    assert changes_of(track) == [("1.10", "1.11"), ("1.11", "1.12")]
    assert (sorted(lab.built), track.result().unmeasured) == (list(range(SIZE)), ())


def test_releases_without_a_verdict_beside_a_change_leave_a_range(lab, steps):
    lab.truth["toy-7"] = lambda at: None if 15 <= at < 18 else since(17)(at)
    track = track_of(lab)
    run_campaign([track], lab, steps)
    (change,) = track.result().changes
    assert (change.before.name, change.after.name) == ("1.14", "1.18")
    assert change.undecided == ("1.15", "1.16", "1.17")


def test_ends_without_a_verdict_are_walked_around(lab, steps):
    lab.truth["toy-7"] = lambda at: None if at < 3 or at > 28 else since(20)(at)
    track = track_of(lab)
    run_campaign([track], lab, steps)
    assert changes_of(track) == [("1.19", "1.20")]


def test_where_nothing_gives_a_verdict_there_is_no_change(lab, steps):
    lab.truth["toy-7"] = lambda at: None
    track = track_of(lab, plain_line(5))
    run_campaign([track], lab, steps)
    result = track.result()
    assert (result.changes, result.unmeasured, len(result.points)) == ((), (), 5)


def test_one_release_is_measured_and_has_no_change(lab, steps):
    track = track_of(lab, plain_line(1))
    run_campaign([track], lab, steps)
    assert (lab.built, track.result().changes) == ([0], ())


# What is known beforehand


def test_what_is_stored_is_not_measured_again(lab, steps):
    lab.stored = {("toy-7", number) for number in (0, 19, 20, 31)}
    track = track_of(lab, plain_line(at_hand=range(SIZE)))
    run_campaign([track], lab, steps)
    assert (lab.built, changes_of(track)) == ([], [("1.19", "1.20")])
    assert all(point.reading.stored for point in track.result().points)


def test_a_release_whose_lock_is_not_at_hand_is_not_known(lab, steps):
    lab.stored = {("toy-7", number) for number in range(SIZE)}
    assert track_of(lab, plain_line()).readings == {}
    assert sorted(track_of(lab, plain_line(at_hand=[3, 4])).readings) == [3, 4]


def test_both_sides_of_what_the_header_claims_are_tested_first(lab, steps):
    case = make_case(header=edited('failing = ["toy<2"]', 'failing = ["toy<1.20"]'))
    track = track_of(lab, case=case)
    run_campaign([track], lab, steps)
    assert lab.built[:2] == [19, 20]
    assert (changes_of(track), len(lab.built)) == ([("1.19", "1.20")], 4)


def test_a_header_that_is_wrong_costs_two_steps_and_nothing_else(lab, steps):
    case = make_case(header=edited('failing = ["toy<2"]', 'failing = ["toy<1.9"]'))
    track = track_of(lab, case=case)
    run_campaign([track], lab, steps)
    assert lab.built[:2] == [8, 9]
    assert changes_of(track) == [("1.19", "1.20")]


def test_the_header_is_read_with_what_a_lock_at_hand_holds(lab):
    case = make_case(header=edited('failing = ["toy<2"]', 'failing = [["toy", "dep<2"]]'))

    def lock(release: Release) -> Lock:
        dep = "1" if release.version.minor < 5 else "2"
        return toy_lock(str(release.version), packages={"toy": str(release.version), "dep": dep})

    line = Line(package="toy", held="period", releases=releases(8), lock=lock, lock_at_hand=lock)
    assert list(track_of(lab, line, case).search.gains()) == [4, 5, 0, 7]


def test_what_is_suspected_goes_before_what_the_header_claims(lab):
    case = make_case(header=edited('failing = ["toy<2"]', 'failing = ["toy<1.9"]'))
    assert list(track_of(lab, case=case, first=[3, 4]).search.gains())[:4] == [3, 4, 8, 9]


def test_with_every_nothing_is_asked_first(lab):
    track = track_of(lab, first=[3], every=True)
    assert list(track.search.gains())[:2] == [0, 31]


# Several searches


def crowd(lab: FakeLab, count: int, line: Line | Callable[[], Line]) -> list[Track]:
    """Searches of cases that changed at releases of their own."""
    tracks = []
    for number in range(count):
        lab.truth[f"toy-{number}"] = since(1 + number * 3 % (SIZE - 1))
        shared = line() if callable(line) else line
        tracks.append(track_of(lab, shared, named(number)))
    return tracks


def test_searches_over_one_line_build_each_release_once(lab, steps):
    tracks = crowd(lab, 10, plain_line())
    run_campaign(tracks, lab, steps)
    assert len(lab.built) == len(set(lab.built))
    assert len(lab.ran) == len(set(lab.ran))
    for number, track in enumerate(tracks):
        edge = 1 + number * 3 % (SIZE - 1)
        assert changes_of(track) == [(f"1.{edge - 1}", f"1.{edge}")]


def test_twenty_searches_together_build_at_most_a_third_of_what_they_build_alone(lab, steps):
    run_campaign(crowd(lab, 20, plain_line()), lab, steps)
    together, lab.built = len(lab.built), []
    for track in crowd(lab, 20, plain_line()):
        run_campaign([track], lab, steps)
    assert 3 * together <= len(lab.built)


def test_the_ends_that_all_need_are_built_first_and_for_all(lab, steps):
    tracks = crowd(lab, 4, plain_line())
    run_campaign(tracks, lab, steps)
    assert sorted(lab.built[:2]) == [0, SIZE - 1]
    everyone = [f"toy-{number}" for number in range(4)]
    assert [case for case, number in lab.ran if number == 0] == everyone


def test_a_release_is_chosen_that_helps_most_searches(lab, steps):
    line = plain_line(at_hand=range(SIZE))
    lab.truth = {"toy-1": since(4), "toy-2": since(5), "toy-3": since(30)}
    known = {"toy-1": (0, 7, 31), "toy-2": (0, 7, 31), "toy-3": (0, 28, 31)}
    lab.stored = {(case, number) for case, numbers in known.items() for number in numbers}
    tracks = [track_of(lab, line, named(number)) for number in (1, 2, 3)]
    run_campaign(tracks, lab, steps)
    assert lab.built[0] in {3, 4}
    assert [case for case, number in lab.ran if number == lab.built[0]] == ["toy-1", "toy-2"]


def test_lines_that_are_not_the_same_share_nothing_and_are_all_done(lab, steps):
    tracks = crowd(lab, 3, plain_line)
    run_campaign(tracks, lab, steps)
    assert all(track.search.is_done for track in tracks)
    assert len(lab.ran) == len(lab.built)


def test_nothing_open_builds_nothing(lab, steps):
    run_campaign([], lab, steps)
    assert lab.built == []


def test_what_was_found_before_the_network_went_is_kept(lab, steps):
    left = iter(range(3))

    def lock(release: Release) -> Lock:
        if next(left, None) is None:
            message = "the index cannot be read."
            raise NoEvidence(message)
        return toy_lock(str(release.version))

    line = Line(package="toy", held="period", releases=releases(), lock=lock, lock_at_hand=lambda _: None)
    track = track_of(lab, line)
    with pytest.raises(NoEvidence):
        run_campaign([track], lab, steps)
    assert len(track.result().points) == len(lab.built) == 3


# What is told


def test_every_step_tells_its_environment_and_the_range_that_closes(lab, steps, said):
    run_campaign([track_of(lab)], lab, steps)
    lines = said.getvalue().splitlines()
    assert len(lines) == len(lab.built)
    assert re.match(r"step 1\s+toy-1\.\d+\s+\w+", lines[0])
    left = [int(found[1]) for line in lines if (found := re.search(r", (\d+) left", line))]
    assert left[0] == SIZE - 2
    assert all(after < before for before, after in pairwise(left))


def test_with_several_searches_every_step_tells_its_case(lab, steps, said):
    run_campaign(crowd(lab, 2, plain_line(2)), lab, steps)
    told = {re.split(r"\s{2,}", line)[1] for line in said.getvalue().splitlines()}
    assert told == {f"toy-{case} in toy-1.{number}" for case in (0, 1) for number in (0, 1)}


def test_what_is_left_is_the_first_open_change(lab):
    track = track_of(lab, plain_line(8))
    assert left_of(track) == ""
    for index, label in ((0, "failing"), (7, "fixed")):
        track.tell(index, toy_lock(f"1.{index}"), Reading(label=label))
    assert left_of(track) == "between 1.0 and 1.7, 6 left"


def test_a_place_knows_the_libraries_of_its_subjects(lab):
    place = place_of(toy_lock(), lab, [subject_of(CASE)])
    assert (place.lock, place.libraries, place.config) == (toy_lock(), (("toy", "toy"),), lab.config)


def test_a_track_cannot_be_told_two_things_of_a_release(lab):
    track = Track(subject=subject_of(CASE), line=plain_line(3), search=Search(3))
    track.tell(1, toy_lock("1.1"), Reading(label="failing"))
    with pytest.raises(ValueError, match="cannot be fixed, too"):
        track.tell(1, toy_lock("1.1"), Reading(label="fixed"))
