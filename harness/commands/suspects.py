"""`harness suspects`: which packages make the difference between two environments."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from harness import __version__
from harness.bisect.answer import Answer, Change, ReleaseSearch, newest_measurement
from harness.bisect.campaign import release_point
from harness.bisect.command import CommandTrial
from harness.bisect.ends import Ends, Measure, Variables
from harness.bisect.journal import Journal, command_digest
from harness.bisect.lab import Lab, Subject
from harness.bisect.labels import FAILS, PASSES, Reading, is_bad
from harness.bisect.markdown import headline
from harness.bisect.mixes import refusal
from harness.bisect.progress import Steps
from harness.bisect.publish import write_answer, write_index
from harness.bisect.shelf import Shelf
from harness.bisect.suspects import find_suspects
from harness.commands.bisect import subject_of
from harness.config import Config
from harness.corpus import Selection
from harness.environment.build import Unbuildable, build
from harness.environment.lock import Lock
from harness.environment.places import THIS_PLATFORM, LockedPlace, libraries_of
from harness.environment.resolve import Resolver
from harness.environment.states import State, state_of
from harness.errors import NoEvidence, UsageError
from harness.options import COMMAND_TIMEOUT
from harness.probe.session import now
from harness.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class CommandLab:
    """Runs a user's command in environments, once in each unless it is to agree with itself."""

    trial: CommandTrial
    journal: Journal
    config: Config
    repeat: int

    @property
    def digest(self) -> str:
        """What a reading is kept under: with more time or more runs, a command may say something else."""
        known = command_digest(self.trial.argv, self.trial.folder)
        return f"{known} {self.repeat} {self.trial.timeout:g}"

    def measure(self, lock: Lock, variables: Variables) -> Reading:
        kept = self.journal.get_reading(self.digest, lock.key)
        if kept is not None:
            return replace(kept, stored=True)
        reading = self._run(lock)
        self.journal.put_reading(self.digest, lock.key, reading)
        return reading

    def _run(self, lock: Lock) -> Reading:
        try:
            python = build(lock, self.config.only_binary)
        except Unbuildable as error:
            return Reading(label=None, detail=f"unbuildable: {' '.join(str(error).split())}", runs=0)
        readings = [self.trial.run(python) for _ in range(self.repeat)]
        labels = [str(reading.label or "unknown") for reading in readings]
        if len(set(labels)) > 1:
            detail = f"disagrees with itself: {', '.join(labels)}"
            return replace(readings[0], label=None, detail=detail, runs=self.repeat)
        seconds = sum(reading.seconds for reading in readings)
        return replace(readings[0], runs=self.repeat, seconds=seconds, measured_at=now())


def run_suspects(
    console: Console,
    workspace: Workspace,
    store: Path | None,
    case: str | None,
    command: Sequence[str],
    options: Mapping[str, Any],
) -> int:
    """Search between two states; exit code 3 where no set of packages could be found.

    Raises:
        UsageError: a state is none, or the states do not differ as was said.
        NoEvidence: no network, no interpreter, or a state without a verdict.
    """
    config = workspace.config
    good, bad = (
        state_of(options[name], python=options["python"], config=config, locks=workspace.locks)
        for name in ("good", "bad")
    )
    steps = Steps(console)
    with (
        Journal(config.store.with_name("bisect.sqlite")) as journal,
        workspace.store(store) as results,
    ):
        shelf = Shelf(config=config, locks=workspace.locks, journal=journal, resolver=Resolver(config))
        if case is not None:
            (chosen,) = workspace.select(Selection(cases=(case,)))
            device, *others = workspace.devices_of(chosen.case, options["devices"])
            if others and options["devices"]:
                message = f"--device {device} and --device {others[0]} are two searches; give one of them."
                raise UsageError(message)
            subject = subject_of(chosen, options["variant"], device)
            if options["rerun"]:
                journal.forget(subject.case.digest)
            lab = Lab(
                config=config,
                journal=journal,
                results=None if options["rerun"] else results,
                repeat=options["repeat"],
            )
            measure = _measure_case(lab, subject)
            prime = tuple(library.distribution for library in config.libraries.values())
            asked = _asked_case(subject)
        else:
            trial = CommandTrial(argv=tuple(command), folder=Path.cwd(), timeout=options["timeout"])
            commands = CommandLab(trial=trial, journal=journal, config=config, repeat=options["repeat"])
            if options["rerun"]:
                journal.forget(commands.digest)
            measure = commands.measure
            prime = ()
            asked = _asked_command(command)
        change = _compare(good, bad, measure, shelf, steps, prime)
    answer = _answer(change, asked, options)
    folder = options["reports"] or config.store.parent / "bisect"
    target = write_answer(folder, answer, "suspects" if case else "")
    write_index(folder)
    console.print(Text(headline(answer), style="bold"), soft_wrap=True)
    console.print(f"the report is in {target}", soft_wrap=True)
    assert change.suspects is not None
    return 0 if change.suspects.culprits else NoEvidence.exit_code


def _measure_case(lab: Lab, subject: Subject) -> Measure:
    libraries = libraries_of([subject.case], lab.config)

    def measure(lock: Lock, variables: Variables) -> Reading:
        return lab.read(LockedPlace(lock, lab.config, libraries, variables=variables), subject)

    return measure


def _compare(
    good: State, bad: State, measure: Measure, shelf: Shelf, steps: Steps, prime: Sequence[str]
) -> Change:
    """Prove both states, then search between them."""
    steps.heading("states")
    labels = []
    for called, state in (("good", good), ("bad", bad)):
        reading = measure(state.lock, {})
        steps.step(state.name, reading, f"given as {called}")
        if reading.label is None:
            message = (
                f"{state.name}, given as {called}, has no verdict ({reading.detail}); give another state."
            )
            raise NoEvidence(message)
        labels.append(reading)
    _check(good, bad, labels[0], labels[1])
    ends = Ends(
        before=good.lock,
        after=bad.lock,
        old=str(labels[0].label),
        new=str(labels[1].label),
        names=(good.name, bad.name),
    )
    steps.heading("suspects")
    binary = shelf.config.only_binary
    reasons = [refusal(state.lock, binary) for state in (good, bad)]
    for state, reason in zip((good, bad), reasons, strict=True):
        if reason:
            steps.note(f"{state.name} contradicts its own requirements, so mixtures are installed unchecked")
    hunted = find_suspects(ends, measure, shelf, steps, prime, consistent=not any(reasons))
    return Change(
        before=release_point(good.name, "", good.lock, labels[0]),
        after=release_point(bad.name, "", bad.lock, labels[1]),
        suspects=hunted.suspects,
    )


def _check(good: State, bad: State, is_good: Reading, is_not: Reading) -> None:
    assert is_good.label is not None
    assert is_not.label is not None
    said = f"{good.name} {_told(is_good.label)} and {bad.name} {_told(is_not.label)}"
    if is_bad(is_good.label) and not is_bad(is_not.label):
        message = f"the states are the wrong way round: {said}; give --good {bad.name} --bad {good.name}."
        raise UsageError(message)
    if is_bad(is_good.label) == is_bad(is_not.label):
        message = f"the states do not differ: {said}; give two that do."
        raise UsageError(message)


def _told(label: str) -> str:
    return label if label in (PASSES, FAILS) else f"is {label}"


def _asked_case(subject: Subject) -> dict[str, str]:
    return {
        "case": subject.case.id,
        "title": subject.case.title,
        "issue": subject.case.issue,
        "digest": subject.case.digest,
        "variant": subject.variant.name,
        "device": str(subject.device),
    }


def _asked_command(command: Sequence[str]) -> dict[str, str]:
    text = shlex.join(command)
    return {"case": "command", "title": text, "issue": "", "digest": "", "variant": text, "device": "cpu"}


def _answer(change: Change, asked: Mapping[str, Any], options: Mapping[str, Any]) -> Answer:
    words = ["harness", "suspects", "--good", options["good"], "--bad", options["bad"]]
    words += ["--python", options["python"]] if options["python"] else []
    words += ["--repeat", str(options["repeat"])] if options["repeat"] != 1 else []
    if asked["issue"]:
        words += ["--variant", asked["variant"]] if asked["variant"] != "failure" else []
        words += ["--device", asked["device"]] if options["devices"] else []
        line = shlex.join([*words, asked["case"]])
    else:
        words += ["--timeout", f"{options['timeout']:g}"] if options["timeout"] != COMMAND_TIMEOUT else []
        line = f"{shlex.join(words)} -- {asked['title']}"
    releases = ReleaseSearch(
        package="",
        held="two states",
        points=(change.before, change.after),
        changes=(change,),
        unmeasured=(),
    )
    return Answer(
        **asked,
        platform=THIS_PLATFORM,
        repeat=options["repeat"],
        command=line,
        tool=__version__,
        measured_at=newest_measurement(releases),
        releases=releases,
    )
