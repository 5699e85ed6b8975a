"""Where the corpus is: the project around the current folder, or the one that came with the installation."""

from __future__ import annotations

import tomllib
from pathlib import Path

from harness.errors import UsageError

INSTALLED = Path(__file__).parent / "_corpus"
"""Where a wheel holds the corpus; `hatch_build.py` puts it there. The repository has no such folder."""

REPOSITORY = Path(__file__).parent.parent
"""What is around the package: of an editable install the repository."""


def find_root(start: Path) -> Path:
    """The nearest project with a corpus upwards, or else the corpus that came with the installation.

    Raises:
        UsageError: there is neither.
    """
    for folder in (start, *start.parents, INSTALLED, REPOSITORY):
        if _has_corpus(folder):
            return folder
    message = f"no pyproject.toml with [tool.harness] in {start} or above; enter the project or give --root."
    raise UsageError(message)


def _has_corpus(folder: Path) -> bool:
    """Whether `[tool.harness]` is there with libraries: a team's own may hold its policy and nothing else.

    A file that is no TOML counts where it seems to have them: reading it says what is wrong, instead of
    another corpus being taken without a word.
    """
    try:
        text = (folder / "pyproject.toml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    try:
        tool = tomllib.loads(text).get("tool")
    except (ValueError, RecursionError):  # ValueError: no TOML, an endless integer
        return "[tool.harness]" in text or "[tool.harness.library" in text
    table = tool.get("harness") if isinstance(tool, dict) else None
    return isinstance(table, dict) and "library" in table


def is_installed(root: Path) -> bool:
    """Whether a root is the corpus of an installed harness, which is read and never written."""
    return root.resolve() == INSTALLED.resolve()


def results_folder(root: Path) -> Path:
    """Where results and answers are kept: in the project, or for the installed corpus in the user's cache."""
    from harness.environment.build import cache_folder  # which needs the configuration, which needs this

    return cache_folder() / "results" if is_installed(root) else root / ".harness"


def check_writable(root: Path, what: str) -> None:
    """Refuse a command that writes into the corpus where that is the installed one.

    Raises:
        UsageError: it is.
    """
    if is_installed(root):
        message = (
            f"this is the installed corpus, which {what} would change; clone the repository and enter it."
        )
        raise UsageError(message)
