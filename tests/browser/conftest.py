"""One browser for each process of the tests, a fresh profile for each test, and sites to open in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from browser import sites
from browser.opening import Openings
from browser.tools import FLAGS, MissingToolError, checkers, chromium, in_ci

PATIENCE = 10_000
"""Milliseconds that an expectation waits: a busy machine is no failure."""


def missing(reason: object) -> NoReturn:
    """Outside CI, a test without its tools is skipped; in CI that would hide that nothing was tested."""
    if in_ci():
        pytest.fail(f"in CI the browser tests must run: {reason}")
    pytest.skip(str(reason))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        missing("no playwright: install the dependency group `browser`")
    try:
        path = chromium()
    except MissingToolError as error:
        missing(error)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    try:
        return checkers()
    except MissingToolError as error:
        missing(error)


@pytest.fixture
def openings(browser: Any) -> Iterator[Openings]:
    """Every page that a test opens; at its end none of them may have reported anything."""
    found = Openings(browser=browser, patience=PATIENCE)
    yield found
    found.close()
    assert found.problems == []


@pytest.fixture
def open_site(openings: Openings) -> Callable[..., Any]:
    """`open_site(html_path, hash="", **context options)` gives playwright's page once it is drawn."""
    return openings.open


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few cases with every sort of cell: see `sites.small`."""
    return _written(tmp_path_factory, "small.html", sites.small)


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Text from people who mean harm, wherever there is text: see `sites.hostile`."""
    return _written(tmp_path_factory, "hostile.html", sites.hostile)


@pytest.fixture(scope="session")
def big_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 cases in 60 environments with 3 variants each, made once for all processes."""
    from filelock import FileLock

    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    path = shared / "big.html"
    with FileLock(shared / "big.lock"):
        if not path.exists():
            path.write_text(sites.big(), encoding="utf-8")
    return path


def _written(factory: pytest.TempPathFactory, name: str, make: Callable[[], str]) -> Path:
    path = factory.mktemp("site") / name
    path.write_text(make(), encoding="utf-8")
    return path


@pytest.fixture
def violations(node_modules: Path) -> Callable[..., Sequence[str]]:
    """`violations(page)` gives what axe-core finds, a line for each rule."""
    source = (node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def found(page: Any) -> Sequence[str]:
        page.evaluate(source)
        result = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        return [
            f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:3]]}"
            for each in result["violations"]
        ]

    return found
