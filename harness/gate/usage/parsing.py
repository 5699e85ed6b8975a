"""Python text to a syntax tree, or one sentence why not."""

from __future__ import annotations

import ast
import gc
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from harness.gate.usage.files import Unreadable

_LINE_END = re.compile(r"\r\n|\r|\n")
_DEPTH = 20_000
"""Frames for walking a tree that the parser accepts: pure Python, so they take no room on the C stack."""


def split_lines(text: str) -> list[str]:
    """The lines as Python counts them: form feeds and Unicode's line ends are none."""
    return _LINE_END.split(text)


def parse(text: str) -> ast.Module:
    """Parse without a warning.

    Raises:
        Unreadable: it is no Python that this interpreter understands.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        reason = f"is not Python ({error.msg})"
        raise Unreadable(reason, error.lineno) from None
    except ValueError as error:  # a null byte, before Python 3.12
        reason = f"is not Python ({error})"
        raise Unreadable(reason) from None
    except (RecursionError, MemoryError):
        reason = "is nested too deeply to be read"
        raise Unreadable(reason) from None


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: among millions of nodes that all stay, that takes most of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def deep() -> Iterator[None]:
    """Let pure Python functions follow trees as deep as the parser builds them."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def is_type_checking(test: ast.expr) -> bool:
    """Whether a condition only ever holds for type checkers."""
    if isinstance(test, ast.Name):
        return test.id == "TYPE_CHECKING"
    if isinstance(test, ast.Attribute):
        return test.attr == "TYPE_CHECKING"
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(is_type_checking(value) for value in test.values)
    return False


def running(node: ast.If) -> list[ast.stmt]:
    """The statements of an `if` that can run: neither branch is left out but that of `TYPE_CHECKING`."""
    if is_type_checking(node.test):
        return node.orelse
    if isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not):
        operand = node.test.operand
        if isinstance(operand, ast.Name | ast.Attribute) and is_type_checking(operand):
            return node.body
    return node.body + node.orelse
