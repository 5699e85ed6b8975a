"""What an interpreter holds: distributions, and the libraries that a case needs. Standard library only."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import re
import sys
import threading

PROTOCOL = 1


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def installed():
    """Canonical name to version of every distribution; the first on the path wins, as in an import."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(canonical(name), distribution.version or "0")
    return found


def editable(name):
    """Whether a distribution was installed from a folder, so that its version says little."""
    try:
        text = importlib.metadata.distribution(name).read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return False
    return bool(text and "dir_info" in text)


def origin(module):
    """The file that a module came from, relative to the environment where it lies in it."""
    path = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), "")
    return relative(path)


def relative(path):
    for prefix in (sys.prefix, sys.base_prefix):
        if path.startswith(prefix + os.sep):
            return path[len(prefix) + 1 :].replace(os.sep, "/")
    return path


def import_libraries(libraries, describe):
    """Import each (distribution, module); return what was found and the error of each that failed."""
    found = {}
    for distribution, name in libraries:
        entry = {"module": name, "file": "", "version": None, "error": None}
        try:
            module = importlib.import_module(name)
        except BaseException as error:  # a library may raise anything, SystemExit included
            entry["error"] = describe(error, "import")
        else:
            entry["file"] = origin(module)
            version = getattr(module, "__version__", None)
            entry["version"] = version if isinstance(version, str) else None
        found[distribution] = entry
    return found


def attest(imported, names):
    return {
        "protocol": PROTOCOL,
        "python": platform.python_version(),
        "platform": "%s-%s" % (sys.platform, platform.machine()),
        "prefix": sys.prefix,
        "versions": installed(),
        "libraries": imported,
        "editable": sorted(name for name in names if editable(name)),
        "isolation": "fork" if can_fork() else "spawn",
    }


def can_fork():
    """Whether a child of this process would be sound: no other thread, no JAX backend, no CUDA."""
    if not hasattr(os, "fork") or sys.platform == "darwin" or os.environ.get("HARNESS_PROBE_SPAWN"):
        return False
    if threading.active_count() > 1:
        return False
    bridge = sys.modules.get("jax._src.xla_bridge")
    if bridge is not None and getattr(bridge, "_backends", None):
        return False
    torch = sys.modules.get("torch")
    return not (torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized())
