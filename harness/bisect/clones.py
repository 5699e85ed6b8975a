"""Where repositories lie: the clones of users, and copies of our own of those that a URL names."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from harness.bisect.git import GitError, GitFolder, redact, run_git
from harness.environment.build import cache_folder
from harness.errors import NoEvidence, UsageError

_NOT_THERE = ("not found", "does not exist", "does not appear to be a git repository")
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")


def find_clone(path: Path) -> GitFolder:
    """Where a clone, work tree or bare repository at a path keeps things: at that very path, not above it."""
    if not path.is_dir():
        message = f"{path} does not exist; give the folder or the URL of a git repository."
        raise UsageError(message)
    where = path.resolve()
    ask = ["rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-object-format"]
    try:
        answer = run_git(ask, folder=where, variables={"GIT_CEILING_DIRECTORIES": str(where.parent)})
    except GitError as error:
        if "dubious ownership" in str(error):
            allow = f"git config --global --add safe.directory {where}"
            message = f"git refuses {path}, which belongs to another user; allow it by `{allow}`."
            raise UsageError(message) from None
        message = f"{path} is no git repository; give the folder or the URL of one."
        raise UsageError(message) from None
    folder, common, form = answer.decode(errors="surrogateescape").splitlines()
    return GitFolder(folder=Path(folder), objects=(where / common / "objects").resolve(), object_format=form)


def origin_of(git: GitFolder) -> str:
    try:
        return git.read("config", "--get", "remote.origin.url").strip()
    except GitError:
        return ""


def copy_of(url: str) -> GitFolder:
    """Our own bare copy of the repository at a URL, made when it is first asked for."""
    folder = cache_folder() / "repositories" / short_digest(redact(url))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                _clone(url, folder)
    except OSError as error:
        message = f"{folder.parent} cannot be written ({error.strerror}); make room or set HARNESS_CACHE."
        raise NoEvidence(message) from None
    return find_clone(folder)


def _clone(url: str, folder: Path) -> None:
    """Clone aside and move into place, so that no half copy is ever used."""
    for left in folder.parent.glob(f"{folder.name}.*/"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as aside:
        copy = Path(aside) / "copy"
        try:
            run_git([*_NO_HOOKS, "clone", "--quiet", "--bare", "--template=", "--", url, str(copy)])
        except GitError as error:
            if any(text in str(error) for text in _NOT_THERE):
                message = f"there is no git repository at {redact(url)}; give the URL or the folder of one."
                raise UsageError(message) from None
            raise _unreachable(redact(url), error) from None
        # The URL may carry a password, which belongs in no file.
        run_git([f"--git-dir={copy}", "config", "remote.origin.url", redact(url)])
        copy.rename(folder)


def fetch_copy(url: str, copy: GitFolder) -> None:
    """Bring our own copy up to date.

    Raises:
        NoEvidence: its URL cannot be reached.
    """
    heads = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
    try:
        with FileLock(f"{copy.folder}.lock"):
            run_git([*_NO_HOOKS, f"--git-dir={copy.folder}", "fetch", "--quiet", "--", url, *heads])
    except (GitError, OSError) as error:
        raise _unreachable(redact(url), error) from None


def _unreachable(name: str, error: Exception) -> NoEvidence:
    return NoEvidence(f"{name} cannot be reached now ({error}); try again or give the folder of a clone.")


def short_digest(text: str) -> str:
    """A name for a cached file of something with a long name."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]
