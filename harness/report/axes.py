"""Axes: environments that differ only in the release of one library, in the order of its releases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.version import Version

from harness.environment.ids import parse_environment_id
from harness.errors import UsageError
from harness.evidence import EnvironmentRecord

RESOLUTIONS = ("period", "latest", "pinned")
"""Those that axes have, in the order in which they are shown."""

Pins = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an environment stands: which release of which library, and what else its id says."""

    environment: str
    library: str
    resolution: str
    version: Version
    label: str
    pins: Pins
    python: str | None
    """The Python that the id names; none where it is the axis's own."""


@dataclass(frozen=True, kw_only=True)
class ReleaseAxis:
    """Environments of one library, resolution and pins, by release."""

    library: str
    resolution: str
    pins: Pins
    python: str | None
    """Set where the axis holds a second environment per release, with another Python."""
    places: tuple[Place, ...]

    @property
    def id(self) -> str:
        """An environment's id without the release: `numpyro`, `numpyro@latest`, `pyro+torch-2.13.0`."""
        latest = "@latest" if self.resolution == "latest" else ""
        pins = "".join(f"+{name}-{version}" for name, version in self.pins)
        return f"{self.library}{latest}{pins}{f'@py{self.python}' if self.python else ''}"

    @property
    def order(self) -> tuple[object, ...]:
        pins = tuple((name, Version(version)) for name, version in self.pins)
        return (self.library, RESOLUTIONS.index(self.resolution), pins, self.python or "")


def place_of(record: EnvironmentRecord) -> Place | None:
    """Read an environment's id; `None` where it is about no release, such as an interpreter at hand."""
    try:
        parsed = parse_environment_id(record.id)
    except UsageError:
        return None
    if (parsed.library, str(parsed.version), parsed.resolution) != (
        record.library,
        record.version,
        record.resolution,
    ):
        return None
    return Place(
        environment=record.id,
        library=parsed.library,
        resolution=parsed.resolution,
        version=parsed.version,
        label=str(parsed.version),
        pins=tuple((name, str(version)) for name, version in parsed.pins),
        python=parsed.python,
    )


def axes_of(environments: Mapping[str, EnvironmentRecord]) -> tuple[ReleaseAxis, ...]:
    """Every axis, in order of library, resolution and pins; an environment stands on one axis at most.

    A release whose only environments have a Python of their own is represented by the newest of them.
    """
    groups: dict[tuple[str, str, Pins], list[Place]] = defaultdict(list)
    for record in environments.values():
        place = place_of(record)
        if place is not None:
            groups[place.library, place.resolution, place.pins].append(place)
    axes = (axis for group in groups.values() for axis in _axes(group))
    return tuple(sorted(axes, key=lambda axis: axis.order))


def _axes(places: list[Place]) -> list[ReleaseAxis]:
    own = {place.version: place for place in sorted(places, key=_rank)}
    others: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if place.python and own[place.version] is not place:
            others[place.python].append(place)
    return [_axis(own.values(), None), *(_axis(group, python) for python, group in others.items())]


def _rank(place: Place) -> tuple[bool, Version]:
    return (place.python is None, Version(place.python or "0"))


def _axis(places: Iterable[Place], python: str | None) -> ReleaseAxis:
    ordered = tuple(sorted(places, key=lambda place: place.version))
    first = ordered[0]
    return ReleaseAxis(
        library=first.library, resolution=first.resolution, pins=first.pins, python=python, places=ordered
    )
