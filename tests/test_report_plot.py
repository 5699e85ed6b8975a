"""The picture of open and fixed cases, read back as XML."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from feed_documents import (
    CASE,
    FIXED_LATER,
    HOSTILE,
    NEW,
    OLD,
    build,
    history,
    large_document,
    poisoned,
    published_document,
)
from report_results import release, toy_case

from harness.report.feeds.plot import plot
from harness.verdict import Status

SVG = "{http://www.w3.org/2000/svg}"
FULL = 132
OTHER = toy_case(2)
KINDS = {
    "url(#plot-failing)": "failing",
    "url(#plot-other)": "other",
    "bar right": "right",
    "unknown": "unknown",
}
_PART = re.compile(r"M(\d+) ([\d.]+)h(\d+)v([\d.]+)h-(\d+)z")


def parsed(document):
    return ET.fromstring(plot(document).encode())


def panels(root):
    """The groups that hold a library's name."""
    return [group for group in root.findall(f"{SVG}g") if group.find(f"{SVG}text[@class='name']") is not None]


def parts(panel):
    """Kind to (x, top, bottom) of its parts."""
    found = {}
    for path in panel.iter(f"{SVG}path"):
        kind = KINDS.get(path.get("fill")) or KINDS.get(path.get("class"))
        if kind:
            found[kind] = [
                (int(x), float(y), float(y) + float(height))
                for x, y, _, height, _ in _PART.findall(path.get("d"))
            ]
    return found


def bars(panel):
    """Position of each bar to its parts from below, as (kind, share of a full bar)."""
    stacks = {}
    for kind, drawn in parts(panel).items():
        for x, top, bottom in drawn:
            stacks.setdefault(x, []).append((bottom, top, kind))
    return [
        [(kind, round((bottom - top) / FULL, 3)) for bottom, top, kind in sorted(stack, reverse=True)]
        for _, stack in sorted(stacks.items())
    ]


def texts(root):
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def two(first, second):
    rows = history([first], [OLD]) + history([second], [OLD], case=OTHER)
    anything = history([Status.WORKS], [OLD], "fix_keep")
    return build([*rows, *anything], OLD, cases=[CASE, OTHER])


def test_failing_and_fixed_releases_are_bars_in_order():
    (panel,) = panels(parsed(FIXED_LATER))
    assert bars(panel) == [[("failing", 1.0)], [("right", 1.0)]]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status.FAILING, "failing"),
        (Status.CHANGED, "other"),
        (Status.TIMEOUT, "other"),
        (Status.CRASHED, "other"),
        *((status, "unknown") for status in Status if not status.is_evidence),
        (None, "unknown"),
    ],
)
def test_every_status_has_its_kind_and_only_evidence_is_fixed(status, kind):
    (panel,) = panels(parsed(two(status, Status.FIXED)))
    assert bars(panel) == [[(kind, 0.5), ("right", 0.5)]]


def test_a_refused_input_is_as_good_as_a_fix():
    (panel,) = panels(parsed(two(Status.REJECTED, Status.FIXED)))
    assert bars(panel) == [[("right", 1.0)]]


def test_every_bar_is_as_high_as_there_are_cases_without_holes():
    for panel in panels(parsed(large_document(cases=34, releases=60))):
        stacks = {}
        for drawn in parts(panel).values():
            for x, top, bottom in drawn:
                stacks.setdefault(x, []).append((top, bottom))
        assert len(stacks) == 60
        for stack in stacks.values():
            edges = [edge for part in sorted(stack) for edge in part]
            assert (edges[0], edges[-1]) == (0, FULL)
            assert all(abs(end - start) < 0.02 for end, start in zip(edges[1:-1:2], edges[2::2], strict=True))


def test_what_is_not_known_lies_between_open_and_fixed():
    rows = history([Status.FAILING], [OLD]) + history([Status.FIXED], [OLD], case=OTHER)
    document = build(rows, OLD, cases=[CASE, OTHER, toy_case(3)])
    (panel,) = panels(parsed(document))
    assert bars(panel) == [[("failing", 0.333), ("unknown", 0.333), ("right", 0.333)]]


def test_the_outline_of_what_is_not_known_is_drawn_last():
    (panel,) = panels(parsed(two(None, Status.FIXED)))
    assert list(parts(panel)) == ["right", "unknown"]


def test_a_case_is_shown_as_its_worst_on_any_device():
    rows = history([Status.FIXED], [OLD]) + history([Status.FAILING], [OLD], device="cuda")
    rows += history([Status.FIXED], [NEW]) + history([Status.UNSUPPORTED], [NEW], device="cuda")
    (panel,) = panels(parsed(build(rows, OLD, NEW)))
    assert bars(panel) == [[("failing", 1.0)], [("right", 1.0)]]


def test_there_is_a_panel_for_each_library_with_its_axis():
    latest = release("2.0", "@latest", "latest")
    pinned = [release(version, "+torch-2.1", "pinned") for version in ("1.0", "1.1", "1.2")]
    rows = history([Status.FAILING], [OLD]) + history([Status.FIXED] * 4, [latest, *pinned])
    root = parsed(build(rows, OLD, latest, *pinned, cases=[CASE, toy_case(library="other")]))
    names = [panel.findtext(f"{SVG}text[@class='name']") for panel in panels(root)]
    assert names == ["other: 1 case", "toy: 1 case (period)"]
    assert "no evidence: no release was measured" in texts(root)
    assert [len(bars(panel)) for panel in panels(root)] == [0, 1]


def test_the_longest_of_equal_axes_is_shown():
    records = [
        release(version, f"+torch-{torch}", "pinned")
        for version, torch in [("1.0", "2"), ("1.0", "1"), ("1.1", "1")]
    ]
    root = parsed(build(history([Status.FIXED] * 3, records), *records))
    assert "toy: 1 case (with torch 1)" in texts(root)


def test_releases_are_labelled_with_their_dates_where_they_are_known():
    undated = build(
        history([Status.FAILING, Status.FIXED], [OLD, replace(NEW, released=None)]),
        OLD,
        replace(NEW, released=None),
    )
    assert {"2024-01-10 1.0", "2024-05-10 2.0"} <= set(texts(parsed(FIXED_LATER)))
    assert {"2024-01-10 1.0", "2.0"} <= set(texts(parsed(undated)))


def test_labels_of_many_releases_do_not_overlap_and_name_the_newest():
    for releases in (60, 100, 200):
        root = parsed(large_document(cases=2, releases=releases))
        for panel in panels(root):
            group = panel.find(f".//{SVG}g[@class='end']")
            places = [float(text.get("y")) for text in group]
            assert all(after - before >= 12 for before, after in pairwise(places))
            assert "".join(group[-1].itertext()).endswith(f"1.{releases - 1}")
            assert (len(places) == releases) == (releases == 60)


@pytest.mark.parametrize("cases", [1, 2, 3, 7, 10, 48, 99, 100, 101, 300])
def test_ticks_are_round_numbers_and_the_number_of_cases(cases):
    numbered = [toy_case(number) for number in range(1, cases + 1)]
    document = build(history([Status.FIXED], [OLD]), OLD, cases=numbered)
    (panel,) = panels(parsed(document))
    counts = [int(text.text) for text in panel.iter(f"{SVG}text") if text.get("class") == "count end"]
    assert (counts[0], counts[-1]) == (0, cases)
    assert counts == sorted(set(counts))
    assert len(counts) <= 7


def test_it_has_a_title_and_says_in_words_what_it_shows():
    root = parsed(FIXED_LATER)
    assert root.get("role") == "img"
    named = [root.find(f"*[@id='{name}']") for name in root.get("aria-labelledby").split()]
    assert [element.tag for element in named] == [f"{SVG}title", f"{SVG}desc"]
    assert named[1].text == (
        "Each bar shows all cases of a library in one release. "
        "toy: in 1.0 1 failing; in 2.0 1 fixed or rejected."
    )


def test_the_description_has_the_first_and_the_newest_release_only():
    root = parsed(large_document(cases=2, releases=60))
    assert re.findall(r"in (1\.\d+) ", root.findtext(f"{SVG}desc")) == ["1.0", "1.59"] * 2


def test_the_legend_has_every_kind_in_colour_and_pattern():
    root = parsed(FIXED_LATER)
    legend = [group for group in root.findall(f"{SVG}g") if group not in panels(root)]
    assert [group.findtext(f"{SVG}text") for group in legend] == [
        "failing", "changed, timeout or crashed", "no evidence or not measured", "fixed or rejected",
    ]  # fmt: skip
    fills = [group.find(f"{SVG}path").get("fill") for group in legend]
    assert fills == ["url(#plot-failing)", "url(#plot-other)", None, None]
    assert {pattern.get("id") for pattern in root.iter(f"{SVG}pattern")} == {"plot-failing", "plot-other"}
    assert "stroke-dasharray" in root.findtext(f"{SVG}style")


def test_it_has_colours_for_light_and_dark():
    style = parsed(FIXED_LATER).findtext(f"{SVG}style")
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    for name in (
        "page",
        "ink",
        "faint",
        "line",
        "failing",
        "failing-mark",
        "other",
        "other-mark",
        "right",
        "unknown",
    ):
        assert f"--{name}:" in light
        assert f"--{name}:" in dark
        assert f"var(--{name})" in style


def test_it_needs_no_script_and_no_network():
    text = plot(large_document(cases=8, releases=5))
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<script|<foreignObject|href|@import|\son\w+=", text)


def test_a_report_without_cases_is_still_a_picture():
    root = parsed(build([], cases=[]))
    assert panels(root) == []
    assert "There are no cases." in root.findtext(f"{SVG}desc")


def test_six_libraries_of_sixty_releases_are_small():
    document = large_document(cases=100)
    copies = [poisoned(document, "" if number == 0 else str(number)) for number in range(3)]
    parts = ("environments", "axes", "cases")
    whole = {key: {name: entry for each in copies for name, entry in each[key].items()} for key in parts}
    text = plot({**document, **whole, "cells": [cell for each in copies for cell in each["cells"]]})
    assert len(panels(ET.fromstring(text))) == 6
    assert len(text.encode()) < 60_000


def test_it_fits_within_its_own_frame():
    root = parsed(large_document(cases=10, releases=60))
    _, _, width, height = map(float, root.get("viewBox").split())
    for panel in panels(root):
        top = float(re.search(r"translate\(0 (\d+)\)", panel.get("transform"))[1])
        assert top + 26 + FULL + 8 + 100 <= height
        assert all(x + 13 <= width for drawn in parts(panel).values() for x, _, _ in drawn)


@pytest.mark.parametrize("evil", HOSTILE)
def test_hostile_text_is_only_text(evil):
    before, after = parsed(FIXED_LATER), parsed(poisoned(FIXED_LATER, evil))
    assert [element.tag for element in after.iter()] == [element.tag for element in before.iter()]
    assert [element.attrib for element in after.iter()] == [element.attrib for element in before.iter()]
    assert max(map(len, texts(after))) < 200


def test_it_is_the_same_for_the_same_report():
    backwards = {**FIXED_LATER, "environments": dict(reversed(FIXED_LATER["environments"].items()))}
    assert plot(backwards) == plot(FIXED_LATER)


def test_the_published_report_has_a_panel_for_each_library():
    document = published_document()
    assert len(panels(parsed(document))) == len({case["library"] for case in document["cases"].values()})
