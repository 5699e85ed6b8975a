"""`harness run`: one case in the foreground, with everything that it says."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from rich.console import Console
from rich.text import Text

from harness.commands.tally import Tally
from harness.corpus import Selection
from harness.environment.build import Unbuildable
from harness.environment.places import Place
from harness.errors import NoEvidence, UsageError
from harness.evidence import Evidence
from harness.judge import Judgement, judge
from harness.progress import STYLES, visible
from harness.workspace import Workspace


def run_case(console: Console, name: str, options: Mapping[str, Any]) -> int:
    """Run a case's variants one after the other and show everything that they say."""
    workspace = Workspace.at(options["root"])
    (chosen,) = workspace.select(Selection(cases=(name,)))
    variants = [v for v in chosen.variants if not options["variants"] or v.name in options["variants"]]
    unknown = set(options["variants"]) - {v.name for v in chosen.variants}
    if unknown:
        known = ", ".join(v.name for v in chosen.variants)
        message = f"{name} has no variant {sorted(unknown)[0]!r}; it has {known}."
        raise UsageError(message)
    environment = options["environment"] or ("current" if options["python"] is None else None)
    (place,) = workspace.places(
        [environment] if environment else [],
        [chosen],
        python=options["python"],
        jax_cache=not options["no_jax_cache"],
    )
    devices = workspace.devices_of(chosen.case, options["devices"])
    _prepare(place)
    tally = Tally()
    with place.session() as session:
        for seed, variant, device in product(range(options["seeds"]), variants, devices):
            evidence = session.run(chosen.case, variant.name, device, seed)
            judgement = judge(variant, place.facts, evidence, workspace.config)
            tally.add(judgement)
            _show_run(console, variant.name, evidence, judgement)
    return tally.exit_code() if tally.has_evidence else NoEvidence.exit_code


def _prepare(place: Place) -> None:
    try:
        place.prepare()
    except Unbuildable as error:
        message = f"{place.id} cannot be built: {' '.join(str(error).split())}"
        raise NoEvidence(message) from None


def _show_run(console: Console, variant: str, evidence: Evidence, judgement: Judgement) -> None:
    heading = (
        f"{variant} (seed {evidence.seed}): {judgement.status.value}, expected {judgement.expected.value}"
    )
    console.print(
        Text(f"{heading}, {evidence.seconds:.2f} s", style=STYLES[judgement.agreement]), soft_wrap=True
    )
    for text in (evidence.log, evidence.raised.traceback if evidence.raised else "", evidence.reason):
        if text.strip():
            console.print(Text(visible(text.rstrip())), soft_wrap=True)
