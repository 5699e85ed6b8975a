"""Copies of a build in which one package comes from a wheel at hand."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from toy.project import toy_lock
from toy.wheels import write_wheel

from harness.environment import build as building
from harness.environment import copying
from harness.environment.build import build, build_folder
from harness.environment.installed import dist_info, recorded, site_packages
from harness.environment.lock import Lock, Source


@pytest.fixture
def base(toy_index) -> Lock:
    """A built environment of `toy` and `dep`, both imported, so that their bytecode lies beside them."""
    for name in ("toy", "dep"):
        toy_index.add(write_wheel(toy_index.folder, name, "1.0", {f"{name}.py": "commit = '0'\n"}))
    lock = toy_lock(packages={"toy": "1.0", "dep": "1.0"})
    build(lock)
    run(lock, "import dep")
    assert said(lock) == "0"
    return lock


@pytest.fixture
def installations(monkeypatch):
    """The arguments of every call of uv that makes a virtual environment."""
    calls = []

    def spy(arguments, **options):
        if arguments[0] == "venv":
            calls.append(arguments)
        return real(arguments, **options)

    real = building.run_uv
    monkeypatch.setattr(building, "run_uv", spy)
    return calls


def commit(base: Lock, folder: Path, letter: str, version: str = "1.0", **fields: object) -> Lock:
    wheel = write_wheel(folder / letter, "toy", version, {"toy.py": f"commit = '{letter}'\n"})
    source = Source(name="toy", path=wheel, sha256=sha256(wheel))
    return toy_lock(
        **{"packages": {"dep": "1.0", "toy": version}, "sources": (source,), "like": base, **fields}
    )


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(lock: Lock, code: str) -> str:
    """What code prints in a built environment."""
    return subprocess.run(
        [building.interpreter(build_folder(lock)), "-I", "-c", code],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def said(lock: Lock) -> str:
    return run(lock, "import toy; print(toy.commit)")


def test_a_commit_is_a_copy_of_the_environment_that_it_is_like(base, tmp_path, installations):
    lock = commit(base, tmp_path, "a", "1.1")
    build(lock)
    assert said(lock) == "a"
    assert installations == []
    (dep,) = build_folder(lock).glob("lib/python3.11/site-packages/dep.py")
    assert dep.stat().st_nlink > 1
    versions = "import importlib.metadata as m; print(m.version('toy'), m.version('dep'))"
    assert run(lock, versions) == "1.1 1.0"


def test_bytecode_of_the_replaced_package_is_never_taken_for_that_of_the_new_one(base, tmp_path):
    """Sources of one time and size: without care Python would run the old bytecode."""
    lock = commit(base, tmp_path, "a")
    build(lock)
    old, new = (build_folder(each) / "lib/python3.11/site-packages/toy.py" for each in (base, lock))
    assert old.stat().st_size == new.stat().st_size
    os.utime(new, ns=(old.stat().st_mtime_ns, old.stat().st_mtime_ns))
    assert said(lock) == "a"


def test_a_copy_keeps_the_bytecode_of_the_other_packages(base, tmp_path):
    lock = commit(base, tmp_path, "a")
    build(lock)
    folder = build_folder(lock) / "lib/python3.11/site-packages/__pycache__"
    assert [path.name for path in folder.iterdir()] == ["dep.cpython-311.pyc"]


def test_the_environment_that_was_copied_stays_as_it_is(base, tmp_path):
    folder = build_folder(base)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    lock = commit(base, tmp_path, "a", "1.1")
    build(lock)
    run(lock, "import toy, dep")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert said(base) == "0"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"packages": {"toy": "1.0"}}, id="lacks-a-package"),
        pytest.param({"packages": {"toy": "1.0", "dep": "1.0", "other": "1.0"}}, id="has-one-more"),
        pytest.param({"like": None}, id="is-like-none"),
    ],
)
def test_what_differs_in_more_than_its_sources_is_installed_anew(
    base, tmp_path, installations, toy_index, fields
):
    toy_index.add(write_wheel(toy_index.folder, "other", "1.0", {"other.py": ""}))
    lock = commit(base, tmp_path, "a", **fields)
    build(lock)
    assert said(lock) == "a"
    assert len(installations) == 1
    installed = "import importlib.metadata as m; print(sorted(d.name for d in m.distributions()))"
    assert run(lock, installed) == str(sorted(lock.packages))


def test_without_the_build_to_copy_it_is_installed_anew(base, tmp_path, installations):
    (build_folder(base) / copying.MARK).unlink()
    lock = commit(base, tmp_path, "a")
    build(lock)
    assert said(lock) == "a"
    assert len(installations) == 1


def test_where_nothing_can_be_linked_it_is_installed_anew(base, tmp_path, installations, monkeypatch):
    def refuse(source, target):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(copying.os, "link", refuse)
    lock = commit(base, tmp_path, "a")
    build(lock)
    assert said(lock) == "a"
    assert len(installations) == 1


def test_the_files_of_an_installed_distribution_are_told_by_its_record(base):
    (folder,) = site_packages(build_folder(base))
    info = dist_info([folder], "DEP")
    assert info == folder / "dep-1.0.dist-info"
    assert folder / "dep.py" in recorded(info)
    assert dist_info([folder], "other") is None
