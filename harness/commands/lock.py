"""`harness lock`: find new releases and write the locks of the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from harness.environment.dating import date_locks
from harness.environment.ids import parse_environment_id
from harness.environment.lock import Lock
from harness.environment.plan import request_for, requests_of
from harness.environment.resolve import Request, Resolver
from harness.errors import NoEvidence
from harness.home import check_writable
from harness.workspace import Workspace


def write_locks(console: Console, workspace: Workspace, names: tuple[str, ...], everything: bool) -> None:
    """Resolve what is asked for and say what changed.

    Raises:
        UsageError: the corpus is the installed one, an id is malformed, or the index has no such release.
        NoEvidence: an environment could not be resolved now; all others were.
    """
    check_writable(workspace.config.root, "harness lock")
    resolver = Resolver(workspace.config)
    if names:
        requests = [request_for(workspace.config, parse_environment_id(name)) for name in names]
    else:
        libraries = sorted({case.library for case in workspace.cases})
        requests = requests_of(workspace.config, resolver, libraries)
    _fill_in_dates(console, workspace, resolver, requests if names else None)
    due = [request for request in requests if names or everything or _is_due(workspace, request)]
    failed = []
    for request in due:
        try:
            said = _write_lock(workspace, resolver, request)
        except NoEvidence as error:
            failed.append(error)
            said = f"no lock: {error}"
        console.print(Text(f"{request.id}: {said}"), soft_wrap=True)
    if failed:
        message = f"{len(failed)} of {len(due)} environments got no lock: {failed[0]}"
        raise NoEvidence(message)
    console.print(f"{len(due)} resolved, {len(requests) - len(due)} had a lock that time does not change")


def _fill_in_dates(
    console: Console, workspace: Workspace, resolver: Resolver, requests: list[Request] | None
) -> None:
    """Date the locks that were written without the date of their release: those requested, or else all."""
    dated, reasons = date_locks(_held(workspace, requests), resolver)
    for lock in dated:
        workspace.locks.put(lock)
    for reason in reasons:
        console.print(Text(f"no release dates: {reason}"), soft_wrap=True)
    if dated:
        console.print(f"{len(dated)} got the date of {'its' if len(dated) == 1 else 'their'} release")


def _held(workspace: Workspace, requests: list[Request] | None) -> list[Lock]:
    if requests is None:
        return workspace.locks.all()
    held = (workspace.locks.get(name) for name in sorted({str(request.id) for request in requests}))
    return [lock for lock in held if lock is not None]


def _is_due(workspace: Workspace, request: Request) -> bool:
    """Whether a lock is missing or may be another today: only the newest of everything moves with time."""
    held = workspace.locks.get(str(request.id))
    return held is None or held.id.latest or bool(held.unresolvable) or held.tier != request.tier


def _write_lock(workspace: Workspace, resolver: Resolver, request: Request) -> str:
    """Resolve one environment, keep its lock where it is another one, and say what is new."""
    held = workspace.locks.get(str(request.id))
    lock = resolver.resolve(request)
    if held is not None and lock.released is None:
        lock = replace(lock, released=held.released)
    if held == lock:
        return "unchanged"
    workspace.locks.put(lock)
    said = lock.unresolvable.splitlines()[0] if lock.unresolvable else lock.note
    news = "new" if held is None else ", ".join(_differences(held.packages, lock.packages)) or "changed"
    return f"{news}; {said}" if said else news


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    names = sorted(set(before) | set(after))
    return [
        f"{n} {before.get(n, 'none')} -> {after.get(n, 'none')}"
        for n in names
        if before.get(n) != after.get(n)
    ]
