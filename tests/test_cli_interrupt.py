"""Stopping a run at any point: finished cells are kept, nothing is left running, the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from toy.cases import edited
from toy.user import BODIES, CELLS, STORY, Project, new_project, wait_until

from harness.environment.build import build_folder
from harness.environment.lock import LockFolder
from harness.store import Store


class Gate:
    """Where a variant waits, in a process that it names, until the test lets everybody through."""

    def __init__(self, folder: Path) -> None:
        self.waiting, self.open = folder / "waiting", folder / "open"

    @property
    def body(self) -> str:
        return (
            "import os, pathlib, time\n"
            f"    pathlib.Path({str(self.waiting)!r}).write_text(f'{{os.getpid()}} {{os.getppid()}} ')\n"
            f"    while not os.path.exists({str(self.open)!r}):\n"
            "        time.sleep(0.01)"
        )

    def wait(self) -> list[int]:
        """The ids of the process that waits and of its server."""
        wait_until(
            lambda: self.waiting.exists() and len(self.waiting.read_text().split()) == 2, "the variant"
        )
        return [int(pid) for pid in self.waiting.read_text().split()]


@pytest.fixture
def gate(tmp_path) -> Gate:
    return Gate(tmp_path)


@pytest.fixture
def project(world, tmp_path, gate) -> Project:
    """The second variant of the case waits at the gate."""
    project = new_project(tmp_path / "project")
    project.case(header=edited("timeout = 2", "timeout = 60", STORY), bodies={**BODIES, "fix_pin": gate.body})
    return project


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def stored(project: Project) -> set[str]:
    with Store(project.store) as store:
        return {f"{row.cell.variant} {row.cell.environment}" for row in store.rows()}


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def to_process(process: subprocess.Popen[str], number: int) -> None:
    process.send_signal(number)


def to_group(process: subprocess.Popen[str], number: int) -> None:
    os.killpg(process.pid, number)


@pytest.mark.parametrize("send", [to_process, to_group])
def test_an_interrupted_run_keeps_what_finished_and_the_next_goes_on_from_there(project, gate, send):
    process = project.start("matrix", "--env", "toy-1.0", "-n", 1)
    pids = gate.wait()
    wait_until(lambda: stored(project), "the finished cell")
    send(process, signal.SIGINT)
    code, out, err = end(process)
    assert code == 130
    assert err == "harness: interrupted; finished cells are stored, the same command goes on from there.\n"
    assert "Traceback" not in out
    wait_until(lambda: not any(map(is_alive, pids)), "the children's end", 5)
    assert stored(project) == {"failure toy-1.0"}
    gate.open.touch()
    assert project.ran() == ["failure 1.0", "fix_pin 1.0"]
    assert project.harness("matrix", "--env", "toy-1.0").summary.startswith("2 cells ran, 1 unchanged")
    assert project.ran() == ["fix_hope 1.0", "fix_pin 1.0"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_killed_run_keeps_what_finished_and_leaves_no_process(project, gate, number):
    process = project.start("matrix", "--env", "toy-1.0", "-n", 1)
    pids = gate.wait()
    wait_until(lambda: stored(project), "the finished cell")
    process.send_signal(number)
    assert end(process)[0] == -number
    wait_until(lambda: not any(map(is_alive, pids)), "the children's end", 5)
    assert stored(project) == {"failure toy-1.0"}
    gate.open.touch()
    project.ran()
    assert project.harness("matrix", "--env", "toy-1.0").code == 0
    assert project.ran() == ["fix_hope 1.0", "fix_pin 1.0"]


def test_an_interrupt_ends_every_worker(project, gate):
    process = project.start("matrix", "-n", 3)
    gate.wait()
    wait_until(lambda: len(set(stored(project))) >= 3, "three finished cells")
    process.send_signal(signal.SIGINT)
    assert end(process)[0] == 130
    assert stored(project) <= {
        f"{name} toy-{release}" for name in BODIES for release in ("1.0", "1.1", "2.0")
    }
    gate.open.touch()
    assert project.harness("matrix").code == 0
    assert len(stored(project)) == CELLS


def test_a_run_that_is_interrupted_twice_still_ends(project, gate):
    process = project.start("matrix", "--env", "toy-1.0", "-n", 1)
    pids = gate.wait()
    wait_until(lambda: stored(project), "the finished cell")
    for _ in range(3):
        to_group(process, signal.SIGINT)
    code, out, err = end(process)
    assert code in {130, -signal.SIGINT}
    wait_until(lambda: not any(map(is_alive, pids)), "the children's end", 5)
    assert stored(project) == {"failure toy-1.0"}
    assert "Traceback" not in out + err


def test_an_interrupted_foreground_run_ends_with_130(project, gate):
    process = project.start("run", "toy-7", "--env", "toy-1.0")
    pids = gate.wait()
    to_group(process, signal.SIGINT)
    code, _, err = end(process)
    assert code == 130
    assert err.split("\n", 1)[1] == "harness: interrupted.\n"
    wait_until(lambda: not any(map(is_alive, pids)), "the children's end", 5)


@pytest.mark.parametrize("send", [to_process, to_group])
def test_an_interrupted_build_leaves_no_half_environment(world, project, gate, monkeypatch, tmp_path, send):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    asked, answer = threading.Event(), threading.Event()
    answers = world.answer

    def slow(path: str, authorization: str) -> tuple[int, str, bytes]:
        asked.set()
        answer.wait(30)
        return answers(path, authorization)

    monkeypatch.setattr(world, "answer", slow)
    process = project.start("matrix", "--env", "toy-1.0")
    assert asked.wait(30)
    send(process, signal.SIGINT)
    if send is to_process:
        answer.set()
    code, _, err = end(process)
    answer.set()
    assert code == 130
    assert len(err.splitlines()) == 1
    lock = LockFolder(path=project.root / "harness" / "locks").get("toy-1.0")
    assert [path.name for path in build_folder(lock).parent.glob("*") if path.is_dir()] in (
        [],
        [build_folder(lock).name],
    )
    gate.open.touch()
    assert project.harness("matrix", "--env", "toy-1.0").code == 0


def test_two_runs_at_once_on_one_store_both_finish_with_every_cell(project, gate):
    gate.open.touch()
    processes = [project.start("matrix", "-n", 2) for _ in range(2)]
    ends = [end(process) for process in processes]
    assert [(code, err) for code, _, err in ends] == [(0, "")] * 2
    for _, out, _ in ends:
        assert "9 as expected, 0 unexpected, 0 without evidence" in out
    assert len(stored(project)) == CELLS
    assert project.harness("matrix").summary.startswith(f"0 cells ran, {CELLS} unchanged")


def test_two_runs_at_once_on_shares_of_the_matrix_fill_one_store(project, gate):
    gate.open.touch()
    processes = [project.start("matrix", "--env", f"toy-{release}") for release in ("1.0", "1.1", "2.0")]
    assert [end(process)[0] for process in processes] == [0] * 3
    assert project.harness("matrix").summary.startswith(f"0 cells ran, {CELLS} unchanged")
