"""Single values of a header are changed, and everything else stays byte for byte."""

from __future__ import annotations

import pytest
from toy.cases import HEADER, case_text, edited

from harness.admit.rewriting import rewritten
from harness.errors import UsageError

TEXT = case_text()
FAILING = {("failure", "failing"): '["toy>=3"]'}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["toy<2"]', '["toy>=3"]'),
        (
            '["toy<2"]      # measured, and "quoted" # twice',
            '["toy>=3"]      # measured, and "quoted" # twice',
        ),
        ('"toy<2"', '["toy>=3"]'),
        ('[\n    "toy<2",\n    "toy>1",\n]', '["toy>=3"]'),
        ('[["toy<2"], ["toy>5"]]', '["toy>=3"]'),
        ("[]", '["toy>=3"]'),
    ],
)
def test_a_value_is_replaced_and_what_is_said_behind_it_stays(old, new):
    before = case_text(edited('["toy<2"]', old))
    assert rewritten(before, FAILING) == case_text(edited('["toy<2"]', new))


def test_a_key_of_another_table_stays():
    refuted = edited(
        'source = "documented"', 'source = "documented"\nrefuted = ["toy<2"]\nraises = "E"\nmatch = "m"'
    )
    text = case_text(refuted)
    assert rewritten(text, {("fix.pin", "refuted"): '["toy"]'}) == edited(
        'refuted = ["toy<2"]', 'refuted = ["toy"]', text
    )


def test_what_is_missing_comes_after_the_issue_in_the_order_of_the_guide():
    origins = {("", "fixed-by"): '["F"]', ("", "introduced-by"): '["I"]'}
    issue = 'issue = "https://example.org/toy/issues/7"\n'
    expected = case_text(edited(issue, f'{issue}introduced-by = ["I"]\nfixed-by = ["F"]\n'))
    assert rewritten(TEXT, origins) == expected
    assert rewritten(TEXT, dict(reversed(origins.items()))) == expected


def test_an_issue_over_several_lines_is_passed_as_a_whole():
    text = case_text(edited('"https://example.org/toy/issues/7"', '"""\nhttps://example.org"""'))
    assert 'https://example.org"""\n# fixed-by = ["F"]\n# kind' in rewritten(
        text, {("", "fixed-by"): '["F"]'}
    )


def test_line_ends_and_code_stay_as_they_are():
    text = (
        TEXT + '\nX = """\n# /// script\n# [tool.case.failure]\n# failing = ["toy<2"]\n# ///\n"""'
    ).replace("\n", "\r\n")
    assert rewritten(text, FAILING) == text.replace('["toy<2"]', '["toy>=3"]', 1)


def test_a_key_in_a_text_before_the_header_is_no_key():
    text = '# failing = ["toy<2"]\n' + TEXT
    assert rewritten(text, FAILING) == '# failing = ["toy<2"]\n' + rewritten(TEXT, FAILING)


def test_nothing_to_write_changes_nothing():
    assert rewritten(TEXT, {}) == TEXT


@pytest.mark.parametrize(
    "header",
    [
        edited('["toy<2"]', '[\n  "toy<2",  # why\n]'),
        edited('failing = ["toy<2"]', ""),
        edited(
            "[tool.case.failure]",
            "[tool.case]\nfailure.failing = ['toy<2']",
            edited('failing = ["toy<2"]\n', ""),
        ),
        edited('match = "shapes disagree"', 'match = """\n[tool.case.failure]\nfailing = ["a"]\n"""'),
    ],
)
def test_what_cannot_be_changed_alone_is_refused_with_what_to_write(header):
    with pytest.raises(UsageError) as error:
        rewritten(case_text(header), FAILING)
    assert str(error.value) == (
        'failing cannot be changed without touching other lines; write failing = ["toy>=3"] yourself.'
    )


def test_the_header_of_the_tests_is_what_is_changed():
    assert HEADER.count('failing = ["toy<2"]') == 1
