"""The options of `bisect` and `suspects`."""

from __future__ import annotations

from pathlib import Path

import click

from harness.console import console
from harness.errors import Interrupted
from harness.options import COMMAND_TIMEOUT, device_option, root_option, store_option
from harness.workspace import Workspace

_variant_option = click.option(
    "--variant", default="failure", show_default=True, help="The variant whose status is searched."
)
_repeat_option = click.option(
    "--repeat",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Runs of every point, each with another seed; a point that disagrees with itself is unknown.",
)
_rerun_option = click.option("--rerun", is_flag=True, help="Count nothing that is stored.")


class CommandAfterDashes(click.Command):
    """Keeps what stands after `--` apart from the arguments before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta["command"] = tuple(args[at + 1 :])
        return super().parse_args(ctx, args[:at])


@click.command()
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--all", "everything", is_flag=True, help="All cases.")
@_variant_option
@click.option(
    "--package", metavar="NAME", help="Search the releases of another package, the rest held as in --env."
)
@click.option("--env", "environment", metavar="ID", help="The environment whose other packages are held.")
@click.option(
    "--resolution",
    type=click.Choice(["period", "latest", "pinned"]),
    help="Search this axis of the matrix; the one on which the case shows itself if not given.",
)
@click.option("--with", "pins", multiple=True, metavar="NAME==VERSION", help="Hold a library at a version.")
@click.option("--since", metavar="BOUND", help="A version or a day: the oldest release to search.")
@click.option("--until", metavar="BOUND", help="A version or a day: the newest release to search.")
@click.option("--good", metavar="BOUND", help="An end that is to be right, older or newer than the bad one.")
@click.option("--bad", metavar="BOUND", help="An end that is to show the issue.")
@click.option("--every", is_flag=True, help="Measure every release, so that no change can hide.")
@click.option(
    "--repo",
    "repos",
    multiple=True,
    metavar="[NAME=]PLACE",
    help="Search the culprit's commits in a clone or at an address; it is never changed.",
)
@click.option(
    "--first", default="", metavar="REVISION", help="The old end of the commits; the tag if not given."
)
@click.option(
    "--last", default="", metavar="REVISION", help="The new end of the commits; the tag if not given."
)
@click.option(
    "--also",
    multiple=True,
    metavar="REQUIREMENT",
    help="Add a package to the environment of the commits, where some need more than the releases.",
)
@click.option("--into-merges", is_flag=True, help="Where a merge is the culprit, search its branch too.")
@click.option("--try", "tries", multiple=True, metavar="SUSPECT", help="A release or commit to test first.")
@click.option("--releases-only", is_flag=True, help="Search neither packages nor commits.")
@_repeat_option
@device_option
@_rerun_option
@click.option(
    "--reports", type=click.Path(path_type=Path), help="Folder of the answers; .harness/bisect if not given."
)
@root_option
@store_option
def bisect(
    cases: tuple[str, ...],
    everything: bool,
    root: Path | None,
    store: Path | None,
    reports: Path | None,
    rerun: bool,
    **options: object,
) -> int:
    """Since when, until when, because of which package, in which commit."""
    from harness.bisect.wish import Wish
    from harness.commands.bisect import Files, run_bisect

    if bool(cases) == everything:
        message = "name the cases to bisect, or give --all; `harness list` shows them."
        raise click.UsageError(message)
    wish = Wish(**options)  # type: ignore[arg-type]  # click checked each option's type
    files = Files(store=store, reports=reports, rerun=rerun)
    try:
        return run_bisect(console, Workspace.at(root), cases, wish, files)
    except KeyboardInterrupt:
        message = "interrupted; what ran is stored, the same command goes on from there."
        raise Interrupted(message) from None


@click.command(cls=CommandAfterDashes)
@click.argument("case", required=False)
@click.option("--good", required=True, metavar="STATE", help="An environment that is right.")
@click.option("--bad", required=True, metavar="STATE", help="An environment that shows the issue.")
@click.option("--python", metavar="X.Y", help="The Python of states that do not name their own.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=COMMAND_TIMEOUT,
    show_default=True,
    help="Seconds that a command after -- may take.",
)
@_variant_option
@_repeat_option
@device_option
@_rerun_option
@click.option(
    "--reports", type=click.Path(path_type=Path), help="Folder of the answer; .harness/bisect if not given."
)
@root_option
@store_option
@click.pass_context
def suspects(
    context: click.Context, /, case: str | None, root: Path | None, store: Path | None, **options: object
) -> int:
    """Which packages make the difference between two environments.

    A STATE is a requirements file, pylock.toml, uv.lock, an interpreter or virtual environment, or an
    environment id. In place of CASE, any command after -- is run in each environment: it ends with 0 where
    all is right, with 125 where nothing can be said, with another code where it is not.
    """
    from harness.commands.suspects import run_suspects

    command: tuple[str, ...] = context.meta["command"]
    if bool(case) == bool(command):
        message = "give a case, or else a command after --."
        raise click.UsageError(message)
    try:
        return run_suspects(console, Workspace.at(root), store, case, command, options)
    except KeyboardInterrupt:
        message = "interrupted; what ran is stored, the same command goes on from there."
        raise Interrupted(message) from None
