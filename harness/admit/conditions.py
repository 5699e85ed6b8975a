"""Conditions that follow from what was measured, where releases of the library alone explain it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from packaging.version import Version

from harness.admit.record import CellFact
from harness.verdict import Status

Groups = tuple[str, ...]
"""Requirements of the library, any of which may hold; empty for nowhere."""

_PRESENT = {Status.FAILING, Status.REFUTED}
_ABSENT = {Status.FIXED, Status.REJECTED, Status.WORKS}


def disagrees(cells: Iterable[CellFact]) -> bool:
    """Whether a header says anything else of these cells than what was measured."""
    return any(cell.is_evidence and cell.status is not cell.expected for cell in cells)


def condition_of(name: str, cells: Sequence[CellFact], releases: Mapping[str, Version]) -> Groups | None:
    """Where one variant's symptom is; None where that is no matter of the library's releases.

    Args:
        name: the library's distribution.
        cells: those of the variant.
        releases: environment id to the library's version.
    """
    seen: dict[Version, bool] = {}
    for cell in cells:
        if not cell.is_evidence:
            continue
        if cell.status not in _PRESENT | _ABSENT:
            return None
        is_there = cell.status in _PRESENT
        if seen.setdefault(releases[cell.environment], is_there) is not is_there:
            return None
    return _intervals(name, sorted(seen.items()))


def _intervals(name: str, points: Sequence[tuple[Version, bool]]) -> Groups:
    runs = [(there, [version for version, _ in run]) for there, run in groupby(points, key=lambda p: p[1])]
    found = []
    for index, (is_there, versions) in enumerate(runs):
        if is_there:
            bounds = [f">={short(versions[0])}"] if index else []
            bounds += [f"<{short(runs[index + 1][1][0])}"] if index + 1 < len(runs) else []
            found.append(name + ",".join(bounds))
    return tuple(found)


def short(version: Version) -> str:
    """`0.17` for 0.17.0: the same in a condition."""
    text = str(version)
    while text.count(".") > 1 and text.endswith(".0"):
        text = text.removesuffix(".0")
    return text


def condition_text(groups: Groups) -> str:
    """As a header says it: one list, or a list of lists where there are several."""
    if len(groups) == 1:
        return f'["{groups[0]}"]'
    return "[" + ", ".join(f'["{group}"]' for group in groups) + "]"
