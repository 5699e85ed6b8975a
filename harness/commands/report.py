"""`harness report`: build reports/ and the README's table from the stored results."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.errors import NoEvidence, UnexpectedResult, UsageError
from harness.evidence import EnvironmentRecord
from harness.files import write_atomically
from harness.home import check_writable
from harness.report.changes import Changes, changes_between, changes_data, load_changes, next_changes
from harness.report.document import Document, build_document
from harness.report.feeds.plot import plot
from harness.report.freshness import count_stale, live_rows
from harness.report.publish import (
    CHANGES_NAME,
    DOCUMENT_NAME,
    left_over,
    load_document,
    publish,
    rendered,
)
from harness.report.readme import readme_part, replace_part
from harness.report.site.gather import findings_in
from harness.report.site.model import SiteModel
from harness.rows import Row
from harness.workspace import Workspace


def write_report(
    console: Console, workspace: Workspace, store: Path | None, *, check: bool, since: Path | None
) -> int:
    """Write the report, or with `check` only say whether it is that of the stored results.

    Raises:
        NoEvidence: nothing is stored that counts today.
        UsageError: the corpus is the installed one, there is no README with the markers of the table, or
            `since` is no document.
        UnexpectedResult: with `check`, where a file differs.
    """
    with _no_collection():
        return _write(console, workspace, store, check, since)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without looking for cycles: a report makes none, and of many cells that takes half of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(
    console: Console, workspace: Workspace, store: Path | None, check: bool, since: Path | None
) -> int:
    config, cases = workspace.config, workspace.cases
    check_writable(config.root, "harness report")
    with workspace.store(store) as results:
        rows, environments = results.rows(), workspace.environments(results)
    document = build_document(cases, rows, environments, config)
    if not document["cells"]:
        message = "nothing is stored that could be reported; run `nox -s matrix` first."
        raise NoEvidence(message)
    changes = _changes(config.reports, document, since)
    model = _model(workspace, document, rows, environments, changes)
    readme = config.root / "README.md"
    text = replace_part(_read(readme), readme_part(document))
    if check:
        _compare({**rendered(model, changes, config.reports), readme: text}, config.reports)
        return 0
    for path in publish(model, changes, config.reports):
        console.print(f"wrote {path.relative_to(config.root)}")
    write_atomically(readme, text)
    console.print(f"{len(document['cells'])} cells in {len(document['environments'])} environments")
    for reason, count in count_stale(cases, rows, environments).items():
        console.print(f"{count} stored cells left out, each because {reason.value}")
    console.print(Text(f"open {config.reports / 'index.html'}"), soft_wrap=True)
    return 0


def _model(
    workspace: Workspace,
    document: Document,
    rows: list[Row],
    environments: Mapping[str, EnvironmentRecord],
    changes: Changes | None,
) -> SiteModel:
    config, cases = workspace.config, workspace.cases
    return SiteModel(
        document=document,
        cases=cases,
        rows=live_rows(cases, rows, environments),
        environments=environments,
        findings=findings_in(config.reports),
        changes=changes_data(changes) if changes else None,
        plot=plot(document),
        paths={case.id: case.path.relative_to(config.root).as_posix() for case in cases},
    )


def _changes(reports: Path, document: Document, since: Path | None) -> Changes | None:
    """What changed since the report that was named, or else since the one that this takes the place of."""
    if since is not None:
        return changes_between(load_document(since), document)
    previous = previous_changes = None
    with suppress(UsageError):  # none there, or of another schema: nothing to compare with
        previous = load_document(reports / DOCUMENT_NAME)
        previous_changes = load_changes(reports / CHANGES_NAME)
    return next_changes(previous, previous_changes, document)


def _read(readme: Path) -> str:
    try:
        return readme.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        message = f"{readme} cannot be read; it holds the report's table between two markers."
        raise UsageError(message) from None


def _compare(files: dict[Path, str], reports: Path) -> None:
    for path, text in files.items():
        if not path.is_file() or path.read_bytes() != text.encode():
            message = f"{path} is not the report of the stored results; run `nox -s report`."
            raise UnexpectedResult(message)
    for path in left_over(files, reports):
        message = f"{path} is a badge of nothing that was reported; run `nox -s report`."
        raise UnexpectedResult(message)
