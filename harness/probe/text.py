"""Exceptions and logs as text that can be stored. Standard library only, Python 3.8 and newer."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

MESSAGE_LIMIT = 8 * 1024
TRACEBACK_LIMIT = 32 * 1024
HERE = str(Path(__file__).parent)


def clip(text: str, limit: int) -> str:
    """Keep the head and, mostly, the tail of a text that is too long."""
    if len(text) <= limit:
        return text
    head = limit // 4
    return f"{text[:head]}\n[... {len(text) - limit} characters left out ...]\n{text[head - limit :]}"


def clean(text: str) -> str:
    """Text that any UTF-8 stream takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def portable(text: str, folder: str = "") -> str:
    """A text without this machine's folders; `folder` is where a variant ran."""
    names = (
        (folder, "<cell>"),
        (HERE, "<harness>"),
        (sys.prefix, "<env>"),
        (sys.base_prefix, "<python>"),
        (str(Path.home()), "~"),
    )
    for path, name in names:
        if len(path) > 1:
            text = text.replace(path + os.sep, name + "/")
    return text


def describe(error: BaseException, phase: str) -> dict[str, str]:
    """An exception as data. Never raises, whatever the exception does when it is shown."""
    kind = type(error)
    try:
        message = str(error)
    except BaseException as second:
        message = f"<str() of the exception raised {type(second).__name__}>"
    trace = below(error.__traceback__)
    try:
        lines = traceback.format_exception(kind, error, trace)
    except BaseException:
        lines = traceback.format_tb(trace)
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "message": clip(clean(portable(message)), MESSAGE_LIMIT),
        "traceback": clip(clean(portable("".join(lines))), TRACEBACK_LIMIT),
        "phase": phase,
    }


def below(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the probe's own frames at its top."""
    while trace is not None and str(Path(trace.tb_frame.f_code.co_filename).parent) == HERE:
        trace = trace.tb_next
    return trace
