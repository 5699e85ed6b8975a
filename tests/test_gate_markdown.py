"""The gate's answer as a comment on a pull request, read back by a Markdown parser."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from toy.gate import HOSTILE, acceptance, counts, decision, finding, full_result, gate_result, state_view, use

from harness.gate.markdown import LIMIT, gate_markdown
from harness.gate.observations import Basis, Skipped, SourceReading
from harness.gate.records import Action, Avoidance, FindingKind, Remedy

ISSUE = "https://example.org/toy/issues/7"
EVIL = (
    "</details> <img src=x onerror=y> ![i](https://evil.example/x.png) [l](https://evil.example) @someone "
    "#12 owner/repo#3 GH-4 https://evil.example www.evil.example me@evil.example <b>bold</b> **b** | c `code"
)
PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")


def tokens(text):
    found = []
    for token in PARSER.parse(text):
        found += [token, *(token.children or ())]
    return found


def written(text):
    """What a reader sees of it, code included."""
    return "".join(token.content for token in tokens(text) if token.type in {"text", "code_inline", "fence"})


def rows(text):
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")][2:]


def assert_only_ours(text, links=(ISSUE,)):
    """No HTML but ours, no image, no link but to issues, nothing that GitHub makes a mention of."""
    for token in tokens(text):
        if token.type == "html_block":
            assert re.fullmatch(
                r"<details( open)?><summary>Finding \d+: [a-z -]+</summary>|</details>", token.content.strip()
            )
        if token.type == "html_inline":
            assert token.content == "<!-- -->"
        if token.type == "link_open":
            assert token.attrs["href"] in links
        if token.type == "text":
            assert not re.search(r"[@#]\w|GH-\d|://\w|www\.", token.content) or token.content in links
        assert token.type not in {"image", "hr", "ordered_list_open", "blockquote_open"}
    headings = [token.content for token in tokens(text) if token.type == "heading_open"]
    assert len(headings) == len(re.findall(r"^##", text, re.MULTILINE))


def test_small_answer_is_exact():
    about = finding(
        remedies=(Remedy(variant="fix_pin", claim="Pins it.", source="documented", basis=Basis.RAN),),
        avoid=(Avoidance(requirement="toy<2", measured="toy 1.0"),),
        uses=(use(), use(line=20)),
        evidence="failing with toy 2.0",
        touches=("import toy",),
    )
    assert gate_markdown(gate_result(before=state_view("1.0"), decisions=(decision(about),))) == (
        "## Upgrade from toy==1.0 to toy==2.0\n\n"
        "**BLOCKED: 1 finding blocks.**\n\n"
        "- 1 cell gave no evidence: of these nothing is known.\n"
        "- newly failing: The toy breaks.\n"
        "- From: toy==1.0, Python 3.11 on linux-x86\\_64, 2 packages.\n"
        "- To: toy==2.0, Python 3.11 on linux-x86\\_64, 2 packages.\n"
        "- Changes: toy 1.0 to 2.0.\n\n"
        "### Findings\n\n"
        "| no. | effect | finding | case | used at | avoid with |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        f"| 1 | **blocks** | newly failing: The toy breaks | [toy-7]({ISSUE}) | "
        "`src/app/model.py:12 toy.infer.sample` and 1 more | `toy<2` |\n\n"
        "<details open><summary>Finding 1: newly failing</summary>\n\n"
        "**newly failing: The toy breaks**\n\n"
        "- about: toy-7, bug, on cpu\n"
        "- symptom: `ValueError: shapes disagree`\n"
        "- met by: import toy\n"
        "- used at: `src/app/model.py:12 toy.infer.sample`, `src/app/model.py:20 toy.infer.sample`\n"
        "- evidence: measured now: failing with toy 2.0\n"
        "- remedy: fix\\_pin (documented): Pins it (measured now to work here)\n"
        "- avoid with: toy\\<2: measured right, toy 1.0\n"
        f"- issue: [{ISSUE}]({ISSUE})\n\n"
        "</details>\n\n\n"
        "### Looked at\n\n"
        "- 4 of 9 cases concern this; cells on cpu: 5 ran now, 2 stored, 0 INFERRED; "
        "1 of them without evidence.\n"
        "- No source was read (--uses): every case of a library in the state counts.\n\n"
        "Policy: the defaults. Made 2026-01-01T12:00:00Z with harness 0.1.\n\n"
        "```console\n$ harness gate toy==2.0\n```\n"
    )


def test_empty_answer_claims_nothing():
    text = gate_markdown(gate_result(counts=counts(ran=0, stored=0, inferred=0, without_evidence=0)))
    assert text.startswith(
        "## Audit of toy==2.0\n\n**NO EVIDENCE: nothing was seen, so nothing is known; this is no pass.**\n"
    )
    assert "No cell was looked at: nothing is known." in text
    assert "Findings" not in text


def test_offline_stands_at_the_top():
    top = gate_markdown(gate_result(is_offline=True)).split("\n")[:5]
    assert "(offline: nothing ran)" in top[2]
    assert top[4].startswith("- Offline: nothing ran.")


def test_every_kind_and_effect():
    text = gate_markdown(full_result())
    for kind in FindingKind:
        assert f"{kind.value.replace('-', ' ')}:" in text
    assert [row[1] for row in rows(text)] == ["**blocks**"] * 5 + ["warns"] * 4
    assert "### Accepted, known or allowed (3)" in text
    assert "accepted until 2026-03-31: we pad the shapes." in text
    assert_only_ours(text)


def test_warnings_are_folded_and_what_blocks_is_open():
    text = gate_markdown(full_result())
    assert text.count("<details open>") == 5
    assert text.count("<details>") == 4
    assert text.count("</details>") == 9


def test_many_uses_are_counted():
    places = tuple(use(line=number) for number in range(1, 16))
    text = gate_markdown(gate_result(decisions=(decision(finding(uses=places)),)))
    assert "`src/app/model.py:3 toy.infer.sample`, and 12 more\n" in text


@pytest.mark.parametrize(
    "evil", [HOSTILE, EVIL, f"# {EVIL}", f"- {EVIL}", f"1. {EVIL}", "---", "===", "> q", "+ a", "2) b"]
)
def test_foreign_text_is_only_text(evil):
    about = finding(
        title=evil, cases=(evil,), case_kind=evil, variants=(evil,), device=evil, issue=evil, symptom=evil,
        evidence=evil, remedies=(Remedy(variant=evil, claim=evil, source=evil, basis=Basis.STORED),),
        avoid=(Avoidance(requirement=evil, measured=evil),), uses=(use(path=evil, name=evil),),
        touches=(evil,),
    )  # fmt: skip
    state = state_view(name=evil, python=evil, platform=evil, note=evil, packages={evil: evil})
    reading = SourceReading(
        roots=(evil,), files=1, libraries={evil: 1}, skipped=(Skipped(path=evil, line=None, reason=evil),)
    )
    accepted = decision(about, accepted=acceptance(reason=evil))
    result = gate_result(
        decisions=(decision(about), decision(about, Action.WARN), accepted),
        after=state, before=state_view("1.0"), notes=(evil,), gone=(evil,), repaired=((evil, evil),),
        left_out=((evil, evil),), source=reading, policy=evil, tool=evil, command=evil, devices=(evil,),
        titles={evil: evil}, made_at=evil,
    )  # fmt: skip
    assert_only_ours(gate_markdown(result), ())


def test_hostile_text_is_shown_as_it_is():
    seen = written(gate_markdown(gate_result(decisions=(decision(finding(title=EVIL, symptom=EVIL)),))))
    assert "</details> <img src=x onerror=y> ![i](https://evil.example/x.png)" in seen
    assert "@someone #12 owner/repo#3 GH-4" in seen


def test_no_table_row_is_broken_by_foreign_text():
    about = finding(
        title="a | b", uses=(use(path="a|b.py"),), avoid=(Avoidance(requirement="a|b", measured=""),)
    )
    text = gate_markdown(gate_result(decisions=(decision(about), decision())))
    cells = [token for token in tokens(text) if token.type == "td_open"]
    assert len(cells) == 12


def test_address_that_is_none_is_no_link():
    text = gate_markdown(gate_result(decisions=(decision(finding(issue="javascript:alert(1)")),)))
    assert "link_open" not in {token.type for token in tokens(text)}


def test_command_stays_in_its_fence():
    text = gate_markdown(gate_result(command="harness gate '```\n# not a heading'"))
    fences = [token.content for token in tokens(text) if token.type == "fence"]
    assert fences == ["$ harness gate '``` # not a heading'\n"]


@pytest.mark.parametrize("evil", ["short", HOSTILE, EVIL, "#a" * 2000])
def test_comment_stays_under_the_limit_and_says_what_was_dropped(evil):
    found = tuple(
        decision(finding(title=f"Breaks {number} {evil}", symptom=evil, uses=(use(path=evil),)), action)
        for action in Action
        for number in range(500)
    )
    result = full_result(
        decisions=found, notes=(evil,) * 500, gone=(evil,) * 500, command=evil * 10, policy=evil,
        left_out=tuple((f"toy-{number}", f"{number} {evil}") for number in range(500)),
        repaired=((evil, evil),) * 500,
    )  # fmt: skip
    text = gate_markdown(result)
    assert len(text) < LIMIT
    assert_only_ours(text)
    table = rows(text)
    assert table[0][0] == "1"
    assert f"{1000 - len(table)} findings more dropped here" in text
    details = text.splitlines().count("</details>")
    assert details >= 1
    assert f"{1000 - details} findings more in detail dropped here" in text
    assert "Looked at" in text
    kept = len(re.findall("^- known|^- newly", text.partition("### Accepted")[2], re.MULTILINE))
    assert f"{500 - kept} lines more dropped here" in text


def test_five_hundred_findings_keep_the_most_important():
    found = tuple(decision(finding(title=f"Breaks {number}")) for number in range(500))
    text = gate_markdown(gate_result(decisions=found, notes=("Mind this.",)))
    assert len(text) < LIMIT
    assert "| 1 | **blocks** | newly failing: Breaks 0 |" in text
    assert "Mind this." in text
    assert "dropped here" in text


def test_nothing_is_dropped_without_need():
    assert "dropped here" not in gate_markdown(full_result())
