"""Starts a probe server in an interpreter and asks it to run variants."""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.case import Case
from harness.device import Device
from harness.probe.process import how_it_ended

IMPORT_SECONDS = 180.0
"""How long importing a library may take; the first import of a fresh build also compiles bytecode."""

SETUP_SECONDS = 120.0
"""How long a variant's process may take until its time limit begins: to import, and to set up its device."""

GRACE_SECONDS = 15.0
"""How much longer than that the server may take to say so."""

CLOSE_SECONDS = 2.0
"""How long a server may take to end what runs and itself."""

PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "CUDA_HOME", "CUDA_PATH", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES",
    "TPU_NAME", "HARNESS_PROBE_SPAWN",
)  # fmt: skip
"""The variables that reach a case: what a program needs to run at all, and no token."""

SERVER = Path(__file__).with_name("server.py")


@dataclass(frozen=True, kw_only=True)
class Target:
    """An interpreter to probe."""

    python: Path
    libraries: tuple[tuple[str, str], ...]
    """(distribution, module) of what to import once, before the first variant."""
    writable: bool = False
    """Whether bytecode may be written into it; never for an interpreter that is not ours."""
    jax_cache: Path | None = None
    """Folder of JAX's persistent compilation cache; none turns it off."""
    variables: tuple[tuple[str, str], ...] = ()
    """(name, value) of what is set there on top of the allow-list."""


class DeadEnvironment(Exception):
    """The server did not start or did not answer; the message is its last words."""

    def __init__(self, message: str, *, importing: str | None = None) -> None:
        super().__init__(message)
        self.importing = importing
        """The distribution whose import ended it, if that did."""


class Probe:
    """A server in one interpreter, to be closed whatever happens.

    Every method but `interrupt` and `close` may raise `DeadEnvironment`; after that nothing else works.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._interrupted = False
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._last_words = b""
        self.attested: dict[str, Any] | None = None
        """What the server says of its interpreter, once it has started."""

    def start(self) -> dict[str, Any]:
        """Start the server and return what it says of its interpreter, libraries imported."""
        with self._starting:
            if self._interrupted:
                raise DeadEnvironment("it was interrupted")
            self._process = process = self._popen()
        self._threads = (
            (threading.Thread(target=self._read_answers, daemon=True), process.stdout),
            (threading.Thread(target=self._read_errors, daemon=True), process.stderr),
        )
        for thread, _ in self._threads:
            thread.start()
        self._ask({"libraries": self._target.libraries})
        importing = None
        while self.attested is None:
            try:
                answer = self._answer(IMPORT_SECONDS)
            except DeadEnvironment as error:
                where = f"while it imported {importing}, " if importing else ""
                raise DeadEnvironment(f"{where}{error}", importing=importing) from None
            importing = answer.get("importing")
            if importing is None:
                self.attested = answer
        return self.attested

    def _popen(self) -> subprocess.Popen[bytes]:
        # An interpreter at hand keeps its user site, as its owner's programs do; ours has none.
        flags = ["-I"] if self._target.writable else ["-E", "-B"]
        try:
            return subprocess.Popen(
                [str(self._target.python), *flags, "-X", "utf8", str(SERVER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment_for(self._target),
                start_new_session=True,
            )
        except OSError as error:
            message = f"{self._target.python} does not start: {error.strerror}"
            raise DeadEnvironment(message) from None

    def _read_answers(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(b"")

    def _read_errors(self) -> None:
        assert self._process is not None
        assert isinstance(self._process.stderr, io.BufferedReader)
        while data := self._process.stderr.read1():
            self._last_words = (self._last_words + data)[-4000:]

    def _ask(self, request: Mapping[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # a dead server is told by its missing answer
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            message = f"the probe did not answer within {seconds:g} s"
            raise DeadEnvironment(message) from None
        if not line.endswith(b"\n"):
            raise DeadEnvironment(self._epitaph())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _epitaph(self) -> str:
        self.close()
        assert self._process is not None
        words = self._last_words.decode("utf-8", "replace").strip().splitlines()
        return (
            f"the probe ended ({how_it_ended(self._process.returncode)}){': ' + words[-1] if words else ''}"
        )

    def run(
        self, case: Case, needs: Sequence[str], variant: str, device: Device, seed: int
    ) -> dict[str, Any]:
        """Run one variant in a process of its own and return what the server says of it.

        `needs` are the canonical names of the distributions that the case needs.
        """
        request = {
            "path": str(case.path.absolute()),
            "source": case.text,  # what the evidence is stored for, whatever is in the file by now
            "needs": needs,
            "variant": variant,
            "device": asdict(device),
            "seed": seed,
            "timeout": case.timeout,
            "setup": SETUP_SECONDS,
        }
        self._ask(request)
        return self._answer(SETUP_SECONDS + case.timeout + GRACE_SECONDS)

    def interrupt(self) -> None:
        """From another thread: end what runs; whoever waits for an answer gets `DeadEnvironment`."""
        with self._starting:
            self._interrupted = True
        if self._process is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        """Tell the server that nobody listens: it kills what runs and ends."""
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()
        if self.attested is None:
            self._kill()  # it imports, and would not hear it

    def _kill(self) -> None:
        assert self._process is not None
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the server and every process below it, and close the pipes."""
        if self._process is None:
            return
        self._hang_up()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=CLOSE_SECONDS)
        self._kill()  # itself, or what its libraries have started
        self._process.wait()
        for thread, pipe in self._threads:
            thread.join(timeout=2)
            if pipe is not None and not thread.is_alive():
                pipe.close()


def environment_for(target: Target) -> dict[str, str]:
    """An allow-list of variables, what keeps a cell to one core and its own cache, and the target's own."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "2", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    if not target.writable:  # for the Pythons that a case itself starts
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    if target.jax_cache is not None:
        environment |= {
            "JAX_COMPILATION_CACHE_DIR": str(target.jax_cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    return environment | dict(target.variables)
