"""What a user names as a good or bad state: a file, an interpreter or an environment, as exact packages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from harness.config import Config
from harness.environment.compiling import Unsolvable, compile_pins, local_builds, public_versions
from harness.environment.ids import CURRENT, EnvironmentId, parse_environment_id
from harness.environment.lock import Lock, LockFolder
from harness.environment.stated import (
    Stated,
    bare,
)
from harness.environment.statefiles import KINDS, read_state_file
from harness.environment.uv import UvError, run_uv
from harness.errors import NoEvidence, UsageError
from harness.probe.client import DeadEnvironment
from harness.probe.session import Session, interpreter_target

_ARCHIVES = (".whl", ".tar.gz", ".zip")


@dataclass(frozen=True, kw_only=True)
class State:
    """One Python and the exact version of every package."""

    name: str
    """As the user named it."""
    lock: Lock

    @property
    def python(self) -> str:
        """Major and minor version, such as `3.11`."""
        return self.lock.python

    @property
    def packages(self) -> Mapping[str, str]:
        return self.lock.packages


def state_of(text: str, *, python: str | None, config: Config, locks: LockFolder) -> State:
    """What a user's words mean.

    Args:
        text: a path or the id of an environment.
        python: the Python of a file that does not say its own, or a check of one that is known; without it
            the one that the file was made for, else the one that runs this.
        config: for the libraries, and what is never built from source.
        locks: of the project.

    Raises:
        UsageError: it is no state, or not one that can be installed from an index.
        NoEvidence: the index cannot be read.
    """
    path = path_of(text)
    if text == CURRENT:
        lock = _of_interpreter(Path(sys.executable), text, python, config)
    elif path.is_dir() or (path.is_file() and is_program(path)):
        lock = _of_interpreter(executable(path), text, python, config)
    elif path.is_file():
        lock = _of_file(path, text, python, config)
    else:
        lock = _of_id(text, python, locks)
    return State(name=text, lock=lock)


def path_of(text: str) -> Path:
    """The path that a user's words may be, whether it exists or not.

    Raises:
        UsageError: nothing can be called so.
    """
    try:
        path = Path(text).expanduser()
        path.exists()
    except (OSError, RuntimeError, ValueError):
        shown = text if len(text) <= 100 else f"{text[:97]}..."
        message = f"{shown!r} is no file and no environment; give {KINDS}."
        raise UsageError(message) from None
    return path


def neutral_id(packages: Mapping[str, str], config: Config) -> EnvironmentId:
    """An id for packages that have none: of the first configured library, or else of the first package."""
    held = [library for library in config.libraries.values() if library.distribution in packages]
    if held:
        return EnvironmentId(library=held[0].name, version=Version(packages[held[0].distribution]))
    name = min(packages)
    library = re.sub(r"[^a-z0-9]", "_", name)
    library = library if library[0].isalpha() else f"package_{library}"
    return EnvironmentId(library=library, version=Version(packages[name]))


def _of_id(text: str, python: str | None, locks: LockFolder) -> Lock:
    try:
        id_ = parse_environment_id(text)
    except UsageError:
        message = f"{text!r} is no file and no environment; give {KINDS}."
        raise UsageError(message) from None
    lock = locks.get(str(id_))
    if lock is None:
        message = f"the environment {text} has no lock; make one with `harness lock {text}`."
        raise UsageError(message)
    if lock.unresolvable:
        message = f"the environment {text} has no solution ({_brief(lock.unresolvable)}); give another."
        raise UsageError(message)
    _check_python(text, lock.python, python)
    return lock


def _of_file(path: Path, text: str, python: str | None, config: Config) -> Lock:
    stated, version, is_lock = read_state_file(path, text, python)
    if is_lock:
        return _exact((stated, version), text, config)
    return _of_requirements(stated, version, text, config)


def _of_interpreter(path: Path, text: str, python: str | None, config: Config) -> Lock:
    session = Session(interpreter_target(path, ()))
    try:
        hello = session.hello()
    except DeadEnvironment as error:
        message = f"{text} cannot be probed ({error}); give the path of a Python 3.8 or newer."
        raise UsageError(message) from None
    finally:
        session.close()
    version = ".".join(str(hello["python"]).split(".")[:2])
    _check_python(text, version, python)
    foreign = _not_released(path, text)
    if foreign:
        message = f"{text} holds {', '.join(foreign)}, which no index has; install released versions there."
        raise UsageError(message)
    held = {name: held for name, held in hello["versions"].items() if name != "pip"}
    try:
        pins = {name: str(Version(held)) for name, held in held.items()}
    except InvalidVersion as error:
        message = f"{text} holds a package of no valid version ({error}); install released versions there."
        raise UsageError(message) from None
    stated = Stated(requirements=tuple(Requirement(f"{name}=={pin}") for name, pin in pins.items()))
    return _exact((stated, version), text, config)


def _not_released(path: Path, text: str) -> list[str]:
    """What was installed from a folder or a repository, as uv names it."""
    try:
        lines = run_uv(["pip", "freeze", "--quiet", "--python", str(path)]).splitlines()
    except UvError as error:
        message = f"{text} cannot be asked what it holds: {error.brief}."
        raise NoEvidence(message) from None
    elsewhere = [line for line in lines if line.startswith("-e ") or " @ " in line]
    return [line for line in elsewhere if not line.partition("#")[0].endswith(_ARCHIVES)]


def _exact(stated_for: tuple[Stated, str], text: str, config: Config) -> Lock:
    """A state that lists all its packages; asks the index only whether it has them."""
    stated, python = stated_for
    pins = _some(stated, text).pins(text)
    assert pins is not None, "a lock file pins everything"
    return _lock(_available(pins, python, text, config), pins, python, config)


def _of_requirements(stated: Stated, python: str, text: str, config: Config) -> Lock:
    """A state that may leave versions and whole packages to the resolver."""
    pins = _some(stated, text).pins(text)
    wanted = [str(requirement) for requirement in stated.requirements]
    try:
        found = compile_pins(
            wanted, python=python, only_binary=config.only_binary, constraints=stated.constraints
        )
    except Unsolvable as error:
        if pins is None:
            message = f"nothing satisfies {text}: {_brief(str(error))}."
            raise UsageError(message) from None
        note = f"by their metadata, the packages do not fit together: {_brief(str(error))}"
        return _lock(_available(pins, python, text, config), pins, python, config, note)
    except UvError as error:
        raise _cannot_ask(text, error) from None
    added = sorted(found.keys() - (pins or {}).keys())
    note = f"resolved now, for {text} does not pin them: {', '.join(added)}" if added else ""
    if pins is not None:  # what it pins it holds, and does not ask for
        wanted = list(dict.fromkeys(bare(requirement) for requirement in stated.requirements))
    return _lock(found, wanted, python, config, note)


def _some(stated: Stated, text: str) -> Stated:
    if not stated.requirements:
        message = f"{text} names no package; give {KINDS}."
        raise UsageError(message)
    return stated


def _available(pins: Mapping[str, str], python: str, text: str, config: Config) -> dict[str, str]:
    """The same pins, local builds told, after the index has said that it has them all."""
    wanted = [f"{name}=={version}" for name, version in sorted(pins.items())]
    try:
        return compile_pins(wanted, python=python, only_binary=config.only_binary, dependencies=False)
    except Unsolvable as error:
        message = f"{text} cannot be installed from the index: {_brief(str(error))}."
        raise UsageError(message) from None
    except UvError as error:
        raise _cannot_ask(text, error) from None


def _lock(
    pins: Mapping[str, str], requested: Iterable[str], python: str, config: Config, note: str = ""
) -> Lock:
    packages = public_versions(pins)
    return Lock(
        id=neutral_id(packages, config),
        python=python,
        as_of=None,
        requested=tuple(requested),
        packages=packages,
        local_builds=local_builds(pins),
        note=note,
    )


def _check_python(text: str, held: str, given: str | None) -> None:
    if given is not None and given != held:
        message = f"{text} is of Python {held}, not {given}; leave out --python or give another state."
        raise UsageError(message)


def is_program(path: Path) -> bool:
    """Whether a file is an interpreter or a script that starts one, and no text to be read."""
    try:
        with path.open("rb") as stream:
            head = stream.read(512)
    except OSError:
        return False
    return head.startswith(b"#!") or (b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")))


def executable(path: Path) -> Path:
    """The interpreter that a path means; links stay, for they make it a virtual environment's."""
    for candidate in (path, path / "bin/python", path / "Scripts/python.exe"):
        if candidate.is_file():
            return candidate.absolute()
    message = f"{path} is no virtual environment; give {KINDS}."
    raise UsageError(message)


def _brief(reason: str) -> str:
    return " ".join(reason.split()).removesuffix(".")


def _cannot_ask(text: str, error: UvError) -> NoEvidence:
    return NoEvidence(f"{text} cannot be resolved now: {error.brief}.")
