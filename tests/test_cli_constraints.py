"""`harness constraints`: from a requirements file to a file that pip and uv take."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import uv
from packaging.requirements import Requirement
from toy.cases import edited
from toy.index import ToyIndex
from toy.user import Project, Said, new_project
from toy.wheels import write_wheel

from harness.header import read_case

CONFIG = """\
[tool.harness.library.toy]
[tool.harness.library.dep]
[tool.harness.library.other]
"""
BODIES = {"failure": "pass", "fix_pin": "pass"}
TOYS = ("1.0", "2.0", "3.0")
DEPS = ("1.0", "2.0")

BUG = ["toy<2"]
DRIFT = ["toy>=2,<3", "dep>=2"]


@pytest.fixture
def project(toy_index: ToyIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Three toys that need a dep, an app that needs a toy, and measurements of all their pairs."""
    for version in TOYS:
        wheel = write_wheel(toy_index.folder, "toy", version, {"toy.py": ""}, requires=["dep"])
        toy_index.add(wheel)
    for version in DEPS:
        toy_index.add(write_wheel(toy_index.folder, "dep", version, {"dep.py": ""}))
    toy_index.add(write_wheel(toy_index.folder, "app", "1.0", {"app.py": ""}, requires=["toy"]))
    made = new_project(tmp_path / "project", CONFIG)
    (made.root / "cases/toy/7_breaks.py").unlink()
    add_case(made, 7, BUG)
    add_case(made, 8, DRIFT)
    measure(made)
    monkeypatch.chdir(tmp_path)
    return made


def add_case(project: Project, number: int, group: Sequence[str]) -> None:
    failing = edited('failing = ["toy<2"]', f"failing = {json.dumps(list(group))}")
    header = edited("issues/7", f"issues/{number}", failing)
    project.case(f"toy/{number}_breaks.py", edited("toy.infer.sample", "toy.run", header), BODIES)


def measure(project: Project, *, stale: Sequence[str] = ()) -> None:
    """A report of every pair, as the cases say, of cases whose text may have changed since."""
    environments = {
        f"toy-{toy}+dep-{dep}": {
            "python": "3.11.7",
            "library": "toy",
            "version": toy,
            "packages": {"toy": toy, "dep": dep},
        }
        for toy in TOYS
        for dep in DEPS
    }
    cases: dict[str, Any] = {}
    cells = []
    for path in sorted((project.root / "cases").glob("*/*.py")):
        case = read_case(path)
        cases[case.id] = {"digest": "old" if case.id in stale else case.digest}
        for name, entry in environments.items():
            fails = case.variants[0].present.where.holds({"python": "3.11.7", **entry["packages"]})
            cells.append(
                {
                    "case": case.id,
                    "variant": "failure",
                    "device": "cpu",
                    "environment": name,
                    "status": "failing" if fails else "fixed",
                    "measured_at": "2026-01-01T12:00:00Z",
                    "platform": "linux-x86_64",
                }
            )
    document = {"schema": 1, "environments": environments, "axes": {}, "cases": cases, "cells": cells}
    (project.root / "reports").mkdir(exist_ok=True)
    (project.root / "reports" / "compatibility.json").write_text(json.dumps(document))


def constraints(project: Project, text: str, *arguments: object, name: str = "requirements.txt") -> Said:
    Path(name).write_text(text)
    return project.harness("constraints", "--for", name, "--python", "3.11", *arguments)


def lines(said: Said, code: int = 0) -> list[str]:
    """The requirements of what was printed, each read by packaging."""
    assert (said.code, said.err) == (code, ""), said
    return [str(Requirement(line)) for line in said.out.splitlines() if line and line[0] != "#"]


def compiled(*arguments: str) -> list[str]:
    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    return done.stdout.splitlines()


def test_a_floor_is_given_with_its_reason_and_checked(project):
    said = constraints(project, "toy\n")
    assert lines(said) == ["toy>=3"]
    assert "# toy-8 (bug): The toy breaks.\n# https://example.org/toy/issues/8\n" in said.out
    assert "# Checked: resolves to toy 3.0 and dep 2.0, where no case that can be avoided" in said.out
    assert "# For requirements.txt with Python 3.11: 1 line for 2 of 2 cases." in said.out


def test_a_cap_is_given_where_the_library_is_pinned(project):
    said = constraints(project, "toy==2.0\n")
    assert lines(said) == ["dep<2"]
    assert "# Checked: resolves to toy 2.0 and dep 1.0" in said.out
    assert "# Kept clear by your own requirements: toy-7." in said.out


def test_uv_takes_the_file(project):
    said = constraints(project, "toy==2.0\n", "--output", "limits.txt")
    assert said.code == 0
    assert said.out == "limits.txt: 1 line for 1 of 2 cases, 1 kept clear by your own requirements\n"
    assert compiled("requirements.txt") == ["dep==2.0", "toy==2.0"]
    assert compiled("requirements.txt", "-c", "limits.txt") == ["dep==1.0", "toy==2.0"]


def test_the_file_is_what_would_be_printed(project):
    printed = constraints(project, "toy\ndep<2\n").out
    said = constraints(project, "toy\ndep<2\n", "--output", "limits.txt")
    assert Path("limits.txt").read_text() == printed
    assert said.out.splitlines()[-1] == printed.splitlines()[-1].removeprefix("# ")
    assert said.out.splitlines()[-1].startswith("uncap now: dep<2 can go ")


def test_a_library_that_another_package_pulls_in_counts_when_resolved(project):
    assert lines(constraints(project, "app\n")) == ["toy>=3"]
    assert constraints(project, "app\n", "--no-check").sentence(2) == (
        "no case concerns requirements.txt: it has nothing of toy."
    )


def test_without_a_check_no_index_is_asked_and_the_file_says_so(project, toy_index):
    toy_index.requests.clear()
    said = constraints(project, "toy\n", "--no-check")
    assert lines(said) == ["toy>=3"]
    assert "# Not checked against an index (--no-check)" in said.out
    assert not toy_index.requests


def test_an_index_that_cannot_be_asked_is_no_evidence(project, toy_index):
    toy_index.broken = True
    said = constraints(project, "toy\n")
    sentence = said.err.splitlines()[-1]  # the index in this process may complain of a client that left
    assert said.code == 3
    assert sentence.startswith("harness: requirements.txt cannot be resolved now: ")
    assert sentence.endswith("; --no-check leaves the check out.")


def test_what_nothing_satisfies_is_a_usage_error(project):
    assert constraints(project, "toy>9\n").sentence(2).startswith("nothing satisfies requirements.txt: ")


def test_a_line_that_cannot_be_installed_gives_way_to_another(project, toy_index):
    toy_index.add(write_wheel(toy_index.folder, "app", "2.0", {"app.py": ""}, requires=["toy<3", "dep"]))
    said = constraints(project, "app>=2\ntoy>=2\n")
    assert lines(said) == ["dep<2"]
    assert "# Passed over, because nothing can be installed with it: toy>=3" in said.out


def test_lines_that_nothing_satisfies_are_no_evidence_with_the_resolvers_reason(project, toy_index):
    toy_index.add(write_wheel(toy_index.folder, "app", "2.0", {"app.py": ""}, requires=["toy==1.0"]))
    sentence = constraints(project, "app>=2\n").sentence(3)
    assert sentence.startswith("nothing satisfies requirements.txt with toy>=3: Because ")
    assert "toy==1.0" in sentence


def test_an_avoidable_case_that_is_still_expected_is_exit_code_1(project):
    add_case(project, 9, ["toy>=2"])
    measure(project)
    said = constraints(project, "toy\n")
    assert lines(said, code=1) == ["toy>=3"]
    assert "where toy-9 is still expected to fail." in said.out
    assert "# not avoidable together with toy>=3: toy-9: " in said.out


def test_a_cap_that_can_go_and_one_that_stays(project):
    said = constraints(project, "toy\ndep<2\n")
    assert lines(said) == ["toy>=2"]
    assert said.out.splitlines()[-1] == (
        "# uncap now: dep<2 can go once toy>=3 is in its place: "
        "measured clean with toy 3.0 and dep 2.0 (2 cases)"
    )
    said = constraints(project, "toy==2.0\ndep<2\n")
    assert said.out.splitlines()[-1] == "# keep: dep<2 avoids toy-8 with toy 2.0"


def test_the_teams_own_constraints_file_counts(project):
    Path("own.txt").write_text("dep<2\n")
    said = constraints(project, "-c own.txt\ntoy==2.0\n")
    assert lines(said) == []
    assert said.out.splitlines()[-1] == "# keep: dep<2 avoids toy-8 with toy 2.0"


def test_markers_are_evaluated_for_the_python(project):
    text = "toy\ntoy==2.0; python_version < '3.11'\n"
    assert lines(constraints(project, text)) == ["toy>=3"]
    Path("requirements.txt").write_text(text)
    older = project.harness("constraints", "--for", "requirements.txt", "--python", "3.10", "--no-check")
    assert lines(older) == ["dep<2"]


def test_a_pyproject_is_read(project):
    text = '[project]\nname = "app"\nrequires-python = ">=3.9"\ndependencies = ["toy==2.0"]\n'
    assert lines(constraints(project, text, name="pyproject.toml")) == ["dep<2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "app.toml has no [project] table; give a requirements file or another pyproject.toml."),
        (
            '[project]\ndynamic = ["dependencies"]\n',
            "app.toml leaves its dependencies to its build (dynamic); give a requirements file.",
        ),
        (
            "[project]\ndependencies = 3\n",
            "app.toml: dependencies of [project] is no list of strings; mend it.",
        ),
        (
            '[project]\nrequires-python = "<3"\ndependencies = ["toy"]\n',
            "app.toml is for Python <3; give one of these with --python.",
        ),
        (
            '[project]\nrequires-python = "old"\ndependencies = ["toy"]\n',
            "app.toml: requires-python = 'old' says no Python; mend it.",
        ),
        (
            "[project]\n",
            "app.toml requires nothing with Python 3.11; give a file that names what you install.",
        ),
    ],
)
def test_a_pyproject_that_says_nothing_is_a_usage_error(project, text, sentence):
    assert constraints(project, text, name="app.toml").sentence(2) == sentence


def test_an_empty_selection_is_never_an_empty_file(project):
    said = constraints(project, "dep\n", "--output", "limits.txt")
    assert said.sentence(2) == "no case concerns requirements.txt: it has nothing of toy."
    assert constraints(project, "# nothing\n").sentence(2).startswith("requirements.txt requires nothing ")
    assert not Path("limits.txt").exists()


def test_a_missing_file_and_a_wrong_python_are_usage_errors(project):
    assert (
        project.harness("constraints", "--for", "gone.txt").sentence(2).startswith("gone.txt cannot be read")
    )
    said = constraints(project, "toy\n", "--python", "three")
    assert said.sentence(2) == "--python three is no version of Python; write it as 3.11."


def test_only_what_the_source_meets_counts(project):
    header = edited("toy.infer.sample", "toy.other")
    project.case("toy/7_breaks.py", header, BODIES)
    measure(project)
    Path("src").mkdir()
    Path("src/app.py").write_text("import toy\n\ntoy.other()\n")
    said = constraints(project, "toy\n", "--uses", "src")
    assert lines(said) == ["toy>=2"]
    assert "# For requirements.txt with Python 3.11, for what src meets: 1 line for 1 of 1 cases." in said.out


def test_source_that_meets_no_case_is_a_usage_error(project):
    Path("src").mkdir()
    Path("src/app.py").write_text("import json\n")
    assert constraints(project, "toy\n", "--uses", "src").sentence(2) == (
        "nothing in src meets one of the 2 cases; leave out --uses to have them all."
    )


def test_without_measurements_there_are_no_lines(project):
    measure(project, stale=["toy-7", "toy-8"])
    assert constraints(project, "toy\n").sentence(3).startswith("none of the 2 relevant cases was measured ")
    (project.root / "reports" / "compatibility.json").unlink()
    assert constraints(project, "toy\n").sentence(3).startswith("there is no ")


def test_a_case_that_changed_since_is_named(project):
    measure(project, stale=["toy-8"])
    said = constraints(project, "toy\n")
    assert lines(said) == ["toy>=2"]
    assert "# no evidence: toy-8 was not measured as it is written now" in said.out


def test_a_place_that_cannot_be_written_is_told(project):
    Path("limits").mkdir()
    said = constraints(project, "toy\n", "--output", "requirements.txt/limits.txt")
    assert said.code == 3
    assert "cannot be written" in said.sentence(3)


def test_help_says_what_it_is_for(project):
    said = project.harness("constraints", "--help")
    assert said.code == 0
    assert "The caps, floors and exclusions" in said.out


def test_nothing_of_the_project_is_touched(project):
    before = project.files()
    constraints(project, "toy\n")
    assert project.files() == before
