"""`harness new`: from the address of an issue to a file that only needs its author's words."""

from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.config import Config
from harness.errors import UsageError
from harness.files import write_atomically
from harness.home import check_writable
from harness.skeleton import skeleton, slug_of
from harness.upstream import Thread, read_thread

_SLUG = re.compile(r"[a-z0-9_]+")


def new_case(console: Console, config: Config, address: str, title: str, slug: str) -> None:
    """Write the skeleton of a case, and say what comes next.

    Raises:
        UsageError: a foreign address, a number that has a case, a slug that no file may have.
    """
    check_writable(config.root, "`harness new`")
    thread = read_thread(address, config.libraries)
    slug = slug or slug_of(title)
    if not _SLUG.fullmatch(slug):
        message = f"--slug {slug!r} cannot be part of a case's name; use a-z, 0-9 and _."
        raise UsageError(message)
    folder = config.cases / thread.library.name
    _check_free(folder, thread)
    path = folder / f"{thread.number}_{slug}.py"
    write_atomically(path, _text(thread, " ".join(title.split())))
    console.print(Text(_next_steps(path.relative_to(config.root), thread)), soft_wrap=True)


def _check_free(folder: Path, thread: Thread) -> None:
    for path in sorted(folder.glob("*.py")):
        number = path.stem.partition("_")[0]
        if number.isascii() and number.isdigit() and int(number) == thread.number:
            message = f"{thread.library.name}-{thread.number} is there already: {path}; edit that file."
            raise UsageError(message)


def _text(thread: Thread, title: str) -> str:
    return skeleton(
        address=thread.address,
        distribution=thread.library.distribution,
        module=thread.library.module,
        title=title,
    )


def _next_steps(path: Path, thread: Thread) -> str:
    case, package = f"{thread.library.name}-{thread.number}", thread.library.distribution
    return f"""\
{path} is written. Next:
  1. read {thread.address}, and write failure(): the fewest lines that show it
  2. uv run --with "{package}==VERSION" {path} shows how it fails: put that into raises and match
  3. write fix_<name>() for each remedy of the thread, and every other TODO; `harness list` names what is left
  4. harness admit {case} measures the case, and writes into its header where it fails"""
