"""Outcome to status to agreement with the expectation: pure functions."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping

from harness.case import Symptom, Variant
from harness.evidence import Evidence, Lack, Outcome, Phase, Raised


class Status(enum.Enum):
    """What a cell's outcome means."""

    FAILING = "failing"
    FIXED = "fixed"
    REJECTED = "rejected"
    WORKS = "works"
    REFUTED = "refuted"
    CHANGED = "changed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    UNSUPPORTED = "unsupported"
    UNBUILDABLE = "unbuildable"
    UNIMPORTABLE = "unimportable"
    INVALID = "invalid"

    @property
    def is_evidence(self) -> bool:
        """Whether a library's behaviour was observed at all."""
        return self not in _NO_EVIDENCE


_NO_EVIDENCE = {Status.UNSUPPORTED, Status.UNBUILDABLE, Status.UNIMPORTABLE, Status.INVALID}

_LACKS = {
    Lack.DEVICE: Status.UNSUPPORTED,
    Lack.PACKAGE: Status.UNSUPPORTED,
    Lack.BUILD: Status.UNBUILDABLE,
    Lack.PROBE: Status.UNBUILDABLE,
    Lack.IMPORT: Status.UNIMPORTABLE,
    Lack.ORIGIN: Status.INVALID,
}


class Agreement(enum.Enum):
    """How a status relates to what the case says."""

    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    NO_EVIDENCE = "no evidence"


def shows(symptom: Symptom, raised: Raised) -> bool:
    """Tell whether an exception is the symptom: exact type, by bare or qualified name, and message."""
    names = {raised.type, raised.type.rpartition(".")[2]}
    return bool(names & set(symptom.raises)) and re.search(symptom.match, raised.message) is not None


def status_of(variant: Variant, evidence: Evidence) -> Status:
    """What a cell's outcome means for its variant; total over all outcomes."""
    match evidence.outcome:
        case Outcome.RETURNED:
            return Status.FIXED if variant.is_failure else Status.WORKS
        case Outcome.TIMED_OUT:
            return Status.TIMEOUT
        case Outcome.CRASHED:
            return Status.CRASHED
        case Outcome.UNAVAILABLE:
            return _LACKS[evidence.lack] if evidence.lack else Status.INVALID
        case Outcome.RAISED:
            assert evidence.raised is not None
            return _status_of_exception(variant, evidence.raised)


def _status_of_exception(variant: Variant, raised: Raised) -> Status:
    shown = variant.present is not None and shows(variant.present.symptom, raised)
    if shown:
        return Status.FAILING if variant.is_failure else Status.REFUTED
    if variant.rejected is not None and shows(variant.rejected.symptom, raised):
        return Status.REJECTED
    if raised.phase is Phase.IMPORT:
        return Status.UNIMPORTABLE
    return Status.CHANGED if variant.is_failure or variant.present is not None else Status.REFUTED


def expected_status(variant: Variant, packages: Mapping[str, str]) -> Status:
    """What the case says about an environment with these packages (canonical name to version)."""
    if variant.rejected is not None and variant.rejected.where.holds(packages):
        return Status.REJECTED
    if variant.present is not None and variant.present.where.holds(packages):
        return Status.FAILING if variant.is_failure else Status.REFUTED
    return Status.FIXED if variant.is_failure else Status.WORKS


def agreement(status: Status, expected: Status) -> Agreement:
    """Compare a status with the expectation; a status without evidence agrees with nothing."""
    if not status.is_evidence:
        return Agreement.NO_EVIDENCE
    return Agreement.EXPECTED if status is expected else Agreement.UNEXPECTED
