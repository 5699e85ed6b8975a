"""Stopping a search at every step: what ran is kept, and the next start goes on to the same answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from toy.cases import block
from toy.history_suspects import HEADER
from toy.repository import ToyRepository, package
from toy.user import Project, wait_until
from toy.wheels import write_wheel

CONFIG = """\
[tool.harness.library.drum]

[[tool.harness.axis]]
library = "drum"
resolution = "period"
python = "3.11"
"""

RELEASES = 4
"""Of the library; from the third on, the other that it needs is the newer, broken one."""

CASE = '''\
"""The toy breaks."""

import os
import time

NOTES = {notes!r}


def failure():
    """Notes that it runs, and waits at the step where it is to be killed."""
    import drum
    import other

    with open(NOTES, "a") as stream:
        stream.write(f"drum {{drum.VERSION}} other {{other.VERSION}}\\n")
    with open(NOTES) as stream:
        count = len(stream.readlines())
    if os.path.exists(f"{{NOTES}}.stop-{{count}}"):
        open(f"{{NOTES}}.waits", "w").close()
        time.sleep(60)
    if other.IS_BAD:
        raise ValueError("shapes disagree: 2 and 3")
'''


def other_module(version: str, is_bad: bool, comment: str = "") -> str:
    return f"VERSION = {version!r}\nIS_BAD = {is_bad}\n{comment}"


@dataclass(frozen=True)
class Search:
    """A project in which a search is started, stopped and started again."""

    project: Project
    repository: Path

    @property
    def notes(self) -> Path:
        return self.project.root.parent / f"{self.project.root.name}.notes"

    @property
    def waits(self) -> Path:
        return Path(f"{self.notes}.waits")

    def cells(self) -> list[str]:
        """What every cell that was begun ran in, in order."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def stop_at(self, place: int) -> None:
        """Let the cell wait that is the so manieth to begin."""
        Path(f"{self.notes}.stop-{place}").touch()

    def start(self) -> subprocess.Popen[str]:
        return self.project.start("bisect", "drum-7", "--repo", f"other={self.repository}")

    def answer(self) -> Any:
        """The answer without what may differ: times, what was stored, and where the case takes its notes."""
        (path,) = (self.project.root / ".harness" / "bisect").glob("*.json")
        return without(json.loads(path.read_text()), {"digest", "measured_at", "seconds", "stored"})


def without(data: Any, names: set[str]) -> Any:
    if isinstance(data, dict):
        return {name: without(value, names) for name, value in data.items() if name not in names}
    return [without(each, names) for each in data] if isinstance(data, list) else data


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.fixture(scope="module")
def searches(world, tmp_path_factory) -> Iterator[Search]:
    """Projects that are all alike; a search in one builds nothing that was built for another."""
    folder = tmp_path_factory.mktemp("searches")
    for version, day in (("1.0", "2023-01-01"), ("2.0", "2024-02-25")):
        files = {"other.py": other_module(version, version == "2.0")}
        world.add(write_wheel(world.folder, "other", version, files), uploaded=day)
    for number in range(RELEASES):
        files = {"drum.py": f'VERSION = "1.{number}"\n'}
        wheel = write_wheel(world.folder, "drum", f"1.{number}", files, requires=["other"])
        world.add(wheel, uploaded=f"2024-{number + 1:02}-01")
    repository = write_repository(folder / "other")
    return (write_search(folder / f"project{number}", repository) for number in count())


def write_search(root: Path, repository: Path) -> Search:
    search = Search(Project(root), repository)
    path = root / "cases" / "drum" / "7_breaks.py"
    path.parent.mkdir(parents=True)
    (root / "pyproject.toml").write_text(f"[tool.harness]\n{CONFIG}", encoding="utf-8")
    path.write_text(block(HEADER.replace("toy", "drum")) + CASE.format(notes=str(search.notes)))
    return search


def write_repository(path: Path) -> Path:
    toy = ToyRepository(path)
    toy.commit(package(other_module("1.0", False), name="other"), "start", tag="1.0")
    for number in range(1, 5):
        text = other_module("1.0", number >= 3, f"# {number}\n")
        toy.commit({"other.py": text}, f"change {number} (#{number})", tag="2.0" if number == 4 else ())
    return toy.write().path


@pytest.fixture(scope="module")
def undisturbed(searches) -> Search:
    """A search that nobody stopped."""
    search = next(searches)
    assert end(search.start()) == (0, "")
    return search


def test_a_search_that_is_killed_at_every_step_runs_no_finished_cell_again(searches, undisturbed):
    cells, answer = undisturbed.cells(), undisturbed.answer()
    (change,) = answer["releases"]["changes"]
    assert (change["before"]["name"], change["after"]["name"]) == ("1.1", "1.2")
    assert len(cells) >= 6
    assert change["suspects"]["culprits"] == ["other"]
    assert change["pair"]["changes"][0]["commits"]["culprit"]["subject"] == "change 3 (#3)"
    search = next(searches)
    for step in range(len(cells)):
        # Each start runs again only the cell that was killed, and then comes one cell further.
        search.stop_at(2 * step + 1)
        process = search.start()
        wait_until(lambda p=process: search.waits.exists() or p.poll() is not None, "the cell")
        assert process.poll() is None, process.communicate()
        process.kill()
        assert end(process)[0] == -signal.SIGKILL
        search.waits.unlink()
    assert end(search.start()) == (0, "")
    assert search.cells() == [cell for cell in cells for _ in range(2)]
    assert search.answer() == answer


def test_a_search_that_is_killed_while_it_builds_goes_on(searches, undisturbed, world, tmp_path, monkeypatch):
    cells, answer = undisturbed.cells(), undisturbed.answer()
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "another-cache"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "another-uv-cache"))
    asked, release, seen = threading.Event(), threading.Event(), set[str]()
    answers = world.answer

    def stuck(path: str, authorization: str) -> tuple[int, str, bytes]:
        if path.endswith(".whl") and path not in seen:
            seen.add(path)
            asked.set()
            release.wait(30)
        return answers(path, authorization)

    monkeypatch.setattr(world, "answer", stuck)
    search, killed = next(searches), 0
    while True:
        process = search.start()
        wait_until(lambda p=process: asked.is_set() or p.poll() is not None, "a wheel that is asked for")
        if not asked.is_set():
            break
        os.killpg(process.pid, signal.SIGKILL)
        killed += 1
        asked.clear()
        release.set()
        assert end(process)[0] == -signal.SIGKILL
        release.clear()
    assert end(process) == (0, "")
    assert killed >= 4
    assert search.cells() == cells
    assert search.answer() == answer


@pytest.mark.parametrize("to_group", [False, True], ids=["to the process", "to the group"])
def test_an_interrupted_search_says_so_and_goes_on(searches, undisturbed, to_group):
    cells, answer = undisturbed.cells(), undisturbed.answer()
    search = next(searches)
    search.stop_at(3)
    process = search.start()
    wait_until(search.waits.exists, "the third cell")
    if to_group:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    code, err = end(process)
    assert (code, err) == (
        130,
        "harness: interrupted; what ran is stored, the same command goes on from there.\n",
    )
    assert search.cells() == cells[:3]
    assert end(search.start()) == (0, "")
    assert search.cells() == [*cells[:3], *cells[2:]]
    assert search.answer() == answer


def test_a_search_that_is_finished_runs_nothing_and_answers_the_same(undisturbed):
    cells, answer = undisturbed.cells(), undisturbed.answer()
    assert end(undisturbed.start()) == (0, "")
    assert undisturbed.cells() == cells
    assert undisturbed.answer() == answer
