"""The sites that the tests open, as text of a file, from results made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from big_site import BigSite
from bisect_answers import answer, commit, commits, fixed_with_commit, with_change
from hostile_results import EVERYTHING, MARKUP, NAMES, hostile_results
from report_results import release, row, toy_case
from site_results import model_of, page

from harness.case import Case, Kind
from harness.evidence import Deprecation, EnvironmentRecord
from harness.report.document import build_document
from harness.report.site.model import Finding, SiteModel
from harness.rows import Row
from harness.verdict import Status

TRACEBACK = (
    'Traceback (most recent call last):\n  File "1_x.py", line 9, in failure\nValueError: shapes disagree'
)
LOG = "a warning of a library\nand another line of the log"

SHAPE = toy_case(1, "The shape is kept.")
PLATE = replace(
    toy_case(2, "A plate forgets its size."), kind=Kind.SILENT, api=("toy.plate", "toy.infer.SVI")
)
SCAN = replace(
    toy_case(3, "Gradients vanish in a scan.", failing="torch<2.6", library="torch"),
    kind=Kind.DRIFT,
    api=("torch.scan",),
)
NEVER = toy_case(4, "Nobody has measured this.", failing="torch", library="torch")
CASES = (SHAPE, PLATE, SCAN, NEVER)

_DATES = {
    "1.0": "2023-01-10",
    "1.1": "2023-06-01",
    "1.2": "2024-02-01",
    "2.0": "2024-08-01",
    "2.1": "2025-01-15",
}
TOY = tuple(release(version, released=date) for version, date in _DATES.items())
LATEST = release(
    "2.1", "@latest", "latest", released=_DATES["2.1"], packages={"toy": "2.1", "numpy": "2.3.0"}
)
PAIR = release("2.0", "+jax-0.4.30", "pinned", packages={"toy": "2.0", "numpy": "1.26.0", "jax": "0.4.30"})
TORCH = tuple(
    release(version, id=f"torch-{version}", library="torch", packages={"torch": version}, released=date)
    for version, date in (("2.5.1", "2024-10-01"), ("2.5.2", "2024-12-01"), ("2.6.0", "2025-02-01"))
)
RECORDS: tuple[EnvironmentRecord, ...] = (*TOY, LATEST, PAIR, *TORCH)
HOSTILE_ADDRESS = "javascript:alert(document.domain)"
CHANGES = {
    "since": "2026-11-20",
    "cases": {"added": ["torch-4"], "removed": ["toy-99"]},
    "environments": {"added": ["toy-2.1"], "removed": []},
    "cells": [
        {
            "case": "toy-1",
            "variant": "failure",
            "device": "cpu",
            "before": "fixed",
            "after": "failing",
            "before_agreement": "expected",
            "after_agreement": "unexpected",
            "environments": ["toy-2.1"],
        }
    ],
}


def small_rows() -> list[Row]:
    """Case toy-1 fails, is not measured in 1.1, is fixed, and fails again in 2.1, which its header denies.

    On the second device it fails in 2.0, too. Case toy-2 has a cell of every other sort. Case torch-3 is
    fixed somewhere after 2.5.1, since nobody measured 2.5.2.
    """
    failing, fixed, works, refuted = Status.FAILING, Status.FIXED, Status.WORKS, Status.REFUTED
    rows = _along(SHAPE, "failure", TOY, [failing, None, failing, fixed, failing])
    rows += _along(SHAPE, "fix_keep", TOY, [works, works, works, works, works])
    rows += _along(SHAPE, "fix_mask", TOY, [refuted, refuted, refuted, works, works])
    rows += _along(SHAPE, "failure", TOY, [failing, None, failing, failing, None], "cpu:2")
    rows += [row(SHAPE, LATEST, fixed), row(SHAPE, PAIR, fixed)]
    kinds = [Status.UNIMPORTABLE, Status.TIMEOUT, Status.CRASHED, Status.CHANGED, Status.UNSUPPORTED]
    rows += _along(PLATE, "failure", TOY, kinds)
    rows += _along(PLATE, "fix_keep", TOY, [Status.UNBUILDABLE, Status.INVALID, works, works, works])
    rows += _along(SCAN, "failure", TORCH, [failing, None, fixed])
    return [_told(each) for each in rows]


def _along(
    case: Case,
    variant: str,
    records: Sequence[EnvironmentRecord],
    statuses: Sequence[Status | None],
    device: str = "cpu",
) -> list[Row]:
    pairs = zip(records, statuses, strict=True)
    return [row(case, record, found, variant, device) for record, found in pairs if found is not None]


def _told(each: Row) -> Row:
    """Give a row what a real one has: a log, what was attested, and a warning."""
    found = each.evidence
    raised = found.raised and replace(found.raised, traceback=TRACEBACK)
    versions = {"toy": "2.0.1", "numpy": "1.26.0", "extra": "9"}
    attested = found.attested and replace(found.attested, versions=versions, origins={"toy": "lib/toy.py"})
    warning = Deprecation(category="FutureWarning", message="toy.run goes with toy 3", module="toy")
    return replace(
        each,
        evidence=replace(
            found, raised=raised, attested=attested, log=LOG, deprecations=(warning,), seconds=1.25
        ),
    )


def small_model() -> SiteModel:
    found = replace(fixed_with_commit(), digest=SHAPE.digest)
    findings = [Finding(file="bisect/toy-1.failure.md", answer=found)]
    return model_of(list(CASES), small_rows(), RECORDS, changes=CHANGES, findings=findings)


def small() -> str:
    return page(small_model())


def hostile() -> str:
    cases, records, rows = hostile_results()
    bad = commit(url=HOSTILE_ADDRESS, subject=EVERYTHING, date=MARKUP[1], sha=MARKUP[2])
    found = answer("failing", "failing", "fixed", digest=cases[0].digest, command=EVERYTHING)
    found = with_change(found, commits=commits(package=MARKUP[3], culprit=bad))
    findings = [Finding(file=HOSTILE_ADDRESS, answer=found)]
    return page(model_of(cases, rows, records, findings=findings, changes=hostile_changes()))


def hostile_changes() -> dict[str, Any]:
    names = {"added": [*MARKUP, *NAMES], "removed": [*MARKUP, *NAMES]}
    parts = {"case": MARKUP[0], "variant": MARKUP[1], "device": MARKUP[2], "environments": [*MARKUP, *NAMES]}
    told = {
        "before": "__proto__",
        "after": "failing",
        "before_agreement": None,
        "after_agreement": "unexpected",
    }
    return {"since": "2026-11-20", "cases": names, "environments": names, "cells": [{**parts, **told}]}


def big_model(site: BigSite) -> SiteModel:
    rows = list(site.rows())
    document = build_document(site.cases, rows, site.environments, site.config)
    return SiteModel(document=document, cases=site.cases, rows=rows, environments=site.environments)


def big() -> str:
    return page(big_model(BigSite(is_terse=True)))
