"""The wheel: what it carries, and that a harness installed from it has a corpus anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.workspace import Workspace

PROJECT = Path(__file__).parents[1]
CORPUS = "harness/_corpus"


def uv(*arguments: object) -> None:
    words = [sys.executable, "-m", "uv", *map(str, arguments), "--quiet"]
    subprocess.run(words, check=True, timeout=300, capture_output=True, text=True)


def tracked(*folders: str) -> set[str]:
    """What lies below folders of the repository, apart from what Python and editors leave there."""
    return {
        path.relative_to(PROJECT).as_posix()
        for folder in folders
        for path in (PROJECT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


@pytest.mark.real
def test_a_harness_installed_from_the_wheel_has_the_cases_with_it(tmp_path):
    uv("build", "--wheel", "--out-dir", tmp_path / "dist", PROJECT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    corpus = {name.removeprefix(f"{CORPUS}/") for name in names if name.startswith(f"{CORPUS}/")}
    single = {"pyproject.toml", "reports/compatibility.json"}
    assert corpus == tracked("cases", "harness/locks") | single
    assert not [name for name in names if name.startswith(("cases/", "tests/", "harness/locks/"))]
    data = {name for name in tracked("harness") if not name.startswith("harness/locks/")}
    assert data == {name for name in names if name.startswith("harness/")} - {
        f"{CORPUS}/{name}" for name in corpus
    }

    uv("venv", "--python", sys.executable, tmp_path / "venv")
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv("pip", "install", "--compile-bytecode", "--python", python, wheel)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").write_text("[tool.harness.gate]\n")
    said = subprocess.run(
        [python.with_name("harness"), "list"], cwd=elsewhere, capture_output=True, text=True, timeout=120
    )
    assert (said.returncode, said.stderr) == (0, "")
    for case in Workspace.at(PROJECT).cases:
        assert case.id in said.stdout
    assert [path.name for path in elsewhere.iterdir()] == ["pyproject.toml"]
