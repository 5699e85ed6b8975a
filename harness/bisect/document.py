"""An answer as plain JSON data and back: every field of the records, and what follows from them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from harness.bisect.answer import SCHEMA, Answer, Change, Suspects
from harness.bisect.labels import FAILS, PASSES, Reading, label_of
from harness.errors import UsageError
from harness.report.text import plain
from harness.verdict import Status

Document = dict[str, Any]

LABELS = (PASSES, FAILS, *(label for status in Status if (label := label_of(status))))
"""All that a reading can say."""

TEXT_LENGTH = 600
"""Characters of any one text in a document."""

_PAIRS = tuple[tuple[str, str], ...]
_CREDENTIALS = re.compile(r"(?:(?<=http://)|(?<=https://))[^/@\s]+@")


def answer_document(answer: Answer) -> Document:
    """The answer as plain data; all text but the command becomes one bounded, printable line."""
    document: Document = _encoded(answer)
    document["command"] = without_credentials(answer.command)
    return {
        "schema": SCHEMA,
        **document,
        "confidence": {"runs": answer.repeat, "noticed_share": noticed_share(answer.repeat)},
    }


def answer_text(answer: Answer) -> str:
    """The document as text: the same for the same answer."""
    return json.dumps(answer_document(answer), sort_keys=True, indent=1, allow_nan=False) + "\n"


def answer_of(document: Mapping[str, Any]) -> Answer:
    """The records of a document; what follows from them is not read.

    Raises:
        LookupError, TypeError, ValueError: something is missing or is no such thing.
    """
    answer: Answer = _record(Answer, document)
    return answer


def read_answer(path: Path) -> Answer:
    """Read a stored answer.

    Raises:
        UsageError: there is none, it is damaged, or it has another schema version.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = document["schema"]
        if found == SCHEMA:
            return answer_of(document)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); make it with `harness bisect`."
        raise UsageError(message) from None
    except (ValueError, LookupError, TypeError, RecursionError):
        message = f"{path} is damaged or no answer of a bisection; make it anew with `harness bisect`."
        raise UsageError(message) from None
    raise UsageError(_wrong_schema(path, found))


def _wrong_schema(path: Path, found: object) -> str:
    if isinstance(found, int) and found > SCHEMA:
        return f"{path} is of a newer version (schema {found}, this one reads {SCHEMA}); update the harness."
    return f"{path} has another schema (this one reads {SCHEMA}); make it anew with `harness bisect`."


def schema_text() -> str:
    """The JSON Schema of the document."""
    return files(__package__).joinpath("schema.json").read_text(encoding="utf-8")


def noticed_share(repeat: int) -> float:
    """Share of runs with the other status that `repeat` agreeing runs would have shown with 95 %."""
    share: float = 1 - 0.05 ** (1 / repeat)
    return round(share, 4)


def confidence(repeat: int) -> str:
    """What the number of runs says, in one sentence."""
    if repeat == 1:
        return "Each point ran once, so a status that comes and goes by chance would not have been noticed."
    percent = math.ceil(100 * noticed_share(repeat))
    return (
        f"Each point ran {repeat} times and counts only where all runs agree: beside a change, a point that "
        f"gives the other status in {percent} % of its runs or more would have been noticed with 95 %."
    )


def without_credentials(text: str) -> str:
    """Text whose web addresses name no user and no password."""
    return _CREDENTIALS.sub("", text)


def _encoded(value: Any) -> Any:  # noqa: ANN401 (any field of a record)
    if is_dataclass(value) and not isinstance(value, type):
        hints = _hints(type(value))
        return {name: _field(hints[name], getattr(value, name)) for name in hints} | _derived(value)
    if isinstance(value, tuple):
        return [_encoded(each) for each in value]
    return plain(without_credentials(value), TEXT_LENGTH) if isinstance(value, str) else value


def _field(kind: Any, value: Any) -> Any:  # noqa: ANN401 (any field of a record)
    """A field's value; pairs of name and version become an object."""
    if kind != _PAIRS:
        return _encoded(value)
    return {_encoded(name): _encoded(version) for name, version in sorted(value)}


def _derived(record: object) -> dict[str, Any]:
    match record:
        case Change():
            return {"kind": record.kind.value, "is_exact": record.is_exact}
        case Suspects():
            return {"is_proven": record.is_proven}
        case Answer():
            return {"is_decided": record.is_decided}
    return {}


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The fields of a record with their types, strings resolved."""
    return get_type_hints(kind)


def _record(kind: Any, data: Any) -> Any:  # noqa: ANN401 (any record)
    if not isinstance(data, Mapping):
        message = f"{kind.__name__} is no object"
        raise TypeError(message)
    hints = _hints(kind)
    given = {
        field.name: _decoded(hints[field.name], data[field.name])
        for field in fields(kind)
        if field.name in data or field.default is MISSING
    }
    record = kind(**given)
    _check(record)
    return record


def _decoded(kind: Any, value: Any) -> Any:  # noqa: ANN401 (any field of a record)
    if is_dataclass(kind):
        return _record(kind, value)
    if kind == _PAIRS:
        return tuple(sorted((name, _decoded(str, each)) for name, each in _decoded(dict, value).items()))
    arguments = get_args(kind)
    if get_origin(kind) is tuple:
        return tuple(_decoded(arguments[0], each) for each in _decoded(list, value))
    if arguments:
        return None if value is None else _decoded(arguments[0], value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        message = f"{value!r} is no {kind.__name__}"
        raise TypeError(message)
    return value


def _check(record: object) -> None:
    """What types do not say."""
    if isinstance(record, Reading) and record.label not in (None, *LABELS):
        message = f"{record.label!r} is no label"
        raise ValueError(message)
    if isinstance(record, Change) and None in (record.before.reading.label, record.after.reading.label):
        message = "a change lies between two verdicts"
        raise ValueError(message)
    if isinstance(record, Answer) and record.repeat < 1:
        message = "a point runs at least once"
        raise ValueError(message)
