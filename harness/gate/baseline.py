"""An earlier answer of the gate: what was known then is no news now."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.gate.document import SCHEMA
from harness.gate.policy import severity
from harness.gate.records import Action, Finding, FindingKind


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A finding of an earlier answer."""

    fingerprint: str
    kind: FindingKind
    title: str
    cases: tuple[str, ...]
    device: str
    weight: Action
    """What it came to then; where a baseline covered it already, what that baseline spared."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The findings of an earlier answer."""

    findings: tuple[Earlier, ...] = ()

    def covers(self, finding: Finding, action: Action) -> bool:
        """Whether a finding was there, and was taken as seriously as the policy takes it now.

        That nothing ran is covered by nothing.
        """
        if finding.kind is FindingKind.NOTHING_TO_RUN:
            return False
        same = [
            earlier
            for earlier in self.findings
            if earlier.fingerprint == finding.fingerprint and earlier.kind is finding.kind
        ]
        return bool(same) and min(severity(each.weight) for each in same) >= severity(action)

    def gone(
        self,
        findings: Iterable[Finding],
        asked: Collection[str] | None = None,
        devices: Collection[str] | None = None,
    ) -> tuple[str, ...]:
        """Titles of what is no longer there.

        With the cases and devices that were looked at, what lies elsewhere is not called gone.
        """
        there = {finding.fingerprint for finding in findings}
        titles = (
            earlier.title
            for earlier in self.findings
            if earlier.fingerprint not in there
            and (asked is None or set(earlier.cases) <= set(asked))
            and (devices is None or not earlier.device or earlier.device in devices)
        )
        return tuple(dict.fromkeys(titles))


def read_baseline(path: Path) -> Baseline:
    """Read the JSON of an earlier gate.

    Raises:
        UsageError: it cannot be read, is no answer of the gate, or has another schema version.
    """
    anew = "make it with `harness gate --json FILE`"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = document["schema"]
        if found == SCHEMA and not isinstance(found, bool):
            return Baseline(findings=tuple(_earlier(each) for each in _of(list, document, "findings")))
    except OSError as error:
        message = f"the baseline {path} cannot be read ({error.strerror}); {anew}."
        raise UsageError(message) from None
    except (ValueError, LookupError, TypeError, RecursionError):
        message = f"the baseline {path} is damaged or no answer of the gate; {anew}."
        raise UsageError(message) from None
    if isinstance(found, int) and found > SCHEMA:
        message = f"the baseline {path} is of a newer version (schema {found}); update the harness or {anew}."
    else:
        message = f"the baseline {path} has another schema (this one reads {SCHEMA}); {anew}."
    raise UsageError(message)


def _earlier(data: Any) -> Earlier:  # noqa: ANN401 (whatever a file holds)
    action, effect = Action(data["action"]), Action(data["effect"])
    is_accepted = data["accepted"] is not None and _of(dict, data, "accepted") is not None
    is_covered = _of(bool, data, "in_baseline") and not is_accepted
    return Earlier(
        fingerprint=_of(str, data, "fingerprint"),
        kind=FindingKind(data["kind"]),
        title=_of(str, data, "title"),
        cases=tuple(_text(case) for case in _of(list, data, "cases")),
        device=_of(str, data, "device"),
        weight=action if is_covered else effect,
    )


def _of(kind: type, data: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 (of the kind that was asked for)
    value = data[key]
    if type(value) is not kind:
        message = f"{key} is no {kind.__name__}"
        raise TypeError(message)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = f"{value!r} is no text"
        raise TypeError(message)
    return value
