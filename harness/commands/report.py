"""`harness report`: build reports/ and the README's table from the stored results."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from harness.environment.lock import LockFolder
from harness.errors import NoEvidence, UnexpectedResult
from harness.evidence import EnvironmentRecord
from harness.report.document import build_document
from harness.report.freshness import count_stale
from harness.report.publish import publish, rendered
from harness.report.readme import readme_table, replace_table
from harness.store import Store, write_atomically
from harness.workspace import Workspace


def write_report(console: Console, workspace: Workspace, store: Path | None, *, check: bool) -> int:
    """Write the report, or with `check` only say whether it is that of the stored results.

    Raises:
        NoEvidence: nothing is stored that counts today.
        UnexpectedResult: with `check`, where a file differs.
    """
    config = workspace.config
    with workspace.store(store) as results:
        rows, environments = results.rows(), _current(results, workspace.locks)
    document = build_document(workspace.cases, rows, environments, config)
    if not document["cells"]:
        message = "nothing is stored that could be reported; run `nox -s matrix` first."
        raise NoEvidence(message)
    readme = config.root / "README.md"
    text = replace_table(readme.read_text(encoding="utf-8"), readme_table(document))
    if check:
        _compare({**rendered(document, config.reports), readme: text})
        return 0
    for path in publish(document, config.reports):
        console.print(f"wrote {path.relative_to(config.root)}")
    write_atomically(readme, text)
    stale = count_stale(workspace.cases, rows, environments)
    left_out = f"; {stale} stored cells left out, measured on another text or lock" if stale else ""
    console.print(f"{len(document['cells'])} cells in {len(document['environments'])} environments{left_out}")
    return 0


def _current(results: Store, locks: LockFolder) -> dict[str, EnvironmentRecord]:
    """The stored environments, without those whose lock is another one today, or gone."""
    kept = {}
    for name, record in results.environments().items():
        lock = locks.get(name) if record.resolution != "interpreter" else None
        if record.resolution == "interpreter" or (lock is not None and lock.key == record.key):
            kept[name] = record
    return kept


def _compare(files: dict[Path, str]) -> None:
    for path, text in files.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            message = f"{path} is not the report of the stored results; run `nox -s report`."
            raise UnexpectedResult(message)
