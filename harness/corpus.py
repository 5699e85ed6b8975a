"""Finds cases and selects among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.api import parse_api
from harness.case import Case, Kind, Variant
from harness.errors import UsageError
from harness.header import read_case

_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_OPERATORS = {"and", "or", "not", "(", ")"}


def find_cases(root: Path, libraries: Iterable[str] | None = None) -> list[Case]:
    """Read every case below `root`, in order of library and number.

    Raises:
        UsageError: no such folder, a malformed case, a library that is not among `libraries`, or two
            files with one case id.
    """
    if not root.is_dir():
        message = f"{root} is not a folder of cases; give the project's folder with --root."
        raise UsageError(message)
    cases = [read_case(path) for path in sorted(root.glob("*/*.py"))]
    if libraries is not None:
        known = set(libraries)
        for case in cases:
            if case.library not in known:
                names = ", ".join(sorted(known))
                message = f"{case.path}: {case.library!r} is no known library; known are {names}."
                raise UsageError(message)
    by_id: dict[str, Case] = {}
    for case in cases:
        if case.id in by_id:
            other = by_id[case.id].path
            message = f"{case.path} and {other} are both {case.id}; give one of them another number."
            raise UsageError(message)
        by_id[case.id] = case
    return sorted(cases, key=lambda case: (case.library, case.number))


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to keep of a corpus; an empty field keeps everything.

    The keyword expression is matched against case id, file name and variant name.
    """

    keyword: str | None = None
    cases: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    apis: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        return not (self.keyword or self.cases or self.libraries or self.kinds or self.apis)

    def keeps_case(self, case: Case) -> bool:
        return (
            (not self.cases or case.id in self.cases)
            and (not self.libraries or case.library in self.libraries)
            and (not self.kinds or case.kind in self.kinds)
            and (not self.apis or any(_touches(api, wanted) for api in case.api for wanted in self.apis))
        )

    def __str__(self) -> str:
        parts = [f"-k {self.keyword!r}"] if self.keyword else []
        parts += [*self.cases, *(f"library {name}" for name in self.libraries)]
        parts += [*(f"kind {kind.value}" for kind in self.kinds), *(f"api {name}" for name in self.apis)]
        return ", ".join(parts) or "everything"


def _touches(api: str, wanted: str) -> bool:
    """`numpyro.infer` touches `numpyro.infer.SVI`, and so does the last name alone."""
    name = parse_api(api).name
    return api == wanted or f"{name}.".startswith(f"{wanted}.") or name.rpartition(".")[2] == wanted


@dataclass(frozen=True, kw_only=True)
class Selected:
    """A case with those of its variants that were selected."""

    case: Case
    variants: tuple[Variant, ...]


def select(cases: Sequence[Case], selection: Selection) -> list[Selected]:
    """Keep what the selection names.

    Raises:
        UsageError: it names a case that does not exist, or keeps nothing.
    """
    known = {case.id for case in cases}
    for name in selection.cases:
        if name not in known:
            message = f"there is no case {name!r}; `harness list` shows the {len(known)} case ids."
            raise UsageError(message)
    matches = keyword_matcher(selection.keyword)
    kept = []
    for case in cases:
        if selection.keeps_case(case):
            variants = tuple(v for v in case.variants if matches(f"{case.id} {case.path.stem} {v.name}"))
            if variants:
                kept.append(Selected(case=case, variants=variants))
    if not kept:
        message = f"no variant of {len(cases)} cases matches {selection}; `harness list` shows what there is."
        raise UsageError(message)
    return kept


def keyword_matcher(expression: str | None) -> Callable[[str], bool]:
    """Compile a `-k` expression: substrings, case ignored, joined by and, or, not and brackets as in pytest.

    Raises:
        UsageError: the expression does not parse.
    """
    if not expression:
        return lambda text: True
    tokens = _TOKEN.findall(expression)
    source = " ".join(t if t in _OPERATORS else f"has({t.lower()!r})" for t in tokens)
    try:
        # Python would take the first for a call and the second for a tuple.
        if ") (" in source or "( )" in source:
            raise SyntaxError
        code = compile(source, "-k", "eval")
    except (SyntaxError, RecursionError, MemoryError):
        message = f"-k {expression!r} is not an expression of words, and, or, not and brackets."
        raise UsageError(message) from None

    def matches(text: str) -> bool:
        lowered = text.lower()
        # Every word is quoted above, so the code can call nothing but `has`.
        return bool(eval(code, {"__builtins__": {}, "has": lambda word: word in lowered}))

    return matches
