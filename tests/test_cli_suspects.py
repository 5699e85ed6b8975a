"""`harness suspects`: which packages make the difference between two states, for a case or any command."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import uv
from bisect_world import BODIES, DRIFT, HEADER, bisect_world, failing_in, header_of, new_project
from toy.user import Project, Said, harness

SAMPLE = ("python", "-c", "import toy; toy.sample()")


@pytest.fixture(scope="module")
def world(tmp_path_factory, uv_cache):
    with bisect_world(tmp_path_factory.mktemp("world"), uv_cache) as index:
        yield index


@pytest.fixture
def project(world, tmp_path, monkeypatch) -> Project:
    """A project with two cases, and in the current folder two states between which both packages moved."""
    made = new_project(tmp_path / "project")
    bodies = {"failure": "import dep\n    dep.gone", "fix_pin": "pass"}
    made.case("toy/5_drifts.py", header_of(5, DRIFT), bodies)
    monkeypatch.chdir(tmp_path)
    Path("old.txt").write_text("toy==1.1\ndep==1.0\n")
    Path("new.txt").write_text("toy==1.2\ndep==2.0\n")
    return made


def suspects(project: Project, *arguments: object, good: object = "old.txt", bad: object = "new.txt") -> Said:
    return project.harness("suspects", "--good", good, "--bad", bad, "--python", "3.11", *arguments)


def answer(project: Project, name: str = "toy-7.failure.suspects") -> dict[str, Any]:
    return json.loads((project.root / ".harness" / "bisect" / f"{name}.json").read_text())


def found(project: Project, name: str = "toy-7.failure.suspects") -> dict[str, Any]:
    (change,) = answer(project, name)["releases"]["changes"]
    return change["suspects"]


# Cases


def test_the_culprit_between_two_files_is_found_proven_and_told(project):
    said = suspects(project, "toy-7")
    assert (said.code, said.err) == (0, "")
    report = project.root / ".harness" / "bisect" / "toy-7.failure.suspects.md"
    assert said.out.splitlines()[-2:] == [
        "toy-7 failure: not failing in old.txt, failing in new.txt, because of toy.",
        f"the report is in {report}",
    ]
    told = found(project)
    assert (told["culprits"], told["others"]) == (["toy"], [])
    assert told["sufficient"]["description"] == "old.txt with toy 1.2"
    assert told["sufficient"]["reading"]["label"] == "failing"
    assert told["necessary"]["reading"]["label"] == "fixed"
    assert "enough: `old.txt with toy 1.2` gives **failing**" in report.read_text()
    assert answer(project)["command"] == ("harness suspects --good old.txt --bad new.txt --python 3.11 toy-7")


def test_another_case_has_another_culprit_between_the_same_states(project):
    assert suspects(project, "toy-5").code == 0
    assert found(project, "toy-5.failure.suspects")["culprits"] == ["dep"]


def test_a_fix_is_found_by_naming_the_newer_state_good(project):
    Path("fixed.txt").write_text("toy==2.0\ndep==2.0\n")
    said = suspects(project, "toy-7", good="new.txt", bad="fixed.txt")
    assert said.sentence(2) == (
        "the states are the wrong way round: new.txt is failing and fixed.txt is fixed; "
        "give --good fixed.txt --bad new.txt."
    )
    assert suspects(project, "toy-7", good="fixed.txt", bad="new.txt").code == 0
    assert found(project)["culprits"] == ["toy"]


def test_asked_again_nothing_runs_unless_it_is_to(project):
    suspects(project, "toy-7")
    first = project.ran()
    assert suspects(project, "toy-7").code == 0
    assert (len(first), project.ran()) == (4, [])
    assert suspects(project, "toy-7", "--rerun").code == 0
    assert project.ran() == first


def test_what_a_bisection_measured_counts(project):
    project.harness("bisect", "toy-7", "--since", "1.1", "--until", "1.2", "--releases-only")
    project.ran()
    said = project.harness("suspects", "--good", "toy-1.1", "--bad", "toy-1.2", "toy-7")
    assert (said.code, project.ran()) == (0, [])
    assert found(project)["moves"] == [{"package": "toy", "before": "1.1", "after": "1.2"}]


def test_environments_are_states(project):
    said = project.harness("suspects", "--good", "toy-1.1", "--bad", "toy-1.2@latest", "toy-5")
    assert said.code == 0
    assert said.out.splitlines()[-2] == (
        "toy-5 failure: not failing in toy-1.1, failing in toy-1.2@latest, because of dep."
    )


def environment(folder: Path, *packages: str) -> Path:
    tool = uv.find_uv_bin()
    for command in (
        ["venv", "--quiet", "--no-project", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--python", str(folder / "bin/python"), *packages],
    ):
        subprocess.run([tool, *command], check=True)
    return folder


def test_virtual_environments_and_interpreters_are_states(project, tmp_path):
    old = environment(tmp_path / "old", "toy==1.1", "dep==1.0")
    new = environment(tmp_path / "new", "toy==1.2", "dep==2.0")
    said = project.harness("suspects", "--good", old, "--bad", new / "bin/python", "toy-7")
    assert said.code == 0
    assert found(project)["culprits"] == ["toy"]


def test_a_variant_a_device_and_repetition_are_part_of_the_question(project):
    project.case(header=HEADER, bodies={**BODIES, "fix_pin": BODIES["failure"]})
    said = suspects(project, "toy-7", "--variant", "fix_pin", "--device", "cpu", "--repeat", "2")
    assert said.code == 0
    told = answer(project, "toy-7.fix_pin.suspects")
    assert (told["variant"], told["repeat"]) == ("fix_pin", 2)
    assert told["command"] == (
        "harness suspects --good old.txt --bad new.txt --python 3.11 --repeat 2 --variant fix_pin "
        "--device cpu toy-7"
    )
    assert len(project.ran()) == 8


def test_a_pair_that_only_fails_together_is_found_as_a_pair(project):
    bodies = {
        "failure": "import dep, toy\n"
        '    if toy.__version__ == "1.2" and not hasattr(dep, "gone"):\n'
        '        raise ValueError("shapes disagree: 2 and 3")',
        "fix_pin": "pass",
    }
    project.case(header=HEADER.replace('["toy"]', '["toy", "dep"]', 1), bodies=bodies)
    said = suspects(project, "toy-7")
    assert said.code == 0
    assert said.out.splitlines()[-2].endswith("because of dep and toy together.")


# Commands


def test_any_command_takes_the_place_of_a_case(project):
    said = suspects(project, "--", *SAMPLE)
    assert said.code == 0
    assert said.out.splitlines()[-2] == (
        "command python -c 'import toy; toy.sample()': passes in old.txt, fails in new.txt, because of toy."
    )
    told = answer(project, "command")
    assert (told["case"], told["title"]) == ("command", shlex.join(SAMPLE))
    assert told["command"] == (
        "harness suspects --good old.txt --bad new.txt --python 3.11 -- python -c 'import toy; toy.sample()'"
    )
    readings = [point["reading"]["label"] for point in told["releases"]["points"]]
    assert readings == ["passes", "fails"]


@pytest.fixture
def counted(tmp_path) -> tuple[tuple[str, ...], Path]:
    """A command that notes where it ran, and these notes."""
    notes = tmp_path / "ran.txt"
    text = f"import sys, toy; print(sys.prefix, file=open({str(notes)!r}, 'a')); toy.sample()"
    return ("python", "-c", text), notes


def test_a_command_runs_once_in_every_environment_however_often_it_is_asked(project, counted):
    command, notes = counted
    suspects(project, "--", *command)
    ran = notes.read_text().splitlines()
    assert len(ran) == len(set(ran)) == 4
    assert suspects(project, "--", *command).code == 0
    assert len(notes.read_text().splitlines()) == 4
    assert suspects(project, "--rerun", "--", *command).code == 0
    assert len(notes.read_text().splitlines()) == 8


def test_a_command_that_is_to_repeat_runs_so_often(project, counted):
    command, notes = counted
    assert suspects(project, "--repeat", "2", "--", *command).code == 0
    ran = notes.read_text().splitlines()
    assert sorted(ran) == sorted(2 * list(dict.fromkeys(ran)))


def test_a_command_that_disagrees_with_itself_is_unknown(project, tmp_path):
    flag = tmp_path / "flag"
    text = f"import pathlib; p = pathlib.Path({str(flag)!r}); e = p.exists(); p.touch(); raise SystemExit(e)"
    sentence = suspects(project, "--repeat", "3", "--", "python", "-c", text).sentence(3)
    assert sentence == (
        "old.txt, given as good, has no verdict (disagrees with itself: passes, fails, fails); "
        "give another state."
    )


def test_a_command_runs_in_the_folder_where_it_was_given(project, tmp_path):
    (tmp_path / "check.py").write_text("import toy\n\ntoy.sample()\n")
    assert suspects(project, "--", "python", "check.py").code == 0
    assert found(project, "command")["culprits"] == ["toy"]


def test_a_mixture_of_which_a_command_cannot_tell_is_unknown_and_nothing_is_claimed(project):
    text = (
        "import dep, toy; new = toy.__version__ == '1.2'; old_dep = hasattr(dep, 'gone'); "
        "raise SystemExit(125 if new == old_dep else int(new))"
    )
    said = suspects(project, "--", "python", "-c", text)
    assert said.out.splitlines()[-2].endswith("because of dep and toy together.")
    told = found(project, "command")
    assert told["culprits"] == ["dep", "toy"]
    assert "it exited with code 125, cannot tell" in said.out


def test_with_more_time_a_command_is_run_again(project):
    command = ("python", "-c", "import time, toy; time.sleep(0.3); toy.sample()")
    assert suspects(project, "--timeout", "0.05", "--", *command).sentence(3) == (
        "old.txt, given as good, has no verdict (no end after 0.05 s); give another state."
    )
    assert suspects(project, "--timeout", "30", "--", *command).code == 0
    assert answer(project, "command")["command"].startswith(
        "harness suspects --good old.txt --bad new.txt --python 3.11 --timeout 30 -- python -c"
    )


# Bad input

KINDS = (
    "a requirements file, pylock.toml, uv.lock, an interpreter or the id of an environment such as "
    "numpyro-0.20.1"
)

BAD = {
    "nothing to run": ([], {}, "give a case, or else a command after --."),
    "case and command": (["toy-7", "--", *SAMPLE], {}, "give a case, or else a command after --."),
    "no words after the dashes": (["--"], {}, "give a case, or else a command after --."),
    "unknown case": (["toy-99"], {}, "there is no case 'toy-99'; `harness list` shows the 2 case ids."),
    "unknown variant": (
        ["toy-7", "--variant", "fix_hope"],
        {},
        "toy-7 has no variant 'fix_hope'; it has failure, fix_pin.",
    ),
    "a file that is not there": (
        ["toy-7"],
        {"good": "nowhere.txt"},
        f"'nowhere.txt' is no file and no environment; give {KINDS}.",
    ),
    "an environment without a lock": (
        ["toy-7"],
        {"bad": "toy-9.9"},
        "the environment toy-9.9 has no lock; make one with `harness lock toy-9.9`.",
    ),
    "an empty file": (["toy-7"], {"good": "empty.txt"}, f"empty.txt names no package; give {KINDS}."),
    "no time at all": (
        ["--timeout", "0", "--", *SAMPLE],
        {},
        "Invalid value for '--timeout': 0.0 is not in the range x>0.",
    ),
    "states that are the same": (
        ["toy-7"],
        {"good": "old.txt", "bad": "old.txt"},
        "the states do not differ: old.txt is fixed and old.txt is fixed; give two that do.",
    ),
    "states that both fail": (
        ["--", "python", "-c", "raise SystemExit(1)"],
        {},
        "the states do not differ: old.txt fails and new.txt fails; give two that do.",
    ),
    "states the wrong way round": (
        ["--", *SAMPLE],
        {"good": "new.txt", "bad": "old.txt"},
        "the states are the wrong way round: new.txt fails and old.txt passes; give --good old.txt "
        "--bad new.txt.",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_makes_no_answer(project, name):
    arguments, states, sentence = BAD[name]
    Path("empty.txt").write_text("# nothing\n")
    assert suspects(project, *arguments, **states).sentence(2) == sentence
    assert not (project.root / ".harness" / "bisect").exists()


@pytest.mark.parametrize("missing", ["--good", "--bad"])
def test_both_states_are_needed(project, missing):
    given = {"--good": "old.txt", "--bad": "new.txt"}
    del given[missing]
    words = [word for pair in given.items() for word in pair]
    assert project.harness("suspects", *words, "toy-7").sentence(2) == f"Missing option '{missing}'."


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("python", "-c", "raise SystemExit(125)"), "it exited with code 125, cannot tell"),
        (("no-such-program",), "no-such-program does not start: No such file or directory"),
    ],
)
def test_a_command_that_cannot_tell_of_a_state_is_no_evidence(project, command, why):
    assert suspects(project, "--", *command).sentence(3) == (
        f"old.txt, given as good, has no verdict ({why}); give another state."
    )


def test_a_state_without_a_verdict_is_no_evidence(project):
    project.case(header=HEADER, bodies=failing_in("False", changed_in="v == (1, 2)"))
    assert suspects(project, "toy-7").sentence(3) == (
        "new.txt, given as bad, has no verdict (changed: TypeError: it takes no shape); give another state."
    )


def test_without_a_network_it_says_so_and_keeps_what_it_has(project, world):
    assert suspects(project, "toy-7").code == 0
    project.ran()
    Path("other.txt").write_text("toy==1.3\ndep==3.0\n")
    world.broken = True
    states = ["--good", "../old.txt", "--bad", "../other.txt"]
    said = project.shell("suspects", *states, "toy-7")
    world.broken = False
    assert said.sentence(3).startswith("../old.txt cannot be resolved now: ")
    assert suspects(project, "toy-7").code == 0
    assert project.ran() == []


def test_outside_of_a_project_it_says_where_to_go(tmp_path, monkeypatch, no_corpus):
    monkeypatch.chdir(tmp_path)
    said = harness("suspects", "--good", "a", "--bad", "b", "toy-7")
    assert said.sentence(2) == (
        f"no pyproject.toml with [tool.harness] in {tmp_path} or above; enter the project or give --root."
    )
