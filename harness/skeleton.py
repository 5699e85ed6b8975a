"""The file that a new case starts from: everything that only its author knows is marked as open."""

from __future__ import annotations

import re

OPEN = "TODO"
"""Stands where something is to be written. No case holds it, so that no skeleton passes for one."""

OPEN_SLUG = "todo"

_OPEN = re.compile(rf"\b{OPEN}\b")
_KEY = re.compile(r"# ?\s*([a-z][\w-]*) = ")
_TABLE = re.compile(r"# \[tool\.case\.([\w.]+)\]")
_FUNCTION = re.compile(r"def (\w+)")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_WORDS = 6

_TEXT = '''\
# /// script
# requires-python = ">=3.9"
# dependencies = ["{distribution}"]
#
# [tool.case]
# issue = "{address}"
# kind = "bug"                    # bug | silent | limitation | feature | drift
# api = ["TODO"]                  # what user code calls, such as {module}.Name
#
# [tool.case.failure]
# raises = "TODO"                 # the exact type: ValueError, AssertionError ...
# match = "TODO"                  # regular expression, searched in the message
# failing = ["{distribution}"]    # measured: leave it to `harness admit`
#
# [tool.case.fix.first_remedy]    # TODO: name it after what one does; none is right, several are, too
# source = "documented"           # documented | upstream | ours
# ///
"""{title}"""

import {module}


def failure() -> None:
    """TODO: what is asserted, which is the right behaviour."""
    # TODO: the fewest lines that raise where the issue is present, and do not where it is fixed.


def fix_first_remedy() -> None:
    """TODO: what somebody claimed in the thread, in one sentence; it stays if it does not work."""
    # TODO: the lines of failure() with the remedy. One that uses random numbers takes seed: int.


if __name__ == "__main__":
    failure()
'''


def skeleton(*, address: str, distribution: str, module: str, title: str = "") -> str:
    """The text of a case that is still to be written."""
    return _TEXT.format(
        address=address,
        distribution=distribution,
        module=module,
        title=_quoted(title) or f"{OPEN}: one sentence that says what is wrong.",
    )


def _quoted(title: str) -> str:
    """As the content of a docstring."""
    text = title.replace("\\", "\\\\")
    at_risk = '"""' in text or text.startswith('"') or text.endswith('"')
    return text.replace('"', '\\"') if at_risk else text


def slug_of(title: str) -> str:
    """The first words of a title as part of a file's name."""
    return "_".join(_NO_WORD.sub(" ", title.lower()).split()[:_WORDS]) or OPEN_SLUG


def unfinished(stem: str, text: str) -> list[str]:
    """What is still to be written in a case, in its order; nothing where it is whole."""
    name = ["the file's name"] if stem.partition("_")[2] == OPEN_SLUG else []
    return [*name, *_open_parts(text)] if OPEN in text else name


def _open_parts(text: str) -> list[str]:
    parts, inside = [], ""
    for line in text.splitlines():
        place = _TABLE.match(line) or _FUNCTION.match(line)
        inside = place[1] if place else inside
        if _OPEN.search(line):
            parts.append(_part(line, inside))
    return list(dict.fromkeys(parts))


def _part(line: str, inside: str) -> str:
    key = _KEY.match(line)
    if key:
        return key[1]
    return "the title" if line.startswith('"""') else inside or "the header"
