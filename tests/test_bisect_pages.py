"""Where a package is developed, as the settings or its own metadata say."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bisect.pages import known_page, repository_page
from harness.config import Library

PAGE = "https://github.com/toy/toy"


@pytest.fixture
def describe(tmp_path):
    """Installs a distribution with these lines of metadata; gives the interpreter."""

    def install(*lines: str, name: str = "toy", version: str = "1.0") -> Path:
        info = tmp_path / "lib/python3.11/site-packages" / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        (info / "METADATA").write_text("\n".join([*head, *lines]) + "\n\nProject-URL: Source, https://no\n")
        return tmp_path / "bin/python"

    return install


@pytest.mark.parametrize(
    ("lines", "page"),
    [
        (["Project-URL: Source, https://github.com/toy/toy"], PAGE),
        (["Project-URL: Source Code, https://github.com/toy/toy.git"], PAGE),
        (["Project-URL: repository, http://www.github.com/toy/toy/"], PAGE),
        (["Project-URL: Homepage, https://gitlab.com/toy/toy"], "https://gitlab.com/toy/toy"),
        (["Home-page: https://github.com/toy/toy"], PAGE),
        (["Project-URL: Issues, https://github.com/toy/toy/issues"], PAGE),
        (["Project-URL: Homepage, https://toy.org", "Home-page: https://github.com/toy/toy"], PAGE),
        (
            [
                "Project-URL: Docs, https://github.com/toy/docs",
                "Project-URL: Source, https://github.com/toy/toy",
            ],
            PAGE,
        ),
        (["Project-URL: Docs, https://github.com/toy/docs", "Home-page: https://github.com/toy/toy"], PAGE),
        (["Project-URL: Source, https://github.com/toy/toy/tree/main/python"], PAGE),
    ],
)
def test_the_page_is_that_of_the_source_before_any_other(describe, lines, page):
    assert repository_page(describe(*lines), "toy") == page


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Home-page: https://toy.org"],
        ["Home-page: UNKNOWN"],
        ["Project-URL: Source, https://example.org/github.com/toy/toy"],
        ["Project-URL: Homepage, https://toy.github.io/toy"],
        ["Project-URL: Source, https://github.com/toy"],
        ["Project-URL: Funding, https://github.com/sponsors/toy"],
        ["Project-URL: nonsense"],
    ],
)
def test_what_names_no_repository_gives_no_page(describe, lines):
    assert repository_page(describe(*lines), "toy") == ""


def test_a_distribution_is_found_whatever_way_its_name_is_written(describe):
    python = describe("Home-page: https://github.com/toy/toy", name="toy_box.core", version="1.0.post1")
    assert repository_page(python, "Toy-Box_Core") == PAGE


def test_only_the_package_itself_is_asked(describe):
    python = describe("Home-page: https://github.com/toy/toy", name="toy_extras")
    assert repository_page(python, "toy") == ""


def test_a_page_that_is_not_utf8_does_not_matter(describe, tmp_path):
    python = describe("Home-page: https://github.com/toy/toy")
    (metadata,) = tmp_path.rglob("METADATA")
    metadata.write_bytes(b"Author: J\xf6rg\n" + metadata.read_bytes())
    assert repository_page(python, "toy") == PAGE


@pytest.mark.parametrize(
    ("repositories", "page"),
    [((), ""), (("toy/toy",), PAGE), (("toy/toy", "old/toy"), PAGE)],
)
def test_a_library_is_where_its_settings_say_first(repositories, page):
    other = Library(name="other", distribution="other", module="other", repositories=("other/other",))
    toy = Library(name="box", distribution="toy", module="toy", repositories=repositories)
    assert known_page([other, toy], "toy") == page


def test_a_part_is_where_its_library_is():
    toy = Library(name="toy", distribution="toy", module="toy", repositories=("toy/toy",), parts=("toylib",))
    assert known_page([toy], "toylib") == PAGE


def test_a_package_that_is_no_known_library_has_no_known_page():
    toy = Library(name="box", distribution="toy", module="toy", repositories=("toy/toy",))
    assert known_page([toy], "box") == ""
