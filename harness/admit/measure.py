"""Brings together what the store and the journal know of a case, and runs the repeats that are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import product

from harness.admit.record import CellFact, Repeat, Side
from harness.bisect.journal import Journal
from harness.bisect.lab import Lab, Subject, seen_in, trial_key
from harness.case import Case, Variant
from harness.config import Config
from harness.corpus import Selected
from harness.device import Device
from harness.environment.places import THIS_PLATFORM, Place
from harness.evidence import Cell
from harness.judge import judge
from harness.matrix import Job, Task
from harness.report.text import plain
from harness.rows import Row
from harness.runner import CellDone, run
from harness.store import PASSING, Store
from harness.verdict import expected_status
from harness.workspace import Workspace


def default_places(workspace: Workspace, cases: Sequence[Case]) -> list[Place]:
    """The environments of the default matrix, ready for these cases."""
    return workspace.places((), [Selected(case=c, variants=c.variants) for c in cases], by_kind=True)


def places_of(case: Case, places: Sequence[Place]) -> dict[str, Place]:
    """Those that a case runs in, by id."""
    return {place.id: place for place in places if place.runs(case)}


def cells_of(
    case: Case, places: Mapping[str, Place], devices: Sequence[Device], results: Store, config: Config
) -> tuple[tuple[CellFact, ...], str]:
    """Every cell of the case, and when the newest was measured."""
    facts, times = [], [""]
    for place in places.values():
        packages = place.facts
        for device, variant in product(devices, case.variants):
            cell = Cell(case=case.id, variant=variant.name, environment=place.id, device=str(device))
            row = results.get(cell)
            if row is not None and _is_current(row, case, place):
                times.append(row.evidence.measured_at)
            else:
                row = None
            facts.append(_fact(cell, variant, packages, row, config))
    return tuple(facts), max(times)


def _is_current(row: Row, case: Case, place: Place) -> bool:
    return (row.case_digest, row.environment_key, row.platform) == (case.digest, place.key, THIS_PLATFORM)


def _fact(
    cell: Cell, variant: Variant, packages: Mapping[str, str], row: Row | None, config: Config
) -> CellFact:
    judged = judge(variant, packages, row.evidence, config) if row else None
    return CellFact(
        variant=cell.variant,
        device=cell.device,
        environment=cell.environment,
        status=judged.status if judged else None,
        expected=expected_status(variant, packages),
        gap=judged.gap if row and judged and row.evidence.lack not in PASSING else "",
        detail=plain(seen_in(row.evidence)) if row else "",
    )


def expected_anew(case: Case, cells: Sequence[CellFact], places: Mapping[str, Place]) -> tuple[CellFact, ...]:
    """What was measured of a text beside what another header says of it."""
    variants = {variant.name: variant for variant in case.variants}
    facts = {name: place.facts for name, place in places.items()}
    return tuple(
        replace(cell, expected=expected_status(variants[cell.variant], facts[cell.environment]))
        for cell in cells
    )


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A cell beside a change, to be run several times."""

    place: Place
    subject: Subject
    takes_seed: bool
    runs: int

    def task(self, seed: int = 0) -> Task:
        subject = self.subject
        cell = Cell(
            case=subject.case.id,
            variant=subject.variant.name,
            environment=self.place.id,
            device=str(subject.device),
        )
        return Task(case=subject.case, variant=subject.variant, device=subject.device, cell=cell, seed=seed)


def beside(
    case: Case,
    places: Mapping[str, Place],
    devices: Sequence[Device],
    cells: Sequence[CellFact],
    sides: Sequence[Side],
    *,
    repeat: int,
    seeds: int,
) -> list[Beside]:
    """Every cell with evidence beside a change, with the runs that it needs."""
    by_name = {str(device): device for device in devices}
    takers = case.seeded
    known = {(c.variant, c.device, c.environment) for c in cells if c.is_evidence}
    where = dict.fromkeys((side.device, name) for side in sides for name in side.environments)
    return [
        Beside(
            place=places[name],
            subject=Subject(case=case, variant=variant, device=by_name[device]),
            takes_seed=variant.name in takers,
            runs=max(repeat, seeds) if variant.name in takers else repeat,
        )
        for device, name in where
        for variant in case.variants
        if (variant.name, device, name) in known
    ]


def run_repeats(wanted: Sequence[Beside], journal: Journal, workers: int) -> Iterator[CellDone]:
    """Run what the journal lacks, each in a process of its own, and keep it there.

    Seed 0 is what the matrix runs.
    """
    due = _due(wanted, journal)
    subjects = {(each.place.id, each.task().cell): each.subject for each, _ in due}
    with closing(run(_jobs(due), workers)) as events:
        for event in events:
            if isinstance(event, CellDone):
                subject = subjects[event.place.id, event.task.cell]
                journal.put_trial(trial_key(event.place, subject, event.task.seed), event.evidence)
                yield event


def count_due(wanted: Sequence[Beside], journal: Journal) -> int:
    """How many runs the journal lacks."""
    return len(_due(wanted, journal))


def _due(wanted: Sequence[Beside], journal: Journal) -> list[tuple[Beside, int]]:
    """Every run that is missing, with its seed."""
    return [
        (each, seed)
        for each in wanted
        for seed in range(1, each.runs)
        if journal.get_trial(trial_key(each.place, each.subject, seed)) is None
    ]


def _jobs(due: Sequence[tuple[Beside, int]]) -> list[Job]:
    """One job per environment, whichever case a cell is of."""
    places = {each.place.id: each.place for each, _ in due}
    return [
        Job(place=place, tasks=tuple(each.task(seed) for each, seed in due if each.place.id == name))
        for name, place in places.items()
    ]


def repeat_of(each: Beside, config: Config, journal: Journal, results: Store) -> Repeat:
    """What all runs of a cell say; one that is still missing runs now.

    Raises:
        NoEvidence: the environment cannot be built now.
    """
    lab = Lab(config=config, journal=journal, results=results, repeat=each.runs)
    reading = lab.read(each.place, each.subject)
    return Repeat(
        variant=each.subject.variant.name,
        device=str(each.subject.device),
        environment=each.place.id,
        takes_seed=each.takes_seed,
        runs=reading.runs,
        status=reading.label,
        detail=reading.detail,
    )
