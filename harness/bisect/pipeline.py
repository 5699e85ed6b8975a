"""From releases to packages to commits: what a bisection does with every change that it finds."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from packaging.version import Version

from harness.bisect.answer import Change, CommitSearch, ReleaseSearch, Suspects
from harness.bisect.campaign import Track, make_track, place_of, release_point, run_campaign
from harness.bisect.commits import CommitHunt
from harness.bisect.ends import Ends, Variables
from harness.bisect.lab import Lab, Subject
from harness.bisect.labels import Reading, is_bad
from harness.bisect.mixes import extend
from harness.bisect.pages import known_page, repository_page
from harness.bisect.progress import Steps
from harness.bisect.releases import held_line, version_of
from harness.bisect.repository import Repository
from harness.bisect.revisions import Revision, revision_of
from harness.bisect.shelf import Shelf
from harness.bisect.stream import stream_alone
from harness.bisect.suspects import find_suspects
from harness.bisect.wheels import is_pure
from harness.config import Axis
from harness.environment.build import build
from harness.environment.lock import Lock
from harness.environment.plan import axis_request
from harness.environment.releases import Release
from harness.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Depth:
    """How far to go into each change."""

    releases_only: bool = False
    repositories: Mapping[str, str] = field(default_factory=dict)
    """Distribution to path or address of its repository; the empty name is that of any culprit."""
    first: str = ""
    last: str = ""
    """Revisions in place of the tags of the two releases."""
    suspects: tuple[str, ...] = ()
    """Releases and commits to test before others."""
    into_merges: bool = False
    also: tuple[str, ...] = ()
    """Requirements to add to the environment in which commits are measured."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What every step of a bisection works with."""

    lab: Lab
    shelf: Shelf
    steps: Steps
    depth: Depth


def deepen(bench: Bench, track: Track) -> ReleaseSearch:
    """The result of a finished search over releases, each change with its cause."""
    result = track.result()
    if bench.depth.releases_only:
        return result
    locks = {track.name(index): lock for index, lock in track.locks.items()}
    package = track.line.package
    lone = "" if package == _own(bench, track.subject) else package
    changes = [
        explain(bench, track.subject, change, locks[change.before.name], locks[change.after.name], lone=lone)
        for change in result.changes
    ]
    return replace(result, changes=tuple(changes))


def explain(
    bench: Bench, subject: Subject, change: Change, before: Lock, after: Lock, *, lone: str = ""
) -> Change:
    """Add to a change which package makes it, and from which release or commit on.

    With `lone`, only this package and what it takes along moved between the two.
    """
    ends = Ends(
        before=before,
        after=after,
        old=change.before.reading.label or "",
        new=change.after.reading.label or "",
    )
    probe = _Probe(bench=bench, subject=subject)
    explained = stream_alone(ends, probe.measure)
    if explained:
        bench.steps.note(f"only the default random stream makes the difference: {explained}")
        return replace(change, random_stream=explained)
    if lone:
        culprit, found = lone, None
    else:
        bench.steps.heading(f"suspects: {before.id} is {ends.old}, {after.id} is {ends.new}")
        hunted = find_suspects(ends, probe.measure, bench.shelf, bench.steps, _prime(bench, subject))
        found, ends = hunted.suspects, hunted.ends
        change = replace(change, suspects=found)
        culprit = _main_culprit(bench, found)
    if not culprit:
        return change
    if culprit == _own(bench, subject) or lone:
        return replace(change, commits=_commits(bench, probe, ends, culprit, found))
    return replace(change, pair=_pair(bench, subject, ends, culprit, found))


@dataclass(frozen=True, kw_only=True)
class _Probe:
    bench: Bench
    subject: Subject

    def measure(self, lock: Lock, variables: Variables) -> Reading:
        place = replace(place_of(lock, self.bench.lab, [self.subject]), variables=variables)
        return self.bench.lab.read(place, self.subject)


def _own(bench: Bench, subject: Subject) -> str:
    """The distribution of the case's library."""
    return bench.lab.config.libraries[subject.case.library].distribution


def _prime(bench: Bench, subject: Subject) -> tuple[str, ...]:
    """The library itself is suspected first, then what it is built on."""
    own = _own(bench, subject)
    others = [library.distribution for library in bench.lab.config.libraries.values()]
    return (own, *(name for name in others if name != own))


def _main_culprit(bench: Bench, found: Suspects) -> str:
    """The culprit whose releases are searched: a library of ours before what comes along with it."""
    known = {library.distribution for library in bench.lab.config.libraries.values()}
    ranked = sorted(found.culprits, key=lambda name: (name not in known, name))
    return next((name for name in ranked if name != "python"), "")


def _pair(
    bench: Bench, subject: Subject, ends: Ends, culprit: str, found: Suspects | None
) -> ReleaseSearch | None:
    """Search the culprit's releases between the two environments, the rest held."""
    base = ends.before if found is None or found.sufficient is not None else ends.after
    versions = [ends.before.packages.get(culprit), ends.after.packages.get(culprit)]
    if None in versions:
        return None
    line = held_line(bench.shelf, culprit, base, versions)
    low, high = sorted(line.index(_version(version)) for version in versions if version)
    line = replace(line, releases=line.releases[low : high + 1])
    bench.steps.heading(f"releases of {culprit}, {line.held}")
    track = make_track(subject, line, bench.lab)
    run_campaign([track], bench.lab, bench.steps)
    result = track.result()
    locks = {track.name(index): lock for index, lock in track.locks.items()}
    changes = [
        explain(bench, subject, change, locks[change.before.name], locks[change.after.name], lone=culprit)
        for change in result.changes
    ]
    return replace(result, changes=tuple(changes))


def find_drift(bench: Bench, track: Track, period: Axis | None) -> Change | None:
    """For the newest release that has the issue beside newer packages: was it right in its period?"""
    bad = [i for i, reading in track.readings.items() if reading.label and is_bad(reading.label)]
    is_of_another = track.line.package != _own(bench, track.subject)
    is_period = track.line.held == "period"
    if not bad or period is None or is_period or is_of_another or bench.depth.releases_only:
        return None
    index = max(bad)
    release = track.line.releases[index]
    lock = bench.shelf.lock(axis_request(period, release))
    reading = bench.lab.read(place_of(lock, bench.lab, [track.subject]), track.subject)
    bench.steps.heading(f"drift: {lock.id} and {track.locks[index].id}")
    bench.steps.step(str(lock.id), reading, "")
    if reading.label is None or is_bad(reading.label):
        return None
    day = str(release.uploaded or "")[:10]
    change = Change(
        before=release_point(str(lock.id), day, lock, reading),
        after=release_point(str(track.locks[index].id), day, track.locks[index], track.readings[index]),
    )
    return explain(bench, track.subject, change, lock, track.locks[index])


def _commits(
    bench: Bench, probe: _Probe, ends: Ends, culprit: str, found: Suspects | None
) -> CommitSearch | None:
    """Search the culprit's commits, where its repository is at hand and it is no compiled package."""
    place = bench.depth.repositories.get(culprit) or bench.depth.repositories.get("")
    rest, other = ends.after, ends.before
    if found is not None and found.necessary is None:
        rest, other = other, rest
    old, new = ends.before.packages.get(culprit), ends.after.packages.get(culprit)
    if old is None or new is None:
        return None
    rest = extend(rest, bench.depth.also, bench.lab.config)
    interpreter = build(rest, bench.lab.config.only_binary)
    known = known_page(bench.lab.config.libraries.values(), culprit)
    page = known or repository_page(interpreter, culprit)
    if not is_pure(interpreter, culprit):
        bench.steps.note(f"{culprit} is compiled: only its releases can be searched")
        return None
    if place is None:
        at = f"{culprit}={page}" if page else f"{culprit}=PATH"
        bench.steps.note(f"to find the commit, add --repo {at} (a path to a clone does, too)")
        return None
    repository = Repository.open(place, web=page)
    bench.steps.heading(f"commits of {culprit} between {old} and {new}")
    uploads = {r.version: r for r in bench.shelf.resolver.releases(culprit)}
    own = {r.version for r in bench.shelf.resolver.releases(_own(bench, probe.subject))}
    first, last = (
        _revision(repository, named, culprit, version, uploads.get(_version(version)))
        for named, version in ((bench.depth.first, old), (bench.depth.last, new))
    )
    hunt = CommitHunt(
        repository=repository,
        package=culprit,
        ends=ends,
        measure=probe.measure,
        steps=bench.steps,
        rest=rest,
        other_rests=_other_rests(bench, rest, other, culprit),
        versions=(old, new),
        prepare=lambda: bench.lab.warm(place_of(rest, bench.lab, [probe.subject])),
    )
    commits = [text for text in bench.depth.suspects if version_of(text) not in uploads.keys() | own]
    tries = [repository.resolve(text) for text in commits]
    return hunt.run(first, last, suspects=tries, into_merges=bench.depth.into_merges)


def _other_rests(bench: Bench, rest: Lock, other: Lock, culprit: str) -> tuple[Lock, ...]:
    """The other end's environment, where it has the same Python and something else beside the culprit."""
    with suppress(UsageError):  # the packages to add do not go with it
        other = extend(other, bench.depth.also, bench.lab.config)
        besides = [{**each.packages, culprit: ""} for each in (rest, other)]
        if rest.python == other.python and besides[0] != besides[1]:
            return (other,)
    return ()


def _revision(
    repository: Repository, named: str, package: str, version: str, release: Release | None
) -> Revision:
    if named:
        return Revision(name=named, sha=repository.resolve(named))
    return revision_of(repository, package, version, release.uploaded if release else None)


def _version(text: str) -> Version:
    return Version(text)
