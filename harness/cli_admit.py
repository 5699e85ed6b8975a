"""The options of `new` and `admit`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from harness.console import console
from harness.corpus import Selection
from harness.errors import Interrupted
from harness.options import root_option, store_option
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


@click.command()
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--all", "everything", is_flag=True, help="All cases.")
@click.option("--check", is_flag=True, help="Measure nothing; say whether the stored admissions still hold.")
@click.option(
    "--repeat",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Runs of every variant beside a change.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Runs of a variant that takes a seed, each with another one.",
)
@click.option(
    "--repo",
    "repos",
    multiple=True,
    metavar="[NAME=]PLACE",
    help="Find the culprit's commit in a clone or at an address; it is never changed.",
)
@click.option(
    "-n", "--workers", default=os.cpu_count() or 1, show_default="cores", help="Processes at a time."
)
@root_option
@store_option
def admit(cases: tuple[str, ...], everything: bool, check: bool, root: Path | None, **options: object) -> int:
    """Measure all that a case needs to count as verified, and store it in reports/admitted.

    Writes into the header where the issue is, and what began and ended it, as far as releases of the library
    explain what was measured.
    """
    from harness.commands.admissions import Wanted, check_admissions
    from harness.commands.admit import admit_cases

    if bool(cases) == everything:
        message = "name the cases to admit, or give --all; `harness list` shows them."
        raise click.UsageError(message)
    workspace = Workspace.at(root)
    workspace.select(Selection(cases=cases))
    wanted = Wanted(**options)  # type: ignore[arg-type]  # click checked each option's type
    if check:
        return check_admissions(console, workspace, cases, wanted)
    try:
        return admit_cases(console, workspace.config, cases, wanted)
    except KeyboardInterrupt:
        message = "interrupted; what ran is stored, the same command goes on from there."
        raise Interrupted(message) from None
