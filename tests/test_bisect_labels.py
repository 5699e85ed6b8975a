"""What a status says to a search: one of two sides, or nothing."""

from __future__ import annotations

from harness.bisect.labels import FAILS, PASSES, is_bad, label_of
from harness.verdict import Status


def test_only_the_issue_and_its_absence_have_a_label():
    assert {status: label_of(status) for status in Status if label_of(status)} == {
        Status.FAILING: "failing",
        Status.FIXED: "fixed",
        Status.REJECTED: "rejected",
        Status.WORKS: "works",
        Status.REFUTED: "refuted",
    }


def test_what_is_neither_the_issue_nor_its_absence_is_unknown():
    unknown = {status.value for status in Status if label_of(status) is None}
    assert unknown == {
        "changed",
        "timeout",
        "crashed",
        "unsupported",
        "unbuildable",
        "unimportable",
        "invalid",
    }


def test_bad_is_the_issue_a_refuted_remedy_and_a_command_that_fails():
    labels = [label for status in Status if (label := label_of(status))] + [PASSES, FAILS]
    assert [label for label in labels if is_bad(label)] == ["failing", "refuted", "fails"]
