"""A document as one table of comma-separated values: a row for each cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from harness.report.document import Document
from harness.report.markdown import PACKAGES
from harness.report.text import plain
from harness.report.view import agreement_of

_ABOUT = ("library", "kind", "issue")
_WHERE = ("resolution", "library_version", "python", "released")
_FOUND = ("outcome", "seconds", "measured_at", "symptom", "reason", "gap")
COLUMNS = (
    "case", *_ABOUT, "variant", "source", "environment", *_WHERE, "device", "status", "expected", "agreement",
    *_FOUND, *PACKAGES,
)  # fmt: skip
"""`library_version` is that of the environment; the packages are named as their distributions are."""

_LENGTH = 1000
_FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
"""Some spreadsheets take the wide forms, which come last, for the narrow ones."""


def csv_table(document: Document) -> str:
    """The table as RFC 4180 has it: a header, fields quoted where needed, lines that end in CR and LF.

    A text that a spreadsheet would take for a formula has an apostrophe put before it, which a reader that is
    no spreadsheet may take off. Every text is one printable line. What is not known is empty.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(document, cell) for cell in document["cells"])
    return stream.getvalue()


def _row(document: Document, cell: Mapping[str, Any]) -> list[str]:
    case, environment = document["cases"][cell["case"]], document["environments"][cell["environment"]]
    found = {
        **cell,
        **{name: case[name] for name in _ABOUT},
        **{name: environment["packages"].get(name) for name in PACKAGES},
        "source": case["variants"][cell["variant"]]["source"],
        "resolution": environment["resolution"],
        "library_version": environment["version"],
        "python": environment["python"],
        "released": environment.get("released"),
        "agreement": agreement_of(cell).value,
    }
    return [_field(found[name]) for name in COLUMNS]


@lru_cache(maxsize=10_000)
def _field(value: object) -> str:
    text = "" if value is None else plain(str(value), _LENGTH)
    return f"'{text}" if text.startswith(_FORMULA) else text
