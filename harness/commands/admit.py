"""`harness admit`: measure what a case needs to count as verified, decide, and keep the evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.version import Version
from rich.console import Console
from rich.text import Text

from harness import __version__
from harness.admit.causes import causes_of, origins_of
from harness.admit.document import admission_text
from harness.admit.header import condition_edits, origin_edits
from harness.admit.measure import (
    Beside,
    beside,
    cells_of,
    count_due,
    default_places,
    expected_anew,
    places_of,
    repeat_of,
    run_repeats,
)
from harness.admit.record import Admission, Reason, Repeat
from harness.admit.rewriting import Edits, rewritten
from harness.admit.sides import sides_of
from harness.admit.verdict import is_right_in_some, of_cells, of_sides, reasons
from harness.bisect.journal import Journal
from harness.case import Case
from harness.commands.admission_answers import answers_of, missing_searches
from harness.commands.admissions import Wanted, admission_path, distributions, objections, say
from harness.commands.bisect import Files, run_bisect
from harness.commands.matrix import run_matrix
from harness.config import Config
from harness.corpus import Selection
from harness.environment.places import THIS_PLATFORM
from harness.errors import HarnessError, NoEvidence
from harness.files import write_atomically
from harness.home import check_writable
from harness.judge import judge
from harness.progress import Progress
from harness.workspace import Workspace


def admit_cases(console: Console, config: Config, names: Sequence[str], wanted: Wanted) -> int:
    """Measure, decide and store; the exit code says how it went for all together."""
    check_writable(config.root, "`harness admit`")
    work = _Work(console=console, config=config, wanted=wanted, names=tuple(dict.fromkeys(names)))
    names = work.names
    work.measure(names)
    edited = [name for name in names if work.tried(name, work.correct)]
    if edited:
        work.measure(edited)
        for name in edited:
            work.tried(name, work.bisect)
    found = {name: work.gather(work.case(name)) for name in names if name not in work.problems}
    work.run_repeats(found)
    for name in found:
        work.tried(name, lambda case: work.decide(case, found[case.id]))
    return say(console, {name: work.problems[name] for name in names})


@dataclass(kw_only=True)
class _Work:
    """The steps, each over what the steps before have stored."""

    console: Console
    config: Config
    wanted: Wanted
    problems: dict[str, tuple[Reason, ...]] = field(default_factory=dict)

    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Read the corpus and the locks, anew where a header was written."""
        self.workspace = Workspace(config=self.config)
        self.names = self.names or tuple(case.id for case in self.workspace.cases)
        self.places = default_places(self.workspace, [self.case(name) for name in self.names])

    def case(self, name: str) -> Case:
        (chosen,) = self.workspace.select(Selection(cases=(name,)))
        return chosen.case

    def tried(self, name: str, step: Callable[[Case], bool]) -> bool:
        """What a step says; what stops it is the case's problem, and no other's."""
        try:
            return step(self.case(name))
        except HarnessError as error:
            missing = isinstance(error, NoEvidence)
            self.problems[name] = (Reason(text=str(error), is_missing=missing),)
            return False

    def measure(self, names: Sequence[str]) -> None:
        """Run the cells of the default matrix that are not stored."""
        options: dict[str, Any] = {
            "workers": self.wanted.workers,
            "environments": (),
            "devices": (),
            "full": False,
            "python": None,
            "called": "current",
            "no_jax_cache": False,
            "rerun": False,
            "verbose": False,
        }
        selection = Selection(cases=tuple(names))
        run_matrix(self.console, self.workspace, self.wanted.store, selection, options, by_kind=True)

    def gather(self, case: Case) -> Admission:
        """What is stored of a case, but for its repeats."""
        workspace = self.workspace
        places = places_of(case, self.places)
        with workspace.store(self.wanted.store) as results:
            cells, newest = cells_of(case, places, workspace.devices_of(case, ()), results, self.config)
        answers = answers_of(self.config, case)
        return Admission(
            case=case.id,
            digest=case.digest,
            platform=THIS_PLATFORM,
            tool=__version__,
            measured_at=newest,
            repeat=self.wanted.repeat,
            seeds=self.wanted.seeds,
            environments=tuple(sorted((name, place.key) for name, place in places.items())),
            cells=cells,
            sides=sides_of(cells, {name: place.record() for name, place in places.items()}),
            causes=causes_of(answers, self._distribution(case)),
            origins=origins_of(answers),
        )

    def correct(self, case: Case) -> bool:
        """Write what the header lacks; tell whether the case has another text now."""
        found = self.gather(case)
        edited = self._correct_conditions(case, found)
        case = self.case(case.id)
        found = replace(found, cells=expected_anew(case, found.cells, places_of(case, self.places)))
        if not self._is_worth_more(case, found):
            return edited
        self._bisect(case, found)
        return self._write(case, origin_edits(case, origins_of(answers_of(self.config, case)))) or edited

    def _is_worth_more(self, case: Case, admission: Admission) -> bool:
        """Whether the cells and the sides say nothing against the case."""
        return not (any(of_cells(case, admission.cells)) or any(of_sides(case, admission)))

    def _correct_conditions(self, case: Case, found: Admission) -> bool:
        places = places_of(case, self.places)
        distribution = self._distribution(case)
        releases = {name: Version(place.facts[distribution]) for name, place in places.items()}
        return self._write(case, condition_edits(case, found.cells, distribution, releases))

    def _write(self, case: Case, edits: Edits) -> bool:
        if edits:
            write_atomically(case.path, rewritten(case.path.read_bytes().decode(), edits))
            self.begin()
            told = ", ".join(f"{key} = {value}" for (_, key), value in edits.items())
            self._say(f"{case.id}: written as measured: {told}")
        return bool(edits)

    def bisect(self, case: Case) -> bool:
        self._bisect(case, self.gather(case))
        return True

    def _bisect(self, case: Case, found: Admission) -> None:
        """Find what makes a case change, where no answer about its text is published."""
        if is_right_in_some(found.cells):
            files = Files(store=self.wanted.store, reports=self.config.reports / "bisect")
            for wish in missing_searches(self.config, case, found, self.wanted.repos):
                run_bisect(self.console, self.workspace, [case.id], wish, files)

    def run_repeats(self, found: dict[str, Admission]) -> None:
        """Run the repeats of all that have nothing against them so far, together."""
        wanted = [each for admission in found.values() for each in self._beside(admission)]
        with Journal(self._journal) as journal:
            due = count_due(wanted, journal)
            with Progress(console=self.console, total=due) as progress:
                for event in run_repeats(wanted, journal, self.wanted.workers):
                    judged = judge(event.task.variant, event.place.facts, event.evidence, self.config)
                    progress.show(event, judged)
        self._say(f"{due} repeats ran, {sum(each.runs - 1 for each in wanted) - due} were stored")

    def _beside(self, admission: Admission) -> list[Beside]:
        case = self.case(admission.case)
        if not self._is_worth_more(case, admission):
            return []
        return beside(
            case,
            places_of(case, self.places),
            self.workspace.devices_of(case, ()),
            admission.cells,
            admission.sides,
            repeat=self.wanted.repeat,
            seeds=self.wanted.seeds,
        )

    def _repeats(self, admission: Admission) -> tuple[Repeat, ...]:
        with Journal(self._journal) as journal, self.workspace.store(self.wanted.store) as results:
            return tuple(repeat_of(each, self.config, journal, results) for each in self._beside(admission))

    @property
    def _journal(self) -> Path:
        return self.config.store.with_name("bisect.sqlite")

    def decide(self, case: Case, admission: Admission) -> bool:
        """Keep the evidence of what is admitted; an admission that no longer holds is taken away."""
        admission = replace(admission, repeats=self._repeats(admission))
        found = reasons(case, admission, self.config.libraries[case.library], distributions(self.config))
        path = admission_path(self.config, case.id)
        if not found and self._has_fuller(case):
            self._say(f"{case.id}: its stored admission, of more runs, stays")
        elif not found:
            write_atomically(path, admission_text(admission))
        elif not all(reason.is_missing for reason in found):
            path.unlink(missing_ok=True)
        self.problems[case.id] = found
        return not found

    def _has_fuller(self, case: Case) -> bool:
        """Whether an admission is stored that still holds, and rests on more runs than were asked for now."""
        fuller = (
            replace(self.wanted, repeat=self.wanted.repeat + 1),
            replace(self.wanted, seeds=self.wanted.seeds + 1),
        )
        return any(not objections(self.config, case, self.places, wanted) for wanted in fuller)

    def _distribution(self, case: Case) -> str:
        return self.config.libraries[case.library].distribution

    def _say(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)
