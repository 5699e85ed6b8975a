"""`harness bisect`: since when, until when, because of which package, in which commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness import __version__
from harness.bisect.answer import Answer, Change, newest_measurement
from harness.bisect.campaign import Track, run_campaign
from harness.bisect.hosting import is_url
from harness.bisect.journal import Journal
from harness.bisect.lab import Lab, Subject
from harness.bisect.markdown import headline
from harness.bisect.pipeline import Bench, deepen, find_drift
from harness.bisect.progress import Steps
from harness.bisect.publish import write_answer, write_index
from harness.bisect.repository import Repository
from harness.bisect.shelf import Shelf
from harness.bisect.wish import Planner, Wish
from harness.config import DEFAULT_TIER, Axis, Config
from harness.corpus import Selected, Selection
from harness.device import Device
from harness.environment.places import THIS_PLATFORM
from harness.environment.resolve import Resolver
from harness.errors import NoEvidence, UsageError
from harness.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where things are kept."""

    store: Path | None
    """The results of the matrix, which count here too; the project's own if none."""
    reports: Path | None
    """The folder of the answers; beside the results if none."""
    rerun: bool = False
    """Whether nothing that is stored counts."""


def run_bisect(console: Console, workspace: Workspace, cases: Sequence[str], wish: Wish, files: Files) -> int:
    """Search, explain and report each case's changes; exit code 3 where one could not be decided.

    Raises:
        UsageError: an unknown case, package or bound; ends that do not differ, or are the wrong way round.
        NoEvidence: no network, no interpreter, or ends without a verdict.
    """
    selected = workspace.select(Selection(cases=tuple(cases)))
    folder = files.reports or workspace.config.store.parent / "bisect"
    undecided, failed = 0, []
    _check_clones(wish, workspace.config)
    with _bench(console, workspace, selected, wish, files) as bench:
        planner = Planner(bench=bench, wish=wish)
        tracks = [planner.track(subject) for subject in _subjects(workspace, selected, wish)]
        bench.steps.heading("releases")
        run_campaign(tracks, bench.lab, bench.steps)
        for track in tracks:
            try:
                answer = _answer(bench, track, wish)
            except (UsageError, NoEvidence) as error:
                failed.append(error)
                bench.steps.note(f"{track.subject.case.id} is left: {error}")
                continue
            write_answer(folder, answer, wish.slug)
            undecided += not answer.is_decided
            console.print(Text(headline(answer), style="bold"), soft_wrap=True)
        write_index(folder)
        ran = f"{bench.lab.cells} cells ran in {len(bench.lab.built)} environments"
    console.print(f"{ran}; reports are in {folder}", soft_wrap=True)
    if failed:
        raise failed[0]
    return NoEvidence.exit_code if undecided else 0


def _check_clones(wish: Wish, config: Config) -> None:
    """Refuse a path that is no repository before anything is measured; addresses are reached when needed."""
    for place in wish.repositories(config).values():
        if not is_url(place) or Path(place).exists():
            Repository.open(place)


@contextmanager
def _bench(
    console: Console, workspace: Workspace, selected: Sequence[Selected], wish: Wish, files: Files
) -> Iterator[Bench]:
    config = workspace.config
    with Journal(config.store.with_name("bisect.sqlite")) as journal, workspace.store(files.store) as results:
        if files.rerun:
            for chosen in selected:
                journal.forget(chosen.case.digest)
        yield Bench(
            lab=Lab(
                config=config,
                journal=journal,
                results=None if files.rerun else results,
                repeat=wish.repeat,
            ),
            shelf=Shelf(config=config, locks=workspace.locks, journal=journal, resolver=Resolver(config)),
            steps=Steps(console),
            depth=wish.depth(config),
        )


def _subjects(workspace: Workspace, selected: Sequence[Selected], wish: Wish) -> list[Subject]:
    return [
        subject_of(chosen, wish.variant, device)
        for chosen in selected
        for device in workspace.devices_of(chosen.case, wish.devices)
    ]


def subject_of(chosen: Selected, name: str, device: Device) -> Subject:
    """What is searched for.

    Raises:
        UsageError: the case has no such variant.
    """
    variant = chosen.case.variant(name)
    if variant is None:
        known = ", ".join(v.name for v in chosen.case.variants)
        message = f"{chosen.case.id} has no variant {name!r}; it has {known}."
        raise UsageError(message)
    return Subject(case=chosen.case, variant=variant, device=device)


def _answer(bench: Bench, track: Track, wish: Wish) -> Answer:
    subject = track.subject
    releases = deepen(bench, track)
    drift = find_drift(bench, track, _period(bench, subject))
    addresses = _addresses([*releases.changes, *([drift] if drift else [])]) if wish.repos else []
    return Answer(
        case=subject.case.id,
        title=subject.case.title,
        issue=subject.case.issue,
        digest=subject.case.digest,
        variant=subject.variant.name,
        device=str(subject.device),
        platform=THIS_PLATFORM,
        repeat=wish.repeat,
        command=wish.command(subject.case.id, addresses),
        tool=__version__,
        measured_at=newest_measurement(releases, drift),
        releases=releases,
        drift=drift,
    )


def _addresses(changes: Sequence[Change]) -> list[str]:
    """The repositories that were searched, as others can reach them."""
    inner = [within for change in changes if change.pair for within in change.pair.changes]
    searches = [change.commits for change in (*changes, *inner) if change.commits is not None]
    found = {search.package: search.repository for search in searches}
    return [f"{package}={repository}" for package, repository in sorted(found.items())]


def _period(bench: Bench, subject: Subject) -> Axis | None:
    """The axis that tells how a release was in its own time."""
    return next(
        (
            axis
            for axis in bench.lab.config.axes
            if (axis.library, axis.resolution, axis.tier) == (subject.case.library, "period", DEFAULT_TIER)
        ),
        None,
    )
