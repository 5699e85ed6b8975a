"""Makes findings, decisions and whole results of the gate."""

from __future__ import annotations

from datetime import date
from typing import Any

from harness.gate.observations import Basis, Skipped, SourceReading, StateView, Use
from harness.gate.records import (
    Acceptance,
    Action,
    Avoidance,
    Counts,
    Decision,
    Finding,
    FindingKind,
    GateResult,
    Remedy,
)

HOSTILE = (
    "<script>alert(1)</script> | `a` [x](javascript:y) \x1b[31mred\x1b[0m\r\n\x00## not a heading\u202e "
    + ("x" * 10_000)
)
"""Markup, terminal codes, pipes, line ends, a control code, reversed text, and a line of 10,000 letters."""


def use(**fields: Any) -> Use:
    known: dict[str, Any] = {
        "path": "src/app/model.py",
        "line": 12,
        "column": 5,
        "name": "toy.infer.sample",
        "is_certain": True,
    }
    return Use(**{**known, **fields})


def finding(**fields: Any) -> Finding:
    """A newly failing case of the toy library, on the CPU."""
    known: dict[str, Any] = {
        "kind": FindingKind.NEWLY_FAILING,
        "title": "The toy breaks",
        "cases": ("toy-7",),
        "library": "toy",
        "case_kind": "bug",
        "variants": ("failure",),
        "device": "cpu",
        "issue": "https://example.org/toy/issues/7",
        "touches": ("toy.infer.sample",),
        "symptom": "ValueError: shapes disagree",
        "evidence": "fixed with toy 1.0, failing with toy 2.0, ran now",
        "basis": Basis.RAN,
    }
    return Finding(**{**known, **fields})


def acceptance(**fields: Any) -> Acceptance:
    known: dict[str, Any] = {"case": "toy-7", "reason": "we pad the shapes", "until": date(2026, 3, 31)}
    return Acceptance(**{**known, **fields})


def decision(about: Finding | None = None, action: Action = Action.BLOCK, **fields: Any) -> Decision:
    return Decision(finding=about or finding(), action=action, **fields)


def state_view(version: str = "2.0", **fields: Any) -> StateView:
    """An environment with a version of the toy library."""
    known: dict[str, Any] = {
        "name": f"toy=={version}",
        "python": "3.11",
        "packages": {"toy": version, "toy-base": "1.5+cpu"},
        "facts": {"toy": version, "toy-base": "1.5", "python": "3.11"},
        "key": f"key of {version}",
        "platform": "linux-x86_64",
    }
    return StateView(**{**known, **fields})


def source_reading(**fields: Any) -> SourceReading:
    known: dict[str, Any] = {"roots": ("src",), "files": 3, "libraries": {"toy": 4}, "skipped": ()}
    return SourceReading(**{**known, **fields})


def counts(**fields: int) -> Counts:
    known = {"cases": 9, "relevant": 4, "ran": 5, "stored": 2, "inferred": 0, "without_evidence": 1}
    return Counts(**{**known, **fields})


def gate_result(**fields: Any) -> GateResult:
    """An audit that found nothing."""
    known: dict[str, Any] = {
        "tool": "0.1",
        "command": "harness gate toy==2.0",
        "made_at": "2026-01-01T12:00:00Z",
        "after": state_view(),
        "before": None,
        "devices": ("cpu",),
        "is_offline": False,
        "policy": "the defaults",
        "source": None,
        "counts": counts(),
        "decisions": (),
    }
    return GateResult(**{**known, **fields})


def blocking() -> tuple[Decision, ...]:
    """One decision of each kind that blocks; the first has everything, the second is hostile."""
    remedy = Remedy(variant="fix_pin", claim="Pins the shapes.", source="documented", basis=Basis.RAN)
    inferred = Remedy(variant="fix_pad", claim="Pads the shapes.", source="ours", basis=Basis.INFERRED)
    avoid = Avoidance(requirement="toy<2", measured="toy 1.0 with toy-base 1.4")
    notebook = use(path="notes/try.ipynb", line=40, column=1, cell=3, is_import=True)
    rich = finding(remedies=(remedy, inferred), avoid=(avoid,), uses=(use(), notebook))
    hostile = finding(
        kind=FindingKind.FAILING_AGAIN,
        title=HOSTILE,
        cases=("toy-8",),
        device="cuda",
        issue=f"https://example.org/toy/issues/8?{HOSTILE}",
        touches=("import toy", f"toy.{HOSTILE}"),
        symptom=HOSTILE,
        evidence=HOSTILE,
        basis=Basis.STORED,
        remedies=(Remedy(variant="fix_8", claim=HOSTILE, source="upstream", basis=Basis.STORED),),
        avoid=(Avoidance(requirement="toy!=2.0", measured=HOSTILE),),
        uses=(use(path=f"src/{HOSTILE}.py", name=HOSTILE),),
        subject=HOSTILE,
    )
    changed = finding(kind=FindingKind.CHANGED, title="The toy hangs", cases=("toy-9",), symptom="timeout")
    lacking = finding(
        kind=FindingKind.NO_EVIDENCE,
        title="Nothing is known of 2 cases",
        cases=("toy-10", "toy-11"),
        case_kind="",
        variants=(),
        device="cuda",
        issue="",
        symptom="",
        evidence="there is no cuda device here",
        basis=None,
    )
    nothing = Finding(kind=FindingKind.NOTHING_TO_RUN, title="No case concerns what was given")
    return tuple(decision(each) for each in (rich, hostile, changed, lacking, nothing))


def warning() -> tuple[Decision, ...]:
    """One decision of each other kind but `known-failing`, as the defaults have them."""
    maybe = use(line=30, name="toy.warp", is_certain=False)
    refuted = finding(
        kind=FindingKind.REFUTED_REMEDY,
        title="fix_pin does not help",
        variants=("fix_pin",),
        cases=("toy-3",),
    )
    lost = finding(
        kind=FindingKind.LOST_REMEDY, title="fix_pin no longer helps", variants=("fix_pin",), cases=("toy-4",)
    )
    deprecation = finding(
        kind=FindingKind.DEPRECATION,
        title="toy.warp is deprecated",
        cases=("toy-3", "toy-4"),
        case_kind="",
        variants=(),
        symptom="DeprecationWarning: toy.warp is deprecated",
        basis=Basis.INFERRED,
        uses=(maybe,),
        subject="toy.warp is deprecated",
    )
    stale = Finding(
        kind=FindingKind.STALE_ENTRY,
        title="The acceptance of toy-5 expired on 2025-12-31",
        cases=("toy-5",),
        subject="acceptance of toy-5",
    )
    return tuple(decision(each, Action.WARN) for each in (refuted, lost, deprecation, stale))


def allowed() -> tuple[Decision, ...]:
    """What neither warns nor blocks: by an acceptance, by the baseline, by the policy."""
    known = finding(kind=FindingKind.KNOWN_FAILING, title="The toy is silent", case_kind="silent")
    feature = finding(
        kind=FindingKind.KNOWN_FAILING, cases=("toy-6",), case_kind="feature", device="cpu:4+x64"
    )
    changed = finding(kind=FindingKind.CHANGED, title="The toy crashes", cases=("toy-12",), symptom="crashed")
    return (
        decision(changed, Action.BLOCK, is_in_baseline=True),
        decision(known, Action.WARN, accepted=acceptance(kind=FindingKind.KNOWN_FAILING, device="cpu")),
        decision(feature, Action.ALLOW),
    )


def full_result(**fields: Any) -> GateResult:
    """An upgrade check with a decision of every kind and effect, and with something in every field."""
    known: dict[str, Any] = {
        "command": "harness gate --from 'toy==1.0' --to 'toy==2.0' --uses src --device cpu --device cuda",
        "before": state_view("1.0", note="resolved now"),
        "devices": ("cpu", "cuda"),
        "policy": "[tool.harness.gate] of pyproject.toml",
        "source": source_reading(
            skipped=(
                Skipped(path="src/broken.py", line=3, reason="invalid syntax"),
                Skipped(path="src/bytes.py", line=None, reason="no UTF-8"),
            )
        ),
        "counts": counts(inferred=2),
        "decisions": blocking() + warning() + allowed(),
        "repaired": (("toy-1", "The toy adds up again"),),
        "left_out": (("toy-2", "their source does not use toy.infer"),),
        "gone": ("The toy was slow",),
        "notes": ("toy-base was resolved now.", HOSTILE),
        "titles": {"toy-7": "The toy breaks.", "toy-8": HOSTILE},
    }
    return gate_result(**{**known, **fields})
