"""One case on one device, in one state or two: what the findings about it are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from harness.api import parse_api
from harness.case import Case
from harness.gate.observations import Assessment, Basis, Observation, Question, Relevant, StateView
from harness.gate.records import Avoidance, Finding, FindingKind
from harness.report.text import plain
from harness.verdict import Status

RIGHT = frozenset({Status.FIXED, Status.REJECTED})
"""The failure is not there."""
ODD = frozenset({Status.CHANGED, Status.TIMEOUT, Status.CRASHED})

Facts = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the corpus knows beyond the states: how to avoid a failure, and whether it had been fixed."""

    avoidances: Callable[[Case, Facts, str], tuple[Avoidance, ...]]
    """Of a case that fails with these packages on this device."""
    was_fixed: Callable[[Case, Facts, str], bool]


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """One case on one device, in the states."""

    relevant: Relevant
    device: str
    after: Assessment
    before: Assessment | None
    advice: Advice

    @property
    def case(self) -> Case:
        return self.relevant.case

    def now(self, variant: str) -> Observation | None:
        return self._of(self.after, variant)

    def then(self, variant: str) -> Observation | None:
        return None if self.before is None else self._of(self.before, variant)

    def _of(self, assessment: Assessment, variant: str) -> Observation | None:
        return assessment.observations.get(Question(case=self.case.id, variant=variant, device=self.device))

    def finding(
        self, kind: FindingKind, variants: Sequence[str], seen: Observation, **more: object
    ) -> Finding:
        case = self.case
        known: dict[str, object] = {
            "title": plain(case.title).removesuffix("."),
            "cases": (case.id,),
            "library": case.library,
            "case_kind": case.kind.value,
            "variants": tuple(variants),
            "device": self.device,
            "issue": case.issue,
            "touches": touches(case),
            "symptom": plain(seen.symptom),
            "evidence": self.evidence(variants[0]),
            "basis": seen.basis,
            "uses": self.relevant.uses,
        }
        return Finding(kind=kind, **{**known, **more})  # type: ignore[arg-type]  # keys are those of Finding

    def evidence(self, variant: str) -> str:
        """What was seen of a variant in the states, and in which versions."""
        told = []
        for called, assessment in (("", self.after), ("in the old state ", self.before)):
            seen = None if assessment is None else self._of(assessment, variant)
            if assessment is not None and seen is not None:
                told.append(f"{called}{observed(seen)} with {versions(self.case, assessment.state)}")
        return "; ".join(told)


def touches(case: Case) -> tuple[str, ...]:
    """What code does to meet a case, in words."""
    names = [parse_api(text) for text in case.api]
    return tuple(f"import {api.name}" if api.name == api.root else api.text for api in names)


def observed(seen: Observation) -> str:
    """A status with how it is known; never a bare status where it was only inferred."""
    if seen.status is None:
        return "nothing known"
    return f"inferred {seen.status.value}" if seen.basis is Basis.INFERRED else seen.status.value


def versions(case: Case, state: StateView) -> str:
    """The versions of a state that matter to a case: what it needs and what its conditions name."""
    needed = [str(canonicalize_name(requirement.name)) for requirement in case.requires]
    for variant in case.variants:
        for expectation in (variant.present, variant.rejected):
            groups = expectation.where.groups if expectation else ()
            needed += [str(canonicalize_name(r.name)) for group in groups for r in group]
    companions = [name for name in ("jax", "torch") if name in state.facts]
    names = dict.fromkeys([*needed, *companions, "python"])
    return ", ".join(f"{name} {state.facts[name]}" for name in names if name in state.facts)
