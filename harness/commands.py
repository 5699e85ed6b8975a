"""What each command does, as a list of steps."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from harness.config import Config
from harness.corpus import Selection
from harness.environment.ids import parse_environment_id
from harness.environment.plan import request_for, requests_of
from harness.environment.resolve import Request, Resolver
from harness.errors import NoEvidence, UsageError
from harness.evidence import Evidence
from harness.matrix import Job, Judgement, judge, pending, plan
from harness.progress import STYLES, Progress, describe
from harness.runner import CellDone, EnvironmentMissing, keep
from harness.runner import run as run_jobs
from harness.store import Row, Store
from harness.verdict import Agreement
from harness.workspace import Workspace


def open_store(workspace: Workspace, path: Path | None) -> Store:
    return Store(path or workspace.config.store)


def run_matrix(
    console: Console, workspace: Workspace, store: Path | None, selection: Selection, options: dict[str, Any]
) -> int:
    """Run what is pending, store it, and judge everything that was selected, stored or new."""
    if options["workers"] < 1:
        message = f"-n {options['workers']}: at least one process is needed."
        raise UsageError(message)
    selected = workspace.select(selection)
    places = workspace.places(
        options["environments"],
        selected,
        full=options["full"],
        python=options["python"],
        called=options["called"],
        jax_cache=not options["no_jax_cache"],
    )
    jobs = plan(selected, places, workspace.devices(options["devices"]))
    if not jobs:
        message = "no environment is about a selected case; `harness lock` makes those of the matrix."
        raise UsageError(message)
    with open_store(workspace, store) as results:
        return _run_and_judge(console, workspace.config, jobs, results, options)


def _run_and_judge(
    console: Console, config: Config, jobs: list[Job], results: Store, options: dict[str, Any]
) -> int:
    stored = {} if options["rerun"] else results.keys()
    due = [Job(place=job.place, tasks=tasks) for job in jobs if (tasks := pending(job, stored))]
    tally = Tally()
    total = sum(len(job.tasks) for job in due)
    with Progress(console=console, total=total, verbose=options["verbose"]) as progress:
        ran = set()
        with closing(run_jobs(due, options["workers"])) as events:
            for event in events:
                judgement = None
                if isinstance(event, CellDone):
                    judgement = judge(event.task.variant, event.place.facts, event.evidence, config)
                    tally.note_cache(event, judgement, results.get(event.task.cell), config)
                    if not event.place.id in ran:
                        results.put_environment(event.place.record())
                        ran.add(event.place.id)
                    keep(results, event)
                    tally.add(event.task.cell.environment, judgement)
                elif isinstance(event, EnvironmentMissing):
                    tally.missing += event.cells
                progress.show(event, judgement)
        reused = _judge_stored(console, config, jobs, due, results, tally)
    console.print(Text(tally.summary(total - tally.missing, reused)), soft_wrap=True)
    return tally.exit_code()


def _judge_stored(
    console: Console, config: Config, jobs: list[Job], due: list[Job], results: Store, tally: Tally
) -> int:
    """Judge the evidence that was there already: an unchanged surprise is still one."""
    fresh = {task.cell for job in due for task in job.tasks}
    reused = [(job.place, task) for job in jobs for task in job.tasks if task.cell not in fresh]
    rows = {row.cell: row for row in results.rows()} if reused else {}
    for place, task in reused:
        evidence = rows[task.cell].evidence
        judgement = judge(task.variant, place.facts, evidence, config)
        tally.add(place.id, judgement)
        if judgement.agreement is Agreement.UNEXPECTED or judgement.is_unexplained:
            done = CellDone(task=task, place=place, evidence=evidence)
            console.print(Text(describe(done, judgement), style=STYLES[judgement.agreement]), soft_wrap=True)
    return len(reused)


class Tally:
    """Counts judgements and says what they mean for the exit code."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Agreement, 0)
        self.unexplained = 0
        self.missing = 0
        self.cache_findings: list[str] = []

    def add(self, environment: str, judgement: Judgement) -> None:
        self.counts[judgement.agreement] += 1
        self.unexplained += judgement.is_unexplained

    def note_cache(self, event: CellDone, judgement: Judgement, before: Row | None, config: Config) -> None:
        """A status that differs with JAX's compilation cache on and off is a finding of its own."""
        if before is None or before.evidence.jax_cache == event.evidence.jax_cache:
            return
        if (before.case_digest, before.environment_key) != (event.task.case.digest, event.place.key):
            return
        was = judge(event.task.variant, event.place.facts, before.evidence, config)
        if was.status is not judgement.status:
            self.cache_findings.append(
                f"{describe(event, judgement)}; with the compilation cache "
                f"{'on' if before.evidence.jax_cache else 'off'} it was {was.status.value}"
            )

    def exit_code(self) -> int:
        if self.counts[Agreement.UNEXPECTED] or self.cache_findings:
            return 1
        return 3 if self.unexplained or self.missing else 0

    def summary(self, ran: int, reused: int) -> str:
        gaps = self.counts[Agreement.NO_EVIDENCE] + self.missing
        unexplained = self.unexplained + self.missing
        lines = [f"compilation cache: {finding}" for finding in self.cache_findings]
        lines.append(
            f"{ran} cells ran, {reused} unchanged: {self.counts[Agreement.EXPECTED]} as expected, "
            f"{self.counts[Agreement.UNEXPECTED]} unexpected, {gaps} without evidence"
            f"{f' ({unexplained} of them unexplained)' if gaps else ''}"
        )
        return "\n".join(lines)


def run_case(console: Console, name: str, **options: Any) -> int:
    """Run a case's variants one after the other and show everything that they say."""
    workspace = Workspace.at(options["root"])
    (chosen,) = workspace.select(Selection(cases=(name,)))
    variants = [v for v in chosen.variants if not options["variants"] or v.name in options["variants"]]
    unknown = set(options["variants"]) - {v.name for v in chosen.variants}
    if unknown:
        known = ", ".join(v.name for v in chosen.variants)
        message = f"{name} has no variant {sorted(unknown)[0]!r}; it has {known}."
        raise UsageError(message)
    environment = options["environment"] or ("current" if options["python"] is None else None)
    (place,) = workspace.places(
        [environment] if environment else [],
        [chosen],
        python=options["python"],
        jax_cache=not options["no_jax_cache"],
    )
    place.prepare()
    tally = Tally()
    for seed in range(options["seeds"]):
        with place.session(seed) as session:
            for variant in variants:
                for device in workspace.devices(options["devices"]):
                    evidence = session.run(chosen.case, variant.name, device)
                    judgement = judge(variant, place.facts, evidence, workspace.config)
                    tally.add(place.id, judgement)
                    _show_run(console, variant.name, evidence, judgement)
    return tally.exit_code()


def _show_run(console: Console, variant: str, evidence: Evidence, judgement: Judgement) -> None:
    heading = f"{variant} (seed {evidence.seed}): {judgement.status.value}, expected {judgement.expected.value}"
    console.print(Text(f"{heading}, {evidence.seconds:.2f} s", style=STYLES[judgement.agreement]), soft_wrap=True)
    for text in (evidence.log, evidence.raised.traceback if evidence.raised else "", evidence.reason):
        if text.strip():
            console.print(Text(text.rstrip()), soft_wrap=True)


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


def _differences(before: Any, after: Any) -> list[str]:
    names = sorted(set(before) | set(after))
    return [f"{n} {before.get(n, 'none')} -> {after.get(n, 'none')}" for n in names if before.get(n) != after.get(n)]


def write_report(console: Console, workspace: Workspace, store: Path | None, *, check: bool) -> int:
    raise NoEvidence("not yet")
