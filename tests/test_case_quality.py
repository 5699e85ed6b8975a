"""What the corpus promises of its cases, over the real ones and what the committed report says of them."""

from __future__ import annotations

import ast
import tokenize
from collections import defaultdict
from pathlib import Path
from statistics import median

import pytest

from harness.case import Case
from harness.report.publish import DOCUMENT_NAME, load_document
from harness.workspace import Workspace

ROOT = Path(__file__).parent.parent
CASES = {case.id: case for case in Workspace.at(ROOT).cases}
SECONDS = [
    cell["seconds"]
    for cell in load_document(ROOT / "reports" / DOCUMENT_NAME)["cells"]
    if cell["seconds"] is not None
]
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request) -> Case:
    return request.param


def tree(case: Case) -> ast.Module:
    return ast.parse(case.path.read_text(encoding="utf-8"))


def lines_of_code(case: Case) -> int:
    """Lines with code: neither header, comments, docstrings nor blank lines."""
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    docstrings = {
        line
        for node in ast.walk(tree(case))
        if isinstance(node, documented) and ast.get_docstring(node) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    with case.path.open("rb") as file:
        tokens = [token for token in tokenize.tokenize(file.readline) if token.type not in _NO_CODE]
    spans = (range(token.start[0], token.end[0] + 1) for token in tokens[1:-1])
    return len({line for span in spans for line in span} - docstrings)


def test_a_title_is_one_short_sentence(case):
    assert case.title.endswith(".")
    assert len(case.title) <= 100
    assert "\n" not in case.title


def test_a_file_is_named_by_number_and_words(case):
    number, _, words = case.path.stem.partition("_")
    assert number == str(case.number)
    assert words.replace("_", "").isalnum()
    assert words == words.lower()


def test_half_of_the_cases_have_fewer_than_thirty_lines_of_code():
    assert median(lines_of_code(case) for case in CASES.values()) < 30


def test_no_two_cases_share_a_helper_of_more_than_three_statements():
    """The smallest models are bound to be alike."""
    found = defaultdict(list)
    for case in CASES.values():
        for node in tree(case).body:
            if isinstance(node, ast.FunctionDef):
                body = node.body[ast.get_docstring(node) is not None :]
                if len(body) > 3:
                    found["".join(map(ast.dump, body))].append(f"{case.id} {node.name}")
    assert [names for names in found.values() if len(names) > 1] == []


def test_variants_are_quick():
    assert median(SECONDS) < 1.5
    assert max(SECONDS) < 20
