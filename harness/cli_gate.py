"""The options of `gate`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from harness.console import console
from harness.errors import Interrupted
from harness.options import (
    cache_option,
    device_option,
    root_option,
    selection_of,
    selection_options,
    store_option,
)
from harness.workspace import Workspace

_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("state", nargs=-1, metavar="[STATE]...")
@click.option("--from", "old", multiple=True, metavar="STATE", help="What is used today; with --to.")
@click.option("--to", "new", multiple=True, metavar="STATE", help="What it is to become; with --from.")
@click.option(
    "--python",
    metavar="PATH|X.Y",
    help="An interpreter as the state, or the Python of a state that names none.",
)
@click.option(
    "--uses", multiple=True, metavar="SRC", help="Only what this source can meet; a file or folder."
)
@click.option(
    "--policy", type=_file, metavar="FILE", help="TOML; if none, [tool.harness.gate] of pyproject.toml."
)
@click.option("--baseline", type=_file, metavar="FILE", help="An earlier --json: what it has does not block.")
@click.option("--offline", is_flag=True, help="Run nothing, ask no index; infer from the report.")
@click.option("--json", type=_file, metavar="FILE", help="Write the answer as JSON.")
@click.option("--markdown", type=_file, metavar="FILE", help="Write it as Markdown, for a pull request.")
@click.option("--sarif", type=_file, metavar="FILE", help="Write it as SARIF 2.1.0.")
@click.option("--junit", type=_file, metavar="FILE", help="Write it as JUnit XML.")
@selection_options
@device_option
@click.option("--rerun", is_flag=True, help="Count nothing that is stored.")
@click.option(
    "-n",
    "--workers",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    show_default="cores",
    help="Processes at a time.",
)
@cache_option
@root_option
@store_option
def gate(root: Path | None, store: Path | None, **options: object) -> int:
    """May this team upgrade?

    A STATE is a requirements file, pylock.toml, uv.lock, an interpreter or virtual environment, the id of an
    environment, or versions such as numpyro==0.22.0 jax==0.12.0. One STATE is audited; from one to another
    is an upgrade check, where --to may name only the versions that change.
    """
    from harness.commands.gate import run_gate

    try:
        options |= {"root": root, "store": store}
        return run_gate(console, Workspace.at(root), store, selection_of(options), options)
    except KeyboardInterrupt:
        message = "interrupted; what ran is stored, the same command goes on from there."
        raise Interrupted(message) from None
