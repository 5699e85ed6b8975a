"""Chromium, and the checkers from npm: found, or installed once for a checkout.

`python tests/browser/tools.py` installs what is missing. Without it the tests are skipped, except in CI.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).parent
PLACE = HERE.parents[1] / ".nox" / "browser"
"""Where the checkers lie: git ignores it, and `nox -s tests` of every Python shares it."""
CHROMIUM = "CHROMIUM"
"""The environment variable that names a Chromium to use."""
FLAGS = (
    "--no-sandbox",  # a container's root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_MANIFESTS = ("package.json", "package-lock.json")
_APT = "apt-get"


class MissingToolError(Exception):
    """Something that the tests need is not here; the message says how to get it."""


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def chromium() -> Path:
    """The browser that was named, or else the first of the usual names on PATH.

    Raises:
        MissingToolError: there is none.
    """
    named = os.environ.get(CHROMIUM)
    found = [shutil.which(name) for name in ([named] if named else _NAMES)]
    for path in filter(None, found):
        return Path(path)
    message = f"no Chromium: {f'{CHROMIUM}={named}' if named else ' or '.join(_NAMES)} is not there"
    raise MissingToolError(message)


def checkers() -> Path:
    """The `node_modules` with axe-core and html-validate; whoever comes first installs them.

    Raises:
        MissingToolError: they cannot be installed.
    """
    PLACE.mkdir(parents=True, exist_ok=True)
    stamp = PLACE / "installed"
    with FileLock(PLACE / "lock"):
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != _wanted():
            stamp.unlink(missing_ok=True)
            _install_checkers()
            stamp.write_text(_wanted(), encoding="utf-8")
    return PLACE / "node_modules"


def _wanted() -> str:
    texts = b"".join((HERE / name).read_bytes() for name in _MANIFESTS)
    return hashlib.sha256(texts).hexdigest()


def _install_checkers() -> None:
    for name in _MANIFESTS:
        shutil.copy(HERE / name, PLACE)
    _run([_node("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], PLACE)


def validate(config: Path, files: Sequence[Path]) -> str:
    """What html-validate says about files; empty where it finds nothing.

    Raises:
        MissingToolError: it is not installed, or does not work.
    """
    script = checkers() / "html-validate" / "bin" / "html-validate.mjs"
    command = [_node("node"), str(script), "--config", str(config), "--formatter", "text", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1} or done.stderr:
        raise MissingToolError(done.stdout + done.stderr)
    return done.stdout


def _node(name: str) -> str:
    """Node or npm as Python packages bring it: that of a machine may be too old for html-validate."""
    path = shutil.which(name, path=str(Path(sys.executable).parent))
    if path is None:
        message = f"no {name}: install the dependency group `browser`"
        raise MissingToolError(message)
    return path


def _run(command: Sequence[str], folder: Path) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingToolError(str(error)) from None
    if done.returncode:
        told = (done.stderr or done.stdout).strip()[-2000:]
        message = f"`{' '.join(command[:3])}` ended with {done.returncode}: {told}"
        raise MissingToolError(message)


def _install_chromium() -> None:
    """Debian's package, where this is a Debian and may be changed."""
    try:
        chromium()
    except MissingToolError:
        if os.environ.get(CHROMIUM) or shutil.which(_APT) is None or os.geteuid() != 0:
            raise
        _run([_APT, "update", "--quiet"], HERE)
        _run([_APT, "install", "--yes", "--no-install-recommends", "chromium"], HERE)


def main() -> int:
    for install in (_install_chromium, checkers):
        try:
            install()
        except MissingToolError as error:
            print(f"browser tests: {error}", file=sys.stderr)
            if in_ci():
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
