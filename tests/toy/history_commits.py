"""Random histories of commits: one that makes the change, stretches that do not build, merges of branches."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from harness.bisect.answer import CommitSearch
from toy.histories import Label, between
from toy.repository import ToyRepository

OLD, NEW = "fixed", "failing"


@dataclass
class Branch:
    """What a merge brought in: the commits after its base, by number."""

    base: int
    commits: list[int]


@dataclass
class CommitHistory:
    """Commits by number, in the order in which they were made; the last is the newer end."""

    line: list[int] = field(default_factory=list)
    """The first-parent history from the old end to the new one, both included."""
    labels: dict[int, Label] = field(default_factory=dict)
    parents: dict[int, tuple[int, ...]] = field(default_factory=dict)
    branches: dict[int, Branch] = field(default_factory=dict)
    """By the merge that brought them in."""
    features: set[str] = field(default_factory=set)
    repository: ToyRepository | None = None

    def add(self, label: Label, *parents: int) -> int:
        number = len(self.labels)
        self.labels[number], self.parents[number] = label, parents
        return number

    def write(self, path: Path) -> CommitHistory:
        self.repository = ToyRepository(path)
        for number, parents in self.parents.items():
            self.repository.commit({"number": str(number)}, f"commit {number}", parents=parents)
        self.repository.write()
        return self

    def number(self, sha: str) -> int:
        assert self.repository is not None
        return next(n for n, each in enumerate(self.repository.shas) if each.startswith(sha))

    def truth(self, line: Sequence[int]) -> dict[str, Label]:
        return {str(number): self.labels[number] for number in line}


def random_commits(chance: random.Random) -> CommitHistory:
    size = chance.choice([2, 3, 6, 12, 25, 60])
    changes = chance.choice([1, 1, 1, 1, 3]) if size > 6 else 1
    cuts = sorted(chance.sample(range(1, size), changes))
    history = CommitHistory(features={"one change" if changes == 1 else "several changes"})
    history.line.append(history.add(OLD))
    for at in range(1, size):
        is_new = sum(cut <= at for cut in cuts) % 2 == 1
        label = NEW if is_new else OLD
        if chance.random() < 0.4:
            _merge(chance, history, label, is_change=at in cuts)
        else:
            history.line.append(history.add(label, history.line[-1]))
    _hide(chance, history)
    return history


def _merge(chance: random.Random, history: CommitHistory, label: Label, *, is_change: bool) -> None:
    """A branch from the last commit or from one before with the same label, and its merge."""
    tip = history.line[-1]
    base = tip
    while base != 0 and history.labels[history.line[history.line.index(base) - 1]] == history.labels[tip]:
        if chance.random() < 0.5:
            break
        base = history.line[history.line.index(base) - 1]
    length = chance.randint(1, 5)
    # A change may come with the branch, or be of the merge alone.
    cut = chance.randrange(length + 1) if is_change else 0
    if is_change:
        history.features.add("culprit in a branch" if cut < length else "culprit is a merge")
    branch = Branch(base, [])
    for at in range(length):
        own = history.labels[tip] if is_change and at < cut else label
        branch.commits.append(history.add(own, branch.commits[-1] if branch.commits else base))
    merge = history.add(label, tip, branch.commits[-1])
    history.line.append(merge)
    history.branches[merge] = branch
    history.features.add("merges")


def _hide(chance: random.Random, history: CommitHistory) -> None:
    """Stretches that do not build or cannot be imported; now and then an end is among them."""
    for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
        start, length = (
            chance.randrange(1, len(history.line)),
            chance.choice([1, 2, 3, len(history.line) // 3]),
        )
        for number in history.line[start : min(start + length, len(history.line) - 1)]:
            history.labels[number] = None
            history.features.add("unbuildable stretch")
    if chance.random() < 0.3:
        for branch in history.branches.values():
            history.labels[chance.choice(branch.commits)] = None
    if chance.random() < 0.1:
        history.labels[chance.choice([history.line[0], history.line[-1]])] = None
        history.features.add("an end without a verdict")


def faults_of(history: CommitHistory, found: CommitSearch, *, into_merges: bool) -> Iterator[str]:
    """Everything that a search over commits claims and that is not so, or could be told and is not."""
    for point in found.points:
        label = history.labels[history.number(point.name)]
        if point.reading.label != label:
            yield f"{point.name} is called {point.reading.label} and is {label}"
    line = _searched(history, found, into_merges=into_merges)
    truth = history.truth(line)
    changes = _introductions(truth)
    candidates = [
        str(history.number(c.sha)) for c in ([found.culprit] if found.culprit else found.candidates)
    ]
    before = str(history.number(found.before.sha)) if found.before else None
    if not candidates or before is None:
        ends = [truth[str(line[0])], truth[str(line[-1])]]
        if changes:
            yield f"it names no commit, and the ends {ends} have {changes} between"
        return
    after = candidates[-1]
    if (before, after) not in changes:
        yield f"between {before} and {after} there is no change, but at {changes}"
    elif candidates[:-1] != between(truth, before, after):
        yield f"between {before} and {after} lie {between(truth, before, after)}, not {candidates[:-1]}"


def _introductions(truth: dict[str, Label]) -> list[tuple[str, str]]:
    decided = [(name, label) for name, label in truth.items() if label is not None]
    pairs = pairwise(decided)
    return [(one, other) for (one, was), (other, now) in pairs if (was, now) == (OLD, NEW)]


def _searched(history: CommitHistory, found: CommitSearch, *, into_merges: bool) -> list[int]:
    """The line that the answer has to be about: that of a branch where the change came with one."""
    named = found.culprit or (found.candidates[-1] if found.candidates else None)
    if not into_merges or named is None:
        return history.line
    number = history.number(named.sha)
    for merge, branch in history.branches.items():
        line = [branch.base, *branch.commits]
        is_brought = number == merge and found.culprit and _introductions(history.truth(line))
        if number in branch.commits or is_brought:
            return line
    return history.line
