"""What the gate says: findings, decisions, the whole result."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from harness.gate.observations import Basis, SourceReading, StateView, Use


class FindingKind(enum.Enum):
    """What a finding is about; the keys of a policy."""

    NEWLY_FAILING = "newly-failing"
    """Right in the old state, or not known there, and failing in the new one."""
    FAILING_AGAIN = "failing-again"
    """Failing, although the issue was fixed in an earlier release."""
    KNOWN_FAILING = "known-failing"
    """Failing: in both states, or in the only one."""
    REFUTED_REMEDY = "refuted-remedy"
    """A documented remedy that does not do there what was claimed."""
    LOST_REMEDY = "lost-remedy"
    """A remedy that works in the old state and not in the new one."""
    CHANGED = "changed"
    """Neither the issue nor its fix: another failure, a hang, a crash."""
    DEPRECATION = "deprecation"
    """It works and warns: it will break."""
    NO_EVIDENCE = "no-evidence"
    """Nothing is known of cases that concern the team."""
    NOTHING_TO_RUN = "nothing-to-run"
    """No case concerns what was given: nothing is known of it."""
    STALE_ENTRY = "stale-entry"
    """An acceptance that expired, or that matches nothing any more."""


class Action(enum.Enum):
    """What a policy does about a finding."""

    ALLOW = "allow"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """A documented remedy that was seen to work in the very state, or is inferred to."""

    variant: str
    claim: str
    source: str
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Avoidance:
    """A requirement under which a case is right, with what was measured of that."""

    requirement: str
    """Such as `jax<0.10` or `numpyro>=0.21`."""
    measured: str
    """Where it was measured right, in words: `numpyro 0.20.1 with jax 0.9.2`."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a team must know, before any policy."""

    kind: FindingKind
    title: str
    """What happens, in one sentence without its period."""
    cases: tuple[str, ...] = ()
    """Case ids; several where one thing was seen in several cases."""
    library: str = ""
    case_kind: str = ""
    """The `kind` of the case's header: bug, silent, limitation, feature or drift; empty for several cases."""
    variants: tuple[str, ...] = ()
    device: str = ""
    issue: str = ""
    """The upstream address."""
    touches: tuple[str, ...] = ()
    """What code does to meet it: `import numpyro`, `numpyro.infer.SVI`, `numpyro.sample(obs_mask=)`."""
    symptom: str = ""
    evidence: str = ""
    """Statuses with the versions that matter, and how and when they were measured, in one line."""
    basis: Basis | None = None
    """None where nothing was measured or inferred."""
    remedies: tuple[Remedy, ...] = ()
    avoid: tuple[Avoidance, ...] = ()
    uses: tuple[Use, ...] = ()
    subject: str = ""
    """What else tells findings apart: a deprecation's text, an acceptance's words. No versions, no paths."""

    @property
    def fingerprint(self) -> str:
        """The same for the same finding in a later run, whatever versions and lines it shows then."""
        cases = () if self.kind is FindingKind.DEPRECATION else self.cases  # one warning, whoever draws it
        content = [self.kind.value, cases, self.variants, self.device, self.subject]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    @property
    def is_only_possible(self) -> bool:
        """Whether the team's source may meet it, and nothing shows that it does."""
        return bool(self.uses) and not any(use.is_certain for use in self.uses)


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A finding that a team lives with, for a reason and until a day."""

    case: str
    reason: str
    until: date
    """The last day on which it holds."""
    kind: FindingKind | None = None
    device: str = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a policy makes of a finding."""

    finding: Finding
    action: Action
    """What the policy says, before acceptances and the baseline."""
    accepted: Acceptance | None = None
    is_in_baseline: bool = False

    @property
    def effect(self) -> Action:
        """What it comes to: accepted or long known findings are shown, and neither warn nor block."""
        return Action.ALLOW if self.accepted or self.is_in_baseline else self.action


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much was looked at. Every cell of every state either ran, was stored or was to be inferred."""

    cases: int
    """Cases of the corpus that were selected."""
    relevant: int
    """Cases that concern the team and the states."""
    ran: int
    """Cells that ran now."""
    stored: int
    inferred: int
    without_evidence: int


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """Everything that answers show."""

    tool: str
    """Version of the harness."""
    command: str
    """The one command that gives this answer again."""
    made_at: str
    """UTC, ISO 8601, to the second."""
    after: StateView
    """The only state of an audit, the new one of an upgrade check."""
    before: StateView | None
    devices: tuple[str, ...]
    is_offline: bool
    policy: str
    """Where the policy comes from, in words."""
    source: SourceReading | None
    """None without `--uses`."""
    counts: Counts
    decisions: tuple[Decision, ...]
    """Blocking ones first, then warnings, then the rest; each group by kind, library and case."""
    repaired: tuple[tuple[str, str], ...] = ()
    """(case id, sentence) of what failed in the old state and is right in the new one."""
    left_out: tuple[tuple[str, str], ...] = ()
    """(case id, reason) of selected cases that do not concern the team or the states."""
    has_baseline: bool = False
    gone: tuple[str, ...] = ()
    """Titles of the baseline's findings that are no longer there."""
    notes: tuple[str, ...] = ()
    is_blind: bool = False
    """Whether nothing at all is known of the state that is asked about."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Case id to its title, for everything that is named."""

    def having(self, effect: Action) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.effect is effect)

    @property
    def has_evidence(self) -> bool:
        looked_at = self.counts.ran + self.counts.stored + self.counts.inferred
        return not self.is_blind and looked_at > self.counts.without_evidence

    @property
    def exit_code(self) -> int:
        """1 where something seen blocks, 3 where missing evidence does or nothing at all was seen, else 0."""
        lacking = {FindingKind.NO_EVIDENCE, FindingKind.NOTHING_TO_RUN}
        kinds = {decision.finding.kind for decision in self.having(Action.BLOCK)}
        if kinds - lacking:
            return 1
        return 3 if kinds or not self.has_evidence else 0

    @property
    def verdict(self) -> str:
        """One word for people: `blocked`, `no evidence`, `passed with warnings` or `passed`."""
        if self.exit_code:
            return {1: "blocked", 3: "no evidence"}[self.exit_code]
        return "passed with warnings" if self.having(Action.WARN) else "passed"
