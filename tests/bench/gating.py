"""`harness gate` of an interpreter at hand with a hundred relevant cells, and the same again."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.environment.build import build
from harness.workspace import Workspace
from tests.bench.measure import Figure, clock

ENVIRONMENT = "numpyro-0.22.0"
DEVICES = ("cpu", "cpu:2")
CELLS = 100
"""How many cells there are at least."""

FACTOR = 1.3
AGAIN = 2.0


def figures(root: Path) -> list[Figure]:
    workspace = Workspace.at(root)
    python = build(workspace.lock(ENVIRONMENT), workspace.config.only_binary)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        for name in ("cases", "reports", "harness/locks"):
            shutil.copytree(root / name, project / name)
        shutil.copy(root / "pyproject.toml", project)
        first, told = _gate(project, python)
        own, cells = _own_time(project)
        again, second = _gate(project, python)
    assert cells >= CELLS, f"{cells} cells"
    assert told["ran"] == cells, told
    assert second["ran"] == 0, second
    return [
        Figure(
            what="audit of an interpreter, beside its cells' own time",
            value=first / own,
            bound=FACTOR,
            at_least=False,
            unit="x",
            detail=f"[{cells} cells: {first:.1f} s, of their own {own:.1f} s, one worker]",
        ),
        Figure(
            what="the same audit again",
            value=again,
            bound=AGAIN,
            at_least=False,
            unit=" s",
            detail=f"[{second['stored']} cells stored]",
        ),
    ]


def _gate(project: Path, python: Path) -> tuple[float, dict[str, int]]:
    """Seconds of a check, and how much it looked at."""
    target = project / "gate.json"
    command = [sys.executable, "-m", "harness", "gate", str(python), "--root", str(project), "-n", "1"]
    command += [word for device in DEVICES for word in ("--device", device)]
    with clock() as measured:
        done = subprocess.run(
            [*command, "--json", str(target)], cwd=project, capture_output=True, text=True, check=False
        )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return measured.seconds, json.loads(target.read_text())["counts"]


def _own_time(project: Path) -> tuple[float, int]:
    """Seconds that the cells themselves took, and their number."""
    with sqlite3.connect(project / ".harness" / "bisect.sqlite") as journal:
        found = [json.loads(text)["seconds"] for (text,) in journal.execute("SELECT evidence FROM trial")]
    return sum(found), len(found)
