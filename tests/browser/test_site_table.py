"""The table: the same as the heat map, in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.opening import visit

ROWS = """[...document.querySelectorAll(".case-table tbody tr")]
  .filter((row) => row.checkVisibility())
  .map((row) => row.querySelector("th").textContent)"""
SHOWN = """[...document.querySelectorAll(".heat-case")]
  .filter((row) => row.checkVisibility())
  .map((row) => row.dataset.case)"""


@pytest.mark.parametrize(
    "state", ["", "q=scan", "library=toy", "status=failing", "device=cpu", "kind=bug&q=shape"]
)
def test_the_table_has_a_row_for_every_case_that_the_heat_map_shows(open_site, small_site, state):
    page = open_site(small_site, f"#/?{state}")
    cases = page.evaluate(SHOWN)
    visit(page, f"#/?{state}&view=table")
    assert page.evaluate(SHOWN) == []
    assert list(dict.fromkeys(page.evaluate(ROWS))) == cases
    assert cases


def test_the_table_says_in_words_what_the_heat_map_shows(open_site, small_site):
    page = open_site(small_site, "#/?view=table")
    rows = [" ".join(text.split()) for text in page.locator(".case-table tbody tr").all_inner_texts()]
    (own,) = (row for row in rows if row.startswith("toy-1") and " cpu " in row)
    assert "failing 1.0 to 1.2, fixed in 2.0, failing again from 2.1" in own
    assert "1.1 not measured" in own
    assert "toy-2.1" in own
    assert "holds: keep" in own
    (other,) = (row for row in rows if row.startswith("toy-1") and " cpu:2 " in row)
    assert "toy-2.0" in other


def test_every_cell_of_the_table_has_a_heading(open_site, small_site):
    page = open_site(small_site, "#/?view=table")
    heads = page.locator(".case-table thead th[scope=col]").count()
    assert heads >= 6
    for row in page.locator(".case-table tbody tr").all():
        assert row.locator("th[scope=row]").count() == 1
        assert row.locator("th, td").count() == heads


def test_the_big_table_has_every_case(open_site, big_site):
    page = open_site(big_site, "#/?view=table")
    expect(page.locator(".case-table tbody tr:visible")).to_have_count(300)
    assert len(set(page.evaluate(ROWS))) == 300
