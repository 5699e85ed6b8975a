"""Writes an answer as Markdown and JSON."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from harness.bisect.answer import Answer
from harness.bisect.document import answer_text, read_answer
from harness.bisect.markdown import answer_markdown
from harness.bisect.sentences import MARKDOWN, headline_in
from harness.errors import UsageError
from harness.files import write_atomically

INDEX = "README.md"


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


def write_index(folder: Path) -> None:
    """List what a folder holds, once all of a run is written.

    Raises:
        NoEvidence: the folder cannot be written.
    """
    write_atomically(folder / INDEX, index_of(folder))


def index_of(folder: Path) -> str:
    """A page with the headline of every answer in a folder; what is no answer is left out."""
    lines = ["# What bisections found", ""]
    for path in sorted(folder.glob("*.json"), key=_in_order):
        with suppress(UsageError):
            told = headline_in(MARKDOWN, read_answer(path))
            lines.append(f"- {told} ([evidence]({quote(path.with_suffix('.md').name)}))")
    return "\n".join(lines) + "\n"


def _in_order(path: Path) -> list[tuple[int, str]]:
    """By number where there is one: 99 before 1739."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _device(answer: Answer) -> list[str]:
    return [] if answer.device == "cpu" else [answer.device]
