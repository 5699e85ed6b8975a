"""Measures cases in places and remembers: what ran once, here or in the matrix, does not run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from harness.bisect.journal import Journal, TrialKey
from harness.bisect.labels import Reading, label_of
from harness.case import Case, Variant
from harness.config import Config
from harness.device import Device
from harness.environment.build import Unbuildable, build
from harness.environment.installed import site_packages
from harness.environment.places import THIS_PLATFORM, LockedPlace, Place
from harness.evidence import Cell, Evidence, Lack, Outcome
from harness.judge import judge
from harness.probe.client import DeadEnvironment
from harness.probe.session import now
from harness.store import PASSING, Store
from harness.verdict import Status


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is searched for: the status of one variant on one device."""

    case: Case
    variant: Variant
    device: Device


@dataclass(kw_only=True)
class Lab:
    """Measures every subject `repeat` times, each time with another seed; a point must agree with itself."""

    config: Config
    journal: Journal
    results: Store | None
    """The results of the matrix, which count here too."""
    repeat: int = 1
    built: set[str] = field(default_factory=set)
    """Keys of the environments that something ran in."""
    cells: int = 0
    """How many cells ran."""
    fresh: dict[TrialKey, Evidence] = field(default_factory=dict)
    """What ran now, also what counts for no later run: a device that was missing, a probe that died."""

    def known(self, place: Place, subject: Subject) -> Reading | None:
        """What is stored of a point; none where something would have to run."""
        evidences = [self._stored(place, subject, seed) for seed in range(self.repeat)]
        found = [evidence for evidence in evidences if evidence is not None]
        if len(found) < self.repeat and not _is_hopeless(found):
            return None
        return replace(self._reading(place, subject, found), stored=True)

    def read(self, place: Place, subject: Subject) -> Reading:
        (reading,) = self.read_all(place, [subject])
        return reading

    def read_all(self, place: Place, subjects: Sequence[Subject]) -> list[Reading]:
        """Measure subjects in a place, all in one session.

        Raises:
            NoEvidence: the place cannot be built now: no network, interpreter or room.
        """
        known = [self.known(place, subject) for subject in subjects]
        missing = [subject for subject, reading in zip(subjects, known, strict=True) if reading is None]
        if missing:
            self._measure(place, missing)
        return [
            reading or replace(self._known(place, subject), stored=False)
            for subject, reading in zip(subjects, known, strict=True)
        ]

    def warm(self, place: LockedPlace) -> None:
        """Import the libraries of an environment once, so that copies of it find compiled bytecode."""
        prefix = build(place.lock, self.config.only_binary).parent.parent
        if not any(path for folder in site_packages(prefix) for path in folder.glob("*/__pycache__")):
            with place.session() as session, suppress(DeadEnvironment):
                session.hello()

    def _known(self, place: Place, subject: Subject) -> Reading:
        """The reading after a measurement, whatever is missing of it."""
        evidences = [self._stored(place, subject, seed, lasting=False) for seed in range(self.repeat)]
        return self._reading(place, subject, [e for e in evidences if e is not None])

    def _measure(self, place: Place, subjects: Sequence[Subject]) -> None:
        self.built.add(place.key)
        try:
            place.prepare()
        except Unbuildable as error:
            for subject in subjects:
                self._keep(place, subject, 0, _unbuilt(str(error)))
            return
        with place.session() as session:
            for seed in range(self.repeat):
                for subject in [each for each in subjects if self._is_due(place, each, seed)]:
                    evidence = session.run(subject.case, subject.variant.name, subject.device, seed)
                    self._keep(place, subject, seed, evidence)
                    self.cells += 1

    def _is_due(self, place: Place, subject: Subject, seed: int) -> bool:
        if self._stored(place, subject, seed) is not None:
            return False
        earlier = [self._stored(place, subject, before, lasting=False) for before in range(seed)]
        return not _is_hopeless([evidence for evidence in earlier if evidence is not None])

    def _stored(self, place: Place, subject: Subject, seed: int, *, lasting: bool = True) -> Evidence | None:
        key = trial_key(place, subject, seed)
        if not lasting and key in self.fresh:
            return self.fresh[key]
        found = self.journal.get_trial(key)
        if found is None and seed == 0:
            found = self._of_matrix(place, subject)
        return found

    def _of_matrix(self, place: Place, subject: Subject) -> Evidence | None:
        if self.results is None:
            return None
        row = self.results.get(
            Cell(
                case=subject.case.id,
                variant=subject.variant.name,
                environment=place.id,
                device=str(subject.device),
            )
        )
        if row is None or row.evidence.lack in PASSING:
            return None
        same = (row.case_digest, row.environment_key, row.platform)
        if same != (subject.case.digest, place.key, THIS_PLATFORM):
            return None
        return None if row.evidence.jax_cache and not place.uses_jax_cache else row.evidence

    def _keep(self, place: Place, subject: Subject, seed: int, evidence: Evidence) -> None:
        key = trial_key(place, subject, seed)
        self.fresh[key] = evidence
        self.journal.put_trial(key, evidence)

    def _reading(self, place: Place, subject: Subject, evidences: Sequence[Evidence]) -> Reading:
        statuses = [judge(subject.variant, place.facts, e, self.config).status for e in evidences]
        label, detail = agreed(statuses, [seen_in(e) for e in evidences])
        return Reading(
            label=label,
            detail=detail,
            runs=sum(e.outcome is not Outcome.UNAVAILABLE for e in evidences),
            seconds=round(sum(e.seconds for e in evidences), 3),
            attested=_versions(evidences),
            measured_at=max((e.measured_at for e in evidences), default=""),
        )


def agreed(statuses: Sequence[Status], said: Sequence[str]) -> tuple[str | None, str]:
    """The label that all runs of a point share, and what was seen; no label where they differ."""
    counts = Counter(statuses)
    if len(counts) > 1:
        parts = ", ".join(f"{status.value} {count} times" for status, count in counts.most_common())
        return None, f"disagrees with itself: {parts}"
    (status,) = counts
    label = label_of(status)
    if label is not None:
        return label, said[0]
    return None, f"{status.value}: {said[0]}" if said[0] else status.value


def trial_key(place: Place, subject: Subject, seed: int) -> TrialKey:
    """What must be the same for a run to count as the same."""
    return TrialKey(
        case_digest=subject.case.digest,
        variant=subject.variant.name,
        device=str(subject.device),
        environment_key=place.key if place.uses_jax_cache else f"{place.key}-plain",
        platform=THIS_PLATFORM,
        seed=seed,
        attempt=0,
    )


def _is_hopeless(evidences: Sequence[Evidence]) -> bool:
    """Whether a further run would say the same: nothing can be run there."""
    return any(e.outcome is Outcome.UNAVAILABLE and e.lack is not Lack.PROBE for e in evidences)


def _unbuilt(reason: str) -> Evidence:
    return Evidence(outcome=Outcome.UNAVAILABLE, lack=Lack.BUILD, reason=reason, measured_at=now())


def seen_in(evidence: Evidence) -> str:
    """What was seen, on one line."""
    text = evidence.reason
    if evidence.raised is not None:
        text = f"{evidence.raised.type.rpartition('.')[2]}: {evidence.raised.message}"
    return " ".join(text.split())


def _versions(evidences: Sequence[Evidence]) -> tuple[tuple[str, str], ...]:
    attested = next((e.attested for e in evidences if e.attested is not None), None)
    return tuple(sorted(attested.versions.items())) if attested else ()
