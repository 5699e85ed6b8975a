"""What a published compatibility.json says of cases, as long as their text is still the measured one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from harness.case import Case
from harness.errors import NoEvidence, UsageError
from harness.report.publish import load_document
from harness.verdict import Status


@dataclass(frozen=True, kw_only=True)
class PublishedCell:
    """A measured cell of a published report."""

    variant: str
    device: str
    status: Status
    environment: str
    facts: Mapping[str, str]
    """Canonical distribution name to public version, and the pseudo package `python`."""
    measured_at: str
    axis: str = ""
    """The row of releases on which the environment stands; empty if on none."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """A published report, by case."""

    digests: Mapping[str, str]
    """Case id to the digest of the text that was measured."""
    measured: Mapping[str, tuple[PublishedCell, ...]]
    """Case id to its cells with evidence, in the report's order."""
    platforms: tuple[str, ...] = ()
    """Where cells with evidence were measured."""
    distributions: Mapping[str, tuple[str, ...]]
    """Library to the distributions that have its version wherever it was measured: mostly its own alone."""
    unimportable: Mapping[str, tuple[PublishedCell, ...]] = field(default_factory=dict)
    """Case id to the cells where a library that the case needs could not even be imported."""

    def has(self, case: str) -> bool:
        """Whether the report knows a case of this id, whatever its text."""
        return case in self.digests

    def is_stale(self, case: Case) -> bool:
        """Whether the report tells nothing of this text: it has another one, or does not know the case."""
        return self.digests.get(case.id) != case.digest

    def cells(self, case: Case) -> tuple[PublishedCell, ...]:
        """The cells with evidence of just this text."""
        return () if self.is_stale(case) else self.measured.get(case.id, ())

    def dead(self, case: Case) -> tuple[PublishedCell, ...]:
        """The cells of just this text where nothing was seen, as a library cannot be imported there."""
        return () if self.is_stale(case) else self.unimportable.get(case.id, ())

    def distribution(self, case: Case) -> str:
        """How the case's library is called on the index: `pyro-ppl` for pyro."""
        own = str(canonicalize_name(case.library))
        required = [str(canonicalize_name(requirement.name)) for requirement in case.requires]
        known = self.distributions.get(case.library, ())
        if own in known or own in required:
            return own
        return next((name for name in required if name in known), next(iter([*known, *required, own])))


def read_published(path: Path) -> Published:
    """Read a compatibility.json.

    Raises:
        NoEvidence: there is none.
        UsageError: it cannot be read, or is no such document.
    """
    if not path.exists():
        raise NoEvidence(f"there is no {path}; make it with `harness report`.")
    document = load_document(path)
    try:
        return _published(document)
    except (LookupError, TypeError, ValueError, AttributeError):
        message = f"{path} is no compatibility report; make it anew with `harness report`."
        raise UsageError(message) from None


def _published(document: Mapping[str, Any]) -> Published:
    environments: Mapping[str, Any] = document["environments"]
    facts = {name: _facts(entry) for name, entry in environments.items()}
    axes = {name: axis for axis, entry in document["axes"].items() for name in entry["environments"]}
    digests = {str(case): str(entry["digest"]) for case, entry in document["cases"].items()}
    measured: dict[str, list[PublishedCell]] = {}
    unimportable: dict[str, list[PublishedCell]] = {}
    platforms: set[str] = set()
    for entry in document["cells"]:
        status = Status(entry["status"])
        if not status.is_evidence and status is not Status.UNIMPORTABLE:
            continue
        environment = entry["environment"]
        cell = PublishedCell(
            variant=str(entry["variant"]),
            device=str(entry["device"]),
            status=status,
            environment=str(environment),
            facts=facts[environment],
            measured_at=str(entry["measured_at"] or ""),
            axis=axes.get(environment, ""),
        )
        kept = measured if status.is_evidence else unimportable
        kept.setdefault(str(entry["case"]), []).append(cell)
        if status.is_evidence:
            platforms.add(str(entry["platform"]))
    return Published(
        digests=digests,
        measured={case: tuple(cells) for case, cells in measured.items()},
        unimportable={case: tuple(cells) for case, cells in unimportable.items()},
        platforms=tuple(sorted(platforms)),
        distributions=_distributions(list(environments.values())),
    )


def _facts(entry: Mapping[str, Any]) -> dict[str, str]:
    """What `judge.facts_of` gives of a resolved environment; others have no evidence."""
    found = {
        str(canonicalize_name(name)): str(version).partition("+")[0]
        for name, version in entry["packages"].items()
    }
    return {"python": str(entry["python"]), **found}


def _distributions(environments: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for entry in environments:
        library, version = entry["library"], entry["version"]
        if not library or not version or not entry["packages"]:
            continue
        public = str(version).partition("+")[0]
        same = {name for name, have in _facts(entry).items() if have == public and name != "python"}
        found[str(library)] = found.get(str(library), same) & same
    return {library: tuple(sorted(names)) for library, names in found.items()}
