"""Writes the files of a commit into a folder, and takes a commit's change back in such a folder."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from harness.bisect.git import NO_CONFIGURATION, GitError, GitFolder, bare_objects, git_environment, run_git
from harness.errors import NoEvidence, UsageError

_SYMLINK, _SUBMODULE, _EXECUTABLE = "120000", "160000", "100755"


@dataclass(frozen=True, kw_only=True)
class _Entry:
    mode: str
    blob: str
    path: str


def export_tree(source: GitFolder, sha: str, folder: Path) -> list[str]:
    """Write the files of a commit into an empty folder; return the paths whose content the clone lacks.

    Submodules are left out. Symbolic links and executable bits are kept.

    Raises:
        UsageError: a path would lie outside the folder.
        NoEvidence: the clone lacks the tree itself, or the disk is full.
    """
    with bare_objects(source) as objects:
        entries = _entries(objects, sha)
        _refuse_escapes(entries, sha)
        try:
            return _write(objects, entries, folder)
        except OSError as error:
            message = f"the files of commit {sha[:10]} cannot be written ({error.strerror}); make room."
            raise NoEvidence(message) from None


def _entries(objects: GitFolder, sha: str) -> list[_Entry]:
    """The files of a commit; symbolic links last, so that none is there to be followed."""
    try:
        listing = objects.read("ls-tree", "-r", "-z", "--full-tree", sha)
    except GitError as error:
        message = f"the clone lacks files of commit {sha[:10]} ({error}); give a complete one."
        raise NoEvidence(message) from None
    entries = []
    for line in listing.split("\0")[:-1]:
        described, _, path = line.partition("\t")
        mode, _, blob = described.split()
        if mode != _SUBMODULE:
            entries.append(_Entry(mode=mode, blob=blob, path=path))
    return sorted(entries, key=lambda entry: entry.mode == _SYMLINK)


def _refuse_escapes(entries: Sequence[_Entry], sha: str) -> None:
    links = {entry.path for entry in entries if entry.mode == _SYMLINK}
    for entry in entries:
        path = PurePosixPath(entry.path)
        through_link = any(str(parent) in links for parent in path.parents)
        if path.is_absolute() or through_link or {"..", ".git"} & {part.lower() for part in path.parts}:
            message = f"commit {sha[:10]} has the path {entry.path!r}, outside of its own folder; skip it."
            raise UsageError(message)


def _write(objects: GitFolder, entries: Sequence[_Entry], folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    missing, made = [], {folder}
    for entry, content in zip(entries, _contents(objects, [entry.blob for entry in entries]), strict=True):
        if content is None:
            missing.append(entry.path)
            continue
        target = folder / entry.path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        _write_file(target, entry.mode, content)
    return sorted(missing)


def _write_file(target: Path, mode: str, content: bytes) -> None:
    if mode == _SYMLINK:
        target.symlink_to(os.fsdecode(content))
        return
    target.write_bytes(content)
    if mode == _EXECUTABLE:
        target.chmod(0o755)


def _contents(objects: GitFolder, blobs: Sequence[str]) -> Iterator[bytes | None]:
    """The contents of blobs in order, none where one is missing, by one process."""
    # A file and not a pipe: git may stop reading names before its own output is read.
    with tempfile.TemporaryFile() as names:
        names.write("".join(f"{blob}\n" for blob in blobs).encode())
        names.seek(0)
        command = ["git", f"--git-dir={objects.folder}", "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(
            command, stdin=names, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=git_environment({})
        ) as process:
            assert process.stdout is not None
            for _ in blobs:
                yield _next_content(process.stdout)


def _next_content(stream: IO[bytes]) -> bytes | None:
    header = stream.readline().split()
    if header[1:] == [b"missing"]:
        return None
    if len(header) != 3:
        message = "git stopped reading the clone; check it by `git fsck`."
        raise NoEvidence(message)
    content = stream.read(int(header[2]))
    stream.read(1)
    return content


def reverse_change(source: GitFolder, sha: str, folder: Path, missing: Sequence[str] = ()) -> bool:
    """Take back, in the files of a later commit, what a commit changed against its first parent.

    False where that does not apply cleanly; then nothing is changed. The paths in `missing`, which the export
    could not write, are passed over.
    """
    with bare_objects(source) as objects, tempfile.TemporaryDirectory(prefix="change-") as aside:
        patch = Path(aside) / "patch"
        try:
            patch.write_bytes(_patch(objects, sha, missing))
            # Outside of any repository, and so that none above the folder is found.
            outside = {"GIT_CEILING_DIRECTORIES": str(folder.resolve().parent), **NO_CONFIGURATION}
            run_git(
                ["apply", "--reverse", "--whitespace=nowarn", str(patch)], folder=folder, variables=outside
            )
        except GitError:
            return False
    return True


def _patch(objects: GitFolder, sha: str, missing: Sequence[str]) -> bytes:
    form = ["-r", "--patch", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv"]
    but = [f":(top,exclude,literal){path}" for path in missing]
    text = objects.read("diff-tree", *form, f"{sha}^1", sha, "--", ":/", *but)
    return text.encode(errors="surrogateescape")
