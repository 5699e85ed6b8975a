"""`harness gate`: what a state, or the way from one to another, does to the code of a team."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from harness import __version__
from harness.bisect.journal import Journal
from harness.case import Case
from harness.choice import DeviceChoice
from harness.commands.gate_answer import check_files, command_line, give_answer
from harness.corpus import Selected, Selection
from harness.environment.build import Unbuildable
from harness.errors import NoEvidence, UsageError
from harness.gate.avoid import avoidances, was_fixed_before
from harness.gate.baseline import Baseline, read_baseline
from harness.gate.deciding import decide
from harness.gate.findings import derive, repaired
from harness.gate.inquiry import Advice
from harness.gate.measure import Meter
from harness.gate.observations import Assessment, Basis, StateView
from harness.gate.offline import infer_all
from harness.gate.policy import load_policy
from harness.gate.published import Published, read_published
from harness.gate.records import Counts, Decision, Finding, FindingKind, GateResult
from harness.gate.relevance import Relevance, relevance_of
from harness.gate.states import Asking, GateState, gate_state
from harness.gate.usage import Usage, read_usage
from harness.judge import Judgement
from harness.progress import Progress
from harness.runner import CellDone, Event
from harness.verdict import Agreement, Status
from harness.workspace import Workspace

_PYTHON = re.compile(r"3\.\d+")


def run_gate(
    console: Console,
    workspace: Workspace,
    store: Path | None,
    selection: Selection,
    options: Mapping[str, Any],
) -> int:
    """Look at the states, decide by the policy, show and write the answer."""
    check_files(options)
    policy = load_policy(options["policy"], Path.cwd(), workspace.cases)
    baseline = read_baseline(options["baseline"]) if options["baseline"] else None
    selected = workspace.select(selection)
    devices = workspace.devices(options["devices"] or policy.devices)
    published = _published(workspace, required=options["offline"])
    after, before = _states(workspace, options)
    if not options["offline"]:
        _build(after)
    usage = _usage(workspace, options["uses"] or policy.uses, after)
    relevance = relevance_of([chosen.case for chosen in selected], usage, after.view, _view(before), devices)
    look = _Look(console=console, workspace=workspace, store=store, options=options, devices=devices)
    seen = look.at(after, before, relevance, published)
    findings = _findings(relevance, devices, seen, _advice(published))
    asked = {each.case.id for each in relevance.relevant}
    looked_at = tuple(map(str, devices.of_all(each.case for each in relevance.relevant)))
    decisions = decide(
        policy,
        findings,
        today=datetime.now(UTC).date(),
        cases={case.id: case for case in workspace.cases},
        asked=asked,
        devices=looked_at,
        baseline=baseline,
        is_upgrade=before is not None,
    )
    result = GateResult(
        tool=__version__,
        command=command_line(options),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        after=after.view,
        before=_view(before),
        devices=looked_at,
        is_offline=options["offline"],
        policy=policy.source,
        source=None if usage is None else usage.reading,
        counts=_counts(selected, relevance, seen),
        decisions=decisions,
        repaired=_repaired(relevance, devices, seen),
        left_out=relevance.left_out,
        has_baseline=baseline is not None,
        gone=_gone(baseline, decisions, asked, looked_at),
        is_blind=not any(each.is_evidence for each in seen.after.observations.values()),
        titles={case.id: case.title for case in workspace.cases},
    )
    return give_answer(console, result, options)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    after: Assessment
    before: Assessment | None

    @property
    def all(self) -> list[Assessment]:
        return [self.after, *([self.before] if self.before else [])]


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What observing needs, whichever way it is done."""

    console: Console
    workspace: Workspace
    store: Path | None
    options: Mapping[str, Any]
    devices: DeviceChoice

    def at(
        self, after: GateState, before: GateState | None, relevance: Relevance, published: Published | None
    ) -> _Seen:
        cases = [each.case for each in relevance.relevant]
        states = [after, *([before] if before else [])]
        if self.options["offline"]:
            assert published is not None
            libraries = self.workspace.config.libraries
            found = [infer_all(state.view, cases, self.devices, published, libraries) for state in states]
        else:
            found = self._measured(states, cases)
        first, *rest = found
        return _Seen(after=first, before=rest[0] if rest else None)

    def _measured(self, states: Sequence[GateState], cases: Sequence[Case]) -> list[Assessment]:
        config = self.workspace.config
        path = config.store.parent / "bisect.sqlite"
        total = len(states) * sum(len(self.devices.of(case)) * len(case.variants) for case in cases)
        with (
            self.workspace.store(self.store) as results,
            Journal(path) as journal,
            Progress(console=self.console, total=total) as progress,
        ):
            meter = Meter(
                config=config,
                journal=journal,
                results=results,
                workers=self.options["workers"],
                show=lambda event: _show(progress, event),
                rerun=self.options["rerun"],
            )
            return [
                Assessment(state=state.view, observations=meter.observe(state, cases, self.devices))
                for state in states
            ]


def _show(progress: Progress, event: Event) -> None:
    """Count a cell; what it means is said at the end."""
    is_cell = isinstance(event, CellDone)
    quiet = Judgement(status=Status.FIXED, expected=Status.FIXED, agreement=Agreement.EXPECTED)
    progress.show(event, quiet if is_cell else None)


def _published(workspace: Workspace, *, required: bool) -> Published | None:
    try:
        return read_published(workspace.config.reports / "compatibility.json")
    except (UsageError, NoEvidence):
        if required:
            raise
        return None


def _states(workspace: Workspace, options: Mapping[str, Any]) -> tuple[GateState, GateState | None]:
    """The state that is asked about, and the one that it is compared to."""
    words, old, new, python = options["state"], options["old"], options["new"], options["python"]
    version = python if python and _PYTHON.fullmatch(python) else None
    if python and version is None:
        if words or old or new:
            named = (*words, *old, *new)[0]
            message = f"{named} and --python {python} are two states; give one, or a Python such as 3.12."
            raise UsageError(message)
        words = (python,)
    if bool(words) == bool(old or new) or bool(old) != bool(new):
        message = "give one state to audit, or two with --from and --to; see `harness gate --help`."
        raise UsageError(message)
    asking = Asking(python=version, offline=options["offline"], jax_cache=not options["no_jax_cache"])
    if words:
        return gate_state(words, workspace, asking), None
    before = gate_state(old, workspace, asking)
    return gate_state(new, workspace, asking, before), before


def _build(state: GateState) -> None:
    """Build what is to be probed now, so that the source of its libraries can be read."""
    try:
        state.place.prepare()
    except (Unbuildable, NoEvidence):
        return  # told by every cell


def _usage(workspace: Workspace, uses: Sequence[str], state: GateState) -> Usage | None:
    if not uses:
        return None
    modules = {library.module for library in workspace.config.libraries.values()}
    return read_usage([Path(use) for use in uses], modules, state.library_folders())


def _advice(published: Published | None) -> Advice:
    if published is None:
        return Advice(avoidances=lambda *_: (), was_fixed=lambda *_: False)
    return Advice(
        avoidances=lambda case, facts, device: avoidances(case, facts, published, device),
        was_fixed=lambda case, facts, device: was_fixed_before(case, facts, published, device),
    )


def _findings(relevance: Relevance, devices: DeviceChoice, seen: _Seen, advice: Advice) -> list[Finding]:
    if not relevance.relevant:
        return [Finding(kind=FindingKind.NOTHING_TO_RUN, title=relevance.emptiness)]
    return derive(relevance.relevant, devices, seen.after, seen.before, advice)


def _gone(
    baseline: Baseline | None,
    decisions: Sequence[Decision],
    asked: Collection[str],
    devices: Collection[str],
) -> tuple[str, ...]:
    if baseline is None:
        return ()
    found = [decision.finding for decision in decisions]
    return baseline.gone(found, asked, devices)


def _view(state: GateState | None) -> StateView | None:
    return None if state is None else state.view


def _repaired(relevance: Relevance, devices: DeviceChoice, seen: _Seen) -> tuple[tuple[str, str], ...]:
    if seen.before is None:
        return ()
    return repaired(relevance.relevant, devices, seen.after, seen.before)


def _counts(selected: Sequence[Selected], relevance: Relevance, seen: _Seen) -> Counts:
    every = [each for assessment in seen.all for each in assessment.observations.values()]
    by = {basis: sum(each.basis is basis for each in every) for basis in Basis}
    return Counts(
        cases=len(selected),
        relevant=len(relevance.relevant),
        ran=by[Basis.RAN],
        stored=by[Basis.STORED],
        inferred=by[Basis.INFERRED],
        without_evidence=sum(not each.is_evidence for each in every),
    )
