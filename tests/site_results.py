"""Models of a site from hand-made results, for the tests of the site."""

from __future__ import annotations

import base64
import gzip
import json
import re

from report_results import by_id, toy_config

from harness.report.document import build_document
from harness.report.freshness import live_rows
from harness.report.site import page as pages
from harness.report.site.model import SiteModel
from harness.report.site.packing import packing


def model_of(cases, rows, records, **parts) -> SiteModel:
    """The model of these results; `records` are all environments that are known."""
    environments = by_id(*records)
    return SiteModel(
        document=build_document(cases, rows, environments, toy_config()),
        cases=cases,
        rows=live_rows(cases, rows, environments),
        environments=environments,
        **parts,
    )


def page(model: SiteModel) -> str:
    """The page of a model."""
    with packing(model) as chunks:
        return pages.page(model, chunks)


def index_in(text: str) -> dict:
    """The index as a browser finds it in the page."""
    return unpacked(re.search(r'id="index">(.*?)</script>', text, re.DOTALL)[1])


def chunks_in(text: str) -> dict:
    """Case id to what a browser unpacks for it."""
    found = re.findall(r'id="chunk:([^"]*)">(.*?)</script>', text, re.DOTALL)
    return {name: {key: rows(part) for key, part in unpacked(text).items()} for name, text in found}


def unpacked(text: str) -> dict:
    return json.loads(gzip.decompress(base64.b64decode(text)))


def rows(part):
    """Records that came as columns, without what a record does not have."""
    if not isinstance(part, dict) or "columns" not in part:
        return part
    names, columns = list(part["columns"]), zip(*part["columns"].values(), strict=True)
    records = [dict(zip(names, values, strict=True)) for values in columns]
    assert len(records) == part["rows"]
    return [{name: value for name, value in record.items() if value is not None} for record in records]


def shown(cases, rows, records, **parts) -> tuple[dict, dict]:
    """Index and chunks of the page of these results."""
    text = page(model_of(cases, rows, records, **parts))
    return index_in(text), chunks_in(text)
