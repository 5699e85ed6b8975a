"""What a suite of planted histories says of a search: right, undecided or wrong, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Label = str | None
"""A status that a search may rely on; none where nothing is known."""

RIGHT, UNDECIDED, WRONG = "right", "undecided", "wrong"


@dataclass
class Tally:
    """Counts the verdicts on answers, and keeps what was wrong with each."""

    title: str
    """What is searched."""
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, faults: Sequence[str], *, is_decided: bool) -> None:
        """Count an answer: wrong with any fault, or else as decided as it says that it is."""
        self.counts[WRONG if faults else RIGHT if is_decided else UNDECIDED] += 1
        self.faults += [f"{name}: {fault}" for fault in faults]

    def __str__(self) -> str:
        counts = ", ".join(f"{self.counts[verdict]} {verdict}" for verdict in (RIGHT, UNDECIDED, WRONG))
        return f"{self.counts.total()} histories: {counts}"


def true_changes(truth: Mapping[str, Label]) -> set[tuple[str, str]]:
    """Every pair of neighbours, among the points that have a label, whose labels differ."""
    decided = [(name, label) for name, label in truth.items() if label is not None]
    return {(one, other) for (one, was), (other, now) in pairwise(decided) if was != now}


def between(truth: Mapping[str, Label], before: str, after: str) -> list[str]:
    """The points between two others."""
    names = list(truth)
    return names[names.index(before) + 1 : names.index(after)]


def false_claims(
    truth: Mapping[str, Label], claims: Iterable[tuple[str, str, Sequence[str]]]
) -> Iterator[str]:
    """What is not so of claimed changes: (before, after, the undecided between them).

    A change that is none, a neighbour that is none, and also a range that is wider than it has to be.
    """
    changes = true_changes(truth)
    for before, after, undecided in claims:
        if (before, after) not in changes:
            yield f"there is no change between the neighbours {before} and {after}"
        elif list(undecided) != between(truth, before, after):
            yield f"between {before} and {after} lie {between(truth, before, after)}, not {undecided}"


def accept(tally: Tally, record_testsuite_property: Callable[[str, object], None], *, at_least: int) -> None:
    """Nothing is wrong, and of so many."""
    record_testsuite_property(tally.title, str(tally))
    assert tally.faults == []
    assert tally.counts[WRONG] == 0
    assert tally.counts.total() >= at_least
