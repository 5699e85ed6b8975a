"""Which stored cells still count: evidence for another case text or another build is none for this one."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence

from harness.case import Case
from harness.evidence import EnvironmentRecord
from harness.rows import Row


class Stale(enum.Enum):
    """Why a stored cell no longer counts."""

    CASE_GONE = "its case or variant is no longer there"
    CASE_EDITED = "its case was edited since"
    ENVIRONMENT_GONE = "its environment is no longer known"
    ENVIRONMENT_CHANGED = "its environment was locked anew since"


def staleness(
    row: Row, cases: Mapping[str, Case], environments: Mapping[str, EnvironmentRecord]
) -> Stale | None:
    """Why a stored cell no longer counts; `None` where it does."""
    case, record = cases.get(row.cell.case), environments.get(row.cell.environment)
    if case is None or case.variant(row.cell.variant) is None:
        return Stale.CASE_GONE
    if case.digest != row.case_digest:
        return Stale.CASE_EDITED
    if record is None:
        return Stale.ENVIRONMENT_GONE
    return Stale.ENVIRONMENT_CHANGED if record.key != row.environment_key else None


def live_rows(
    cases: Sequence[Case], rows: Sequence[Row], environments: Mapping[str, EnvironmentRecord]
) -> list[Row]:
    """The stored cells that still count."""
    by_id = {case.id: case for case in cases}
    return [row for row in rows if staleness(row, by_id, environments) is None]


def count_stale(
    cases: Sequence[Case], rows: Sequence[Row], environments: Mapping[str, EnvironmentRecord]
) -> Counter[Stale]:
    """How many stored cells no longer count, by reason."""
    by_id = {case.id: case for case in cases}
    reasons = (staleness(row, by_id, environments) for row in rows)
    return Counter(reason for reason in reasons if reason is not None)
