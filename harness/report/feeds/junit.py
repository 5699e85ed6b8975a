"""A document as JUnit XML: a suite for each environment, a test case for each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from harness.report.document import Document
from harness.report.feeds.words import why_no_evidence
from harness.report.view import View, agreement_of
from harness.report.xml import junit_counts, junit_outcome, junit_stamp, xml_document, xml_text
from harness.verdict import Agreement

_RIGHT = {"fixed", "works"}
_REPORT = "report"
"""The suite that says that nothing is evidence."""


def junit(document: Document) -> str:
    """Every cell as a test case that passes only where it really ran and is as its case says.

    A cell that is not as the case says is a failure. One without evidence is skipped where the gap is known,
    and an error where it is not, as in the exit code of a run. What fails as the case says passes, and says
    so. A report without any evidence has an error that says that; of cells that were not measured nothing
    is said.
    """
    view = View(document=document)
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for cell in document["cells"]:
        groups[cell["environment"]].append(cell)
    suites = ET.Element("testsuites", name="ppl-reproducers")
    for name in sorted(groups, key=_positions(view).__getitem__):
        _suite(suites, document, name, groups[name])
    if all(agreement_of(cell) is Agreement.NO_EVIDENCE for cell in document["cells"]):
        _nothing(suites)
    totals = {**junit_counts(suites), "time": _time(document["cells"])}
    del totals["skipped"]  # a suite has it; Jenkins refuses a file with it up here
    suites.attrib.update(totals)
    return xml_document(suites)


def _positions(view: View) -> dict[str, int]:
    placed = [name for _, axis in view.axes for name in axis["environments"]]
    return {name: index for index, name in enumerate([*placed, *view.loose])}


def _suite(parent: ET.Element, document: Document, name: str, cells: Sequence[Mapping[str, Any]]) -> None:
    suite = ET.SubElement(parent, "testsuite", name=xml_text(name), time=_time(cells))
    stamp = junit_stamp(min(cell["measured_at"] for cell in cells))
    if stamp:
        suite.set("timestamp", stamp)
    _properties(suite, document["environments"][name])
    for cell in cells:
        _case(suite, document["cases"][cell["case"]], cell)
    suite.attrib.update(junit_counts(suite))


def _properties(suite: ET.Element, environment: Mapping[str, Any]) -> None:
    told = {key: environment.get(key) for key in ("resolution", "python", "released", "as_of", "note")}
    packages = {f"package.{name}": version for name, version in sorted(environment["packages"].items())}
    properties = ET.SubElement(suite, "properties")
    for name, value in {**told, **packages}.items():
        if value:
            ET.SubElement(properties, "property", name=xml_text(name), value=xml_text(value))


def _case(suite: ET.Element, about: Mapping[str, Any], cell: Mapping[str, Any]) -> None:
    name = f"{cell['variant']} [{cell['device']}]"
    names = {"classname": xml_text(cell["case"]), "name": xml_text(name)}
    case = ET.SubElement(suite, "testcase", names, time=_time([cell]))
    status, agreement = cell["status"], agreement_of(cell)
    if agreement is Agreement.UNEXPECTED:
        shown = cell["symptom"] or cell["reason"]
        message = f"{status}, the case says {cell['expected']}{f': {shown}' if shown else ''}"
        junit_outcome(case, "failure", status, message, _told(about, cell))
    elif agreement is Agreement.NO_EVIDENCE:
        message = f"no evidence: {status}: {why_no_evidence(cell)}"
        junit_outcome(case, "skipped" if cell["gap"] else "error", status, message, _told(about, cell))
    elif status not in _RIGHT:
        told = f"{status}, as the case says\n{cell['symptom'] or ''}".rstrip()
        ET.SubElement(case, "system-out").text = xml_text(told)


def _told(about: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    """What is known of a cell, and the command that runs it again."""
    again = (
        f"harness run {cell['case']} --env {cell['environment']} "
        f"--variant {cell['variant']} --device {cell['device']}"
    )
    facts = {
        "title": about["title"],
        "issue": about["issue"],
        "status": cell["status"],
        "the case says": cell["expected"],
        "symptom": cell["symptom"],
        "reason": cell["reason"],
        "known gap": cell["gap"],
        "outcome": cell["outcome"],
        "measured at": cell["measured_at"],
        "again": again,
    }
    return "\n".join(f"{label}: {text}" for label, text in facts.items() if text)


def _nothing(suites: ET.Element) -> None:
    suite = ET.SubElement(suites, "testsuite", name=_REPORT, time="0.000")
    case = ET.SubElement(suite, "testcase", classname=_REPORT, name="evidence", time="0.000")
    message = "nothing here is evidence: no library's behaviour was observed"
    junit_outcome(case, "error", "no-evidence", message, message)
    suite.attrib.update(junit_counts(suite))


def _time(cells: Sequence[Mapping[str, Any]]) -> str:
    """Seconds with three places; a sum is that of what its parts show."""
    return f"{sum(round(cell['seconds'] * 1000) for cell in cells) / 1000:.3f}"
