"""A user's own command in place of a case: its exit code is the verdict."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.bisect.labels import FAILS, PASSES, Reading
from harness.probe.process import how_it_ended
from harness.report.text import plain

UNKNOWN = 125
"""The exit code by which a command says that it cannot tell, as for `git bisect run`."""

_NOT_RUN = {126: "cannot be executed", 127: "is not found"}
"""Exit codes by which a shell says that it could not run something."""

START_SECONDS = 30.0
"""How long an interrupted start is waited for."""

_TAIL = 16 * 1024
"""Bytes of output that are kept."""

_REMOVED = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
_PYTHON = "python"


@dataclass(frozen=True, kw_only=True)
class CommandTrial:
    """A command that passes, fails or cannot tell."""

    argv: tuple[str, ...]
    """`python` as the first word is the environment's own."""
    folder: Path
    """Where it runs."""
    timeout: float
    """Seconds, for one run."""

    def run(self, python: Path) -> Reading:
        """Run it once with an environment's interpreter first on the PATH.

        0 passes, 125 is unknown, as is a run that was killed, took too long or could not be started; any
        other exit code fails. Whatever the command has started in its process group ends with it.
        """
        variables = variables_for(python, os.environ)
        argv = [str(python), *self.argv[1:]] if self.argv[0] == _PYTHON else list(self.argv)
        reason = _foreign(argv[0], python, variables["PATH"])
        if reason:
            return Reading(label=None, detail=reason)
        began = time.monotonic()
        process = _Process(argv, self.folder, variables)
        try:
            process.start()
            in_time = process.wait(self.timeout)
        except OSError as error:
            return Reading(label=None, detail=plain(f"{argv[0]} does not start: {error.strerror}"))
        finally:
            process.end()
        seconds = round(time.monotonic() - began, 3)
        if not in_time:
            return Reading(label=None, detail=f"no end after {self.timeout:g} s", seconds=seconds)
        output = process.output.replace(os.fsencode(python.parent.parent) + b"/", b"<env>/")
        label, detail = _verdict(process.code, last_line(output))
        return Reading(label=label, detail=detail, seconds=seconds)


def variables_for(python: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The user's variables, as if the interpreter's environment were activated."""
    variables = {name: value for name, value in inherited.items() if name not in _REMOVED}
    variables["PATH"] = os.pathsep.join([str(python.parent), inherited.get("PATH", os.defpath)])
    variables["VIRTUAL_ENV"] = str(python.parent.parent)
    return variables


def last_line(output: bytes) -> str:
    """The last line that says something, printable and bounded."""
    lines = re.split(r"[\r\n]", output.decode("utf-8", "replace"))
    return next((line for line in map(plain, reversed(lines)) if line), "")


def _verdict(code: int, said: str) -> tuple[str | None, str]:
    if code == 0:
        return PASSES, said
    if code == UNKNOWN:
        return None, f"it exited with code {UNKNOWN}, cannot tell" + (f": {said}" if said else "")
    if code < 0:
        return None, how_it_ended(code)
    if code >= 128:
        return None, f"exited with code {code}, as shells tell of a signal"
    if code in _NOT_RUN:
        return None, f"its program {_NOT_RUN[code]}" + (f": {said}" if said else "")
    return FAILS, said or f"exited with code {code}"


def _foreign(program: str, python: Path, path: str) -> str:
    """Why a program found on the PATH would not test this environment; empty where it may."""
    found = None if os.sep in program else shutil.which(program, path=path)
    if found is None or Path(found).parent == python.parent:
        return ""
    with contextlib.suppress(OSError), Path(found).open("rb") as stream:
        first, _, rest = stream.read(512).partition(b"\n")
        # A fixed interpreter is another one than this; `env python` is this one.
        is_fixed = b"python" in first and b"/env " not in first
        if first.startswith(b"#!") and (is_fixed or b"pyenv" in rest or b"/python" in rest):
            return (
                f"{program} is not in this environment, and {found} runs another Python: "
                f"use `python -m {program}`, and a state that holds it"
            )
    return ""


class _Process:
    """A process as leader of a group of its own, which ends with it.

    It is started in a thread: there no Ctrl-C comes between its start and knowing of it.
    """

    def __init__(self, argv: list[str], folder: Path, variables: Mapping[str, str]) -> None:
        self.output = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._refused: OSError | None = None
        self._starter = threading.Thread(target=self._start, args=(argv, folder, variables), daemon=True)
        self._is_asked = False
        self._is_known = threading.Event()  # a join that is interrupted takes the thread for ended
        self._reader = threading.Thread(target=self._read, daemon=True)

    def start(self) -> None:
        """Raises OSError where there is nothing to start."""
        self._is_asked = True
        self._starter.start()
        self._is_known.wait()
        if self._refused is not None:
            raise self._refused

    def _start(self, argv: list[str], folder: Path, variables: Mapping[str, str]) -> None:
        try:
            self._process = subprocess.Popen(
                argv,
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._refused = error
        else:
            self._reader.start()
        finally:
            self._is_known.set()

    def end(self) -> None:
        """End the whole group; to be called whatever happened since the start."""
        if self._is_asked:
            self._is_known.wait(START_SECONDS)
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(timeout=2)  # what has left the group may hold the pipe for ever

    @property
    def code(self) -> int:
        """The exit code, negative for a signal; only after the end."""
        assert self._process is not None
        assert self._process.returncode is not None
        return self._process.returncode

    def wait(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        assert self._process is not None
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        with self._process.stdout:
            while data := os.read(descriptor, 65536):
                self.output = (self.output + data)[-_TAIL:]
