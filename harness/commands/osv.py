"""`harness osv`: the corpus in the OSV schema, a file per case."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from harness.corpus import Selection
from harness.errors import NoEvidence
from harness.files import write_atomically
from harness.gate.osv import osv_id, osv_json, osv_record
from harness.report.publish import DOCUMENT_NAME, load_document
from harness.workspace import Workspace


def write_osv(console: Console, workspace: Workspace, folder: Path, selection: Selection) -> int:
    """Write a record of every selected case that was measured; exit code 3 where one was left out.

    Raises:
        UsageError: an unknown case, or no compatibility report that could be read.
        NoEvidence: a file cannot be written.
    """
    config, selected = workspace.config, workspace.select(selection)
    document = load_document(config.reports / DOCUMENT_NAME)
    texts: dict[Path, str] = {}
    left: list[str] = []
    for case in (chosen.case for chosen in selected):
        path = folder / f"{osv_id(case.id)}.json"
        try:
            record = osv_record(case, document, config.libraries[case.library].distribution)
        except NoEvidence as error:
            older = f" {path} is of an earlier export." if path.exists() else ""
            left.append(f"left out: {error}{older}")
        else:
            texts[path] = osv_json(record)
    for path, text in texts.items():
        write_atomically(path, text)
    for reason in left:
        console.print(reason, soft_wrap=True, markup=False, highlight=False)
    console.print(f"{_count(len(texts), 'record')} written to {folder}", soft_wrap=True, markup=False)
    return NoEvidence.exit_code if left else 0


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
