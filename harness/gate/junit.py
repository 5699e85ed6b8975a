"""An answer of the gate as JUnit XML: a test case for each finding, and none that passes without evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from harness.gate import summary, words
from harness.gate.records import Action, Decision, GateResult
from harness.report.text import shortened
from harness.report.xml import junit_counts, junit_outcome, junit_stamp, xml_document, xml_text

_GATE = "gate"
"""The suite of what belongs to no library, and of the answer as a whole."""


def gate_junit(result: GateResult) -> str:
    """What blocks fails, or is an error where it is evidence that lacks; what is let pass is skipped.

    A warning passes with its text. The result does not tell which cases were looked at without a finding:
    nothing is said of them.
    """
    suites = ET.Element("testsuites", name="ppl-reproducers gate")
    groups: dict[str, list[Decision]] = defaultdict(list)
    for decision in result.decisions:
        groups[decision.finding.library or _GATE].append(decision)
    _suite(suites, result, _GATE, groups.pop(_GATE, []))
    for library in sorted(groups):
        _suite(suites, result, library, groups[library])
    suites.attrib.update(junit_counts(suites))
    return xml_document(suites)


def _suite(parent: ET.Element, result: GateResult, library: str, decisions: Sequence[Decision]) -> None:
    suite = ET.SubElement(parent, "testsuite", name=xml_text(words.named(library)), time="0")
    stamp = junit_stamp(result.made_at)
    if stamp:
        suite.set("timestamp", stamp)
    for decision in decisions:
        _case(suite, decision)
    if library == _GATE:
        if result.exit_code == 3 and not result.having(Action.BLOCK):
            case = ET.SubElement(suite, "testcase", classname=_GATE, name="evidence", time="0")
            junit_outcome(
                case, "error", "no-evidence", summary.verdict(result), "\n".join(summary.looked_at(result))
            )
        ET.SubElement(suite, "system-out").text = xml_text("\n".join(_whole(result)))
    suite.attrib.update(junit_counts(suite))


def _whole(result: GateResult) -> list[str]:
    return [
        summary.question(result),
        summary.verdict(result),
        *summary.caveats(result),
        *summary.states(result),
        *(f"Repaired: {line}" for line in summary.repaired(result)),
        *(f"Gone: {line}" for line in summary.gone(result)),
        *(f"Left out: {line}" for line in summary.left_out(result)),
        *(f"Not read: {line}" for line in summary.skipped(result)),
        *(f"Note: {line}" for line in summary.notes(result)),
        *summary.looked_at(result),
        summary.made(result),
        f"Again: {summary.command(result)}",
    ]


def _case(suite: ET.Element, decision: Decision) -> None:
    finding = decision.finding
    about = shortened([words.named(case) for case in finding.cases], words.SHOWN_CASES)
    device = f" [{words.named(finding.device)}]" if finding.device else ""
    name = f"{words.heading(finding)}{device}"
    case = ET.SubElement(suite, "testcase", classname=xml_text(about or _GATE), name=xml_text(name), time="0")
    told = "\n".join(f"{label}: {text}" for label, text in words.facts(finding))
    kind, standing = finding.kind.value, words.standing(decision)
    if decision.effect is Action.BLOCK:
        junit_outcome(
            case, "error" if finding.kind in words.LACKING else "failure", kind, words.heading(finding), told
        )
    elif finding.kind in words.LACKING:
        junit_outcome(case, "skipped", kind, f"{words.heading(finding)}; {standing}", told)
    elif decision.effect is Action.ALLOW:
        junit_outcome(case, "skipped", kind, standing, told)
    else:
        ET.SubElement(case, "system-out").text = xml_text(f"WARNING: {words.heading(finding)}\n{told}")
