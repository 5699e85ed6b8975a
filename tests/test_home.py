"""Where the corpus is found, around or in the installation, and what may be written there."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy.cases import edited, write_case
from toy.project import CONFIG, toy_lock, write_project
from toy.user import harness

from harness import home
from harness.config import Config, load_config
from harness.environment.lock import LockFolder
from harness.errors import UsageError
from harness.home import find_root
from harness.workspace import Workspace

PROJECT = Path(__file__).parents[1]

TEAM = """\
[project]
name = "team"

[tool.harness.gate]
uses = ["src"]
"""
"""A team's own project: a policy, and no corpus."""


@pytest.fixture
def team(tmp_path, monkeypatch) -> Path:
    """The folder of a team's project, entered."""
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(TEAM)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def installed(tmp_path, monkeypatch) -> Path:
    """A toy corpus that came with the installation; a cache of the test's own."""
    root = write_project(tmp_path / "site-packages" / "_corpus")
    write_case(root / "cases")
    monkeypatch.setattr(home, "INSTALLED", root)
    monkeypatch.setattr(home, "REPOSITORY", tmp_path / "site-packages")
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return root


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Finding it


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[tool.harness.library.toy]\n", id="a table of a library"),
        pytest.param("[tool.harness]\nlibrary = {}\n", id="no library yet"),
        pytest.param("[ tool . 'harness' ]\nlibrary.toy = {}\n", id="spaces and quotes"),
        pytest.param("tool = { harness = { library = { toy = {} } } }\n", id="inline"),
        pytest.param(f"{TEAM}[tool.harness.library.toy]\n", id="a policy beside it"),
        pytest.param("[tool.harness]\nlibrary = 3\n", id="malformed, which loading says"),
        pytest.param("[tool.harness]\nlibrary = \n", id="no TOML, which loading says"),
        pytest.param("[[[\n[tool.harness.library.toy]\n", id="no TOML, with a library"),
    ],
)
def test_a_project_with_libraries_is_found_from_below(installed, tmp_path, text):
    below = tmp_path / "own" / "src" / "package"
    below.mkdir(parents=True)
    (tmp_path / "own" / "pyproject.toml").write_text(text)
    assert find_root(below) == tmp_path / "own"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEAM, id="a policy"),
        pytest.param("[tool.harness]\n", id="nothing"),
        pytest.param("# [tool.harness]\n", id="a comment"),
        pytest.param('x = "[tool.harness]"\n', id="a string"),
        pytest.param("[tool]\nharness = 3\n", id="no table"),
        pytest.param("tool = 3\n", id="no table of tools"),
        pytest.param("[[tool]]\n", id="a list of tools"),
        pytest.param("[tool.harness.gate\n", id="a policy that is no TOML"),
        pytest.param("x = " + "[" * 5000, id="too deep"),
        pytest.param("", id="empty"),
    ],
)
def test_a_project_without_libraries_has_no_corpus(installed, team, text):
    (team / "pyproject.toml").write_text(text)
    assert find_root(team) == installed


def test_a_policy_on_the_way_up_is_passed_over(installed, tmp_path):
    root = write_project(tmp_path / "own")
    (root / "team").mkdir()
    (root / "team" / "pyproject.toml").write_text(TEAM)
    assert find_root(root / "team") == root


def test_a_folder_called_pyproject_toml_is_passed_over(installed, tmp_path):
    (tmp_path / "odd" / "pyproject.toml").mkdir(parents=True)
    assert find_root(tmp_path / "odd") == installed


def test_a_project_of_another_encoding_is_passed_over(installed, team):
    (team / "pyproject.toml").write_bytes(b"name = '\xe9'\n")
    assert find_root(team) == installed


def test_an_editable_install_has_the_corpus_of_its_repository(tmp_path):
    assert not home.INSTALLED.exists()
    assert find_root(tmp_path) == PROJECT


def test_the_installed_corpus_goes_before_what_is_around_the_package(installed, monkeypatch, tmp_path):
    monkeypatch.setattr(home, "REPOSITORY", write_project(tmp_path / "around"))
    assert find_root(tmp_path) == installed


def test_without_any_corpus_it_says_where_to_go(installed, team):
    (installed / "pyproject.toml").unlink()
    with pytest.raises(UsageError) as caught:
        find_root(team)
    assert str(caught.value) == (
        f"no pyproject.toml with [tool.harness] in {team} or above; enter the project or give --root."
    )


def test_a_policy_is_no_business_of_the_configuration(tmp_path):
    config = load_config(write_project(tmp_path / "own", f"{CONFIG}\n{TEAM}gates = 3\n"))
    assert set(config.libraries) == {"toy"}
    other = edited("harness.gate", "harness.gates", TEAM)
    with pytest.raises(UsageError, match=r"unknown key 'gates'; known are .*gate,"):
        load_config(write_project(tmp_path / "other", f"{CONFIG}\n{other}"))


# Using it


def test_a_team_sees_the_cases_that_came_along(installed, team):
    said = harness("list")
    assert said.code == 0
    assert "toy-7" in said.out
    assert Workspace.at(None).config.root == installed


def test_results_of_the_installed_corpus_are_the_users_own(installed, team, tmp_path):
    before = files(installed)
    config = Workspace.at(None).config
    assert config.store == tmp_path / "cache" / "results" / "results.sqlite"
    assert harness("show", "toy-7").code == 0
    assert config.store.is_file()
    assert files(installed) == before
    assert list(team.iterdir()) == [team / "pyproject.toml"]


@pytest.mark.parametrize("way", ["itself", "a link", "dots"])
def test_the_installed_corpus_is_recognised_however_it_is_named(installed, tmp_path, way):
    (tmp_path / "link").symlink_to(installed)
    named = {"itself": installed, "a link": tmp_path / "link", "dots": installed / "cases" / ".."}[way]
    assert load_config(named).store.parent == tmp_path / "cache" / "results"


def test_results_of_a_project_stay_in_it(installed, tmp_path):
    root = write_project(tmp_path / "own")
    assert load_config(root).store == root / ".harness" / "results.sqlite"


@pytest.mark.parametrize("command", [["report"], ["report", "--check"], ["lock"], ["lock", "toy-1.0"]])
def test_what_would_write_into_the_installed_corpus_is_refused(installed, team, tmp_path, command):
    LockFolder(path=load_config(installed).locks).put(toy_lock())
    before = files(tmp_path)
    assert harness(*command).sentence(2) == (
        f"this is the installed corpus, which harness {command[0]} would change; "
        "clone the repository and enter it."
    )
    assert files(tmp_path) == before


def test_locks_lie_where_the_installed_corpus_has_them(installed):
    config: Config = load_config(installed)
    assert config.locks == installed / "harness" / "locks"
    assert config.reports == installed / "reports"
