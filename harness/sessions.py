"""What the noxfile needs: the sessions of the matrix, and commands run in nox's own process.

Starting Python once for each of thirty environments would cost more than an unchanged matrix may take.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from harness.cli import main, matrix
from harness.commands.matrix import run_matrix
from harness.config import DEFAULT_TIER
from harness.console import console
from harness.errors import HarnessError, Interrupted, UsageError
from harness.options import selection_of
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


@cache
def _workspace(root: Path) -> Workspace:
    """One reading of configuration, corpus and locks for all sessions of a run."""
    return Workspace.at(root)


def environments(root: Path) -> list[SessionEnvironment]:
    """Every locked environment of the matrix, those of other tiers included, with its tags.

    A malformed case or lock stops nox with one sentence.
    """
    try:
        locks = _workspace(root).default_locks(full=True)
    except HarnessError as error:
        raise SystemExit(f"harness: {error}") from None
    return [
        SessionEnvironment(id=str(lock.id), tags=(lock.id.library, lock.id.resolution, lock.tier))
        for lock in locks
    ]


def run_environment(root: Path, environment: str, arguments: Sequence[str]) -> SessionEnd:
    """`harness matrix --env ENVIRONMENT ARGUMENTS`; skipped where the arguments select nothing of it."""
    try:
        return _run_environment(_workspace(root), environment, arguments)
    except HarnessError as error:
        return SessionEnd(error=str(error))
    except click.ClickException as error:
        return SessionEnd(error=error.format_message())
    except click.exceptions.Exit:
        return SessionEnd(skip="only help was asked for")


def _run_environment(workspace: Workspace, environment: str, arguments: Sequence[str]) -> SessionEnd:
    options = matrix.make_context("matrix", [*_workers(), *arguments]).params
    if options["environments"]:
        message = "a session is one environment; choose by nox's own -s 'matrix(ID)' and -t, not by --env."
        raise UsageError(message)
    lock = workspace.lock(environment)
    if lock.tier != DEFAULT_TIER and not options["full"]:
        return SessionEnd(skip="not in the default tier; add -- --full")
    selection = selection_of(options)
    selected = workspace.select(selection)
    (place,) = workspace.places([environment], selected, by_kind=selection.is_empty())
    if not any(place.runs(chosen.case) for chosen in selected):
        return SessionEnd(skip="no selected case is for this environment")
    options["environments"] = (environment,)
    return _end("matrix", run_matrix(console, workspace, options["store"], selection, options))


def _workers() -> list[str]:
    """One process where nox runs several sessions side by side; what the user says counts more."""
    return ["-n", "1"] if "--parallel-worker" in sys.argv else []


def report_arguments(arguments: Sequence[str]) -> list[str]:
    """What concerns the report of the arguments for a whole run, such as `matrix report -- -k 1739`."""
    if any(name in arguments for name in ("-h", "--help")):
        return ["--help"]
    kept = [word for word in arguments if word == "--check"]
    for index, word in enumerate(arguments):
        if word == "--store" and index + 1 < len(arguments):
            kept += [word, arguments[index + 1]]
        elif word.startswith("--store="):
            kept.append(word)
    return kept


def run_command(root: Path, arguments: Sequence[str]) -> SessionEnd:
    """Run a command of ours in this process, which it must not end."""
    code = 0
    try:
        main.main(args=[*arguments[:1], "--root", str(root), *arguments[1:]], prog_name="harness")
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    _workspace.cache_clear()  # `lock` may have written other locks
    if code == Interrupted.exit_code:
        raise KeyboardInterrupt
    return _end(arguments[0], code)


def _end(command: str, code: int) -> SessionEnd:
    return SessionEnd(error=f"harness {command} ended with exit code {code}" if code else "")
