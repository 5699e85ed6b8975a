from __future__ import annotations

import pytest
from report_results import by_id, release, row, toy_case, toy_config

from harness.report.counts import counts
from harness.report.document import build_document
from harness.report.readme import readme_part, readme_table
from harness.verdict import Status

ONE, TWO = toy_case(1), toy_case(2, failing="toy")
OTHER = toy_case(3, library="jax")
OLD, NEW = release("1.0"), release("2.0")
JAX = release("9.0", library="jax", id="jax-9.0", packages={"jax": "9.0"})


def numbers(*rows):
    """The rows of the table after the names of libraries, and the sentence."""
    document = build_document([ONE, TWO, OTHER], rows, by_id(OLD, NEW, JAX), toy_config())
    lines = counts(document).splitlines()
    table = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line[:1] == "|"]
    return {line[0].strip(): [int(cell) for cell in line[1:]] for line in table[2:]}, lines[-1]


def test_a_case_fails_in_the_newest_release_only_if_it_does_there():
    table, _ = numbers(
        row(ONE, OLD, Status.FAILING),
        row(ONE, NEW, Status.FIXED),
        row(TWO, OLD, Status.FAILING),
        row(TWO, NEW, Status.FAILING),
        row(OTHER, JAX, Status.FAILING),
    )
    assert table["toy"][:4] == [2, 1, 2, 4]
    assert table["jax"][:4] == [1, 1, 1, 1]
    assert table["all"][:4] == [3, 2, 3, 5]


def test_no_evidence_is_neither_a_cell_nor_a_release():
    table, _ = numbers(row(ONE, OLD, Status.FAILING), row(ONE, NEW, Status.UNBUILDABLE))
    assert table["toy"][:4] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        ([Status.WORKS, Status.WORKS], [1, 0, 0]),
        ([Status.WORKS, Status.UNBUILDABLE], [1, 0, 0]),
        ([Status.REFUTED, Status.WORKS], [0, 1, 0]),
        ([Status.REFUTED, Status.REFUTED], [0, 0, 1]),
    ],
)
def test_documented_remedies_are_told_apart_from_others(keep, told):
    cells = [row(ONE, place, status, "fix_keep") for place, status in zip((OLD, NEW), keep, strict=True)]
    mask = [row(ONE, OLD, Status.REFUTED, "fix_mask"), row(ONE, NEW, Status.WORKS, "fix_mask")]
    table, sentence = numbers(*cells, *mask)
    assert table["toy"][4:] == [*told, 0, 1, 0]
    holds, in_part, refuted = told
    assert sentence == (
        f"Documented remedies: {holds} hold wherever they were measured, {in_part} in some releases only, "
        f"{refuted} in none, 2 undecided."
    )


def test_the_part_of_the_readme_has_the_counts_and_every_case():
    document = build_document([ONE], [row(ONE, OLD, Status.FAILING)], by_id(OLD), toy_config())
    part = readme_part(document)
    assert counts(document) in part
    assert readme_table(document) in part
