"""Where cells run: a locked environment that we build, or an interpreter that already exists."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from packaging.utils import canonicalize_name

from harness.case import Case, Kind
from harness.config import Config
from harness.environment.build import build, cache_folder
from harness.environment.compiling import public_versions
from harness.environment.ids import CURRENT
from harness.environment.lock import Lock
from harness.errors import UsageError
from harness.evidence import EnvironmentRecord
from harness.judge import facts_of
from harness.probe.client import DeadEnvironment, Target
from harness.probe.session import Session, interpreter_target

THIS_PLATFORM = f"{sys.platform}-{platform.machine()}"


class Place(Protocol):
    """An environment as the runner sees it."""

    @property
    def id(self) -> str: ...
    @property
    def key(self) -> str:
        """Digest of what it consists of."""

    @property
    def facts(self) -> Mapping[str, str]:
        """Packages and the pseudo package `python`, for conditions."""

    @property
    def is_repeatable(self) -> bool:
        """Whether the same key means the same code, so that stored evidence counts again."""

    @property
    def uses_jax_cache(self) -> bool:
        """Whether cells may load what JAX compiled for earlier ones."""

    def runs(self, case: Case) -> bool:
        """Whether the environment is about the case's library."""

    def record(self) -> EnvironmentRecord: ...
    def prepare(self) -> None:
        """Build it. Raises Unbuildable or NoEvidence."""

    def session(self) -> Session: ...


def libraries_of(cases: Sequence[Case], config: Config) -> tuple[tuple[str, str], ...]:
    """(distribution, module) of everything that the cases need, for importing it once."""
    modules = {library.distribution: library.module for library in config.libraries.values()}
    needed = {str(canonicalize_name(r.name)) for case in cases for r in case.requires}
    return tuple((name, modules.get(name, name.replace("-", "_"))) for name in sorted(needed))


@dataclass(frozen=True)
class LockedPlace:
    """A locked environment, built in the cache."""

    lock: Lock
    config: Config
    libraries: tuple[tuple[str, str], ...]
    jax_cache: bool = True
    kinds: tuple[Kind, ...] = ()
    """The kinds of case to measure; all of them if none."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Set for every case, as for a control experiment; with other ones, it is another environment."""

    is_repeatable = True

    @property
    def id(self) -> str:
        return str(self.lock.id)

    @property
    def key(self) -> str:
        """That of the lock, and `+NAME=value` of every variable."""
        return "+".join([self.lock.key, *(f"{name}={value}" for name, value in self._settings)])

    @property
    def _settings(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.variables.items()))

    @property
    def facts(self) -> Mapping[str, str]:
        return facts_of(self.record(), self.config)

    @property
    def uses_jax_cache(self) -> bool:
        return self.jax_cache and self.config.trusts_jax_cache(self.facts)

    def runs(self, case: Case) -> bool:
        return case.library == self.lock.id.library and (not self.kinds or case.kind in self.kinds)

    def record(self) -> EnvironmentRecord:
        return replace(self.lock.record(), key=self.key)

    def prepare(self) -> None:
        build(self.lock, self.config.only_binary)

    def session(self) -> Session:
        target = Target(
            python=build(self.lock, self.config.only_binary),
            libraries=self.libraries,
            writable=True,
            jax_cache=self._jax_cache_folder() if self.uses_jax_cache else None,
            variables=self._settings,
        )
        return Session(target, self.lock.packages)

    def _jax_cache_folder(self) -> Path:
        """One folder per lock, variables and machine: compiled code of another processor may crash."""
        digest = hashlib.sha256(json.dumps(self._settings).encode()).hexdigest()[:12]
        settings = f"-{digest}" if self.variables else ""
        return cache_folder() / "jax" / f"{self.lock.key}{settings}-{machine_digest()}"


def machine_digest() -> str:
    """Tells machines apart whose processors differ, as far as the system says what they are."""
    try:
        text = Path("/proc/cpuinfo").read_text()
        telling = ("model name", "flags", "Features")
        marks = sorted({line for line in text.splitlines() if line.startswith(telling)})
    except OSError:
        marks = [platform.processor()]
    return hashlib.sha256(json.dumps([platform.node(), platform.machine(), marks]).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class InterpreterPlace:
    """An interpreter that is not ours. Probed for what it holds as soon as anybody asks; never written to."""

    python: Path
    libraries: tuple[tuple[str, str], ...]
    id: str = CURRENT

    uses_jax_cache = False

    @cached_property
    def _hello(self) -> Mapping[str, object]:
        session = Session(interpreter_target(self.python, ()))  # without their imports, which take seconds
        try:
            return dict(session.hello())
        except DeadEnvironment as error:
            message = f"{self.python} cannot be probed ({error}); give the path of a Python 3.8 or newer."
            raise UsageError(message) from None
        finally:
            session.close()

    @property
    def _versions(self) -> dict[str, str]:
        versions = self._hello["versions"]
        assert isinstance(versions, dict)
        return versions

    @property
    def key(self) -> str:
        content = json.dumps([self._hello["python"], sorted(self._versions.items())])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @property
    def facts(self) -> Mapping[str, str]:
        return {**public_versions(self._versions), "python": str(self._hello["python"])}

    @property
    def is_repeatable(self) -> bool:
        """Whether nothing that the cases run, or that this needs, was installed from a folder."""
        editable, requires = self._hello["editable"], self._hello["requires"]
        assert isinstance(editable, list)
        assert isinstance(requires, dict)
        reached: set[str] = set()
        waiting = [name for name, _ in self.libraries]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += requires.get(name, [])
        return not reached.intersection(editable)

    def runs(self, case: Case) -> bool:
        return True

    def record(self) -> EnvironmentRecord:
        return EnvironmentRecord(
            id=self.id,
            library=None,
            version=None,
            resolution="interpreter",
            python=str(self._hello["python"]),
            as_of=None,
            packages=self._versions,
            key=self.key,
        )

    def prepare(self) -> None:
        """Nothing to build; asks what it holds, so that a wrong path is told before anything runs."""
        _ = self._hello

    def session(self) -> Session:
        return Session(interpreter_target(self.python, self.libraries))
