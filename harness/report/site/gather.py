"""Collects what the site shows beside the document: cases, evidence, and published answers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from harness.bisect.document import read_answer
from harness.errors import UsageError
from harness.report.site.model import Finding

FOLDER = "bisect"
"""Where in the report's folder the answers of bisections are."""


def findings_in(reports: Path) -> Sequence[Finding]:
    """The published answers; what is no answer, or one of another schema, is left out as in their index."""
    found = []
    for path in sorted((reports / FOLDER).glob("*.json")):
        with suppress(UsageError):
            found.append(Finding(file=f"{FOLDER}/{path.stem}.md", answer=read_answer(path)))
    return found
