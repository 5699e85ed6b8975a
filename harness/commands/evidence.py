"""`harness evidence`: one stored cell as a bundle that anybody can check."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from harness.case import Case, Variant
from harness.corpus import Selection
from harness.device import parse_device
from harness.environment.ids import CURRENT, parse_environment_id
from harness.errors import NoEvidence, UsageError
from harness.evidence import EnvironmentRecord
from harness.files import write_atomically
from harness.judge import facts_of, judge
from harness.progress import visible
from harness.report.bundle.files import bundle_files
from harness.report.bundle.markdown import bundle_markdown
from harness.report.bundle.subject import Subject
from harness.report.freshness import Stale, staleness
from harness.rows import Row
from harness.workspace import Workspace

_PREFERRED = "cpu"


def write_evidence(
    console: Console,
    workspace: Workspace,
    names: tuple[str, str],
    store: Path | None,
    options: Mapping[str, Any],
) -> int:
    """Write the bundle of one cell, given by case and environment, and say where it is.

    Raises:
        UsageError: no such case, variant, environment or device; several to choose from; a folder in use.
        NoEvidence: the cell is not stored, or is stale; a file cannot be written.
    """
    output, folder = options["output"], options["folder"]
    if output is not None and folder is not None:
        message = f"--output {output} and --folder {folder} are two places to write to; give one of them."
        raise UsageError(message)
    if folder is not None:
        _check_empty(folder)
    subject = _Finder(workspace, names[0], options["variant"], store).subject(names[1], options["device"])
    if folder is not None:
        files = bundle_files(subject)
        _write_folder(folder, files)
        console.print(Text(visible(f"{len(files)} files are in {folder}")), soft_wrap=True)
    elif output is not None:
        write_atomically(output, bundle_markdown(subject))
        console.print(Text(visible(f"the evidence is in {output}")), soft_wrap=True)
    else:
        console.file.write(bundle_markdown(subject))  # as it is: rich would replace tabs in the script
    return 0


class _Finder:
    """Finds the one stored cell that is meant, or says in a sentence why there is none."""

    def __init__(self, workspace: Workspace, case: str, variant: str, store: Path | None) -> None:
        self.workspace = workspace
        self.case = workspace.select(Selection(cases=(case,)))[0].case
        self.variant = _variant(self.case, variant)
        self.store = store
        self.rows, self.environments = self._read()

    def _read(self) -> tuple[list[Row], dict[str, EnvironmentRecord]]:
        """Of a store that is not there nothing is known, and reading makes none."""
        path = self.store or self.workspace.config.store
        if not path.exists():
            return [], {}
        with self.workspace.store(self.store) as results:
            stored = [row for row in results.rows() if row.cell.case == self.case.id]
            return stored, self.workspace.environments(results)

    def subject(self, environment: str, device: str | None) -> Subject:
        name = self._environment(environment)
        row = self._row(name, None if device is None else str(parse_device(device)))
        cases = {self.case.id: self.case}
        reason = staleness(row, cases, self.environments)
        if reason is not None:
            raise self._stale(row, reason)
        record = self.environments[name]
        config = self.workspace.config
        return Subject(
            case=self.case,
            variant=self.variant,
            record=record,
            row=row,
            judgement=judge(self.variant, facts_of(record, config), row.evidence, config),
            distribution=config.libraries[self.case.library].distribution,
            lock=None if record.resolution == "interpreter" else self.workspace.locks.get(name),
        )

    def _environment(self, name: str) -> str:
        """The id as it is stored, which may have been given with its pins in another order.

        Raises:
            UsageError: there is no such environment for this case.
        """
        locks = self.workspace.locks.all()
        measured = {row.cell.environment for row in self.rows}
        known = (
            measured | {str(lock.id) for lock in locks if lock.id.library == self.case.library} | {CURRENT}
        )
        found = name if name in known else _normal(name)
        if found not in known:
            told = ", ".join(sorted(measured)) or "none yet"
            message = f"{name!r} is no environment of {self.case.id}; measured are {told}."
            raise UsageError(message)
        return found

    def _row(self, environment: str, device: str | None) -> Row:
        rows = {
            row.cell.device: row
            for row in self.rows
            if row.cell.environment == environment and row.cell.variant == self.variant.name
        }
        chosen = device or (next(iter(rows)) if len(rows) == 1 else _PREFERRED)
        if chosen in rows:
            return rows[chosen]
        devices = ", ".join(sorted(rows))
        if rows and device is None:
            message = (
                f"{self.variant.name} was measured in {environment} on {devices}; give one with --device."
            )
            raise UsageError(message)
        where = f"{environment} on {chosen}{f' (on {devices} it was)' if rows else ''}"
        message = (
            f"{self.case.id} {self.variant.name} was not measured in {where}; "
            f"run `{self._measure(environment, chosen)}`."
        )
        raise NoEvidence(message)

    def _stale(self, row: Row, reason: Stale) -> NoEvidence:
        environment, device = row.cell.environment, row.cell.device
        command = self._measure(environment, device)
        if reason is Stale.ENVIRONMENT_GONE:
            command = f"harness lock {environment} && {command}"
        return NoEvidence(
            f"what is stored of {self.case.id} {self.variant.name} in {environment} on {device} "
            f"no longer counts, because {reason.value}; run `{command}`."
        )

    def _measure(self, environment: str, device: str) -> str:
        """The command that measures a cell."""
        words = ["harness", "matrix", "--case", self.case.id]
        is_ours = environment == CURRENT or _is_release(environment)
        words += ["--env", environment] if is_ours else ["--python", "PATH", "--as", environment]
        words += ["--device", device]
        return shlex.join([*words, *(["--store", str(self.store)] if self.store else [])])


def _variant(case: Case, name: str) -> Variant:
    found = case.variant(name)
    if found is None:
        message = f"{case.id} has no variant {name!r}; it has {', '.join(v.name for v in case.variants)}."
        raise UsageError(message)
    return found


def _normal(name: str) -> str:
    try:
        return str(parse_environment_id(name))
    except UsageError:
        return name


def _is_release(name: str) -> bool:
    try:
        parse_environment_id(name)
    except UsageError:
        return False
    return True


def _check_empty(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        message = f"{folder} is not empty; give --folder a new folder or an empty one."
        raise UsageError(message)


def _write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write all files or none: they are made aside, in the folder itself, and then moved up."""
    was_there = folder.is_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder, prefix=".evidence."))
        try:
            for name, text in files.items():
                (aside / name).write_text(text, encoding="utf-8", newline="\n")
            _move_up(aside, folder, list(files))
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        if not was_there and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
        message = f"{folder} cannot be written ({error.strerror}); choose another place."
        raise NoEvidence(message) from None


def _move_up(aside: Path, folder: Path, names: Sequence[str]) -> None:
    moved: list[Path] = []
    try:
        for name in names:
            moved.append((aside / name).rename(folder / name))
    except BaseException:
        for path in moved:
            path.unlink(missing_ok=True)
        raise
