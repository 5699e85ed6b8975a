"""What a bundle is about: one stored cell, with its case, its environment and what its evidence means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from packaging.utils import canonicalize_name

from harness.case import Case, Variant
from harness.environment.compiling import public_versions
from harness.environment.lock import Lock
from harness.evidence import Attestation, EnvironmentRecord, Evidence
from harness.judge import Judgement
from harness.rows import Row

_FOUNDATIONS = ("jax", "jaxlib", "numpy", "flax", "torch")
"""What the libraries rest on: their versions matter in nearly every issue."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A package whose attested version is not the one that was asked for; `None` where there is none."""

    name: str
    requested: str | None
    attested: str | None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One stored cell and all that it takes to tell it to somebody who has nothing of this project."""

    case: Case
    variant: Variant
    record: EnvironmentRecord
    row: Row
    judgement: Judgement
    distribution: str
    """That of the case's library."""
    lock: Lock | None = None
    """None for an interpreter at hand."""

    @property
    def evidence(self) -> Evidence:
        return self.row.evidence

    @property
    def attested(self) -> Attestation | None:
        return self.row.evidence.attested

    @property
    def name(self) -> str:
        """Of files about this cell."""
        return f"{self.case.id}_{self.record.id}"

    @property
    def script_name(self) -> str:
        return f"{self.name}.py"

    @property
    def python(self) -> str:
        """Major and minor version."""
        known = self.record.python or (self.attested.python if self.attested else "")
        return ".".join(known.split(".")[:2])

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """Canonical name to version of what was used, as attested; as asked for where nothing was started."""
        return self.attested.versions if self.attested else self.record.packages

    @cached_property
    def telling(self) -> Mapping[str, str]:
        """The versions that matter: of the case's libraries, and of what they rest on."""
        needed = [str(canonicalize_name(requirement.name)) for requirement in self.case.requires]
        names = dict.fromkeys([self.distribution, *needed, *_FOUNDATIONS])
        return {name: self.versions[name] for name in names if name in self.versions}

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """How what was used differs from the lock, but for the local labels of versions."""
        if self.lock is None or self.attested is None:
            return ()
        requested = self.record.packages
        used = self.attested.versions
        public = public_versions(used)
        return tuple(
            Difference(name=name, requested=requested.get(name), attested=used.get(name))
            for name in sorted({*requested, *used})
            if public_versions(requested).get(name) != public.get(name)
        )

    @cached_property
    def local_builds(self) -> Mapping[str, str]:
        """Canonical name to version of the local builds that were used, such as torch `2.13.0+cpu`."""
        return {name: version for name, version in sorted(self.versions.items()) if "+" in version}
