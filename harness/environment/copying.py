"""Makes an environment from a built one that differs only in packages that come from wheels at hand.

A commit's environment is the proven one with one package replaced. To link its files takes a tenth of a
second, and they keep their bytecode, which would otherwise be compiled again at the first import.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from harness.environment.installed import dist_info, recorded, site_packages
from harness.environment.lock import Lock
from harness.environment.uv import run_uv

MARK = "built.json"
"""Written into a finished build; never part of a copy."""


def copy_with_sources(lock: Lock, built: Path, target: Path, interpreter: Path) -> bool:
    """Link a build into the empty folder `target` and put the lock's sources in; false where that cannot be.

    Files are hard links: whatever writes one must put another in its place, as Python and uv do.

    Raises:
        UvError: the wheels cannot be installed.
    """
    if not (built / MARK).is_file() or not _is_like(lock):
        return False
    try:
        shutil.copytree(
            built, target, symlinks=True, dirs_exist_ok=True, copy_function=os.link, ignore=_mark_of(built)
        )
    except (OSError, shutil.Error):  # no hard links here, or a build that is just being replaced
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        return False
    for source in lock.sources:
        _forget_bytecode(target, source.name)
    names = [word for source in lock.sources for word in ("--reinstall-package", source.name)]
    requirements = "".join(f"{source.requirement}\n" for source in lock.sources)
    pip = ["pip", "install", "--quiet", "--no-deps", "--offline", *names, "--python", str(interpreter)]
    run_uv([*pip, "-r", "-"], stdin=requirements)
    return True


def _is_like(lock: Lock) -> bool:
    """Whether the lock to start from really has all the other packages at the same versions."""
    assert lock.like is not None
    own = {source.name for source in lock.sources}
    mine, others = (
        {name: version for name, version in packages.items() if name not in own}
        for packages in (lock.packages, lock.like.packages)
    )
    return mine == others and lock.python == lock.like.python and not lock.like.sources


def _mark_of(built: Path) -> Callable[[str, list[str]], list[str]]:
    return lambda folder, names: [MARK] if Path(folder) == built and MARK in names else []


def _forget_bytecode(environment: Path, distribution: str) -> None:
    """Remove the compiled files of a package that is about to be replaced.

    They are valid for a source of the same time and size, and wheels that are built twice can agree in both.
    """
    info = dist_info(site_packages(environment), distribution)
    for source in recorded(info) if info else ():
        if source.suffix == ".py":
            for compiled in source.parent.glob(f"__pycache__/{source.stem}.*.pyc"):
                compiled.unlink()
