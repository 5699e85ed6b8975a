"""Places on a machine, taken out of what an interpreter at hand said: its paths are nobody's business."""

from __future__ import annotations

import re
from typing import Any

_PART = r"[^\s/\\\"'<>|:*?`]+"
_ROOTS = "home|root|Users|tmp|var|private|work|workspace|workspaces|mnt|media|srv|opt|data|scratch|builds"
_PLACE = re.compile(
    rf"(?:(?<=file://)|(?<![\w:/.~>-]))(?:/(?:{_ROOTS})|[A-Za-z]:[\\/]{_PART})(?:[/\\]+{_PART})+[/\\]?"
)
_FRAME = re.compile(r'(?<=File ")(?:/|[A-Za-z]:[\\/])[^"\n]*(?=")')
_WARNING = re.compile(r"^(?:/|[A-Za-z]:[\\/])[^:\n]*\.py(?=:\d+:)", re.MULTILINE)
_KEPT = 2


def without_places(text: str) -> str:
    """Text in which what looks like a place on some machine keeps only its last names.

    The probe has already named what it knows: `<env>`, `<cell>`, `~`. This is about what it cannot know, such
    as a project that an interpreter at hand has installed from its folder.
    """
    for pattern in (_FRAME, _WARNING, _PLACE):
        text = pattern.sub(_shortened, text)
    return text


def _shortened(found: re.Match[str]) -> str:
    parts = [part for part in re.split(r"[/\\]+", found[0]) if part]
    return "<...>/" + "/".join(parts[max(1, len(parts) - _KEPT) :])


def portable(value: Any) -> Any:  # noqa: ANN401 (plain data in, the same kind of plain data out)
    """Plain data in which no text holds a place on some machine."""
    if isinstance(value, str):
        return without_places(value)
    if isinstance(value, dict):
        return {key: portable(item) for key, item in value.items()}
    return [portable(item) for item in value] if isinstance(value, list | tuple) else value
