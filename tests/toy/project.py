"""A project of a made-up library `toy` with a planted history: its wheels, configuration and locks."""

from __future__ import annotations

from pathlib import Path

from packaging.version import Version

from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock, LockFolder
from toy.index import ToyIndex
from toy.wheels import write_wheel

CONFIG = """\
[tool.harness.library.toy]

[[tool.harness.axis]]
library = "toy"
resolution = "period"
python = "3.11"
"""

HISTORY = {
    "1.0": 'raise ValueError("shapes disagree: 2 and 3")',
    "1.1": 'raise ValueError("shapes disagree: 2 and 3")',
    "1.2": 'raise TypeError("sample() takes no shape")',
    "2.0": "return 3",
    "2.1": 'raise NotImplementedError("give a shape")',
    "3.0": "import os, signal\n    os.kill(os.getpid(), signal.SIGSEGV)",
    "3.1": "import time\n    time.sleep(600)",
}
"""What `toy.sample()` does, by release: failing, failing, changed, fixed, rejected, crashed, timeout."""

UPLOADED = {version: f"2024-{month:02}-01" for month, version in enumerate((*HISTORY, "4.0"), start=1)}
"""Releases and their upload dates; 4.0 cannot be imported."""

CLEAN = ("1.0", "1.1", "2.0")
"""The releases that a toy project has locks of: two failing, one fixed, nothing surprising."""


def toy_module(version: str) -> str:
    """The text of `toy.py`, as published."""
    if version not in HISTORY:
        return f'__version__ = "{version}"\nraise ImportError("toy {version} needs a library that is gone")\n'
    return f'__version__ = "{version}"\n\n\ndef sample():\n    {HISTORY[version]}\n'


def publish_toy(index: ToyIndex) -> None:
    """Put every release of the history on an index."""
    for version, uploaded in UPLOADED.items():
        wheel = write_wheel(index.folder, "toy", version, {"toy.py": toy_module(version)})
        index.add(wheel, uploaded=uploaded)


def toy_lock(version: str = "1.0", **fields: object) -> Lock:
    """The lock of a toy release by itself; `packages={"toy": "1.0", "other": "2"}` for more."""
    known = {
        "id": EnvironmentId(library="toy", version=Version(version)),
        "python": "3.11",
        "as_of": UPLOADED.get(version, "2024-01-01"),
        "requested": (f"toy=={version}",),
        "packages": {"toy": version},
    }
    return Lock(**{**known, **fields})


def write_locks(root: Path, *versions: str) -> None:
    """Locks of toy releases; one called `unbuildable` is that of a release that nothing resolves."""
    locks = LockFolder(path=root / "harness" / "locks")
    for version in versions:
        if version == "unbuildable":
            reason = "Because there are no versions of toy==0.9, your requirements are unsatisfiable."
            locks.put(toy_lock("0.9", packages={}, unresolvable=reason))
        else:
            locks.put(toy_lock(version))


def write_project(root: Path, config: str = CONFIG) -> Path:
    """A project's folder: configuration, no cases, and the locks of the clean releases."""
    (root / "cases").mkdir(parents=True, exist_ok=True)
    (root / "harness" / "locks").mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(config, encoding="utf-8")
    write_locks(root, *CLEAN)
    return root
