"""A case as a script that runs one variant in one set of exact versions: its header is the lock."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

from harness.device import parse_device
from harness.errors import UsageError
from harness.report.bundle.devices import device_lines
from harness.report.bundle.pins import dependencies
from harness.report.bundle.subject import Subject
from harness.report.text import plain

_OPEN, _CLOSE = "# /// script", "# ///"


def script_text(subject: Subject) -> str:
    """The case's file with the lock in its header, without what is this project's own, running one variant.

    Raises:
        UsageError: the case is not Python, or what it does as a script cannot be replaced.
    """
    _ = subject.case.title  # tells of a case that is not Python
    lines = subject.case.text.split("\n")
    tree = ast.parse(subject.case.text)
    start, end = _header(lines)
    top = max(_end_of_top(tree), end)
    body = _without_main(subject, tree, lines)
    return "\n".join(
        [
            *body[:start],
            *_new_header(subject),
            f"# {_about(subject)}",
            *body[end:top],
            *_setup(subject),
            *_trimmed(body[top:]),
            "",
            "",
            'if __name__ == "__main__":',
            f"    {call_of(subject)}",
            "",
        ]
    )


def call_of(subject: Subject) -> str:
    """The call of the variant, with the seed that was used if it takes one."""
    seed = f"seed={subject.evidence.seed}" if takes_seed(subject) else ""
    return f"{subject.variant.name}({seed})"


def takes_seed(subject: Subject) -> bool:
    """Whether the variant is stochastic."""
    return subject.variant.name in subject.case.seeded


def _about(subject: Subject) -> str:
    where = f"{subject.record.id}, {subject.row.cell.device}"
    return plain(f"{subject.case.issue}: {subject.variant.name} in {where}")


def _header(lines: list[str]) -> tuple[int, int]:
    """From where to where the header reaches, in lines counted from 0; the last is exclusive."""
    stripped = [line.rstrip() for line in lines]
    start = stripped.index(_OPEN)
    return start, stripped.index(_CLOSE, start) + 1


def _new_header(subject: Subject) -> Iterator[str]:
    yield _OPEN
    yield f'# requires-python = "=={subject.python}.*"'
    yield "# dependencies = ["
    for line in dependencies(subject):
        yield f"#   {json.dumps(line)},"
    yield "# ]"
    if subject.lock is not None and subject.lock.unresolvable and subject.lock.as_of:
        yield "#"
        yield "# [tool.uv]"
        yield f'# exclude-newer = "{subject.lock.as_of}T00:00:00Z"'
    yield _CLOSE


def _setup(subject: Subject) -> list[str]:
    lines = device_lines(subject, parse_device(subject.row.cell.device))
    return ["", *lines[:-1]] if lines else []


def _end_of_top(tree: ast.Module) -> int:
    """The last line of the docstring and the future statements, which nothing may precede."""
    end = 0
    for index, node in enumerate(tree.body):
        is_docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        end = node.end_lineno or end
    return end


def _without_main(subject: Subject, tree: ast.Module, lines: list[str]) -> list[str]:
    """The lines without what the file does as a script; those above keep their place."""
    kept = list(lines)
    for node in reversed(tree.body):
        if isinstance(node, ast.If) and _asks_for_main(node.test):
            if node.orelse:
                message = (
                    f"{subject.case.path}: line {node.lineno} has an else, so that as a script it is another "
                    "program than the one measured; take it out of the case."
                )
                raise UsageError(message)
            del kept[node.lineno - 1 : node.end_lineno]
    return kept


def _asks_for_main(test: ast.expr) -> bool:
    return ast.unparse(test) in {"__name__ == '__main__'", "'__main__' == __name__"}


def _trimmed(lines: list[str]) -> list[str]:
    """Lines without empty ones at their end."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines
