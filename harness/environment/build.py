"""Builds an environment from its lock, once per lock content, and gives its interpreter."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs
from filelock import FileLock

from harness.environment.copying import MARK, copy_with_sources
from harness.environment.indexes import index_environment
from harness.environment.lock import Lock
from harness.environment.uv import UvError, find_python, run_uv
from harness.errors import NoEvidence


class Unbuildable(Exception):
    """An environment could not be resolved or installed; the message is the resolver's reason."""


def cache_folder() -> Path:
    """Where builds and compilation caches live: `HARNESS_CACHE`, or the user's cache folder."""
    named = os.environ.get("HARNESS_CACHE")
    return Path(named).absolute() if named else platformdirs.user_cache_path("ppl-reproducers")


def build(lock: Lock, only_binary: Sequence[str] = ()) -> Path:
    """Install a lock into the cache, unless that was done, and return the interpreter's path.

    Raises:
        Unbuildable: the lock has no solution, or an installation failed for a reason of its packages.
        NoEvidence: the interpreter, the network or the disk is missing.
    """
    if lock.unresolvable:
        raise Unbuildable(lock.unresolvable)
    folder = build_folder(lock)
    if not is_built(folder):
        _install(lock, folder, only_binary)
    return interpreter(folder)


def build_folder(lock: Lock) -> Path:
    return cache_folder() / "environments" / f"{lock.key}-{platform.machine()}"


def is_built(folder: Path) -> bool:
    """Whether a build was finished and its interpreter still starts from an existing file."""
    return (folder / MARK).is_file() and interpreter(folder).exists()


def interpreter(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _install(lock: Lock, folder: Path, only_binary: Sequence[str]) -> None:
    python = find_python(lock.python)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if is_built(folder):
                return
            _sweep(folder)
            _install_aside(lock, python, folder, only_binary)
    except OSError as error:
        message = f"{folder.parent} cannot be written ({error.strerror}); make room or set HARNESS_CACHE."
        raise NoEvidence(message) from None


def _sweep(folder: Path) -> None:
    """Remove what killed builds of the same lock left; the caller holds its lock file."""
    for left in folder.parent.glob(f"{folder.name}.*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


def _install_aside(lock: Lock, python: str, folder: Path, only_binary: Sequence[str]) -> None:
    """Install into a folder of its own and move that into place, so that no half build is ever used."""
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}."))
    binary = [word for name in only_binary for word in ("--only-binary", name)]
    try:
        if lock.like is None or not copy_with_sources(
            lock, build_folder(lock.like), aside, interpreter(aside)
        ):
            venv = ["venv", "--quiet", "--no-project", "--clear", "--relocatable", "--python", python]
            run_uv([*venv, str(aside)])
            # Where the index's own build of a package takes a local one's place, it brings what it needs.
            needs = [] if lock.local_builds else ["--no-deps"]
            pip = ["pip", "install", "--quiet", *needs, "--python", str(interpreter(aside)), *binary]
            run_uv([*pip, "-r", "-"], stdin=lock.requirements(), environment=index_environment())
        (aside / MARK).write_text(json.dumps({"environment": str(lock.id), "python": python}))
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except UvError as error:
        if error.is_verdict:
            raise Unbuildable(error.reason) from None
        message = f"{lock.id} cannot be installed now: {error.brief}."
        raise NoEvidence(message) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
