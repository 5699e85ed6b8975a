"""What every answer of the gate says of a finding, as plain lines that each format sets in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.bisect.document import without_credentials
from harness.case import FAILURE
from harness.gate.observations import Basis, Use
from harness.gate.records import Action, Avoidance, Decision, Finding, FindingKind, Remedy
from harness.progress import visible
from harness.report.text import plain, shortened

SHOWN_USES = 3
SHOWN_CASES = 5
_NAME_LENGTH = 160
_TITLE_LENGTH = 200

BASES: Mapping[Basis | None, str] = {
    Basis.RAN: "measured now",
    Basis.STORED: "measured earlier",
    Basis.INFERRED: "INFERRED, not measured",
    None: "nothing was measured",
}

MEANINGS: Mapping[FindingKind, str] = {
    FindingKind.NEWLY_FAILING: "Fails in the new state, and was right or not known in the old one.",
    FindingKind.FAILING_AGAIN: "Fails, although the issue was fixed in an earlier release.",
    FindingKind.KNOWN_FAILING: "Fails here, as it is known to, and not because of the upgrade.",
    FindingKind.REFUTED_REMEDY: "A documented remedy does not do here what was claimed.",
    FindingKind.LOST_REMEDY: "A remedy works in the old state and not in the new one.",
    FindingKind.CHANGED: "Neither the issue nor its fix: another failure, a hang, a crash. Please look.",
    FindingKind.DEPRECATION: "It works and warns: it will break.",
    FindingKind.NO_EVIDENCE: "Nothing is known of cases that concern the source. This is no pass.",
    FindingKind.NOTHING_TO_RUN: "No case concerns what was given: nothing is known of it. This is no pass.",
    FindingKind.STALE_ENTRY: "An acceptance expired, or matches nothing any more.",
}

LACKING = frozenset({FindingKind.NO_EVIDENCE, FindingKind.NOTHING_TO_RUN})

GROUPS: Mapping[Action, str] = {
    Action.BLOCK: "Blocking",
    Action.WARN: "Warnings",
    Action.ALLOW: "Accepted, known or allowed",
}


def named(text: str) -> str:
    """A path or a name as one line that shows every character of it, bounded."""
    line = visible(text[: 4 * _NAME_LENGTH]).replace("\n", "\\n").replace("\t", "\\t")
    return line if len(line) <= _NAME_LENGTH else line[: _NAME_LENGTH - 3] + "..."


def ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def kind_of(finding: Finding) -> str:
    return finding.kind.value.replace("-", " ")


def heading(finding: Finding) -> str:
    """What happens, on one line."""
    title = plain(finding.title, _TITLE_LENGTH).removesuffix(".")
    return f"{kind_of(finding)}: {title}{' (only possible)' if finding.is_only_possible else ''}"


def about(finding: Finding) -> str:
    """Cases, kind of case, device, and variants where they are not the failure itself."""
    parts = [shortened([named(case) for case in finding.cases], SHOWN_CASES), named(finding.case_kind)]
    parts += [named(variant) for variant in finding.variants if variant != FAILURE]
    parts += [f"on {named(finding.device)}"] if finding.device else []
    return ", ".join(part for part in parts if part)


def standing(decision: Decision) -> str:
    """What the policy makes of it, in words."""
    if decision.accepted:
        return f"accepted until {decision.accepted.until}: {ended(plain(decision.accepted.reason))}".rstrip(
            "."
        )
    if decision.is_in_baseline:
        return "known: it is in the baseline"
    return {Action.BLOCK: "blocks", Action.WARN: "warns", Action.ALLOW: "allowed by the policy"}[
        decision.action
    ]


def ordered(uses: Iterable[Use]) -> list[Use]:
    """Certain ones first, then those that are no mere imports."""
    return sorted(uses, key=lambda use: (not use.is_certain, use.is_import))


def place(use: Use) -> str:
    """Where and what: `src/a.py:3 toy.sample`."""
    path = named(use.path)
    where = f"{path}:{use.line}" if use.cell is None else f"{path}, cell {use.cell}, line {use.line}"
    return f"{where} {named(use.name)}{'' if use.is_certain else ' (possible)'}"


def uses(finding: Finding) -> str:
    """The first few places in the team's source; empty without any."""
    return shortened([place(use) for use in ordered(finding.uses)], SHOWN_USES, "; ")


def evidence(finding: Finding) -> str:
    told = plain(finding.evidence)
    return f"{BASES[finding.basis]}{': ' if told else ''}{told}"


def remedy(remedy: Remedy) -> str:
    measured = {
        Basis.INFERRED: "INFERRED to work here, not measured",
        Basis.STORED: "measured earlier to work here",
    }
    claim = plain(remedy.claim).removesuffix(".")
    known = measured.get(remedy.basis, "measured now to work here")
    return f"{named(remedy.variant)} ({named(remedy.source)}): {claim} ({known})"


def avoidance(avoid: Avoidance) -> str:
    seen = f"measured right, {plain(avoid.measured)}" if avoid.measured else "not measured"
    return f"{plain(avoid.requirement)}: {seen}"


def facts(finding: Finding) -> tuple[tuple[str, str], ...]:
    """A finding below its heading: labels and lines, only what there is."""
    lines = [
        ("about", about(finding)),
        ("symptom", plain(finding.symptom)),
        ("met by", shortened([plain(name) for name in finding.touches], SHOWN_CASES)),
        ("used at", uses(finding)),
        ("evidence", evidence(finding)),
        *(("remedy", remedy(each)) for each in finding.remedies),
        *(("avoid with", avoidance(each)) for each in finding.avoid),
        ("issue", plain(without_credentials(finding.issue))),
    ]
    return tuple((label, text) for label, text in lines if text)
