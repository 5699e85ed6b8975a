"""Building a locked environment from a warm cache, against venv and pip with theirs."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from harness.environment.build import build
from harness.environment.uv import find_python
from harness.workspace import Workspace
from tests.bench.measure import Figure, clock

ENVIRONMENT = "numpyro-0.22.0"


def figures(root: Path) -> list[Figure]:
    workspace = Workspace.at(root)
    lock = workspace.lock(ENVIRONMENT)
    requirements = lock.requirements()
    python = find_python(lock.python)
    times: dict[str, float] = {}
    for attempt in ("filling the caches", "measured"):
        with tempfile.TemporaryDirectory() as folder, clock() as ours:
            _build_in(folder, workspace, lock)
        with tempfile.TemporaryDirectory() as folder, clock() as theirs:
            _venv_and_pip(python, Path(folder), requirements)
        times = {"ours": ours.seconds, "theirs": theirs.seconds}
        del attempt
    detail = (
        f"[{len(lock.packages)} packages: ours {times['ours']:.1f} s, venv and pip {times['theirs']:.1f} s]"
    )
    ratio = times["theirs"] / times["ours"]
    return [
        Figure(
            what="building from a lock against venv and pip",
            value=ratio,
            bound=8,
            at_least=True,
            unit="x",
            detail=detail,
        )
    ]


def _build_in(folder: str, workspace: Workspace, lock: object) -> None:
    before = os.environ.get("HARNESS_CACHE")
    os.environ["HARNESS_CACHE"] = folder
    try:
        build(lock, workspace.config.only_binary)
    finally:
        os.environ.pop("HARNESS_CACHE")
        if before is not None:
            os.environ["HARNESS_CACHE"] = before


def _venv_and_pip(python: str, folder: Path, requirements: str) -> None:
    file = folder / "requirements.txt"
    file.write_text(requirements)
    subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True, capture_output=True)
    pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--requirement", str(file)]
    subprocess.run(pip, check=True, capture_output=True)
