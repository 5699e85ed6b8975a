"""Tiny virtual environments with made-up libraries, and a prober that runs bodies of variants in them."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uv

from harness.case import Case
from harness.device import parse_device
from harness.evidence import Evidence
from harness.header import read_case
from harness.probe.client import Target
from harness.probe.session import Session
from harness.verdict import Status, status_of
from toy.cases import block

TOY = '''\
"""A library with a little of everything."""

import warnings

__version__ = "1.0"

STATE = []


def fail():
    raise ValueError("shapes disagree: 2 and 3")


def warn(category=DeprecationWarning, message="toy.warn is old"):
    warnings.warn(message, category, stacklevel=1)


def warn_caller(category=DeprecationWarning, message="toy.warn_caller is old"):
    warnings.warn(message, category, stacklevel=2)
'''


@dataclass(frozen=True)
class ToyEnvironment:
    """A virtual environment that a test fills by hand."""

    python: Path

    @property
    def prefix(self) -> Path:
        return self.python.parent.parent

    @property
    def site_packages(self) -> Path:
        (found,) = self.prefix.glob("lib/python*/site-packages")
        return found

    def install(
        self,
        name: str = "toy",
        text: str = TOY,
        version: str = "1.0",
        *,
        requires: Sequence[str] = (),
        folder: Path | None = None,
    ) -> None:
        """Put a module and its distribution into site-packages, or into another folder."""
        place = folder or self.site_packages
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.py").write_text(text, encoding="utf-8")
        metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
        described = place / f"{name}-{version}.dist-info"
        described.mkdir(exist_ok=True)
        (described / "METADATA").write_text("\n".join(metadata) + "\n", encoding="utf-8")

    def target(self, *names: str, writable: bool = True) -> Target:
        """Itself, with these distributions to import, each a module of the same name."""
        libraries = tuple((name.replace("_", "-"), name) for name in names or ("toy",))
        return Target(python=self.python, libraries=libraries, writable=writable)


def make_environment(folder: Path, python: str = sys.executable, *, toy: bool = True) -> ToyEnvironment:
    """A virtual environment that holds nothing, or the toy library alone."""
    command = [uv.find_uv_bin(), "venv", "--quiet", "--no-project", "--offline", "--python", python]
    subprocess.run([*command, str(folder)], check=True, env={**os.environ, "UV_NO_CONFIG": "1"})
    environment = ToyEnvironment(folder / "bin/python")
    if toy:
        environment.install()
    return environment


def interpreter(version: str) -> str | None:
    """The interpreter of a Python version such as `3.8`, where this machine has one that starts."""
    # The shims of pyenv start nothing but the versions that are switched on.
    candidates = [
        shutil.which(f"python{version}"),
        *Path.home().glob(f".pyenv/versions/{version}.*/bin/python"),
    ]
    for candidate in filter(None, candidates):
        ask = [candidate, "-c", "import sys; print(sys.executable)"]
        done = subprocess.run(ask, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.strip()
    return None


def write_variant(
    path: Path,
    body: str,
    *,
    signature: str = "",
    module: str = "",
    timeout: float = 20,
    needs: Sequence[str] = ("toy",),
    requires_python: str = ">=3.8",
    kind: str = "bug",
    symptom: tuple[str, str] = ("ValueError", "shapes disagree"),
) -> Case:
    """A case whose failure has this body, and whose module has this text above it."""
    dependencies = ", ".join(f"'{requirement}'" for requirement in needs)
    header = (
        f'requires-python = "{requires_python}"\n'
        f"dependencies = [{dependencies}]\n\n"
        "[tool.case]\n"
        f'issue = "https://example.org/toy/issues/7"\nkind = "{kind}"\napi = ["toy.sample"]\n'
        f"timeout = {timeout}\n\n"
        "[tool.case.failure]\n"
        f"raises = '{symptom[0]}'\nmatch = '{symptom[1]}'\nfailing = ['toy<2']\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = textwrap.indent(textwrap.dedent(body).strip() or "pass", "    ")
    text = f"{block(header)}{textwrap.dedent(module)}\n\ndef failure({signature}):\n{lines}\n"
    path.write_text(text, encoding="utf-8")
    return read_case(path)


@dataclass
class Prober:
    """Runs bodies of variants in one session."""

    session: Session
    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def case(self, body: str, **options: object) -> Case:
        return write_variant(self.folder / "toy" / f"{next(self.numbers)}_breaks.py", body, **options)

    def run(self, body: str, *, device: str = "cpu", seed: int = 0, **options: object) -> Evidence:
        return self.session.run(self.case(body, **options), "failure", parse_device(device), seed)

    def status(self, body: str, *, device: str = "cpu", **options: object) -> Status:
        case = self.case(body, **options)
        return status_of(case.variants[0], self.session.run(case, "failure", parse_device(device)))


def running(marker: str) -> list[int]:
    """The processes that have a text in their command line or environment, but for this one; Linux only."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            is_dead = (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            continue
        if marker.encode() in told and not is_dead and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def gone(marker: str, within: float = 3.0) -> bool:
    """Whether no process with a marker is left, after so many seconds at the most."""
    deadline = time.monotonic() + within
    while running(marker):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def tree_digest(folder: Path) -> dict[str, str]:
    """Every file below a folder with its digest, so that a difference names the file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
