"""The site of 300 cases in 60 environments with 3 variants: building it, opening it, filtering in it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # where the made-up corpus lies

from big_site import BigSite
from browser.opening import Openings
from browser.tools import FLAGS, MissingToolError, chromium

from tests.bench.measure import Figure, clock

TYPED = "device shape of kernels"[:20]
OPENED = 3
"""How often the page is opened; the slowest counts."""
BUILD, INTERACTIVE, KEY, SIZE = 10, 1000, 50, 6

_KEYS = """\
(text) => {
  const box = document.querySelector("#q");
  const found = [];
  const next = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const typed = async (at) => {
    if (at > text.length) return found;
    await next();
    box.value = text.slice(0, at);
    const began = performance.now();
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const done = performance.now() - began;
    await next();
    found.push([done, performance.now() - began]);
    return typed(at + 1);
  };
  return typed(1);
}
"""
"""Types a text, a key at a time: from each input event to the finished DOM, and to the drawn frame."""


def figures(root: Path) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        project = BigSite().write(Path(folder))
        command = [sys.executable, "-m", "harness", "report", "--root", folder]
        before = os.times()
        with clock() as measured:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        after = os.times()
        assert done.returncode == 0, done.stdout + done.stderr
        used = after.children_user + after.children_system - before.children_user - before.children_system
        path = project / "reports" / "index.html"
        told = f"[the whole of `harness report`: {_cells(done.stdout)}; processor {used:.1f} s]"
        yield _at_most("building the site", measured.seconds, BUILD, " s", told)
        yield _at_most("its size", path.stat().st_size / 1e6, SIZE, " MB")
        yield from _in_browser(path)


def _cells(said: str) -> str:
    (line,) = (line for line in said.splitlines() if " cells in " in line)
    return line


def _in_browser(path: Path) -> Iterator[Figure]:
    try:
        from playwright.sync_api import sync_playwright

        program = chromium()
    except (ImportError, MissingToolError) as error:
        print(f"skip the site in a browser: {error}")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield from _opened(browser, path)
        browser.close()


def _opened(browser: Any, path: Path) -> Iterator[Figure]:
    openings = Openings(browser=browser, patience=60_000)
    marks, pages = [], []
    for _ in range(OPENED):
        pages.append(openings.open(path))
        marks.append(pages[-1].evaluate("performance.getEntriesByName('interactive')[0].startTime"))
    told = (
        f"[from the start of the navigation; the slowest of {OPENED}: {', '.join(f'{m:.0f}' for m in marks)}]"
    )
    yield _at_most("opening it until it can be used", max(marks), INTERACTIVE, " ms", told)
    for view in ("", "table"):
        yield from _typed(openings.open(path, f"#/?view={view}" if view else ""), view or "heat map")
    openings.close()
    assert openings.problems == []


def _typed(page: Any, view: str) -> Iterator[Figure]:
    """The bound is of the finished DOM; what a machine without a GPU paints is told beside it."""
    keys = page.evaluate(_KEYS, TYPED)
    done, drawn = zip(*keys, strict=True)
    told = f"[{len(keys)} keys in the {view}, median {statistics.median(done):.1f} ms; to the frame after it"
    frames = f"{told} median {statistics.median(drawn):.1f}, worst {max(drawn):.1f}]"
    yield _at_most(f"a key typed in the filter, worst, {view}", max(done), KEY, " ms", frames)


def _at_most(what: str, value: float, bound: float, unit: str, detail: str = "") -> Figure:
    return Figure(what=what, value=value, bound=bound, at_least=False, unit=unit, detail=detail)
