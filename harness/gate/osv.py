"""A case as a record in the OSV schema: what was measured, as ranges that other tools read.

https://ossf.github.io/osv-schema/. The records are no vulnerabilities: they have no severity and no aliases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.case import FAILURE, Case
from harness.errors import UsageError
from harness.gate.osv_evidence import (
    Line,
    borrowing,
    edges_of,
    events_of,
    line_to_tell,
    read_evidence,
    right_outside,
    unmeasured_in,
)
from harness.report.document import Document
from harness.report.intervals import NO_EVIDENCE
from harness.report.markup import code, escape, link, prose
from harness.report.text import plain
from harness.verdict import Status

SCHEMA_VERSION = "1.7.5"
"""The newest version of the specification; it is the one that knows the prefix `x_`."""

ID_PREFIX = "x_PPLREPRODUCERS"
"""The `x_` is the schema's own for local databases; every other prefix belongs to someone else."""

NO_VULNERABILITY = "This is no vulnerability: it is a documented issue, measured over released versions."

Record = dict[str, Any]

_WEB = re.compile(r"https?://[^\s<>\"\\^`{|}]+", re.ASCII)


def osv_id(case: str) -> str:
    """The id of a case's record, and the name of its file without `.json`."""
    return f"{ID_PREFIX}-{case}"


def osv_json(record: Record) -> str:
    return json.dumps(record, sort_keys=True, indent=2, allow_nan=False) + "\n"


def osv_record(case: Case, document: Document, distribution: str) -> Record:
    """The record of a case whose failure was measured.

    Raises:
        NoEvidence: the case was not measured, not as its text is now, or never showed its issue.
        UsageError: the document is not what `harness report` writes.
    """
    try:
        lines, modified = read_evidence(case, document)
        line = line_to_tell(case, lines)
        others = [other for other in lines if other is not line]
        name = canonicalize_name(distribution)
        line = borrowing(line, others, _needs(case, name))
        return _record(case, document["cases"][case.id], line, others, name, modified)
    except (LookupError, TypeError, ValueError, AttributeError):
        message = f"the compatibility report is broken at {case.id}; make it anew with `nox -s report`."
        raise UsageError(message) from None


def _needs(case: Case, name: str) -> list[list[Requirement]]:
    """What the issue needs of packages other than its own: any of these groups."""
    return [[need for need in group if canonicalize_name(need.name) != name] for group in _groups(case)]


def _groups(case: Case) -> tuple[tuple[Requirement, ...], ...]:
    failure = case.variant(FAILURE)
    return failure.present.where.groups if failure and failure.present else ()


def _record(
    case: Case, told: Mapping[str, Any], line: Line, others: Sequence[Line], name: str, modified: str
) -> Record:
    affected = {
        "package": {"ecosystem": "PyPI", "name": name, "purl": f"pkg:pypi/{name}"},
        "ranges": [_range(line, others, right_outside(line, _needs(case, name)))],
        "versions": [cell.release for cell in line.of(Status.FAILING)],
        "database_specific": {
            "api": [plain(api) for api in case.api],
            "conditions": _conditions(case, name, [line, *others]),
            "elsewhere": [_place(other) for other in others],
            "introduced_by": list(case.introduced_by),
            "remedies": _remedies(case, told, line),
            "symptom": _symptom(case, line),
        },
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "id": osv_id(case.id),
        "modified": modified,
        "summary": plain(case.title),
        "details": _details(case, affected),
        "references": _references(case),
        "affected": [affected],
        "database_specific": {
            "case": case.id,
            "digest": case.digest,
            "kind": case.kind.value,
            "note": NO_VULNERABILITY,
        },
    }


def _range(line: Line, others: Sequence[Line], outside: Collection[str]) -> Record:
    older = _right_before(line, others)
    return {
        "type": "ECOSYSTEM",
        "events": events_of(line.intervals, right_before=older),
        "database_specific": {
            "axis": {**_place(line), "resolution": line.resolution, "pins": dict(line.pins)},
            "edges": edges_of(line.intervals, right_before=older, outside=outside),
            "from_other_axes": [
                {"release": cell.release, "axis": cell.axis, "status": cell.status.value}
                for cell in line.cells
                if cell.axis != line.axis
            ],
            "unmeasured_in_range": unmeasured_in(line.intervals, right_before=older),
        },
    }


def _right_before(line: Line, others: Sequence[Line]) -> bool:
    """Whether a release older than all that fail on a line was measured right anywhere."""
    oldest = Version(line.of(Status.FAILING)[0].release)
    return any(Version(cell.release) < oldest for other in others for cell in other.of(Status.FIXED))


def _place(line: Line) -> Record:
    return {"axis": line.axis, "device": line.device, "words": line.words}


def _conditions(case: Case, name: str, lines: Sequence[Line]) -> Record:
    """What the issue needs of other packages, and what the failing releases were measured with."""
    others = sorted({canonicalize_name(need.name) for group in _needs(case, name) for need in group})
    failing = {cell.release for cell in lines[0].of(Status.FAILING)}
    return {
        "failing": [[str(requirement) for requirement in group] for group in _groups(case)],
        "measured": {
            other: {
                word: _versions(
                    cell.facts[other]
                    for each in lines
                    for cell in each.of(status)
                    if cell.release in failing and other in cell.facts
                )
                for word, status in (("failing", Status.FAILING), ("right", Status.FIXED))
            }
            for other in others
        },
    }


def _versions(found: Iterable[str]) -> list[str]:
    return sorted(set(found), key=Version)


def _symptom(case: Case, line: Line) -> Record:
    failure = case.variant(FAILURE)
    declared = failure.present.symptom if failure and failure.present else None
    seen = next((cell.symptom for cell in reversed(line.of(Status.FAILING)) if cell.symptom), None)
    return {
        "raises": list(declared.raises) if declared else [],
        "match": declared.match if declared else None,
        "seen": seen,
    }


def _remedies(case: Case, told: Mapping[str, Any], line: Line) -> list[Record]:
    """Every remedy with what was measured of it, where the range was and elsewhere."""
    return [
        {
            "name": variant.name,
            "source": variant.source.value if variant.source else None,
            "claim": plain(case.claim(variant.name)),
            "here": _words(told, variant.name, line) or NO_EVIDENCE,
            "elsewhere": [
                {"axis": h["axis"], "device": h["device"], "words": plain(h["words"])}
                for h in told["histories"]
                if h["variant"] == variant.name and (h["axis"], h["device"]) != (line.axis, line.device)
            ],
        }
        for variant in case.variants
        if not variant.is_failure
    ]


def _words(told: Mapping[str, Any], variant: str, line: Line) -> str:
    key = (variant, line.axis, line.device)
    found = (h["words"] for h in told["histories"] if (h["variant"], h["axis"], h["device"]) == key)
    return plain(next(found, ""))


def _references(case: Case) -> list[Record]:
    """The issue, its culprits and its fixes by address; a release of another package has none."""
    found = [("REPORT", case.issue)]
    found += [("INTRODUCED", text) for text in case.introduced_by]
    found += [("FIX", text) for text in case.fixed_by]
    return [{"type": kind, "url": url} for kind, url in found if _WEB.fullmatch(url)]


def _details(case: Case, affected: Record) -> str:
    """The case in Markdown, for a reader of nothing else."""
    about, (found,) = affected["database_specific"], affected["ranges"]
    axis, edges = found["database_specific"]["axis"], found["database_specific"]["edges"]
    borrowed = found["database_specific"]["from_other_axes"]
    symptom, conditions = about["symptom"], about["conditions"]
    axis_words = f"{code(axis['axis'])} ({axis['resolution']}, {axis['device']})"
    where = " or ".join(" and ".join(map(code, group)) for group in conditions["failing"])
    parts = [
        prose(plain(case.title)),
        NO_VULNERABILITY,
        f"**Expected:** {prose(plain(case.claim(FAILURE)))}" if case.claim(FAILURE) else "",
        f"**Symptom:** {code(symptom['seen'])}" if symptom["seen"] else "",
        f"**Conditions:** {where}" if where else "",
        f"**Measured** on the axis {axis_words}: {escape(axis['words'])}.",
        _list(
            "**Taken from other axes** under the same conditions, where this one has no evidence:",
            [f"{escape(each['release'])} {each['status']} on {code(each['axis'])}" for each in borrowed],
        ),
        _list("**How sure the range is:**", [escape(edge["note"]) for edge in edges]),
        _list("**With releases of other packages:**", _measured(conditions["measured"])),
        _list("**Remedies:**", [_remedy(remedy) for remedy in about["remedies"]]),
        f"**Issue:** {link(case.issue, case.issue)}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _list(title: str, items: Sequence[str]) -> str:
    return "\n".join([f"{title}\n", *(f"- {item}" for item in items)]) if items else ""


def _measured(measured: Mapping[str, Mapping[str, Sequence[str]]]) -> list[str]:
    return [
        f"{code(name)}: failing with {_some(found['failing'])}; right with {_some(found['right'])}"
        for name, found in measured.items()
    ]


def _some(versions: Sequence[str]) -> str:
    return ", ".join(map(escape, versions)) or "none measured"


def _remedy(remedy: Record) -> str:
    source = f" ({remedy['source']})" if remedy["source"] else ""
    return f"{code(remedy['name'])}{source}: {prose(remedy['claim'])} Measured: {escape(remedy['here'])}."
