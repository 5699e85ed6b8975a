"""What the process of a single variant does, from device to record. Standard library only."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import traceback
import types
import warnings

MESSAGE_LIMIT = 8 * 1024
TRACEBACK_LIMIT = 32 * 1024
WARNING_LIMIT = 20


def clip(text, limit):
    """Keep the head and, mostly, the tail of a text that is too long."""
    if len(text) <= limit:
        return text
    head = limit // 4
    return "%s\n[... %d characters left out ...]\n%s" % (text[:head], len(text) - limit, text[head - limit :])


def describe(error, phase):
    """An exception as data. Never raises, whatever the exception does when it is shown."""
    kind = type(error)
    try:
        message = str(error)
    except BaseException as second:
        message = "<str() of the exception raised %s>" % type(second).__name__
    try:
        lines = traceback.format_exception(kind, error, error.__traceback__)
    except BaseException:
        lines = traceback.format_tb(error.__traceback__)
    return {
        "type": "%s.%s" % (kind.__module__, kind.__qualname__),
        "message": clip(clean(message), MESSAGE_LIMIT),
        "traceback": clip(clean(portable("".join(lines))), TRACEBACK_LIMIT),
        "phase": phase,
    }


def clean(text):
    """Text that any UTF-8 stream takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def portable(text):
    """A text without this machine's folders."""
    for path, name in ((sys.prefix, "<env>"), (sys.base_prefix, "<python>"), (os.path.expanduser("~"), "~")):
        if len(path) > 1:
            text = text.replace(path + os.sep, name + "/")
    return text


class Deprecations:
    """Collects deprecation warnings, one of each kind, without changing how warnings are shown."""

    CATEGORIES = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)

    def __init__(self):
        self.seen = {}

    def install(self):
        shown = warnings.showwarning

        def show(message, category, filename, lineno, file=None, line=None):
            if issubclass(category, self.CATEGORIES):
                self.note(str(message), category, filename)
            shown(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        for category in self.CATEGORIES:
            warnings.simplefilter("default", category)

    def note(self, message, category, filename):
        entry = {"category": category.__name__, "message": clip(clean(message), 500), "module": owner(filename)}
        if len(self.seen) < WARNING_LIMIT:
            self.seen.setdefault((entry["category"], entry["message"], entry["module"]), entry)


def owner(filename):
    """The top-level module that a file belongs to; `case` for the case itself."""
    parts = filename.replace("\\", "/").split("/")
    if "site-packages" in parts:
        inner = parts[len(parts) - parts[::-1].index("site-packages")]
        return inner[:-3] if inner.endswith(".py") else inner
    return "case" if filename == "<case>" or parts[-1][:1].isdigit() else parts[-1]


def run_variant(request, devices):
    """Load the case and run one variant; the record says what happened."""
    record = {"outcome": "returned", "raised": None, "device": None, "precision": None, "lack": None, "reason": ""}
    deprecations = Deprecations()
    try:
        record["device"], record["precision"] = devices.set_up_device(request["device"])
    except devices.DeviceMissing as error:
        record.update(outcome="unavailable", lack="device", reason=clip(clean(str(error)), 500))
        return record
    deprecations.install()
    started = time.perf_counter()
    phase = "load"
    try:
        module = load_case(request["path"])
        function = getattr(module, request["variant"])
        arguments = {"seed": request["seed"]} if takes_seed(function) else {}
        phase = "run"
        started = time.perf_counter()
        function(**arguments)
    except BaseException as error:  # SystemExit and KeyboardInterrupt are outcomes like any other
        record.update(outcome="raised", raised=describe(error, phase))
    record["seconds"] = time.perf_counter() - started
    record["deprecations"] = list(deprecations.seen.values())
    record["peak_mib"] = peak_mib()
    return record


def peak_mib():
    """Peak resident memory of this process, in MiB; ru_maxrss is in KiB, on macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024.0**2 if sys.platform == "darwin" else 1024.0)


def load_case(path):
    """Run a case's module body under a name of its own; no bytecode is written beside it."""
    with open(path, encoding="utf-8") as stream:
        source = stream.read()
    name = os.path.splitext(os.path.basename(path))[0]
    module = types.ModuleType("case_" + name)
    module.__file__ = os.path.basename(path)
    sys.modules[module.__name__] = module
    exec(compile(source, os.path.basename(path), "exec"), module.__dict__)
    return module


def takes_seed(function):
    code = function.__code__
    return "seed" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def write_record(path, record):
    """Leave the whole record or none: a process that dies while it writes has said nothing."""
    with open(path + ".part", "w", encoding="utf-8") as stream:
        json.dump(record, stream)
    os.replace(path + ".part", path)


def die_with_parent():
    """On Linux, let the kernel kill this process when the server goes, however it goes."""
    if sys.platform.startswith("linux"):
        try:
            import ctypes

            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        except (ImportError, OSError, AttributeError):
            pass
