"""Filtering: by hand, by address, and back and forth."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.opening import address_of, params_of, visit

ALL = ["torch-3", "torch-4", "toy-1", "toy-2"]


def shown(page) -> list[str]:
    """The cases whose rows can be seen, in their order."""
    rows = "[...document.querySelectorAll('.heat-case')].filter((row) => row.checkVisibility())"
    return page.evaluate(f"{rows}.map((row) => row.dataset.case)")


def chip(page, name, value):
    return page.locator(f".chip:has(input[name={name}][value={value}])")


@pytest.mark.parametrize(
    ("state", "cases"),
    [
        ("", ALL),
        ("q=plate", ["toy-2"]),
        ("q=GRADIENTS+scan", ["torch-3"]),
        ("q=scan+plate", []),
        ("q=toy-1", ["toy-1"]),
        ("library=torch", ["torch-3", "torch-4"]),
        ("library=torch&library=toy", ALL),
        ("kind=drift", ["torch-3"]),
        ("kind=drift&kind=silent", ["torch-3", "toy-2"]),
        ("api=toy.plate", ["toy-2"]),
        ("api=svi", ["toy-2"]),
        ("status=failing", ["torch-3", "toy-1"]),
        ("status=crashed", ["toy-2"]),
        ("status=unsupported&status=fixed", ["torch-3", "toy-1", "toy-2"]),
        ("device=cpu:2", ["toy-1"]),
        ("device=cpu:2&status=fixed", []),
        ("from=torch-2.6.0", ["torch-3"]),
        ("from=torch-2.6.0&status=failing", []),
        ("from=toy-1.0&to=toy-1.2&status=refuted", ["toy-1"]),
        ("from=toy-2.0&status=refuted", []),
        ("to=toy-1.0", ["toy-1", "toy-2"]),
        ("q=shape&library=toy&kind=bug&status=failing", ["toy-1"]),
        ("q=forgets&library=torch", []),
    ],
)
def test_an_address_with_state_shows_just_the_cases_that_it_asks_for(open_site, small_site, state, cases):
    page = open_site(small_site, f"#/?{state}")
    assert shown(page) == cases
    assert page.locator(".empty").is_visible() == (cases == [])


def test_typing_filters_at_once_and_is_kept_in_the_address_without_filling_the_history(open_site, small_site):
    page = open_site(small_site)
    entries = page.evaluate("history.length")
    page.locator("#q").press_sequentially("plate")
    assert shown(page) == ["toy-2"]
    assert params_of(page) == {"q": ["plate"]}
    assert page.evaluate("history.length") == entries
    assert page.locator(".shown-count").inner_text() == "1 of 4 cases"


def test_every_control_of_the_form_filters_and_a_link_with_its_state_shows_the_same(open_site, small_site):
    page = open_site(small_site)
    chip(page, "library", "toy").click()
    assert shown(page) == ["toy-1", "toy-2"]
    chip(page, "status", "failing").click()
    assert shown(page) == ["toy-1"]
    chip(page, "kind", "bug").click()
    page.locator("#api").fill("toy.run")
    page.locator("#device").select_option("cpu:2")
    page.locator("#from").select_option("toy-1.1")
    page.locator("#to").select_option("toy-2.0")
    assert shown(page) == ["toy-1"]
    assert params_of(page) == {
        "library": ["toy"],
        "kind": ["bug"],
        "status": ["failing"],
        "api": ["toy.run"],
        "device": ["cpu:2"],
        "from": ["toy-1.1"],
        "to": ["toy-2.0"],
    }
    state = page.evaluate("Object.fromEntries(new FormData(document.querySelector('form')))")
    other = open_site(small_site, address_of(page))
    assert other.evaluate("Object.fromEntries(new FormData(document.querySelector('form')))") == state
    assert shown(other) == ["toy-1"]


def test_a_range_of_releases_leaves_their_columns_only(open_site, small_site):
    page = open_site(small_site, "#/?library=toy")
    labels = page.locator(".heat:visible .head-label")
    assert labels.count() == 7
    visit(page, "#/?library=toy&from=toy-2.0")
    assert labels.count() == 4


def test_reset_shows_everything_again_and_cleans_the_address(open_site, small_site):
    page = open_site(small_site, "#/?q=plate&library=toy&status=crashed&device=cpu")
    page.locator(".reset").click()
    assert shown(page) == ALL
    assert params_of(page) == {}
    assert page.locator("#q").input_value() == ""


def test_back_and_forward_keep_the_filter(open_site, small_site):
    page = open_site(small_site)
    page.locator("#q").press_sequentially("toy-")
    page.locator("[data-case=toy-2] .row-link").first.click()
    page.wait_for_selector(".page-case")
    page.go_back()
    page.wait_for_selector(".page-overview")
    assert shown(page) == ["toy-1", "toy-2"]
    assert page.locator("#q").input_value() == "toy-"
    page.go_forward()
    page.wait_for_selector(".page-case")
    assert "A plate forgets its size" in page.locator("h1").inner_text()


def test_an_edited_address_filters_anew(open_site, small_site):
    page = open_site(small_site, "#/?q=plate")
    visit(page, "#/?q=scan&library=torch")
    assert shown(page) == ["torch-3"]
    assert page.locator("#q").input_value() == "scan"
    visit(page, "#/")
    assert shown(page) == ALL
    assert page.locator("#q").input_value() == ""


def test_what_is_no_filter_is_told_and_ignored(open_site, small_site):
    page = open_site(small_site, "#/?kind=unheard&colour=red&from=toy-7&view=pie&device=__proto__&q=plate")
    assert shown(page) == ["toy-2"]
    told = page.locator(".notes").inner_text()
    for ignored in ("kind=unheard", "colour=red", "from=toy-7", "view=pie", "device=__proto__"):
        assert ignored in told


def test_how_many_are_shown_is_announced(open_site, small_site):
    page = open_site(small_site)
    page.locator("#q").press_sequentially("scan")
    expect(page.locator("#announce")).to_have_text("1 of 4 cases shown")


def test_a_filter_stays_in_the_table_and_back_in_the_heat_map(open_site, small_site):
    page = open_site(small_site, "#/?q=scan")
    page.locator("[data-view=table]").click()
    assert params_of(page) == {"q": ["scan"], "view": ["table"]}
    assert page.locator(".case-table tbody tr:visible").count() == 1
    page.locator("[data-view='']").click()
    assert shown(page) == ["torch-3"]
