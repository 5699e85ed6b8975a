"""What a bisection tells as it goes."""

from __future__ import annotations

import io

import pytest
from bisect_answers import reading
from rich.console import Console

from harness.bisect.progress import Steps


def told(tell, **options) -> str:
    """All that a console gets; it is narrow, so that a wrapped line shows."""
    stream = options.pop("file", io.StringIO())
    console = Console(file=stream, width=30, markup=False, highlight=False, **options)
    tell(Steps(console))
    return stream.getvalue()


def lines(tell, **options) -> list[str]:
    return told(tell, **options).splitlines()


def test_a_step_tells_number_name_label_seconds_and_what_is_left():
    left = "change between 0.15.3 and 0.17.0, 3 left"
    (line,) = lines(lambda steps: steps.step("0.16.0", reading("failing"), left))
    assert line == f"step 1   0.16.0  failing      2.1 s  {left}"


def test_a_stored_reading_is_marked_and_took_no_time():
    (line,) = lines(lambda steps: steps.step("0.16.0", reading("fixed", stored=True), "1 left"))
    assert line == "step 1   0.16.0  fixed       stored  1 left"


def test_a_point_without_a_verdict_says_why():
    (line,) = lines(lambda steps: steps.step("1.0", reading(None, seconds=12.5), "2 left"))
    assert line == "step 1   1.0  no verdict  12.5 s  2 left (unbuildable: no wheel for Python 3.11)"


def test_a_verdict_does_not_repeat_its_symptom():
    (line,) = lines(lambda steps: steps.step("1.0", reading("failing"), ""))
    assert line == "step 1   1.0  failing      2.1 s"


def test_mixtures_and_commits_are_steps_like_any_other():
    def tell(steps):
        steps.step("with numpyro 0.17.0 in 0.16.1", reading("fixed"), "")
        steps.step("a1b2c3d4e5", reading("failing"), "between 1234abcdef and 9f8e7d6c5b, 12 left")

    assert lines(tell) == [
        "step 1   with numpyro 0.17.0 in 0.16.1  fixed        2.1 s",
        "step 2   a1b2c3d4e5                     failing      2.1 s  "
        "between 1234abcdef and 9f8e7d6c5b, 12 left",
    ]


def test_a_heading_counts_anew_and_stands_apart_from_what_was_before():
    def tell(steps):
        steps.heading("releases of toy")
        steps.step("1.10.1", reading(), "")
        steps.heading("packages")
        steps.step("1.0", reading(), "")
        steps.note("it is toy")

    assert lines(tell) == [
        "releases of toy",
        "step 1   1.10.1  failing      2.1 s",
        "",
        "packages",
        "step 1   1.0  failing      2.1 s",
        "it is toy",
    ]


def test_what_ran_and_what_was_stored_is_counted_over_all_headings():
    steps = Steps(Console(file=io.StringIO()))
    for stored in (False, True, True):
        steps.heading("again")
        steps.step("1.0", reading(stored=stored), "")
    assert (steps.ran, steps.stored) == (1, 2)


NOISE = "[bold]a[/] \x1b[31mred\x1b[0m\r\n\u202ex\x07 :smile: {} %s"


@pytest.mark.parametrize("terminal", [False, True])
def test_foreign_text_obeys_nobody_and_stays_on_one_line(terminal):
    def tell(steps):
        steps.heading(NOISE)
        steps.step(NOISE, reading(None, detail=NOISE), NOISE)
        steps.note(NOISE)

    options = {"force_terminal": True, "no_color": True} if terminal else {}
    text = told(tell, **options)
    assert text.count("\n") == 3
    assert not set("\r\a\u202e") & set(text)
    assert "\x1b[31m" not in text
    assert text.count("[bold]a[/] red x :smile: {} %s") == 5


def test_long_names_and_reasons_are_bounded():
    (line,) = lines(lambda steps: steps.step("n" * 1000, reading(None, detail="d" * 1000), "l" * 1000))
    assert len(line) < 650


def test_a_console_that_knows_only_ascii_gets_only_ascii():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    console = Console(file=stream, width=30)
    Steps(console).step("1.0", reading(None, detail="\u2717 na\u00efve"), "")
    assert stream.buffer.getvalue().endswith(b"(\\u2717 na\\xefve)\n")


def test_a_terminal_gets_colours_and_a_log_none():
    def tell(steps):
        steps.step("1.0", reading("failing"), "")
        steps.step("1.1", reading("works"), "")
        steps.step("1.2", reading(None), "")

    assert "\x1b" not in told(tell)
    coloured = told(tell, force_terminal=True, color_system="standard").splitlines()
    assert [line[:5] for line in coloured] == ["\x1b[31m", "\x1b[32m", "\x1b[33m"]
