"""The headers of the corpus against what bisections found: `reports/bisect` is the evidence.

A case that was edited since must be bisected again, with the command that its report names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bisect.answer import HELD, Answer, Change, ChangeKind, Point, ReleaseSearch
from harness.bisect.document import read_answer
from harness.bisect.markdown import answer_markdown
from harness.bisect.publish import INDEX, index_of
from harness.case import Case, Variant
from harness.report.publish import DOCUMENT_NAME, load_document
from harness.verdict import expected_status
from harness.workspace import Workspace

ROOT = Path(__file__).parent.parent
WORKSPACE = Workspace.at(ROOT)
CASES = {case.id: case for case in WORKSPACE.cases}
FILES = sorted((ROOT / "reports" / "bisect").glob("*.json"))
ANSWERS = {path.name: read_answer(path) for path in FILES}


@pytest.fixture(params=list(ANSWERS))
def answer(request) -> Answer:
    return ANSWERS[request.param]


def case_of(answer: Answer) -> Case:
    return CASES[answer.case]


def variant_of(answer: Answer) -> Variant:
    variant = case_of(answer).variant(answer.variant)
    assert variant is not None
    return variant


def searches(answer: Answer) -> Iterator[ReleaseSearch]:
    """The searches over releases: the answer's own, and those of culprits."""
    yield answer.releases
    for change in changes(answer):
        if change.pair is not None:
            yield change.pair


def changes(answer: Answer) -> list[Change]:
    return [*answer.releases.changes, *([answer.drift] if answer.drift else [])]


def measured(answer: Answer) -> Iterator[Point]:
    """Every environment of releases alone; a commit calls itself by the version before it."""
    for search in searches(answer):
        yield from search.points
    if answer.drift is not None:
        yield from (answer.drift.before, answer.drift.after)


def found_commits(answer: Answer, kind: ChangeKind) -> set[str]:
    """The pages of the culprits of a kind of change."""
    return {
        change.commits.culprit.url
        for change in changes(answer)
        if change.kind is kind and change.commits is not None and change.commits.culprit is not None
    }


def first_breaking(answer: Answer) -> set[str]:
    """The first releases of other packages from which on the issue is there."""
    found = set()
    for search in searches(answer):
        is_other = search is not answer.releases or search.held.startswith(HELD)
        for change in search.changes if is_other else ():
            if change.kind is ChangeKind.INTRODUCED and change.is_exact:
                found.add(f"{search.package}=={change.after.name}")
    return found


def test_every_case_that_changes_was_bisected():
    """What fails wherever it was measured has no change to search."""
    cells = load_document(ROOT / "reports" / DOCUMENT_NAME)["cells"]
    right = {cell["case"] for cell in cells if cell["status"] in ("fixed", "rejected")}
    searched = {answer.case for answer in ANSWERS.values() if answer.variant == "failure"}
    assert right <= searched <= set(CASES)


def test_an_answer_is_of_the_case_as_it_is_today(answer):
    assert answer.digest == case_of(answer).digest, f"measure again: {answer.command}"


def test_a_header_says_of_every_measured_environment_what_was_measured(answer):
    config = WORKSPACE.config
    distribution = config.libraries[case_of(answer).library].distribution
    for point in measured(answer):
        if point.reading.label is not None:
            facts = {**dict(point.packages), "python": point.python}
            assert distribution in facts
            expected = expected_status(variant_of(answer), facts).value
            assert point.reading.label == expected, point.environment


def test_the_fix_that_was_found_is_in_the_header(answer):
    assert found_commits(answer, ChangeKind.FIXED) <= set(case_of(answer).fixed_by)


def test_what_was_found_to_introduce_the_issue_is_in_the_header(answer):
    found = first_breaking(answer) | found_commits(answer, ChangeKind.INTRODUCED)
    assert found <= set(case_of(answer).introduced_by)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_a_header_says_to_introduce_the_issue_was_found(case):
    found = set()
    for answer in ANSWERS.values():
        if answer.case == case.id:
            found |= first_breaking(answer) | found_commits(answer, ChangeKind.INTRODUCED)
    assert set(case.introduced_by) == found


UNSEARCHED = {
    "https://github.com/pyro-ppl/numpyro/pull/2245": "no clone at hand has it; first release 0.22.0",
    "https://github.com/pyro-ppl/pyro/pull/3167": "a first part, and 3207 is the rest",
    "https://github.com/pyro-ppl/numpyro/pull/1918": "the tag 0.16.0 has it, and the published file has not",
}
"""Fixes of headers that no search has found, and why."""


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_fix_that_a_header_names_was_found(case):
    found = set()
    for answer in ANSWERS.values():
        if answer.case == case.id:
            found |= found_commits(answer, ChangeKind.FIXED)
    assert set(case.fixed_by) - set(UNSEARCHED) == found


def test_what_no_search_has_found_is_still_in_a_header():
    assert set(UNSEARCHED) <= {url for case in CASES.values() for url in case.fixed_by}


def test_the_pages_are_those_of_the_answers():
    for path in FILES:
        page = path.with_suffix(".md").read_text(encoding="utf-8")
        assert page == answer_markdown(ANSWERS[path.name]), path.name
    folder = ROOT / "reports" / "bisect"
    assert {*(path.with_suffix(".md") for path in FILES), folder / INDEX} == set(folder.glob("*.md"))
    assert (folder / INDEX).read_text(encoding="utf-8") == index_of(folder)
