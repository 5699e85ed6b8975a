"""Files that state an environment: requirements, pylock.toml, uv.lock; and the Python that they are for."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from harness.environment.stated import (
    Stated,
    parse_requirements,
    python_of,
    read_pylock,
    read_requirements,
    read_text,
    read_toml,
)
from harness.environment.uv import UvError, present_pythons, run_uv
from harness.errors import UsageError

KINDS = (
    "a requirements file, pylock.toml, uv.lock, an interpreter or the id of an environment such as "
    "numpyro-0.20.1"
)
_OTHER_FILES = {".toml", ".lock", ".json", ".yml", ".yaml", ".cfg", ".py", ".ini"}


def read_state_file(path: Path, text: str, python: str | None) -> tuple[Stated, str, bool]:
    """What a file says, the Python it is for, and whether it is a lock, which lists all packages.

    Raises:
        UsageError: it is no such file, or is malformed.
    """
    if path.name == "uv.lock":
        return *_of_uv_lock(path, python), True
    if re.fullmatch(r"pylock(\..+)?\.toml", path.name):
        content = read_toml(path)
        version = python_for(text, python, None, str(content.get("requires-python", "")))
        return read_pylock(path, content, version), version, True
    if path.suffix in _OTHER_FILES:
        message = f"{text} is no state; give {KINDS}."
        raise UsageError(message)
    version = python_for(text, python, python_of(read_text(path)), "")
    return read_requirements(path, version), version, False


def _of_uv_lock(path: Path, python: str | None) -> tuple[Stated, str]:
    """Exported by uv, with the groups that it would install by default."""
    requires = str(read_toml(path).get("requires-python", ""))
    version = python_for(str(path), python, _pinned_python(path.parent), requires)
    if not (path.parent / "pyproject.toml").is_file():
        message = f"{path} needs the pyproject.toml of its project beside it; put it there."
        raise UsageError(message)
    export = ["export", "--quiet", "--frozen", "--no-hashes", "--no-emit-project", "--no-annotate"]
    export += ["--no-header", "--format", "requirements.txt", "--project", str(path.parent)]
    try:
        exported = run_uv(export)
    except UvError as error:
        message = f"{path} cannot be read by uv ({error.brief}); mend it with `uv lock`."
        raise UsageError(message) from None
    return parse_requirements(exported, path, version), version


def _pinned_python(folder: Path) -> str | None:
    file = folder / ".python-version"
    found = re.match(r"\s*(?:cpython-)?(3\.\d+)", read_text(file)) if file.is_file() else None
    return found[1] if found else None


def python_for(text: str, given: str | None, hint: str | None, requires: str) -> str:
    """The Python of a file: given, hinted at, our own, or the newest present one that it admits."""
    try:
        admitted = SpecifierSet(requires)
    except InvalidSpecifier:
        message = f"{text} is damaged: {requires!r} says no Python."
        raise UsageError(message) from None
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    for version in [given] if given else [*filter(None, [hint]), own, *present_pythons()]:
        if admitted.contains(f"{version}.99"):
            return version
    have = f"not {given}" if given else "of which there is none on this machine"
    message = f"{text} is for Python {requires}, {have}; give another with --python."
    raise UsageError(message)
