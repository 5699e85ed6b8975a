"""The search between two commits of the culprit, with everything else held as in a proven environment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.bisect.ahead import Ahead
from harness.bisect.answer import CommitSearch, Experiment, Move
from harness.bisect.commit_readings import CommitReadings, with_wheel
from harness.bisect.ends import Ends, Measure
from harness.bisect.labels import Reading
from harness.bisect.progress import Steps
from harness.bisect.repository import Repository
from harness.bisect.revisions import SHORT, Revision
from harness.bisect.search import Search
from harness.bisect.wheels import Recipe, Wheel, wheel_of, wheel_without
from harness.environment.build import Unbuildable
from harness.environment.lock import Lock
from harness.errors import UsageError


@dataclass(kw_only=True)
class CommitHunt:
    """Searches the commits of one package for the change from the old label to the new one."""

    repository: Repository
    package: str
    ends: Ends
    """The environments of the two releases; their other packages are what is held."""
    measure: Measure
    steps: Steps
    rest: Lock
    """The environment whose other packages are held."""
    versions: tuple[str, str]
    """Of the two releases, for builds whose version comes from git."""
    prepare: Callable[[], None] = lambda: None
    """Makes the held environment ready to be copied; runs while the first wheels are built."""
    other_rests: tuple[Lock, ...] = ()
    """Environments whose other packages are held for the commits that give no verdict beside `rest`."""

    def __post_init__(self) -> None:
        self.readings = CommitReadings(
            package=self.package,
            rests=(self.rest, *self.other_rests),
            measure=self.measure,
            make=self._wheel,
        )

    def run(
        self, first: Revision, last: Revision, *, suspects: Sequence[str] = (), into_merges: bool = False
    ) -> CommitSearch:
        """Find the first commit with the new label.

        Raises:
            UsageError: there is no commit between the two.
        """
        with Ahead(self._wheel) as self.ahead:
            return self._run(first, last, suspects, into_merges)

    def _run(
        self, first: Revision, last: Revision, suspects: Sequence[str], into_merges: bool
    ) -> CommitSearch:
        first, last, note = self._on_one_line(first, last)
        shas = self.repository.between(first.sha, last.sha)
        if not shas:
            message = f"there is no commit between {first.name} and {last.name} in {self.repository.name}."
            raise UsageError(message)
        shas = [first.sha, *shas]
        self.ahead.expect([shas[0], shas[-1]])
        self.prepare()
        notes = [text for text in (first.note, last.note, note) if text]
        labels = self._end(shas[0]).label, self._end(shas[-1]).label
        found = self._search(shas, suspects) if self._may_differ(*labels) else None
        if found is None:
            found = CommitSearchParts(note=self._unproven(first, last, shas))
        elif into_merges and found.culprit is not None:
            found = self._into(found)
        return self._result(first, last, shas, found, notes)

    def _on_one_line(self, first: Revision, last: Revision) -> tuple[Revision, Revision, str]:
        """The two ends such that the first is on the line of the last, or where their lines part.

        A release branch may have left the main line, and may have come back: then the fork point tells on
        which side the change is.
        """
        line = self.repository.between(first.sha, last.sha)
        if not line and first.sha != last.sha:
            message = (
                f"{last.name} is older than {first.name} in {self.repository.name}; "
                "give the ends the other way round."
            )
            raise UsageError(message)
        base = next(iter(self.repository.parents(line[0])), None) if line else first.sha
        if base == first.sha:
            return first, last, ""
        if base is None:
            message = f"{first.name} and {last.name} have no common commit in {self.repository.name}."
            raise UsageError(message)
        fork = Revision(name=base[:SHORT], sha=base)
        label = self._end(base).label
        parted = f"{first.name} is not on the line of {last.name}; they part at {fork.name}"
        if label == self.ends.new:
            note = f"{parted}, which is {label} already: the branch of {first.name} lacks the change"
            raise UsageError(f"{note}; search before it with --first.")
        return fork, last, parted

    def _may_differ(self, old: str | None, new: str | None) -> bool:
        """Whether ends are as they have to be, or have no verdict: then the change may lie further in."""
        return old in (self.ends.old, None) and new in (self.ends.new, None)

    def _search(self, shas: list[str], suspects: Sequence[str]) -> CommitSearchParts | None:
        """The change to the new label; none where no two commits show one."""
        positions = {sha: index for index, sha in enumerate(shas)}
        wished = [positions[sha] for sha in suspects if sha in positions]
        first = [index for at in wished for index in (at - 1, at) if index >= 0]
        # Where an end has no verdict, nothing says beforehand that two commits differ.
        is_open = None in (self.readings.of(shas[0]).label, self.readings.of(shas[-1]).label)
        search = Search(len(shas), first=first, sweep=is_open)
        for at, sha in enumerate(shas):
            if sha in self.readings.chosen:
                search.tell(at, self.readings.of(sha).label)
        while (index := search.next_point()) is not None:
            self._look_ahead(search, index, shas)
            reading = self.readings.of(shas[index])
            search.tell(index, reading.label)
            self.steps.step(shas[index][:SHORT], reading, _left(search, shas))
        labels = search.told
        # The last one that leads to the new label is what the newer release has.
        changes = [c for c in search.changes() if labels[c.after] == self.ends.new]
        if not changes:
            return None
        change = changes[-1]
        before, after = shas[change.before], shas[change.after]
        if not self.readings.agree_beside_one(before, after):
            return CommitSearchParts(note=self._beside_others(before, after))
        candidates = tuple(shas[index] for index in (*change.undecided, change.after))
        return CommitSearchParts(
            before=before,
            culprit=candidates[0] if len(candidates) == 1 else None,
            candidates=candidates if len(candidates) > 1 else (),
        )

    def _into(self, found: CommitSearchParts) -> CommitSearchParts:
        """Where the culprit is a merge: search the branch that it brought in."""
        assert found.culprit is not None
        parents = self.repository.parents(found.culprit)
        if len(parents) < 2:
            return found
        base = self.repository.merge_base(parents[0], parents[1])
        if base is None:
            return found
        merge = found.culprit[:SHORT]
        labels = self._end(base).label, self._end(parents[1]).label
        if not self._may_differ(*labels):
            return replace(
                found, note=f"the merge {merge} itself makes the change, its branch alone does not"
            )
        inner = self._search([base, *self.repository.between(base, parents[1])], ())
        if inner is None:
            note = f"whether the merge {merge} itself makes the change or its branch cannot be told"
            return replace(found, note=note)
        return replace(inner, note=f"it came with the merge {merge}")

    def _end(self, sha: str) -> Reading:
        """The label of a commit that is proven before any search, told as a step."""
        reading = self.readings.of(sha)
        self.steps.step(sha[:SHORT], reading, "")
        return reading

    def _wheel(self, sha: str) -> Wheel:
        return wheel_of(self.repository, sha, self._recipe(self.versions[0]))

    def _look_ahead(self, search: Search, index: int, shas: Sequence[str]) -> None:
        """Build what may be asked for next, whichever way this commit decides."""
        following = [search.next_if(index, label) for label in (self.ends.old, self.ends.new)]
        self.ahead.expect(shas[at] for at in (index, *following) if at is not None)

    def _recipe(self, version: str) -> Recipe:
        return Recipe(distribution=self.package, python=self.rest.python, pretend=version)

    def _unproven(self, first: Revision, last: Revision, shas: Sequence[str]) -> str:
        said = [
            f"{revision.name} ({revision.sha[:SHORT]}) gives {_told(self.readings.of(sha))}"
            for revision, sha in ((first, shas[0]), (last, shas[-1]))
        ]
        return (
            f"the repository does not show the change of the releases, {self.ends.old} to {self.ends.new}: "
            + ", ".join(said)
        )

    def _beside_others(self, before: str, after: str) -> str:
        said = [
            f"{sha[:SHORT]} is {self.readings.of(sha).label} beside {self.readings.rest_of(sha).id}"
            for sha in (before, after)
        ]
        return f"{' and '.join(said)}: the packages beside them may be what makes the difference"

    def _result(
        self, first: Revision, last: Revision, shas: list[str], found: CommitSearchParts, notes: list[str]
    ) -> CommitSearch:
        commit = self.repository.commit
        return CommitSearch(
            repository=self.repository.web or Path(self.repository.name).name,
            package=self.package,
            first=first.name,
            last=last.name,
            total=len(shas) - 1,
            held=str((self.readings.rest_of(found.culprit) if found.culprit else self.rest).id),
            points=tuple(self.readings.point(sha, commit(sha).date) for sha in self._in_order(shas)),
            before=commit(found.before) if found.before else None,
            culprit=commit(found.culprit) if found.culprit else None,
            candidates=tuple(commit(sha) for sha in found.candidates),
            reverted=self._revert(shas[-1], found.culprit) if found.culprit else None,
            compare_url=self.repository.compare_url(shas[0], shas[-1]),
            note="; ".join([*notes, *([found.note] if found.note else [])]),
        )

    def _in_order(self, shas: list[str]) -> list[str]:
        known = self.readings.chosen
        return [*(sha for sha in shas if sha in known), *(sha for sha in known if sha not in shas)]

    def _revert(self, tip: str, culprit: str) -> Experiment | None:
        """The newest end without the culprit: gives the old label if it alone makes the change."""
        try:
            wheel = wheel_without(self.repository, tip, culprit, self._recipe(self.versions[1]))
        except Unbuildable:
            return None
        if wheel is None:
            return None
        reading = self.measure(with_wheel(self.readings.rest_of(tip), self.package, wheel), {})
        description = f"{tip[:SHORT]} without {culprit[:SHORT]}"
        self.steps.step(description, reading, "")
        move = Move(package=self.package, before=tip[:SHORT], after=description)
        return Experiment(description=description, moved=(move,), reading=reading)


@dataclass(frozen=True, kw_only=True)
class CommitSearchParts:
    """What a search over commits says of them, by their digests."""

    before: str | None = None
    culprit: str | None = None
    candidates: tuple[str, ...] = ()
    note: str = ""


def _told(reading: Reading) -> str:
    return reading.label or f"no verdict ({reading.detail})"


def _left(search: Search, shas: Sequence[str]) -> str:
    for change in search.changes():
        if change.untested:
            names = f"{shas[change.before][:SHORT]} and {shas[change.after][:SHORT]}"
            return f"between {names}, {len(change.untested)} left"
    return ""
