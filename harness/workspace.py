"""What the commands share: the configuration, the corpus, the locks and the places that a selection means."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.case import Case
from harness.choice import DeviceChoice
from harness.config import DEFAULT_TIER, Config, load_config
from harness.corpus import Selected, Selection, find_cases, select
from harness.device import Device, parse_device
from harness.environment.ids import CURRENT, parse_environment_id
from harness.environment.lock import Lock, LockFolder
from harness.environment.places import InterpreterPlace, LockedPlace, Place, libraries_of
from harness.environment.plan import axis_kinds
from harness.errors import UsageError
from harness.evidence import EnvironmentRecord
from harness.home import find_root
from harness.store import Store

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A project's configuration with its corpus and locks, read when first asked for."""

    config: Config

    @staticmethod
    def at(root: Path | None) -> Workspace:
        return Workspace(config=load_config(root or find_root(Path.cwd())))

    @cached_property
    def cases(self) -> list[Case]:
        return find_cases(self.config.cases, self.config.libraries)

    @cached_property
    def locks(self) -> LockFolder:
        return LockFolder(path=self.config.locks)

    def store(self, path: Path | None) -> Store:
        """The results file that was named, or else the project's own."""
        return Store(path or self.config.store)

    def environments(self, results: Store) -> dict[str, EnvironmentRecord]:
        """The environments of a report, as they are today: the default matrix, and all that is stored.

        An environment that was never measured counts too: no interval may pass over it. One whose lock is
        gone does not.
        """
        known = {str(lock.id): lock.record() for lock in self.default_locks(full=False)}
        for name, record in results.environments().items():
            if record.resolution == "interpreter":
                known[name] = record
            elif (lock := self.locks.get(name)) is not None:
                known[name] = lock.record()
        return known

    def select(self, selection: Selection) -> list[Selected]:
        return select(self.cases, selection)

    def devices(self, names: Sequence[str]) -> DeviceChoice:
        """The devices that were named, or else the default."""
        named = dict.fromkeys(parse_device(name) for name in names)
        return DeviceChoice(named=tuple(named), default=self.config.devices)

    def devices_of(self, case: Case, names: Sequence[str]) -> tuple[Device, ...]:
        """Where one case is to run.

        Raises:
            UsageError: a device that was named shows nothing of the case.
        """
        chosen = self.devices(names)
        for device in chosen.named:
            if device not in chosen.of(case):
                told = " or ".join(map(str, case.devices))
                message = f"{case.id} shows itself on {told} alone; leave out --device {device}."
                raise UsageError(message)
        return chosen.of(case)

    def default_locks(self, *, full: bool) -> list[Lock]:
        """The locks of the matrix, in its order; those of other tiers only where `full`."""
        libraries = {case.library for case in self.cases}
        return [
            lock
            for lock in self.locks.all()
            if lock.id.library in libraries and (full or lock.tier == DEFAULT_TIER)
        ]

    def lock(self, name: str) -> Lock:
        """The lock of an environment id.

        Raises:
            UsageError: the id is malformed, its library is unknown, or it has no lock yet.
        """
        id_ = parse_environment_id(name)
        for library in (id_.library, *(library for library, _ in id_.pins)):
            if library not in self.config.libraries:
                message = (
                    f"{library!r} is no known library; known are {', '.join(sorted(self.config.libraries))}."
                )
                raise UsageError(message)
        found = self.locks.get(str(id_))
        if found is None:
            message = f"the environment {name} has no lock; make one with `harness lock {name}`."
            raise UsageError(message)
        return found

    def places(
        self,
        names: Sequence[str],
        selected: Sequence[Selected],
        *,
        full: bool = False,
        python: Path | None = None,
        called: str = CURRENT,
        jax_cache: bool = True,
        by_kind: bool = False,
    ) -> list[Place]:
        """The environments that are meant: those named, the interpreter given, or else the default matrix.

        With `by_kind` they run only the kinds of case that their axis is for.

        Raises:
            UsageError: an id has no lock, the interpreter is none, or both were given.
        """
        libraries = libraries_of([chosen.case for chosen in selected], self.config)
        if python is not None:
            if names:
                message = (
                    f"--env {names[0]} and --python {python} are two things to run in; give one of them."
                )
                raise UsageError(message)
            return [InterpreterPlace(_executable(python), libraries, self._name(called))]
        if called != CURRENT:
            message = f"--as {called} is a name for the results of an interpreter; give that with --python."
            raise UsageError(message)
        if not names:
            names = [str(lock.id) for lock in self.default_locks(full=full)]
        return [self._place(name, libraries, jax_cache, by_kind) for name in dict.fromkeys(names)]

    def _name(self, called: str) -> str:
        """A name for an interpreter's results, which must not pass for those of a lock."""
        library, _, rest = called.partition("-")
        if not _NAME.fullmatch(called) or (rest[:1].isdigit() and library in self.config.libraries):
            message = (
                f"--as {called!r} is no name for an interpreter; use letters, digits, '.', '_' and '-', "
                "and not the id of a release."
            )
            raise UsageError(message)
        return called

    def _place(
        self, name: str, libraries: tuple[tuple[str, str], ...], jax_cache: bool, by_kind: bool
    ) -> Place:
        if name == CURRENT:
            return InterpreterPlace(Path(sys.executable), libraries)
        lock = self.lock(name)
        kinds = axis_kinds(self.config, lock.id) if by_kind else ()
        return LockedPlace(lock, self.config, libraries, jax_cache, kinds)


def _executable(python: Path) -> Path:
    """The interpreter that a path means: itself, or that of a virtual environment's folder.

    Symbolic links stay: they are what makes an interpreter a virtual environment's.
    """
    candidates = (python, python / "bin/python", python / "Scripts/python.exe")
    for candidate in candidates:
        if candidate.is_file():
            return candidate.absolute()
    message = f"{python} is no interpreter and no virtual environment; give --python a path to one."
    raise UsageError(message)
