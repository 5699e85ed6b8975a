"""What an answer of the gate says as a whole: verdict, states, what else there is, how much was looked at."""

from __future__ import annotations

from collections import defaultdict

from harness.bisect.document import without_credentials
from harness.gate.observations import Skipped, StateView
from harness.gate.records import Action, GateResult
from harness.gate.words import SHOWN_CASES, ended, heading, named
from harness.progress import visible
from harness.report.markdown import PACKAGES
from harness.report.text import counted, plain, shortened

_SHOWN_CHANGES = 12


def command(result: GateResult) -> str:
    """What gives this answer again, in full, without credentials."""
    return visible(without_credentials(result.command)).replace("\n", " ").replace("\t", " ")


def question(result: GateResult) -> str:
    after = named(result.after.name)
    return (
        f"Audit of {after}"
        if result.before is None
        else f"Upgrade from {named(result.before.name)} to {after}"
    )


def verdict(result: GateResult) -> str:
    """The whole answer in one line; an answer without anything seen cannot be taken for a pass."""
    offline = " (offline: nothing ran)" if result.is_offline else ""
    return f"{result.verdict.upper()}{offline}: {_because(result)}."


def _because(result: GateResult) -> str:
    blocking, warning, rest = (len(result.having(each)) for each in (Action.BLOCK, Action.WARN, Action.ALLOW))
    told = [counted(blocking, "finding", "block"), counted(warning, "finding", "warn")]
    told = [text for text, count in zip(told, (blocking, warning), strict=True) if count]
    told += [f"{rest} accepted, known or allowed"] if rest else []
    if not result.has_evidence:
        return "; ".join(["nothing was seen, so nothing is known; this is no pass", *told])
    if result.exit_code == 3:
        return "; ".join(["evidence that the policy asks for is missing; this is no pass", *told])
    return "; ".join(told or ["nothing was found in what was looked at"])


def reasons(result: GateResult) -> tuple[str, ...]:
    """Why, in at most two lines: what blocks, or else what warns."""
    worst = result.having(Action.BLOCK) or result.having(Action.WARN)
    lines = [f"{heading(decision.finding)}." for decision in worst[:2]]
    if len(worst) > len(lines) and lines:
        lines[-1] += f" And {len(worst) - len(lines)} more."
    return tuple(lines)


def caveats(result: GateResult) -> tuple[str, ...]:
    """What a reader must know before everything else."""
    lines = []
    if result.is_offline:
        lines.append(
            "Offline: nothing ran. All of this is inferred or was stored before, and no stronger than that."
        )
    if result.has_evidence and result.counts.without_evidence:
        lines.append(
            f"{counted(result.counts.without_evidence, 'cell')} gave no evidence: of these nothing is known."
        )
    return tuple(lines)


def states(result: GateResult) -> tuple[str, ...]:
    """The states: of two, only what differs between them."""
    after = result.after
    if result.before is None:
        lines = [f"State: {_state(after)}, {_held(after)}."]
    else:
        lines = [
            f"From: {_state(result.before)}, {counted(len(result.before.packages), 'package')}.",
            f"To: {_state(after)}, {counted(len(after.packages), 'package')}.",
            f"Changes: {shortened(differences(result.before, after), _SHOWN_CHANGES)}.",
        ]
    for state in filter(None, (result.before, after)):
        lines += [f"Of {named(state.name)}: {ended(plain(state.note))}"] if state.note else []
    return tuple(lines)


def _state(state: StateView) -> str:
    return f"{named(state.name)}, Python {plain(state.python)} on {plain(state.platform)}"


def _held(state: StateView) -> str:
    main = [f"{name} {plain(state.packages[name])}" for name in PACKAGES if name in state.packages]
    return f"{counted(len(state.packages), 'package')}{': ' if main else ''}{', '.join(main)}"


def differences(before: StateView, after: StateView) -> tuple[str, ...]:
    """What differs between two states, the libraries that cases are about first."""
    old, new = ({"Python": state.python, **state.packages} for state in (before, after))
    order = {name: place for place, name in enumerate(("Python", *PACKAGES))}
    names = sorted({*old, *new}, key=lambda name: (order.get(name, len(order)), name))
    told = [
        _difference(named(name), old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    ]
    told += ["another platform"] if before.platform != after.platform else []
    return tuple(told) or ("no version differs",)


def _difference(name: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{name} {plain(str(new))} added"
    return f"{name} {plain(old)} removed" if new is None else f"{name} {plain(old)} to {plain(new)}"


def repaired(result: GateResult) -> tuple[str, ...]:
    return tuple(f"{named(case)}: {ended(plain(sentence))}" for case, sentence in result.repaired)


def gone(result: GateResult) -> tuple[str, ...]:
    return tuple(ended(plain(title)) for title in result.gone)


def left_out(result: GateResult) -> tuple[str, ...]:
    """Reasons, the most frequent first, with how many cases and which."""
    groups: dict[str, list[str]] = defaultdict(list)
    for case, reason in result.left_out:
        groups[plain(reason).rstrip(".")].append(named(case))
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        f"{counted(len(cases), 'case')}: {reason} ({shortened(cases, SHOWN_CASES)})."
        for reason, cases in ranked
    )


def skipped_place(skipped: Skipped) -> str:
    line = "" if skipped.line is None else f":{skipped.line}"
    return f"{named(skipped.path)}{line}: {ended(plain(skipped.reason))}"


def skipped(result: GateResult) -> tuple[str, ...]:
    return tuple(map(skipped_place, result.source.skipped)) if result.source else ()


def notes(result: GateResult) -> tuple[str, ...]:
    return tuple(ended(plain(note)) for note in result.notes)


def looked_at(result: GateResult) -> tuple[str, ...]:
    """How much was looked at; nothing ran reads as nothing."""
    counts = result.counts
    devices = ", ".join(map(named, result.devices)) or "no device"
    cells = f"{counts.ran} ran now, {counts.stored} stored, {counts.inferred} INFERRED"
    lines = [
        f"{counts.relevant} of {counted(counts.cases, 'case')} concern this; cells on {devices}: {cells}; "
        f"{counts.without_evidence} of them without evidence."
    ]
    if counts.ran + counts.stored + counts.inferred == 0:
        lines.append("No cell was looked at: nothing is known.")
    elif not result.has_evidence:
        lines.append(f"Of {named(result.after.name)} nothing was seen: nothing is known of it.")
    return (*lines, _read(result))


def _read(result: GateResult) -> str:
    source = result.source
    if source is None:
        return "No source was read (--uses): every case of a library in the state counts."
    roots = shortened([named(root) for root in source.roots], SHOWN_CASES)
    libraries = [
        f"{named(name)} in {counted(count, 'place')}" for name, count in sorted(source.libraries.items())
    ]
    used = f"uses {', '.join(libraries)}" if libraries else "uses no known library"
    return f"{counted(source.files, 'file')} read of {roots}, {len(source.skipped)} skipped; {used}."


def made(result: GateResult) -> str:
    return f"Policy: {plain(result.policy)}. Made {plain(result.made_at)} with harness {plain(result.tool)}."
