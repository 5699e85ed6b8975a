"""Makes case files, variants and stored rows of a made-up library `toy`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from harness.case import Case, Condition, Expectation, Source, Symptom, Variant
from harness.evidence import (
    Attestation,
    Cell,
    EnvironmentRecord,
    Evidence,
    Lack,
    Outcome,
    Phase,
    Raised,
)
from harness.header import parse_case
from harness.rows import Row

HEADER = """\
requires-python = ">=3.9"
dependencies = ["toy"]

[tool.case]
issue = "https://example.org/toy/issues/7"
kind = "bug"
api = ["toy.infer.sample"]

[tool.case.failure]
raises = "ValueError"
match = "shapes disagree"
failing = ["toy<2"]

[tool.case.fix.pin]
source = "documented"
"""


def edited(old: str, new: str, text: str = HEADER) -> str:
    """`text` with its one occurrence of `old` replaced, so that a test shows only what differs."""
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)


def block(header: str) -> str:
    """A header as the comment block that PEP 723 asks for."""
    lines = (f"# {line}" if line else "#" for line in header.removesuffix("\n").split("\n"))
    return "\n".join(["# /// script", *lines, "# ///"]) + "\n"


def body(*functions: str, title: str = "The toy breaks.") -> str:
    """A module with these functions, each with its name in its docstring."""
    defined = "".join(f'\n\ndef {name}():\n    """Shows {name}."""\n' for name in functions)
    return f'"""{title}"""\n{defined}'


def case_text(header: str = HEADER, **options: Any) -> str:
    """A whole case file that defines just the variants that its header declares."""
    fixes = re.findall(r"^\[tool\.case\.fix\.(\w+)\]", header, re.MULTILINE)
    return block(header) + body("failure", *(f"fix_{name}" for name in fixes), **options)


def make_case(name: str = "toy/7_breaks.py", header: str = HEADER, **options: Any) -> Case:
    """A parsed case, without a file."""
    return parse_case(Path(name), case_text(header, **options))


def write_case(root: Path, name: str = "toy/7_breaks.py", header: str = HEADER, **options: Any) -> Path:
    """A case as a file below `root`."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(case_text(header, **options), encoding="utf-8")
    return path


def condition(*groups: list[str]) -> Condition:
    """`condition(["a", "b"], ["c"])` is (a and b) or c."""
    return Condition(groups=tuple(tuple(Requirement(text) for text in group) for group in groups))


def expectation(raises: str, match: str, *groups: list[str]) -> Expectation:
    return Expectation(symptom=Symptom(raises=(raises,), match=match), where=condition(*groups))


def failure(present: Expectation | None = None, rejected: Expectation | None = None) -> Variant:
    """A failure variant: by default a ValueError about shapes in every toy before 2."""
    shown = present or expectation("ValueError", "shapes disagree", ["toy<2"])
    return Variant(name="failure", present=shown, rejected=rejected)


def fix(refuted: Expectation | None = None) -> Variant:
    return Variant(name="fix_pin", source=Source.DOCUMENTED, present=refuted)


def returned(**fields: Any) -> Evidence:
    return Evidence(outcome=Outcome.RETURNED, **fields)


def raised(type_: str, message: str, phase: Phase = Phase.RUN, **fields: Any) -> Evidence:
    """Evidence of an exception, given by its qualified type."""
    exception = Raised(type=type_, message=message, traceback=f"{type_}: {message}", phase=phase)
    return Evidence(outcome=Outcome.RAISED, raised=exception, **fields)


def lacking(lack: Lack | None, reason: str = "it is not there") -> Evidence:
    return Evidence(outcome=Outcome.UNAVAILABLE, lack=lack, reason=reason)


def attestation(**fields: Any) -> Attestation:
    known = {
        "python": "3.11.7",
        "platform": "linux-x86_64",
        "versions": {"toy": "1.0"},
        "origins": {"toy": "site-packages/toy.py"},
    }
    return Attestation(**{**known, **fields})


def cell(
    case: str = "toy-7", variant: str = "failure", environment: str = "toy-1.0", device: str = "cpu"
) -> Cell:
    return Cell(case=case, variant=variant, environment=environment, device=device)


def row(where: Cell | None = None, evidence: Evidence | None = None, **fields: str) -> Row:
    """A stored cell, measured at noon of the first day of 2026 unless its evidence says otherwise."""
    known = {"case_digest": "text", "environment_key": "lock", "platform": "linux-x86_64"}
    return Row(
        cell=where or cell(),
        evidence=evidence or returned(measured_at="2026-01-01T12:00:00Z"),
        **{**known, **fields},
    )


def record(id_: str = "toy-1.0", **fields: Any) -> EnvironmentRecord:
    """A period environment of the toy library."""
    known = {
        "library": "toy",
        "version": "1.0",
        "resolution": "period",
        "python": "3.11",
        "as_of": "2025-12-24",
        "packages": {"toy": "1.0"},
        "key": "lock",
    }
    return EnvironmentRecord(id=id_, **{**known, **fields})
