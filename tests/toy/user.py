"""A user of a toy project: writes cases that tell when they ran, types commands, reads what is said."""

from __future__ import annotations

import contextlib
import io
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import main
from harness.environment.indexes import index_environment
from toy.cases import block
from toy.index import ToyIndex, forget_user_settings
from toy.project import CONFIG, publish_toy, write_locks, write_project

STORY = """\
requires-python = ">=3.9"
dependencies = ["toy"]

[tool.case]
issue = "https://example.org/toy/issues/7"
kind = "bug"
api = ["toy.sample"]
timeout = 2

[tool.case.failure]
raises = "ValueError"
match = "shapes disagree"
failing = ["toy<1.2"]

[tool.case.rejected]
raises = "NotImplementedError"
match = "give a shape"
rejected = ["toy==2.1"]

[tool.case.fix.pin]
source = "documented"

[tool.case.fix.hope]
source = "documented"
refuted = ["toy"]
raises = "AssertionError"
match = "got 3, not 4"
"""
"""The header of a case that is as its author says in the clean releases, and not in all others."""

BODIES = {
    "failure": "import toy\n    assert toy.sample() == 3",
    "fix_pin": "pass",
    "fix_hope": 'raise AssertionError("got 3, not 4")',
}

CELLS = 9
"""The cells of the case in the three clean releases."""

_LINE = re.compile(
    r"^(?P<case>\S+) (?P<variant>\S+) in (?P<place>\S+) on (?P<device>\S+): (?P<status>\w+)", re.M
)


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def statuses(self) -> dict[tuple[str, str], str]:
        """(variant, environment) to status, of every cell that has a line."""
        return {(found["variant"], found["place"]): found["status"] for found in _LINE.finditer(self.out)}

    @property
    def summary(self) -> str:
        """The last line."""
        return self.out.strip().splitlines()[-1]

    def sentence(self, code: int) -> str:
        """The one sentence on standard error of a command that ended with `code`."""
        assert self.code == code, self
        assert "Traceback" not in self.out + self.err
        (line,) = self.err.splitlines()
        assert line.startswith("harness: ")
        assert line.endswith(".")
        return line.removeprefix("harness: ")


def harness(*arguments: object) -> Said:
    """A command in this process; an exception that it lets through is the test's."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main.main(args=[str(argument) for argument in arguments], prog_name="harness")
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Said(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Project:
    """A toy project's folder."""

    root: Path

    def case(
        self,
        name: str = "toy/7_breaks.py",
        header: str = STORY,
        bodies: Mapping[str, str] = BODIES,
        title: str = "The toy breaks.",
    ) -> Path:
        """Write a case whose variants note that they run, before they do what `bodies` says."""
        path = self.root / "cases" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script(header, bodies, title, self._notes), encoding="utf-8")
        return path

    def locks(self, *versions: str) -> None:
        write_locks(self.root, *versions)

    def forget_locks(self) -> None:
        for path in (self.root / "harness" / "locks").iterdir():
            path.unlink()

    @property
    def store(self) -> Path:
        return self.root / ".harness" / "results.sqlite"

    @property
    def _notes(self) -> Path:
        return self.root.parent / f"{self.root.name}.ran"

    def ran(self) -> list[str]:
        """`variant release`, sorted, of everything that ran since this was asked last."""
        if not self._notes.exists():
            return []
        lines = sorted(self._notes.read_text().splitlines())
        self._notes.unlink()
        return lines

    def harness(self, command: str, *arguments: object) -> Said:
        """A command in this process."""
        return harness(command, "--root", self.root, *arguments)

    def shell(self, *arguments: object, **options: object) -> Said:
        """`python -m harness` in the project's folder."""
        return run([sys.executable, "-m", "harness", *arguments], cwd=self.root, **options)

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """`python -m harness` in the project's folder, as leader of a group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "harness", *map(str, arguments)],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=hear_interrupts,
        )

    def files(self) -> dict[str, bytes]:
        """Everything in the project."""
        return contents(self.root)


def hear_interrupts() -> None:
    """Undo that a shell lets what it starts in the background ignore Ctrl-C, and so all that comes of it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def script(header: str, bodies: Mapping[str, str], title: str, notes: Path) -> str:
    """The text of a case file."""
    note = f"""
import sys


def _note(variant):
    release = getattr(sys.modules.get("toy"), "__version__", "-")
    with open({str(notes)!r}, "a") as stream:
        stream.write(f"{{variant}} {{release}}\\n")
"""
    functions = "".join(
        f'\n\ndef {name}():\n    """Shows {name}."""\n    _note("{name}")\n    {body}\n'
        for name, body in bodies.items()
    )
    return f'{block(header)}"""{title}"""\n{note}{functions}'


def contents(folder: Path) -> dict[str, bytes]:
    """Path to bytes of every file of a folder, links followed; nothing for folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(command: list[object], **options: object) -> Said:
    """A command in a process of its own."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False, **options
    )
    return Said(done.returncode, done.stdout, done.stderr)


def wait_until(holds: Callable[[], object], what: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.02)


@contextlib.contextmanager
def toy_world(folder: Path, uv_cache: Path) -> Iterator[ToyIndex]:
    """An index with the whole history, as the only one, for longer than a test.

    Builds are shared by everything that shares the cache of uv: a lock is built once.
    """
    with pytest.MonkeyPatch.context() as patch, ToyIndex(folder / "index") as index:
        forget_user_settings(patch, uv_cache)
        patch.setenv("UV_DEFAULT_INDEX", index.url)
        patch.setenv("HARNESS_CACHE", str(uv_cache.parent / "harness-cache"))
        index_environment.cache_clear()
        publish_toy(index)
        yield index
        index_environment.cache_clear()


def new_project(folder: Path, config: str = CONFIG) -> Project:
    """A project with the locks of the clean releases and one case."""
    project = Project(write_project(folder, f"[tool.harness]\n{config}"))
    project.case()
    return project
