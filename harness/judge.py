"""What evidence means in its environment: status, expectation, and whether a gap is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from harness.case import Variant
from harness.config import Config
from harness.environment.ids import EnvironmentId, parse_environment_id
from harness.errors import UsageError
from harness.evidence import EnvironmentRecord, Evidence, Lack
from harness.verdict import Agreement, Status, agreement, expected_status, status_of


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a cell's evidence means, beside what the case says."""

    status: Status
    expected: Status
    agreement: Agreement
    gap: str = ""
    """Why missing evidence was to be expected; empty where it was not, or where there is evidence."""

    @property
    def is_unexplained(self) -> bool:
        return self.agreement is Agreement.NO_EVIDENCE and not self.gap


def judge(variant: Variant, facts: Mapping[str, str], evidence: Evidence, config: Config) -> Judgement:
    """What evidence means in an environment with these packages."""
    status = status_of(variant, evidence)
    expected = expected_status(variant, facts)
    return Judgement(
        status=status,
        expected=expected,
        agreement=agreement(status, expected),
        gap=gap_of(status, facts, evidence, config),
    )


def gap_of(status: Status, facts: Mapping[str, str], evidence: Evidence, config: Config) -> str:
    """Why a status without evidence was to be expected; empty where it was not, or is evidence."""
    if status.is_evidence:
        return ""
    if evidence.lack is Lack.PACKAGE:
        return evidence.reason
    seen = evidence.raised.message if evidence.raised else evidence.reason
    known = config.known_gap(status, facts, seen)
    return known.reason if known else ""


def facts_of(record: EnvironmentRecord, config: Config) -> dict[str, str]:
    """Everything that a case's conditions can ask about an environment, with `python` as a pseudo package.

    Of an environment that could not be resolved, its id still tells its release and its pins. Versions are
    public ones: a condition means `2.4.1+cpu` where it says `2.4.1`.
    """
    named = {_distribution(name, config): version for name, version in _named(record).items()}
    found = {name: version.partition("+")[0] for name, version in record.packages.items()}
    return {"python": record.python, **named, **found}


def _named(record: EnvironmentRecord) -> dict[str, str]:
    """The releases that an environment's id names."""
    id_ = _id(record)
    return {} if id_ is None else {name: str(v) for name, v in ((id_.library, id_.version), *id_.pins)}


def _id(record: EnvironmentRecord) -> EnvironmentId | None:
    if record.library is None:
        return None
    try:
        return parse_environment_id(record.id)
    except UsageError:
        return None


def _distribution(library: str, config: Config) -> str:
    known = config.libraries.get(library)
    return known.distribution if known else str(canonicalize_name(library))
