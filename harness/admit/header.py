"""What a header lacks or says against the measurements, as the values that it should have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.version import Version

from harness.admit.causes import origins_for
from harness.admit.conditions import condition_of, condition_text, disagrees
from harness.admit.record import FIXED, INTRODUCED, CellFact, Origin
from harness.admit.rewriting import Edits
from harness.case import FIX_PREFIX, Case


def condition_edits(
    case: Case, cells: Sequence[CellFact], distribution: str, releases: Mapping[str, Version]
) -> Edits:
    """The conditions that contradict what was measured, where releases of the library explain all of it."""
    edits = {}
    for variant in case.variants:
        own = [cell for cell in cells if cell.variant == variant.name]
        if variant.present is None or not disagrees(own):
            continue
        groups = condition_of(distribution, own, releases)
        if groups:
            table = variant.name if variant.is_failure else f"fix.{variant.name.removeprefix(FIX_PREFIX)}"
            key = "failing" if variant.is_failure else "refuted"
            edits[table, key] = condition_text(groups)
    return edits


def origin_edits(case: Case, origins: Sequence[Origin]) -> Edits:
    """What was found to begin and to end the issue, where the header names nothing."""
    edits = {}
    for kind, key, named in (
        (INTRODUCED, "introduced-by", case.introduced_by),
        (FIXED, "fixed-by", case.fixed_by),
    ):
        found = [origin.name for origin in origins_for(case, origins) if origin.kind == kind]
        if found and not named:
            edits["", key] = "[" + ", ".join(f'"{name}"' for name in found) + "]"
    return edits
