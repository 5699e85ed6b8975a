"""Which cases concern a team, and the words for why none does."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy.cases import HEADER, edited, make_case

from harness.case import Case
from harness.choice import DeviceChoice
from harness.device import parse_device
from harness.gate.observations import SourceReading, StateView, Use
from harness.gate.relevance import Relevance, relevance_of
from harness.gate.usage import Usage, read_usage
from harness.gate.usage.library import Libraries


def case(number: int = 7, api: str = "toy.infer.sample", needs: str = '"toy"') -> Case:
    header = edited('api = ["toy.infer.sample"]', f'api = ["{api}"]', HEADER)
    header = edited('dependencies = ["toy"]', f"dependencies = [{needs}]", header)
    return make_case(f"toy/{number}_breaks.py", edited("issues/7", f"issues/{number}", header))


def state(*held: str, name: str = "new.txt") -> StateView:
    versions = dict.fromkeys(held, "1.0")
    return StateView(
        name=name,
        python="3.11",
        packages=versions,
        facts={**versions, "python": "3.11"},
        key="key",
        platform="linux-x86_64",
    )


@pytest.fixture
def usage(tmp_path, monkeypatch):
    """Reads source as a team names it."""
    monkeypatch.chdir(tmp_path)

    def read(text: str) -> Usage:
        Path("model.py").write_text(text)
        return read_usage([Path("model.py")], {"toy", "other"})

    return read


def looked_at(found: Relevance) -> list[str]:
    return [each.case.id for each in found.relevant]


CERTAIN = "import toy.infer\n\ntoy.infer.sample()\n"
POSSIBLE = "import toy\n\nconsume(toy)\n"
ELSEWHERE = "import toy\n\ntoy.optim()\n"


# Without source


def test_without_source_every_case_of_what_is_there_counts():
    found = relevance_of([case(7), case(8)], None, state("toy"), None)
    assert looked_at(found) == ["toy-7", "toy-8"]
    assert [each.uses for each in found.relevant] == [(), ()]
    assert (found.left_out, found.emptiness) == ((), "")


def test_without_source_a_case_whose_package_is_missing_is_left_out():
    both = case(8, needs='"toy", "Other_Thing>=1"')
    found = relevance_of([case(7), both], None, state("toy"), None)
    assert looked_at(found) == ["toy-7"]
    assert found.left_out == (("toy-8", "other-thing is not there"),)
    assert found.emptiness == ""


def test_names_of_packages_are_canonical():
    both = case(8, needs='"toy", "Other_Thing>=1"')
    assert looked_at(relevance_of([both], None, state("toy", "other-thing"), None)) == ["toy-8"]


def test_the_first_missing_package_is_named():
    needs = '"toy", "first", "second"'
    found = relevance_of([case(needs=needs)], None, state("toy"), None)
    assert found.left_out == (("toy-7", "first is not there"),)


def test_a_package_in_either_state_is_enough():
    for after, before in ((state("toy"), state("dep")), (state("dep"), state("toy"))):
        assert looked_at(relevance_of([case()], None, after, before)) == ["toy-7"]
    both = case(needs='"toy", "dep"')
    assert looked_at(relevance_of([both], None, state("toy"), state("dep"))) == ["toy-7"]
    assert looked_at(relevance_of([both], None, state("toy"), state("toy"))) == []


def test_without_source_emptiness_names_the_states():
    found = relevance_of([case(7), case(8)], None, state("dep"), None)
    assert found.emptiness == (
        "nothing was looked at: none of the 2 selected cases is about a package of new.txt"
    )
    found = relevance_of([case()], None, state("dep"), state("dep", name="old.txt"))
    assert found.emptiness.endswith("about a package of new.txt and old.txt")


def test_no_case_at_all_is_no_silence():
    assert "none of the 0 selected cases" in relevance_of([], None, state("toy"), None).emptiness


# With source


def test_source_that_certainly_meets_a_case_is_shown(usage):
    found = relevance_of([case()], usage(CERTAIN), state("toy"), None)
    assert looked_at(found) == ["toy-7"]
    ((use,),) = (each.uses for each in found.relevant)
    assert use == Use(path="model.py", line=3, column=1, name="toy.infer.sample", is_certain=True)


def test_source_that_may_meet_a_case_is_enough(usage):
    found = relevance_of([case()], usage(POSSIBLE), state("toy"), None)
    assert looked_at(found) == ["toy-7"]
    assert [use.is_certain for each in found.relevant for use in each.uses] == [False]


def test_what_the_source_does_not_use_is_left_out(usage):
    found = relevance_of([case(7), case(8, "toy.optim")], usage(ELSEWHERE), state("toy"), None)
    assert looked_at(found) == ["toy-8"]
    assert found.left_out == (("toy-7", "the source does not use what it is about"),)
    assert found.emptiness == ""


def test_certain_use_of_a_missing_package_is_looked_at(usage):
    assert looked_at(relevance_of([case()], usage(CERTAIN), state("dep"), None)) == ["toy-7"]


def test_possible_use_of_a_missing_package_is_left_out(usage):
    found = relevance_of([case()], usage(POSSIBLE), state("dep"), None)
    assert found.left_out == (("toy-7", "toy is not there"),)


def test_one_certain_use_among_possible_ones_is_enough(usage):
    read = usage(f"{POSSIBLE}\n{CERTAIN}")
    found = relevance_of([case()], read, state("dep"), None)
    assert {use.is_certain for each in found.relevant for use in each.uses} == {True, False}


def test_a_case_that_is_not_used_says_so_and_not_that_its_package_is_missing(usage):
    found = relevance_of([case()], usage("import json\n"), state("dep"), None)
    assert found.left_out == (("toy-7", "the source does not use what it is about"),)


def test_source_that_uses_no_library_is_no_silence(usage):
    found = relevance_of([case()], usage("import json\n"), state("toy"), None)
    assert found.emptiness == "nothing was looked at: 1 file of model.py uses none of the libraries"


def test_source_that_meets_no_case_says_what_the_cases_are_about(usage):
    found = relevance_of([case(7), case(8, "toy")], usage("from other import x\n"), state("toy"), None)
    assert found.emptiness == (
        "nothing was looked at: 1 file of model.py uses other, and meets none of the 2 selected cases "
        "(which are about import toy, toy.infer.sample)"
    )


def test_only_some_of_what_the_cases_are_about_is_told(usage):
    def said(number: int) -> str:
        cases = [case(n, f"toy.part{n}") for n in range(1, number + 1)]
        return relevance_of(cases, usage("from other import x\n"), state("toy"), None).emptiness

    assert said(5).endswith("(which are about toy.part1, toy.part2, toy.part3, toy.part4, toy.part5)")
    assert said(6).endswith("toy.part5 ...)")
    assert "toy.part6" not in said(6)


def test_libraries_that_are_not_used_are_not_told():
    reading = SourceReading(roots=("src",), files=2, libraries={"toy": 0, "other": 3}, skipped=())
    found = relevance_of([case()], Usage(reading, [], Libraries([])), state("toy"), None)
    assert "2 files of src use other, and meet none" in found.emptiness
    reading = SourceReading(roots=("src",), files=2, libraries={"toy": 0}, skipped=())
    found = relevance_of([case()], Usage(reading, [], Libraries([])), state("toy"), None)
    assert found.emptiness.endswith("2 files of src use none of the libraries")


# Devices


def on(*devices: str) -> DeviceChoice:
    return DeviceChoice(named=tuple(map(parse_device, devices)), default=(parse_device("cpu"),))


def parallel(number: int = 8) -> Case:
    return make_case(f"toy/{number}_parallel.py", edited("kind =", 'devices = ["cpu:2", "cpu:4"]\nkind ='))


def test_a_case_of_other_devices_than_those_named_is_left_out():
    found = relevance_of([case(7), parallel()], None, state("toy"), None, on("cpu"))
    assert looked_at(found) == ["toy-7"]
    assert found.left_out == (("toy-8", "it shows itself on cpu:2 or cpu:4 alone"),)
    assert found.emptiness == ""


@pytest.mark.parametrize("devices", [(), ("cpu", "cpu:4")])
def test_a_case_of_some_devices_counts_where_one_is_named_or_none(devices):
    assert looked_at(relevance_of([parallel()], None, state("toy"), None, on(*devices))) == ["toy-8"]


def test_where_only_the_device_speaks_against_it_this_is_said():
    found = relevance_of([parallel()], None, state("toy"), None, on("cuda"))
    assert found.emptiness == ("nothing was looked at: toy-8: it shows itself on cpu:2 or cpu:4 alone")
