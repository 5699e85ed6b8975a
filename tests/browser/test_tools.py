"""What the tests in a browser need: found, installed once, and missed loudly in CI."""

from __future__ import annotations

import json
import re

import pytest

from browser import tools
from browser.conftest import missing
from browser.tools import HERE, MissingToolError, checkers, chromium, in_ci


@pytest.fixture
def empty_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    return tmp_path


def program(folder, name):
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_a_browser_of_any_usual_name_is_found(empty_path, name):
    path = program(empty_path, name)
    assert chromium() == path


def test_the_browser_that_is_named_is_the_one(empty_path, monkeypatch):
    program(empty_path, "chromium")
    own = program(empty_path, "mine")
    monkeypatch.setenv("CHROMIUM", str(own))
    assert chromium() == own
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(MissingToolError, match="CHROMIUM=/nowhere/chromium is not there"):
        chromium()


@pytest.mark.parametrize(
    ("value", "is_ci"), [("true", True), ("1", True), ("", False), ("false", False), ("0", False)]
)
def test_ci_is_where_the_environment_says_so(monkeypatch, value, is_ci):
    monkeypatch.setenv("CI", value)
    assert in_ci() is is_ci


def test_a_missing_tool_skips_a_test_and_fails_it_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        missing("no browser")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="in CI the browser tests must run: no browser"):
        missing("no browser")


def test_installing_ends_with_an_error_only_in_ci(monkeypatch, empty_path, tmp_path, capsys):
    monkeypatch.setattr(tools, "PLACE", tmp_path / "place")
    monkeypatch.setattr(tools, "_install_checkers", refuse)
    monkeypatch.setenv("CHROMIUM", "/nowhere")
    monkeypatch.delenv("CI", raising=False)
    assert tools.main() == 0
    told = capsys.readouterr().err
    assert "CHROMIUM=/nowhere is not there" in told
    assert "no network" in told
    monkeypatch.setenv("CI", "true")
    assert tools.main() == 1


def refuse() -> None:
    raise MissingToolError("no network")


def test_checkers_are_installed_once_and_anew_where_the_lock_has_changed(monkeypatch, tmp_path):
    installed = []
    monkeypatch.setattr(tools, "PLACE", tmp_path)
    monkeypatch.setattr(tools, "_install_checkers", lambda: installed.append(1))
    checkers()
    checkers()
    assert len(installed) == 1
    (tmp_path / "installed").write_text("another lock")
    checkers()
    assert len(installed) == 2


def test_an_installation_that_was_cut_short_is_made_again(monkeypatch, tmp_path):
    monkeypatch.setattr(tools, "PLACE", tmp_path)
    monkeypatch.setattr(tools, "_install_checkers", refuse)
    with pytest.raises(MissingToolError):
        checkers()
    installed = []
    monkeypatch.setattr(tools, "_install_checkers", lambda: installed.append(1))
    checkers()
    assert installed


def test_the_lock_names_exact_versions_and_digests_but_no_registry():
    wanted = json.loads((HERE / "package.json").read_text())["devDependencies"]
    assert set(wanted) == {"axe-core", "html-validate"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    others = [entry for name, entry in packages.items() if name]
    assert all(entry["integrity"].startswith("sha512-") for entry in others)
    assert not any("resolved" in entry for entry in others)


def test_ci_says_that_it_is_ci():
    script = (HERE.parents[1] / ".ci" / "run").read_text()
    assert re.search(r"^export CI=true\b", script, re.MULTILINE)
