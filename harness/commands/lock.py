"""`harness lock`: find new releases and write the locks of the matrix."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from harness.environment.ids import parse_environment_id
from harness.environment.plan import request_for, requests_of
from harness.environment.resolve import Request, Resolver
from harness.errors import NoEvidence
from harness.workspace import Workspace


def write_locks(console: Console, workspace: Workspace, names: tuple[str, ...], everything: bool) -> int:
    """Resolve what is asked for and say what changed."""
    resolver = Resolver(workspace.config)
    if names:
        requests = [request_for(workspace.config, parse_environment_id(name)) for name in names]
    else:
        libraries = sorted({case.library for case in workspace.cases})
        requests = requests_of(workspace.config, resolver, libraries)
    failures = 0
    for request in requests:
        if names or everything or _is_due(workspace, request):
            failures += _write_lock(console, workspace, resolver, request)
    return 3 if failures else 0


def _is_due(workspace: Workspace, request: Request) -> bool:
    """Whether a lock is missing or may be another today: only the newest of everything moves with time."""
    held = workspace.locks.get(str(request.id))
    return held is None or held.id.latest or bool(held.unresolvable) or held.tier != request.tier


def _write_lock(console: Console, workspace: Workspace, resolver: Resolver, request: Request) -> int:
    held = workspace.locks.get(str(request.id))
    try:
        lock = resolver.resolve(request)
    except NoEvidence as error:
        console.print(Text(str(error), style="yellow"), soft_wrap=True)
        return 1
    if held == lock:
        console.print(f"{lock.id}: unchanged", soft_wrap=True)
        return 0
    workspace.locks.put(lock)
    said = lock.unresolvable.splitlines()[0] if lock.unresolvable else lock.note
    news = "new" if held is None else ", ".join(_differences(held.packages, lock.packages)) or "changed"
    console.print(Text(f"{lock.id}: {news}{'; ' + said if said else ''}"), soft_wrap=True)
    return 0


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    names = sorted(set(before) | set(after))
    return [f"{n} {before.get(n, 'none')} -> {after.get(n, 'none')}" for n in names if before.get(n) != after.get(n)]
