"""`harness matrix` as a user types it: what runs, what is said, how it ends."""

from __future__ import annotations

import contextlib
import os
import pty
import sqlite3
import subprocess
import sys

import pytest
from toy.cases import edited
from toy.project import CONFIG, HISTORY, toy_lock
from toy.user import BODIES, CELLS, STORY, Project, new_project, toy_world
from toy.wheels import write_wheel

from harness.environment.ids import parse_environment_id
from harness.environment.lock import LockFolder
from harness.store import Store
from harness.verdict import Status


@pytest.fixture(scope="module")
def world(tmp_path_factory, uv_cache):
    with toy_world(tmp_path_factory.mktemp("world"), uv_cache) as index:
        # Says another version than its distribution has: what was imported is not what was asked for.
        index.add(write_wheel(index.folder, "toy", "5.0", {"toy.py": '__version__ = "4.9"\n'}))
        index.add(write_wheel(index.folder, "other", "1.0", {"other.py": ""}))
        yield index


@pytest.fixture
def project(world, tmp_path) -> Project:
    return new_project(tmp_path / "project")


@pytest.fixture(scope="module")
def history(world, tmp_path_factory):
    """The whole history measured once, on a cpu and on a device that is not there, and then again."""
    project = new_project(tmp_path_factory.mktemp("history") / "project")
    project.locks(*HISTORY, "4.0", "5.0", "unbuildable")
    first = project.harness("matrix", "-v", "-n", 4)
    ran = project.ran()
    second = project.harness("matrix", "-n", 4)
    absent = project.harness("matrix", "-v", "--env", "toy-1.0", "--device", "cuda")
    return project, first, ran, second, absent


def put(project: Project, name: str, **fields: object) -> None:
    """Another lock of toy 1.0."""
    LockFolder(path=project.root / "harness" / "locks").put(toy_lock(id=parse_environment_id(name), **fields))


SLOW_AXIS = """
[[tool.harness.axis]]
library = "toy"
resolution = "latest"
python = "3.11"
tier = "slow"
"""

KNOWN = """
[[tool.harness.known]]
status = "unimportable"
where = ["toy==4.0"]
reason = "needs what is gone"
"""

PIN_REFUTED = """\
[tool.case.fix.pin]
source = "documented"
refuted = ["toy"]
raises = "AssertionError"
match = "cached"
"""


def test_the_planted_history_gives_every_status(history):
    _, first, _, _, absent = history
    assert set(first.statuses.values()) | set(absent.statuses.values()) == {status.value for status in Status}


@pytest.mark.parametrize(
    ("release", "status"),
    [
        ("0.9", "unbuildable"),
        ("1.0", "failing"),
        ("1.1", "failing"),
        ("1.2", "changed"),
        ("2.0", "fixed"),
        ("2.1", "rejected"),
        ("3.0", "crashed"),
        ("3.1", "timeout"),
        ("4.0", "unimportable"),
        ("5.0", "invalid"),
    ],
)
def test_every_release_gets_the_status_that_its_history_plants(history, release, status):
    _, first, _, _, _ = history
    assert first.statuses["failure", f"toy-{release}"] == status


def test_a_remedy_works_or_is_refuted_wherever_the_library_can_be_imported(history):
    _, first, _, _, _ = history
    for release in HISTORY:
        assert first.statuses["fix_pin", f"toy-{release}"] == "works"
        assert first.statuses["fix_hope", f"toy-{release}"] == "refuted"


def test_a_surprise_ends_with_1_even_beside_missing_evidence(history):
    _, first, _, _, _ = history
    assert first.code == 1
    assert "3 unexpected, 9 without evidence (9 of them unexplained)" in first.summary


def test_a_surprise_is_told_with_what_was_expected_and_what_was_seen(history):
    _, first, _, second, _ = history
    line = "toy-7 failure in toy-1.2 on cpu: changed (expected fixed): TypeError: sample() takes no shape"
    assert line in first.out.splitlines()
    assert line in second.out.splitlines()


def test_a_surprise_that_was_stored_is_one_again_when_nothing_runs(history):
    project, first, ran, second, _ = history
    assert len(ran) == 3 * len(HISTORY)
    assert project.ran() == []
    assert second.code == 1
    assert second.summary.startswith("0 cells ran, 30 unchanged")
    unexpected = {"toy-1.2", "toy-3.0", "toy-3.1", "toy-0.9", "toy-4.0", "toy-5.0"}
    assert {place for _, place in second.statuses} == unexpected
    assert first.summary.partition(":")[2] == second.summary.partition(":")[2]


def test_a_device_that_is_not_there_is_unsupported_and_ends_with_3(history):
    _, _, _, _, absent = history
    assert set(absent.statuses.values()) == {"unsupported"}
    assert absent.code == 3


def test_a_missing_device_is_looked_for_again_the_next_time(history):
    project, *_ = history
    again = project.harness("matrix", "--env", "toy-1.0", "--device", "cuda")
    assert again.summary.startswith("3 cells ran, 0 unchanged")


def test_all_as_expected_ends_with_0_and_an_unchanged_matrix_runs_nothing(project):
    first = project.shell("matrix")
    assert (first.code, first.err) == (0, "")
    assert first.summary == f"{CELLS} cells ran, 0 unchanged: 9 as expected, 0 unexpected, 0 without evidence"
    assert len(project.ran()) == CELLS
    second = project.shell("matrix")
    assert (second.code, second.err) == (0, "")
    assert second.out.splitlines() == [
        f"0 cells ran, {CELLS} unchanged: 9 as expected, 0 unexpected, 0 without evidence"
    ]
    assert project.ran() == []


def test_rerun_runs_everything_that_is_selected_again(project):
    project.harness("matrix")
    project.ran()
    again = project.harness("matrix", "--rerun", "-k", "pin")
    assert again.summary.startswith("3 cells ran, 0 unchanged")
    assert project.ran() == ["fix_pin 1.0", "fix_pin 1.1", "fix_pin 2.0"]


def test_an_edited_case_runs_again_and_the_others_do_not(project):
    project.case("toy/8_other.py")
    project.harness("matrix")
    project.ran()
    path = project.case("toy/8_other.py", title="The toy breaks in another way.")
    again = project.harness("matrix", "-v")
    assert path.exists()
    assert again.summary.startswith(f"{CELLS} cells ran, {CELLS} unchanged")
    assert {line.split()[0] for line in again.out.splitlines() if " in toy-" in line} == {"toy-8"}


def test_a_new_lock_makes_only_its_own_environment_run_again(project):
    project.harness("matrix")
    project.ran()
    put(project, "toy-1.0", packages={"toy": "1.0", "other": "1.0"})
    again = project.harness("matrix")
    assert again.summary.startswith(f"3 cells ran, {CELLS - 3} unchanged")
    assert project.ran() == ["failure 1.0", "fix_hope 1.0", "fix_pin 1.0"]


def test_a_cell_that_was_never_run_is_added_to_those_stored(project):
    project.harness("matrix", "--env", "toy-1.0", "-k", "pin")
    added = project.harness("matrix")
    assert added.summary.startswith(f"{CELLS - 1} cells ran, 1 unchanged")


def test_a_verdict_that_jax_compilation_cache_changes_is_a_finding(project):
    bodies = {
        **BODIES,
        "fix_pin": 'import os\n    assert "JAX_COMPILATION_CACHE_DIR" not in os.environ, "cached"',
    }
    header = edited('[tool.case.fix.pin]\nsource = "documented"\n', PIN_REFUTED, STORY)
    project.case(header=header, bodies=bodies)
    assert project.harness("matrix", "--env", "toy-1.0").code == 0
    project.ran()
    found = project.harness("matrix", "--env", "toy-1.0", "--no-jax-cache")
    assert project.ran() == ["failure 1.0", "fix_hope 1.0", "fix_pin 1.0"]
    assert found.code == 1
    finding = "compilation cache: toy-7 fix_pin in toy-1.0 on cpu: works (expected refuted); "
    assert finding + "with the compilation cache on it was refuted" in found.out.splitlines()


def test_the_same_verdict_without_jax_compilation_cache_is_no_finding(project):
    project.harness("matrix", "--env", "toy-1.0")
    project.ran()
    first = project.harness("matrix", "--env", "toy-1.0", "--no-jax-cache")
    assert (first.code, len(project.ran())) == (0, 3)
    second = project.harness("matrix", "--env", "toy-1.0", "--no-jax-cache")
    assert (second.code, len(project.ran())) == (0, 0)
    assert "compilation cache" not in first.out + second.out


def test_another_verdict_of_another_text_or_lock_is_no_finding_about_the_cache(project):
    project.harness("matrix", "--env", "toy-1.0", "--env", "toy-1.1")
    put(project, "toy-1.0", packages={"toy": "2.0"})
    relocked = project.harness("matrix", "--env", "toy-1.0", "--no-jax-cache", "-v")
    assert relocked.statuses["failure", "toy-1.0"] == "fixed"
    project.case(bodies={**BODIES, "fix_pin": 'raise OSError("no")'})
    edited_case = project.harness("matrix", "--env", "toy-1.1", "--no-jax-cache", "-v")
    assert edited_case.statuses["fix_pin", "toy-1.1"] == "refuted"
    assert "compilation cache" not in relocked.out + edited_case.out


def test_without_an_interpreter_for_one_environment_the_others_still_run(project):
    put(project, "toy-1.2", python="3.99")
    said = project.shell("matrix")
    assert said.code == 3
    assert len(project.ran()) == CELLS
    (line,) = (line for line in said.out.splitlines() if line.startswith("toy-1.2: no evidence"))
    assert "there is no Python 3.99 on this machine; install it" in line
    assert said.summary.startswith(
        f"{CELLS} cells ran, 0 unchanged: 9 as expected, 0 unexpected, 3 without evidence"
    )


def test_a_gap_that_the_configuration_explains_is_no_missing_evidence(world, tmp_path):
    project = new_project(tmp_path / "project", CONFIG + KNOWN)
    project.locks("4.0")
    said = project.harness("matrix")
    assert said.code == 0
    assert said.summary.endswith("3 without evidence (0 of them unexplained)")


def test_a_case_that_needs_a_package_which_is_not_there_is_unsupported_for_a_reason(project):
    project.case(header=edited('["toy"]\n\n', '["toy", "other>=1"]\n\n', STORY))
    said = project.harness("matrix", "--env", "toy-1.0", "-v")
    assert said.code == 0
    assert "unsupported (expected failing): the case needs other>=1, here is none" in said.out


@pytest.mark.parametrize(
    ("options", "cells"),
    [
        (["-k", "failure"], {"toy-7 failure", "toy-8 failure"}),
        (["-k", "7 and not (hope or PIN)"], {"toy-7 failure"}),
        (["--case", "toy-8"], {"toy-8 failure", "toy-8 fix_pin", "toy-8 fix_hope"}),
        (["--case", "toy-8", "--case", "toy-7", "-k", "hope"], {"toy-7 fix_hope", "toy-8 fix_hope"}),
        (["--kind", "silent", "-k", "pin"], {"toy-8 fix_pin"}),
        (["--kind", "silent", "--kind", "bug", "-k", "pin"], {"toy-7 fix_pin", "toy-8 fix_pin"}),
        (["--api", "toy.sample", "-k", "pin"], {"toy-7 fix_pin"}),
        (["--api", "toy", "-k", "pin"], {"toy-7 fix_pin", "toy-8 fix_pin"}),
        (["--api", "draw", "-k", "pin"], {"toy-8 fix_pin"}),
        (["--library", "toy", "-k", "hope"], {"toy-7 fix_hope", "toy-8 fix_hope"}),
    ],
)
def test_a_selection_runs_what_it_names(project, options, cells):
    header = edited('api = ["toy.sample"]', 'api = ["toy.infer.draw"]', edited('"bug"', '"silent"', STORY))
    project.case("toy/8_other.py", header=header)
    said = project.harness("matrix", "-v", "--env", "toy-2.0", *options)
    assert said.code == 0
    assert {
        line.partition(" in ")[0] for line in said.out.splitlines() if " in toy-2.0 on cpu" in line
    } == cells


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["-k", "nothing"], "-k 'nothing'"),
        (["--library", "pyro"], "library pyro"),
        (["--kind", "drift"], "kind drift"),
        (["--api", "toy.sampl"], "api toy.sampl"),
    ],
)
@pytest.mark.parametrize("command", ["matrix", "list"])
def test_a_selection_that_matches_nothing_is_wrong_usage(project, command, options, what):
    before = project.files()
    said = project.harness(command, *options)
    assert said.sentence(2) == f"no variant of 1 cases matches {what}; `harness list` shows what there is."
    assert project.files() == before


def test_on_a_terminal_one_line_tells_how_far_the_run_is(project):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "harness", "matrix"]
    with subprocess.Popen(
        command, cwd=project.root, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ):
        os.close(theirs)
        text = b""
        with contextlib.suppress(OSError):  # how the end of a terminal reads
            while data := os.read(ours, 65536):
                text += data
    os.close(ours)
    shown = text.decode()
    assert "0 of 9 cells, starting" in shown
    assert "9 cells ran, 0 unchanged: 9 as expected" in shown
    assert "toy-1.0: 3 cells" not in shown


def test_two_devices_make_two_cells_of_every_variant(project):
    said = project.harness("matrix", "-v", "--env", "toy-1.0", "--device", "cpu", "--device", "cpu+x64")
    assert said.summary.startswith("6 cells ran")
    assert " on cpu: failing" in said.out
    assert " on cpu+x64: unsupported" in said.out


def test_environments_of_another_tier_run_only_with_full(world, tmp_path):
    project = new_project(tmp_path / "project", CONFIG + SLOW_AXIS)
    put(project, "toy-1.0@latest", tier="slow", as_of=None)
    assert "9 cells ran" in project.harness("matrix").summary
    assert "3 cells ran, 9 unchanged" in project.harness("matrix", "--full").summary
    assert "0 cells ran, 3 unchanged" in project.harness("matrix", "--env", "toy-1.0@latest").summary


def test_an_axis_for_some_kinds_of_case_runs_the_others_only_when_they_are_selected(world, tmp_path):
    project = new_project(tmp_path / "project", CONFIG.replace('"3.11"', '"3.11"\nkinds = ["drift"]'))
    project.case("toy/8_drift.py", header=edited('"bug"', '"drift"', STORY))
    said = project.harness("matrix", "-v")
    assert said.summary.startswith(f"{CELLS} cells ran")
    assert "toy-7" not in said.out
    assert project.harness("matrix", "--case", "toy-7").summary.startswith(f"{CELLS} cells ran")


def test_an_environment_named_twice_runs_once(project):
    said = project.harness("matrix", "--env", "toy-1.0", "--env", "toy-1.0", "--env", "toy-1.1")
    assert said.summary.startswith("6 cells ran")


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_number_of_workers_gives_the_same(project, workers):
    said = project.harness("matrix", "-v", "-n", workers)
    assert said.code == 0
    assert len(said.statuses) == CELLS
    assert len(project.ran()) == CELLS


def test_the_results_are_kept_where_the_user_says(project, tmp_path):
    elsewhere = tmp_path / "new" / "results.sqlite"
    project.harness("matrix", "--store", elsewhere)
    assert not project.store.exists()
    with Store(elsewhere) as store:
        assert len(store.rows()) == CELLS
        assert set(store.environments()) == {"toy-1.0", "toy-1.1", "toy-2.0"}


def test_the_command_finds_its_project_from_a_folder_below(project):
    assert project.shell("matrix", "-k", "pin").code == 0
    folder = project.root / "cases" / "toy"
    said = project.__class__(folder).shell("matrix", "-k", "pin")
    assert said.summary.startswith("0 cells ran, 3 unchanged")


def test_what_another_platform_measured_runs_again_on_this_one(project):
    project.harness("matrix")
    with sqlite3.connect(project.store) as connection:
        connection.execute("UPDATE cell SET platform = 'plan9-vax' WHERE environment = 'toy-2.0'")
    assert project.harness("matrix").summary.startswith("3 cells ran, 6 unchanged")
