"""A head start in the background: what is expected is made, and nothing depends on it."""

from __future__ import annotations

import threading

from toy.user import wait_until

from harness.bisect.ahead import Ahead


def test_what_is_expected_is_made_in_this_order_and_once():
    made = []
    with Ahead(made.append) as ahead:
        ahead.expect(["a", "b", "a"])
        wait_until(lambda: len(made) == 2, "both")
    assert made == ["a", "b"]


def test_what_is_no_longer_expected_is_not_begun():
    made, go = [], threading.Event()

    def make(commit):
        go.wait(timeout=30)
        made.append(commit)

    with Ahead(make) as ahead:
        ahead.expect(["begun", "dropped"])
        ahead.expect(["wanted"])
        go.set()
        wait_until(lambda: "wanted" in made, "the one that is wanted now")
    assert "dropped" not in made


def test_a_failure_in_the_background_is_nobodys():
    made = []

    def make(commit):
        if commit == "broken":
            raise RuntimeError(commit)
        made.append(commit)

    with Ahead(make) as ahead:
        ahead.expect(["broken", "whole"])
        wait_until(lambda: made, "the next")
    assert made == ["whole"]


def test_at_the_end_what_was_not_begun_is_left():
    made, begun, go = [], threading.Event(), threading.Event()

    def make(commit):
        begun.set()
        go.wait(timeout=30)
        made.append(commit)

    with Ahead(make) as ahead:
        ahead.expect(["begun", "left"])
        assert begun.wait(timeout=30)
        threading.Timer(0.05, go.set).start()
    assert made == ["begun"]
