"""What the process of a single variant does, from device to record. Standard library only, Python 3.8+."""

from __future__ import annotations

import inspect
import json
import linecache
import os
import signal
import sys
import time
import types
from contextlib import suppress
from pathlib import Path

from .deprecations import Deprecations
from .text import clip, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Function = Callable[..., object]

REASON_LIMIT = 500
PR_SET_PDEATHSIG = 1


def run_variant(
    request: dict[str, Any],
    set_up_device: Callable[[dict[str, Any], list[str]], tuple[str, str | None]],
    announce: Callable[[], None],
) -> dict[str, Any]:
    """Set up the device, load the case and run one variant; the record says what happened."""
    record: dict[str, Any] = {"outcome": "returned"}
    try:
        record["device"], record["precision"] = set_up_device(request["device"], request["frameworks"])
    except BaseException as error:  # whatever a backend raises: without its device there is no evidence
        reason = describe(error, "run")["message"]
        if type(error).__name__ != "DeviceMissing":
            reason = f"{type(error).__name__} in setting up the device: {reason}"
        record.update(outcome="unavailable", lack="device", reason=clip(reason, REASON_LIMIT))
        return record
    deprecations = Deprecations()
    deprecations.install()
    announce()
    started, phase = time.perf_counter(), "load"
    try:
        function = getattr(load_case(request["path"], request["source"]), request["variant"])
        arguments = {"seed": request["seed"]} if takes_seed(function) else {}
        started, phase = time.perf_counter(), "run"
        function(**arguments)
    except BaseException as error:  # SystemExit and KeyboardInterrupt are outcomes like any other
        if any(name not in sys.modules for name in request.get("broken", ())):
            phase = "import"  # it failed before, and the case has not repaired it
        record.update(outcome="raised", raised=describe(error, phase))
    record.update(seconds=time.perf_counter() - started, deprecations=deprecations.records())
    return record


def load_case(path: str, source: str) -> types.ModuleType:
    """Run a case's module body under a name of its own; no bytecode is written beside it."""
    file = Path(path).name
    module = types.ModuleType(f"case_{Path(path).stem}")
    module.__file__ = file
    sys.modules[module.__name__] = module
    sys.argv[:] = [file]
    # For tracebacks and inspect.getsource: the file is not where the case runs.
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    # As a script of its own would be: without the future statements of this module.
    exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
    return module


def takes_seed(function: Function) -> bool:
    try:
        parameter = inspect.signature(function).parameters.get("seed")
    except (TypeError, ValueError):
        return False
    return parameter is not None and parameter.kind in (
        parameter.POSITIONAL_OR_KEYWORD,
        parameter.KEYWORD_ONLY,
    )


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Leave the whole record or none: a process that dies while it writes has said nothing."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record), encoding="utf-8")
    part.replace(path)


def die_with_parent(parent: int | None = None) -> None:
    """On Linux, let the kernel kill this process when the one that started it goes, however it goes."""
    _signal_at_death_of_parent(signal.SIGKILL)
    if parent is not None and os.getppid() != parent:  # it went before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def outlive_parent() -> None:
    """Take that back: the kernel takes a thread for the parent, and that may end before its process."""
    _signal_at_death_of_parent(0)


def _signal_at_death_of_parent(number: int) -> None:
    if sys.platform.startswith("linux"):
        with suppress(ImportError, OSError, AttributeError):
            import ctypes  # not in every build of Python

            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
