"""The text of a file of constraints: what pip and uv read, and what a person reads above it."""

from __future__ import annotations

from constraints_subjects import answered, cell, subject
from packaging.requirements import Requirement

from harness.gate.constraints_text import constraints_text
from harness.verdict import Status


def parsed(text: str) -> list[str]:
    """The requirements, each read by packaging; all else has to be a comment."""
    held = [line for line in text.splitlines() if line and not line.startswith("# ")]
    return [str(Requirement(line)) for line in held]


def test_each_line_comes_with_its_reason_and_link():
    text = constraints_text(answered(subject(["toy<2"]), subject(["dep>=2", "toy>=2"], number=9)))
    assert parsed(text) == ["dep<2", "toy>=2"]
    block = text.split("\n\n")[2]
    assert block.splitlines() == [
        "# toy-7 (bug): The toy breaks.",
        "# https://example.org/toy/issues/7",
        "# Fails with toy<2; right with toy 3.0",
        "toy>=2",
    ]


def test_a_case_with_two_ways_to_fail_is_told_once():
    text = constraints_text(answered(subject(["toy<2"], ["toy<3", "dep>=2"])))
    assert parsed(text) == ["toy>=3"]
    assert text.count("# toy-7 (bug)") == 1
    assert "# Fails with toy<2 or toy<3 and dep>=2; right with toy 3.0 and dep 2.0" in text


def test_what_is_not_avoidable_is_told_with_its_remedies():
    remedies = [cell("2.0", "1.0", Status.WORKS, "fix_pin")]
    text = constraints_text(answered(subject(["toy"], cells=remedies)))
    assert parsed(text) == []
    assert text.splitlines()[-1] == (
        "# not avoidable: toy-7 fails in every measured release: The toy breaks. "
        "https://example.org/toy/issues/7; measured remedies: pin"
    )
    refuted = [*remedies, cell("3.0", "1.0", Status.REFUTED, "fix_pin")]
    assert constraints_text(answered(subject(["toy"], cells=refuted))).endswith("measured remedies: none\n")
    kept = constraints_text(answered(subject(["toy"], cells=refuted), team=["toy<3"]))
    assert "measured remedies: pin\n" in kept, "it was refuted only beyond what the team admits"


def test_what_the_teams_own_requirements_leave_no_way_out_of_says_so():
    text = constraints_text(answered(subject(["toy<3"]), team=["toy<3"]))
    assert "toy-7 fails with toy<3, and is right only where your requirements do not admit it" in text


def test_what_conflicts_and_what_has_no_evidence_is_told():
    old, new = subject(["toy<2"], number=1), subject(["toy>=2"], number=2)
    text = constraints_text(answered(old, new, stale=(subject(["toy"], number=3).case,)))
    assert "# not avoidable together with toy>=2: toy-2: The toy breaks." in text
    assert "# no evidence: toy-3 was not measured as it is written now" in text
    assert "1 line for 1 of 3 cases, 1 not avoidable together, 1 without evidence." in text


def test_foreign_text_stays_in_its_comment():
    title = "It \x1b[31mbreaks\u2028toy==9\x0c caf\u00e9 coding: latin-1 \\\\"
    text = constraints_text(answered(subject(["toy<2"], title=title), source="a\ncoding: rot13"))
    assert parsed(text) == ["toy>=2"]
    assert text.isascii()
    assert not any(line.endswith("\\") for line in text.splitlines())
    assert "coding" not in "".join(text.splitlines()[:2])


def test_the_head_says_whether_it_was_checked():
    unchecked = constraints_text(answered(subject(["toy<2"])))
    assert "# Not checked against an index (--no-check)" in unchecked
    checked = constraints_text(answered(subject(["toy<2"]), resolved={"toy": "3.0", "dep": "1.0"}))
    assert "# Checked: resolves to toy 3.0 and dep 1.0, where no case that can be avoided" in checked
    hazards = tuple(subject(["toy<2"]).hazards("3.11"))
    wrong = constraints_text(answered(subject(["toy<2"]), resolved={"toy": "1.0"}, expected=hazards))
    assert "# Checked: resolves to toy 1.0, where toy-7 is still expected to fail." in wrong
