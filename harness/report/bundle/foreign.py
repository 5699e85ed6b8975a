"""Text of cases, logs and packages made fit to be pasted: nothing in it ends a code block."""

from __future__ import annotations

import re

from harness.report.places import without_places
from harness.report.text import block

_RUN = re.compile("`{64,}")


def shown(text: str, limit: int) -> str:
    """Foreign text for a code block, with at most about `limit` characters; what is left out is said."""
    quotes_counted = _RUN.sub(lambda run: f"[... {len(run[0])} back quotes ...]", without_places(text))
    return block(quotes_counted, limit)


def fenced(text: str, language: str = "text") -> str:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}\n"
