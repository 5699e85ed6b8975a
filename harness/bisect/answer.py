"""What a bisection found, as records: plain data for the report, the terminal and JSON."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from harness.bisect.labels import Reading, is_bad

SCHEMA = 1

HELD = "the rest as in"
"""How a search over the releases of another package begins to say what is held."""


class ChangeKind(enum.Enum):
    """Which way a status changed."""

    INTRODUCED = "introduced"
    FIXED = "fixed"
    OTHER = "changed"
    """Between two good statuses, such as fixed and rejected."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A release, an environment or a commit that was measured."""

    name: str
    """A version, an environment id or an abbreviated commit."""
    environment: str
    """What it was measured in: an environment id, or a mixture in words."""
    key: str
    """Digest of that environment's content."""
    python: str
    date: str | None
    """ISO day of upload or commit."""
    packages: tuple[tuple[str, str], ...]
    """The locked versions, canonical name to version, sorted; empty where nothing resolves."""
    reading: Reading


@dataclass(frozen=True, kw_only=True)
class Move:
    """A package whose version differs between two environments; none where it is absent."""

    package: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An environment that was mixed to test a suspicion."""

    description: str
    """Such as `0.16.1 with numpyro 0.17.0`."""
    moved: tuple[Move, ...]
    """How it differs from the environment that it starts from."""
    reading: Reading


@dataclass(frozen=True, kw_only=True)
class Suspects:
    """Which packages, of those that differ between two environments, make the status change."""

    moves: tuple[Move, ...]
    """Everything that differs."""
    culprits: tuple[str, ...]
    """The smallest set found; empty where it could not be told."""
    sufficient: Experiment | None
    """The old environment with only the culprits new: gives the new status, where it could be told."""
    necessary: Experiment | None
    """The new environment with only the culprits old: gives the old status, where it could be told."""
    experiments: tuple[Experiment, ...]
    """Everything that was tried, in order."""
    others: tuple[tuple[str, ...], ...] = ()
    """Further sets that make the change by themselves."""
    note: str = ""

    @property
    def is_proven(self) -> bool:
        """Whether the status flips both ways."""
        return self.sufficient is not None and self.necessary is not None


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit of a culprit's repository."""

    sha: str
    date: str
    """ISO day of the commit."""
    subject: str
    pull_request: int | None
    url: str
    """Page of the pull request or else the commit; empty where the host is not known."""


@dataclass(frozen=True, kw_only=True)
class CommitSearch:
    """The search between two commits, everything else held."""

    repository: str
    package: str
    first: str
    """The revision of the old end, as named: a tag, a date or a commit."""
    last: str
    total: int
    """Number of commits after the first up to the last."""
    held: str
    """The environment whose other packages were held."""
    points: tuple[Point, ...]
    before: Commit | None
    """The last commit with the old status."""
    culprit: Commit | None
    """The first commit with the new status, where it is known exactly."""
    candidates: tuple[Commit, ...] = ()
    """Where it is not: all that it may be, in order."""
    reverted: Experiment | None = None
    """The newest end with only the culprit reverted, where that applies cleanly."""
    compare_url: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Two neighbouring points that differ."""

    before: Point
    after: Point
    undecided: tuple[str, ...] = ()
    """Names of the points between them that gave no verdict."""
    suspects: Suspects | None = None
    pair: ReleaseSearch | None = None
    """The releases of the culprit, where that is another package."""
    commits: CommitSearch | None = None
    random_stream: str = ""
    """How it was shown that only the default random stream makes the difference; empty where it was not."""

    @property
    def kind(self) -> ChangeKind:
        assert self.before.reading.label is not None
        assert self.after.reading.label is not None
        was, now = is_bad(self.before.reading.label), is_bad(self.after.reading.label)
        if was == now:
            return ChangeKind.OTHER
        return ChangeKind.INTRODUCED if now else ChangeKind.FIXED

    @property
    def is_exact(self) -> bool:
        return not self.undecided


@dataclass(frozen=True, kw_only=True)
class ReleaseSearch:
    """The search over the releases of a package."""

    package: str
    held: str
    """How the rest is resolved: `period`, `latest`, or the environment whose other packages are held."""
    points: tuple[Point, ...]
    """What was measured, oldest first."""
    changes: tuple[Change, ...]
    unmeasured: tuple[str, ...]
    """Releases between points of one status that were not measured: assumed to have it, too."""
    unjudged: tuple[str, ...] = ()
    """Releases before the first or after the last verdict that were not measured: nothing is said of them."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Everything found about one variant of a case."""

    case: str
    title: str
    issue: str
    digest: str
    """SHA-256 of the case file."""
    variant: str
    device: str
    platform: str
    repeat: int
    """Runs of every point."""
    command: str
    """The one command that gives this answer."""
    tool: str
    """Version of the harness."""
    measured_at: str
    """When the newest of its evidence was measured: UTC, ISO 8601."""
    releases: ReleaseSearch
    drift: Change | None = None
    """For a release that fails only with the newest of everything: from its period to today."""

    @property
    def is_decided(self) -> bool:
        """Whether there is a verdict at all, and every change is known to its neighbours and its commit.

        Of a change whose commits nobody asked for, none is missing.
        """
        decided = any(point.reading.label for point in self.releases.points)
        changes = [*self.releases.changes, *([self.drift] if self.drift else [])]
        changes += [inner for change in changes if change.pair for inner in change.pair.changes]
        searches = [change.commits for change in changes if change.commits is not None]
        is_exact = all(change.is_exact for change in changes)
        return decided and is_exact and all(search.culprit is not None for search in searches)


def newest_measurement(releases: ReleaseSearch, drift: Change | None = None) -> str:
    """When the newest evidence of an answer was measured; empty where nothing was."""
    readings = [*_readings(releases), *(_readings_of(drift) if drift else ())]
    return max((reading.measured_at for reading in readings), default="")


def _readings(releases: ReleaseSearch) -> Iterator[Reading]:
    yield from (point.reading for point in releases.points)
    for change in releases.changes:
        yield from _readings_of(change)


def _readings_of(change: Change) -> Iterator[Reading]:
    yield from (change.before.reading, change.after.reading)
    if change.suspects is not None:
        yield from (experiment.reading for experiment in change.suspects.experiments)
    if change.pair is not None:
        yield from _readings(change.pair)
    if change.commits is not None:
        yield from (point.reading for point in change.commits.points)
        yield from [change.commits.reverted.reading] if change.commits.reverted else []
