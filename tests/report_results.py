"""Toy cases, environments and stored cells for the tests of reports, built by hand."""

from __future__ import annotations

from pathlib import Path

from packaging.requirements import Requirement

from harness.case import Case, Condition
from harness.config import Config, Known, Library
from harness.evidence import (
    Attestation,
    Cell,
    Deprecation,
    EnvironmentRecord,
    Evidence,
    Lack,
    Outcome,
    Phase,
    Raised,
)
from harness.header import parse_case
from harness.rows import Row
from harness.verdict import Status

_CASE = '''# /// script
# requires-python = ">=3.9"
# dependencies = ["toy"]
#
# [tool.case]
# issue = "https://example.org/toy/issues/{number}"
# fixed-by = "https://example.org/toy/pull/9"
# kind = "bug"
# api = ["toy.run"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "shapes disagree"
# failing = ["{failing}"]
#
# [tool.case.rejected]
# raises = "TypeError"
# match = "not supported"
# rejected = ["toy>=9"]
#
# [tool.case.fix.keep]
# source = "documented"
#
# [tool.case.fix.mask]
# source = "ours"
# raises = "KeyError"
# match = "mask"
# refuted = ["toy<2"]
# ///
"""{title}"""


def failure():
    """It runs."""


def fix_keep():
    """It runs when `shape` is kept."""


def fix_mask():
    """It runs with a mask."""
'''

VARIANTS = ("failure", "fix_keep", "fix_mask")


def toy_case(
    number: int = 1, title: str = "The shape is kept.", failing: str = "toy<2", library: str = "toy"
) -> Case:
    text = _CASE.format(number=number, title=title, failing=failing)
    return parse_case(Path(f"cases/{library}/{number}_x.py"), text)


def toy_config(*known: Known) -> Config:
    names = {"toy": "toy-dist", "torch": "torch", "jax": "jax"}
    return Config(
        root=Path("/nowhere"),
        libraries={name: Library(name=name, distribution=dist, module=name) for name, dist in names.items()},
        axes=(),
        devices=(),
        known=known,
        only_binary=(),
        uploaded={},
    )


def known(status: Status, where: str, reason: str) -> Known:
    return Known(status=status, where=Condition(groups=((Requirement(where),),)), reason=reason)


def release(version: str, suffix: str = "", resolution: str = "period", **changes) -> EnvironmentRecord:
    """An environment of the toy library; `suffix` is what its id has after the release."""
    fields = {
        "id": f"toy-{version}{suffix}",
        "library": "toy",
        "version": version,
        "resolution": resolution,
        "python": "3.11",
        "as_of": "2024-01-31" if resolution == "period" else None,
        "packages": {"toy": version, "numpy": "1.26.0"},
        "key": f"key-{version}{suffix}",
    }
    return EnvironmentRecord(**{**fields, **changes})


def by_id(*records: EnvironmentRecord) -> dict[str, EnvironmentRecord]:
    return {record.id: record for record in records}


def raised(kind: str, message: str, phase: Phase = Phase.RUN) -> Raised:
    return Raised(type=kind, message=message, traceback="Traceback ...", phase=phase)


def evidence(outcome: Outcome = Outcome.RETURNED, **changes) -> Evidence:
    attested = Attestation(
        python="3.11.7",
        platform="linux-x86_64",
        versions={},
        origins={},
        device="cpu x 1",
        precision="float32",
    )
    fields = {"attested": attested, "seconds": 0.123456, "measured_at": "2025-05-01T10:00:00"}
    return Evidence(outcome=outcome, **{**fields, **changes})


def _raising(kind: str, message: str, phase: Phase = Phase.RUN) -> Evidence:
    return evidence(Outcome.RAISED, raised=raised(kind, message, phase))


def _lacking(lack: Lack, reason: str) -> Evidence:
    return evidence(Outcome.UNAVAILABLE, lack=lack, reason=reason, attested=None)


GIVING = {
    Status.FAILING: _raising("builtins.ValueError", "the shapes disagree\nand more"),
    Status.FIXED: evidence(),
    Status.REJECTED: _raising("builtins.TypeError", "not supported"),
    Status.WORKS: evidence(
        deprecations=(Deprecation(category="FutureWarning", message="soon", module="toy"),)
    ),
    Status.REFUTED: _raising("builtins.KeyError", "mask"),
    Status.CHANGED: _raising("toy.errors.Odd", "something else"),
    Status.TIMEOUT: evidence(Outcome.TIMED_OUT, reason="60 s"),
    Status.CRASHED: evidence(Outcome.CRASHED, reason="signal 11"),
    Status.UNSUPPORTED: _lacking(Lack.DEVICE, "no cuda here"),
    Status.UNBUILDABLE: _lacking(Lack.BUILD, "no wheel"),
    Status.UNIMPORTABLE: _raising("builtins.ImportError", "cannot import xla_call_p", Phase.IMPORT),
    Status.INVALID: _lacking(Lack.ORIGIN, "toy came from elsewhere"),
}
"""Evidence that means each status, for the failure or, where only a remedy can have it, for `fix_mask`."""


def row(
    case: Case,
    record: EnvironmentRecord,
    status: Status | Evidence,
    variant: str = "failure",
    device: str = "cpu",
    **changes,
) -> Row:
    cell = Cell(case=case.id, variant=variant, environment=record.id, device=device)
    fields = {"cell": cell, "case_digest": case.digest, "environment_key": record.key, "platform": "here"}
    found = GIVING[status] if isinstance(status, Status) else status
    return Row(**{**fields, "evidence": found, **changes})
