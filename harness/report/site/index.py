"""The index of the site: what the overview and the lists need, at once and without the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from harness.case import Case, Expectation, Variant
from harness.evidence import EnvironmentRecord
from harness.report.axes import ReleaseAxis
from harness.report.histories import History
from harness.report.site.letters import LETTERS, letters_of
from harness.report.site.model import SiteModel
from harness.report.symbols import MEANINGS
from harness.report.text import plain
from harness.report.view import Story, agreement_of, axis_words
from harness.verdict import Agreement, Status

SCHEMA = 1

_FROM_DOCUMENT = ("library", "number", "title", "kind", "issue", "api", "introduced_by", "fixed_by")


def index_of(model: SiteModel) -> dict[str, Any]:
    """Plain data that depends on the model alone."""
    counted = _counted(model)
    return {
        "schema": SCHEMA,
        "measured": _measured(model),
        "counts": _counts(model),
        "letters": {letter: status.value for letter, status in LETTERS.items()},
        "meanings": {status.value: meaning for status, meaning in MEANINGS.items()},
        "environments": [_environment(model, name, counted) for name in model.order],
        "axes": [_axis(model, axis) for axis in model.axes],
        "cases": [_case(model, case) for case in model.ordered_cases],
        "changes": model.changes,
    }


def _measured(model: SiteModel) -> dict[str, str | None]:
    dates = sorted(cell["measured_at"][:10] for cell in model.document["cells"])
    return {"first": dates[0] if dates else None, "last": dates[-1] if dates else None}


def _counts(model: SiteModel) -> dict[str, int]:
    cells = Counter(agreement_of(cell) for cell in model.document["cells"])
    return {
        "cases": len(model.ordered_cases),
        "variants": sum(len(case.variants) for case in model.ordered_cases),
        "environments": len(model.document["environments"]),
        "cells": cells.total(),
        "expected": cells[Agreement.EXPECTED],
        "unexpected": cells[Agreement.UNEXPECTED],
        "no_evidence": cells[Agreement.NO_EVIDENCE],
    }


def _counted(model: SiteModel) -> Counter[tuple[str, str]]:
    """(environment, status) to the number of cells; a status of "" counts them all."""
    counts: Counter[tuple[str, str]] = Counter()
    for cell in model.document["cells"]:
        counts[cell["environment"], ""] += 1
        counts[cell["environment"], cell["status"]] += 1
    return counts


def _environment(model: SiteModel, name: str, counted: Counter[tuple[str, str]]) -> dict[str, Any]:
    record = model.environments[name]
    return {
        "id": name,
        "library": record.library,
        "version": record.version,
        "label": _label(record),
        "resolution": record.resolution,
        "python": record.python,
        "released": record.released,
        "as_of": record.as_of,
        "note": plain(record.note, 600),
        "axis": model.axis_of.get(name),
        "packages": dict(sorted(record.packages.items())),
        "failing": counted[name, Status.FAILING.value],
        "measured": counted[name, ""],
    }


def _label(record: EnvironmentRecord) -> str:
    python = record.id.partition("@py")[2]
    return f"{record.version or record.id}{f' py{python}' if python and record.version else ''}"


def _axis(model: SiteModel, axis: ReleaseAxis) -> dict[str, Any]:
    told = {
        "library": axis.library,
        "resolution": axis.resolution,
        "pins": dict(axis.pins),
        "python": axis.python,
    }
    return {
        "id": axis.id,
        **told,
        "words": axis_words(told, axis.library),
        "environments": [model.position[place.environment] for place in axis.places],
    }


def _case(model: SiteModel, case: Case) -> dict[str, Any]:
    entry = model.document["cases"][case.id]
    stories = {story.variant: story for story in model.view.remedies(case.id)}
    return {
        "id": case.id,
        **{key: entry[key] for key in _FROM_DOCUMENT},
        "symptom": symptom_of_variant(case.variants[0].present),
        "devices": model.devices(case),
        "variants": [_variant(entry, variant, stories) for variant in case.variants],
        "cells": letters_of(model, case),
        "told": [
            _told(model, history)
            for history in model.histories(case)
            if history.variant == case.variants[0].name
        ],
    }


def _told(model: SiteModel, history: History) -> dict[str, Any]:
    words = history.words()
    return {
        "variant": 0,
        "axis": model.axis_index[history.axis],
        "device": history.device,
        "words": words["words"],
        "brief": words["brief"],
    }


def symptom_of_variant(present: Expectation | None) -> dict[str, Any] | None:
    """How a failure, or a remedy that does not work, shows."""
    if present is None:
        return None
    return {"raises": list(present.symptom.raises), "match": plain(present.symptom.match, 2000)}


def _variant(entry: Mapping[str, Any], variant: Variant, stories: Mapping[str, Story]) -> dict[str, Any]:
    remedy = stories[variant.name].remedy.value if variant.name in stories else None
    return {"name": variant.name, **entry["variants"][variant.name], "remedy": remedy}
