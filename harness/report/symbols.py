"""How a status looks in a table: a mark that differs in shape, and the words that explain it."""

from __future__ import annotations

from harness.verdict import Agreement, Status, agreement

NOT_MEASURED = "?"
UNEXPECTED = "!"

_MARKS = {
    Status.FAILING: "✗",
    Status.FIXED: "✓",
    Status.REJECTED: "⊘",
    Status.WORKS: "✓",
    Status.REFUTED: "✗",
    Status.CHANGED: "≠",
    Status.TIMEOUT: "∞",
    Status.CRASHED: "†",
    Status.UNSUPPORTED: "?sup",
    Status.UNBUILDABLE: "?build",
    Status.UNIMPORTABLE: "?import",
    Status.INVALID: "?invalid",
}

MEANINGS = {
    Status.FAILING: "failure: the documented symptom happened",
    Status.FIXED: "failure: it returned, the behaviour is right",
    Status.REJECTED: "failure: refused with the clear error that the case names",
    Status.WORKS: "remedy: it works",
    Status.REFUTED: "remedy: it does not work",
    Status.CHANGED: "it failed in some other way, a person must look",
    Status.TIMEOUT: "it did not end within the time limit",
    Status.CRASHED: "its process was killed by a signal or left hard",
    Status.UNSUPPORTED: "no evidence: the device or a package that it needs is absent",
    Status.UNBUILDABLE: "no evidence: the environment could not be resolved or installed",
    Status.UNIMPORTABLE: "no evidence: a library that it needs cannot be imported there",
    Status.INVALID: "no evidence: what was imported is not what was asked for",
}


def mark(status: Status, expected: Status) -> str:
    """A status in a table, with a second mark where the case says otherwise."""
    unexpected = agreement(status, expected) is Agreement.UNEXPECTED
    return _MARKS[status] + (UNEXPECTED if unexpected else "")


def plain_mark(status: Status) -> str:
    return _MARKS[status]
