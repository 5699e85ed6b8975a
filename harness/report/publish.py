"""Writes a report's files and reads its document back."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from harness.errors import UsageError
from harness.files import write_atomically
from harness.report.document import SCHEMA, Document
from harness.report.markdown import markdown

DOCUMENT_NAME = "compatibility.json"
SCHEMA_NAME = "compatibility.schema.json"
PAGE_NAME = "README.md"

_PARTS = {"environments", "axes", "cases", "cells"}


def publish(document: Document, folder: Path) -> list[Path]:
    """Write document, schema and page, each as a whole, and return their paths.

    Raises:
        NoEvidence: a file cannot be written.
    """
    texts = rendered(document, folder)
    for path, text in texts.items():
        write_atomically(path, text)
    return list(texts)


def rendered(document: Document, folder: Path) -> dict[Path, str]:
    """What `publish` would write, by path."""
    return {
        folder / DOCUMENT_NAME: to_json(document),
        folder / SCHEMA_NAME: schema_text(),
        folder / PAGE_NAME: markdown(document),
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
