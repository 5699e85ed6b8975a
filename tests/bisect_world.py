"""A toy library with a history worth bisecting: what is published, its repository, and a project about it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version
from toy.cases import edited
from toy.index import ToyIndex, forget_user_settings
from toy.project import write_project
from toy.repository import ToyRepository, package
from toy.user import Project
from toy.wheels import write_wheel

from harness.environment.ids import EnvironmentId
from harness.environment.indexes import index_environment
from harness.environment.lock import Lock, LockFolder

WORKS = "def sample():\n    return 3\n"
BREAKS = 'def sample():\n    raise ValueError("shapes disagree: 2 and 3")\n'
CHANGES = 'def sample():\n    raise TypeError("no shapes")\n'

TOY = {"1.0": WORKS, "1.1": WORKS, "1.2": BREAKS, "1.3": BREAKS, "2.0": WORKS, "2.1": WORKS}
"""Broken with 1.2, fixed with 2.0."""
UPLOADED = {version: f"2024-{month:02}-01" for month, version in enumerate(TOY, start=1)}
DEP = {"1.0": "2023-12-01", "2.0": "2024-12-01", "3.0": "2024-12-02"}
"""From 2.0 on `dep.gone` is not there; a toy release of 2024 knows only 1.0 in its period."""

CONFIG = """\
[tool.harness]
[tool.harness.library.toy]
[tool.harness.library.dep]

[[tool.harness.axis]]
library = "toy"
resolution = "period"
python = "3.11"

[[tool.harness.axis]]
library = "toy"
resolution = "latest"
python = "3.11"
"""

HEADER = edited('failing = ["toy<2"]', 'failing = ["toy>=1.2,<2"]')

BODIES = {"failure": "import toy\n    assert toy.sample() == 3", "fix_pin": "pass"}

DRIFT = (
    HEADER.replace('kind = "bug"', 'kind = "drift"')
    .replace('raises = "ValueError"', 'raises = "AttributeError"')
    .replace('"shapes disagree"', '"gone"')
    .replace('failing = ["toy>=1.2,<2"]', 'failing = ["dep>=2"]')
    .replace('dependencies = ["toy"]', 'dependencies = ["toy", "dep"]')
)


def failing_in(condition: str, *, changed_in: str = "False") -> dict[str, str]:
    """Bodies of a case that fails where a condition on the release `v` holds."""
    failure = (
        "import toy\n"
        '    v = tuple(int(part) for part in toy.__version__.split("."))\n'
        f"    if {changed_in}:\n"
        '        raise TypeError("it takes no shape")\n'
        f"    if {condition}:\n"
        '        raise ValueError("shapes disagree: 2 and 3")'
    )
    return {"failure": failure, "fix_pin": "pass"}


def header_of(number: int, text: str = HEADER) -> str:
    return edited("issues/7", f"issues/{number}", text)


def publish(index: ToyIndex) -> None:
    for version, text in TOY.items():
        module = f'__version__ = "{version}"\n{text}'
        wheel = write_wheel(index.folder, "toy", version, {"toy.py": module}, ["dep"])
        index.add(wheel, uploaded=UPLOADED[version])
    for version, day in DEP.items():
        index.add(write_wheel(index.folder, "dep", version, {"dep.py": dep_module(version)}), uploaded=day)


def dep_module(version: str) -> str:
    return "gone = 1\n" if version == "1.0" else ""


@contextlib.contextmanager
def bisect_world(folder: Path, uv_cache: Path) -> Iterator[ToyIndex]:
    """An index with all of that, as the only one; builds are shared by all tests of a module."""
    with pytest.MonkeyPatch.context() as patch, ToyIndex(folder / "index") as index:
        forget_user_settings(patch, uv_cache)
        patch.setenv("UV_DEFAULT_INDEX", index.url)
        patch.setenv("HARNESS_CACHE", str(folder / "harness-cache"))
        index_environment.cache_clear()
        publish(index)
        yield index
        index_environment.cache_clear()


def lock_of(version: str, *, latest: bool = False) -> Lock:
    return Lock(
        id=EnvironmentId(library="toy", version=Version(version), latest=latest),
        python="3.11",
        as_of=None if latest else UPLOADED[version],
        requested=(f"toy=={version}",),
        packages={"toy": version, "dep": "3.0" if latest else "1.0"},
    )


def new_project(folder: Path) -> Project:
    """A project with all locks, and one case that was introduced and fixed."""
    project = Project(write_project(folder, CONFIG))
    project.forget_locks()
    locks = LockFolder(path=folder / "harness" / "locks")
    for version in TOY:
        for latest in (False, True):
            locks.put(lock_of(version, latest=latest))
    project.case(header=HEADER, bodies=BODIES)
    return project


def toy_repository(path: Path) -> ToyRepository:
    """The history of toy: broken by the commit 3, mended by the commit 6."""
    toy = ToyRepository(path, bare=False)
    toy.commit(package(WORKS, requires=["dep"]), "start", tag="1.0")
    toy.commit({"README": "one"}, "more words", tag="v1.1")
    toy.commit({"README": "two"}, "still more words (#11)")
    toy.commit({"toy.py": BREAKS}, "check shapes (#12)")
    toy.commit({"README": "three"}, "release", tag="v1.2")
    toy.commit({"README": "four"}, "release again", tag="v1.3")
    toy.commit({"toy.py": WORKS}, "do not check shapes (#15)")
    toy.commit({"README": "five"}, "release", tag="v2.0")
    return toy.write()
