"""The bundle as files of one folder."""

from __future__ import annotations

from harness.report.bundle.foreign import shown
from harness.report.bundle.markdown import bundle_markdown
from harness.report.bundle.pins import requirements_text
from harness.report.bundle.record import record_text
from harness.report.bundle.script import script_text
from harness.report.bundle.subject import Subject

_WHOLE = 1_000_000
"""More than the probe keeps of a log or a traceback: nothing is cut in a file."""


def bundle_files(subject: Subject) -> dict[str, str]:
    """Name to text. Log and traceback are there even where they are empty: that, too, was seen."""
    raised = subject.evidence.raised
    return {
        "README.md": bundle_markdown(subject),
        subject.script_name: script_text(subject),
        "requirements.txt": requirements_text(subject),
        "log.txt": _ended(shown(subject.evidence.log, _WHOLE)),
        "traceback.txt": _ended(shown(raised.traceback if raised else "", _WHOLE)),
        "record.json": record_text(subject),
    }


def _ended(text: str) -> str:
    return f"{text}\n" if text else ""
