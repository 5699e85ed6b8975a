"""Runs uv, and finds interpreters with it."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import uv as uv_package

from harness.errors import NoEvidence

_VERDICTS = ("No solution found", "Failed to build", "has no wheels")
_FAULTS = ("Failed to fetch", "could not be queried", "network was disabled", "No space left on device")
"""With one of these, uv found no solution because it could not look or write."""

_DECORATION = " \N{MULTIPLICATION SIGN}╰─▶│"


class UvError(Exception):
    """uv ended with an error; `reason` is what it printed, `is_verdict` whether it is about versions."""

    def __init__(self, reason: str, *, is_verdict: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_verdict = is_verdict

    @property
    def brief(self) -> str:
        """The reason on one line without its period, causes after colons."""
        lines = [line for line in self.reason.splitlines() if not line.startswith("Request failed after")]
        return textwrap.shorten(": ".join(lines), 400).removesuffix(".")


def run_uv(
    arguments: Sequence[str], *, stdin: str | None = None, environment: Mapping[str, str] | None = None
) -> str:
    """Run uv and return its standard output.

    Raises:
        UvError: it ended with an error.
    """
    inherited = dict(os.environ if environment is None else environment)
    # Wide, so that a reason that is kept in a lock does not depend on the terminal of that day.
    inherited |= {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", "COLUMNS": "9999"}
    inherited.pop("VIRTUAL_ENV", None)
    done = subprocess.run(
        [uv_package.find_uv_bin(), *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        env=inherited,
        check=False,
    )
    if done.returncode:
        raise UvError(clean_reason(done.stderr), is_verdict=_is_verdict(done.stderr))
    return done.stdout


def clean_reason(stderr: str) -> str:
    """uv's explanation without warnings, hints and decoration, on few lines."""
    kept: list[str] = []
    for line in stderr.splitlines():
        line = line.strip(_DECORATION)
        if line.startswith("hint:"):
            break
        if line and not line.startswith("warning:"):
            kept.append(line.removeprefix("error: ").removeprefix("cause: "))
    if len(kept) > 1 and kept[0].startswith("No solution found"):
        del kept[0]
    return "\n".join(kept) or stderr.strip()


def _is_verdict(stderr: str) -> bool:
    """Whether uv speaks of versions, and not of a network, a disk or its own usage."""
    return any(text in stderr for text in _VERDICTS) and not any(text in stderr for text in _FAULTS)


@cache
def find_python(version: str) -> str:
    """The path of an interpreter of a major and minor version.

    Raises:
        NoEvidence: there is none on this machine.
    """
    try:
        return run_uv(["python", "find", "--no-project", "--system", version]).strip()
    except UvError:
        pass
    # pyenv's own commands on the PATH start only the versions that pyenv was told to use.
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    found = list(root.glob(f"versions/{version}*/bin/python{version}"))
    if found:
        return str(max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path.parts[-3])]))
    message = f"there is no Python {version} on this machine; install it, for example by `uv python install`."
    raise NoEvidence(message)


@cache
def present_pythons() -> tuple[str, ...]:
    """Major and minor versions from 3.9 on that are on this machine, newest first."""
    found = []
    for minor in range(15, 8, -1):
        try:
            find_python(f"3.{minor}")
        except NoEvidence:
            continue
        found.append(f"3.{minor}")
    return tuple(found)
