"""Which cases concern a team: what their code can meet, and what their states hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from harness.api import parse_api
from harness.case import Case
from harness.choice import DeviceChoice
from harness.gate.inquiry import touches
from harness.gate.observations import Relevant, StateView
from harness.gate.usage import Usage


@dataclass(frozen=True, kw_only=True)
class Relevance:
    """The cases to look at, and why the others are left out."""

    relevant: tuple[Relevant, ...]
    left_out: tuple[tuple[str, str], ...]
    """(case id, reason)."""
    emptiness: str = ""
    """In words why no case is left; empty where one is."""


def relevance_of(
    cases: Sequence[Case],
    usage: Usage | None,
    after: StateView,
    before: StateView | None,
    devices: DeviceChoice | None = None,
) -> Relevance:
    """Sort the cases by whether they concern the team.

    A case whose packages are in no state is left out, unless the team's code certainly meets it: then its
    missing evidence is told. A case that shows itself on none of the devices that were named is left out.
    """
    relevant, left_out, elsewhere = [], [], []
    states = [after, *([before] if before else [])]
    for case in cases:
        uses = usage.meeting(case) if usage is not None else ()
        missing = _missing(case, states)
        if usage is not None and not uses:
            left_out.append((case.id, "the source does not use what it is about"))
        elif missing and not any(use.is_certain for use in uses):
            left_out.append((case.id, f"{missing} is not there"))
        elif devices is not None and not devices.of(case):
            elsewhere.append((case.id, f"it shows itself on {' or '.join(map(str, case.devices))} alone"))
        else:
            relevant.append(Relevant(case=case, uses=uses))
    emptiness = "" if relevant else _emptiness(cases, usage, states)
    if elsewhere and not relevant:
        emptiness = "nothing was looked at: " + ", ".join(f"{name}: {reason}" for name, reason in elsewhere)
    left_out += elsewhere
    return Relevance(relevant=tuple(relevant), left_out=tuple(left_out), emptiness=emptiness)


def _missing(case: Case, states: Sequence[StateView]) -> str:
    """The first package that the case needs and that is in none of the states."""
    needed = [str(canonicalize_name(requirement.name)) for requirement in case.requires]
    held = {name for state in states for name in state.packages}
    return next((name for name in needed if name not in held), "")


def _emptiness(cases: Sequence[Case], usage: Usage | None, states: Sequence[StateView]) -> str:
    where = " and ".join(state.name for state in states)
    if usage is None:
        return f"nothing was looked at: none of the {len(cases)} selected cases is about a package of {where}"
    read = usage.reading
    used = ", ".join(name for name, count in read.libraries.items() if count)
    roots = " ".join(read.roots)
    verb, meet = ("uses", "meets") if read.files == 1 else ("use", "meet")
    files = f"{read.files} {'file' if read.files == 1 else 'files'} of {roots}"
    files += f" ({len(read.skipped)} more could not be read)" if read.skipped else ""
    if not used:
        return f"nothing was looked at: {files} {verb} none of the libraries"
    near = [case for case in cases if any(read.libraries.get(parse_api(text).root) for text in case.api)]
    about = sorted({name for case in near or cases for name in touches(case)})
    shown = ", ".join(about[:5]) + (" ..." if len(about) > 5 else "")
    return (
        f"nothing was looked at: {files} {verb} {used}, and {meet} none of the "
        f"{len(cases)} selected cases (which are about {shown})"
    )
