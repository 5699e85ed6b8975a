"""Resolves an environment to a lock: period, latest or pinned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.config import Config
from harness.environment.compiling import Unsolvable, compile_pins, local_builds, midnight, public_versions
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock
from harness.environment.releases import Release, final_releases, read_releases
from harness.environment.uv import UvError
from harness.errors import NoEvidence, UsageError

PERIOD = timedelta(weeks=3)
"""How long after a release its period ends: companions often follow a release, seldom later than this."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """An environment to resolve."""

    id: EnvironmentId
    python: str
    extra: tuple[str, ...] = ()
    tier: str = "default"


class Resolver:
    """Resolves requests against one state of the index; remembers what it read."""

    def __init__(self, config: Config, today: date | None = None) -> None:
        self.config = config
        self.today = today or datetime.now(UTC).date()
        self._releases: dict[str, list[Release]] = {}

    def releases(self, distribution: str) -> list[Release]:
        name = str(canonicalize_name(distribution))
        if name not in self._releases:
            self._releases[name] = read_releases(name, self.config.uploaded)
        return self._releases[name]

    def dates(self, library: str) -> dict[Version, str]:
        """The dates (UTC) of a library's releases, as far as the index or the configuration gives them.

        Raises:
            UsageError: the library is unknown.
            NoEvidence: the index cannot be reached.
        """
        releases = self.releases(self._distribution(library))
        return {release.version: str(release.uploaded.date()) for release in releases if release.uploaded}

    def resolve(self, request: Request) -> Lock:
        """Find the exact versions of an environment.

        A period or pinned environment that has no solution as of its date takes the earliest later
        date that has one, and its lock says so. Without any, the lock keeps the resolver's reason.

        Raises:
            UsageError: the index has no such release.
            NoEvidence: the index cannot be reached.
        """
        wanted = self._requirements(request)
        if request.id.resolution == "latest":
            return self._lock(request, wanted, None, self._attempt(request, wanted, None))
        due = self._due(request.id)
        first = self._attempt(request, wanted, due)
        if isinstance(first, dict):
            return self._lock(request, wanted, due, first)
        return self._later(request, wanted, due, first)

    def _later(self, request: Request, wanted: list[str], due: date, reason: str) -> Lock:
        attempts: dict[date, dict[str, str] | str] = {due: reason}

        def solves(day: date) -> bool:
            attempts[day] = self._attempt(request, wanted, day)
            return isinstance(attempts[day], dict)

        end = self.today + timedelta(days=1)
        if due >= end or not solves(end):
            return self._lock(request, wanted, due, reason)
        # More files can only add solutions, so bisection finds the earliest day.
        day = earliest(due, end, solves)
        note = f"nothing resolves as of {due}; the earliest date that does is {day}"
        return self._lock(request, wanted, day, attempts[day], note)

    def _requirements(self, request: Request) -> list[str]:
        pins = ((request.id.library, request.id.version), *request.id.pins)
        for library, version in pins:
            self._release(library, version)
        pinned = [f"{self._distribution(library)}=={version}" for library, version in pins]
        return [*pinned, *request.extra]

    def _distribution(self, library: str) -> str:
        if library not in self.config.libraries:
            known = ", ".join(sorted(self.config.libraries))
            message = f"{library!r} is no known library; known are {known}."
            raise UsageError(message)
        return self.config.libraries[library].distribution

    def _release(self, library: str, version: Version) -> Release:
        releases = self.releases(self._distribution(library))
        found = next((release for release in releases if release.version == version), None)
        if found is None:
            newest = final_releases(releases)[-1:] or releases[-1:]
            message = f"the index has no {library} {version}; its newest release is {newest[0].version}."
            raise UsageError(message)
        return found

    def _due(self, id_: EnvironmentId) -> date:
        """The end of the period of the newest release that the id names, and no later than tomorrow."""
        dates = []
        for library, version in ((id_.library, id_.version), *id_.pins):
            uploaded = self._release(library, version).uploaded
            if uploaded is None:
                message = (
                    f"the index gives no upload date for {library} {version}: it has no period; use @latest."
                )
                raise NoEvidence(message)
            dates.append(uploaded.date())
        return min(max(dates) + PERIOD, self.today + timedelta(days=1))

    def _attempt(self, request: Request, wanted: Sequence[str], day: date | None) -> dict[str, str] | str:
        """Packages as of a day, or the resolver's reason why there are none."""
        moved, constraints = self._corrections(day) if day is not None else ({}, [])
        try:
            return compile_pins(
                wanted,
                python=request.python,
                only_binary=self.config.only_binary,
                day=day,
                moved=moved,
                constraints=constraints,
            )
        except Unsolvable as error:
            return str(error)
        except UvError as error:
            message = f"{request.id} cannot be resolved now: {error.brief}."
            raise NoEvidence(message) from None

    def _corrections(self, day: date) -> tuple[dict[str, str], list[str]]:
        """For packages that the index dates wrongly: until when to show them, and without which versions.

        The index hides a file that was uploaded again later. Where such a file existed on that day, by
        true dates, show all of its package, but none of the versions that really came later.
        """
        moved: dict[str, str] = {}
        constraints: list[str] = []
        for name in sorted({name for name, _ in self.config.uploaded}):
            known, later = split_at(self.releases(name), day)
            if any((name, version) in self.config.uploaded for version in known):
                moved[name] = midnight(self.today + timedelta(days=1))
                constraints += [f"{name}!={version}" for version in later]
        return moved, constraints

    def _lock(
        self,
        request: Request,
        wanted: list[str],
        day: date | None,
        found: dict[str, str] | str,
        note: str = "",
    ) -> Lock:
        pins = found if isinstance(found, dict) else {}
        return Lock(
            id=request.id,
            python=request.python,
            as_of=str(day) if day else None,
            requested=tuple(wanted),
            packages=public_versions(pins),
            released=self.dates(request.id.library).get(request.id.version),
            local_builds=local_builds(pins),
            tier=request.tier,
            note=note,
            unresolvable="" if pins else str(found),
        )


def split_at(releases: Sequence[Release], day: date) -> tuple[list[Version], list[Version]]:
    """The versions that existed before a day, by the dates given, and those that did not."""
    known = [r.version for r in releases if r.uploaded is not None and r.uploaded.date() < day]
    return known, [r.version for r in releases if r.version not in known]


def earliest(bad: date, good: date, solves: Callable[[date], bool]) -> date:
    """The first day after `bad` that solves, given that `good` does and that solving never stops again."""
    while (good - bad).days > 1:
        middle = bad + (good - bad) // 2
        if solves(middle):
            good = middle
        else:
            bad = middle
    return good
