"""What each case's page asks for, packed; of many cases by several processes, since nothing is shared."""

from __future__ import annotations

import base64
import gzip
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from harness.report.site.chunk import chunk_of
from harness.report.site.model import SiteModel

_RECORDS = {"cells", "histories", "intervals", "transitions"}
_LEVEL = 9
_MANY = 50
"""Cases from which on starting processes is worth it."""
_WORKERS = 4

_model: SiteModel | None = None
"""What a forked process works on: it was there before the fork, and is never copied to it."""


@contextmanager
def packing(model: SiteModel, *, many: int = _MANY) -> Iterator[Iterable[str]]:
    """One text for each of the model's cases, in their order: the same however many processes make them.

    These work from now on, beside whatever is done before the texts are asked for.
    """
    positions = range(len(model.ordered_cases))
    workers = min(os.cpu_count() or 1, _WORKERS)
    if len(positions) < many or workers == 1 or sys.platform != "linux":  # elsewhere no fork is safe
        yield (_packed_chunk(model, position) for position in positions)
        return
    model.prepare()
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _take, (model,)) as pool:
        yield pool.map(_chunk_at, positions, chunksize=8)


def _take(model: SiteModel) -> None:
    global _model
    _model = model


def _chunk_at(position: int) -> str:
    assert _model is not None, "the process was given a model when it started"
    return _packed_chunk(_model, position)


def _packed_chunk(model: SiteModel, position: int) -> str:
    return packed(_columnar(chunk_of(model, model.ordered_cases[position])))


def packed(value: object) -> str:
    """JSON, compressed, as Base64: the same for the same value, and inert wherever it stands in a page."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), _LEVEL, mtime=0)).decode()


def _columnar(chunk: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of records as columns, which compress better: what is like each other stands together."""
    return {name: columns_of(value) if name in _RECORDS else value for name, value in chunk.items()}


def columns_of(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Records as columns; what a record does not have is null there."""
    names = sorted({name for record in records for name in record})
    return {
        "rows": len(records),
        "columns": {name: [record.get(name) for record in records] for name in names},
    }
