"""Asks uv for the exact versions that satisfy some requirements."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.environment.indexes import index_environment
from harness.environment.uv import UvError, run_uv

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Unsolvable(Exception):
    """No versions satisfy the requirements: a verdict; the message is the resolver's reason."""


def compile_pins(
    wanted: Sequence[str],
    *,
    python: str,
    only_binary: Iterable[str] = (),
    day: date | None = None,
    moved: Mapping[str, str] = _NOTHING,
    constraints: Sequence[str] = (),
    preferences: Mapping[str, str] = _NOTHING,
    dependencies: bool = True,
) -> dict[str, str]:
    """Canonical name to version, local labels kept, of what satisfies the requirements.

    Args:
        wanted: requirement strings.
        python: major and minor version.
        only_binary: distributions that are never built from source.
        day: the date (UTC, exclusive) whose index is used; none for today's.
        moved: another time, in ISO 8601, for single packages.
        constraints: requirement strings that hold for whatever else comes in.
        preferences: versions that are kept unless a requirement rules them out.
        dependencies: whether what the packages require comes in, too.

    Raises:
        Unsolvable: there is no solution.
        UvError: a fault that says nothing about versions, such as an index that cannot be reached.
    """
    arguments = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", python]
    arguments += [word for name in only_binary for word in ("--only-binary", name)]
    if day is not None:
        arguments += ["--exclude-newer", midnight(day)]
    for name, until in moved.items():
        arguments += ["--exclude-newer-package", f"{name}={until}"]
    if not dependencies:
        arguments += ["--no-deps"]
    with tempfile.TemporaryDirectory() as folder:
        # uv keeps the pins that it finds in the file that it is to write.
        pins, limits = Path(folder) / "pins.txt", Path(folder) / "constraints.txt"
        pins.write_text("".join(f"{name}=={version}\n" for name, version in sorted(preferences.items())))
        limits.write_text("\n".join(constraints))
        command = [*arguments, "--constraints", str(limits), "--output-file", str(pins), "-"]
        try:
            run_uv(command, stdin="\n".join(wanted), environment=index_environment())
        except UvError as error:
            if error.is_verdict:
                raise Unsolvable(error.reason.replace(folder, "")) from None
            raise
        return parse_pins(pins.read_text(encoding="utf-8"))


def parse_pins(text: str) -> dict[str, str]:
    """Canonical name to version of `name==version` lines."""
    pins = {}
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if line and not line.startswith("-"):
            requirement = Requirement(line)
            (pin,) = requirement.specifier
            pins[str(canonicalize_name(requirement.name))] = str(Version(pin.version))
    return pins


def public_versions(versions: Mapping[str, str]) -> dict[str, str]:
    """The same versions without local labels.

    A lock made where a `+cpu` build is at hand must also be installable where only the plain one is.
    """
    return {name: version.partition("+")[0] for name, version in versions.items()}


def local_builds(versions: Mapping[str, str]) -> tuple[str, ...]:
    """The packages whose version has a local label."""
    return tuple(sorted(name for name, version in versions.items() if "+" in version))


def midnight(day: date) -> str:
    return f"{day}T00:00:00Z"
