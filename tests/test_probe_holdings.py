"""What an interpreter says it holds."""

from __future__ import annotations

import json
import os
import sys
import threading
import types
from pathlib import Path

import pytest

from harness.probe import holdings
from harness.probe.holdings import Distribution, can_fork, frameworks, import_libraries, installed, origin
from harness.probe.text import describe


def distribution(*requires, version="1.0"):
    return Distribution(version, list(requires), "")


def put(folder: Path, name: str, version: str | None = "1.0", *, kind="dist-info", extra="", **files: str):
    """A distribution's metadata on a folder of the path."""
    described = folder / f"{name}-{version}.{kind}"
    described.mkdir(parents=True)
    text = f"Metadata-Version: 2.1\nName: {name}\n" + (f"Version: {version}\n" if version else "") + extra
    (described / ("METADATA" if kind == "dist-info" else "PKG-INFO")).write_text(text)
    for file, content in files.items():
        (described / file.replace("_json", ".json").replace("_txt", ".txt")).write_text(content)
    return described


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A path of import that holds nothing but two folders."""
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder) for folder in folders])
    return folders


def versions():
    return {name: found.version for name, found in installed().items()}


# Installed


def test_distributions_have_canonical_names(path):
    put(path[0], "Toy_Library.x", "1.0")
    assert versions() == {"toy-library-x": "1.0"}


def test_the_first_on_the_path_wins_as_in_an_import(path):
    put(path[1], "toy", "2.0")
    put(path[0], "Toy", "1.0")
    assert versions() == {"toy": "1.0"}


def test_the_remains_of_an_uninstalled_distribution_are_not_there(path):
    (path[0] / "gone-1.0.dist-info").mkdir()
    (path[0] / "empty-1.0.dist-info").mkdir()
    (path[0] / "empty-1.0.dist-info" / "METADATA").write_text("")
    (path[0] / "bytes-1.0.dist-info").mkdir()
    (path[0] / "bytes-1.0.dist-info" / "METADATA").write_bytes(b"Name: \xff\xfe\n")
    put(path[1], "toy", "1.0")
    assert versions()["toy"] == "1.0"
    assert not {"gone", "empty"} & set(versions())


def test_a_distribution_without_a_version_is_there(path):
    put(path[0], "toy", None)
    assert versions() == {"toy": "0"}


def test_what_a_distribution_requires_is_read_from_either_kind_of_metadata(path):
    put(path[0], "new", extra="Requires-Dist: jax\nRequires-Dist: numpy\n")
    put(path[0], "old", kind="egg-info", requires_txt="jax\n")
    assert installed()["new"].requires == ["jax", "numpy"]
    assert installed()["old"].requires == ["jax"]


@pytest.mark.parametrize(
    ("direct_url", "is_editable"),
    [
        ({"url": "file:///src/toy", "dir_info": {"editable": True}}, True),
        ({"url": "file:///src/toy", "dir_info": {}}, True),
        ({"url": "https://example.org/toy.whl", "archive_info": {}}, False),
        (None, False),
    ],
)
def test_a_distribution_from_a_folder_is_told(path, direct_url, is_editable):
    put(path[0], "toy", **({"direct_url_json": json.dumps(direct_url)} if direct_url else {}))
    (found,) = installed().values()
    assert found.is_editable is is_editable
    attested = holdings.attest({"toy": {}, "absent": {}}, installed())
    assert attested["editable"] == (["toy"] if is_editable else [])


# Frameworks

GRAPH = {
    "numpyro": distribution("jax>=0.4", "multipledispatch", "funsor; extra == 'dev'"),
    "flax": distribution("Jax (>=0.6.0)", "orbax-checkpoint"),
    "jax": distribution("jaxlib<=0.5,>=0.5", "numpy>=1.25; python_version >= '3.10'"),
    "jaxlib": distribution("numpy"),
    "numpy": distribution(),
    "pyro-ppl": distribution("torch>=2.0", 'funsor[torch] ; extra == "funsor"'),
    "torch": distribution("sympy", "triton; platform_system == 'Linux'"),
    "funsor": distribution("torch", "jax"),
    "around": distribution("and-back"),
    "and-back": distribution("around"),
}


@pytest.mark.parametrize(
    ("names", "used"),
    [
        (["numpyro"], ["jax"]),
        (["flax"], ["jax"]),
        (["pyro-ppl"], ["torch"]),
        (["pyro-ppl", "numpyro"], ["jax", "torch"]),
        (["funsor"], ["jax", "torch"]),
        (["jax"], ["jax"]),
        (["jaxlib"], []),
        (["numpy", "absent"], []),
        (["around"], []),
        ([], []),
    ],
)
def test_the_frameworks_of_a_case_are_what_its_libraries_need(names, used):
    assert frameworks(names, GRAPH) == used


def test_a_framework_that_is_not_installed_is_not_used():
    assert frameworks(["toy"], {"toy": distribution("jax")}) == []


# Origins


def module(**attributes):
    made = types.ModuleType("toy")
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def test_the_origin_of_a_module_is_relative_to_its_environment(monkeypatch):
    monkeypatch.setattr(sys, "prefix", "/env")
    monkeypatch.setattr(sys, "base_prefix", "/python")
    assert origin(module(__file__="/env/lib/site-packages/toy.py")) == "lib/site-packages/toy.py"
    assert origin(module(__file__="/python/lib/site-packages/x.py")) == "<python>/lib/site-packages/x.py"
    assert origin(module(__file__="/environment/toy.py")) == "/environment/toy.py"
    assert origin(module(__path__=["/env/lib/site-packages/toy"])) == "lib/site-packages/toy"
    assert origin(module(__file__=None, __path__=["/src/toy"])) == "/src/toy"
    assert origin(module()) == ""


def test_an_environment_within_its_python_is_still_the_environment(monkeypatch):
    monkeypatch.setattr(sys, "prefix", "/usr/env")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert origin(module(__file__="/usr/env/lib/site-packages/toy.py")) == "lib/site-packages/toy.py"


# Imports


def imported(path: Path, **modules: str):
    for name, text in modules.items():
        (path / f"{name}.py").write_text(text)
    announced = []
    try:
        found = import_libraries([(name, name) for name in modules], describe, announced.append)
    finally:
        for name in modules:
            sys.modules.pop(name, None)
    assert announced == list(modules)
    return found


def test_a_library_that_cannot_be_imported_does_not_stop_the_others(path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    texts = {"toy_raises": "raise ImportError('gone')", "toy_exits": "raise SystemExit(3)", "toy_fine": ""}
    found = imported(path[0], **texts)
    assert found["toy_raises"]["error"]["message"] == "gone"
    assert found["toy_raises"]["error"]["phase"] == "import"
    assert found["toy_exits"]["error"]["type"] == "builtins.SystemExit"
    assert found["toy_fine"] == {
        "module": "toy_fine",
        "file": str(path[0] / "toy_fine.py"),
        "version": None,
        "error": None,
    }


@pytest.mark.parametrize(("version", "stated"), [("'1.2'", "1.2"), ("(1, 2)", None), ("None", None)])
def test_the_version_that_a_module_states_is_taken_where_it_is_text(path, monkeypatch, version, stated):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert imported(path[0], toy_states=f"__version__ = {version}")["toy_states"]["version"] == stated


# Forking


@pytest.fixture
def single(monkeypatch):
    """As in a server: one thread, no backend."""
    monkeypatch.delenv("HARNESS_PROBE_SPAWN", raising=False)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    for name in ("jax._src.xla_bridge", "torch"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    return monkeypatch


def test_a_process_with_one_thread_and_no_backend_can_fork(single):
    assert can_fork()


def test_a_process_with_another_thread_cannot_fork(single):
    single.setattr(threading, "active_count", lambda: 2)
    assert not can_fork()


def test_a_process_that_is_told_to_spawn_does(single):
    single.setenv("HARNESS_PROBE_SPAWN", "1")
    assert not can_fork()


def test_where_a_fork_is_unsound_or_unknown_there_is_none(single):
    single.setattr(sys, "platform", "darwin")
    assert not can_fork()
    single.setattr(sys, "platform", "linux")
    single.delattr(os, "fork")
    assert not can_fork()


@pytest.mark.parametrize(("backends", "can"), [({}, True), (None, True), ({"cpu": object()}, False)])
def test_a_process_with_a_jax_backend_cannot_fork(single, backends, can):
    single.setitem(sys.modules, "jax._src.xla_bridge", types.SimpleNamespace(_backends=backends))
    assert can_fork() is can


@pytest.mark.parametrize("is_initialized", [True, False])
def test_a_process_that_has_used_cuda_cannot_fork_and_asking_does_not_touch_the_driver(
    single, is_initialized
):
    def is_available():
        raise AssertionError("this alone makes CUDA unusable after a fork")

    cuda = types.SimpleNamespace(is_initialized=lambda: is_initialized, is_available=is_available)
    single.setitem(sys.modules, "torch", types.SimpleNamespace(cuda=cuda))
    assert can_fork() is not is_initialized


@pytest.mark.parametrize(
    "torch", [types.SimpleNamespace(), types.SimpleNamespace(cuda=types.SimpleNamespace())]
)
def test_a_torch_that_is_not_whole_does_not_matter(single, torch):
    single.setitem(sys.modules, "torch", torch)
    assert can_fork()
