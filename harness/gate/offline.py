"""Answers from the published evidence alone; nothing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.case import Case
from harness.choice import DeviceChoice
from harness.config import Library
from harness.gate.infer import infer
from harness.gate.observations import Assessment, Question, StateView
from harness.gate.published import Published


def infer_all(
    state: StateView,
    cases: Sequence[Case],
    devices: DeviceChoice,
    published: Published,
    libraries: Mapping[str, Library],
) -> Assessment:
    """What can be inferred of every variant of the cases in a state."""
    return Assessment(
        state=state,
        observations={
            Question(case=case.id, variant=variant.name, device=str(device)): infer(
                case, variant, str(device), state.facts, published, libraries
            )
            for case in cases
            for variant in case.variants
            for device in devices.of(case)
        },
    )
