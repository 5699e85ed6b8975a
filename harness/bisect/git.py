"""Runs git so that it reads a repository and leaves everything in it as it is."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError

_BELONGS_TO_ANOTHER = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE", "GIT_CONFIG", "GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF",
)  # fmt: skip
"""Variables that, set by a hook for example, would lead git to another repository."""

_READ_ONLY = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}

_OFFLINE = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
"""A partial clone would otherwise fetch what it lacks, and so be changed by being read."""

NO_CONFIGURATION = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


class GitError(Exception):
    """git ended with an error; the message is what it printed, on one line and without credentials."""


@dataclass(frozen=True, kw_only=True)
class GitFolder:
    """Where git keeps a repository."""

    folder: Path
    """What HEAD and the branches are read from."""
    objects: Path
    object_format: str = "sha1"

    def read(self, *arguments: str) -> str:
        """What a plumbing command prints: of the user's configuration only the repository's own is read.

        Raises:
            GitError: it ended with an error.
        """
        command = ["--no-pager", f"--git-dir={self.folder}", *arguments]
        return run_git(command, variables=_OFFLINE | NO_CONFIGURATION).decode(errors="surrogateescape")


def run_git(
    arguments: Sequence[str], *, folder: Path | None = None, variables: Mapping[str, str] | None = None
) -> bytes:
    """What git prints, run in a folder.

    Raises:
        GitError: it ended with an error.
        UsageError: it is not installed.
    """
    try:
        done = subprocess.run(
            ["git", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=folder,
            env=git_environment(variables or {}),
            check=False,
        )
    except FileNotFoundError:
        message = "git is not installed; install it to search commits."
        raise UsageError(message) from None
    if done.returncode:
        raise GitError(redact(" ".join(done.stderr.decode(errors="replace").split())))
    return done.stdout


def git_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without what points git elsewhere, for reading."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in _BELONGS_TO_ANOTHER and not name.startswith("GIT_TRACE")
    }
    return {**inherited, **_READ_ONLY, **variables}


def redact(text: str) -> str:
    """A text without the user names and passwords of the addresses in it."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", text)


@contextmanager
def bare_objects(source: GitFolder) -> Iterator[GitFolder]:
    """The same objects, seen from an empty repository of our own.

    So no configuration, attribute or hook of the source has a say, an object that a partial clone lacks is
    just missing, and nothing can be written there.
    """
    with tempfile.TemporaryDirectory(prefix="objects-") as name:
        folder = Path(name)
        (folder / "refs").mkdir()
        (folder / "objects/info").mkdir(parents=True)
        (folder / "objects/info/alternates").write_bytes(os.fsencode(source.objects) + b"\n")
        (folder / "HEAD").write_text("ref: refs/heads/none\n")
        if source.object_format != "sha1":
            extensions = f"[extensions]\n\tobjectFormat = {source.object_format}\n"
            (folder / "config").write_text("[core]\n\trepositoryFormatVersion = 1\n" + extensions)
        yield GitFolder(folder=folder, objects=folder / "objects", object_format=source.object_format)
