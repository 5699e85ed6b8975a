"""What changed between two reports: by status alone, not by when or how fast a cell ran."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.report.document import Document
from harness.report.view import View, agreement_of
from harness.verdict import Agreement, Status

SCHEMA = 1
"""Version of the file; a reader refuses another one."""

_ANEW = "make it anew with `nox -s report`"
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Names that came and went, each in order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CellChange:
    """What one variant on one device changed to, in all environments where it changed in this way.

    Where only what the case says has changed, both statuses are the same, and the agreements differ.
    """

    case: str
    variant: str
    device: str
    before: str | None
    """A status; `None` where the cell was not there."""
    after: str | None
    before_agreement: str | None
    after_agreement: str | None
    environments: tuple[str, ...]

    @property
    def order(self) -> tuple[str, ...]:
        sides = (self.before, self.after, self.before_agreement, self.after_agreement)
        return (self.case, self.variant, self.device, *(side or "" for side in sides), *self.environments)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a report says otherwise than an earlier one.

    Cells of a case or an environment that came or went are not listed one by one.
    """

    since: str | None
    """The newest date (UTC) on which a cell of the earlier report was measured; `None` if that held none."""
    cases: Moves = Moves()
    environments: Moves = Moves()
    cells: tuple[CellChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.cases == self.environments == Moves() and not self.cells


_Standing = tuple[str | None, str | None]
"""A cell's status and agreement; two times `None` where there is no such cell."""


def changes_between(before: Document, after: Document) -> Changes:
    """What is otherwise in the later of two documents."""
    return Changes(
        since=_newest_date(before),
        cases=_moves(before["cases"], after["cases"]),
        environments=_moves(before["environments"], after["environments"]),
        cells=tuple(_cell_changes(before, after)),
    )


def _newest_date(document: Document) -> str | None:
    dates = (cell["measured_at"][:10] for cell in document["cells"])
    return max(filter(_DATE.fullmatch, dates), default=None)


def _moves(before: Collection[str], after: Collection[str]) -> Moves:
    gone, new = set(before) - set(after), set(after) - set(before)
    return Moves(added=tuple(sorted(new)), removed=tuple(sorted(gone)))


def _cell_changes(before: Document, after: Document) -> list[CellChange]:
    groups: dict[tuple[str, str, str, _Standing, _Standing], list[str]] = defaultdict(list)
    was, now = _standings(before), _standings(after)
    for key in was.keys() | now.keys():
        case, variant, environment, device = key
        sides = was.get(key, (None, None)), now.get(key, (None, None))
        is_in_both = all(
            case in document["cases"] and environment in document["environments"]
            for document in (before, after)
        )
        if is_in_both and sides[0] != sides[1]:
            groups[case, variant, device, *sides].append(environment)
    return sorted((_change(*item) for item in groups.items()), key=lambda change: change.order)


def _standings(document: Document) -> dict[tuple[str, str, str, str], _Standing]:
    cells = View(document=document).cells
    return {key: (cell["status"], agreement_of(cell).value) for key, cell in cells.items()}


def _change(key: tuple[str, str, str, _Standing, _Standing], environments: Iterable[str]) -> CellChange:
    case, variant, device, (before, before_agreement), (after, after_agreement) = key
    return CellChange(
        case=case,
        variant=variant,
        device=device,
        before=before,
        after=after,
        before_agreement=before_agreement,
        after_agreement=after_agreement,
        environments=tuple(sorted(environments)),
    )


def next_changes(
    previous: Document | None, previous_changes: Changes | None, current: Document
) -> Changes | None:
    """What a report says of changes, after the one that it takes the place of; `None` where none is known.

    A report that says the same as before still says what it said of changes, so that making it again loses
    nothing, and changes no byte.
    """
    if previous is None:
        return None
    found = changes_between(previous, current)
    return previous_changes if found.is_empty else found


def changes_data(changes: Changes) -> dict[str, Any]:
    """Plain data for a page."""
    return {"schema": SCHEMA, **asdict(changes)}


def changes_text(changes: Changes | None) -> str:
    """The file: a line for each group of cells; that nothing is known is no date and no change."""
    data = changes_data(changes or Changes(since=None))
    parts = [f"{json.dumps(key)}: {_entry(data[key])}" for key in sorted(data)]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _entry(value: Any) -> str:  # noqa: ANN401 (whatever JSON holds)
    if not isinstance(value, tuple) or not value:
        return json.dumps(value, sort_keys=True, allow_nan=False)
    lines = ",\n".join(json.dumps(item, sort_keys=True, allow_nan=False) for item in value)
    return f"[\n{lines}\n]"


def changes_schema_text() -> str:
    """The JSON Schema of the file."""
    return files(__package__).joinpath("changes.schema.json").read_text(encoding="utf-8")


def load_changes(path: Path) -> Changes | None:
    """Read what `changes_text` wrote; `None` where it says that nothing is known.

    Raises:
        UsageError: there is no such file, it is damaged, or it has another schema version.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = data["schema"]
        if found == SCHEMA and not isinstance(found, bool):
            return _parsed(data)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); {_ANEW}."
        raise UsageError(message) from None
    except (ValueError, LookupError, TypeError, RecursionError):
        message = f"{path} is damaged or tells of no changes; {_ANEW}."
        raise UsageError(message) from None
    if isinstance(found, int) and found > SCHEMA:
        message = f"{path} is of a newer version (schema {found}); update the harness."
    else:
        message = f"{path} has another schema (this one reads {SCHEMA}); {_ANEW}."
    raise UsageError(message)


def _parsed(data: Mapping[str, Any]) -> Changes | None:
    changes = Changes(
        since=None if data["since"] is None else _date(data["since"]),
        cases=_parsed_moves(data["cases"]),
        environments=_parsed_moves(data["environments"]),
        cells=tuple(_parsed_cell(each) for each in _list(data["cells"])),
    )
    return None if changes == Changes(since=None) else changes


def _parsed_moves(data: Mapping[str, Any]) -> Moves:
    return Moves(added=_names(data["added"]), removed=_names(data["removed"]))


def _parsed_cell(data: Mapping[str, Any]) -> CellChange:
    before, before_agreement = _standing(data["before"], data["before_agreement"])
    after, after_agreement = _standing(data["after"], data["after_agreement"])
    return CellChange(
        case=_name(data["case"]),
        variant=_name(data["variant"]),
        device=_name(data["device"]),
        before=before,
        after=after,
        before_agreement=before_agreement,
        after_agreement=after_agreement,
        environments=_names(data["environments"]),
    )


def _standing(status: object, agreement: object) -> _Standing:
    if status is None and agreement is None:
        return None, None
    return Status(status).value, Agreement(agreement).value


def _date(value: object) -> str:
    if not _DATE.fullmatch(_name(value)):
        message = "this is no date"
        raise ValueError(message)
    return str(value)


def _names(value: object) -> tuple[str, ...]:
    return tuple(_name(each) for each in _list(value))


def _name(value: object) -> str:
    if not isinstance(value, str) or not value:
        message = "this is no name"
        raise TypeError(message)
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        message = "this is no list"
        raise TypeError(message)
    return value
