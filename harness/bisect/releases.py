"""The releases that a search runs over: which, in which order, and each one's environment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.bisect.answer import HELD
from harness.bisect.labels import is_bad
from harness.bisect.mixes import hold
from harness.bisect.shelf import Shelf
from harness.case import Case, Kind, Variant
from harness.config import DEFAULT_TIER, NEWEST, Axis, Config
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock
from harness.environment.plan import axis_releases, axis_request
from harness.environment.releases import Release, final_releases
from harness.environment.resolve import Request
from harness.environment.uv import present_pythons
from harness.errors import NoEvidence, UsageError
from harness.judge import facts_of
from harness.verdict import expected_status

Bound = Version | date


@dataclass(frozen=True, kw_only=True)
class Line:
    """Releases of a package, oldest first, each with the way to its environment."""

    package: str
    """Canonical name of the distribution."""
    held: str
    """How the rest is resolved: `period`, `latest`, `pinned`, or what is held."""
    releases: tuple[Release, ...]
    lock: Callable[[Release], Lock]
    """Finds the environment of a release; may ask the resolver. Raises NoEvidence where it cannot."""
    lock_at_hand: Callable[[Release], Lock | None]
    """The same without asking anybody."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What is the same in all environments, canonical name to version, as far as it is known beforehand."""

    def between(self, since: Bound | None, until: Bound | None) -> Line:
        """The releases from `since` to `until`, both included.

        Raises:
            UsageError: there is none.
        """
        kept = tuple(r for r in self.releases if _is_within(r, since, until))
        if not kept:
            message = (
                f"there is no release of {self.package} {_range(since, until)}; it has "
                f"{self.releases[0].version} to {self.releases[-1].version}."
            )
            raise UsageError(message)
        return replace(self, releases=kept)

    def index(self, bound: Bound) -> int:
        """Where a version stands, or the last release of a day or before.

        Raises:
            UsageError: there is no such release.
        """
        for index, release in reversed(list(enumerate(self.releases))):
            if release.version == bound or (not isinstance(bound, Version) and _is_by(release, bound)):
                return index
        message = (
            f"{self.package} {bound} is not among the releases {self.releases[0].version} to "
            f"{self.releases[-1].version} that are searched."
        )
        raise UsageError(message)


def parse_bound(text: str) -> Bound:
    """A version or an ISO day.

    Raises:
        UsageError: it is neither.
    """
    try:
        return date.fromisoformat(text) if text.count("-") == 2 else Version(text)
    except (ValueError, InvalidVersion):
        message = f"{text!r} is neither a version nor a day; write 0.16.1 or 2024-05-31."
        raise UsageError(message) from None


def version_of(text: str) -> Version | None:
    """None for a text that is no version, such as most commits."""
    try:
        return Version(text.strip())
    except InvalidVersion:
        return None


def axis_line(shelf: Shelf, axis: Axis) -> Line:
    """The releases of an axis of the matrix.

    Raises:
        UsageError: the axis has none.
        NoEvidence: the index cannot be read.
    """
    library = shelf.config.libraries[axis.library]
    releases = axis_releases(axis, shelf.resolver.releases(library.distribution))
    if not releases:
        message = f"the index has no release of {axis.library} that the axis is about; see pyproject.toml."
        raise UsageError(message)
    pins = ", ".join(f"{name} {version}" for name, version in axis.pins)
    return Line(
        package=str(canonicalize_name(library.distribution)),
        held=f"with {pins}" if pins else axis.resolution,
        releases=tuple(releases),
        lock=lambda release: _axis_lock(axis, release, shelf.lock),
        lock_at_hand=lambda release: _axis_lock(axis, release, shelf.at_hand),
        facts={_distribution(shelf.config, name): str(version) for name, version in axis.pins},
    )


_Found = TypeVar("_Found", Lock, Lock | None)


def _axis_lock(axis: Axis, release: Release, find: Callable[[Request], _Found]) -> _Found | Lock:
    """The environment of a release; one that wants a Python that is not here cannot be built."""
    try:
        request = axis_request(axis, release)
    except NoEvidence as error:
        id_ = EnvironmentId(
            library=axis.library,
            version=release.version,
            latest=axis.resolution == "latest",
            pins=axis.pins,
        )
        python = present_pythons()[0] if axis.python == NEWEST else axis.python
        return Lock(
            id=id_, python=python, as_of=None, requested=(), packages={}, unresolvable=str(error).rstrip(".")
        )
    return find(request)


def held_line(shelf: Shelf, package: str, base: Lock, also: Collection[str | None] = ()) -> Line:
    """All releases of a package, with the other packages of an environment held as far as that goes.

    Prereleases and yanked ones are left out, but for those of `also`: an older lock may hold one.

    Raises:
        NoEvidence: the index cannot be read, or has no such package.
    """
    known = shelf.resolver.releases(package)
    final = final_releases(known)
    releases = [r for r in known if r in final or str(r.version) in also]
    name = str(canonicalize_name(package))

    def title(release: Release) -> str:
        return f"{base.key} with {name}=={release.version}"

    def make(release: Release) -> Lock:
        return hold(base, name, str(release.version), shelf.config)

    return Line(
        package=name,
        held=f"{HELD} {base.id}",
        releases=tuple(releases),
        lock=lambda release: shelf.made(title(release), lambda: make(release)),
        lock_at_hand=lambda release: shelf.kept(title(release)),
        facts=facts_of(base.record(), shelf.config),
    )


def choose_axis(
    shelf: Shelf,
    case: Case,
    variant: Variant,
    resolution: str | None = None,
    pins: Sequence[tuple[str, Version]] = (),
) -> Axis:
    """The axis whose environments a search runs over.

    Without a wish, the first on which the case's header claims that the issue is there. A case of drift is
    looked for first beside the release of the other package that the matrix pins for it, where no later
    break of that package gets in the way, then with the newest of everything; any other in its own period.

    Raises:
        UsageError: the library has no such axis.
    """
    own = [axis for axis in shelf.config.axes if axis.library == case.library and axis.tier == DEFAULT_TIER]
    whole = [axis for axis in own if not axis.kinds]
    for_drift = [_over_all_releases(axis, whole) for axis in own if Kind.DRIFT in axis.kinds]
    if pins and whole:
        return _pinned(shelf, for_drift, whole, tuple(sorted(pins)))
    axes = [*for_drift, *sorted(whole, key=_is_not_latest)] if case.kind is Kind.DRIFT else whole
    found = [axis for axis in axes if resolution in (None, axis.resolution)]
    if not found:
        known = ", ".join(sorted({axis.resolution for axis in axes})) or "none"
        wanted = resolution or "for all kinds of case"
        message = f"{case.library} has no axis {wanted} in pyproject.toml; it has {known}."
        raise UsageError(message)
    claiming = (axis for axis in found if _claims(shelf, axis, variant))
    return next(claiming, next((axis for axis in found if axis in whole), found[0]))


def _is_not_latest(axis: Axis) -> bool:
    return axis.resolution != "latest"


def _over_all_releases(axis: Axis, whole: Sequence[Axis]) -> Axis:
    """A pair of the matrix as an axis over all releases of its library."""
    return replace(axis, versions=(), last=None, since=whole[0].since if whole else None, kinds=())


def _pinned(
    shelf: Shelf, for_drift: Sequence[Axis], whole: Sequence[Axis], pins: tuple[tuple[str, Version], ...]
) -> Axis:
    """An axis with these pins, on a Python that they admit."""
    known = next((axis for axis in [*for_drift, *whole] if axis.pins == pins), None)
    if known is not None:
        return known
    first = next((axis for axis in whole if axis.pins), whole[0])
    like = replace(first, resolution="pinned", pins=pins, versions=(), last=None)
    for library, version in pins:
        releases = shelf.resolver.releases(_distribution(shelf.config, library))
        admitting = [release.admits(like.python) for release in releases if release.version == version]
        if like.python != NEWEST and admitting and not all(admitting):
            like = replace(like, python=NEWEST)
    return like


def _claims(shelf: Shelf, axis: Axis, variant: Variant) -> bool:
    """Whether the header says that the issue is there in a locked environment of an axis."""
    return any(
        is_bad(expected_status(variant, facts_of(lock.record(), shelf.config)).value)
        for lock in shelf.locks.all()
        if (lock.id.library, lock.id.resolution, lock.id.pins) == (axis.library, axis.resolution, axis.pins)
    )


def _distribution(config: Config, library: str) -> str:
    return str(canonicalize_name(config.libraries[library].distribution))


def _is_within(release: Release, since: Bound | None, until: Bound | None) -> bool:
    return (since is None or _is_from(release, since)) and (until is None or _is_by(release, until))


def _is_from(release: Release, bound: Bound) -> bool:
    if isinstance(bound, Version):
        return release.version >= bound
    return release.uploaded is not None and release.uploaded.date() >= bound


def _is_by(release: Release, bound: Bound) -> bool:
    if isinstance(bound, Version):
        return release.version <= bound
    return release.uploaded is not None and release.uploaded.date() <= bound


def _range(since: Bound | None, until: Bound | None) -> str:
    parts = [f"from {since}"] if since else []
    return " ".join([*parts, *([f"up to {until}"] if until else [])])
