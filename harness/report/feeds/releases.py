"""What became of a library's cases release by release, over all devices."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from harness.report.view import View, axis_words
from harness.verdict import Status

FAILURE = "failure"


class Fate(enum.Enum):
    """What became of a case in a release, from the worst to nothing known."""

    FAILING = "failing"
    OTHER = "changed, timeout or crashed"
    RIGHT = "fixed or rejected"
    UNKNOWN = "no evidence"


_FATES = {
    Status.FAILING: Fate.FAILING,
    Status.CHANGED: Fate.OTHER,
    Status.TIMEOUT: Fate.OTHER,
    Status.CRASHED: Fate.OTHER,
    Status.FIXED: Fate.RIGHT,
    Status.REJECTED: Fate.RIGHT,
}
_RESOLUTIONS = ("period", "pinned", "latest")


@dataclass(frozen=True, kw_only=True)
class Release:
    """A library's cases in one environment."""

    environment: str
    version: str
    released: str | None
    fates: Mapping[str, Fate]
    """Case to what became of it."""

    @cached_property
    def counts(self) -> Counter[Fate]:
        return Counter(self.fates.values())

    @property
    def is_measured(self) -> bool:
        return self.counts[Fate.UNKNOWN] < self.counts.total()


@dataclass(frozen=True, kw_only=True)
class Track:
    """The axis on which a library's cases are told, and every release on it, in order."""

    axis: str
    words: str
    """The axis in words: `period`, `with torch 2.13.0`."""
    releases: tuple[Release, ...]

    @property
    def newest(self) -> Release | None:
        """The newest release in which any case gave evidence."""
        return next((release for release in reversed(self.releases) if release.is_measured), None)


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """A document's libraries, release by release."""

    view: View

    @cached_property
    def _failures(self) -> Mapping[tuple[str, str], Mapping[str, Fate]]:
        found: dict[tuple[str, str], dict[str, Fate]] = defaultdict(dict)
        for cell in self.view.document["cells"]:
            if cell["variant"] == FAILURE:
                fate = _FATES.get(Status(cell["status"]), Fate.UNKNOWN)
                found[cell["case"], cell["environment"]][cell["device"]] = fate
        return found

    def fates(self, case: str, environment: str) -> Mapping[str, Fate]:
        """Device to what became of a case there."""
        return self._failures.get((case, environment), {})

    def fate(self, case: str, environment: str) -> Fate:
        """The worst on any device that gave evidence."""
        found = set(self.fates(case, environment).values())
        return next((fate for fate in Fate if fate in found), Fate.UNKNOWN)

    @cached_property
    def by_library(self) -> Mapping[str, Track | None]:
        """Library to its own axis that tells its cases best; `None` where it has none.

        One with evidence before one without; the period axis before pinned ones, and these before latest; the
        longest; the last by name.
        """
        return {
            library: max(self._tracks(library), key=self._rank, default=None)
            for library in self.view.libraries
        }

    def drifting(self, library: str, case: str) -> list[str]:
        """Other axes of the library where a case fares otherwise, in one release and on one device."""
        track = self.by_library[library]
        here = {release.version: release.environment for release in track.releases} if track else {}
        return [
            name
            for name, axis in self.view.axes
            if axis["library"] == library
            and any(
                self._differ(case, here.get(self._version(other)), other) for other in axis["environments"]
            )
        ]

    def _version(self, environment: str) -> str:
        return str(self.view.document["environments"][environment]["version"])

    def _differ(self, case: str, one: str | None, other: str) -> bool:
        if one is None:
            return False
        before, after = self.fates(case, one), self.fates(case, other)
        pairs = [{before[device], after[device]} for device in before.keys() & after.keys()]
        return any(len(pair) == 2 and Fate.UNKNOWN not in pair for pair in pairs)

    def _rank(self, track: Track) -> tuple[bool, int, bool, int, str]:
        axis = self.view.document["axes"][track.axis]
        place = -_RESOLUTIONS.index(axis["resolution"])
        return (track.newest is not None, place, not axis["python"], len(track.releases), track.axis)

    def _tracks(self, library: str) -> list[Track]:
        cases = [case for case, _ in self.view.libraries[library]]
        return [
            Track(
                axis=name,
                words=axis_words(axis, library),
                releases=tuple(self._release(environment, cases) for environment in axis["environments"]),
            )
            for name, axis in self.view.axes
            if axis["library"] == library
        ]

    def _release(self, environment: str, cases: list[str]) -> Release:
        entry = self.view.document["environments"][environment]
        return Release(
            environment=environment,
            version=entry["version"],
            released=entry.get("released"),
            fates={case: self.fate(case, environment) for case in cases},
        )
