"""The options of `new` and `admit`."""

from __future__ import annotations

from pathlib import Path

import click

from harness.console import console
from harness.options import root_option
from harness.workspace import Workspace


@click.command()
@click.argument("address", metavar="URL")
@click.option("--title", default="", metavar="TEXT", help="One sentence that says what is wrong.")
@click.option("--slug", default="", metavar="TEXT", help="For the file's name; from the title if not given.")
@root_option
def new(address: str, title: str, slug: str, root: Path | None) -> None:
    """Make the skeleton of a case from the address of an issue or pull request."""
    from harness.commands.new import new_case

    new_case(console, Workspace.at(root).config, address, title, slug)
