"""The command that makes constraints for pip and uv."""

from __future__ import annotations

from pathlib import Path

import click

from harness.console import console
from harness.options import root_option
from harness.workspace import Workspace


@click.command()
@click.option(
    "--for",
    "requirements",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your requirements file, or a pyproject.toml.",
)
@click.option(
    "--uses",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="SRC",
    help="Your source: only the cases that it can meet count.",
)
@click.option("--python", metavar="X.Y", help="The Python that you install for.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the constraints there."
)
@click.option(
    "--check/--no-check", default=True, help="Resolve the requirements with the constraints (needs an index)."
)
@root_option
def constraints(root: Path | None, **options: object) -> int:
    """The caps, floors and exclusions that keep you clear of the cases, for `pip -c` and `uv pip -c`.

    Every line comes with its reason, and every cap of your own with whether it can go.
    """
    from harness.commands.constraints import run_constraints

    return run_constraints(console, Workspace.at(root), options)
