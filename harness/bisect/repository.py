"""The history of a git repository: revisions, tags, dates and trees. A user's clone is only read."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.bisect.answer import Commit
from harness.bisect.clones import copy_of, fetch_copy, find_clone, origin_of, short_digest
from harness.bisect.git import GitError, GitFolder, redact
from harness.bisect.hosting import commit_page, compare_page, is_url, pull_request_of, web_address
from harness.bisect.tree import export_tree, reverse_change
from harness.errors import NoEvidence, UsageError


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository that was opened by `Repository.open`."""

    name: str
    """What the user called it, without credentials."""
    web: str
    """The https address of its page; empty where that is not known."""
    git: GitFolder
    url: str = ""
    """Where our own copy is fetched from; empty for a user's clone."""

    @classmethod
    def open(cls, address: str | Path, *, web: str = "") -> Repository:
        """Open a clone by its path, or a copy of our own of the repository that a URL names.

        Raises:
            UsageError: there is no repository, or git is not installed.
            NoEvidence: a URL cannot be reached.
        """
        text = str(address)
        path = Path(text).expanduser()
        if path.exists() or not is_url(text):
            git = find_clone(path)
            page = web_address(web or origin_of(git), is_known=bool(web))
            return cls(name=text, web=page, git=git)
        page = web_address(web or text, is_known=bool(web))
        return cls(name=redact(text), web=page, git=copy_of(text), url=text)

    @property
    def key(self) -> str:
        """A short digest of where the repository is, for names of cached files."""
        return short_digest(redact(self.url) or str(self.git.objects))

    def resolve(self, revision: str) -> str:
        """The commit that a tag, branch, (short) commit or other revision names.

        Raises:
            UsageError: it names none.
            NoEvidence: our copy has no such commit, and its URL cannot be reached.
        """
        found = self._find(revision)
        if found is None and self.url:
            self._fetch()
            found = self._find(revision)
        if found is None:
            hint = (
                "fetch its history by `git fetch --unshallow`" if self._is_shallow else "give one that it has"
            )
            message = f"{self.name} has no revision {revision!r}; {hint}."
            raise UsageError(message)
        return found

    def tag_of(self, distribution: str, version: str | Version) -> str | None:
        """The commit of a release, by the usual names of tags; none where no tag is one of them."""
        found = self._tag(distribution, Version(str(version)))
        if found is None and self.url:
            with contextlib.suppress(NoEvidence):
                self._fetch()
                found = self._tag(distribution, Version(str(version)))
        return found

    def before(self, when: datetime) -> str | None:
        """The last first-parent commit of the default branch committed before a time (UTC if naive)."""
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        last = -(-aware.timestamp() // 1) - 1  # git looks at whole seconds, and takes the given one in
        if self.url and self._seconds("HEAD") < last:
            with contextlib.suppress(NoEvidence):
                self._fetch()
        if self._find(self._main) is None:
            return None
        query = ["rev-list", "--max-count=1", "--first-parent", f"--before={int(last)}", self._main]
        return self.git.read(*query).strip() or None

    def commit(self, sha: str) -> Commit:
        """What a commit says of itself; its day is that of the commit, in UTC."""
        headers, _, message = self.git.read("cat-file", "commit", sha).partition("\n\n")
        subject = " ".join(message.strip().partition("\n\n")[0].split())
        number = pull_request_of(subject)
        day = datetime.fromtimestamp(_committed(headers), UTC).date().isoformat()
        page = commit_page(self.web, sha, number)
        return Commit(sha=sha, date=day, subject=subject, pull_request=number, url=page)

    def parents(self, sha: str) -> list[str]:
        """First parent first; none for the first commit, and for the last one that a shallow clone has."""
        return self.git.read("rev-list", "--max-count=1", "--parents", sha).split()[1:]

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether one commit is the other, or is in its history."""
        return self.merge_base(one, other) == one

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that two have in common; none where their histories are unrelated."""
        try:
            return self.git.read("merge-base", one, other).strip()
        except GitError:
            return None

    def between(self, first: str, last: str, *, first_parent: bool = True) -> list[str]:
        """The commits after `first` up to `last`, oldest first; of merged branches only the merge."""
        follow = ["--first-parent"] if first_parent else []
        return self.git.read("rev-list", "--reverse", "--topo-order", *follow, last, f"^{first}").split()

    def compare_url(self, first: str, last: str) -> str:
        """The page of the difference between two commits; empty where the hosting service is not known."""
        return compare_page(self.web, first, last)

    def export(self, sha: str, folder: Path) -> list[str]:
        """Write a commit's files into an empty folder; see `export_tree`."""
        return export_tree(self.git, sha, folder)

    def reverse(self, sha: str, folder: Path, missing: Sequence[str] = ()) -> bool:
        """Take a commit's change back in an exported folder; see `reverse_change`."""
        return reverse_change(self.git, sha, folder, missing)

    def _find(self, revision: str) -> str | None:
        if not revision or revision.startswith("-"):
            return None
        try:
            return self.git.read("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
        except GitError:
            return None

    def _tag(self, distribution: str, version: Version) -> str | None:
        """The commit of the best tag for a version: with the distribution's name before a bare one."""
        names = self.git.read("for-each-ref", "--format=%(refname:strip=2)", "refs/tags").splitlines()
        fitting = []
        for name in names:
            rank, tagged = _version_in(name, distribution)
            if tagged == version:
                fitting.append((rank, str(version) not in name, name))
        found = (self._find(f"refs/tags/{name}") for *_, name in sorted(fitting))
        return next(filter(None, found), None)

    @property
    def _is_shallow(self) -> bool:
        return self.git.read("rev-parse", "--is-shallow-repository").strip() == "true"

    @cached_property
    def _main(self) -> str:
        """HEAD, unless the user left that behind what the default branch of the origin has."""
        theirs = self._find("refs/remotes/origin/HEAD")
        own = self._find("HEAD")
        return "HEAD" if theirs is None or (own and self.is_ancestor(theirs, own)) else theirs

    def _seconds(self, revision: str) -> int:
        sha = self._find(revision)
        return _committed(self.git.read("cat-file", "commit", sha)) if sha else 0

    def _fetch(self) -> None:
        fetch_copy(self.url, self.git)


def _version_in(tag: str, distribution: str) -> tuple[int, Version | None]:
    """The version that a tag names: rank 0 with the distribution's own name before it, rank 1 bare."""
    own = re.sub("-", "[-_.]+", canonicalize_name(distribution))
    named = re.fullmatch(rf"{own}[-_@/]v?(\d.*)", tag, re.IGNORECASE)
    bare = re.fullmatch(r"(?:(?:release|version)[-_/])?v?(\d.*)", tag, re.IGNORECASE)
    found = named or bare
    try:
        return (0 if named else 1), Version(found[1]) if found else None
    except InvalidVersion:
        return 1, None


def _committed(raw: str) -> int:
    """Seconds since 1970 of a raw commit."""
    line = next(line for line in raw.splitlines() if line.startswith("committer "))
    return int(line.split()[-2])
