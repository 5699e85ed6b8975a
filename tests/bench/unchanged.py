"""An unchanged default matrix again, by the command and by nox, with every cell's evidence stored."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from hypothesis import find
from hypothesis.strategies import from_regex

from harness.case import Variant
from harness.corpus import Selection
from harness.environment.places import THIS_PLATFORM
from harness.evidence import Evidence, Outcome, Phase, Raised
from harness.matrix import plan
from harness.rows import Row
from harness.store import Store
from harness.verdict import Status, expected_status
from harness.workspace import Workspace
from tests.bench.measure import Figure, clock

BOUND = 3.0
"""Seconds for everything."""


def figures(root: Path) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.sqlite"
        cells = _fill(root, path)
        nox = [sys.executable, "-m", "nox", "-s", "matrix", "--", "--store", str(path)]
        results = []
        for name, command in (
            ("harness matrix", [sys.executable, "-m", "harness", "matrix", "--store", str(path)]),
            ("nox -s matrix", nox),
        ):
            with clock() as measured:
                done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            results.append(
                Figure(
                    what=f"an unchanged matrix again, {name}",
                    value=measured.seconds,
                    bound=BOUND,
                    at_least=False,
                    unit=" s",
                    detail=f"[{cells} cells]",
                )
            )
        return results


def _fill(root: Path, path: Path) -> int:
    """Plant evidence as the cases expect it, so that nothing needs to run."""
    workspace = Workspace.at(root)
    selected = workspace.select(Selection())
    jobs = plan(selected, workspace.places([], selected), workspace.config.devices)
    cells = 0
    with Store(path) as store:
        for job in jobs:
            store.put_environment(job.place.record())
            for task in job.tasks:
                cells += 1
                store.put(
                    Row(
                        cell=task.cell,
                        case_digest=task.case.digest,
                        environment_key=job.place.key,
                        platform=THIS_PLATFORM,
                        evidence=_as_expected(task.variant, job.place.facts),
                    )
                )
    return cells


def _as_expected(variant: Variant, facts: Mapping[str, str]) -> Evidence:
    status = expected_status(variant, facts)
    if status in {Status.FIXED, Status.WORKS}:
        return Evidence(outcome=Outcome.RETURNED, log="x" * 500, measured_at="2026-01-01")
    expectation = variant.rejected if status is Status.REJECTED else variant.present
    assert expectation is not None
    message = example(expectation.symptom.match)
    raised = Raised(
        type=expectation.symptom.raises[0], message=message, traceback="x" * 4000, phase=Phase.RUN
    )
    return Evidence(outcome=Outcome.RAISED, raised=raised, measured_at="2026-01-01")


@cache
def example(pattern: str) -> str:
    """A text that a symptom's pattern matches."""
    return find(from_regex(pattern), lambda text: True)
