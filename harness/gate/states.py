"""What a team names as the state to look at, as a place in which cells run; theirs is never written to."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from harness.config import Config
from harness.environment.build import build_folder
from harness.environment.compiling import Unsolvable, compile_pins, local_builds, public_versions
from harness.environment.ids import CURRENT
from harness.environment.installed import site_packages
from harness.environment.lock import Lock
from harness.environment.places import THIS_PLATFORM, InterpreterPlace, LockedPlace, Place, libraries_of
from harness.environment.stated import Stated, bare
from harness.environment.statefiles import python_for, read_state_file
from harness.environment.states import executable, is_program, neutral_id, path_of, state_of
from harness.environment.uv import UvError
from harness.errors import NoEvidence, UsageError
from harness.gate.observations import StateView
from harness.workspace import Workspace


@dataclass(frozen=True)
class StatePlace(LockedPlace):
    """Exact versions that are built in the cache; about every case, and called as the team calls it."""

    called: str = ""

    @property
    def id(self) -> str:
        return self.called

    def runs(self, case: object) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class GateState:
    """A state of the team's: what it is called, and where its cells run."""

    name: str
    place: Place
    lock: Lock | None
    """None for an interpreter."""

    @cached_property
    def view(self) -> StateView:
        record = self.place.record()
        return StateView(
            name=self.name,
            python=record.python,
            packages=record.packages,
            facts=self.place.facts,
            key=self.place.key,
            platform=THIS_PLATFORM,
            note=record.note,
        )

    def library_folders(self) -> list[Path]:
        """Where the source of its libraries lies; nothing where it is not built yet."""
        if isinstance(self.place, InterpreterPlace):
            return site_packages(self.place.python.parent.parent)
        return [] if self.lock is None else site_packages(build_folder(self.lock))


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How states are to be read."""

    python: str | None
    """Major and minor version of those that do not name their own."""
    offline: bool
    """Ask no index; then everything must be exact."""
    jax_cache: bool = True
    """Whether JAX's compilation cache may be used in what is built."""


def gate_state(
    words: Sequence[str], workspace: Workspace, asking: Asking, base: GateState | None = None
) -> GateState:
    """What a user's words mean: a file, an interpreter, the id of an environment, or versions.

    Args:
        words: one path or id, or requirements such as `numpyro==0.22.0`, or the one changed by the others.
        workspace: with the corpus whose libraries count.
        asking: how to read it.
        base: the state that versions are a change of.

    Raises:
        UsageError: they mean no state.
        NoEvidence: the index cannot be read.
    """
    name = " ".join(words)
    config = workspace.config
    if len(words) > 1 and _versions(words[:1], config) is None:
        base, words = gate_state(words[:1], workspace, asking), words[1:]
        if _versions(words, config) is None:
            message = f"{base.name} and {' '.join(words)} are two states; give one, or --from and --to."
            raise UsageError(message)
    text = " ".join(words)
    path = path_of(text)
    libraries = libraries_of(workspace.cases, config)
    if text == CURRENT or path.is_dir() or (path.is_file() and is_program(path)):
        program = Path(sys.executable) if text == CURRENT else executable(path)
        held = GateState(name=name, place=InterpreterPlace(program, libraries, text), lock=None)
        _check_python(held, asking)
        return held
    wanted = None if path.is_file() else _versions(words, config)
    if wanted is not None:
        lock = _of_versions(wanted, name, asking, config, base)
    elif asking.offline and path.is_file():
        lock = _read_exactly(path, name, asking.python, config)
    else:
        lock = state_of(text, python=asking.python, config=config, locks=workspace.locks).lock
    place = StatePlace(lock, config, libraries, asking.jax_cache, called=name)
    return GateState(name=name, place=place, lock=lock)


def _check_python(state: GateState, asking: Asking) -> None:
    held = _minor(state)
    if asking.python not in {None, held}:
        message = (
            f"{state.name} is of Python {held}, not {asking.python}; leave out --python {asking.python}."
        )
        raise UsageError(message)


def _minor(state: GateState) -> str:
    return ".".join(state.view.python.split(".")[:2])


def _versions(words: Sequence[str], config: Config) -> list[Requirement] | None:
    """The words as requirements, libraries by their distributions; none where they are something else."""
    known = {library.distribution for library in config.libraries.values()}
    found = []
    for word in (part for text in words for part in text.split()):
        try:
            requirement = Requirement(word)
        except InvalidRequirement:
            return None
        library = config.libraries.get(requirement.name)
        requirement.name = library.distribution if library else str(canonicalize_name(requirement.name))
        if requirement.url or requirement.marker or not (requirement.specifier or requirement.name in known):
            return None
        found.append(requirement)
    return found or None


def _of_versions(
    wanted: Sequence[Requirement],
    name: str,
    asking: Asking,
    config: Config,
    base: GateState | None,
) -> Lock:
    version = _python(base, name, asking.python)
    if asking.offline:
        pins = Stated(requirements=tuple(wanted)).pins(name)
        if pins is None:
            message = f"{name} says no exact version of something; with --offline give NAME==VERSION."
            raise UsageError(message)
        held = {**_held(base), **pins}
        return _lock(held, [str(r) for r in wanted], version, config)
    texts = [*(str(r) for r in wanted), *_kept(base, wanted, config)]
    try:
        found = compile_pins(texts, python=version, only_binary=config.only_binary, preferences=_held(base))
    except Unsolvable as error:
        message = f"nothing satisfies {name}: {' '.join(str(error).split()).removesuffix('.')}."
        raise UsageError(message) from None
    except UvError as error:
        message = f"{name} cannot be resolved now: {error.brief}."
        raise NoEvidence(message) from None
    return _lock(found, texts, version, config)


def _python(base: GateState | None, name: str, python: str | None) -> str:
    """The Python of versions: that of what they change, or else given, or our own."""
    return python_for(name, python, None, "") if base is None else _minor(base)


def _held(base: GateState | None) -> Mapping[str, str]:
    return {} if base is None else base.view.packages


def _kept(base: GateState | None, wanted: Sequence[Requirement], config: Config) -> list[str]:
    """What else the changed state asks for: what the base asked for; of an interpreter, the libraries."""
    if base is None:
        return []
    changed = {str(canonicalize_name(r.name)) for r in wanted}
    if base.lock is None:
        known = [library.distribution for library in config.libraries.values()]
        return [name for name in known if name in base.view.packages and name not in changed]
    asked = [Requirement(text) for text in base.lock.requested]
    kept = [r for r in asked if str(canonicalize_name(r.name)) not in changed]
    pinned = {str(canonicalize_name(r.name)) for r in kept if str(r.specifier).startswith("==")}
    return [bare(r) if str(canonicalize_name(r.name)) in pinned else str(r) for r in kept]


def _read_exactly(path: Path, name: str, python: str | None, config: Config) -> Lock:
    stated, version, _ = read_state_file(path, name, python)
    pins = stated.pins(name) if stated.requirements else {}
    if pins is None:
        message = f"{name} leaves versions to the resolver; with --offline give a file that pins everything."
        raise UsageError(message)
    if not pins:
        message = f"{name} names no package; give another file."
        raise UsageError(message)
    return _lock(pins, list(pins), version, config)


def _lock(pins: Mapping[str, str], requested: Sequence[str], python: str, config: Config) -> Lock:
    packages = public_versions(pins)
    return Lock(
        id=neutral_id(packages, config),
        python=python,
        as_of=None,
        requested=tuple(requested),
        packages=packages,
        local_builds=local_builds(pins),
    )
