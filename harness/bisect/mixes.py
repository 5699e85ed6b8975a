"""Environments between two locks, and environments that differ from a lock in one package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.bisect.answer import Move
from harness.config import Config
from harness.environment.compiling import Unsolvable, compile_pins, local_builds, public_versions
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock
from harness.environment.stated import bare
from harness.environment.uv import UvError
from harness.errors import NoEvidence, UsageError


def moves(a: Lock, b: Lock) -> tuple[Move, ...]:
    """The packages whose version differs between two locks, sorted; the Python is none of them."""
    names = sorted({*a.packages, *b.packages})
    pairs = [(name, a.packages.get(name), b.packages.get(name)) for name in names]
    return tuple(Move(package=n, before=old, after=new) for n, old, new in pairs if old != new)


def mix(a: Lock, b: Lock, from_b: frozenset[str], only_binary: Iterable[str] = ()) -> Lock:
    """The packages of `a`, but those of `from_b` as in `b`: absent where they are absent there.

    What the chosen versions need, and only one of the two has, comes in at that one's version. The lock
    lists all that will be installed. One that the resolver refuses is unresolvable: no evidence of anything.

    Raises:
        UsageError: the two are of different Pythons.
        NoEvidence: the index cannot be read.
    """
    if a.python != b.python:
        message = (
            f"{a.id} is of Python {a.python} and {b.id} of Python {b.python}; "
            "bring them to one Python before their packages are mixed."
        )
        raise UsageError(message)
    moved = {move.package for move in moves(a, b)}
    chosen = from_b & moved
    if not chosen:
        return a
    if chosen == moved:
        return b
    pins = {n: v for n, v in _choose(a.packages, b.packages, chosen).items() if v is not None}
    spare = {n: v for n, v in _choose(a.packages, b.packages, moved - chosen).items() if n not in pins}
    local = _local(a, b, chosen)
    lock = replace(_between(a, b, chosen), local_builds=local)
    return _checked(lock, pins, {n: v for n, v in spare.items() if v is not None}, only_binary)


def blend(a: Lock, b: Lock, from_b: frozenset[str]) -> Lock:
    """The same without asking the resolver: for environments that contradict their own metadata anyway."""
    chosen = from_b & {move.package for move in moves(a, b)}
    pins = {n: v for n, v in _choose(a.packages, b.packages, chosen).items() if v is not None}
    return replace(_between(a, b, chosen), packages=pins, local_builds=_local(a, b, chosen))


def refusal(lock: Lock, only_binary: Iterable[str] = ()) -> str:
    """Why the resolver does not accept the packages of a lock together; empty where it does.

    Environments that pip has grown over time often contradict themselves and work all the same. Nothing
    that is mixed from one can then be asked of the resolver.

    Raises:
        NoEvidence: the index cannot be read.
    """
    return _checked(lock, lock.packages, {}, only_binary).unresolvable


def hold(base: Lock, package: str, version: str, config: Config) -> Lock:
    """A lock with one package at another version, and of the rest only moved what must move along.

    An extra that was requested of the package goes with it: `jax[cpu]` brings the jaxlib that belongs to it.

    Raises:
        NoEvidence: the index cannot be read.
    """
    name, version = str(canonicalize_name(package)), str(Version(version))
    if base.packages.get(name) == version:
        return base
    lock = replace(_as_of_today(base), id=_id_with(base, {name: version}))
    held = {other: known for other, known in base.packages.items() if other != name}
    try:
        pins = _hold(base, [*_other_requests(base, name), _pinned(base, name, version)], held, config)
    except Unsolvable as error:
        return replace(lock, packages={}, local_builds=(), unresolvable=str(error))
    except UvError as error:
        raise _cannot_ask(base, error) from None
    return replace(lock, packages=public_versions(pins), local_builds=local_builds(pins), unresolvable="")


def extend(base: Lock, extras: Sequence[str], config: Config) -> Lock:
    """A lock with further packages, and with what these need; all that it has stays.

    Raises:
        UsageError: they do not go with it.
        NoEvidence: the index cannot be read.
    """
    if not extras:
        return base
    wanted = [*_equalities(base.packages), *extras]
    try:
        pins = compile_pins(wanted, python=base.python, only_binary=config.only_binary)
    except Unsolvable as error:
        message = f"{', '.join(extras)} does not go with {base.id}: {' '.join(str(error).split())}"
        raise UsageError(message) from None
    except UvError as error:
        raise _cannot_ask(base, error) from None
    return replace(
        base,
        packages={**public_versions(pins), **base.packages},
        note=f"{base.id} and {', '.join(extras)}",
    )


def _choose(old: Mapping[str, str], new: Mapping[str, str], chosen: Iterable[str]) -> dict[str, str | None]:
    """Every package of either with the version of `new` where chosen, else that of `old`."""
    taken = set(chosen)
    return {name: (new if name in taken else old).get(name) for name in {*old, *new}}


def _local(a: Lock, b: Lock, chosen: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({*set(a.local_builds) - chosen, *set(b.local_builds) & chosen}))


def _between(a: Lock, b: Lock, chosen: frozenset[str]) -> Lock:
    return replace(
        _as_of_today(a),
        id=_id_with(a, {name: b.packages[name] for name in chosen if name in b.packages}),
        requested=tuple(dict.fromkeys(bare(Requirement(text)) for text in a.requested)),
        note=f"{a.id}, {len(chosen)} of its packages as in {b.id}",
    )


def _as_of_today(lock: Lock) -> Lock:
    return replace(lock, as_of=None, released=None, note="")


def _checked(
    lock: Lock, pins: Mapping[str, str], spare: Mapping[str, str], only_binary: Iterable[str]
) -> Lock:
    """A lock of these pins and of those of `spare` that they need; unresolvable where they do not fit."""
    try:
        found = compile_pins(
            _equalities(pins), python=lock.python, only_binary=only_binary, constraints=_equalities(spare)
        )
    except Unsolvable as error:
        return _refused(lock, str(error))
    except UvError as error:
        raise _cannot_ask(lock, error) from None
    strangers = sorted(found.keys() - pins.keys() - spare.keys())
    # Where the index's own build takes a local one's place, it brings what it needs, as when it is built.
    if strangers and not set(lock.local_builds) - set(local_builds(found)):
        return _refused(lock, f"it also needs {', '.join(strangers)}, which neither environment has")
    kept = {name: version for name, version in found.items() if name not in strangers}
    return replace(lock, packages=public_versions(kept))


def _refused(lock: Lock, reason: str) -> Lock:
    return replace(lock, packages={}, local_builds=(), unresolvable=reason)


def _hold(base: Lock, wanted: Sequence[str], held: Mapping[str, str], config: Config) -> dict[str, str]:
    """uv prefers a public version to its local builds, so those are held by constraints where that goes."""
    local = {name: version for name, version in held.items() if name in base.local_builds}
    preferences = {name: version for name, version in held.items() if name not in local}

    def attempt(constraints: Sequence[str]) -> dict[str, str]:
        return compile_pins(
            wanted,
            python=base.python,
            only_binary=config.only_binary,
            constraints=constraints,
            preferences=preferences,
        )

    try:
        return attempt(_equalities(local))
    except Unsolvable:
        if not local:
            raise
        return attempt(())


def _other_requests(base: Lock, name: str) -> list[str]:
    return [text for text in base.requested if canonicalize_name(Requirement(text).name) != name]


def _pinned(base: Lock, name: str, version: str) -> str:
    asked = [Requirement(text) for text in base.requested]
    extras = {extra for known in asked if canonicalize_name(known.name) == name for extra in known.extras}
    return f"{name}[{','.join(sorted(extras))}]=={version}" if extras else f"{name}=={version}"


def _equalities(pins: Mapping[str, str]) -> list[str]:
    return [f"{name}=={version}" for name, version in sorted(pins.items())]


def _id_with(lock: Lock, moved: Mapping[str, str]) -> EnvironmentId:
    """The id of a lock, of the new versions where what it names has moved."""
    own = str(canonicalize_name(lock.id.library))
    if own not in lock.packages and lock.requested:  # its distribution has another name, asked for first
        own = str(canonicalize_name(Requirement(lock.requested[0]).name))
    version = Version(moved[own]) if own in moved else lock.id.version
    pins = tuple((n, Version(moved[n]) if n in moved else pinned) for n, pinned in lock.id.pins)
    return replace(lock.id, version=version, pins=pins)


def _cannot_ask(lock: Lock, error: UvError) -> NoEvidence:
    return NoEvidence(f"a variation of {lock.id} cannot be resolved now: {error.brief}.")
