"""Stored admissions: where they are, and whether they hold for the texts and the locks as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.admit.document import read_admission
from harness.admit.measure import default_places, places_of
from harness.admit.record import Admission, Reason
from harness.admit.verdict import reasons
from harness.case import Case
from harness.config import Config
from harness.environment.places import Place
from harness.errors import NoEvidence, UsageError
from harness.verdict import expected_status
from harness.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How much is asked for, and with what."""

    repeat: int
    seeds: int
    repos: tuple[str, ...]
    workers: int
    store: Path | None


def admission_path(config: Config, case: str) -> Path:
    return config.reports / "admitted" / f"{case}.json"


def check_admissions(console: Console, workspace: Workspace, names: Sequence[str], wanted: Wanted) -> int:
    """A line per case, and the exit code; nothing is measured."""
    cases = {case.id: case for case in workspace.cases}
    chosen = [cases[name] for name in dict.fromkeys(names)] or workspace.cases
    places = default_places(workspace, chosen)
    config = workspace.config
    return say(console, {case.id: objections(config, case, places, wanted) for case in chosen})


def objections(config: Config, case: Case, default: Sequence[Place], wanted: Wanted) -> tuple[Reason, ...]:
    """Why the stored admission of a case does not count today, in the default matrix."""
    path = admission_path(config, case.id)
    again = f"run `harness admit {case.id}`."
    if not path.exists():
        return (Reason(text=f"there is no evidence in reports/admitted; {again}", is_missing=True),)
    places = places_of(case, default)
    expected = {(v.name, n): expected_status(v, p.facts) for n, p in places.items() for v in case.variants}
    try:
        admission = read_admission(path, expected)
    except UsageError as error:
        return (Reason(text=str(error)),)
    stale = _stale(config, case, admission, places, wanted)
    return tuple(Reason(text=f"{text}; {again}") for text in stale)


def _stale(
    config: Config, case: Case, admission: Admission, places: Mapping[str, Place], wanted: Wanted
) -> list[str]:
    if (admission.case, admission.digest) != (case.id, case.digest):
        return ["its text was changed since"]
    if admission.repeat < wanted.repeat or admission.seeds < wanted.seeds:
        return [f"it ran {admission.repeat} times and with {admission.seeds} seeds"]
    then, today = dict(admission.environments), {name: place.key for name, place in places.items()}
    if then != today:
        moved = sorted(name for name in {*then, *today} if then.get(name) != today.get(name))
        return [f"the lock of {', '.join(moved[:3])} is another one since"]
    found = reasons(case, admission, config.libraries[case.library], distributions(config))
    return [reason.text.rstrip(".") for reason in found]


def distributions(config: Config) -> set[str]:
    return {library.distribution for library in config.libraries.values()}


def say(console: Console, problems: dict[str, tuple[Reason, ...]]) -> int:
    """A line per case, and the exit code."""
    for name, found in problems.items():
        told = f"not admitted: {' '.join(reason.text for reason in found)}" if found else "admitted"
        console.print(Text(f"{name}: {told}"), soft_wrap=True)
    everything = [reason for found in problems.values() for reason in found]
    if not everything:
        return 0
    return NoEvidence.exit_code if all(reason.is_missing for reason in everything) else 1
