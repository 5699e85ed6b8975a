"""Corpus x environments x devices -> cells, and which of them need to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.case import Case, Variant
from harness.choice import DeviceChoice
from harness.corpus import Selected
from harness.device import Device
from harness.environment.places import THIS_PLATFORM, Place
from harness.evidence import Cell


@dataclass(frozen=True, kw_only=True)
class Task:
    """A cell together with what is needed to run it."""

    case: Case
    variant: Variant
    device: Device
    cell: Cell
    seed: int = 0
    """For a variant that takes one; of others, which of several runs it is."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """The cells of one environment."""

    place: Place
    tasks: tuple[Task, ...]


def plan(selected: Sequence[Selected], places: Sequence[Place], devices: DeviceChoice) -> list[Job]:
    """Every cell of the matrix, grouped by environment; environments without a cell are left out."""
    jobs = []
    for place in places:
        tasks = tuple(
            Task(
                case=chosen.case,
                variant=variant,
                device=device,
                cell=Cell(
                    case=chosen.case.id, variant=variant.name, environment=place.id, device=str(device)
                ),
            )
            for chosen in selected
            if place.runs(chosen.case)
            for variant in chosen.variants
            for device in devices.of(chosen.case)
        )
        if tasks:
            jobs.append(Job(place=place, tasks=tasks))
    return jobs


def pending(job: Job, stored: Mapping[Cell, tuple[str, str, str]]) -> tuple[Task, ...]:
    """The tasks of a job whose evidence is not stored, or was measured on something else."""
    if not job.place.is_repeatable:
        return job.tasks
    key = job.place.key
    return tuple(t for t in job.tasks if stored.get(t.cell) != (t.case.digest, key, THIS_PLATFORM))
