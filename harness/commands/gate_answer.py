"""What `harness gate` says and writes in the end."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from harness.errors import UsageError
from harness.files import write_atomically
from harness.gate.document import gate_json
from harness.gate.junit import gate_junit
from harness.gate.markdown import gate_markdown
from harness.gate.records import GateResult
from harness.gate.sarif import gate_sarif
from harness.gate.terminal import gate_view

FORMATS = {"json": gate_json, "markdown": gate_markdown, "sarif": gate_sarif, "junit": gate_junit}
"""The options that name a file to write, with what writes it."""

WIDTH = 110
"""Columns of what is not a terminal, such as the log of a CI job."""


def give_answer(console: Console, result: GateResult, options: Mapping[str, Any]) -> int:
    """Show the answer, write the files that were asked for, and give the exit code."""
    if not console.is_terminal:
        console = Console(file=console.file, width=WIDTH, highlight=False, markup=False)
    console.print(gate_view(result))
    for name, text_of in FORMATS.items():
        if options[name] is not None:
            write_atomically(options[name], text_of(result))
            console.print(Text(f"{name} is in {options[name]}"), soft_wrap=True)
    return result.exit_code


def check_files(options: Mapping[str, Any]) -> None:
    """Raises UsageError where two answers would go into one file."""
    targets = [options[name] for name in FORMATS if options[name] is not None]
    for target in targets:
        if targets.count(target) > 1:
            message = f"{target} is to hold two answers; give every one a file of its own."
            raise UsageError(message)


def command_line(options: Mapping[str, Any]) -> str:
    """The command that gives this answer again, without the files that it wrote."""
    words = ["harness", "gate", *options["state"]]
    for option, values in (("--from", options["old"]), ("--to", options["new"]), ("--uses", options["uses"])):
        words += [word for value in values for word in (option, str(value))]
    words += [word for device in options["devices"] for word in ("--device", device)]
    for option in ("python", "policy", "baseline", "keyword", "root", "store"):
        if options.get(option):
            words += ["-k" if option == "keyword" else f"--{option}", str(options[option])]
    for option, values in (("--case", options["cases"]), ("--library", options["libraries"])):
        words += [word for value in values for word in (option, value)]
    for option, values in (("--kind", options["kinds"]), ("--api", options["apis"])):
        words += [word for value in values for word in (option, value)]
    words += [f"--{flag.replace('_', '-')}" for flag in ("offline", "rerun", "no_jax_cache") if options[flag]]
    return shlex.join(words)
