"""An answer of the gate in SARIF 2.1.0, as code scanning reads it: deterministic, with the user's paths."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from harness.gate import summary, words
from harness.gate.observations import Skipped, Use
from harness.gate.records import Action, Decision, Finding, GateResult
from harness.report.markup import link
from harness.report.text import plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "gateFinding/v1"
LOCATIONS = 1_000
"""Locations that code scanning admits of a result."""

_LEVELS = {Action.BLOCK: "error", Action.WARN: "warning", Action.ALLOW: "note"}
_ROOT = "%SRCROOT%"
_BEYOND = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that stand for no byte of a path."""


def gate_sarif(result: GateResult) -> str:
    """One run; every decision is a result, and what is accepted is suppressed."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(result)]}
    return json.dumps(log, indent=2) + "\n"


def _run(result: GateResult) -> dict[str, Any]:
    rules = _rules(result)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    return {
        "tool": {
            "driver": {"name": "ppl-reproducers", "version": plain(result.tool), "rules": rules},
        },
        "invocations": [_invocation(result)],
        "originalUriBaseIds": {_ROOT: {"description": _message("The folder in which the gate ran.")}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, decision, index) for decision in result.decisions],
        "properties": {
            "verdict": result.verdict,
            "isOffline": result.is_offline,
            "repaired": list(summary.repaired(result)),
            "gone": list(summary.gone(result)),
            "leftOut": list(summary.left_out(result)),
            "lookedAt": list(summary.looked_at(result)),
        },
    }


def _rules(result: GateResult) -> list[dict[str, Any]]:
    """One rule for a case and a kind of finding, at the level of the worst of its findings."""
    order = list(_LEVELS)
    rules: dict[str, list[Decision]] = {}
    for decision in result.decisions:
        rules.setdefault(_rule_id(decision.finding), []).append(decision)
    return [
        _rule(result, id_, rules[id_][0].finding, min((each.effect for each in rules[id_]), key=order.index))
        for id_ in sorted(rules)
    ]


def _rule_id(finding: Finding) -> str:
    """`toy-7/newly-failing`; the kind alone where a finding is of no case or of several."""
    case = [words.named(finding.cases[0])] if len(finding.cases) == 1 else []
    return "/".join([*case, finding.kind.value])


def _rule(result: GateResult, id_: str, finding: Finding, effect: Action) -> dict[str, Any]:
    meaning = words.MEANINGS[finding.kind]
    is_of_one = len(finding.cases) == 1
    title = plain(result.titles.get(finding.cases[0], "")) if is_of_one else ""
    subject = f"{words.named(finding.cases[0])}: {title or words.kind_of(finding)}" if is_of_one else meaning
    full = f"{subject.rstrip('.')}. {meaning}" if is_of_one else meaning
    has_address = is_of_one and _is_address(finding.issue)
    address = {"helpUri": finding.issue} if has_address else {}
    more = f" See {finding.issue}" if has_address else ""
    tags = dict.fromkeys(filter(None, (finding.library, finding.case_kind, finding.kind.value)))
    return {
        "id": id_,
        "shortDescription": _message(subject),
        "fullDescription": _message(full),
        "help": _message(full + more),
        **address,
        "defaultConfiguration": {"level": _LEVELS[effect]},
        "properties": {"tags": [plain(tag) for tag in tags]},
    }


def _is_address(text: str) -> bool:
    return link("", text).startswith("[")


def _result(result: GateResult, decision: Decision, index: Mapping[str, int]) -> dict[str, Any]:
    finding = decision.finding
    id_ = _rule_id(finding)
    told = {
        "ruleId": id_,
        "ruleIndex": index[id_],
        "level": _LEVELS[decision.effect],
        "message": _message(_text(decision)),
        "locations": _locations(result, finding),
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        **_suppressions(decision),
        "properties": {
            "kind": finding.kind.value,
            "effect": decision.effect.value,
            "standing": words.standing(decision),
            "basis": finding.basis.value if finding.basis else "nothing was measured",
            "isOnlyPossible": finding.is_only_possible,
        },
    }
    if result.has_baseline:
        told["baselineState"] = "unchanged" if decision.is_in_baseline else "new"
    return told


def _text(decision: Decision) -> str:
    """What a reader of code scanning sees: a sentence, then the facts."""
    finding = decision.finding
    facts = [f"{label}: {text}" for label, text in words.facts(finding) if label not in {"used at", "issue"}]
    return "\n".join([f"{words.heading(finding)}.", *facts, f"policy: {words.standing(decision)}"])


def _suppressions(decision: Decision) -> dict[str, Any]:
    accepted = decision.accepted
    if accepted is None:
        return {}
    known = {"kind": "external", "status": "accepted", "justification": plain(accepted.reason, 1000)}
    return {"suppressions": [{**known, "properties": {"until": accepted.until.isoformat()}}]}


def _locations(result: GateResult, finding: Finding) -> list[dict[str, Any]]:
    """The places in the team's source; without any, the case, which is no file of theirs."""
    if finding.uses:
        return [_location(use) for use in words.ordered(finding.uses)[:LOCATIONS]]
    names = [words.named(name) for name in finding.cases or (result.after.name,)]
    return [{"logicalLocations": [{"name": name, "fullyQualifiedName": name} for name in names]}]


def _location(use: Use) -> dict[str, Any]:
    cell = "" if use.cell is None else f"cell {use.cell}: "
    possible = "" if use.is_certain else " (possible)"
    column = {} if use.cell else {"startColumn": max(1, use.column)}  # a notebook's columns are of its cell
    region = {"startLine": max(1, use.line), **column}
    return {
        "physicalLocation": {"artifactLocation": _artifact(use.path), "region": region},
        "message": _message(f"{cell}{words.named(use.name)}{possible}"),
    }


def _artifact(path: str) -> dict[str, str]:
    """A file below the folder in which the gate ran, or elsewhere by its whole address."""
    clean = _BEYOND.sub("\N{REPLACEMENT CHARACTER}", posixpath.normpath(path))
    encoded = quote(clean, safe="/", errors="surrogateescape")
    if clean.startswith("/"):
        return {"uri": f"file:///{encoded.lstrip('/')}"}
    if re.match("[A-Za-z]:/", clean):
        return {"uri": f"file:///{clean[:2]}{encoded[4:]}"}
    return {"uri": encoded, "uriBaseId": _ROOT}


def _invocation(result: GateResult) -> dict[str, Any]:
    skipped = result.source.skipped if result.source else ()
    notes = [
        {"level": "note", "message": _message(text)} for text in (*summary.caveats(result), *_notes(result))
    ]
    return {
        "executionSuccessful": result.exit_code != 3,
        "exitCode": result.exit_code,
        "exitCodeDescription": plain(summary.verdict(result), 1000),
        "commandLine": summary.command(result),
        **_ended_at(result),
        "toolExecutionNotifications": [*(_skipped(each) for each in skipped), *notes],
    }


def _notes(result: GateResult) -> Iterable[str]:
    return (*summary.notes(result), summary.made(result))


def _ended_at(result: GateResult) -> dict[str, str]:
    is_time = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)", result.made_at, re.ASCII)
    return {"endTimeUtc": result.made_at.replace("+00:00", "Z")} if is_time else {}


def _skipped(skipped: Skipped) -> dict[str, Any]:
    region = {} if skipped.line is None else {"region": {"startLine": max(1, skipped.line)}}
    place = {"artifactLocation": _artifact(skipped.path), **region}
    return {
        "level": "warning",
        "message": _message(f"Not read: {summary.skipped_place(skipped)}"),
        "locations": [{"physicalLocation": place}],
    }


def _message(text: str) -> dict[str, str]:
    """Text in which nothing is a link or a placeholder, as both are in a SARIF message.

    A space parts what would be one: escapes, which the standard has for them, are shown as they are by
    readers that do not know them.
    """
    parted = re.sub(r"\](?=\()", "] ", text)
    return {"text": re.sub(r"\{(?=\d+\})", "{ ", parted)}
