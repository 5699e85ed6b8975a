"""Is what was imported what was asked for? Pure checks of what an interpreter says it holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.case import Case, satisfied
from harness.evidence import Attestation


def missing(case: Case, hello: Mapping[str, Any]) -> str:
    """Why a case cannot run there for want of a package or Python; empty where it can."""
    python = str(hello["python"])
    if case.requires_python and not SpecifierSet(case.requires_python).contains(python, prereleases=True):
        return f"the case needs Python {case.requires_python}, this is {python}"
    for requirement in needed(case, python):
        if not satisfied(requirement, hello["versions"]):
            held = hello["versions"].get(canonicalize_name(requirement.name))
            return f"the case needs {requirement}, here is {held or 'none'}"
    return ""


def needed(case: Case, python: str) -> list[Requirement]:
    """The case's requirements whose markers hold for a Python version."""
    marker_values = {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python}
    return [r for r in case.requires if r.marker is None or r.marker.evaluate(marker_values)]


def needed_names(case: Case, python: str) -> list[str]:
    """Canonical names of the distributions that a case needs on a Python version."""
    return [str(canonicalize_name(requirement.name)) for requirement in needed(case, python)]


def mismatch(hello: Mapping[str, Any], locked: Mapping[str, str]) -> str:
    """How a locked environment differs from its lock; empty where it does not.

    Checks the version of every locked package, and for every imported library the version that the
    module itself states and the place that its file came from.
    """
    for name, version in sorted(locked.items()):
        held = hello["versions"].get(name)
        if held is None or not _same(held, version):
            return f"the lock has {name} {version}, the environment {held or 'none'}"
    for distribution, entry in sorted(hello["libraries"].items()):
        reason = _wrong_origin(entry) or _wrong_version(entry, hello["versions"].get(distribution))
        if reason:
            return reason
    return ""


def _wrong_origin(entry: Mapping[str, Any]) -> str:
    path = PurePosixPath(entry["file"])
    is_inside = "site-packages" in path.parts and not path.is_absolute() and path.parts[0] != "<python>"
    if entry["file"] and not is_inside:
        return f"{entry['module']} was imported from {path}, which is outside the environment"
    return ""


def _wrong_version(entry: Mapping[str, Any], held: str | None) -> str:
    stated = entry["version"]
    if stated is not None and held is not None and not _same(stated, held):
        return f"{entry['module']} states version {stated}, its distribution {held}"
    return ""


def _same(one: str, other: str) -> bool:
    """Equal but for local labels; what is no version at all must be the same text."""
    try:
        return Version(Version(one).public) == Version(Version(other).public)
    except InvalidVersion:
        return one == other


def attestation(hello: Mapping[str, Any], device: str | None, precision: str | None) -> Attestation:
    """The server's greeting and a record's device as evidence."""
    libraries = hello["libraries"].values()
    return Attestation(
        python=hello["python"],
        platform=hello["platform"],
        versions=hello["versions"],
        origins={entry["module"]: entry["file"] for entry in libraries if entry["file"]},
        device=device,
        precision=precision,
    )
