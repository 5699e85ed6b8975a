"""Writes a report's files and reads its document back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from harness.errors import UsageError
from harness.files import write_atomically
from harness.report.changes import Changes, changes_schema_text, changes_text
from harness.report.document import SCHEMA, Document
from harness.report.feeds.badges import badges
from harness.report.feeds.junit import junit
from harness.report.feeds.summary import summary
from harness.report.feeds.table import csv_table
from harness.report.markdown import markdown
from harness.report.site.model import SiteModel
from harness.report.site.packing import packing
from harness.report.site.page import page

DOCUMENT_NAME = "compatibility.json"
SCHEMA_NAME = "compatibility.schema.json"
PAGE_NAME = "README.md"
SITE_NAME = "index.html"
CHANGES_NAME = "changes.json"
BADGES = "badges"

_PARTS = {"environments", "axes", "cases", "cells"}


def publish(model: SiteModel, changes: Changes | None, folder: Path) -> list[Path]:
    """Write every file of the report, each as a whole, and return their paths.

    Badges of libraries that are no longer there are taken away: they would go on telling what was.

    Raises:
        NoEvidence: a file cannot be written.
    """
    texts = rendered(model, changes, folder)
    for path, text in texts.items():
        write_atomically(path, text)
    for path in left_over(texts, folder):
        path.unlink()
    return list(texts)


def left_over(texts: Iterable[Path], folder: Path) -> list[Path]:
    """The badges in a report's folder that are none of these files."""
    return sorted(set((folder / BADGES).glob("*.json")) - set(texts))


def rendered(model: SiteModel, changes: Changes | None, folder: Path) -> dict[Path, str]:
    """What `publish` would write, by path."""
    with packing(model) as chunks:  # which takes longest: the others are made meanwhile
        texts = _others(model, changes)
        site = page(model, chunks)
    return {folder / name: text for name, text in {**texts, SITE_NAME: site}.items()}


def _others(model: SiteModel, changes: Changes | None) -> dict[str, str]:
    document = model.document
    return {
        DOCUMENT_NAME: to_json(document),
        SCHEMA_NAME: schema_text(),
        PAGE_NAME: markdown(document),
        CHANGES_NAME: changes_text(changes),
        "changes.schema.json": changes_schema_text(),
        "compatibility.csv": csv_table(document),
        "junit.xml": junit(document),
        "summary.md": summary(document, changes),
        "history.svg": model.plot,
        **{f"{BADGES}/{name}": text for name, text in badges(document).items()},
    }


def to_json(document: Document) -> str:
    """The document as text: keys sorted, and a line per cell, so that a changed cell is one changed line."""
    parts = [f"{json.dumps(key)}: {_entry(document[key])}" for key in sorted(document)]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _entry(value: object) -> str:
    if not isinstance(value, list):
        return json.dumps(value, sort_keys=True, indent=1, allow_nan=False)
    lines = ",\n".join(json.dumps(item, sort_keys=True, allow_nan=False) for item in value)
    return f"[\n{lines}\n]" if lines else "[]"


def schema_text() -> str:
    """The JSON Schema of the document."""
    return files(__package__).joinpath("schema.json").read_text(encoding="utf-8")


def load_document(path: Path) -> Document:
    """Read a compatibility.json.

    Raises:
        UsageError: there is none, it is no such document, or it has another schema version.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = document["schema"]
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); make it with `nox -s report`."
        raise UsageError(message) from None
    except (ValueError, LookupError, TypeError):
        message = f"{path} is no compatibility report; make it anew with `nox -s report`."
        raise UsageError(message) from None
    if found != SCHEMA:
        raise UsageError(_wrong_schema(path, found))
    if not set(document) >= _PARTS:
        message = f"{path} is cut short; make it anew with `nox -s report`."
        raise UsageError(message)
    return dict(document)


def _wrong_schema(path: Path, found: object) -> str:
    if isinstance(found, int) and found > SCHEMA:
        return f"{path} is of a newer version (schema {found}, this one reads {SCHEMA}); update the harness."
    return f"{path} has the schema {found} (this one reads {SCHEMA}); make it anew with `nox -s report`."
