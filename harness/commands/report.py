"""`harness report`: build reports/ and the README's table from the stored results."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from harness.errors import NoEvidence, UnexpectedResult, UsageError
from harness.files import write_atomically
from harness.home import check_writable
from harness.report.document import build_document
from harness.report.freshness import count_stale
from harness.report.publish import publish, rendered
from harness.report.readme import readme_table, replace_table
from harness.workspace import Workspace


def write_report(console: Console, workspace: Workspace, store: Path | None, *, check: bool) -> int:
    """Write the report, or with `check` only say whether it is that of the stored results.

    Raises:
        NoEvidence: nothing is stored that counts today.
        UsageError: the corpus is the installed one, or there is no README with the markers of the table.
        UnexpectedResult: with `check`, where a file differs.
    """
    config, cases = workspace.config, workspace.cases
    check_writable(config.root, "harness report")
    with workspace.store(store) as results:
        rows, environments = results.rows(), workspace.environments(results)
    document = build_document(cases, rows, environments, config)
    if not document["cells"]:
        message = "nothing is stored that could be reported; run `nox -s matrix` first."
        raise NoEvidence(message)
    readme = config.root / "README.md"
    text = replace_table(_read(readme), readme_table(document))
    if check:
        _compare({**rendered(document, config.reports), readme: text})
        return 0
    for path in publish(document, config.reports):
        console.print(f"wrote {path.relative_to(config.root)}")
    write_atomically(readme, text)
    console.print(f"{len(document['cells'])} cells in {len(document['environments'])} environments")
    for reason, count in count_stale(cases, rows, environments).items():
        console.print(f"{count} stored cells left out, each because {reason.value}")
    return 0


def _read(readme: Path) -> str:
    try:
        return readme.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        message = f"{readme} cannot be read; it holds the report's table between two markers."
        raise UsageError(message) from None


def _compare(files: dict[Path, str]) -> None:
    for path, text in files.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            message = f"{path} is not the report of the stored results; run `nox -s report`."
            raise UnexpectedResult(message)
