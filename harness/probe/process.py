"""One variant in a process of its own: starts it, watches it, ends it and says what happened.

Standard library only, Python 3.8 and newer: it runs inside the target interpreter.
"""

from __future__ import annotations

import faulthandler
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path

from . import devices, holdings, variant  # relative: its package has another name in the target
from .log import BoundedLog
from .text import portable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

REQUEST, READY, RECORD = "request.json", "ready", "record.json"
"""Files of a variant's folder; its working directory is beside them."""

UNTOLD = 70
"""Exit code of a process that could not leave its record."""

POLL_SECONDS = 0.01
"""How long the end of a process may go unnoticed while a process that it left behind holds its output."""


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


class Child:
    """A variant's process: its id, the stream of what it prints, and the folder it leaves its record in."""

    def __init__(
        self, request: dict[str, Any], folder: Path, private: tuple[int, ...], environment: dict[str, str]
    ) -> None:
        self.folder = folder
        self.code: int | None = None
        self.peak_mib: float | None = None
        self.isolation = "fork" if holdings.can_fork() else "spawn"
        self.work = folder / "cwd"
        self.work.mkdir()
        self.log, writer = os.pipe()
        try:
            if self.isolation == "fork":
                self.pid = self.fork(request, writer, private)
            else:
                self.pid = self.spawn(request, writer, environment)
        finally:
            os.close(writer)

    def fork(self, request: dict[str, Any], writer: int, private: tuple[int, ...]) -> int:
        server = os.getpid()
        flush()
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                variant.die_with_parent(server)
                redirect(writer)
                for descriptor in (*private, self.log):
                    os.close(descriptor)
                os.chdir(self.work)
                conclude(request, self.folder)
            except BaseException:
                traceback.print_exc()
            finally:
                flush()
                os._exit(UNTOLD)
        return pid

    def spawn(self, request: dict[str, Any], writer: int, environment: dict[str, str]) -> int:
        body = json.dumps({**request, "server": os.getpid()})
        (self.folder / REQUEST).write_text(body, encoding="utf-8")
        server = Path(__file__).with_name("server.py")
        flags = ["-I" if sys.flags.isolated else "-E", "-B", "-X", "utf8"]
        self.process = subprocess.Popen(
            [sys.executable, *flags, str(server), "--child", str(self.folder)],
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            cwd=self.work,
            env=environment,
            start_new_session=True,
        )
        # Waited for below, with its memory.
        self.process.returncode = 0
        return self.process.pid

    def has_ended(self) -> bool:
        """Whether the process has ended; then `code` is its exit code, negative for a signal."""
        if self.code is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
                # In KiB, on macOS in bytes.
                self.peak_mib = usage.ru_maxrss / (1024.0**2 if sys.platform == "darwin" else 1024.0)
        return self.code is not None

    def is_ready(self) -> bool:
        """Whether its device is set up and its libraries are imported, so that the variant's time runs."""
        return (self.folder / READY).exists()

    def kill(self) -> None:
        """Kill the process and everything that it started in its group."""
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        if not self.has_ended():
            with suppress(OSError):  # a forked process has no group of its own in its first moment
                os.kill(self.pid, signal.SIGKILL)
        while not self.has_ended():
            time.sleep(0.001)

    def record(self) -> dict[str, Any] | None:
        try:
            record: dict[str, Any] = json.loads((self.folder / RECORD).read_text(encoding="utf-8"))
            return record
        except (OSError, ValueError):
            return None


def redirect(writer: int) -> None:
    """Make a pipe the output of this process and nothing its input."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (writer, 1), (writer, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(writer)


def conclude(request: dict[str, Any], folder: Path) -> NoReturn:
    """Run the variant, leave its record, and end this process without the libraries' own last words."""
    keep_last_words()
    process = os.getpid()
    record = variant.run_variant(request, devices.set_up_device, lambda: announce(folder))
    if os.getpid() != process:  # the variant forked, and this is what came back from below
        os._exit(UNTOLD)
    code = 0
    try:
        variant.write_record(folder / RECORD, record)
    except OSError:
        traceback.print_exc()
        code = UNTOLD
    flush()
    os._exit(code)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # whoever it was may have closed it
            stream.flush()


def keep_last_words() -> None:
    """Let the log of a process that crashes hold what it printed and where in Python it was."""
    with suppress(Exception):
        faulthandler.enable(2)
    with suppress(Exception):  # a library may have put something else there
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # else suppressed


def announce(folder: Path) -> None:
    (folder / READY).touch()


def serve_one(
    request: dict[str, Any], client: int, answers: int, environment: dict[str, str]
) -> dict[str, Any]:
    """Run one variant in a process of its own and return its record.

    Raises:
        ClientGone: the client hung up meanwhile.
    """
    folder = Path(tempfile.mkdtemp(prefix="cell-")).resolve()
    try:
        started = time.monotonic()
        child = Child(request, folder, (client, answers), environment)
        log = BoundedLog()
        try:
            in_time = watch(child, log, request, client)
        finally:
            child.kill()
        drain(child.log, log)
        record = what_happened(child, request, in_time)
        record.setdefault("seconds", time.monotonic() - started)
        record.update(
            log=portable(log.text(), str(folder)), isolation=child.isolation, peak_mib=child.peak_mib
        )
        raised = record.get("raised", {})
        raised.update({key: portable(raised[key], str(folder)) for key in ("message", "traceback") if raised})
        return record
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def watch(child: Child, log: BoundedLog, request: dict[str, Any], client: int) -> bool:
    """Keep what a process prints until it ends; false where it had not ended when its time was over."""
    watched = [child.log, client]
    deadline, ready, pause = time.monotonic() + request["setup"], False, POLL_SECONDS
    while not child.has_ended():
        now = time.monotonic()
        if not ready and child.is_ready():
            ready, deadline = True, now + request["timeout"]
        if now >= deadline:
            return False
        readable, _, _ = select.select(watched, [], [], min(deadline - now, pause))
        pause = min(2 * pause, POLL_SECONDS)
        if child.log in readable:
            data = os.read(child.log, 65536)
            log.add(data)
            if not data:  # it is about to end, or it closed its output and lives on
                watched.remove(child.log)
                pause = POLL_SECONDS / 64
        if client in readable:  # requests come one at a time, so this is the end of them
            raise ClientGone
    return True


def drain(descriptor: int, log: BoundedLog) -> None:
    """Read what a dead process left in its pipe, and close it; one that left the group may go on writing."""
    os.set_blocking(descriptor, False)
    with suppress(OSError):
        for _ in range(64):
            data = os.read(descriptor, 65536)
            if not data:
                break
            log.add(data)
    os.close(descriptor)


def what_happened(child: Child, request: dict[str, Any], in_time: bool) -> dict[str, Any]:
    """The record, or what a process that left none shows by its end; without judgement of what it means."""
    record = child.record()
    if not child.is_ready() and (record is None or not in_time):
        how = how_it_ended(child.code) if in_time else f"not ready within {request['setup']:g} s"
        return {"outcome": "unavailable", "lack": "device", "reason": f"before the variant began: {how}"}
    if not in_time:
        seconds = request["timeout"]
        return {"outcome": "timed out", "reason": f"no end after {seconds:g} s", "seconds": seconds}
    if record is None and child.code == UNTOLD and (child.folder / RECORD).with_suffix(".part").exists():
        message = f"{child.folder}: the record could not be written; is the disk full?"
        raise OSError(message)
    if record is None or child.code != 0:
        return {"outcome": "crashed", "reason": f"{how_it_ended(child.code)} before the variant ended"}
    return record


def how_it_ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exited with code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
