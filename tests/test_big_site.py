"""The made-up corpus that speed is measured with: it is no easier than the real one."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict

import pytest
from big_site import BigSite

from harness.report.document import build_document
from harness.verdict import Status
from harness.workspace import Workspace

REAL = 37
"""Bytes per cell of logs and tracebacks, compressed for each case, as measured of a real store."""


@pytest.fixture(scope="module")
def site():
    return BigSite(cases_count=30)


@pytest.fixture(scope="module")
def rows(site):
    return list(site.rows())


def test_it_has_as_many_cells_as_it_says_but_for_gaps(site, rows):
    assert len(site.environments) == 60
    assert 0.95 * 30 * 60 * 3 < len(rows) < 30 * 60 * 3
    assert len(BigSite(cases_count=2, environments_count=20, variants=5).locks) == 20


def test_its_texts_are_as_hard_to_compress_as_real_ones(rows):
    texts = defaultdict(set)
    for row in rows:
        texts[row.cell.case] |= {
            row.evidence.log,
            row.evidence.raised.traceback if row.evidence.raised else "",
        }
    packed = sum(len(gzip.compress(json.dumps(sorted(found)).encode())) for found in texts.values())
    assert REAL <= packed / len(rows) <= 1.5 * REAL


def test_it_has_histories_of_every_sort(site, rows):
    document = build_document(site.cases, rows, site.environments, site.config)
    told = " ".join(history["brief"] for case in document["cases"].values() for history in case["histories"])
    for words in ("failing again", "fixed again", "throughout", "wherever measured"):
        assert words in told
    seen = {cell["status"] for cell in document["cells"]}
    assert seen >= {
        each.value for each in (Status.FAILING, Status.WORKS, Status.UNIMPORTABLE, Status.CRASHED)
    }
    unexpected = [
        cell for cell in document["cells"] if cell["status"] not in {cell["expected"], "unimportable"}
    ]
    assert 0 < len(unexpected) < 0.05 * len(rows)


def test_it_is_the_same_every_time(rows):
    again = BigSite(cases_count=30)
    assert list(again.rows()) == rows


def test_it_can_be_written_as_a_project(tmp_path):
    site = BigSite(cases_count=3, environments_count=20)
    workspace = Workspace.at(site.write(tmp_path))
    with workspace.store(None) as store:
        assert len(store.rows()) == len(list(site.rows()))
        assert workspace.environments(store) == site.environments
    assert sorted(case.id for case in workspace.cases) == sorted(case.id for case in site.cases)
