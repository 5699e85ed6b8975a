"""What a user asked for, and the searches that this means."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.bisect.campaign import Track, make_track, place_of
from harness.bisect.lab import Subject
from harness.bisect.labels import is_bad
from harness.bisect.pipeline import Bench, Depth
from harness.bisect.releases import (
    Bound,
    Line,
    axis_line,
    choose_axis,
    held_line,
    parse_bound,
    version_of,
)
from harness.config import Config
from harness.environment.ids import parse_environment_id
from harness.environment.lock import Lock
from harness.environment.plan import request_for
from harness.errors import NoEvidence, UsageError


@dataclass(frozen=True, kw_only=True)
class Wish:
    """The options of a bisection, as they were given."""

    variant: str = "failure"
    resolution: str | None = None
    pins: tuple[str, ...] = ()
    package: str | None = None
    environment: str | None = None
    since: str | None = None
    until: str | None = None
    good: str | None = None
    bad: str | None = None
    every: bool = False
    repeat: int = 1
    tries: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    into_merges: bool = False
    also: tuple[str, ...] = ()
    releases_only: bool = False
    devices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.good) != bool(self.bad):
            raise UsageError("give both --good and --bad, or neither.")
        if bool(self.package) != bool(self.environment):
            message = (
                "--package and --env belong together: its releases are searched, and the other packages "
                "of that environment held."
            )
            raise UsageError(message)
        if self.package and (self.resolution or self.pins):
            message = "--package holds the packages of --env; it goes with neither --resolution nor --with."
            raise UsageError(message)
        if self.pins and self.resolution not in (None, "pinned"):
            message = f"--with makes a pinned environment; leave out --resolution {self.resolution}."
            raise UsageError(message)
        for text in self.also:
            try:
                Requirement(text)
            except InvalidRequirement:
                message = f"--also {text!r} is no requirement; write a package such as typing-extensions."
                raise UsageError(message) from None

    def command(self, case: str, repositories: Sequence[str]) -> str:
        """The one command line that asks this for one case; repositories by their public addresses."""
        words = ["harness", "bisect", case]
        if self.variant != "failure":
            words += ["--variant", self.variant]
        named = {
            "--resolution": self.resolution,
            "--package": self.package,
            "--env": self.environment,
            "--since": self.since,
            "--until": self.until,
            "--good": self.good,
            "--bad": self.bad,
            "--first": self.first,
            "--last": self.last,
        }
        several = {
            "--with": self.pins,
            "--device": self.devices,
            "--try": self.tries,
            "--also": self.also,
            "--repo": repositories,
        }
        words += [word for name, value in named.items() if value for word in (name, value)]
        words += [word for name, values in several.items() for value in values for word in (name, value)]
        if self.repeat != 1:
            words += ["--repeat", str(self.repeat)]
        flags = {
            "--every": self.every,
            "--into-merges": self.into_merges,
            "--releases-only": self.releases_only,
        }
        return shlex.join([*words, *(name for name, is_on in flags.items() if is_on)])

    @property
    def slug(self) -> str:
        """Tells the answer from that to the same question without options, in the name of its file."""
        pins = [pin.replace("==", "-") for pin in self.pins]
        return self.package or "+".join(pins) or self.resolution or ""

    def depth(self, config: Config) -> Depth:
        return Depth(
            releases_only=self.releases_only,
            repositories=self.repositories(config),
            first=self.first,
            last=self.last,
            suspects=self.tries,
            into_merges=self.into_merges,
            also=self.also,
        )

    def repositories(self, config: Config) -> dict[str, str]:
        """Distribution to path or address; the empty name is that of any culprit."""
        found = {}
        for text in self.repos:
            name, equals, place = text.partition("=")
            if not equals or any(mark in name for mark in "/\\:"):
                name, place = "", text
            found[distribution_of(config, name) if name else ""] = place
        return found


@dataclass(kw_only=True)
class Planner:
    """Makes the searches of a wish; searches over the same releases share one line."""

    bench: Bench
    wish: Wish
    lines: dict[object, Line] = field(default_factory=dict)

    def track(self, subject: Subject) -> Track:
        """The search of one subject, its ends proven where they were given.

        Raises:
            UsageError: the wish does not fit the case or the index, or the ends do not differ as was said.
            NoEvidence: no network, or an end that was given has no verdict.
        """
        line = self._line(subject)
        if self.wish.good and self.wish.bad:
            line = self._proven(subject, line, parse_bound(self.wish.good), parse_bound(self.wish.bad))
        tries = [line.index(version) for version in self._versions_to_try(line)]
        first = [index for at in tries for index in (at - 1, at) if index >= 0]
        return make_track(subject, line, self.bench.lab, first=first, every=self.wish.every)

    def _versions_to_try(self, line: Line) -> list[Version]:
        """The releases of `--try`; everything else there must be a commit of a repository that is given."""
        versions = {release.version for release in line.releases}
        found = {text: version for text in self.wish.tries if (version := version_of(text)) in versions}
        unknown = [text for text in self.wish.tries if text not in found]
        if unknown and not self.wish.repos:
            message = (
                f"--try {unknown[0]} is not among the releases of {line.package} that are searched; "
                "for a commit, give --repo."
            )
            raise UsageError(message)
        return [version for version in found.values() if version is not None]

    def _line(self, subject: Subject) -> Line:
        since = parse_bound(self.wish.since) if self.wish.since else None
        until = parse_bound(self.wish.until) if self.wish.until else None
        shelf = self.bench.shelf
        if self.wish.package and self.wish.environment:
            key: object = (self.wish.package, self.wish.environment)
            if key not in self.lines:
                package = distribution_of(shelf.config, self.wish.package)
                base = shelf.lock(request_for(shelf.config, parse_environment_id(self.wish.environment)))
                _check_held(base, package)
                self.lines[key] = held_line(shelf, package, base).between(since, until)
            return self.lines[key]
        pins = [parse_pin(shelf.config, text) for text in self.wish.pins]
        axis = choose_axis(shelf, subject.case, subject.variant, self.wish.resolution, pins)
        key = (axis.library, axis.resolution, axis.pins)
        if key not in self.lines:
            self.lines[key] = axis_line(shelf, axis).between(since, until)
        return self.lines[key]

    def _proven(self, subject: Subject, line: Line, good: Bound, bad: Bound) -> Line:
        """The releases between two ends that were given, once both were seen to be what they were called."""
        labels = {}
        at = {"good": line.index(good), "bad": line.index(bad)}
        for called, index in at.items():
            lock = line.lock(line.releases[index])
            reading = self.bench.lab.read(place_of(lock, self.bench.lab, [subject]), subject)
            self.bench.steps.step(str(lock.id), reading, f"given as {called}")
            if reading.label is None:
                message = (
                    f"{lock.id}, given as {called}, has no verdict ({reading.detail}); give another end."
                )
                raise NoEvidence(message)
            labels[called] = reading.label
        _check_ends(good, bad, labels)
        low, high = sorted(at.values())
        return replace(line, releases=line.releases[low : high + 1])


def _check_ends(good: Bound, bad: Bound, labels: dict[str, str]) -> None:
    said = f"{good} is {labels['good']} and {bad} is {labels['bad']}"
    is_bad_end, is_bad_start = is_bad(labels["bad"]), is_bad(labels["good"])
    if is_bad_end and not is_bad_start:
        return
    if is_bad_start and not is_bad_end:
        message = f"the ends are the wrong way round: {said}; give --good {bad} --bad {good}."
    else:
        message = f"the ends do not differ: {said}; give others, or neither to search all releases."
    raise UsageError(message)


def _check_held(base: Lock, package: str) -> None:
    if package not in base.packages:
        message = f"{base.id} holds no {package}; give --package one of its packages, or another --env."
        raise UsageError(message)


def distribution_of(config: Config, name: str) -> str:
    """The distribution of what was called by the name of a library or of a distribution."""
    known = config.libraries.get(name)
    return known.distribution if known else str(canonicalize_name(name))


def parse_pin(config: Config, text: str) -> tuple[str, Version]:
    """(library, version) of `torch==2.5.1`.

    Raises:
        UsageError: it is not of that form, or the library is not known.
    """
    name, _, version = text.partition("==")
    by_distribution = {library.distribution: library.name for library in config.libraries.values()}
    library = by_distribution.get(str(canonicalize_name(name)), name.strip())
    parsed = version_of(version)
    if library not in config.libraries or parsed is None:
        known = ", ".join(sorted(config.libraries))
        message = f"--with {text!r} is no version of a library; write torch==2.5.1, with one of {known}."
        raise UsageError(message)
    return library, parsed
