"""Cells as strings: a letter for each environment, so that a matrix is small and quickly read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.case import Case
from harness.report.inference import inferred
from harness.report.site.model import SiteModel
from harness.report.view import agreement_of
from harness.verdict import Agreement, Status

LETTERS = dict(zip("abcdefghijkl", Status, strict=True))
"""Lower case: measured, and as the case says or no evidence; upper case: measured, and not as it says."""

UNKNOWN = "."
"""Neither measured nor between two releases that were, and agree."""

_LETTER_OF = {status: letter for letter, status in LETTERS.items()}
_INFERRED = {status: str(index) for index, status in enumerate(LETTERS.values()) if status.is_evidence}
"""Not measured, but between two releases of this status."""


def letters_of(model: SiteModel, case: Case) -> dict[str, list[str]]:
    """Device to one string per variant, in the case's order; a letter per environment of the model."""
    blank = [UNKNOWN] * len(model.order)
    rows = {
        (device, variant.name): list(blank) for device in model.devices(case) for variant in case.variants
    }
    for history in model.histories(case):
        row = rows[history.device, history.variant]
        for (_, place), status in zip(_placed(model, history.axis), inferred(history.points), strict=True):
            if status is not None:
                row[place] = _INFERRED[status]
    for cell in model.cells[case.id]:
        rows[cell["device"], cell["variant"]][model.position[cell["environment"]]] = _letter(cell)
    return {
        device: ["".join(rows[device, variant.name]) for variant in case.variants]
        for device in model.devices(case)
    }


def _placed(model: SiteModel, axis: str) -> Sequence[tuple[str, int]]:
    places = model.axes[model.axis_index[axis]].places
    return [(place.environment, model.position[place.environment]) for place in places]


def _letter(cell: Mapping[str, str]) -> str:
    letter = _LETTER_OF[Status(cell["status"])]
    return letter.upper() if agreement_of(cell) is Agreement.UNEXPECTED else letter
