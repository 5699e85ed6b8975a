"""`harness matrix`: run what is pending, store it, judge everything that was selected."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from harness.commands.tally import Tally
from harness.config import Config
from harness.corpus import Selection
from harness.errors import UsageError
from harness.judge import judge
from harness.matrix import Job, pending, plan
from harness.progress import STYLES, Progress, describe
from harness.runner import CellDone, EnvironmentMissing, keep, run
from harness.store import Store
from harness.verdict import Agreement
from harness.workspace import Workspace


def run_matrix(
    console: Console,
    workspace: Workspace,
    store: Path | None,
    selection: Selection,
    options: Mapping[str, Any],
    *,
    by_kind: bool = False,
) -> int:
    """Run what is pending, store it, and judge everything that was selected, stored or new.

    With `by_kind`, or without a selection, environments run only the kinds of case that they are for.
    """
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
        by_kind=by_kind or selection.is_empty(),
    )
    jobs = plan(selected, places, workspace.devices(options["devices"]))
    if not jobs:
        message = "no environment is about a selected case; `harness lock` makes those of the matrix."
        raise UsageError(message)
    for job in jobs:
        job.place.record()  # tells of an interpreter that cannot be asked, before a store is made
    with workspace.store(store) as results:
        return _run_and_judge(console, workspace.config, jobs, results, options)


def _run_and_judge(
    console: Console, config: Config, jobs: list[Job], results: Store, options: Mapping[str, Any]
) -> int:
    due = jobs if options["rerun"] else [_pending_part(job, results) for job in jobs]
    due = [job for job in due if job.tasks]
    tally = Tally()
    total = sum(len(job.tasks) for job in due)
    with Progress(console=console, total=total, verbose=options["verbose"]) as progress:
        ran = set()
        with closing(run(due, options["workers"])) as events:
            for event in events:
                judgement = None
                if isinstance(event, CellDone):
                    judgement = judge(event.task.variant, event.place.facts, event.evidence, config)
                    tally.note_cache(event, judgement, results.get(event.task.cell), config)
                    if event.place.id not in ran:
                        results.put_environment(event.place.record())
                        ran.add(event.place.id)
                    keep(results, event)
                    tally.add(judgement)
                elif isinstance(event, EnvironmentMissing):
                    tally.missing += event.cells
                progress.show(event, judgement)
        reused = _judge_stored(console, config, jobs, due, results, tally)
    console.print(Text(tally.summary(total - tally.missing, reused)), soft_wrap=True)
    return tally.exit_code()


def _pending_part(job: Job, results: Store) -> Job:
    """What must run: where the compilation cache is not used also what was measured with it."""
    due = {task.cell for task in pending(job, results.keys(job.place.id))}
    if not job.place.uses_jax_cache:
        due |= {row.cell for row in results.rows(job.place.id) if row.evidence.jax_cache}
    return Job(place=job.place, tasks=tuple(task for task in job.tasks if task.cell in due))


def _judge_stored(
    console: Console, config: Config, jobs: list[Job], due: list[Job], results: Store, tally: Tally
) -> int:
    """Judge the evidence that was there already: an unchanged surprise is still one."""
    fresh = {task.cell for job in due for task in job.tasks}
    reused = [(job.place, task) for job in jobs for task in job.tasks if task.cell not in fresh]
    rows = {row.cell: row for name in {place.id for place, _ in reused} for row in results.rows(name)}
    for place, task in reused:
        evidence = rows[task.cell].evidence
        judgement = judge(task.variant, place.facts, evidence, config)
        tally.add(judgement)
        if judgement.agreement is Agreement.UNEXPECTED or judgement.is_unexplained:
            done = CellDone(task=task, place=place, evidence=evidence)
            console.print(Text(describe(done, judgement), style=STYLES[judgement.agreement]), soft_wrap=True)
    return len(reused)
