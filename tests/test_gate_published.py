"""Tests for harness.gate.published."""

import json
from pathlib import Path

import pytest
from toy.cases import HEADER, edited, make_case

from harness.errors import NoEvidence, UsageError
from harness.gate.published import read_published
from harness.verdict import Status

CASE = make_case()


def entry(
    environment, status="fixed", variant="failure", device="cpu", platform="linux-x86_64", case="toy-7"
):
    return {
        "case": case,
        "variant": variant,
        "environment": environment,
        "device": device,
        "status": status,
        "platform": platform,
        "measured_at": "2026-01-01T12:00:00Z",
    }


def environment(version, packages, library="toy", python="3.11"):
    return {"library": library, "version": version, "python": python, "packages": packages}


def document(*cells, **parts):
    known = {
        "schema": 1,
        "environments": {
            "toy-1.0": environment("1.0", {"Toy": "1.0+cpu", "other_part": "2.0"}),
            "toy-2.0": environment("2.0", {"toy": "2.0", "other-part": "2.0"}),
        },
        "axes": {"toy": {"environments": ["toy-1.0"]}},
        "cases": {"toy-7": {"digest": CASE.digest}},
        "cells": list(cells),
    }
    return {**known, **parts}


@pytest.fixture
def read(tmp_path):
    def write_and_read(content):
        path = tmp_path / "compatibility.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return read_published(path)

    return write_and_read


def test_cells_with_evidence_keep_what_was_measured(read):
    [cell] = read(document(entry("toy-1.0", "failing", device="cpu:4"))).cells(CASE)

    assert (cell.variant, cell.device, cell.status) == ("failure", "cpu:4", Status.FAILING)
    assert (cell.environment, cell.axis, cell.measured_at) == ("toy-1.0", "toy", "2026-01-01T12:00:00Z")


def test_facts_have_canonical_names_public_versions_and_python(read):
    [cell] = read(document(entry("toy-1.0"))).cells(CASE)

    assert cell.facts == {"python": "3.11", "toy": "1.0", "other-part": "2.0"}


def test_an_environment_without_an_axis_has_none(read):
    [cell] = read(document(entry("toy-2.0"))).cells(CASE)

    assert cell.axis == ""


@pytest.mark.parametrize("status", ["unsupported", "unbuildable", "unimportable", "invalid"])
def test_cells_without_evidence_are_left_out(read, status):
    published = read(document(entry("toy-1.0", status, platform="other"), entry("toy-2.0")))

    assert [cell.environment for cell in published.cells(CASE)] == ["toy-2.0"]
    assert published.platforms == ("linux-x86_64",)


def test_only_cells_where_it_cannot_be_imported_are_kept_as_dead(read):
    published = read(document(*(entry("toy-1.0", s) for s in ("unsupported", "unimportable", "fixed"))))

    assert [cell.status for cell in published.dead(CASE)] == [Status.UNIMPORTABLE]


def test_platforms_are_named_once_and_in_order(read):
    published = read(document(*(entry("toy-1.0", platform=platform) for platform in ("b", "a", "b"))))

    assert published.platforms == ("a", "b")


def test_another_text_of_the_case_has_no_cells(read):
    published = read(document(entry("toy-1.0"), entry("toy-1.0", "unimportable")))
    other = make_case(header=edited("toy<2", "toy<3"))

    assert not published.is_stale(CASE)
    assert published.is_stale(other)
    assert published.has(other.id)
    assert (published.cells(other), published.dead(other)) == ((), ())


def test_an_unknown_case_has_no_cells(read):
    published = read(document(entry("toy-1.0")))
    other = make_case("toy/8_breaks.py")

    assert published.is_stale(other)
    assert not published.has(other.id)
    assert published.cells(other) == ()


@pytest.mark.parametrize(
    ("requires", "expected"), [("toy", "toy"), ("other", "toy-dist"), ("other, toy-dist", "toy-dist")]
)
def test_the_distribution_is_what_has_the_version_of_the_library(read, requires, expected):
    header = HEADER.replace('["toy"]', json.dumps(requires.split(", ")))
    environments = {
        "toy-1.0": environment("1.0", {"toy-dist": "1.0+cpu", "other": "1.0"}),
        "toy-2.0": environment("2.0", {"toy-dist": "2.0", "other": "1.0"}),
        "toy-3.0": environment("3.0", {}),
        "current": environment(None, {"other": "1.0"}, library=None),
    }

    assert (
        read(document(environments=environments, axes={})).distribution(make_case(header=header)) == expected
    )


def test_a_missing_report_is_no_evidence(tmp_path):
    with pytest.raises(NoEvidence, match="make it with `harness report`"):
        read_published(tmp_path / "compatibility.json")


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"schema": 99},
        {"schema": 1},
        document(entry("toy-9.9")),
        document(entry("toy-1.0", "splendid")),
        document({}),
        document(cells=3),
        document(cells=[3]),
        document(cases=[]),
        document(environments={"toy-1.0": {}}),
        document(environments={"toy-1.0": environment("1.0", [])}),
        document(axes={"toy": None}),
    ],
    ids=str,
)
def test_what_is_no_report_is_refused_in_one_sentence(read, content):
    with pytest.raises(UsageError, match=r"compatibility\.json (is|has) .*\.$"):
        read(content)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_published(tmp_path)


def test_the_committed_report_is_read():
    published = read_published(Path(__file__).parents[1] / "reports" / "compatibility.json")

    assert published.platforms
    assert published.distributions["pyro"] == ("pyro-ppl",)
