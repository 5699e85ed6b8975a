"""Text from people who mean harm: it is shown, it does not run, and it breaks nothing."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hostile_results import MARKUP, NAMES, hostile_results

from browser.opening import visit

CASES, RECORDS, ROWS = hostile_results()
ODD_ID = RECORDS[3].id
PAGES = [
    "#/",
    "#/?view=table",
    "#/case/toy-1",
    *(f"#/case/{case.id}" for case in CASES[2:]),
    *(
        f"#/cell/{row.cell.case}/{row.cell.variant}/{quote(row.cell.environment, safe='')}/{row.cell.device}"
        for row in ROWS[:7]
    ),
    "#/environments",
    *(f"#/environment/{quote(record.id, safe='')}" for record in RECORDS),
    "#/about",
]
_FOREIGN = """(() => {
  const names = "script style iframe svg object embed video base meta link template form[action]".split(" ");
  const images = "img:not([src^='data:image/svg+xml;base64,'])";
  const found = document.querySelectorAll([...names, images].map((name) => `main ${name}`).join(","));
  return [...found].map((element) => element.outerHTML.slice(0, 200));
})()"""
_HANDLERS = """[...document.querySelectorAll("*")].flatMap((element) => element.getAttributeNames())
  .filter((name) => name.startsWith("on") || name === "srcdoc" || name === "autofocus")"""
_ADDRESSES = """[...document.querySelectorAll("[href], [src]")]
  .map((element) => element.getAttribute("href") ?? element.getAttribute("src"))
  .filter((address) => !/^(#|https:\\/\\/example\\.org\\/|data:image\\/svg|data:,$)/.test(address))
  .filter((address) => !/^[a-zA-Z][\\w.-]*(\\/[\\w.+-]*)?$/.test(address))"""


def test_no_page_runs_or_asks_for_anything_and_every_page_is_drawn(open_site, hostile_site):
    page = open_site(hostile_site)
    for address in PAGES:
        visit(page, address)
        heading = page.locator("h1").inner_text()
        told = page.locator("main").inner_text()[:300]
        assert heading not in {"This page could not be drawn", "Nothing of this name"}, (address, told)
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        assert page.evaluate("window.hacked === undefined")
        assert page.evaluate(_FOREIGN) == []
        assert page.evaluate(_HANDLERS) == []
        assert page.evaluate(_ADDRESSES) == []
        assert page.evaluate(
            "document.body.checkVisibility() && getComputedStyle(document.body).display !== 'none'"
        )


def test_markup_is_shown_as_it_was_written(open_site, hostile_site):
    page = open_site(hostile_site, "#/cell/toy-1/failure/toy-1.0/cpu")
    told = page.locator("main").evaluate("(main) => main.textContent")
    for text in MARKUP:
        assert text in told


def test_titles_are_shown_as_they_were_written(open_site, hostile_site):
    page = open_site(hostile_site)
    told = page.locator("main").evaluate("(main) => main.textContent")
    for case in CASES[2:9]:
        assert " ".join(case.title.split()) in told


def test_codes_of_a_terminal_and_invisible_characters_are_gone(open_site, hostile_site):
    page = open_site(hostile_site)
    for address in PAGES[:4] + PAGES[-8:]:
        visit(page, address)
        told = page.locator("main").evaluate("(main) => main.textContent") + page.title()
        found = {character for character in told if character in "\x1b\x00\x07\x08\x7f\u202e\u2066\u200f"}
        assert found == set(), (address, found)


def test_names_that_objects_of_javascript_have_are_names_like_others(open_site, hostile_site):
    page = open_site(hostile_site, "#/environment/toy-1.0")
    told = page.locator("main").evaluate("(main) => main.textContent")
    for name in NAMES:
        assert name in told
    assert "native code" not in told
    visit(page, "#/environment/toy-1.1")
    told = page.locator("main").evaluate("(main) => main.textContent")
    assert "native code" not in told
    for name in NAMES:
        assert name in told, "a package that the environment before it had"


def test_a_case_whose_address_would_run_is_not_linked(open_site, hostile_site):
    page = open_site(hostile_site, "#/case/toy-1")
    told = page.locator("main").inner_text()
    assert "javascript:alert(1)" in told
    assert page.locator("a", has_text="javascript:alert(1)").count() == 0


def test_what_bisect_found_is_not_linked_where_its_address_would_run(open_site, hostile_site):
    found = open_site(hostile_site, "#/case/toy-1").locator(".part-bisect")
    assert "<iframe srcdoc=" in found.evaluate("(part) => part.textContent")
    assert found.locator("a[href]").count() == 0


def test_an_environment_with_an_odd_name_has_its_page(open_site, hostile_site):
    page = open_site(hostile_site, "#/environments")
    page.locator("main a", has_text="odd/../id").first.click()
    page.wait_for_selector(".page-environment")
    assert ODD_ID in page.locator("h1").evaluate("(heading) => heading.textContent")


@pytest.mark.parametrize("environment", ["toy-1.1", "toy-1.2"])
def test_a_line_of_a_million_characters_and_a_log_of_ten_million_are_cut_and_drawn_at_once(
    open_site, hostile_site, environment
):
    assert hostile_site.stat().st_size < 1_000_000
    page = open_site(hostile_site)
    began = page.evaluate("performance.now()")
    visit(page, f"#/cell/toy-1/failure/{environment}/cpu")
    assert page.evaluate("performance.now()") - began < 3000
    told = page.locator("main").evaluate("(main) => main.textContent")
    assert "characters left out" in told
    assert len(told) < 100_000


def test_text_that_turns_the_order_of_others_does_not_turn_what_is_around_it(open_site, hostile_site):
    page = open_site(hostile_site, "#/case/toy-1")
    source = page.locator(".part-source").evaluate("(part) => part.textContent")
    assert "\\u202e" in source
    assert "\u202e" not in source


def test_a_filter_takes_hostile_text_from_the_address(open_site, hostile_site):
    page = open_site(
        hostile_site, f"#/?q={quote(MARKUP[2])}&kind={quote(MARKUP[0])}&__proto__=x&constructor=y"
    )
    assert page.locator("#q").input_value() == MARKUP[2]
    assert page.evaluate(_FOREIGN) == []


def test_the_heat_map_can_be_read_beside_long_names(open_site, hostile_site):
    page = open_site(hostile_site)
    head = page.locator(".heat-head:visible").first.bounding_box()
    assert head["height"] < 400
    assert page.locator("[data-case=toy-9] .row-link").first.is_visible()
