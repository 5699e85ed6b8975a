"""The gate's answer in a terminal, and the sentences that all formats share."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console
from toy.gate import (
    HOSTILE,
    acceptance,
    counts,
    decision,
    finding,
    full_result,
    gate_result,
    source_reading,
    state_view,
    use,
)

from harness.gate import summary, words
from harness.gate.observations import Basis, Skipped
from harness.gate.records import Action, Avoidance, FindingKind, Remedy
from harness.gate.terminal import gate_view

NOTHING = counts(ran=0, stored=0, inferred=0, without_evidence=0)


def shown(result, width=80, **options):
    stream = io.StringIO()
    Console(file=stream, width=width, **options).print(gate_view(result))
    return stream.getvalue()


def lines(result, width=80):
    return [line.rstrip() for line in shown(result, width).splitlines()]


def test_upgrade_is_answered_first_and_then_proved():
    about = finding(
        title="NumPyro cannot be imported",
        touches=("import toy",),
        remedies=(Remedy(variant="fix_pin", claim="Pins it.", source="documented", basis=Basis.INFERRED),),
        avoid=(Avoidance(requirement="jax<0.10", measured="numpyro 0.20.1 with jax 0.9.2"),),
        uses=(use(),),
    )
    result = gate_result(before=state_view("1.0"), decisions=(decision(about),), source=source_reading())
    assert lines(result, 100) == [
        "Upgrade from toy==1.0 to toy==2.0",
        "BLOCKED: 1 finding blocks.",
        "  1 cell gave no evidence: of these nothing is known.",
        "  newly failing: NumPyro cannot be imported.",
        "",
        "From: toy==1.0, Python 3.11 on linux-x86_64, 2 packages.",
        "To: toy==2.0, Python 3.11 on linux-x86_64, 2 packages.",
        "Changes: toy 1.0 to 2.0.",
        "",
        "Blocking (1)",
        "  1. newly failing: NumPyro cannot be imported",
        "     about       toy-7, bug, on cpu",
        "     symptom     ValueError: shapes disagree",
        "     met by      import toy",
        "     used at     src/app/model.py:12 toy.infer.sample",
        "     evidence    measured now: fixed with toy 1.0, failing with toy 2.0, ran now",
        "     remedy      fix_pin (documented): Pins it (INFERRED to work here, not measured)",
        "     avoid with  jax<0.10: measured right, numpyro 0.20.1 with jax 0.9.2",
        "     issue       https://example.org/toy/issues/7",
        "",
        "Looked at",
        "  - 4 of 9 cases concern this; cells on cpu: 5 ran now, 2 stored, 0 INFERRED; 1 of them without",
        "    evidence.",
        "  - 3 files read of src, 0 skipped; uses toy in 4 places.",
        "",
        "Policy: the defaults. Made 2026-01-01T12:00:00Z with harness 0.1.",
        "Again: harness gate toy==2.0",
    ]


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, "PASSED: nothing was found in what was looked at."),
        ({"is_offline": True}, "PASSED (offline: nothing ran): nothing was found in what was looked at."),
        ({"counts": NOTHING}, "NO EVIDENCE: nothing was seen, so nothing is known; this is no pass."),
        (
            {"counts": counts(ran=1, stored=0), "decisions": (decision(action=Action.WARN),)},
            "NO EVIDENCE: nothing was seen, so nothing is known; this is no pass; 1 finding warns.",
        ),
        (
            {"decisions": (decision(finding(kind=FindingKind.NO_EVIDENCE)),)},
            "NO EVIDENCE: evidence that the policy asks for is missing; this is no pass; 1 finding blocks.",
        ),
        (
            {"decisions": (decision(action=Action.WARN), decision(action=Action.WARN))},
            "PASSED WITH WARNINGS: 2 findings warn.",
        ),
        ({"decisions": (decision(action=Action.ALLOW),)}, "PASSED: 1 accepted, known or allowed."),
        (
            {"decisions": (decision(), decision(), decision(action=Action.WARN))},
            "BLOCKED: 2 findings block; 1 finding warns.",
        ),
    ],
)
def test_verdict_is_one_line(fields, verdict):
    assert summary.verdict(gate_result(**fields)) == verdict


def test_nothing_seen_is_said_twice_and_never_passes():
    text = shown(gate_result(counts=NOTHING))
    assert "NO EVIDENCE" in text
    assert "No cell was looked at: nothing is known." in text
    assert "pass" not in text.replace("this is no pass", "")


def test_blind_answer_says_of_what_nothing_is_known():
    result = gate_result(before=state_view("1.0"), is_blind=True)
    assert summary.verdict(result) == "NO EVIDENCE: nothing was seen, so nothing is known; this is no pass."
    assert "Of toy==2.0 nothing was seen: nothing is known of it." in summary.looked_at(result)


def test_offline_answer_says_at_the_top_that_nothing_ran():
    top = lines(gate_result(is_offline=True), 120)[:3]
    assert "nothing ran" in top[1]
    assert top[2].startswith("  Offline: nothing ran.")


def test_only_two_reasons_stand_at_the_top():
    found = tuple(decision(finding(title=f"Breaks {number}.")) for number in range(4))
    assert summary.reasons(gate_result(decisions=found)) == (
        "newly failing: Breaks 0.",
        "newly failing: Breaks 1. And 2 more.",
    )
    assert summary.reasons(gate_result()) == ()


def test_only_what_differs_between_states_is_told():
    old = state_view(packages={"a": "1", "gone": "3", "jax": "0.9.2", "same": "1"}, python="3.11")
    new = state_view(packages={"a": "2", "jax": "0.10.0", "new": "1", "same": "1"}, python="3.12")
    assert summary.differences(old, new) == (
        "Python 3.11 to 3.12", "jax 0.9.2 to 0.10.0", "a 1 to 2", "gone 3 removed", "new 1 added",
    )  # fmt: skip
    assert summary.differences(old, old) == ("no version differs",)
    assert summary.differences(old, state_view(packages=old.packages, platform="mac")) == (
        "another platform",
    )


def test_many_differences_are_counted():
    old = state_view(packages={})
    new = state_view(packages={f"p{number:02}": "1" for number in range(40)})
    told = summary.states(gate_result(before=old, after=new))[2]
    assert told.endswith("p11 1 added, and 28 more.")


def test_audit_shows_the_versions_of_the_libraries():
    after = state_view(packages={"jax": "0.9.2", "numpyro": "0.20.1", "zlib": "1"}, note="was resolved now")
    assert summary.states(gate_result(after=after)) == (
        "State: toy==2.0, Python 3.11 on linux-x86_64, 3 packages: numpyro 0.20.1, jax 0.9.2.",
        "Of toy==2.0: was resolved now.",
    )


def test_places_are_files_lines_and_cells_certain_ones_first():
    places = (
        use(line=1, is_certain=False),
        use(line=2, is_import=True),
        use(path="a.ipynb", line=90, cell=4),
        *(use(line=number) for number in range(100, 112)),
    )
    assert words.uses(finding(uses=places)) == (
        "a.ipynb, cell 4, line 90 toy.infer.sample; src/app/model.py:100 toy.infer.sample; "
        "src/app/model.py:101 toy.infer.sample; and 12 more"
    )
    assert words.place(places[0]) == "src/app/model.py:1 toy.infer.sample (possible)"
    assert words.heading(finding(uses=places[:1])).endswith("(only possible)")
    assert "possible" not in words.heading(finding(uses=places[:2]))


@pytest.mark.parametrize(
    ("basis", "told"),
    [
        (Basis.RAN, "measured now: seen"),
        (Basis.STORED, "measured earlier: seen"),
        (Basis.INFERRED, "INFERRED, not measured: seen"),
        (None, "nothing was measured: seen"),
    ],
)
def test_evidence_is_told_from_inference(basis, told):
    assert words.evidence(finding(basis=basis, evidence="seen")) == told


@pytest.mark.parametrize(
    ("decided", "told"),
    [
        (decision(), "blocks"),
        (decision(action=Action.WARN), "warns"),
        (decision(action=Action.ALLOW), "allowed by the policy"),
        (decision(accepted=acceptance()), "accepted until 2026-03-31: we pad the shapes"),
        (decision(is_in_baseline=True), "known: it is in the baseline"),
    ],
)
def test_standing_says_why(decided, told):
    assert words.standing(decided) == told


def test_left_out_cases_are_grouped_by_reason():
    left = [(f"toy-{number}", "it is of flax") for number in range(7)] + [("toy-9", "not used.")]
    assert summary.left_out(gate_result(left_out=tuple(left))) == (
        "7 cases: it is of flax (toy-0, toy-1, toy-2, toy-3, toy-4, and 2 more).",
        "1 case: not used (toy-9).",
    )


def test_every_kind_of_finding_has_words():
    assert set(words.MEANINGS) == set(FindingKind)
    kinds = {each.finding.kind for each in full_result().decisions}
    assert kinds == set(FindingKind)
    text = " ".join(shown(full_result(), 120).split())
    for kind in kinds:
        assert f"{kind.value.replace('-', ' ')}:" in text


def test_everything_else_is_listed():
    text = " ".join(shown(full_result(), 120).split())
    for told in (
        "Accepted, known or allowed (3)",
        "Repaired by the upgrade (1) - toy-1: The toy adds up again.",
        "Gone since the baseline (1) - The toy was slow.",
        "Left out (1) - 1 case: their source does not use toy.infer (toy-2).",
        "(2) - src/broken.py:3: invalid syntax. - src/bytes.py: no UTF-8.",
        "toy-base was resolved now.",
    ):
        assert told in text


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(map(len, shown(full_result(), width).splitlines())) <= width


def test_foreign_text_is_not_obeyed():
    evil = f"[bold]{HOSTILE[:80]} \x1b]0;title\x07 \x9b31m :boom:"
    about = finding(title=evil, symptom=evil, uses=(use(path=evil, name=evil),), touches=(evil,))
    result = gate_result(
        decisions=(decision(about),), notes=(evil,), command=evil, gone=(evil,), policy=evil,
        left_out=((evil, evil),), repaired=((evil, evil),),
        after=state_view(name=evil, note=evil, platform=evil),
        source=source_reading(roots=(evil,), skipped=(Skipped(path=evil, line=1, reason=evil),)),
    )  # fmt: skip
    text = shown(result, 120)
    assert text.replace("\n", "").isprintable()
    assert shown(result, 120, force_terminal=True, color_system="truecolor").count("\x1b[1;31m") == 2
    for label in ("symptom", "met by"):
        assert re.search(rf"{label} +\[bold\]", text)
    assert ":boom:" in text


def test_the_same_words_without_colour():
    coloured = shown(full_result(), 120, force_terminal=True, color_system="truecolor")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(full_result(), 120)


def test_five_hundred_findings_are_all_shown_and_long_lists_counted():
    found = tuple(decision(finding(title=f"Breaks {number}")) for number in range(500))
    text = shown(gate_result(decisions=found, gone=tuple(f"was {number}" for number in range(30))), 120)
    assert "Blocking (500)" in text
    assert "Breaks 499" in text
    assert "and 20 more, all of them in the JSON answer" in text


def test_credentials_of_addresses_are_left_out():
    result = gate_result(command="harness gate --index https://me:secret@example.org/simple")
    assert "secret" not in shown(result, 120)
    assert summary.command(result) == "harness gate --index https://example.org/simple"
