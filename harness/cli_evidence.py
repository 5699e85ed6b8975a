"""The options of `evidence`."""

from __future__ import annotations

from pathlib import Path

import click

from harness.case import FAILURE
from harness.console import console
from harness.options import root_option, store_option
from harness.workspace import Workspace


@click.command()
@click.argument("case")
@click.argument("environment", metavar="ENV")
@click.option("--variant", default=FAILURE, show_default=True, help="The failure, or a remedy.")
@click.option("--device", metavar="DEVICE", help="If none, cpu or the only one measured.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the Markdown there and not to standard output.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write it as files into a new or empty folder.",
)
@root_option
@store_option
def evidence(case: str, environment: str, root: Path | None, store: Path | None, **options: object) -> int:
    """Write what was measured of one cell so that anybody can check it.

    One Markdown text, fit to paste upstream: status, versions, the script with its lock, the command that
    reruns it, log, traceback, record. A cell without evidence is written as well, and says so in its heading.
    """
    from harness.commands.evidence import write_evidence

    return write_evidence(console, Workspace.at(root), (case, environment), store, options)
