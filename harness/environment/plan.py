"""Which environments the axes of the matrix ask for, given what the index holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.case import Kind
from harness.config import DEFAULT_TIER, NEWEST, Axis, Config
from harness.environment.ids import EnvironmentId
from harness.environment.releases import Release, final_releases
from harness.environment.resolve import Request, Resolver
from harness.environment.uv import present_pythons
from harness.errors import NoEvidence, UsageError


def requests_of(config: Config, resolver: Resolver, libraries: Iterable[str]) -> list[Request]:
    """Every environment of every axis whose library is among `libraries`, tiers included."""
    wanted = set(libraries)
    axes = [axis for axis in config.axes if axis.library in wanted]
    return [request for axis in axes for request in _axis_requests(config, resolver, axis)]


def _axis_requests(config: Config, resolver: Resolver, axis: Axis) -> Iterator[Request]:
    for release in axis_releases(axis, resolver.releases(config.libraries[axis.library].distribution)):
        yield axis_request(axis, release)


def axis_request(axis: Axis, release: Release) -> Request:
    """The environment of an axis that is about a release."""
    python, is_own = _python(axis, release)
    return Request(
        id=EnvironmentId(
            library=axis.library,
            version=release.version,
            latest=axis.resolution == "latest",
            pins=axis.pins,
            python=None if is_own else python,
        ),
        python=python,
        extra=axis.extra,
        tier=axis.tier,
    )


def axis_releases(axis: Axis, releases: list[Release]) -> list[Release]:
    """The releases that an axis is about, of those that the index holds."""
    final = final_releases(releases)
    if axis.versions:
        return [release for release in final if release.version in axis.versions]
    since = [release for release in final if axis.since is None or release.version >= axis.since]
    return since[-axis.last :] if axis.last else since


def _python(axis: Axis, release: Release) -> tuple[str, bool]:
    """The axis's own Python where the release admits it, else the newest present one that it admits."""
    own = _own_python(axis)
    if release.admits(own):
        return own, True
    for python in present_pythons():
        if release.admits(python):
            return python, False
    message = f"{axis.library} {release.version} needs Python {release.requires_python}; install one."
    raise NoEvidence(message)


def _own_python(axis: Axis) -> str:
    return present_pythons()[0] if axis.python == NEWEST else axis.python


def axis_kinds(config: Config, id_: EnvironmentId) -> tuple[Kind, ...]:
    """The kinds of case that the environment's axis is for; none where it is for all."""
    for axis in config.axes:
        if (axis.library, axis.resolution, axis.pins) == (id_.library, id_.resolution, id_.pins):
            return axis.kinds
    return ()


def request_for(config: Config, id_: EnvironmentId) -> Request:
    """A request for an id that a user named, with the extras and Python of the axis that fits it best."""
    axes = [axis for axis in config.axes if axis.library == id_.library]
    if not axes:
        message = f"no [[tool.harness.axis]] of pyproject.toml has library {id_.library!r}; add one."
        raise UsageError(message)
    axis = max(axes, key=lambda axis: (axis.resolution == id_.resolution, axis.pins == id_.pins))
    same = axis.resolution == id_.resolution and axis.pins == id_.pins
    return Request(
        id=id_,
        python=id_.python or _own_python(axis),
        extra=axis.extra,
        tier=axis.tier if same else DEFAULT_TIER,
    )
