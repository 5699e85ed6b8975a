"""What comes of findings: a policy's action for each, what was accepted, and what was known before."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from harness.case import Case
from harness.gate.baseline import Baseline
from harness.gate.policy import NEVER_ACCEPTED, Policy, severity
from harness.gate.records import Acceptance, Decision, Finding, FindingKind
from harness.report.text import plain

_OF_AN_UPGRADE = {FindingKind.NEWLY_FAILING, FindingKind.LOST_REMEDY}
"""What only a comparison of two states can find."""

_ORDER = {kind: place for place, kind in enumerate(FindingKind)}


def decide(
    policy: Policy,
    findings: Iterable[Finding],
    *,
    today: date,
    cases: Mapping[str, Case],
    asked: Collection[str],
    devices: Collection[str],
    baseline: Baseline | None,
    is_upgrade: bool = True,
) -> tuple[Decision, ...]:
    """Decide about every finding, and about the acceptances that expired or match nothing any more.

    An acceptance is called unmatched only where its case was among the ones asked about, its device among the
    devices, and its kind is one that could be found: an audit of one state has nothing newly failing.
    """
    found = tuple(findings)
    live = [acceptance for acceptance in policy.acceptances if today <= acceptance.until]
    idle = [
        acceptance
        for acceptance in live
        if acceptance.case in asked
        and acceptance.device in ("", *devices)
        and (is_upgrade or acceptance.kind not in _OF_AN_UPGRADE)
        and not any(_matches(acceptance, finding, case) for finding in found for case in finding.cases)
    ]
    expired = [acceptance for acceptance in policy.acceptances if today > acceptance.until]
    stale = [_expired(each, cases) for each in expired] + [_unmatched(each, cases) for each in idle]
    decisions = [_decision(policy, finding, live, cases, baseline) for finding in (*found, *stale)]
    return tuple(sorted(decisions, key=lambda decision: _rank(decision, cases)))


def _decision(
    policy: Policy,
    finding: Finding,
    live: Sequence[Acceptance],
    cases: Mapping[str, Case],
    baseline: Baseline | None,
) -> Decision:
    action = policy.action(finding, cases)
    return Decision(
        finding=finding,
        action=action,
        accepted=_accepting(live, finding),
        is_in_baseline=baseline is not None and baseline.covers(finding, action),
    )


def _accepting(live: Sequence[Acceptance], finding: Finding) -> Acceptance | None:
    """The acceptance that ends first of those that a finding rests on: each of its cases needs one."""
    longest = [
        max(
            (acceptance for acceptance in live if _matches(acceptance, finding, case)),
            key=lambda acceptance: acceptance.until,
            default=None,
        )
        for case in finding.cases
    ]
    accepted = [acceptance for acceptance in longest if acceptance is not None]
    if not accepted or len(accepted) < len(longest):
        return None
    return min(accepted, key=lambda acceptance: acceptance.until)


def _matches(acceptance: Acceptance, finding: Finding, case: str) -> bool:
    """Whether an acceptance is about a finding, as far as one of its cases goes."""
    return (
        finding.kind not in NEVER_ACCEPTED
        and acceptance.case == case
        and acceptance.kind in (None, finding.kind)
        and acceptance.device in ("", finding.device)
    )


def _expired(acceptance: Acceptance, cases: Mapping[str, Case]) -> Finding:
    title = f"The acceptance of {_words(acceptance)} expired on {acceptance.until}: decide anew, or remove it"
    return _stale(acceptance, title, f"expired acceptance of {_words(acceptance)}", cases)


def _unmatched(acceptance: Acceptance, cases: Mapping[str, Case]) -> Finding:
    title = f"The acceptance of {_words(acceptance)} no longer matches anything: remove it"
    return _stale(acceptance, title, f"unmatched acceptance of {_words(acceptance)}", cases)


def _stale(acceptance: Acceptance, title: str, subject: str, cases: Mapping[str, Case]) -> Finding:
    case = cases.get(acceptance.case)
    return Finding(
        kind=FindingKind.STALE_ENTRY,
        title=title,
        cases=(acceptance.case,),
        library=case.library if case else "",
        case_kind=case.kind.value if case else "",
        device=acceptance.device,
        issue=case.issue if case else "",
        evidence=f"accepted until {acceptance.until}, because: {plain(acceptance.reason)}",
        subject=subject,
    )


def _words(acceptance: Acceptance) -> str:
    """What is accepted, without its date: `numpyro-1739 (known-failing, cuda)`."""
    more = [acceptance.kind.value] if acceptance.kind else []
    more += [acceptance.device] if acceptance.device else []
    return f"{acceptance.case} ({', '.join(more)})" if more else acceptance.case


def _rank(decision: Decision, cases: Mapping[str, Case]) -> tuple[object, ...]:
    finding = decision.finding
    numbers = tuple(_number(case, cases) for case in finding.cases)
    return (
        -severity(decision.effect),
        _ORDER[finding.kind],
        finding.library,
        numbers,
        finding.device,
        finding.subject,
        finding.variants,
        finding.title,
    )


def _number(id_: str, cases: Mapping[str, Case]) -> tuple[int, str]:
    """Case ids in the order of people: 99 comes before 1739."""
    if id_ in cases:
        return cases[id_].number, id_
    digits = re.search(r"[0-9]{1,18}$", id_)
    return (int(digits[0]) if digits else 0), id_
