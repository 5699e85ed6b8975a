"""The ends of a search over commits: which commit a release is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from packaging.version import Version

from harness.bisect.repository import Repository
from harness.errors import UsageError

SHORT = 10
"""Digits of an abbreviated commit."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """An end of the search: what it is called, and which commit that is."""

    name: str
    sha: str
    note: str = ""


def revision_of(repository: Repository, package: str, version: str, uploaded: datetime | None) -> Revision:
    """The commit of a release: its tag, or else the last commit before its upload.

    Raises:
        UsageError: the repository has neither.
    """
    sha = repository.tag_of(package, Version(version))
    if sha is not None:
        return Revision(name=version, sha=sha)
    sha = repository.before(uploaded) if uploaded is not None else None
    if sha is None:
        message = (
            f"{repository.name} has no tag for {package} {version} and no commit from before its upload; "
            "give the commits with --first and --last."
        )
        raise UsageError(message)
    assert uploaded is not None
    note = (
        f"there is no tag for {version}: the last commit before its upload on {uploaded.date()} stands for it"
    )
    return Revision(name=version, sha=sha, note=note)
