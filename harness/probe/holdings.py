"""What an interpreter holds: distributions, and the libraries that a case needs. Standard library only."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import re
import sys
import threading
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    Installed = Mapping[str, "Distribution"]

PROTOCOL = 1
FRAMEWORKS = ("jax", "torch")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class Distribution:
    """An installed distribution: its version, what it requires, and whether it came from a folder."""

    def __init__(self, version: str, requires: list[str], direct_url: str) -> None:
        self.version = version
        self.requires = requires
        self.is_editable = "dir_info" in direct_url
        """Installed from a folder, so that its version says little."""


def installed() -> dict[str, Distribution]:
    """By canonical name; the first on the path wins, as in an import."""
    found: dict[str, Distribution] = {}
    for distribution in importlib.metadata.distributions():
        try:
            metadata = distribution.metadata
            name, version = metadata["Name"], metadata["Version"]
            needs = metadata.get_all("Requires-Dist") or distribution.requires or []
            direct_url = distribution.read_text("direct_url.json") or ""
        except Exception:  # the remains of an uninstalled one: it is not there
            continue
        if name and canonical(name) not in found:
            found[canonical(name)] = Distribution(version or "0", needs, direct_url)
    return found


def frameworks(names: Iterable[str], installed: Installed) -> list[str]:
    """Which of the frameworks some distributions are or need, as far as their metadata says it."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen and name in installed:
            seen.add(name)
            waiting += filter(None, map(_required, installed[name].requires))
    return [framework for framework in FRAMEWORKS if framework in seen]


def _requirements(distribution: Distribution) -> list[str]:
    return sorted(set(filter(None, map(_required, distribution.requires))))


def _required(requirement: str) -> str:
    """The name that a requirement starts with; nothing for that of an extra."""
    name = re.match(r"\s*([A-Za-z0-9._-]+)", requirement)
    is_optional = re.search(r";.*\bextra\b", requirement)
    return canonical(name.group(1)) if name and not is_optional else ""


def origin(module: types.ModuleType) -> str:
    """The file that a module came from, relative to the environment where it lies in it."""
    path = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), "")
    for prefix, name in ((sys.prefix, ""), (sys.base_prefix, "<python>/")):
        if path.startswith(prefix + os.sep):
            return name + path[len(prefix) + 1 :].replace(os.sep, "/")
    return str(path)


def import_libraries(
    libraries: Sequence[tuple[str, str]],
    describe: Callable[[BaseException, str], dict[str, str]],
    announce: Callable[[str], None],
) -> dict[str, dict[str, Any]]:
    """Import each (distribution, module); return what was found and the error of each that failed."""
    found: dict[str, dict[str, Any]] = {}
    for distribution, name in libraries:
        entry: dict[str, Any] = {"module": name, "file": "", "version": None, "error": None}
        announce(distribution)
        try:
            module = importlib.import_module(name)
        except BaseException as error:  # a library may raise anything, SystemExit included
            entry["error"] = describe(error, "import")
            forget(name)
        else:
            entry["file"] = origin(module)
            version = getattr(module, "__version__", None)
            entry["version"] = version if isinstance(version, str) else None
        found[distribution] = entry
    return found


def forget(module: str) -> None:
    """Take out what an import that failed half way has left, so that another attempt starts afresh."""
    for name in list(sys.modules):
        if name == module or name.startswith(module + "."):
            del sys.modules[name]


def attest(imported: Mapping[str, Any], installed: Installed) -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "python": platform.python_version().rstrip("+"),  # a plus marks a build from an unreleased source
        "platform": f"{sys.platform}-{platform.machine()}",
        "prefix": sys.prefix,
        "versions": {name: distribution.version for name, distribution in installed.items()},
        "libraries": imported,
        "requires": {name: needs for name, found in installed.items() if (needs := _requirements(found))},
        "editable": sorted(name for name, found in installed.items() if found.is_editable),
        "isolation": "fork" if can_fork() else "spawn",
    }


def can_fork() -> bool:
    """Whether a child of this process would be sound: no other thread, no JAX backend, no CUDA."""
    if not hasattr(os, "fork") or sys.platform == "darwin" or os.environ.get("HARNESS_PROBE_SPAWN"):
        return False
    if threading.active_count() > 1:
        return False
    bridge = sys.modules.get("jax._src.xla_bridge")
    if getattr(bridge, "_backends", None):
        return False
    # Not is_available(), which asks the driver and by that makes CUDA unusable in every forked process.
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    is_initialized = getattr(cuda, "is_initialized", lambda: False)
    return not is_initialized()
