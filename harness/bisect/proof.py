"""The proof of a change as Markdown: its ends, its packages, its commits, and what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.bisect.answer import Change, CommitSearch, Experiment, Move, Point, ReleaseSearch, Suspects
from harness.bisect.document import without_credentials
from harness.bisect.labels import FAILS, PASSES
from harness.bisect.sentences import (
    MARKDOWN,
    SHORT,
    commit_words,
    end_of,
    sides,
    together,
    where,
)
from harness.report.markup import linked, quoted, said, table
from harness.verdict import Status

ROWS = 40
"""Rows of a table and names of a list, at most."""
_MOVES = 200
_REASON_LENGTH = 160
_NO_VERDICT = "no verdict"

_ADJECTIVES = {PASSES: "passing", FAILS: "failing", Status.WORKS.value: "working"}

_HELD = {
    "period": "each with what existed when it came out",
    "latest": "each with the newest of everything that it admits",
    "pinned": "with pinned versions of other packages",
}


def change_section(change: Change) -> str:
    ends = [_end(change, point) for point in (change.before, change.after)]
    lines = [
        *_range(change),
        *_stream(change),
        *_seen(change),
        *(_package(change, change.suspects) if change.suspects else ()),
        *(_pair(change.pair) if change.pair else ()),
        *(_commits(change, change.commits) if change.commits else ()),
    ]
    bullets = "".join(f"- {line}\n" for line in lines)
    heading = f"### {change.kind.value.capitalize()} between {ends[0]} and {ends[1]}\n"
    return "\n".join([heading, bullets, *_foldings(change)])


def _end(change: Change, point: Point) -> str:
    return end_of(MARKDOWN, change, point)


def _range(change: Change) -> Iterator[str]:
    was, now = _adjectives(change)
    before, after = (
        f"{_end(change, point)}{_dated(change, point)}" for point in (change.before, change.after)
    )
    yield f"last {was}: {before}; first {now}{'' if change.is_exact else ' that is known'}: {after}"
    if change.undecided:
        yield f"between them without a verdict: {names_of(change.undecided)}"


def _adjectives(change: Change) -> tuple[str, str]:
    was, now = sides(change)
    return _ADJECTIVES.get(was, was), _ADJECTIVES.get(now, now)


def _dated(change: Change, point: Point) -> str:
    """The day, where it tells the ends of a change apart."""
    return f" ({said(point.date)})" if point.date and change.before.name != change.after.name else ""


def _seen(change: Change) -> Iterator[str]:
    """What an end showed, where it showed anything: a symptom, or the error that refuses."""
    for point in (change.before, change.after):
        if point.reading.detail:
            yield f"seen in {_end(change, point)}: {quoted(point.reading.detail, _REASON_LENGTH)}"


def _package(change: Change, suspects: Suspects) -> Iterator[str]:
    if not suspects.culprits:
        differ = f"{len(suspects.moves)} differ"
        yield f"package: {differ}, it could not be told which makes the change{_noted(suspects.note)}"
        return
    only = len(suspects.moves) == 1
    rest = ", the only package that differs" if only else f", of {len(suspects.moves)} packages that differ"
    yield f"package: **{together(MARKDOWN, suspects.culprits)}**{rest}{_noted(suspects.note)}"
    if not only or suspects.is_proven:
        yield from _proof(change, suspects)
    if suspects.others:
        others = "; ".join(together(MARKDOWN, names) for names in suspects.others[:ROWS])
        yield f"each of these makes the change by itself, too: {others}"


def _proof(change: Change, suspects: Suspects) -> Iterator[str]:
    was, now = _adjectives(change)
    they = "its new version" if len(suspects.culprits) == 1 else "their new versions"
    old = they.replace("new", "old")
    if suspects.sufficient:
        yield f"enough: {_experiment(suspects.sufficient)}"
    else:
        yield f"not shown: that {they} alone in the old environment would be {now}"
    if suspects.necessary:
        yield f"needed: {_experiment(suspects.necessary)}"
    else:
        yield f"not shown: that {old} alone in the new environment would be {was}"


def _experiment(experiment: Experiment) -> str:
    return f"{quoted(experiment.description)} gives {_verdict(experiment)}"


def _verdict(experiment: Experiment) -> str:
    reading = experiment.reading
    return f"**{reading.label}**" if reading.label else f"{_NO_VERDICT}{_because(reading.detail)}"


def _because(detail: str) -> str:
    return f" ({quoted(detail, _REASON_LENGTH)})" if detail else ""


def _noted(note: str) -> str:
    return f"; {said(note)}" if note else ""


def _pair(pair: ReleaseSearch) -> Iterator[str]:
    told = [where(MARKDOWN, change, pair.points) for change in pair.changes] or ["no change found"]
    yield f"releases of {quoted(pair.package)}, {held_words(pair.held)}: {'; '.join(told)}"
    yield f"measured of it: {_pairs(pair.points)}"
    if pair.unmeasured:
        yield f"assumed, not measured: {names_of(pair.unmeasured)}"


def _pairs(points: Sequence[Point]) -> str:
    told = [f"{quoted(p.name)} {p.reading.label or _NO_VERDICT + _because(p.reading.detail)}" for p in points]
    return _bounded(told)


def held_words(held: str) -> str:
    return _HELD.get(held) or said(held)


def _commits(change: Change, search: CommitSearch) -> Iterator[str]:
    was, now = _adjectives(change)
    if search.culprit:
        yield f"first commit that is {now}: {commit_words(MARKDOWN, search.culprit)}"
    if search.before:
        yield f"last commit that is {was}: {commit_words(MARKDOWN, search.before)}"
    if search.candidates:
        named = _bounded([commit_words(MARKDOWN, commit) for commit in search.candidates])
        yield f"one of these {len(search.candidates)} commits, which cannot be told apart: {named}"
    ends = f"{quoted(search.first)} to {quoted(search.last)}"
    compare = f" ({linked('compare', search.compare_url)})" if search.compare_url else ""
    commits = counted(search.total, "commit")
    yield (
        f"searched: {commits} of {_repository(search.repository)} from {ends}{compare}, "
        f"{len(search.points)} measured, all else as in {quoted(search.held)}{_noted(search.note)}"
    )
    silent = [point for point in search.points if not point.reading.label]
    if silent:
        yield f"commits without a verdict: {_bounded([_silent(point) for point in silent])}"
    if search.reverted:
        yield _reverted(change, search.reverted)


def _repository(address: str) -> str:
    """Where it is to be found; of a folder on somebody's machine only its name."""
    if address.startswith(("http://", "https://")):
        shown = without_credentials(address)
        return linked(shown.rpartition("://")[2], shown)
    return quoted(re.split(r"[\\/]", address.rstrip("\\/"))[-1])


def _silent(point: Point) -> str:
    return f"{quoted(point.name[:SHORT])}{_because(point.reading.detail)}"


def _reverted(change: Change, experiment: Experiment) -> str:
    label = experiment.reading.label
    if label == change.before.reading.label:
        meaning = ": without this commit, the old status is back"
    elif label == change.after.reading.label:
        meaning = ", as with it: something later makes the change, too"
    else:
        meaning = ""
    return f"revert check: {_experiment(experiment)}{meaning}"


def _stream(change: Change) -> Iterator[str]:
    if change.random_stream:
        told = said(change.random_stream)
        yield f"nothing is to blame: only the default random stream makes the difference; {told}"


def _foldings(change: Change) -> Iterator[str]:
    moves = change.suspects.moves if change.suspects else _moves(change)
    if moves:
        rows = [[quoted(move.package), *map(_version, (move.before, move.after))] for move in moves[:_MOVES]]
        header = ["package", *(_end(change, point) for point in (change.before, change.after))]
        differ = "differs" if len(moves) == 1 else "differ"
        yield _folded(
            f"{counted(len(moves), 'package')} {differ}",
            table(header, rows) + _left_out(len(moves) - len(rows)),
        )
    tried = change.suspects.experiments if change.suspects else ()
    if tried:
        rows = [[quoted(each.description), _verdict(each)] for each in tried[:ROWS]]
        text = table(["mixture", "status"], rows) + _left_out(len(tried) - len(rows))
        yield _folded(f"{counted(len(tried), 'mixture')} tried", text)
    if change.commits and change.commits.points:
        text = evidence("commit", change.commits.points, (), ())
        yield _folded(f"{counted(len(change.commits.points), 'commit')} measured", text)


def _folded(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n</details>\n"


def _moves(change: Change) -> list[Move]:
    """What differs between the two ends of a change."""
    before, after = (
        {**dict(point.packages), "python": point.python} if point.packages else {}
        for point in (change.before, change.after)
    )
    if not before or not after:
        return []
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return [Move(package=name, before=before.get(name), after=after.get(name)) for name in names]


def _version(version: str | None) -> str:
    return "absent" if version is None else quoted(version)


def evidence(what: str, points: Sequence[Point], packages: Sequence[str], ends: Iterable[str]) -> str:
    """A row per point; columns that would say nothing are left out."""
    kept = _most_telling(points, set(ends))
    columns = [[what, *(quoted(point.name) for point in kept)]]
    if any(point.date for point in kept):
        columns.append(["date", *(said(point.date or "") for point in kept)])
    if len({point.python for point in points}) > 1:
        columns.append(["Python", *(quoted(point.python) for point in kept)])
    for name in packages:
        columns.append([quoted(name), *(quoted(dict(point.packages).get(name, "")) for point in kept)])
    columns.append(["status", *(point.reading.label or _NO_VERDICT for point in kept)])
    if any(not point.reading.label for point in kept):
        columns.append(["why no verdict", *map(_why, kept)])
    header, *rows = zip(*columns, strict=True)
    return table(header, rows) + _left_out(len(points) - len(kept))


def _why(point: Point) -> str:
    return "" if point.reading.label else quoted(point.reading.detail, _REASON_LENGTH)


def _most_telling(points: Sequence[Point], ends: set[str]) -> list[Point]:
    """As many points as fit, those nearest to a change or to an end first, in their order."""
    last = len(points) - 1
    fixed = [0, last, *(index for index, point in enumerate(points) if point.name in ends)]
    nearest = sorted(range(len(points)), key=lambda index: min(abs(index - each) for each in fixed))
    return [points[index] for index in sorted(nearest[:ROWS])]


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _left_out(count: int) -> str:
    return f"\n{count} more left out.\n" if count > 0 else ""


def names_of(names: Sequence[str]) -> str:
    return _bounded([quoted(name) for name in names])


def _bounded(told: Sequence[str]) -> str:
    more = [f"and {len(told) - ROWS} more"] if len(told) > ROWS else []
    return ", ".join([*told[:ROWS], *more])
