# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "nox[uv]>=2025.5",
#     "click>=8.1",
#     "filelock>=3.12",
#     "jinja2>=3.1",
#     "packaging>=25",
#     "platformdirs>=4",
#     "pygments>=2.17",
#     "rich>=13",
#     "tomli>=2.1",
#     "uv>=0.9",
# ]
# ///
"""The front door: `nox -s matrix report` measures, `nox -s lint types tests` checks the harness itself."""

from __future__ import annotations

import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from harness.sessions import (  # noqa: E402 (found through the path that was set above)
    SessionEnd,
    environments,
    report_arguments,
    run_command,
    run_environment,
)

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests"]

PYTHON = "3.11"


def _end(session: nox.Session, end: SessionEnd) -> None:
    if end.skip:
        session.skip(end.skip)
    if end.error:
        session.error(end.error)


@nox.session(venv_backend="none", allow_parallel=True)
@nox.parametrize("environment", [nox.param(e.id, id=e.id, tags=list(e.tags)) for e in environments(ROOT)])
def matrix(session: nox.Session, environment: str) -> None:
    """Run the cases of one environment; arguments after -- go to `harness matrix`."""
    _end(session, run_environment(ROOT, environment, session.posargs))


@nox.session(venv_backend="none")
def bisect(session: nox.Session) -> None:
    """Find the release, the package and the commit that changed a case; arguments after -- name it."""
    _end(session, run_command(ROOT, ["bisect", *session.posargs]))


@nox.session(venv_backend="none")
def gate(session: nox.Session) -> None:
    """Say what an environment or an upgrade does to a team's code; arguments after -- name it."""
    _end(session, run_command(ROOT, ["gate", *session.posargs]))


@nox.session(venv_backend="none")
def report(session: nox.Session) -> None:
    """Rebuild reports/ and the README's table from the stored results."""
    _end(session, run_command(ROOT, ["report", *report_arguments(session.posargs)]))


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """Find new releases and refresh the locks of the matrix."""
    _end(session, run_command(ROOT, ["lock", *session.posargs]))


@nox.session(python=PYTHON)
def tests(session: nox.Session) -> None:
    """Test the harness; arguments after -- go to pytest."""
    _install(session, "tests", "browser")
    session.install("--no-deps", *_group("schemas"))
    session.run("python", "tests/browser/tools.py")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*_group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(python=PYTHON)
def types(session: nox.Session) -> None:
    """Check types."""
    _install(session, "types")
    session.run("mypy")


@nox.session(python=PYTHON)
def bench(session: nox.Session) -> None:
    """Measure the speed that the README states, as ratios within one run."""
    _install(session, "tests", "browser")
    session.run("python", "tests/browser/tools.py")
    session.run("python", "-m", "tests.bench", *session.posargs)


def _group(name: str) -> list[str]:
    return list(nox.project.dependency_groups(nox.project.load_toml(ROOT / "pyproject.toml"), name))


def _install(session: nox.Session, *groups: str) -> None:
    session.install("--editable", ".", *(package for group in groups for package in _group(group)))


if __name__ == "__main__":
    nox.main()
