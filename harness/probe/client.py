"""Starts a probe server in an interpreter and asks it to run variants."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from harness.case import Case
from harness.device import Device

START_SECONDS = 180.0
"""How long importing the libraries may take; the first import of a fresh build also compiles bytecode."""

GRACE_SECONDS = 15.0
"""How much longer than a variant's time limit the server may take to say so."""

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


class DeadEnvironment(Exception):
    """The server did not start or did not answer; the message is its last words."""


@dataclass
class Probe:
    """A running server. Use as a context manager; every method may raise `DeadEnvironment`."""

    target: Target
    attested: dict[str, Any] = field(init=False)

    def __enter__(self) -> Probe:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        # An interpreter at hand keeps its user site, as its owner's programs do; ours has none.
        flags = ["-I"] if self.target.writable else ["-E", "-B"]
        try:
            self._process = subprocess.Popen(
                [str(self.target.python), *flags, str(SERVER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment_for(self.target),
                start_new_session=True,
            )
        except OSError as error:
            message = f"{self.target.python} does not start: {error.strerror}"
            raise DeadEnvironment(message) from None
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._last_words = b""
        self._reader = threading.Thread(target=self._read_answers, daemon=True)
        self._reader.start()
        self._listener = threading.Thread(target=self._read_errors, daemon=True)
        self._listener.start()
        self.attested = self._ask({"libraries": self.target.libraries}, START_SECONDS)

    def _read_answers(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(b"")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._last_words = (self._last_words + line)[-4000:]

    def _ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # a dead server is told by its missing answer
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.close()
            message = f"the probe did not answer within {seconds:g} s"
            raise DeadEnvironment(message) from None
        if not line:
            raise DeadEnvironment(self._epitaph())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _epitaph(self) -> str:
        code = self._process.wait()
        self._listener.join(timeout=2)
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        words = self._last_words.decode("utf-8", "replace").strip().splitlines()
        return f"the probe ended ({how}){': ' + words[-1] if words else ''}"

    def run(self, case: Case, variant: str, device: Device, seed: int) -> dict[str, Any]:
        """Run one variant in a process of its own and return what the server says of it."""
        request = {
            "path": str(case.path.absolute()),
            "variant": variant,
            "device": asdict(device),
            "seed": seed,
            "timeout": case.timeout,
        }
        return self._ask(request, case.timeout + GRACE_SECONDS)

    def interrupt(self) -> None:
        """Tell the server that nobody listens: it kills what runs and ends."""
        with contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.close()

    def close(self) -> None:
        """End the server and every process below it, and close the pipes."""
        self.interrupt()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for thread, pipe in ((self._reader, self._process.stdout), (self._listener, self._process.stderr)):
            thread.join(timeout=2)
            if pipe is not None and not thread.is_alive():
                pipe.close()


def environment_for(target: Target) -> dict[str, str]:
    """An allow-list of variables, and what keeps a cell to one core and to its own compilation cache."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment |= {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    environment |= {"PYTHONIOENCODING": "utf-8", "TF_CPP_MIN_LOG_LEVEL": "2", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    if target.jax_cache is not None:
        environment |= {
            "JAX_COMPILATION_CACHE_DIR": str(target.jax_cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    return environment
