"""The keyboard: everything that the list of keys promises."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.opening import address_of


@pytest.fixture
def page(open_site, small_site):
    return open_site(small_site)


def row_in_use(page):
    return page.evaluate("document.activeElement.closest('[data-case]')?.dataset.case ?? null")


def test_a_slash_leads_to_the_search_and_is_not_typed(page):
    page.keyboard.press("/")
    page.keyboard.type("a/b")
    assert page.locator("#q").input_value() == "a/b"


def test_a_slash_on_another_page_leads_to_the_overview(open_site, small_site):
    page = open_site(small_site, "#/case/toy-1")
    page.keyboard.press("/")
    page.wait_for_selector(".page-overview")


def test_j_and_k_walk_along_the_cases_and_stop_at_the_ends(page):
    seen = []
    for key in "jjjjjkkkkk":
        page.keyboard.press(key)
        seen.append(row_in_use(page))
    assert seen == [
        "torch-3", "torch-4", "toy-1", "toy-2", "toy-2", "toy-1", "torch-4", "torch-3", "torch-3", "torch-3",
    ]  # fmt: skip


def test_keys_pass_over_rows_that_are_filtered_away(open_site, small_site):
    page = open_site(small_site, "#/?status=failing")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert row_in_use(page) == "toy-1"


def test_arrows_mark_a_cell_which_is_announced_and_enter_opens_it(page):
    for key in ("j", "j", "j", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".cursor")).to_be_visible()
    expect(page.locator("#announce")).to_contain_text("2.0")
    expect(page.locator("#announce")).to_contain_text("fixed")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#announce")).to_contain_text("1.2")
    page.keyboard.press("Enter")
    page.wait_for_selector(".page-cell")
    assert address_of(page) == "#/cell/toy-1/failure/toy-1.2/cpu"


def test_enter_on_a_row_opens_its_case(page):
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".page-case")
    assert address_of(page) == "#/case/torch-3"


def test_escape_unmarks_the_cell(page):
    for key in ("j", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    assert page.locator(".cursor").count() == 0


def test_escape_empties_the_search(page):
    page.keyboard.press("/")
    page.keyboard.type("plate")
    page.keyboard.press("Escape")
    assert page.locator("#q").input_value() == ""
    assert page.locator(".heat-case:visible").count() == 4


def test_o_opens_and_shuts_the_remedies_of_a_row(page):
    for key in ("j", "j", "j", "o"):
        page.keyboard.press(key)
    expect(page.locator("[data-case=toy-1] .remedies")).to_be_visible()
    page.keyboard.press("o")
    expect(page.locator("[data-case=toy-1] .remedies")).to_be_hidden()


def test_a_question_mark_shows_the_keys_and_escape_shuts_them(page):
    page.keyboard.press("?")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    for key in ("/", "j, k", "Enter", "Escape", "?"):
        assert key in dialog.inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


@pytest.mark.parametrize("key", ["j", "t", "?", "o"])
def test_a_letter_in_a_field_is_typed_and_does_nothing_else(page, key):
    page.locator("#api").focus()
    page.keyboard.press(key)
    assert page.locator("#api").input_value() == key
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("document.documentElement.dataset.theme ?? null") is None


def test_keys_with_control_stay_with_the_browser(page):
    page.keyboard.press("Control+j")
    assert row_in_use(page) is None


def test_every_control_can_be_reached_with_the_tab_key(page):
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.name"
            )
        )
    assert {"skip-link", "theme", "q", "api", "device", "from", "to", "view", "chip-box"} <= seen
