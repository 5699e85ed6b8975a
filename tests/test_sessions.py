"""The nox front door: sessions of the matrix, and the real nox on a copy of the noxfile in a toy project."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from toy.cases import edited
from toy.project import CONFIG, toy_lock
from toy.user import STORY, Project, Said, new_project, run

from harness import sessions
from harness.environment.ids import parse_environment_id
from harness.environment.lock import LockFolder
from harness.sessions import SessionEnd, environments, report_arguments, run_command, run_environment

ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(world, tmp_path) -> Project:
    """A toy project with the noxfile, and an environment of another tier."""
    config = CONFIG.replace("[[tool", "[tool.harness.library.gadget]\n\n[[tool", 1)
    project = new_project(tmp_path / "project", config)
    shutil.copy(ROOT / "noxfile.py", project.root)
    locks = LockFolder(path=project.root / "harness" / "locks")
    locks.put(toy_lock(id=parse_environment_id("toy-1.0@latest"), tier="slow", as_of=None))
    sessions._workspace.cache_clear()
    return project


def nox(project: Project, *arguments: object) -> Said:
    return run([sys.executable, "-m", "nox", *arguments], cwd=project.root)


def test_there_is_a_session_for_every_lock_with_its_tags(project):
    listed = nox(project, "--list", "--json", "-s", "matrix")
    assert listed.code == 0
    found = {session["session"]: set(session["tags"]) for session in json.loads(listed.out)}
    assert found == {
        "matrix(toy-1.0)": {"toy", "period", "default"},
        "matrix(toy-1.1)": {"toy", "period", "default"},
        "matrix(toy-2.0)": {"toy", "period", "default"},
        "matrix(toy-1.0@latest)": {"toy", "latest", "slow"},
    }


def test_the_list_has_the_other_sessions_too(project):
    listed = nox(project, "-l")
    assert listed.code == 0
    names = {line.split()[1] for line in listed.out.splitlines() if line[:2] in {"* ", "- "}}
    assert {name for name in names if not name.startswith("matrix")} == {
        "bisect", "gate", "report", "lock", "tests", "lint", "types", "bench",
    }  # fmt: skip


def test_one_session_runs_one_environment(project):
    done = nox(project, "-s", "matrix(toy-1.0)")
    assert done.code == 0
    assert project.ran() == ["failure 1.0", "fix_hope 1.0", "fix_pin 1.0"]
    assert "3 cells ran, 0 unchanged: 3 as expected" in done.out


def test_a_tag_runs_its_environments_and_skips_other_tiers_for_a_reason(project):
    done = nox(project, "-t", "toy")
    assert done.code == 0
    assert len(project.ran()) == 9
    assert "toy-1.0@latest) skipped: not in the default tier; add -- --full." in done.err
    again = nox(project, "-s", "matrix", "-j", "2")
    assert again.code == 0
    assert project.ran() == []


def test_arguments_after_the_dashes_go_to_the_matrix(project):
    done = nox(project, "-s", "matrix", "--", "-k", "pin", "--device", "cpu", "--device", "cpu:2", "-v")
    assert project.ran() == ["fix_pin 1.0", "fix_pin 1.1", "fix_pin 2.0"]
    assert "toy-7 fix_pin in toy-1.0 on cpu:2: unsupported" in done.out
    assert done.code == 1
    assert "harness matrix ended with exit code 3" in done.err


def test_a_malformed_case_stops_nox_with_one_sentence(project):
    path = project.case(header=edited('kind = "bug"', 'kind = "typo"', STORY))
    done = nox(project, "-s", "matrix(toy-1.0)")
    assert done.code != 0
    assert "Traceback" not in done.err
    (line,) = (line for line in done.err.splitlines() if "typo" in line)
    assert line.startswith(f"harness: {path}: [tool.case] kind = 'typo' is unknown; use one of bug,")


def test_the_report_is_a_session(project):
    (project.root / "README.md").write_text("<!-- compatibility:begin -->\n<!-- compatibility:end -->\n")
    done = nox(project, "-s", "matrix", "report", "-j", "2")
    assert done.code == 0, done.err
    document = json.loads((project.root / "reports" / "compatibility.json").read_text())
    assert len(document["cells"]) == 9
    assert run_command(project.root, ["report", "--check"]) == SessionEnd()


def test_environments_come_in_the_order_of_the_matrix(project):
    assert [environment.id for environment in environments(project.root)] == [
        "toy-1.0", "toy-1.1", "toy-2.0", "toy-1.0@latest",
    ]  # fmt: skip


def test_locks_of_libraries_without_cases_make_no_session(project):
    locks = LockFolder(path=project.root / "harness" / "locks")
    locks.put(toy_lock(id=parse_environment_id("gadget-1.0"), packages={"gadget": "1.0"}))
    assert "gadget-1.0" not in {environment.id for environment in environments(project.root)}


@pytest.mark.parametrize(
    ("environment", "arguments", "end"),
    [
        ("toy-1.0", [], SessionEnd()),
        ("toy-1.0", ["-k", "pin"], SessionEnd()),
        ("toy-1.0", ["--device", "cuda"], SessionEnd(error="harness matrix ended with exit code 3")),
        ("toy-1.0@latest", [], SessionEnd(skip="not in the default tier; add -- --full")),
        ("toy-1.0@latest", ["--full"], SessionEnd()),
        ("toy-1.0", ["--case", "gadget-1"], SessionEnd(skip="no selected case is for this environment")),
        ("toy-1.0", ["-n", "0"], SessionEnd(error="-n 0: at least one process is needed.")),
        ("toy-1.0", ["--rrun"], SessionEnd(error="No such option '--rrun'. Did you mean '--rerun'?")),
        (
            "toy-9.9",
            [],
            SessionEnd(error="the environment toy-9.9 has no lock; make one with `harness lock toy-9.9`."),
        ),
    ],
)
def test_a_session_ends_as_its_matrix_does(project, environment, arguments, end):
    project.case("gadget/1_breaks.py")
    assert run_environment(project.root, environment, arguments) == end


def test_a_surprise_is_an_error_of_its_session(project):
    project.locks("1.2")
    assert run_environment(project.root, "toy-1.2", []).error == "harness matrix ended with exit code 1"


def test_what_selects_nothing_at_all_is_an_error_and_no_skip(project):
    assert run_environment(project.root, "toy-1.0", ["-k", "nothing"]).error.startswith(
        "no variant of 1 cases"
    )


def test_a_help_option_does_not_end_nox(project, capsys):
    assert run_environment(project.root, "toy-1.0", ["--help"]) == SessionEnd(skip="only help was asked for")
    assert "Usage: " in capsys.readouterr().out


def test_a_session_of_an_axis_for_other_kinds_of_case_runs_only_what_is_selected(world, tmp_path):
    project = new_project(tmp_path / "drift", CONFIG.replace('"3.11"', '"3.11"\nkinds = ["drift"]'))
    skipped = SessionEnd(skip="no selected case is for this environment")
    assert run_environment(project.root, "toy-1.0", []) == skipped
    assert run_environment(project.root, "toy-1.0", ["-k", "pin"]) == SessionEnd()
    assert project.ran() == ["fix_pin 1.0"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--python", sys.executable], "give one of them."),
        (["--env", "toy-1.1"], "choose by nox's own -s 'matrix(ID)' and -t, not by --env."),
    ],
)
def test_a_session_runs_no_other_environment_than_its_own(project, arguments, told):
    assert run_environment(project.root, "toy-1.0", arguments).error.endswith(told)


def test_a_session_sees_the_locks_that_another_one_of_the_same_run_wrote(project):
    LockFolder(path=project.root / "harness" / "locks").put(toy_lock("1.0", packages={"toy": "1.1"}))
    run_environment(project.root, "toy-1.0", ["-k", "pin"])
    assert project.ran() == ["fix_pin 1.1"]
    assert run_command(project.root, ["lock", "toy-1.0"]) == SessionEnd()
    run_environment(project.root, "toy-1.0", ["-k", "pin"])
    assert project.ran() == ["fix_pin 1.0"]


def test_a_command_is_run_in_this_process_without_ending_it(project, capsys):
    assert run_command(project.root, ["list"]) == SessionEnd()
    assert "toy-7" in capsys.readouterr().out
    assert run_command(project.root, ["report", "--check"]).error == "harness report ended with exit code 3"
    assert "nothing is stored" in capsys.readouterr().err


def test_an_interrupt_reaches_nox(project, monkeypatch):
    monkeypatch.setattr("harness.commands.report.build_document", interrupt)
    monkeypatch.setattr("harness.sessions.run_matrix", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_command(project.root, ["report"])
    with pytest.raises(KeyboardInterrupt):
        run_environment(project.root, "toy-1.0", [])


def interrupt(*arguments: object, **options: object) -> None:
    raise KeyboardInterrupt


def inline_script(path: Path) -> dict:
    block = re.search(r"^# /// script\n(.*?)^# ///$", path.read_text(), re.MULTILINE | re.DOTALL)
    return tomllib.loads("".join(line[2:] for line in block[1].splitlines(keepends=True)))


def test_the_noxfile_as_a_script_needs_what_the_project_needs_and_nox():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    script = inline_script(ROOT / "noxfile.py")
    (nox_itself,) = (r for r in project["dependency-groups"]["types"] if Requirement(r).name == "nox")
    assert sorted(script["dependencies"]) == sorted([nox_itself, *project["project"]["dependencies"]])
    assert script["requires-python"] == project["project"]["requires-python"]


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ([], []),
        (["-k", "1739", "--device", "cpu:2", "-n", "2"], []),
        (["-k", "1739", "--store", "x.sqlite"], ["--store", "x.sqlite"]),
        (["--store=x.sqlite", "--check"], ["--check", "--store=x.sqlite"]),
    ],
)
def test_a_report_takes_what_concerns_it_of_the_arguments_of_a_whole_run(arguments, kept):
    assert report_arguments(arguments) == kept


def test_sessions_side_by_side_run_one_process_each(monkeypatch):
    assert sessions._workers() == []
    monkeypatch.setattr(sys, "argv", ["nox", "--parallel-worker"])
    assert sessions._workers() == ["-n", "1"]
