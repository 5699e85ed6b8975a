"""Which places a selection and its options mean."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from toy.cases import record, write_case
from toy.project import CONFIG, toy_lock, write_project

from harness.config import load_config
from harness.corpus import Selection
from harness.device import Device
from harness.environment.ids import parse_environment_id
from harness.environment.places import InterpreterPlace, LockedPlace
from harness.errors import UsageError
from harness.store import Store
from harness.workspace import Workspace


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    root = write_project(tmp_path / "project", "[tool.harness]\n" + CONFIG)
    write_case(root / "cases")
    return Workspace(config=load_config(root))


def put(workspace: Workspace, name: str, **fields: object) -> None:
    workspace.locks.put(toy_lock(id=parse_environment_id(name), **fields))


def ids(places) -> list[str]:
    return [place.id for place in places]


def everything(workspace: Workspace):
    return workspace.select(Selection())


def test_a_project_is_found_from_below_and_by_name(workspace, monkeypatch):
    monkeypatch.chdir(workspace.config.root / "cases" / "toy")
    assert Workspace.at(None).config.root == workspace.config.root
    assert Workspace.at(workspace.config.root).config.root == workspace.config.root


def test_the_default_matrix_is_every_lock_of_the_default_tier_in_order(workspace):
    put(workspace, "toy-1.10")
    put(workspace, "toy-2.0@latest")
    put(workspace, "toy-1.9+toy-1.0", tier="slow")
    assert ids(workspace.places([], everything(workspace))) == [
        "toy-1.0", "toy-1.1", "toy-1.10", "toy-2.0", "toy-2.0@latest",
    ]  # fmt: skip
    assert "toy-1.9+toy-1.0" in ids(workspace.places([], everything(workspace), full=True))


def test_an_environment_of_another_tier_can_be_named(workspace):
    put(workspace, "toy-1.0@latest", tier="slow")
    assert ids(workspace.places(["toy-1.0@latest"], everything(workspace))) == ["toy-1.0@latest"]


def test_environments_come_as_named_and_each_once(workspace):
    names = ["toy-2.0", "current", "toy-1.0", "toy-2.0", "current"]
    places = workspace.places(names, everything(workspace))
    assert ids(places) == ["toy-2.0", "current", "toy-1.0"]
    assert [type(place) for place in places] == [LockedPlace, InterpreterPlace, LockedPlace]


def test_current_is_the_interpreter_that_runs_this(workspace):
    (place,) = workspace.places(["current"], everything(workspace))
    assert place.python == Path(sys.executable)


def test_the_compilation_cache_is_that_of_locked_environments(workspace):
    places = workspace.places(["toy-1.0"], everything(workspace), jax_cache=False)
    assert [place.jax_cache for place in places] == [False]
    assert workspace.places(["toy-1.0"], everything(workspace))[0].jax_cache


@pytest.mark.parametrize("path", ["venv", "venv/bin/python"])
def test_an_interpreter_keeps_the_link_that_makes_it_a_virtual_environments(
    workspace, tmp_path, monkeypatch, path
):
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)
    (place,) = workspace.places([], everything(workspace), python=Path(path), called="gpu")
    assert (place.id, place.python) == ("gpu", tmp_path / "venv" / "bin" / "python")


@pytest.mark.parametrize("name", ["gpu", "a100", "lab-gpu_2.x", "pyro-1.9", "toy", "toy-gpu", "current"])
def test_an_interpreters_results_can_have_many_names(workspace, name):
    (place,) = workspace.places([], everything(workspace), python=Path(sys.executable), called=name)
    assert place.id == name


@pytest.mark.parametrize("name", ["", "toy-1.0", "toy-9", "toy-2.0@latest", "-x", "a b", "[b]", "ü", "a\n"])
def test_an_interpreters_results_have_no_odd_name_and_not_that_of_a_release(workspace, name):
    with pytest.raises(UsageError, match="is no name for an interpreter"):
        workspace.places([], everything(workspace), python=Path(sys.executable), called=name)


def test_a_name_without_an_interpreter_is_refused(workspace):
    with pytest.raises(UsageError, match="give that with --python"):
        workspace.places([], everything(workspace), called="gpu")


def test_an_interpreter_beside_an_environment_is_refused(workspace):
    with pytest.raises(UsageError, match="two things to run in"):
        workspace.places(["toy-1.0"], everything(workspace), python=Path(sys.executable))


def test_devices_are_those_named_or_else_those_configured(workspace):
    (case,) = workspace.cases
    assert workspace.devices([]).of(case) == (Device(platform="cpu"),)
    named = (Device(platform="cpu", count=2), Device(platform="cuda"))
    assert workspace.devices(["cpu:2", "cuda", "cpu:2"]).of(case) == named


def test_environments_of_a_report_are_the_matrix_and_what_is_stored_as_their_locks_are_today(
    workspace, tmp_path
):
    put(workspace, "toy-1.1", packages={"toy": "1.1", "other": "2"})
    interpreter = record("gpu", library=None, version=None, resolution="interpreter", as_of=None)
    with Store(tmp_path / "results.sqlite") as store:
        for stored in (record("toy-1.1", version="1.1", key="before"), record("toy-9.9"), interpreter):
            store.put_environment(stored)
        known = workspace.environments(store)
    assert set(known) == {"toy-1.0", "toy-1.1", "toy-2.0", "gpu"}
    assert known["toy-1.1"].key == workspace.lock("toy-1.1").key
    assert known["gpu"] == interpreter


def test_environments_of_a_report_have_the_dates_of_their_locks_though_none_are_stored(workspace, tmp_path):
    put(workspace, "toy-1.1", packages={"toy": "1.1", "other": "2"}, released="2024-02-01")
    with Store(tmp_path / "results.sqlite") as store:
        store.put_environment(record("toy-1.1", version="1.1"))
        known = workspace.environments(store)
    assert {name: each.released for name, each in known.items()} == {
        "toy-1.0": None,
        "toy-1.1": "2024-02-01",
        "toy-2.0": None,
    }


def test_the_store_is_the_projects_own_unless_another_is_named(workspace, tmp_path):
    with workspace.store(None) as own, workspace.store(tmp_path / "other.sqlite") as other:
        assert own.path == workspace.config.root / ".harness" / "results.sqlite"
        assert other.path == tmp_path / "other.sqlite"
