"""An interpreter that is not ours as an environment, and results that travel between stores."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import uv
from toy.cases import edited
from toy.user import CELLS, STORY, Project, new_project

from harness.store import Store


@pytest.fixture
def project(world, tmp_path) -> Project:
    return new_project(tmp_path / "project")


def run_uv(*arguments: object) -> None:
    subprocess.run([uv.find_uv_bin(), "--quiet", *map(str, arguments)], check=True)


def make_venv(folder: Path, *requirements: str) -> Path:
    run_uv("venv", "--no-project", "--python", sys.executable, folder)
    run_uv("pip", "install", "--python", folder, *requirements)
    return folder


@pytest.fixture(scope="module")
def venv(world, tmp_path_factory) -> Path:
    """Somebody's virtual environment with toy 1.0; not to be written to."""
    return make_venv(tmp_path_factory.mktemp("somebody") / "venv", "toy==1.0")


def tree(folder: Path) -> dict[str, tuple[int, str]]:
    """Every path below a folder, with its time of change and what it holds."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def test_a_virtual_environment_is_probed_and_never_written_to(project, venv):
    before = tree(venv)
    said = project.shell("matrix", "-v", "--python", venv)
    assert (said.code, said.err) == (0, "")
    assert said.statuses == {
        ("failure", "current"): "failing",
        ("fix_pin", "current"): "works",
        ("fix_hope", "current"): "refuted",
    }
    assert project.shell("run", "toy-7", "--python", venv).code == 0
    assert tree(venv) == before


@pytest.mark.parametrize("path", ["", "bin", "bin/python", "bin/python3"])
def test_an_interpreter_is_named_by_itself_or_by_its_folder(project, venv, path):
    said = project.harness("matrix", "-k", "pin", "--python", venv / path)
    assert said.code == (2 if path == "bin" else 0)


def test_results_are_stored_under_the_name_that_the_user_gives(project, venv):
    assert project.harness("matrix", "--python", venv, "--as", "production").code == 0
    again = project.harness("matrix", "--python", venv, "--as", "production")
    assert again.summary.startswith("0 cells ran, 3 unchanged")
    with Store(project.store) as store:
        assert {row.cell.environment for row in store.rows()} == {"production"}
        record = store.environments()["production"]
    assert record.resolution == "interpreter"
    assert record.packages == {"toy": "1.0"}
    assert record.library is None


def test_an_interpreter_with_other_packages_is_measured_again(project, venv, world, tmp_path):
    project.harness("matrix", "--python", venv, "--as", "production")
    other = make_venv(tmp_path / "other", "toy==2.0")
    again = project.harness("matrix", "-v", "--python", other, "--as", "production")
    assert again.summary.startswith("3 cells ran, 0 unchanged")
    assert again.statuses["failure", "production"] == "fixed"


def test_a_library_installed_from_a_folder_is_measured_every_time(project, world, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "toy.py").write_text('__version__ = "1.0"\n\n\ndef sample():\n    return 3\n')
    venv = make_venv(tmp_path / "venv", "toy==1.0")
    site = next(venv.glob("lib/python*/site-packages"))
    (site / "toy.py").unlink()
    (site / "toy.pth").write_text(f"{source}\n")
    information = {"url": source.as_uri(), "dir_info": {"editable": True}}
    (site / "toy-1.0.dist-info" / "direct_url.json").write_text(json.dumps(information))
    first = project.harness("matrix", "-v", "--python", venv, "-k", "failure")
    assert first.statuses == {("failure", "current"): "fixed"}
    (source / "toy.py").write_text(
        '__version__ = "1.0"\n\n\ndef sample():\n    raise ValueError("shapes disagree")\n'
    )
    second = project.harness("matrix", "-v", "--python", venv, "-k", "failure")
    assert second.statuses == {("failure", "current"): "failing"}


def test_the_interpreter_at_hand_is_called_current(project):
    project.case(header=edited('dependencies = ["toy"]', 'dependencies = ["packaging"]', STORY))
    said = project.harness("matrix", "-v", "--env", "current", "-k", "pin")
    assert said.statuses == {("fix_pin", "current"): "works"}


def test_a_package_that_the_interpreter_lacks_is_no_evidence(project):
    said = project.harness("matrix", "-v", "--env", "current")
    assert said.code == 0
    assert set(said.statuses.values()) == {"unsupported"}
    assert "the case needs toy, here is none" in said.out


@pytest.fixture
def second(world, tmp_path) -> Project:
    """The same project on another machine."""
    return new_project(tmp_path / "second")


def test_results_of_one_store_count_in_another(project, second, tmp_path):
    path = second.root / "cases" / "toy" / "7_breaks.py"
    path.write_bytes((project.root / "cases" / "toy" / "7_breaks.py").read_bytes())
    project.harness("matrix", "--env", "toy-1.0")
    second.harness("matrix", "--env", "toy-1.1")
    export = tmp_path / "new" / "export.jsonl"
    assert project.shell("export", export).out == f"3 cells written to {export}\n"
    assert second.shell("merge", export).out == f"3 newer cells taken from {export}\n"
    assert second.harness("matrix").summary.startswith(f"3 cells ran, {CELLS - 3} unchanged")


def test_merging_again_takes_nothing_and_an_older_result_never_wins(project, second, tmp_path):
    project.harness("matrix", "--env", "toy-1.0")
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    project.harness("export", old)
    project.harness("matrix", "--env", "toy-1.0", "--rerun", "-k", "pin")
    project.harness("export", new)
    assert second.harness("merge", old, new).out.splitlines() == [
        f"3 newer cells taken from {old}",
        f"1 newer cells taken from {new}",
    ]
    assert second.harness("merge", new, old).out.splitlines() == [
        f"0 newer cells taken from {new}",
        f"0 newer cells taken from {old}",
    ]


def test_an_exported_store_can_be_exported_again_the_same(project, second, tmp_path):
    project.harness("matrix", "--env", "toy-1.0")
    first, again = tmp_path / "first.jsonl", tmp_path / "again.jsonl"
    project.harness("export", first)
    second.harness("merge", first)
    second.harness("export", again)
    assert first.read_bytes() == again.read_bytes()


def test_a_path_with_brackets_is_shown_as_it_is(project, tmp_path):
    target = tmp_path / "[bold]x[" / "b].jsonl"
    assert project.harness("export", target).out == f"0 cells written to {target}\n"
