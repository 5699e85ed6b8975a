"""What the noxfile needs: the sessions of the matrix, and commands run in nox's own process.

Starting Python once for each of thirty environments would cost more than an unchanged matrix may take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from harness.cli import main, matrix, selection_of
from harness.config import DEFAULT_TIER
from harness.errors import HarnessError
from harness.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class SessionEnvironment:
    """An environment as a nox session: its id, and tags to select it by."""

    id: str
    tags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SessionEnd:
    """How a session ended: neither reason where it went well."""

    skip: str = ""
    error: str = ""


def environments(root: Path) -> list[SessionEnvironment]:
    """Every locked environment of the matrix, those of other tiers included, with its tags."""
    return [
        SessionEnvironment(id=str(lock.id), tags=(lock.id.library, lock.id.resolution, lock.tier))
        for lock in Workspace.at(root).default_locks(full=True)
    ]


def run_environment(root: Path, environment: str, arguments: Sequence[str]) -> SessionEnd:
    """`harness matrix --env ENVIRONMENT ARGUMENTS`; skipped where the arguments select nothing of it."""
    try:
        workspace = Workspace.at(root)
        options = matrix.make_context("matrix", list(arguments)).params
        if workspace.lock(environment).tier != DEFAULT_TIER and not options["full"]:
            return SessionEnd(skip="not in the default tier; add -- --full")
        library = workspace.lock(environment).id.library
        selected = workspace.select(selection_of(options))
        if all(chosen.case.library != library for chosen in selected):
            return SessionEnd(skip="no selected case is about this library")
    except HarnessError as error:
        return SessionEnd(error=str(error))
    except click.ClickException as error:
        return SessionEnd(error=error.format_message())
    return run_command(root, ["matrix", "--env", environment, *arguments])


def run_command(root: Path, arguments: Sequence[str]) -> SessionEnd:
    """Run a command of ours in this process, which it must not end."""
    code = 0
    try:
        main.main(args=[*arguments[:1], "--root", str(root), *arguments[1:]], prog_name="harness")
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    if code == 130:
        raise KeyboardInterrupt
    return SessionEnd(error=f"harness {arguments[0]} ended with exit code {code}" if code else "")
