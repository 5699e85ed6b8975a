"""The pages: what a case, a cell and an environment tell, and how one gets there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.opening import address_of, visit
from browser.sites import LOG, SHAPE, TRACEBACK


def words(page) -> str:
    return " ".join(page.locator("main").inner_text().split())


def test_a_row_opens_its_case_which_tells_the_issue_in_one_sentence(open_site, small_site):
    page = open_site(small_site)
    page.locator("[data-case=toy-1] .row-link").first.click()
    page.wait_for_selector(".page-case")
    assert address_of(page) == "#/case/toy-1"
    assert "The shape is kept." in page.locator("h1").inner_text()
    assert page.title().startswith("toy-1: The shape is kept.")
    issue = page.locator(f"main a[href='{SHAPE.issue}']").first
    assert issue.get_attribute("rel") == "noreferrer noopener"
    assert page.locator(f"main a[href='{SHAPE.fixed_by[0]}']").count() > 0
    assert "ValueError" in words(page)
    assert "shapes disagree" in words(page)


def test_a_case_tells_its_intervals_also_broken_again(open_site, small_site):
    told = words(open_site(small_site, "#/case/toy-1"))
    assert "failing 1.0 to 1.2" in told
    assert "failing again from 2.1" in told
    assert "> 1.2, <= 2.0" in told


def test_a_change_that_may_be_in_one_of_several_releases_has_its_bounds(open_site, small_site):
    told = words(open_site(small_site, "#/case/torch-3"))
    assert "> 2.5.1, <= 2.6.0" in told
    assert "2.5.2" in told


def test_devices_stand_side_by_side_and_their_disagreement_is_marked(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    table = page.locator(".part-devices table")
    heads = table.locator("thead th").all_inner_texts()
    assert {"cpu", "cpu:2"} <= {head.lower() for head in heads}
    apart = table.locator("tr", has=page.locator(".disagreement"))
    assert apart.count() == 1
    assert "toy-2.0" in apart.inner_text()
    assert "fixed" in apart.inner_text()
    assert "failing" in apart.inner_text()


def test_what_bisect_found_is_told_with_the_commit(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    found = page.locator(".part-bisect")
    assert "cccccccccc" in found.inner_text()
    assert "Keep the shape (#7)" in found.inner_text()
    assert found.locator("a[href='https://github.com/toy/toy/pull/7']").count() > 0
    assert found.locator("a[href='bisect/toy-1.failure.md']").count() == 1


def test_inferred_and_unexpected_cells_are_marked_on_the_time_line(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    stops = page.locator(".part-timeline figure").first.locator("a")
    marks = [stop.locator(".mark").get_attribute("class") for stop in stops.all()]
    assert [("mark-inferred" in mark, "mark-unexpected" in mark) for mark in marks] == [
        (False, False), (True, False), (False, False), (False, False), (False, True),
    ]  # fmt: skip


def test_remedies_are_told_by_what_became_of_them(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    groups = page.locator(".remedy-group")
    assert groups.count() == 2
    assert "keep" in groups.nth(0).inner_text()
    assert "mask" in groups.nth(1).inner_text()
    assert "refuted 1.0 to 1.2" in " ".join(groups.nth(1).inner_text().split())


def test_a_deprecation_warning_has_the_release_that_drew_it_first(open_site, small_site):
    told = open_site(small_site, "#/case/toy-1").locator(".part-deprecations").inner_text()
    assert "toy.run goes with toy 3" in told
    assert "toy-1.0" in told


def test_the_source_is_the_file_to_the_letter_and_highlighted(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    text = page.locator(".part-source pre code").evaluate("(code) => code.textContent")
    assert text.rstrip("\n") == SHAPE.text.rstrip("\n")
    listing = page.locator(".part-source pre")
    colours = "(element) => [...element.querySelectorAll('span')].map((each) => getComputedStyle(each).color)"
    assert len(set(listing.evaluate(colours))) >= 4


def test_a_case_has_the_two_commands_that_reproduce_it(open_site, small_site):
    told = words(open_site(small_site, "#/case/toy-1"))
    assert "uv run " in told
    assert "harness run toy-1 --env toy-2.1" in told


def test_a_cell_of_the_time_line_opens_its_evidence(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    page.locator("a[href='#/cell/toy-1/failure/toy-1.0/cpu']").first.click()
    page.wait_for_selector(".page-cell")
    told = page.locator("main").inner_text()
    assert TRACEBACK in told
    assert LOG in told
    for known in ("2025-05-01 10:00:00 UTC", "linux-x86_64", "cpu x 1", "1.25 s", "3.11.7", "float32"):
        assert known in told
    rows = [" ".join(row.split()) for row in page.locator(".part-versions tbody tr").all_inner_texts()]
    assert "toy 1.0 2.0.1 another version" in rows
    assert "extra not requested 9 not requested" in rows


def test_a_heat_map_cell_opens_its_evidence(open_site, small_site):
    page = open_site(small_site, "#/?library=toy")
    strip = page.locator("[data-case=toy-1] .strip").first
    width, height = strip.evaluate("(element) => [element.offsetWidth, element.offsetHeight]")
    strip.click(position={"x": width * 0.9, "y": height / 2})
    page.wait_for_selector(".page-cell")
    assert address_of(page) == "#/cell/toy-1/failure/toy-2.1/cpu"


def test_a_cell_that_is_not_as_the_case_says_is_marked_so(open_site, small_site):
    page = open_site(small_site, "#/cell/toy-1/failure/toy-2.1/cpu")
    banner = page.locator(".banner-unexpected")
    assert "Not as the case says" in banner.inner_text()
    visit(page, "#/cell/toy-1/failure/toy-2.0/cpu")
    assert page.locator(".banner-unexpected").count() == 0


def test_a_cell_that_was_not_measured_says_what_is_inferred_and_how_to_measure_it(open_site, small_site):
    page = open_site(small_site, "#/cell/toy-1/failure/toy-1.1/cpu")
    told = words(page)
    assert "Not measured" in told
    assert "Inferred to be failing" in told
    assert "harness matrix --case toy-1 --env toy-1.1" in told


def test_an_environment_tells_its_versions_what_fails_and_what_changed(open_site, small_site):
    page = open_site(small_site, "#/environments")
    page.locator("main a", has_text="toy-2.1").first.click()
    page.wait_for_selector(".page-environment")
    told = words(page)
    assert "2025-01-15" in told
    assert "toy-2.0" in told
    assert "toy 2.0 2.1 changed" in told
    fails = page.locator(".part-fails")
    assert "toy-1" in fails.inner_text()
    assert "toy-2 " not in fails.inner_text()


def test_about_has_the_legend_and_the_feeds(open_site, small_site):
    page = open_site(small_site, "#/about")
    told = words(page)
    for status in ("failing", "fixed", "rejected", "works", "refuted", "changed", "timeout", "crashed"):
        assert status in told
    assert page.locator("a[href='compatibility.json']").count() == 1


def test_the_overview_tells_what_changed_since_the_last_report(open_site, small_site):
    page = open_site(small_site)
    changes = page.locator(".changes")
    changes.locator("summary").click()
    told = " ".join(changes.inner_text().split())
    assert "2026-11-20" in told
    for name in ("torch-4", "toy-99", "toy-2.1", "toy-1"):
        assert name in told


@pytest.mark.parametrize(
    "address",
    [
        "#/nowhere",
        "#/case/toy-99",
        "#/case",
        "#/cell/toy-1",
        "#/cell/toy-1/fix_none/toy-1.0/cpu",
        "#/cell/toy-1/failure/toy-9.9/cpu",
        "#/environment/toy-9.9",
        "#/environment/constructor",
        "#/case/__proto__",
        "#/case/%E0%A4%A",
        "#/case/<img src=x onerror=alert(1)>",
        "#/constructor",
        "#/__proto__",
        "#/hasOwnProperty/x",
    ],
)
def test_an_unknown_address_says_so_and_leads_to_the_cases(open_site, small_site, address):
    page = open_site(small_site, address)
    assert page.locator("h1").inner_text() == "Nothing of this name"
    page.locator("main a[href='#/']").click()
    page.wait_for_selector(".page-overview")


@pytest.mark.parametrize("device", ["cuda", "__proto__", "constructor"])
def test_a_cell_on_a_device_that_nobody_used_is_not_measured(open_site, small_site, device):
    page = open_site(small_site, f"#/cell/toy-1/failure/toy-1.0/{device}")
    assert page.locator("h1").inner_text() == "Nothing of this name" or "Not measured" in words(page)


def test_the_heading_takes_the_focus_of_a_page_that_was_gone_to(open_site, small_site):
    page = open_site(small_site)
    visit(page, "#/case/toy-1")
    assert page.evaluate("document.activeElement.tagName") == "H1"


def test_going_back_returns_to_where_the_page_was_scrolled(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    link = page.locator(".part-cells a[href='#/cell/toy-1/failure/toy-1.0/cpu']").first
    link.scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    assert scrolled > 500
    link.click()
    page.wait_for_selector(".page-cell")
    assert page.evaluate("scrollY") == 0
    page.go_back()
    page.wait_for_selector(".page-case")
    page.wait_for_selector("html[data-ready=true]", state="attached")
    assert abs(page.evaluate("scrollY") - scrolled) < 5


def test_the_skip_link_leads_to_the_content_and_not_away_from_the_page(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert "The shape is kept." in page.locator("h1").inner_text()


def test_the_page_in_use_is_marked_in_the_navigation(open_site, small_site):
    page = open_site(small_site)
    for address, name in (
        ("#/", "Cases"),
        ("#/case/toy-1", "Cases"),
        ("#/environment/toy-1.0", "Environments"),
    ):
        visit(page, address)
        assert page.locator("nav a[aria-current=page]").first.inner_text() == name
