"""Documents for the tests of feeds: hand-made, hostile and large."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from report_results import by_id, known, release, row, toy_case, toy_config

from harness.report.document import build_document
from harness.report.publish import load_document
from harness.verdict import Status

PUBLISHED = Path(__file__).parents[1] / "reports" / "compatibility.json"
CASE = toy_case()
OLD, NEW = release("1.0", released="2024-01-10"), release("2.0", released="2024-05-10")
WITHOUT_CUDA = known(Status.UNSUPPORTED, "toy", "there is no cuda on this machine")

HOSTILE = (
    "\x00\x0b\x1b[31m",
    "\ud800",
    "\ufffe\uffff",
    "]]><!--",
    "<script>alert(1)</script>&amp;&#0;\"'",
    "\r\n# heading\r\n",
    "| a | `b` | \\",
    "{{ 7 * 7 }}{% if %}",
    "\u202eright to left\u2028",
    "=cmd|' /C calc'!A0",
    "https://example.org/ @someone #1",
    "x" * 10_000,
)
"""Terminal codes, what no XML may hold, markup, line ends, templates, formulas, links, and length."""


@cache
def published_document():
    """The report that lies in this repository."""
    return load_document(PUBLISHED)


def build(rows, *records, cases=(CASE,), config=None):
    return build_document(cases, rows, by_id(*records), config or toy_config())


def history(statuses, records, variant="failure", case=CASE, device="cpu"):
    """Cells of one variant, release by release; `None` is not measured."""
    return [
        row(case, record, status, variant, device)
        for record, status in zip(records, statuses, strict=True)
        if status
    ]


FIXED_LATER = build(history([Status.FAILING, Status.FIXED], [OLD, NEW]), OLD, NEW)
"""One case, failing in 1.0 and fixed in 2.0."""


def cell_of(document, **changes):
    """A document's first cell alone, changed."""
    return {**document, "cells": [{**document["cells"][0], **changes}]}


_SET = {
    "status", "expected", "outcome", "resolution", "kind", "source", "variant", "measured_at", "device",
}  # fmt: skip
_NAMED = {"environments", "axes", "cases", "packages"}


def poisoned(document, evil):
    """A document in which every free text ends with the hostile one, names and references alike."""
    return {key: _poisoned(value, evil, key) for key, value in document.items()}


def _poisoned(value, evil, key=""):
    if isinstance(value, dict):
        return {
            name + evil if key in _NAMED else name: _poisoned(each, evil, "" if key in _NAMED else name)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_poisoned(each, evil) for each in value]
    return value + evil if isinstance(value, str) and value and key not in _SET else value


def large_document(cases=60, releases=60, variants=3):
    """Cases of two libraries by releases of each, most as the case says."""
    libraries = ("toy", "other")
    places = {name: [f"{name}-1.{minor}" for minor in range(releases)] for name in libraries}
    entries = {
        f"{libraries[number % 2]}-{number}": _case(libraries[number % 2], number) for number in range(cases)
    }
    return {
        "schema": 1,
        "environments": {name: _environment(name) for names in places.values() for name in names},
        "axes": {name: _axis(name, names) for name, names in places.items()},
        "cases": entries,
        "cells": [
            _cell(name, variant, environment, entry["number"] + position)
            for name, entry in entries.items()
            for variant in list(entry["variants"])[:variants]
            for position, environment in enumerate(places[entry["library"]])
        ],
    }


def _case(library, number):
    empty = {"introduced_by": [], "fixed_by": [], "api": [], "intervals": [], "histories": []}
    return {
        "title": f"The shape of {number} is <b>kept</b>.", "digest": "0" * 64, "kind": "bug",
        "issue": f"https://example.org/{number}", "library": library, "number": number, **empty,
        "variants": {
            "failure": {"claim": "", "source": None},
            "fix_keep": {"claim": "", "source": "documented"},
            "fix_mask": {"claim": "", "source": "ours"},
        },
    }  # fmt: skip


def _environment(name):
    library, _, version = name.partition("-")
    return {
        "python": "3.11", "resolution": "period", "released": "2024-01-31", "as_of": None, "library": library,
        "version": version, "packages": {"numpy": "1.26.0", library: version}, "note": "",
    }  # fmt: skip


def _axis(library, names):
    return {"library": library, "resolution": "period", "pins": {}, "python": None, "environments": names}


def _cell(case, variant, environment, position):
    right = "fixed" if variant == "failure" else "works"
    wrong = "failing" if variant == "failure" else "refuted"
    status = ("unbuildable", "changed", wrong, right, right)[position % 5]
    return {
        "case": case, "variant": variant, "environment": environment, "device": "cpu", "status": status,
        "expected": wrong if status == wrong else right, "outcome": "raised",
        "symptom": f"ValueError: {position}", "reason": None, "gap": None, "seconds": 0.125,
        "measured_at": "2026-11-21T05:13:35+00:00",
        "platform": "linux-x86_64", "device_used": "cpu x 1", "deprecations": [],
    }  # fmt: skip
