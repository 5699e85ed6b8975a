"""What the store knows of a case: only what is of its very text, in the very environments."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy.cases import case_text, cell, edited, lacking, make_case, raised, row, write_case
from toy.project import toy_lock, write_project

from harness.admit.measure import beside, cells_of, default_places, expected_anew, places_of
from harness.admit.record import CellFact, Side
from harness.device import parse_device
from harness.environment.places import THIS_PLATFORM
from harness.evidence import Lack
from harness.header import parse_case
from harness.store import Store
from harness.verdict import Status
from harness.workspace import Workspace

CPU = parse_device("cpu")
SHAPES = raised("builtins.ValueError", "shapes disagree", measured_at="2026-01-02T00:00:00Z")


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    root = write_project(tmp_path / "project", "[tool.harness]\n[tool.harness.library.toy]\n")
    write_case(root / "cases")
    return Workspace.at(root)


def facts(workspace: Workspace, **fields: str) -> tuple[list[CellFact], str]:
    """The cells of the failure in toy 1.0, of which a row is stored."""
    (case,) = workspace.cases
    known = {"case_digest": case.digest, "environment_key": toy_lock("1.0").key, "platform": THIS_PLATFORM}
    places = places_of(case, default_places(workspace, [case]))
    with workspace.store(None) as results:
        results.put(row(cell(), SHAPES, **{**known, **fields}))
        cells, newest = cells_of(case, places, [CPU], results, workspace.config)
    return [c for c in cells if (c.variant, c.environment) == ("failure", "toy-1.0")], newest


def test_a_stored_cell_is_judged_beside_what_the_header_says(workspace):
    (found,), newest = facts(workspace)
    assert (found.status, found.expected, newest) == (Status.FAILING, Status.FAILING, "2026-01-02T00:00:00Z")
    assert found.detail == "ValueError: shapes disagree"


@pytest.mark.parametrize("field", ["case_digest", "environment_key", "platform"])
def test_a_cell_of_another_text_environment_or_platform_is_not_measured(workspace, field):
    (found,), newest = facts(workspace, **{field: "other"})
    assert (found.status, found.detail, newest) == (None, "", "")


def test_every_variant_and_environment_has_its_cell(workspace):
    (case,) = workspace.cases
    places = places_of(case, default_places(workspace, [case]))
    with Store(workspace.config.store) as results:
        cells, _ = cells_of(case, places, [CPU, parse_device("cpu:2")], results, workspace.config)
    assert len({(c.variant, c.device, c.environment) for c in cells}) == len(cells) == 2 * 2 * 3


@pytest.mark.parametrize(
    ("lack", "gap"), [(Lack.PACKAGE, "it is not there"), (Lack.DEVICE, ""), (Lack.PROBE, "")]
)
def test_what_may_be_there_another_time_is_not_explained(workspace, lack, gap):
    (case,) = workspace.cases
    places = places_of(case, default_places(workspace, [case]))
    stored = {"case_digest": case.digest, "environment_key": toy_lock("1.0").key, "platform": THIS_PLATFORM}
    with Store(workspace.config.store) as results:
        results.put(row(cell(), lacking(lack), **stored))
        cells, _ = cells_of(case, places, [CPU], results, workspace.config)
    assert [c.gap for c in cells if c.variant == "failure" and c.environment == "toy-1.0"] == [gap]


def test_the_same_measurement_is_judged_by_another_header(workspace):
    cells, _ = facts(workspace)
    other = make_case(header=edited('["toy<2"]', '["toy>=2"]'))
    places = places_of(other, default_places(workspace, workspace.cases))
    assert [c.expected for c in expected_anew(other, cells, places)] == [Status.FIXED]


@pytest.mark.parametrize(
    ("signature", "takes"),
    [
        ("()", False),
        ("(seed)", True),
        ("(*, seed=0)", True),
        ("(seed=0, /)", False),
        ("(a=1, seed=2)", True),
        ("(seeds=1)", False),
    ],
)
def test_a_variant_with_a_seed_is_known_by_its_signature(signature, takes):
    text = edited("def fix_pin()", f"def fix_pin{signature}", case_text())
    assert parse_case(Path("toy/7_breaks.py"), text).seeded == ({"fix_pin"} if takes else set())


def test_only_what_gave_evidence_beside_a_change_is_repeated_and_only_once(workspace):
    (case,) = workspace.cases
    places = places_of(case, default_places(workspace, [case]))
    cells = [
        CellFact(variant=variant, device="cpu", environment=name, status=status, expected=Status.FIXED)
        for variant, name, status in (
            ("failure", "toy-1.0", Status.FAILING),
            ("failure", "toy-1.1", Status.FIXED),
            ("failure", "toy-2.0", Status.FIXED),
            ("fix_pin", "toy-1.0", Status.UNSUPPORTED),
            ("fix_pin", "toy-1.1", Status.WORKS),
        )
    ]
    side = Side(axis="toy", device="cpu", kind="fixed", failing="toy-1.0", right="toy-1.1")
    found = beside(case, places, [CPU], cells, [side, side], repeat=4, seeds=9)
    assert [(each.subject.variant.name, each.place.id, each.runs) for each in found] == [
        ("failure", "toy-1.0", 4),
        ("failure", "toy-1.1", 4),
        ("fix_pin", "toy-1.1", 4),
    ]
