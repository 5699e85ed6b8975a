"""How it looks: light and dark, narrow and wide, what stays in sight, what differs from what."""

from __future__ import annotations

from itertools import combinations

import pytest

from browser.opening import visit
from harness.verdict import Status

STATUSES = [status.value for status in Status]

PAGES = {
    "overview": "#/",
    "table": "#/?view=table",
    "case": "#/case/toy-1",
    "cell": "#/cell/toy-1/failure/toy-1.0/cpu",
    "unmeasured": "#/cell/toy-1/failure/toy-1.1/cpu",
    "environments": "#/environments",
    "environment": "#/environment/toy-2.0",
    "about": "#/about",
    "unknown": "#/nowhere",
}


def background(page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def brightness(colour: str) -> float:
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return (red + green + blue) / 3


def test_dark_and_light_are_as_the_system_prefers(open_site, small_site):
    assert brightness(background(open_site(small_site, color_scheme="dark"))) < 60
    assert brightness(background(open_site(small_site, color_scheme="light"))) > 200


@pytest.mark.parametrize("preferred", ["light", "dark"])
def test_the_button_chooses_against_the_system_and_the_choice_is_remembered(open_site, small_site, preferred):
    page = open_site(small_site, color_scheme=preferred)
    seen = []
    for _ in range(3):
        page.locator("#theme").click()
        seen.append((page.locator("#theme").inner_text(), brightness(background(page)) < 128))
    assert seen == [("Theme: light", False), ("Theme: dark", True), ("Theme: auto", preferred == "dark")]
    page.locator("#theme").click()
    page.reload()
    page.wait_for_selector("html[data-ready=true]", state="attached")
    assert page.locator("#theme").inner_text() == "Theme: light"
    assert brightness(background(page)) > 200


@pytest.mark.parametrize("site", ["small_site", "hostile_site", "big_site"])
def test_a_narrow_screen_never_scrolls_sideways(open_site, request, site):
    pages = {**PAGES}
    if site == "big_site":
        pages = {"overview": "#/", "table": "#/?view=table", "environments": "#/environments"}
    if site == "hostile_site":
        odd = "odd%2F..%2Fid%3Fq%3D1%23%2Fabout%20%2541%20"
        pages |= {
            "cell": "#/cell/toy-1/failure/toy-1.0/cpu",
            "environment": "#/environment/toy-1.0",
            "odd": odd,
        }
        pages |= {"huge": "#/cell/toy-1/failure/toy-1.1/cpu"}
    page = open_site(request.getfixturevalue(site), viewport={"width": 360, "height": 640})
    wide = {}
    for name, address in pages.items():
        visit(page, address)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wide[name] = width
    assert wide == {}


def test_a_narrow_screen_shows_every_control(open_site, small_site):
    page = open_site(small_site, viewport={"width": 360, "height": 640})
    assert page.locator("#q").is_visible()
    assert page.locator("#theme").is_visible()
    assert page.locator("[data-case=toy-1] .row-link").first.is_visible()


def test_head_and_names_stay_in_sight_while_the_heat_map_scrolls(open_site, big_site):
    page = open_site(big_site, "#/?library=numpyro")
    scroller = page.locator(".heat-scroll:visible").first
    scroller.scroll_into_view_if_needed()
    place = """([down, right]) => {
      const scroller = [...document.querySelectorAll(".heat-scroll")].find((each) => each.checkVisibility());
      scroller.scrollTo(right, down);
      window.scrollBy(0, scroller.scrollTop === 0 ? down : 0);
      const head = scroller.querySelector(".heat-head").getBoundingClientRect();
      const rows = [...scroller.querySelectorAll(".heat-name")].map((each) => each.getBoundingClientRect());
      const name = rows.find((each) => each.top >= head.bottom);
      const down_by = scroller.scrollTop + window.scrollY;
      return { head: head.top, name: name.left, moved: [down_by, scroller.scrollLeft] };
    }"""
    before, after = page.evaluate(place, [0, 0]), page.evaluate(place, [900, 200])
    assert after["moved"][0] - before["moved"][0] > 500
    assert after["head"] >= 0
    assert after["head"] <= before["head"]
    assert after["name"] == before["name"]


_LOOK = """(name) => {
  const element = document.createElement("span");
  element.className = name;
  document.querySelector("main").append(element);
  const styles = [null, "::before", "::after"].map((part) => getComputedStyle(element, part));
  const colours = ["backgroundColor", "outline", "boxShadow", "borderColor"];
  const seen = ["content", "backgroundImage", "maskImage", ...colours];
  const all = JSON.stringify(styles.flatMap((style) => seen.map((property) => style[property])));
  const images = styles.flatMap((style) => [style.backgroundImage, style.maskImage]);
  const shape = images.find((each) => /^url/.test(each)) ?? "none";
  element.remove();
  return { all, shape };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_measured_inferred_and_unexpected_differ_to_the_eye(open_site, small_site, scheme):
    page = open_site(small_site, color_scheme=scheme)
    for kind in ("mark", "run"):
        names = [f"{kind} mark-failing{more}" for more in ("", " mark-inferred", " mark-unexpected")]
        looks = [page.evaluate(_LOOK, name)["all"] for name in names]
        assert all(one != other for one, other in combinations(looks, 2))


def test_statuses_differ_in_shape_and_not_in_colour_alone(open_site, small_site):
    page = open_site(small_site)
    shapes = {status: page.evaluate(_LOOK, f"mark mark-{status}")["shape"] for status in STATUSES}
    assert len(set(shapes.values())) == len(STATUSES)
    assert "none" not in shapes.values()


def test_inferred_and_unexpected_cells_are_where_they_belong(open_site, small_site):
    page = open_site(small_site, "#/?library=toy&device=cpu")
    runs = page.evaluate(
        """[...document.querySelector("[data-case=toy-1] .strip").children]
          .map((each) => [each.className, Number(each.style.getPropertyValue("--at") || 0)])"""
    )
    inferred = [at for name, at in runs if "mark-inferred" in name]
    unexpected = [at for name, at in runs if "mark-unexpected" in name]
    assert (inferred, unexpected) == ([1], [4])


def test_the_overview_names_every_cell_that_is_not_as_its_case_says(open_site, small_site):
    told = open_site(small_site).locator("section.unexpected").inner_text()
    assert "toy-2.1" in told
    assert "cpu:2" in told
    for status in ("failing", "timeout", "crashed", "changed"):
        assert status in told


def test_whoever_wants_less_motion_gets_none(open_site, small_site):
    page = open_site(small_site, reduced_motion="reduce")
    moving = page.evaluate(
        """[...document.querySelectorAll("*")].filter((each) => {
          const { transitionDuration, animationDuration } = getComputedStyle(each);
          return parseFloat(transitionDuration) > 0.01 || parseFloat(animationDuration) > 0.01;
        }).length"""
    )
    assert moving == 0
