"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.case import Kind
from harness.corpus import Selection

COMMAND_TIMEOUT = 600.0
"""Seconds that a user's own command may take, unless they say otherwise."""

Command = TypeVar("Command", bound=Callable[..., Any])


def selection_options(command: Command) -> Command:
    options = [
        click.option(
            "-k", "keyword", metavar="EXPRESSION", help="Words of case ids, files and variants: and, or, not."
        ),
        click.option("--case", "cases", multiple=True, metavar="ID", help="A case id, such as numpyro-1739."),
        click.option("--library", "libraries", multiple=True, metavar="NAME", help="Cases of a library."),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice([k.value for k in Kind]),
            help="Cases of a kind.",
        ),
        click.option(
            "--api", "apis", multiple=True, metavar="NAME", help="Cases that touch a function or module."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def selection_of(options: Mapping[str, Any]) -> Selection:
    """The selection that a command's options mean."""
    return Selection(
        keyword=options["keyword"],
        cases=options["cases"],
        libraries=options["libraries"],
        kinds=tuple(Kind(kind) for kind in options["kinds"]),
        apis=options["apis"],
    )


root_option = click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="The project's folder; found from here upwards if not given.",
)
store_option = click.option(
    "--store", type=click.Path(path_type=Path), help="The results file; .harness/results.sqlite if not given."
)
device_option = click.option(
    "--device", "devices", multiple=True, metavar="DEVICE", help="cpu, cpu:4, cuda, +x64 ..."
)
python_option = click.option(
    "--python",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="An interpreter or virtual environment at hand.",
)
cache_option = click.option(
    "--no-jax-cache", is_flag=True, help="Run without JAX's persistent compilation cache."
)
