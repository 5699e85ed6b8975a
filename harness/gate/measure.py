"""Runs what concerns a team in their state, or takes what is stored of just these versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from harness.bisect.journal import Journal, TrialKey
from harness.case import Case
from harness.choice import DeviceChoice
from harness.config import Config
from harness.environment.places import THIS_PLATFORM, InterpreterPlace, LockedPlace, Place, libraries_of
from harness.evidence import Cell, Evidence, Lack
from harness.gate.observations import Basis, Observation, Question
from harness.gate.states import GateState
from harness.judge import judge
from harness.matrix import Job, Task
from harness.report.text import plain, symptom_of
from harness.runner import CellDone, EnvironmentMissing, Event, run
from harness.store import PASSING, Store
from harness.verdict import expected_status


@dataclass(kw_only=True)
class Meter:
    """Observes states; counts what ran and what was stored."""

    config: Config
    journal: Journal
    results: Store
    workers: int
    show: Callable[[Event], None]
    rerun: bool = False

    def observe(
        self, state: GateState, cases: Sequence[Case], devices: DeviceChoice
    ) -> dict[Question, Observation]:
        """Everything that can be known of the cases in a state."""
        place = _importing(state.place, cases, self.config)
        tasks = [
            Task(
                case=case,
                variant=variant,
                device=device,
                cell=Cell(case=case.id, variant=variant.name, environment=place.id, device=str(device)),
            )
            for case in cases
            for variant in case.variants
            for device in devices.of(case)
        ]
        known = {} if self.rerun else self._stored(place, tasks)
        found = {
            _question(task): self._observation(task, place, known[task.cell], Basis.STORED)
            for task in tasks
            if task.cell in known
        }
        due = tuple(task for task in tasks if task.cell not in known)
        if due:
            found |= self._run(Job(place=place, tasks=due))
        return found

    def _run(self, job: Job) -> dict[Question, Observation]:
        found: dict[Question, Observation] = {}
        with closing(run([job], self.workers)) as events:
            for event in events:
                if isinstance(event, CellDone):
                    if job.place.is_repeatable:
                        self.journal.put_trial(trial_key(job.place, event.task), event.evidence)
                    observation = self._observation(event.task, job.place, event.evidence, Basis.RAN)
                    found[_question(event.task)] = observation
                elif isinstance(event, EnvironmentMissing):
                    found |= {
                        _question(task): self._untried(task, job.place, event.reason) for task in job.tasks
                    }
                self.show(event)
        return found

    def _stored(self, place: Place, tasks: Sequence[Task]) -> dict[Cell, Evidence]:
        """Evidence of earlier checks, of bisections and of the matrix: of just these versions and texts."""
        if not place.is_repeatable:
            return {}
        found: dict[Cell, Evidence] = {}
        of_matrix = self.results.of_key(place.key, THIS_PLATFORM)
        for task in tasks:
            row = of_matrix.get((task.case.id, task.variant.name, str(task.device)))
            of_row = row.evidence if row is not None and row.case_digest == task.case.digest else None
            for evidence in (self.journal.get_trial(trial_key(place, task)), of_row):
                if evidence is not None and _counts(evidence, place):
                    found[task.cell] = evidence
                    break
        return found

    def _observation(self, task: Task, place: Place, evidence: Evidence, basis: Basis) -> Observation:
        judgement = judge(task.variant, place.facts, evidence, self.config)
        return Observation(
            status=judgement.status,
            expected=judgement.expected,
            basis=basis,
            symptom=symptom_of(evidence.raised) if evidence.raised else "",
            reason=plain(evidence.reason),
            is_package_missing=evidence.lack is Lack.PACKAGE,
            deprecations=evidence.deprecations,
            measured_at=evidence.measured_at,
        )

    def _untried(self, task: Task, place: Place, reason: str) -> Observation:
        expected = expected_status(task.variant, place.facts)
        return Observation(status=None, expected=expected, basis=Basis.RAN, reason=plain(reason))


def _counts(evidence: Evidence, place: Place) -> bool:
    """Whether what is stored may stand for a run of today."""
    if evidence.lack in (*PASSING, Lack.BUILD):
        return False
    return place.uses_jax_cache or not evidence.jax_cache


def _importing(place: Place, cases: Sequence[Case], config: Config) -> Place:
    """The same place, in which only what these cases need is imported."""
    assert isinstance(place, LockedPlace | InterpreterPlace)
    return replace(place, libraries=libraries_of(cases, config))


def trial_key(place: Place, task: Task) -> TrialKey:
    """What must be the same for a run to count again."""
    return TrialKey(
        case_digest=task.case.digest,
        variant=task.variant.name,
        device=str(task.device),
        environment_key=place.key if place.uses_jax_cache else f"{place.key}-plain",
        platform=THIS_PLATFORM,
        seed=0,
        attempt=0,
    )


def _question(task: Task) -> Question:
    return Question(case=task.case.id, variant=task.variant.name, device=str(task.device))
