"""The command line: the only place that prints and exits."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from harness import __version__
from harness.cli_admit import admit, new
from harness.cli_bisect import bisect, suspects
from harness.cli_constraints import constraints
from harness.cli_evidence import evidence
from harness.cli_gate import gate
from harness.cli_osv import osv
from harness.console import console
from harness.corpus import Selection
from harness.errors import HarnessError, Interrupted
from harness.options import (
    cache_option,
    device_option,
    python_option,
    root_option,
    selection_of,
    selection_options,
    store_option,
)
from harness.workspace import Workspace


class Group(click.Group):
    """Turns every error into one sentence and its exit code, without a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (click's signature)
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except HarnessError as error:
            _fail(str(error), error.exit_code)
        except click.ClickException as error:
            _fail(f"{error.format_message().rstrip('.')}.", 2)
        except (click.Abort, KeyboardInterrupt):
            _fail("interrupted.", Interrupted.exit_code)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> None:
    click.echo(f"harness: {message}", err=True)
    sys.exit(code)


@click.group(cls=Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="harness")
@click.pass_context
def main(context: click.Context) -> None:
    """Documented issues as cases, measured over released versions and devices."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        context.exit(2)


@main.command("list")
@root_option
@selection_options
def list_command(root: Path | None, **options: object) -> None:
    """List cases and their variants."""
    from harness.views import case_table

    console.print(case_table(Workspace.at(root).select(selection_of(options))), soft_wrap=True)


@main.command()
@click.argument("case")
@root_option
@store_option
def show(case: str, root: Path | None, store: Path | None) -> None:
    """Show a case: what it claims, and what was measured."""
    from harness.views import case_view

    workspace = Workspace.at(root)
    (chosen,) = workspace.select(Selection(cases=(case,)))
    with workspace.store(store) as results:
        view = case_view(chosen.case, results.rows(), workspace.environments(results), workspace.config)
        console.print(view, soft_wrap=True)


@main.command()
@click.argument("case")
@click.option("--env", "environment", metavar="ID", help="An environment id, or current.")
@click.option("--variant", "variants", multiple=True, help="Only this variant.")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Run stochastic variants with this many seeds.",
)
@root_option
@device_option
@python_option
@cache_option
def run(case: str, **options: object) -> int:
    """Run one case in the foreground, with full tracebacks; nothing is stored."""
    from harness.commands.run import run_case

    return run_case(console, case, options)


@main.command()
@root_option
@store_option
@selection_options
@click.option(
    "--env", "environments", multiple=True, metavar="ID", help="An environment id; all of the matrix if none."
)
@device_option
@python_option
@click.option(
    "--as", "called", default="current", show_default=True, help="The id under which --python is stored."
)
@click.option("--full", is_flag=True, help="Also the environments of other tiers, such as older torch.")
@click.option("--rerun", is_flag=True, help="Run cells again whose evidence is stored.")
@click.option(
    "-n", "--workers", default=os.cpu_count() or 1, show_default="cores", help="Processes at a time."
)
@cache_option
@click.option("-v", "--verbose", is_flag=True, help="A line for every cell.")
def matrix(root: Path | None, store: Path | None, **options: object) -> int:
    """Run the selected cells of the matrix and store what happens."""
    from harness.commands.matrix import run_matrix

    try:
        return run_matrix(console, Workspace.at(root), store, selection_of(options), options)
    except KeyboardInterrupt:
        message = "interrupted; finished cells are stored, the same command goes on from there."
        raise Interrupted(message) from None


@main.command()
@click.argument("environments", nargs=-1, metavar="[ID]...")
@click.option(
    "--all", "everything", is_flag=True, help="Resolve again what has a lock, period and pinned ones too."
)
@root_option
def lock(environments: tuple[str, ...], everything: bool, root: Path | None) -> None:
    """Find new releases and write the locks of the matrix, or those named."""
    from harness.commands.lock import write_locks

    write_locks(console, Workspace.at(root), environments, everything)


@main.command()
@root_option
@store_option
@click.option(
    "--check", is_flag=True, help="Write nothing; exit with 1 where the report is not that of the results."
)
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Tell what changed since this compatibility.json, and not since the report that is there.",
)
def report(root: Path | None, store: Path | None, check: bool, since: Path | None) -> int:
    """Build reports/ and the README's table from the stored results."""
    from harness.commands.report import write_report

    return write_report(console, Workspace.at(root), store, check=check, since=since)


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
@root_option
@store_option
def export(target: Path, root: Path | None, store: Path | None) -> None:
    """Write the stored results to a file that `harness merge` reads."""
    with Workspace.at(root).store(store) as results:
        console.print(f"{results.export(target)} cells written to {target}", soft_wrap=True)


@main.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@root_option
@store_option
def merge(sources: tuple[Path, ...], root: Path | None, store: Path | None) -> None:
    """Take over the results of other machines; of two results for a cell the newer counts."""
    with Workspace.at(root).store(store) as results:
        for source in sources:
            console.print(f"{results.merge(source)} newer cells taken from {source}", soft_wrap=True)


main.add_command(new)
main.add_command(admit)
main.add_command(bisect)
main.add_command(suspects)
main.add_command(gate)
main.add_command(constraints)
main.add_command(osv)
main.add_command(evidence)
