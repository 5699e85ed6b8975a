"""Answers of toy bisections, built by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from harness.bisect.answer import (
    Answer,
    Change,
    Commit,
    CommitSearch,
    Experiment,
    Move,
    Point,
    ReleaseSearch,
    Suspects,
)
from harness.bisect.labels import Reading

WEB = "https://github.com/toy/toy"
SYMPTOM = "ValueError: the shapes disagree"
BUILD = "unbuildable: no wheel for Python 3.11"


def reading(label: str | None = "failing", **changes) -> Reading:
    detail = {"failing": SYMPTOM, "refuted": SYMPTOM, None: BUILD}.get(label, "")
    return Reading(**{"label": label, "detail": detail, "seconds": 2.125, **changes})


def point(name: str, label: str | None = "failing", **changes) -> Point:
    """A release of the toy library; the minor version is also the month of its upload and of another's."""
    last = name.rpartition(".")[2]
    minor = int(last) if last.isdigit() else 1
    fields = {
        "name": name,
        "environment": f"toy-{name}",
        "key": f"key-{name}",
        "python": "3.11",
        "date": f"2024-{minor % 12 + 1:02}-15",
        "packages": (("other", f"3.{minor}"), ("toy", name)),
        "reading": reading(label),
    }
    return Point(**{**fields, **changes})


def points(*labels: str | None) -> tuple[Point, ...]:
    """Releases 1.0, 1.1 and so on."""
    return tuple(point(f"1.{minor}", label) for minor, label in enumerate(labels))


def changes_of(found: tuple[Point, ...]) -> tuple[Change, ...]:
    """Every change between known neighbours."""
    known = [each for each in found if each.reading.label]
    return tuple(
        Change(
            before=before,
            after=after,
            undecided=tuple(each.name for each in found[found.index(before) + 1 : found.index(after)]),
        )
        for before, after in pairwise(known)
        if before.reading.label != after.reading.label
    )


def releases(*labels: str | None, **changes) -> ReleaseSearch:
    found = points(*labels)
    fields = {
        "package": "toy",
        "held": "period",
        "points": found,
        "changes": changes_of(found),
        "unmeasured": (),
    }
    return ReleaseSearch(**{**fields, **changes})


def answer(*labels: str | None, **changes) -> Answer:
    """What a search over the releases 1.0, 1.1 and so on found, where all were measured."""
    fields = {
        "case": "toy-1",
        "title": "The `shape` is kept.",
        "issue": f"{WEB}/issues/1",
        "digest": "d" * 64,
        "variant": "failure",
        "device": "cpu",
        "platform": "linux-x86_64",
        "repeat": 1,
        "command": "harness bisect toy-1",
        "tool": "0.1.0",
        "measured_at": "2025-05-01T10:00:00",
        "releases": releases(*labels),
    }
    return Answer(**{**fields, **changes})


def with_change(found: Answer, **changes) -> Answer:
    """The answer with more known about its last change."""
    *others, last = found.releases.changes
    return replace(found, releases=replace(found.releases, changes=(*others, replace(last, **changes))))


def commit(sha: str = "c" * 40, **changes) -> Commit:
    fields = {
        "sha": sha,
        "date": "2024-02-01",
        "subject": "Keep the shape (#7)",
        "pull_request": 7,
        "url": f"{WEB}/pull/7",
    }
    return Commit(**{**fields, **changes})


def commits(**changes) -> CommitSearch:
    found = (point("b" * 10), point("c" * 10, "fixed"), point("e" * 10, None))
    fields = {
        "repository": WEB,
        "package": "toy",
        "first": "1.1",
        "last": "1.2",
        "total": 37,
        "held": "toy-1.2",
        "points": found,
        "before": commit("b" * 40, subject="Tidy up", pull_request=None, url=f"{WEB}/commit/{'b' * 40}"),
        "culprit": commit(),
        "reverted": experiment("1.2 without cccccccccc", "failing"),
        "compare_url": f"{WEB}/compare/{'a' * 40}...{'e' * 40}",
    }
    return CommitSearch(**{**fields, **changes})


def experiment(description: str, label: str | None, *moved: Move) -> Experiment:
    return Experiment(description=description, moved=moved, reading=reading(label))


TOY = Move(package="toy", before="1.1", after="1.2")
OTHER = Move(package="other", before="3.1", after="3.2")
THIRD = Move(package="third", before=None, after="0.1")


def suspects(*culprits: str, old: str = "failing", new: str = "fixed", **changes) -> Suspects:
    """A proof in both directions for these packages."""
    names = culprits or ("toy",)
    moved = [move for move in (OTHER, THIRD, TOY) if move.package in names]
    back = [Move(package=move.package, before=move.after, after=move.before) for move in moved]
    told = ", ".join(f"{move.package} {move.after}" for move in moved)
    undone = ", ".join(f"{move.package} {move.before}" for move in moved)
    sufficient = experiment(f"toy-1.1 with {told}", new, *moved)
    necessary = experiment(f"toy-1.2 with {undone}", old, *back)
    fields = {
        "moves": (OTHER, THIRD, TOY),
        "culprits": names,
        "sufficient": sufficient,
        "necessary": necessary,
        "experiments": (sufficient, necessary),
    }
    return Suspects(**{**fields, **changes})


def fixed_with_commit() -> Answer:
    """Failing to 1.1, fixed from 1.2, by a commit of the library itself."""
    found = answer("failing", "failing", "fixed", "fixed")
    return with_change(found, suspects=suspects(), commits=commits())


def introduced_then_fixed() -> Answer:
    return answer("fixed", "failing", "failing", "fixed")


def undecided() -> Answer:
    """Three releases without a verdict, for two reasons, between the two ends of the change."""
    found = answer("failing", None, None, None, "fixed")
    flaky = reading(None, detail="disagrees with itself: failing 2 times, fixed 1 times")
    last = replace(found.releases.points[3], reading=flaky)
    return replace(
        found,
        releases=replace(
            found.releases, points=(*found.releases.points[:3], last, *found.releases.points[4:])
        ),
    )


def pair_of_packages() -> Answer:
    """Two packages that flip the status only together."""
    return with_change(answer("failing", "failing", "fixed"), suspects=suspects("other", "toy"))


def drift() -> Answer:
    """Nothing changes over the releases; the newest of everything breaks the last one."""
    found = answer("fixed", "fixed")
    last = found.releases.points[-1]
    others = tuple(
        point(
            name, label, environment=f"toy-1.1 with other {name}", packages=(("other", name), ("toy", "1.1"))
        )
        for name, label in (("3.1", "fixed"), ("3.5", "fixed"), ("3.6", "failing"), ("3.9", "failing"))
    )
    pair = ReleaseSearch(
        package="other",
        held="the rest as in toy-1.1",
        points=others,
        changes=changes_of(others),
        unmeasured=("3.2", "3.3", "3.4", "3.7", "3.8"),
    )
    now = point(
        "1.1",
        "failing",
        environment="toy-1.1@latest",
        python="3.13",
        packages=(("other", "3.9"), ("toy", "1.1")),
    )
    change = Change(before=last, after=now, suspects=suspects("other", old="fixed", new="failing"), pair=pair)
    return replace(found, drift=change)


def nothing_known() -> Answer:
    return answer(None, None)


def random_stream() -> Answer:
    told = "toy-1.2 with JAX_THREEFRY_PARTITIONABLE=0 is fixed, as toy-1.1"
    return with_change(answer("fixed", "fixed", "failing"), random_stream=told)


def two_states() -> Answer:
    """A command of a user's own, in two states that are no releases of anything."""
    words = "python -m pytest"
    old = point("old.txt", "passes", date=None)
    new = point("new.txt", "fails", date=None)
    known = suspects("other", old="passes", new="fails")
    found = ReleaseSearch(
        package="",
        held="two states",
        points=(old, new),
        changes=(Change(before=old, after=new, suspects=known),),
        unmeasured=(),
    )
    asked = {"case": "command", "title": words, "variant": words, "issue": "", "digest": ""}
    return answer(releases=found, **asked)


TOYS = {
    each.__name__: each
    for each in (
        fixed_with_commit,
        introduced_then_fixed,
        undecided,
        pair_of_packages,
        drift,
        nothing_known,
        random_stream,
        two_states,
    )
}
