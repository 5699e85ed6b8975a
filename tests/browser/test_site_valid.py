"""HTML validates, and an automatic check of accessibility finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.opening import visit
from browser.test_site_look import PAGES
from browser.tools import HERE, validate

CONFIG = HERE / "htmlvalidate.mjs"
SMALL = {name: address for name, address in PAGES.items() if name != "unknown"}


@pytest.fixture
def checked(node_modules):
    """`checked(paths)`: what html-validate finds in files."""
    return lambda *paths: validate(CONFIG, paths)


def test_the_checker_of_html_finds_a_mistake(checked, tmp_path):
    path = tmp_path / "wrong.html"
    path.write_text(
        "<!DOCTYPE html>\n<html lang=en><head><title>x</title></head><body><p><div></p></body></html>\n"
    )
    assert "element-permitted-content" in checked(path) or "close-order" in checked(path)


def test_the_file_is_valid_html(checked, small_site, hostile_site):
    assert checked(small_site, hostile_site) == ""


def test_every_page_is_valid_html_as_it_is_drawn(checked, open_site, small_site, tmp_path):
    page = open_site(small_site)
    paths = []
    for name, address in PAGES.items():
        visit(page, address)
        paths.append(_drawn(page, tmp_path / f"{name}.html"))
    visit(page, "#/")
    page.keyboard.press("?")
    paths.append(_drawn(page, tmp_path / "keys.html"))
    assert checked(*paths) == ""


def _drawn(page, path: Path) -> Path:
    """The page as it stands, without the data in it, which is checked with the file.

    Attributes for style are those that scripts set by property: in the file the policy would refuse them.
    """
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.evaluate("document.querySelectorAll('.opener[aria-expanded=false]').forEach((each) => each.click())")
    text = page.evaluate(
        """() => {
          const copy = document.documentElement.cloneNode(true);
          copy.querySelectorAll("script, style").forEach((each) => each.remove());
          for (const each of [copy, ...copy.querySelectorAll("[style]")]) each.removeAttribute("style");
          return copy.outerHTML;
        }"""
    )
    path.write_text(f"<!DOCTYPE html>\n{text}\n", encoding="utf-8")
    return path


def test_the_check_of_accessibility_finds_a_mistake(open_site, small_site, violations):
    page = open_site(small_site)
    page.evaluate("document.querySelector('#theme').replaceChildren()")
    page.evaluate("document.querySelector('.counts').style.setProperty('color', 'rgb(240, 240, 240)')")
    found = "\n".join(violations(page))
    assert "color-contrast" in found
    assert "button-name" in found


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_no_page_violates_a_rule_of_accessibility(open_site, small_site, violations, scheme, width):
    page = open_site(small_site, color_scheme=scheme, viewport={"width": width, "height": 900})
    found = {}
    for name, address in SMALL.items():
        visit(page, address)
        page.evaluate("document.querySelectorAll('main details').forEach((each) => (each.open = true))")
        found[name] = violations(page)
    visit(page, "#/")
    page.keyboard.press("?")
    found["keys"] = violations(page)
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_page_of_hostile_text_violates_a_rule_of_accessibility(open_site, hostile_site, violations):
    page = open_site(hostile_site)
    found = {}
    for address in ("#/", "#/case/toy-1", "#/cell/toy-1/failure/toy-1.0/cpu", "#/environment/toy-1.0"):
        visit(page, address)
        found[address] = violations(page)
    assert {name: lines for name, lines in found.items() if lines} == {}
