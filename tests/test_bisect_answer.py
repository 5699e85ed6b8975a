"""What follows from an answer: whether it is decided, and from when its evidence is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bisect_answers import (
    TOYS,
    answer,
    commits,
    experiment,
    fixed_with_commit,
    point,
    reading,
    suspects,
    with_change,
)

from harness.bisect.answer import Answer, ReleaseSearch, newest_measurement


def at(day: int, label: str = "fixed"):
    return reading(label, measured_at=f"2026-01-{day:02}T00:00:00")


def searched() -> ReleaseSearch:
    """A search all of whose readings are of the first of January."""
    found = answer("failing", "fixed").releases
    (change,) = found.changes
    old = [replace(p, reading=replace(p.reading, measured_at=at(1).measured_at)) for p in found.points]
    return replace(found, points=tuple(old), changes=(replace(change, before=old[0], after=old[1]),))


def newest(**fields) -> str:
    found = searched()
    changed = replace(found, changes=(replace(found.changes[0], **fields),))
    return newest_measurement(changed)[:10]


def test_evidence_is_as_new_as_its_newest_run_wherever_that_stands():
    assert newest() == "2026-01-01"
    tried = replace(experiment("a mixture", "fixed"), reading=at(2))
    assert newest(suspects=suspects("toy", experiments=(tried,))) == "2026-01-02"
    inner = replace(searched(), points=(replace(point("3.0"), reading=at(3)),))
    assert newest(pair=inner) == "2026-01-03"
    measured = replace(point("c0ffee"), reading=at(4))
    assert newest(commits=commits(points=(measured,), reverted=None)) == "2026-01-04"
    undone = replace(experiment("without it", "failing"), reading=at(5))
    assert newest(commits=commits(points=(measured,), reverted=undone)) == "2026-01-05"


def test_a_drift_counts_too_and_nothing_measured_has_no_time():
    found = searched()
    late = replace(found.changes[0], before=replace(found.changes[0].before, reading=at(9)))
    assert newest_measurement(found, late)[:10] == "2026-01-09"
    assert newest_measurement(replace(found, points=(), changes=())) == ""


def test_a_commit_that_was_looked_for_and_not_found_is_undecided():
    found = fixed_with_commit()
    assert found.is_decided
    (change,) = found.releases.changes
    assert change.commits is not None
    missing = replace(change.commits, culprit=None)
    assert not with_change(found, commits=missing).is_decided
    assert with_change(found, commits=None).is_decided


@pytest.mark.parametrize("make", [TOYS[name] for name in TOYS if name in {"undecided", "nothing_known"}])
def test_what_has_no_verdict_or_only_a_range_is_undecided(make):
    found = make() if callable(make) else make
    assert isinstance(found, Answer)
    assert not found.is_decided
