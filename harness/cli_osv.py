"""The options of `osv`."""

from __future__ import annotations

from pathlib import Path

import click

from harness.console import console
from harness.options import root_option, selection_of, selection_options
from harness.workspace import Workspace


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@root_option
@selection_options
def osv(folder: Path, root: Path | None, **options: object) -> int:
    """Write cases as records in the OSV schema, with the ranges that were measured."""
    from harness.commands.osv import write_osv

    return write_osv(console, Workspace.at(root), folder, selection_of(options))
