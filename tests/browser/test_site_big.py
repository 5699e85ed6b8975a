"""300 cases in 60 environments with 3 variants each: everything is there, and nothing lags."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.opening import visit

LAG = 500
"""Milliseconds that are far above the bound of the benchmark: tests run on machines that do other things."""


def test_every_case_and_environment_is_there(open_site, big_site):
    page = open_site(big_site)
    assert page.locator(".shown-count").inner_text() == "300 cases"
    expect(page.locator(".heat-case:visible")).to_have_count(300)
    visit(page, "#/environments")
    assert page.locator("main tbody tr").count() == 60


def test_typing_does_not_lag(open_site, big_site):
    page = open_site(big_site)
    page.locator("#q").press_sequentially("device shape")
    spans = page.evaluate("performance.getEntriesByName('filter').map((each) => each.duration)")
    assert len(spans) == len("device shape")
    assert max(spans) < LAG
    told = page.locator(".shown-count").inner_text()
    expect(page.locator(".heat-case:visible")).to_have_count(int(told.removesuffix(" of 300 cases")))


def test_a_case_and_a_cell_open_at_once(open_site, big_site):
    page = open_site(big_site)
    name = page.evaluate("document.querySelector('.heat-case').dataset.case")
    for address in (f"#/case/{name}", f"#/cell/{name}/failure/jax-0.4.20/cpu", "#/environment/jax-0.4.20"):
        began = page.evaluate("performance.now()")
        visit(page, address)
        assert page.evaluate("performance.now()") - began < 4 * LAG
        assert page.locator("h1").inner_text() != "This page could not be drawn"
    visit(page, "#/")
    expect(page.locator(".heat-case:visible")).to_have_count(300)


def test_a_link_with_state_shows_the_same_cases_as_typing_does(open_site, big_site):
    typed = open_site(big_site)
    typed.locator("#q").press_sequentially("kernel")
    linked = open_site(big_site, "#/?q=kernel")
    count = typed.locator(".shown-count").inner_text()
    assert linked.locator(".shown-count").inner_text() == count
    expect(linked.locator(".heat-case:visible")).to_have_count(int(count.removesuffix(" of 300 cases")))
