"""Fixtures: an index, a project and caches of a test's own: no network, nothing of the user's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from toy.index import ToyIndex, forget_user_settings
from toy.project import publish_toy, write_project
from toy.user import toy_world

from harness import home
from harness.environment.indexes import index_environment

settings.register_profile("harness", deadline=None)  # a busy machine is no failure
settings.load_profile("harness")


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests of a process: uv then asks every interpreter only once what it is."""
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, uv_cache: Path) -> Iterator[pytest.MonkeyPatch]:
    """No index settings of the user's, of pip or of uv; empty caches of the test's own."""
    forget_user_settings(monkeypatch, uv_cache)
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "harness-cache"))
    _forget()
    yield monkeypatch
    _forget()


def _forget() -> None:
    index_environment.cache_clear()


@pytest.fixture
def no_corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation that brought no corpus, as if the repository were not around the harness."""
    for name in ("INSTALLED", "REPOSITORY"):
        monkeypatch.setattr(home, name, tmp_path / "nowhere")


@pytest.fixture
def toy_index(no_index: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ToyIndex]:
    """An empty index of this test's own, and the only one that uv and the harness know."""
    with ToyIndex(tmp_path / "index") as index:
        no_index.setenv("UV_DEFAULT_INDEX", index.url)
        no_index.setenv("UV_INDEX", "")
        no_index.setenv("UV_FIND_LINKS", "")
        yield index


@pytest.fixture
def toy_project(toy_index: ToyIndex, tmp_path: Path) -> Path:
    """A project's folder without cases, and on the index every release of `toy.project.HISTORY`."""
    publish_toy(toy_index)
    return write_project(tmp_path / "project")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, uv_cache: Path) -> Iterator[ToyIndex]:
    """An index with the whole history, for all tests of a module."""
    with toy_world(tmp_path_factory.mktemp("world"), uv_cache) as index:
        yield index
