"""The official schemas of formats that we write, out of packages that ship them; none is part of this one."""

from __future__ import annotations

import json
import sqlite3
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pytest

SARIF = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


def shipped(package: str, ending: str) -> Path:
    """A file of an installed package; its modules are not imported."""
    try:
        (found,) = (path for path in files(package) or () if path.as_posix().endswith(ending))
    except (PackageNotFoundError, ValueError):
        pytest.fail(f"needs the schema in {package}: uv pip install --no-deps --group schemas")
    return Path(str(found.locate()))


def osv_schema() -> dict:
    """The schema that the package `osv` ships, with the prefix of local databases, which is newer."""
    schema = json.loads(shipped("osv", "osv-schema/validation/schema.json").read_text(encoding="utf-8"))
    prefix = schema["$defs"]["prefix"]
    if "x_" not in prefix["pattern"]:
        prefix["pattern"] = f"^x_|{prefix['pattern']}"
    return schema


def sarif_schema() -> dict:
    """The schema of SARIF 2.1.0, out of the answers that `schemastore` keeps: read, never unpickled."""
    with sqlite3.connect(shipped("schemastore", "schemastore/cache.sqlite")) as cache:
        kept = [value for (value,) in cache.execute("SELECT value FROM responses") if SARIF.encode() in value]
    found = [
        json.JSONDecoder().raw_decode(each[each.index(b"{\r\n") :].decode("utf-8", "replace"))[0]
        for each in kept
    ]
    (schema,) = (each for each in found if each.get("$id") == SARIF)
    return schema
