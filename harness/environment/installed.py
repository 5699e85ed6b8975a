"""What is installed in an environment, read from its folders without starting it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from packaging.utils import canonicalize_name


def site_packages(prefix: Path) -> list[Path]:
    """The folders of installed packages of an environment; one, unless something is odd."""
    return [*prefix.glob("lib/python3*/site-packages"), *prefix.glob("Lib/site-packages")]


def dist_info(folders: list[Path], distribution: str) -> Path | None:
    """The metadata folder of an installed distribution."""
    wanted = canonicalize_name(distribution)
    found = (path for folder in folders for path in folder.glob("*.dist-info"))
    return next((path for path in found if _name(path) == wanted), None)


def _name(path: Path) -> str:
    return canonicalize_name(path.name.removesuffix(".dist-info").rpartition("-")[0])


def recorded(info: Path) -> Iterator[Path]:
    """The files of a distribution, as its RECORD lists them, relative to the folder of its metadata."""
    record = info / "RECORD"
    if record.is_file():
        for line in record.read_text(encoding="utf-8", errors="replace").splitlines():
            yield info.parent / line.rsplit(",", 2)[0].strip('"')
