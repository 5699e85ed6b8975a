"""Writes an answer as Markdown and JSON."""

from __future__ import annotations

import re
from pathlib import Path

from harness.bisect.answer import Answer
from harness.bisect.document import answer_text
from harness.bisect.markdown import answer_markdown
from harness.files import write_atomically


def write_answer(folder: Path, answer: Answer, slug: str = "") -> Path:
    """Write both files, named by case, variant, what else tells it apart, and device; return the Markdown's.

    Raises:
        NoEvidence: the folder cannot be written.
    """
    parts = [answer.case, *([answer.variant] if answer.issue else []), *([slug] if slug else [])]
    parts += _device(answer)
    stem = re.sub(r"[^\w.+-]", "-", ".".join(parts))
    write_atomically(folder / f"{stem}.json", answer_text(answer))
    target = folder / f"{stem}.md"
    write_atomically(target, answer_markdown(answer))
    return target


def _device(answer: Answer) -> list[str]:
    return [] if answer.device == "cpu" else [answer.device]
