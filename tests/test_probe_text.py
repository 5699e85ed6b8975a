"""Exceptions and logs as text that can be stored."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.probe import text
from harness.probe.text import clean, clip, describe, portable


@given(st.text(max_size=300), st.integers(8, 400))
def test_a_clipped_text_keeps_its_ends_and_a_short_one_everything(whole, limit):
    kept = clip(whole, limit)
    if len(whole) <= limit:
        assert kept == whole
    else:
        head = limit // 4
        assert kept.startswith(whole[:head])
        assert kept.endswith(whole[head - limit :])
        assert f"[... {len(whole) - limit} characters left out ...]" in kept


@given(st.text(st.characters(codec=None, categories=None), max_size=50))
def test_any_text_can_be_cleaned_and_a_valid_one_stays(any_text):
    cleaned = clean(any_text)
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned


def test_lone_surrogates_become_question_marks():
    assert clean("a\udcffb\ud800") == "a?b?"


def test_a_portable_text_names_the_folders_of_a_machine_by_their_roles(monkeypatch):
    monkeypatch.setattr(sys, "prefix", "/home/me/env")
    monkeypatch.setattr(sys, "base_prefix", "/usr/python")
    monkeypatch.setenv("HOME", "/home/me")
    lines = {
        "/home/me/env/lib/toy.py": "<env>/lib/toy.py",
        "/usr/python/lib/os.py": "<python>/lib/os.py",
        "/home/me/data": "~/data",
        "/tmp/cell-1/cwd/x": "<cell>/cwd/x",
        f"{Path(text.__file__).parent}/variant.py": "<harness>/variant.py",
        "/home/melissa/env/x": "/home/melissa/env/x",
        "/usr/python3/x": "/usr/python3/x",
    }
    assert portable("\n".join(lines), "/tmp/cell-1").splitlines() == list(lines.values())


@pytest.mark.parametrize("folder", ["/", ""])
def test_a_folder_that_is_the_root_is_not_named(monkeypatch, folder):
    for name in ("prefix", "base_prefix"):
        monkeypatch.setattr(sys, name, folder)
    monkeypatch.setenv("HOME", "/")
    assert portable("/a/b //c") == "/a/b //c"


def test_an_exception_that_was_never_raised_can_be_described():
    assert describe(ValueError("x"), "import") == {
        "type": "builtins.ValueError",
        "message": "x",
        "traceback": "ValueError: x\n",
        "phase": "import",
    }


def test_an_exception_of_many_parts_is_described_with_them():
    error = ExceptionGroup("two", [ValueError("one"), TypeError("other")])
    described = describe(error, "run")
    assert described["type"] == "builtins.ExceptionGroup"
    assert "ValueError: one" in described["traceback"]
    assert "TypeError: other" in described["traceback"]
