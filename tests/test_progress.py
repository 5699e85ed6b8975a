"""What a run shows as it goes."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from rich.console import Console
from toy.cases import cell, lacking, make_case, raised, returned

from harness.device import Device
from harness.evidence import Evidence, Lack, Outcome
from harness.judge import Judgement
from harness.matrix import Task
from harness.progress import Progress, _clock, brief, describe, visible
from harness.runner import CellDone, EnvironmentMissing, EnvironmentStarted
from harness.verdict import Agreement, Status

CASE = make_case()
PLACE = SimpleNamespace(id="toy-1.0")

GOOD = Judgement(status=Status.FAILING, expected=Status.FAILING, agreement=Agreement.EXPECTED)
BAD = Judgement(status=Status.CHANGED, expected=Status.FAILING, agreement=Agreement.UNEXPECTED)
GAP = Judgement(status=Status.UNSUPPORTED, expected=Status.FAILING, agreement=Agreement.NO_EVIDENCE)
KNOWN = Judgement(
    status=Status.UNSUPPORTED, expected=Status.FAILING, agreement=Agreement.NO_EVIDENCE, gap="it is known"
)


def done(evidence: Evidence) -> CellDone:
    task = Task(case=CASE, variant=CASE.variants[0], device=Device(platform="cpu"), cell=cell())
    return CellDone(task=task, place=PLACE, evidence=evidence)


SYMPTOM = done(raised("builtins.ValueError", "shapes disagree"))


def plain(events, **options) -> list[str]:
    """The lines that events make where nobody looks at a terminal."""
    stream = io.StringIO()
    console = Console(file=stream, width=40, markup=False, highlight=False)
    with Progress(console=console, total=options.pop("total", len(events)), **options) as progress:
        for event, judgement in events:
            progress.show(event, judgement)
    assert "\x1b" not in stream.getvalue()
    return stream.getvalue().splitlines()


def live(events, **options) -> str:
    """Everything that a terminal gets."""
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=True, markup=False, highlight=False)
    with Progress(console=console, total=len(events), **options) as progress:
        for event, judgement in events:
            progress.show(event, judgement)
            progress._live.refresh()
    return stream.getvalue()


def test_where_there_is_no_terminal_every_environment_gets_a_line():
    assert plain([(EnvironmentStarted(place=PLACE, cells=9), None)]) == ["toy-1.0: 9 cells"]


def test_where_there_is_no_terminal_every_25th_cell_tells_how_far_the_run_is():
    started = (EnvironmentStarted(place=PLACE, cells=75), None)
    lines = plain([started, *[(SYMPTOM, GOOD)] * 50], total=75)
    assert len(lines) == 3
    assert lines[1].startswith("25 of 75 cells, toy-1.0, about ")
    assert lines[1].endswith(" s left")
    assert lines[2].startswith("50 of 75 cells, toy-1.0, about ")


def test_the_time_left_is_that_of_the_cells_that_are_left(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("harness.progress.time.monotonic", lambda: now[0])
    with Progress(
        console=Console(file=io.StringIO()), total=40, environment="toy-1.0", _began=100.0
    ) as progress:
        assert progress._line().plain == "0 of 40 cells, toy-1.0"
        now[0] += 60
        progress.done = 10
        assert progress._line().plain == "10 of 40 cells, toy-1.0, about 3 min 0 s left"
        progress.done = 40
        assert progress._line().plain.endswith("about 0 s left")


def test_what_is_as_expected_gets_a_line_only_when_asked_for():
    line = "toy-7 failure in toy-1.0 on cpu: failing: ValueError: shapes disagree"
    assert plain([(SYMPTOM, GOOD)]) == []
    assert plain([(SYMPTOM, GOOD)], verbose=True) == [line]


def test_a_surprise_gets_a_line_with_what_was_expected_however_narrow_the_output():
    (line,) = plain([(done(raised("toy.Error", "no " * 30)), BAD)])
    assert line.startswith("toy-7 failure in toy-1.0 on cpu: changed (expected failing): toy.Error: no no")


def test_missing_evidence_gets_a_line_unless_it_is_explained():
    missing = done(lacking(Lack.DEVICE, "there is no cuda"))
    assert plain([(missing, GAP)]) == [
        "toy-7 failure in toy-1.0 on cpu: unsupported (expected failing): there is no cuda"
    ]
    assert plain([(missing, KNOWN)]) == []


def test_an_environment_that_could_not_be_tried_counts_as_done_with_all_its_cells():
    event = EnvironmentMissing(place=PLACE, reason="there is no Python 3.99.", cells=3)
    stream = io.StringIO()
    with Progress(console=Console(file=stream), total=4) as progress:
        progress.show(event, None)
        assert progress._line().plain.startswith("3 of 4 cells")
    assert stream.getvalue() == "toy-1.0: no evidence: there is no Python 3.99.\n"


def test_on_a_terminal_one_line_lives_and_environments_get_none():
    text = live([(EnvironmentStarted(place=PLACE, cells=2), None), (SYMPTOM, GOOD)])
    assert "toy-1.0: 2 cells" not in text
    assert "0 of 2 cells, starting" in text
    assert "0 of 2 cells, toy-1.0" in text
    assert "1 of 2 cells, toy-1.0, about " in text


def test_on_a_terminal_the_live_line_is_gone_at_the_end():
    text = live([(SYMPTOM, GOOD)])
    assert text.rstrip().endswith("\x1b[?25h\r\x1b[1A\x1b[2K") or text.endswith("\x1b[2K")
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h")


def test_on_a_terminal_a_surprise_is_red_and_stays():
    text = live([(SYMPTOM, BAD)])
    assert "\x1b[1;31mtoy-7 failure in toy-1.0 on cpu: changed" in text


def test_the_live_line_ends_when_the_run_breaks_off():
    stream = io.StringIO()
    with (
        pytest.raises(KeyboardInterrupt),
        Progress(console=Console(file=stream, force_terminal=True), total=1) as progress,
    ):
        raise KeyboardInterrupt
    assert progress._live is not None
    assert not progress._live.is_started


@pytest.mark.parametrize("show", [plain, lambda events: live(events).splitlines()])
def test_markup_and_codes_in_a_message_are_shown_as_text(show):
    event = done(raised("builtins.ValueError", "[bold]no[/bold] [/x] :smile: \x1b[2J\x1b]0;title\x07 end"))
    lines = show([(event, BAD)])
    (line,) = (line for line in lines if "changed" in line)
    assert "ValueError: [bold]no[/bold] [/x] :smile: end" in line
    assert "\x1b[2J" not in line
    assert "\x1b]0" not in line


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (raised("builtins.ValueError", "\n\n  first\nsecond"), "ValueError: first"),
        (raised("toy.errors.ShapeError", ""), "toy.errors.ShapeError"),
        (lacking(Lack.BUILD, "no\n  versions   of toy"), "no versions of toy"),
        (Evidence(outcome=Outcome.TIMED_OUT, reason="no end after 2 s"), "no end after 2 s"),
        (returned(), ""),
    ],
)
def test_what_was_seen_is_told_on_one_line(evidence, told):
    assert brief(evidence) == told


def test_what_was_seen_is_told_in_no_more_than_300_characters():
    assert len(brief(raised("builtins.ValueError", "x" * 10_000))) == 300
    assert brief(lacking(Lack.BUILD, "y" * 301)).endswith("...")


def test_a_cell_without_anything_seen_ends_with_its_status():
    fixed = Judgement(status=Status.FIXED, expected=Status.FIXED, agreement=Agreement.EXPECTED)
    assert describe(done(returned()), fixed) == "toy-7 failure in toy-1.0 on cpu: fixed"


def test_control_codes_are_made_visible_and_letters_stay():
    assert visible("\x1b[31mGröße\x07\r\n\tnext ≠") == "\\x1b[31mGröße\\x07\\r\n\tnext ≠"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3725, "62 min 5 s")]
)
def test_a_time_is_told_in_minutes_and_seconds(seconds, told):
    assert _clock(seconds) == told
