"""An answer in one sentence: what changed, where and why, for a terminal and for Markdown alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.bisect.answer import (
    HELD,
    Answer,
    Change,
    ChangeKind,
    Commit,
    CommitSearch,
    Point,
    ReleaseSearch,
    Suspects,
)
from harness.report.markup import NAME_LENGTH, linked, quoted
from harness.report.text import plain
from harness.verdict import Status

SHORT = 10
"""Digits of an abbreviated commit."""
_REASON_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How a sentence sets what comes from outside."""

    quoted: Callable[[str, int], str]
    linked: Callable[[str, str], str]


PLAIN = Setting(quoted=plain, linked=lambda text, _: plain(text))
MARKDOWN = Setting(quoted=quoted, linked=linked)


def headline(answer: Answer) -> str:
    """The whole answer in one sentence of plain text."""
    return headline_in(PLAIN, answer)


def headline_in(setting: Setting, answer: Answer) -> str:
    """The headline as a setting has it."""
    device = "" if answer.device == "cpu" else f" on {setting.quoted(answer.device, NAME_LENGTH)}"
    variant = setting.quoted(answer.variant, NAME_LENGTH)
    subject = f"{setting.linked(answer.case, answer.issue)} {variant}{device}"
    return f"{subject}: {'; '.join(_clauses(setting, answer))}."


def _clauses(setting: Setting, answer: Answer) -> Iterable[str]:
    if answer.releases.changes:
        for change in answer.releases.changes:
            are_states = not answer.releases.package
            told = _apart(setting, change) if are_states else where(setting, change, answer.releases.points)
            yield _of(setting, answer.releases, told) + because(setting, change)
    else:
        yield _of(setting, answer.releases, _unchanged(setting, answer.releases.points))
    if answer.drift is not None:
        yield _apart(setting, answer.drift) + because(setting, answer.drift)


def _of(setting: Setting, releases: ReleaseSearch, told: str) -> str:
    """Whose releases they are, where these are not the library's own."""
    if not releases.held.startswith(HELD):
        return told
    base = releases.held.removeprefix(HELD).strip()
    package, base = (setting.quoted(text, _REASON_LENGTH) for text in (releases.package, base))
    return f"{package} {told}, {HELD} {base}"


def sides(change: Change) -> tuple[str, str]:
    """The two statuses in words; before it came up, a failure was not `fixed`."""
    was, now = change.before.reading.label or "", change.after.reading.label or ""
    return (_state(was) if change.kind is ChangeKind.INTRODUCED else was), now


def _state(label: str) -> str:
    return "not failing" if label == Status.FIXED.value else label


def where(setting: Setting, change: Change, points: Sequence[Point]) -> str:
    """Between which two points a status changes; `points` say why others gave no verdict."""
    was, now = sides(change)
    before, after = (setting.quoted(point.name, _REASON_LENGTH) for point in (change.before, change.after))
    since = _since(setting, change, points)
    if change.is_exact:
        return f"{was} {since}{before}, {now} from {after}"
    silence = _silence(setting, change.undecided, points)
    return (
        f"{was} {since}{before}, {now} from {after} at the latest: "
        f"the change is between {before} and {after}, where {silence}"
    )


def _since(setting: Setting, change: Change, points: Sequence[Point]) -> str:
    """From when on the old status is known, where what is older gives no verdict."""
    known = next((point for point in points if point.reading.label), change.before)
    is_run = all(
        point.reading.label in (None, change.before.reading.label) for point in _until(points, change.before)
    )
    if not is_run or not points or known is points[0]:
        return "up to "
    return "in " if known.name == change.before.name else f"{setting.quoted(known.name, _REASON_LENGTH)} to "


def _until(points: Sequence[Point], last: Point) -> Sequence[Point]:
    names = [point.name for point in points]
    return points[: names.index(last.name) + 1] if last.name in names else points


def _silence(setting: Setting, names: Sequence[str], points: Sequence[Point]) -> str:
    """How many points give no verdict, and why."""
    reasons = Counter(
        point.reading.detail for point in points if point.name in names and point.reading.detail
    )
    given = [setting.quoted(reason, _REASON_LENGTH) for reason, _ in reasons.most_common(1)]
    more = len(reasons) - 1
    others = [f"and {more} more reason{'s' if more > 1 else ''}"] if more > 0 else []
    why = f" ({' '.join([*given, *others])})" if given else ""
    return f"{'1 point gives' if len(names) == 1 else f'{len(names)} points give'} no verdict{why}"


def _unchanged(setting: Setting, points: Sequence[Point]) -> str:
    known = [point for point in points if point.reading.label]
    silent = [point.name for point in points if not point.reading.label]
    if not points:
        return "no evidence: nothing was measured"
    if not known:
        return f"no evidence: {_silence(setting, silent, points)}"
    label = known[0].reading.label or ""
    which = "that gives a verdict" if silent else "measured"
    first, last = (setting.quoted(point.name, _REASON_LENGTH) for point in (known[0], known[-1]))
    if len(known) == 1:
        return f"{_state(label)} in {first}, the only release {which}"
    every = "any" if label == Status.FIXED.value else "every"
    return f"{_state(label)} in {every} release {which}, {first} to {last}"


def _apart(setting: Setting, change: Change) -> str:
    """Two environments that are no neighbours on a line of releases."""
    was, now = sides(change)
    before, after = (end_of(setting, change, point) for point in (change.before, change.after))
    return f"{was} in {before}, {now} in {after}"


def end_of(setting: Setting, change: Change, point: Point) -> str:
    """A point as short as tells it from the other end of its change."""
    is_alike = change.before.name == change.after.name
    return setting.quoted(point.environment if is_alike else point.name, NAME_LENGTH)


def because(setting: Setting, change: Change) -> str:
    """Why, as far as it is known, to follow where."""
    if change.random_stream:
        return ", which the default random stream alone explains"
    package = _package(setting, change.suspects) if change.suspects else ""
    return package + _pair(setting, change.pair) + _commit(setting, change.commits)


def _package(setting: Setting, suspects: Suspects) -> str:
    if not suspects.culprits:
        return ", the package could not be told" if suspects.moves else ", although no package differs"
    names = together(setting, suspects.culprits)
    if len(suspects.moves) == 1:
        return f", because of {names}, the only package that differs"
    if suspects.is_proven:
        return f", because of {names}"
    shown = "shown one way only" if suspects.sufficient or suspects.necessary else "not proven"
    return f", because of {names} ({shown})"


def together(setting: Setting, names: Sequence[str]) -> str:
    """Names of packages that count as one."""
    told = [setting.quoted(name, _REASON_LENGTH) for name in names]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]} together"


def _pair(setting: Setting, pair: ReleaseSearch | None) -> str:
    if pair is None or not pair.changes:
        return ""
    told = (where(setting, change, pair.points) for change in pair.changes)
    return f" ({setting.quoted(pair.package, _REASON_LENGTH)}: {'; '.join(told)})"


def _commit(setting: Setting, search: CommitSearch | None) -> str:
    if search is None:
        return ""
    if search.culprit is not None:
        return f", by commit {commit_words(setting, search.culprit)}"
    if search.candidates:
        ends = " to ".join(setting.quoted(commit.sha[:SHORT], SHORT) for commit in _ends(search.candidates))
        return f", by one of {len(search.candidates)} commits, {ends}"
    return ""


def _ends(commits: Sequence[Commit]) -> Sequence[Commit]:
    return (commits[0], commits[-1])


def commit_words(setting: Setting, commit: Commit) -> str:
    """A commit with date, subject and pull request."""
    sha = commit.sha[:SHORT]
    subject = setting.quoted(_subject(commit), NAME_LENGTH)
    if commit.pull_request is None:
        facts, shown = [commit.date, subject], setting.linked(sha, commit.url)
    else:
        request = setting.linked(f"#{commit.pull_request}", commit.url)
        facts, shown = [commit.date, subject, request], setting.quoted(sha, SHORT)
    return f"{shown} ({', '.join(fact for fact in facts if fact)})"


def _subject(commit: Commit) -> str:
    """The subject without the number of its pull request, which stands beside it."""
    return commit.subject.removesuffix(f"(#{commit.pull_request})").rstrip()
