"""All that is known of one case, which its page, and those of its cells, ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from harness.bisect.answer import Change, Commit
from harness.bisect.sentences import headline
from harness.case import Case
from harness.report.histories import History
from harness.report.inference import transitions
from harness.report.site.index import symptom_of_variant
from harness.report.site.model import Finding, SiteModel
from harness.report.site.records import records_of
from harness.report.site.source import tokens_of
from harness.report.text import plain, spelled_out


def chunk_of(model: SiteModel, case: Case) -> dict[str, Any]:
    """Plain data that depends on the model alone; axes and environments by their index."""
    histories = list(model.histories(case))
    return {
        "path": model.paths.get(case.id, f"cases/{case.library}/{case.path.name}"),
        "source": tokens_of(spelled_out(case.text)),
        "rejected": symptom_of_variant(case.variants[0].rejected),
        "symptoms": {
            variant.name: symptom_of_variant(variant.present)
            for variant in case.variants[1:]
            if variant.present
        },
        "histories": [{**history.words(), "axis": model.axis_index[history.axis]} for history in histories],
        "intervals": [
            {**interval, "axis": model.axis_index[history.axis]}
            for history in histories
            for interval in history.intervals()
        ],
        "transitions": [entry for history in histories for entry in _transitions(model, history)],
        "findings": [_finding(found) for found in model.findings if found.answer.case == case.id],
        "deprecations": _deprecations(model, case),
        **records_of(model, case),
    }


def _transitions(model: SiteModel, history: History) -> Iterator[dict[str, Any]]:
    for found in transitions(history.points):
        yield {
            "variant": history.variant,
            "axis": model.axis_index[history.axis],
            "device": history.device,
            "before": found.before.value,
            "after": found.after.value,
            "bounds": found.bounds,
            "exact": found.is_exact,
            "unknown": list(found.unknown),
        }


def _finding(found: Finding) -> dict[str, Any]:
    answer = found.answer
    changes = [*answer.releases.changes, *([answer.drift] if answer.drift else [])]
    return {
        "variant": answer.variant,
        "device": answer.device,
        "words": headline(answer),
        "decided": answer.is_decided,
        "culprits": [_culprit(*found) for change in changes for found in _culprits(change)],
        "command": plain(answer.command, 600),
        "measured_at": answer.measured_at,
        "digest": answer.digest,
        "file": found.file,
    }


def _culprits(change: Change) -> Iterator[tuple[str, Commit]]:
    if change.commits is not None and change.commits.culprit is not None:
        yield change.commits.package, change.commits.culprit
    for inner in change.pair.changes if change.pair else ():
        yield from _culprits(inner)


def _culprit(package: str, commit: Commit) -> dict[str, str]:
    return {
        "package": package,
        "sha": commit.sha,
        "url": commit.url,
        "subject": plain(commit.subject),
        "date": commit.date,
    }


def _deprecations(model: SiteModel, case: Case) -> list[dict[str, Any]]:
    """Each warning with where it was seen, and per axis the first release that drew it."""
    seen: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for cell in model.cells[case.id]:
        for warning in cell["deprecations"]:
            seen[warning["message"], warning["category"], warning["module"]].append(cell)
    return [
        {
            "message": message,
            "category": category,
            "module": module,
            "variants": [v.name for v in case.variants if any(cell["variant"] == v.name for cell in cells)],
            **_first_seen(model, {model.position[cell["environment"]] for cell in cells}),
        }
        for (message, category, module), cells in sorted(seen.items())
    ]


def _first_seen(model: SiteModel, environments: set[int]) -> dict[str, Any]:
    first = []
    for index, axis in enumerate(model.axes):
        found = [model.position[place.environment] for place in axis.places]
        first += [{"axis": index, "environment": place} for place in found if place in environments][:1]
    return {"first": first, "environments": sorted(environments)}
