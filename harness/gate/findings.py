"""What a team must know of a state, or of the way from one to another: pure functions of observations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.case import Source, Variant
from harness.choice import DeviceChoice
from harness.gate.grouped import deprecations, gaps
from harness.gate.inquiry import ODD, RIGHT, Advice, Inquiry, observed, versions
from harness.gate.observations import Assessment, Basis, Observation, Question, Relevant
from harness.gate.records import Finding, FindingKind, Remedy
from harness.report.text import plain
from harness.verdict import Status


def derive(
    relevant: Sequence[Relevant],
    devices: DeviceChoice,
    after: Assessment,
    before: Assessment | None,
    advice: Advice,
) -> list[Finding]:
    """Every finding about the relevant cases; none of them is a matter of policy."""
    inquiries = [
        Inquiry(relevant=each, device=str(device), after=after, before=before, advice=advice)
        for each in relevant
        for device in devices.of(each.case)
    ]
    found = [finding for inquiry in inquiries for finding in _of_case(inquiry)]
    return [*found, *deprecations(inquiries), *gaps(inquiries)]


def repaired(
    relevant: Sequence[Relevant], devices: DeviceChoice, after: Assessment, before: Assessment
) -> tuple[tuple[str, str], ...]:
    """What failed in the old state and is right in the new one: (case id, sentence)."""
    told = []
    for each in relevant:
        for device in devices.of(each.case):
            question = Question(case=each.case.id, variant="failure", device=str(device))
            then, now = before.observations.get(question), after.observations.get(question)
            if then and now and then.status in {Status.FAILING, *ODD} and now.status in RIGHT:
                words = f"{observed(then)} with {versions(each.case, before.state)}"
                words += f", {observed(now)} with {versions(each.case, after.state)}"
                told.append((each.case.id, f"{plain(each.case.title).removesuffix('.')}: {words}"))
    return tuple(told)


def _of_case(inquiry: Inquiry) -> Iterator[Finding]:
    for variant in inquiry.case.variants:
        seen = inquiry.now(variant.name)
        if seen is None:
            continue
        if seen.status in ODD:
            yield inquiry.finding(FindingKind.CHANGED, (variant.name,), seen, **_odd(seen))
        elif variant.is_failure and seen.status is Status.FAILING:
            yield _failing(inquiry, variant, seen)
    yield from _remedies(inquiry)


def _odd(seen: Observation) -> dict[str, object]:
    assert seen.status is not None
    symptom = plain(f"{seen.status.value}: {seen.symptom or seen.reason or 'not as documented'}")
    return {"symptom": symptom, "subject": seen.status.value}


def _failing(inquiry: Inquiry, variant: Variant, seen: Observation) -> Finding:
    then = inquiry.then(variant.name)
    facts = inquiry.after.state.facts
    is_new = inquiry.before is not None and (then is None or then.status not in {Status.FAILING, *ODD})
    kind = FindingKind.NEWLY_FAILING if is_new else FindingKind.KNOWN_FAILING
    if (is_new or inquiry.before is None) and inquiry.advice.was_fixed(inquiry.case, facts, inquiry.device):
        kind = FindingKind.FAILING_AGAIN
    return inquiry.finding(
        kind,
        (variant.name,),
        seen,
        remedies=tuple(_working(inquiry)),
        avoid=inquiry.advice.avoidances(inquiry.case, facts, inquiry.device),
    )


def _working(inquiry: Inquiry) -> Iterator[Remedy]:
    for variant in inquiry.case.variants:
        seen = inquiry.now(variant.name)
        if not variant.is_failure and seen is not None and seen.status is Status.WORKS:
            yield Remedy(
                variant=variant.name,
                claim=plain(inquiry.case.claim(variant.name)),
                source=variant.source.value if variant.source else "",
                basis=seen.basis,
            )


def _remedies(inquiry: Inquiry) -> Iterator[Finding]:
    """Remedies that do not work: those lost on the way, and those that somebody recommends all the same."""
    lost, refuted = [], []
    for variant in inquiry.case.variants:
        now, then = inquiry.now(variant.name), inquiry.then(variant.name)
        if now is None or now.status is not Status.REFUTED:
            continue
        if then is not None and then.status is Status.WORKS:
            lost.append((variant, now))
        elif variant.source is not Source.OURS:
            refuted.append((variant, now))
    for kind, found in ((FindingKind.LOST_REMEDY, lost), (FindingKind.REFUTED_REMEDY, refuted)):
        if found:
            yield _remedy(inquiry, kind, found)


def _remedy(inquiry: Inquiry, kind: FindingKind, found: Sequence[tuple[Variant, Observation]]) -> Finding:
    said = "works no longer" if kind is FindingKind.LOST_REMEDY else "does not work"
    claims = [f"{variant.name.removeprefix('fix_')} {said}" for variant, _ in found]
    title = f"{inquiry.case.id}: {', '.join(claims)}"
    weakest = next((seen for _, seen in found if seen.basis is Basis.INFERRED), found[0][1])
    return inquiry.finding(
        kind,
        [variant.name for variant, _ in found],
        weakest,
        title=title,
        symptom=plain("; ".join(dict.fromkeys(seen.symptom for _, seen in found if seen.symptom))),
        remedies=() if _is_right(inquiry) else tuple(_working(inquiry)),
    )


def _is_right(inquiry: Inquiry) -> bool:
    """Whether the failure is not there, so that no remedy is needed."""
    seen = inquiry.now("failure")
    return seen is not None and seen.status in RIGHT
