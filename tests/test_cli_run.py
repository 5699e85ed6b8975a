"""`harness run`, `list` and `show`: one case, looked at closely."""

from __future__ import annotations

import subprocess
import sys

import pytest
from toy.cases import edited
from toy.project import toy_lock
from toy.user import BODIES, CELLS, STORY, Project, new_project

from harness.environment.lock import LockFolder


@pytest.fixture
def project(world, tmp_path) -> Project:
    return new_project(tmp_path / "project")


def test_a_case_runs_in_the_foreground_with_its_full_traceback_and_nothing_is_stored(project):
    before = project.files()
    said = project.shell("run", "toy-7", "--env", "toy-1.0")
    assert (said.code, said.err) == (0, "")
    assert project.files() == before
    lines = said.out.splitlines()
    assert lines[0].startswith("failure (seed 0): failing, expected failing, ")
    assert lines[1] == "Traceback (most recent call last):"
    assert any('toy.py", line 5, in sample' in line for line in lines)
    assert "ValueError: shapes disagree: 2 and 3" in lines
    assert any(line.startswith("fix_pin (seed 0): works, expected works, ") for line in lines)
    assert any(line.startswith("fix_hope (seed 0): refuted, expected refuted, ") for line in lines)


def test_what_a_variant_prints_is_shown(project):
    project.case(bodies={**BODIES, "fix_pin": 'print("[bold]hello[/bold] \\x1b[2J")'})
    said = project.harness("run", "toy-7", "--env", "toy-1.0", "--variant", "fix_pin")
    assert r"[bold]hello[/bold] \x1b[2J" in said.out
    assert "\x1b" not in said.out


def test_only_the_variants_that_are_named_run(project):
    project.harness("run", "toy-7", "--env", "toy-1.1", "--variant", "fix_pin", "--variant", "failure")
    assert project.ran() == ["failure 1.1", "fix_pin 1.1"]


def test_many_seeds_make_many_runs_and_every_one_is_told(project):
    path = project.case(bodies={**BODIES, "fix_pin": "assert seed != 2, 'unlucky'"})
    path.write_text(edited("def fix_pin():", "def fix_pin(seed):", path.read_text()))
    said = project.harness("run", "toy-7", "--env", "toy-1.0", "--variant", "fix_pin", "--seeds", "4")
    heads = [line.partition(",")[0] for line in said.out.splitlines() if line.startswith("fix_pin")]
    assert heads == [f"fix_pin (seed {seed}): {'refuted' if seed == 2 else 'works'}" for seed in range(4)]
    assert said.code == 1


def test_a_case_of_some_devices_runs_there_and_elsewhere_not(project):
    project.case(header=edited("kind =", 'devices = "cpu:2"\nkind =', STORY))
    said = project.harness("run", "toy-7", "--env", "toy-1.0", "--device", "cpu")
    assert said.sentence(2) == "toy-7 shows itself on cpu:2 alone; leave out --device cpu."
    assert project.ran() == []
    for named in ((), ("--device", "cpu:2")):
        said = project.harness("run", "toy-7", "--env", "toy-1.0", "--variant", "failure", *named)
        assert said.out.startswith("failure (seed 0): ")
    assert "shows itself on cpu:2 alone" in project.harness("show", "toy-7").out


@pytest.mark.parametrize(
    ("release", "code", "said"),
    [
        ("1.0", 0, "failure (seed 0): failing, expected failing"),
        ("2.0", 0, "failure (seed 0): fixed, expected fixed"),
        ("1.2", 1, "failure (seed 0): changed, expected fixed"),
        ("3.0", 1, "killed by SIGSEGV"),
        ("4.0", 3, "ImportError: toy 4.0 needs a library that is gone"),
    ],
)
def test_the_exit_code_tells_how_a_case_went(project, release, code, said):
    project.locks("1.2", "3.0", "4.0")
    done = project.harness("run", "toy-7", "--env", f"toy-{release}")
    assert done.code == code
    assert said in done.out


def test_a_device_that_is_not_there_ends_with_3(project):
    said = project.harness("run", "toy-7", "--env", "toy-1.0", "--device", "cuda")
    assert said.code == 3
    assert "failure (seed 0): unsupported" in said.out


def test_an_environment_that_cannot_be_built_is_one_sentence(project):
    project.locks("unbuildable")
    sentence = project.harness("run", "toy-7", "--env", "toy-0.9").sentence(3)
    assert sentence.startswith("toy-0.9 cannot be built: Because there are no versions of toy==0.9")


def test_an_interpreter_that_is_missing_is_one_sentence(project):
    LockFolder(path=project.root / "harness" / "locks").put(toy_lock("1.2", python="3.99"))
    sentence = project.harness("run", "toy-7", "--env", "toy-1.2").sentence(3)
    assert sentence.startswith("there is no Python 3.99 on this machine; install it")


def test_a_run_without_any_evidence_is_no_success_even_where_it_is_explained(project):
    """By default a case runs in the interpreter at hand, which has no toy."""
    said = project.harness("run", "toy-7")
    assert said.code == 3
    assert "the case needs toy, here is none" in said.out


def test_the_list_has_every_case_with_its_kind_variants_and_title(project):
    project.case("toy/12_other.py", title="A [bold]second[/bold] one.")
    said = project.shell("list")
    assert (said.code, said.err) == (0, "")
    assert [line.split() for line in said.out.splitlines()] == [
        ["case", "kind", "variants", "title"],
        ["toy-7", "bug", "3", "The", "toy", "breaks."],
        ["toy-12", "bug", "3", "A", "[bold]second[/bold]", "one."],
        ["2", "cases,", "6", "variants"],
    ]


def test_the_list_counts_the_variants_that_are_selected(project):
    said = project.harness("list", "-k", "pin or hope")
    assert "1 cases, 2 variants" in said.out


def test_a_list_into_a_closed_pipe_is_no_traceback(project):
    command = f"{sys.executable} -m harness list | true"
    done = subprocess.run(
        ["bash", "-c", command], cwd=project.root, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_a_case_is_shown_with_what_it_claims_before_anything_was_measured(project):
    said = project.harness("show", "toy-7")
    assert said.code == 0
    for text in (
        "toy-7: The toy breaks.",
        "bug, https://example.org/toy/issues/7",
        "touches toy.sample",
        "failure: Shows failure.",
        "failing where toy<1.2: ValueError matching 'shapes disagree'",
        "rejected where toy==2.1: NotImplementedError matching 'give a shape'",
        "fix_hope (documented): Shows fix_hope.",
        "refuted where toy: AssertionError matching 'got 3, not 4'",
        "nothing measured yet",
    ):
        assert text in said.out


def test_a_case_is_shown_with_every_cell_that_was_measured(project):
    project.harness("matrix")
    lines = project.harness("show", "toy-7").out.splitlines()
    cells = [line.split()[:4] for line in lines if " toy-1.0 " in line]
    assert cells == [
        ["failure", "toy-1.0", "cpu", "failing"],
        ["fix_hope", "toy-1.0", "cpu", "refuted"],
        ["fix_pin", "toy-1.0", "cpu", "works"],
    ]
    assert sum(" cpu " in line for line in lines) == CELLS


def test_what_was_measured_on_another_text_or_lock_is_counted_and_not_shown(project):
    project.harness("matrix", "--env", "toy-1.0", "--env", "toy-1.1")
    LockFolder(path=project.root / "harness" / "locks").put(toy_lock("1.1", python="3.12"))
    relocked = project.harness("show", "toy-7").out
    assert "3 cells were measured on another text or lock; run them again" in relocked
    assert " toy-1.0 " in relocked
    assert " toy-1.1 " not in relocked
    project.case(title="The toy breaks loudly.")
    edited_case = project.harness("show", "toy-7").out
    assert "nothing measured yet" in edited_case
    assert "6 cells were measured on another text or lock" in edited_case


def test_the_header_of_a_case_in_a_language_of_its_own_is_shown_as_it_is(project):
    project.case(
        header=edited('match = "shapes disagree"', 'match = "[bold]≠[/bold]"', STORY), title="Größen [red]≠."
    )
    said = project.shell("show", "toy-7")
    assert said.code == 0
    assert "toy-7: Größen [red]≠." in said.out
    assert "matching '[bold]≠[/bold]'" in said.out
