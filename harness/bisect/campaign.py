"""Runs several searches over releases together: they share every environment that is built."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.bisect.answer import Change, Point, ReleaseSearch
from harness.bisect.lab import Lab, Subject
from harness.bisect.labels import Reading
from harness.bisect.progress import Steps
from harness.bisect.releases import Line
from harness.bisect.search import Search
from harness.environment.lock import Lock
from harness.environment.places import LockedPlace, libraries_of
from harness.judge import facts_of
from harness.verdict import expected_status


@dataclass(kw_only=True)
class Track:
    """One search over a line of releases."""

    subject: Subject
    line: Line
    search: Search
    locks: dict[int, Lock] = field(default_factory=dict)
    readings: dict[int, Reading] = field(default_factory=dict)

    def tell(self, index: int, lock: Lock, reading: Reading) -> None:
        self.locks[index] = lock
        self.readings[index] = reading
        self.search.tell(index, reading.label)

    def point(self, index: int) -> Point:
        release, lock = self.line.releases[index], self.locks[index]
        return release_point(
            str(release.version), str(release.uploaded or "")[:10], lock, self.readings[index]
        )

    def name(self, index: int) -> str:
        return str(self.line.releases[index].version)

    def result(self) -> ReleaseSearch:
        changes = tuple(
            Change(
                before=self.point(change.before),
                after=self.point(change.after),
                undecided=tuple(self.name(index) for index in change.undecided),
            )
            for change in self.search.changes()
        )
        left = self.search.unmeasured()
        decided = [index for index, reading in self.readings.items() if reading.label is not None]
        assumed = [index for index in left if decided and min(decided) < index < max(decided)]
        return ReleaseSearch(
            package=self.line.package,
            held=self.line.held,
            points=tuple(self.point(index) for index in sorted(self.readings)),
            changes=changes,
            unmeasured=tuple(self.name(index) for index in assumed),
            unjudged=tuple(self.name(index) for index in left if index not in assumed),
        )


def release_point(name: str, day: str, lock: Lock, reading: Reading) -> Point:
    return Point(
        name=name,
        environment=str(lock.id),
        key=lock.key,
        python=lock.python,
        date=day or None,
        packages=tuple(sorted(lock.packages.items())),
        reading=reading,
    )


def make_track(
    subject: Subject, line: Line, lab: Lab, *, first: Sequence[int] = (), every: bool = False
) -> Track:
    """A search that starts from all that is stored, and tests first where the header expects changes."""
    hinted = [] if every else [*first, *_expected_changes(subject, line, lab)]
    search = Search(len(line.releases), first=hinted, every=every)
    track = Track(subject=subject, line=line, search=search)
    for index, release in enumerate(line.releases):
        lock = line.lock_at_hand(release)
        if lock is not None:
            reading = lab.known(place_of(lock, lab, [subject]), subject)
            if reading is not None:
                track.tell(index, lock, reading)
    return track


def _expected_changes(subject: Subject, line: Line, lab: Lab) -> Iterator[int]:
    """Both sides of every change that the header claims, as far as it can be told without resolving."""
    expected = []
    for release in line.releases:
        lock = line.lock_at_hand(release)
        facts = facts_of(lock.record(), lab.config) if lock else line.facts
        expected.append(expected_status(subject.variant, {**facts, line.package: str(release.version)}))
    for index in range(1, len(expected)):
        if expected[index] is not expected[index - 1]:
            yield from (index - 1, index)


def place_of(lock: Lock, lab: Lab, subjects: Sequence[Subject]) -> LockedPlace:
    return LockedPlace(lock, lab.config, libraries_of([s.case for s in subjects], lab.config))


def run_campaign(tracks: Sequence[Track], lab: Lab, steps: Steps) -> None:
    """Measure until every search is done, next always what helps the open searches most together.

    Raises:
        NoEvidence: an environment cannot be built now; what was measured is kept.
    """
    while True:
        wanted = _most_wanted(tracks)
        if not wanted:
            return
        index = wanted[0][1]
        lock = wanted[0][0].line.lock(wanted[0][0].line.releases[index])
        chosen = [track for track, _ in wanted]
        subjects = [track.subject for track in chosen]
        readings = lab.read_all(place_of(lock, lab, subjects), subjects)
        for track, reading in zip(chosen, readings, strict=True):
            track.tell(index, lock, reading)
            steps.step(_title(track, index, alone=len(tracks) == 1), reading, left_of(track))


def _most_wanted(tracks: Sequence[Track]) -> list[tuple[Track, int]]:
    """The tracks that gain by the release which helps most, over all tracks of its line."""
    gains: defaultdict[tuple[int, int], float] = defaultdict(float)
    takers: defaultdict[tuple[int, int], list[tuple[Track, int]]] = defaultdict(list)
    for track in tracks:
        for index, gain in track.search.gains().items():
            key = (id(track.line), index)
            gains[key] += gain
            takers[key].append((track, index))
    if not gains:
        return []
    best = max(gains, key=lambda key: gains[key])
    return takers[best]


def _title(track: Track, index: int, *, alone: bool) -> str:
    """What a step is about: the environment of a release, or the release that was put into another one."""
    lock = track.locks[index]
    is_own = lock.packages.get(track.line.package) == str(lock.id.version)
    title = str(lock.id) if is_own or not lock.packages else f"{track.line.package} {track.name(index)}"
    return title if alone else f"{track.subject.case.id} in {title}"


def left_of(track: Track) -> str:
    """What is open, in words: the range that closes."""
    open_ = [change for change in track.search.changes() if change.untested]
    if not open_:
        return ""
    change = open_[0]
    between = f"between {track.name(change.before)} and {track.name(change.after)}"
    return f"{between}, {len(change.untested)} left"
