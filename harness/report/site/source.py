"""The source of a case as highlighted tokens: plain data, which a page turns into elements."""

from __future__ import annotations

from functools import cache

from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType, is_token_subtype

Token = tuple[str, str]
"""(class, text); the class is empty for text like any other."""

_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "comment"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Operator, "operator"),
    (String, "string"),
    (Number, "number"),
    (Name.Function, "name"),
    (Name.Class, "name"),
    (Name.Decorator, "decorator"),
    (Name.Builtin, "builtin"),
)


def tokens_of(text: str) -> list[list[Token]]:
    """The tokens of each line; joined, they are the text again."""
    lines: list[list[Token]] = [[]]
    for kind, value in _lexer().get_tokens(text):
        first, *others = value.split("\n")
        _add(lines[-1], _class(kind), first)
        for part in others:
            lines.append([])
            _add(lines[-1], _class(kind), part)
    if not lines[-1]:
        lines.pop()
    return lines


@cache
def _lexer() -> PythonLexer:
    return PythonLexer(ensurenl=False, stripnl=False)


@cache
def _class(kind: _TokenType) -> str:
    return next((name for type_, name in _CLASSES if is_token_subtype(kind, type_)), "")


def _add(line: list[Token], class_: str, text: str) -> None:
    if not text:
        return
    if line and line[-1][0] == class_:
        line[-1] = (class_, line[-1][1] + text)
    else:
        line.append((class_, text))
