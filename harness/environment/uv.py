"""Runs uv, with the index that the user configured for uv or, where uv has none, for pip."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import uv as uv_package

from harness.errors import NoEvidence, UsageError

_PIP_TO_UV = {
    "index-url": ("UV_DEFAULT_INDEX", ("UV_INDEX_URL",), ("index-url", "default-index")),
    "extra-index-url": ("UV_INDEX", ("UV_EXTRA_INDEX_URL",), ("extra-index-url", "index")),
    "find-links": ("UV_FIND_LINKS", (), ("find-links",)),
}
"""pip's setting to uv's variable, uv's older variables, and the keys of uv.toml that say the same."""


class UvError(Exception):
    """uv ended with an error; `reason` is what it printed, `is_verdict` whether it is about versions."""

    def __init__(self, reason: str, *, is_verdict: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_verdict = is_verdict


def run_uv(arguments: Sequence[str], *, stdin: str | None = None) -> str:
    """Run uv and return its standard output.

    Raises:
        UvError: it ended with an error.
    """
    done = subprocess.run(
        [uv_package.find_uv_bin(), *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        env=uv_environment(),
        check=False,
    )
    if done.returncode:
        raise UvError(clean_reason(done.stderr), is_verdict=_is_verdict(done.stderr))
    return done.stdout


def clean_reason(stderr: str) -> str:
    """uv's explanation without warnings, hints and decoration, on few lines."""
    lines = [line.strip(" ×╰─▶│").rstrip() for line in stderr.splitlines()]
    kept: list[str] = []
    for line in lines:
        if line.startswith(("warning:", "hint:")):
            break_at_hint = line.startswith("hint:")
            if break_at_hint:
                break
            continue
        if line:
            kept.append(line)
    return "\n".join(kept).replace("error: ", "") or stderr.strip()


def _is_verdict(stderr: str) -> bool:
    """Whether uv speaks of versions, and not of a network, a disk or its own usage."""
    return "No solution found" in stderr or "Failed to build" in stderr or "has no wheels" in stderr


@cache
def uv_environment() -> Mapping[str, str]:
    """The variables for uv: ours, plus the user's pip index settings where uv has none of its own."""
    environment = {**os.environ, "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}
    environment.pop("VIRTUAL_ENV", None)
    for setting, value in pip_index(os.environ).items():
        variable, older, keys = _PIP_TO_UV[setting]
        if not any(name in os.environ for name in (variable, *older)) and not _uv_toml_has(keys):
            environment[variable] = value
            if setting == "extra-index-url":
                # pip takes the best version of all its indexes; uv by default stops at the first.
                environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return environment


def pip_index(environ: Mapping[str, str]) -> dict[str, str]:
    """pip's index settings, from its variables and configuration files; several values by spaces."""
    found: dict[str, str] = {}
    for path in _pip_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            for setting in _PIP_TO_UV:
                if parser.has_option(section, setting):
                    found[setting] = " ".join(parser.get(section, setting).split())
    for setting in _PIP_TO_UV:
        value = environ.get("PIP_" + setting.replace("-", "_").upper())
        if value:
            found[setting] = " ".join(value.split())
    return found


def _pip_files(environ: Mapping[str, str]) -> list[Path]:
    """pip's configuration files, weakest first."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    home = Path(environ.get("HOME", "~")).expanduser()
    user = Path(environ.get("XDG_CONFIG_HOME", home / ".config"))
    files = [Path("/etc/pip.conf"), home / ".pip/pip.conf", user / "pip/pip.conf", Path(sys.prefix) / "pip.conf"]
    return [*files, *([Path(named)] if named else [])]


def uv_toml_files(environ: Mapping[str, str]) -> list[Path]:
    """uv's own configuration files, weakest first."""
    named = environ.get("UV_CONFIG_FILE")
    if named:
        return [Path(named)]
    home = Path(environ.get("HOME", "~")).expanduser()
    return [Path("/etc/uv/uv.toml"), Path(environ.get("XDG_CONFIG_HOME", home / ".config")) / "uv/uv.toml"]


def uv_toml(environ: Mapping[str, str]) -> dict[str, object]:
    """The merged top level of uv's configuration files, with the keys of its `pip` table."""
    merged: dict[str, object] = {}
    for path in uv_toml_files(environ):
        if path.is_file():
            try:
                table = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                message = f"{path} is not valid TOML ({error}); mend it or set UV_CONFIG_FILE to another."
                raise UsageError(message) from None
            merged |= {**table, **table.get("pip", {})}
    return merged


def _uv_toml_has(keys: Sequence[str]) -> bool:
    return any(key in uv_toml(os.environ) for key in keys)


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
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    for path in sorted(root.glob(f"versions/{version}*/bin/python{version}"), reverse=True):
        return str(path)
    message = f"there is no Python {version} on this machine; install it (for example `uv python install {version}`)."
    raise NoEvidence(message)


def present_pythons() -> list[str]:
    """Major and minor versions from 3.9 on that are on this machine, newest first."""
    found = []
    for minor in range(15, 8, -1):
        try:
            find_python(f"3.{minor}")
        except NoEvidence:
            continue
        found.append(f"3.{minor}")
    return found
