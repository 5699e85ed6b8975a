from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from report_results import GIVING, by_id, evidence, known, raised, release, row, toy_case, toy_config

from harness.errors import UsageError
from harness.evidence import EnvironmentRecord, Outcome
from harness.report.document import build_document
from harness.report.markdown import markdown
from harness.report.markup import code, escape, link, prose
from harness.report.publish import to_json
from harness.report.readme import BEGIN, END, readme_table, replace_part
from harness.report.symbols import MEANINGS, plain_mark
from harness.verdict import Status

CASE = toy_case()
OLD, MIDDLE, NEW = (release(version) for version in ("1.0", "1.1", "2.0"))
GREEN = plain_mark(Status.FIXED)
NO_EVIDENCE = [status for status in Status if not status.is_evidence]


def build(rows, *records, cases=(CASE,), config=None):
    return build_document(cases, rows, by_id(*records), config or toy_config())


def history(statuses, variant="failure", case=CASE, device="cpu"):
    """Cells of one variant in the releases 1.0, 1.1, 2.0; `None` is not measured."""
    return [
        row(case, record, status, variant, device)
        for record, status in zip((OLD, MIDDLE, NEW), statuses, strict=True)
        if status
    ]


FIXED_LATER = history([Status.FAILING, Status.FAILING, Status.FIXED])
MASK = history([Status.REFUTED, Status.REFUTED, Status.WORKS], "fix_mask")
KEEP = history([Status.WORKS, Status.WORKS, Status.WORKS], "fix_keep")
USUAL = build([*FIXED_LATER, *MASK, *KEEP], OLD, MIDDLE, NEW)


def html(text):
    return MarkdownIt("commonmark").enable("table").render(text)


def section(page, heading):
    return re.split(r"^## ", page.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0]


def without_legend(page):
    return page.replace(section(page, "Legend"), "")


def table_rows(text):
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("|")
    ]


def test_a_case_is_told_in_one_line():
    (line,) = [line for line in markdown(USUAL).splitlines() if line.startswith("- ")]
    assert line == (
        "- [toy-1](https://example.org/toy/issues/1) The shape is kept "
        "(fixed by [#9](https://example.org/toy/pull/9)). "
        "**Failure:** failing 1.0 to 1.1, fixed from 2.0. "
        "**Holds:** `keep`: works throughout, 1.0 to 2.0. "
        "**Holds in part:** `mask` (ours): refuted 1.0 to 1.1, works from 2.0."
    )


@pytest.mark.parametrize(
    ("introduced", "fixed", "origin"),
    [
        ((), (), ""),
        (("jax==0.10.0",), (), " (introduced by `jax==0.10.0`)"),
        (
            ("https://example.org/toy/commit/0123456789abcdef", "https://example.org/toy/issues/7"),
            ("https://example.org/toy/pull/9", "torch==2.13.0"),
            " (introduced by [0123456789](https://example.org/toy/commit/0123456789abcdef), "
            "[#7](https://example.org/toy/issues/7), "
            "fixed by [#9](https://example.org/toy/pull/9), `torch==2.13.0`)",
        ),
    ],
)
def test_a_case_tells_what_introduced_and_what_fixed_it(introduced, fixed, origin):
    case = replace(toy_case(), introduced_by=introduced, fixed_by=fixed)
    (line,) = [line for line in markdown(build([], cases=(case,))).splitlines() if line.startswith("- ")]
    assert line.startswith(f"- [toy-1](https://example.org/toy/issues/1) The shape is kept{origin}. ")


def test_a_table_has_a_row_per_variant_and_a_column_per_release():
    page = section(markdown(USUAL), "toy")
    assert "### toy cases, period, cpu" in page
    header, _, *rows = table_rows(page)
    assert header == ["case", "variant", "1.0", "1.1", "2.0"]
    assert [row[1:] for row in rows] == [
        ["`failure`", "✗", "✗", "✓"],
        ["`fix_keep`", "✓", "✓", "✓"],
        ["`fix_mask`", "✗", "✗", "✓"],
    ]
    assert rows[0][0] == "[toy-1](https://example.org/toy/issues/1)"


def test_a_release_without_a_cell_shows_as_not_measured():
    page = markdown(build(history([Status.FAILING, None, None]) + KEEP, OLD, MIDDLE, NEW))
    assert table_rows(section(page, "toy"))[2][2:] == ["✗", "?", "?"]


def test_what_the_case_did_not_say_comes_before_the_libraries_and_is_marked():
    page = markdown(build(history([Status.FAILING, Status.CHANGED, Status.FAILING]), OLD, MIDDLE, NEW))
    assert page.index("## Not as the case says") < page.index("## toy")
    shown = [row[1:] for row in table_rows(section(page, "Not as the case says"))[2:]]
    assert shown == [
        ["`failure`", "cpu", "≠ changed", "failing", "`toy-1.1`", "toy.errors.Odd: something else"],
        ["`failure`", "cpu", "✗ failing", "fixed", "`toy-2.0`", "ValueError: the shapes disagree"],
    ]
    assert table_rows(section(page, "toy"))[2][2:] == ["✗", "≠!", "✗!"]


def test_unexpected_cells_that_differ_in_the_environment_alone_share_a_row():
    page = markdown(build(history([Status.FIXED, Status.FIXED, None]), OLD, MIDDLE))
    (found,) = table_rows(section(page, "Not as the case says"))[2:]
    assert found[5] == "`toy-1.0`, `toy-1.1`"


def test_a_page_without_anything_unexpected_says_so():
    page = markdown(USUAL)
    assert "Every cell with evidence is as its case says." in page
    assert "9 as the case says, 0 not as the case says, 0 no evidence" in page


@pytest.mark.parametrize("rows", [[], history([Status.UNBUILDABLE] * 3)], ids=["no cells", "no evidence"])
def test_a_page_without_evidence_does_not_say_that_all_is_well(rows):
    page = markdown(build(rows, OLD, MIDDLE, NEW))
    assert "Nothing here is evidence" in page
    assert "as its case says" not in page


@pytest.mark.parametrize("status", NO_EVIDENCE)
def test_no_evidence_never_looks_like_anything_measured(status):
    rows = [
        each for variant in ("failure", "fix_keep", "fix_mask") for each in history([status] * 3, variant)
    ]
    document = build(rows, OLD, MIDDLE, NEW)
    for text in (without_legend(markdown(document)), readme_table(document)):
        assert GREEN not in text
        assert not re.search(r"\b(fixed|works|failing|refuted) (throughout|wherever|from|in|\d)", text)
    assert "no evidence: 1.0 to 2.0 " + status.value in markdown(document)
    assert "no evidence" in readme_table(document)


def test_marks_with_evidence_and_without_share_no_first_character():
    evident = {plain_mark(status)[0] for status in Status if status.is_evidence}
    assert {plain_mark(status)[0] for status in NO_EVIDENCE} == {"?"}
    assert "?" not in evident


def test_right_and_wrong_have_different_marks_for_failure_and_remedy_alike():
    right = {plain_mark(Status.FIXED), plain_mark(Status.WORKS)}
    others = {plain_mark(status) for status in Status} - right
    assert len(right) == 1
    assert right.isdisjoint(others)
    assert len(others) == len(Status) - 3  # failing and refuted share a mark, in rows that say which is meant


def test_the_legend_explains_every_status_in_words_and_counts_it():
    records = [release(f"1.{minor}") for minor in range(len(GIVING))]
    rows = [row(CASE, each, status, "fix_mask") for each, status in zip(records, GIVING, strict=True)]
    legend = {line[1]: line for line in table_rows(section(markdown(build(rows, *records)), "Legend"))}
    for status, meaning in MEANINGS.items():
        assert legend[status.value][:3] == [plain_mark(status), status.value, meaning]
        assert ("no evidence" in meaning) == (not status.is_evidence)
    assert legend["timeout"][3] == "1"
    assert set(MEANINGS) == set(Status)


def test_gaps_come_with_their_reason_and_say_whether_it_was_known():
    gap = known(Status.UNIMPORTABLE, "toy==1.0", "needs xla_call_p")
    rows = history([Status.UNIMPORTABLE, Status.UNIMPORTABLE, Status.UNSUPPORTED])
    page = markdown(build(rows, OLD, MIDDLE, NEW, config=toy_config(gap)))
    assert table_rows(section(page, "No evidence"))[2:] == [
        ["`toy-1.0`", "cpu", "unimportable", "needs xla\\_call\\_p", "yes", "1"],
        ["`toy-1.1`", "cpu", "unimportable", "ImportError: cannot import xla\\_call\\_p", "no", "1"],
        ["`toy-2.0`", "cpu", "unsupported", "no cuda here", "no", "1"],
    ]


def test_environments_show_python_date_packages_and_note():
    record = release("1.0", note="date moved to 2024-02-07", released="2024-01-10")
    page = markdown(build([row(CASE, record, Status.FAILING)], record))
    found = dict(zip(*table_rows(section(page, "Environments"))[::2], strict=True))
    assert (found["Python"], found["index as of"], found["numpy"]) == ("3.11", "2024-01-31", "1.26.0")
    assert (found["note"], found["released"]) == ("date moved to 2024-02-07", "2024-01-10")


def test_a_release_without_a_date_has_an_empty_place_for_it():
    record = release("1.0")
    page = markdown(build([row(CASE, record, Status.FAILING)], record))
    assert dict(zip(*table_rows(section(page, "Environments"))[::2], strict=True))["released"] == ""


def test_axes_are_told_apart_in_words_and_each_has_its_table():
    latest = release("2.0", "@latest", "latest")
    pinned = release("1.0", "+torch-2.13.0", "pinned")
    rows = [*FIXED_LATER, row(CASE, latest, Status.FAILING), row(CASE, pinned, Status.FAILING)]
    page = markdown(build(rows, OLD, MIDDLE, NEW, latest, pinned))
    assert (
        "**Failure:** period: failing 1.0 to 1.1, fixed from 2.0; latest: failing in 2.0; "
        "with torch 2.13.0: failing in 1.0." in page
    )
    headings = [line for line in page.splitlines() if line.startswith("### ")]
    assert headings == [
        "### toy cases, period, cpu",
        "### toy cases, latest, cpu",
        "### toy cases, with torch 2.13.0, cpu",
    ]


def test_devices_that_disagree_are_told_apart():
    rows = [*FIXED_LATER, *history([Status.FAILING] * 3, device="cuda")]
    page = markdown(build(rows, OLD, MIDDLE, NEW))
    assert "on cpu failing 1.0 to 1.1, fixed from 2.0, on cuda failing throughout, 1.0 to 2.0" in page
    assert "### toy cases, period, cuda" in page


def test_an_interpreter_at_hand_has_a_table_and_words_of_its_own():
    current = EnvironmentRecord(
        id="current", library=None, version=None, resolution="interpreter", python="3.12", as_of=None
    )
    rows = [row(CASE, current, Status.FAILING), row(CASE, current, Status.UNSUPPORTED, "fix_keep")]
    page = markdown(build(rows, current))
    assert "**Failure:** current: failing." in page
    assert "**Undecided:** `keep`: current: no evidence: unsupported." in page
    assert "**Undecided:** `mask` (ours): no evidence." in page
    assert table_rows(section(page, "toy"))[0] == ["case", "variant", "current"]


def test_what_an_interpreter_gave_no_evidence_of_takes_nothing_from_a_remedy():
    current = EnvironmentRecord(
        id="current", library=None, version=None, resolution="interpreter", python="3.12", as_of=None
    )
    rows = [
        row(CASE, current, Status.UNSUPPORTED),
        row(CASE, current, Status.WORKS, "fix_keep"),
        row(CASE, current, Status.UNSUPPORTED, "fix_keep", device="cuda"),
    ]
    document = build(rows, current)
    assert "**Holds:** `keep`: current: on cpu works, on cuda no evidence: unsupported." in markdown(document)
    assert table_rows(readme_table(document))[2][2:5] == [
        "no evidence",
        "`keep`",
        "no evidence: `mask` (ours)",
    ]


def test_remedies_that_fared_the_same_share_a_sentence():
    page = markdown(build(KEEP + history([Status.WORKS] * 3, "fix_mask"), OLD, MIDDLE, NEW))
    assert "**Holds:** `keep`, `mask` (ours): works throughout, 1.0 to 2.0." in page


def test_environments_are_listed_axis_by_axis_in_order_of_release():
    records = [release("1.10"), release("1.9"), release("1.9", "@latest", "latest"), release("odd")]
    page = markdown(build([row(CASE, record, Status.FAILING) for record in records], *records))
    listed = [line[0] for line in table_rows(section(page, "Environments"))[2:]]
    assert listed == ["`toy-1.9`", "`toy-1.10`", "`toy-1.9@latest`", "`toy-odd`"]


def test_a_release_on_another_python_says_so_in_its_column():
    odd = release("1.0", "@py3.9")
    rows = [row(CASE, odd, Status.FAILING), row(CASE, NEW, Status.FIXED)]
    page = markdown(build(rows, odd, NEW))
    assert table_rows(section(page, "toy"))[0][2:] == ["1.0 py3.9", "2.0"]


def test_the_page_depends_on_nothing_but_the_data():
    assert markdown(json.loads(to_json(USUAL))) == markdown(USUAL)
    assert readme_table(json.loads(to_json(USUAL))) == readme_table(USUAL)


HOSTILE = (
    "| a | b | <script>alert(1)</script> <img src=x onerror=alert(1)> `code` ``` [x](javascript:alert(1)) "
    "![i](http://e.org/i.png) **bold** _it_ ~~no~~ $x$ \\| &lt; <!-- compatibility:end --> \x1b[31m"
)


def test_hostile_text_is_shown_as_it_is_and_breaks_no_table():
    noisy = evidence(Outcome.RAISED, raised=raised("builtins.OSError", HOSTILE))
    lacking = evidence(Outcome.UNAVAILABLE, reason=HOSTILE, attested=None)
    case = toy_case(title=HOSTILE.replace("\x1b[31m", "").replace("\\", "/"))
    old = release("1.0", note=HOSTILE)
    rows = [row(case, old, noisy), row(case, old, lacking, "fix_keep")]
    document = build(rows, old, cases=[case])
    for text in (markdown(document), readme_table(document)):
        rendered = html(text)
        assert not re.search(r"<(script|img|strong>bold|em>it)|href=\"javascript|\x1b", rendered)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered
        for table in re.findall(r"<table>.*?</table>", rendered, flags=re.DOTALL):
            assert len({row.count("<t") for row in re.findall(r"<tr>.*?</tr>", table, flags=re.DOTALL)}) <= 1
    rendered = html(markdown(document))
    assert f"<td>OSError: {_shown(HOSTILE)}</td>" in rendered
    assert rendered.count(f"<td>{_shown(HOSTILE)}</td>") == 2, (
        "the reason of the gap and the environment's note"
    )


def _shown(text):
    """What a browser gets to see of plain text."""
    plain = text.replace("\x1b[31m", "").strip()
    for character, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.items():
        plain = plain.replace(character, entity)
    return plain


@pytest.mark.parametrize(
    "text", ["a|b", "a\\|b", "\\", "a\\", "`", "``", "a`b`c", "*x*", "<b>", "&amp;", "$1$", "~~x~~"]
)
def test_escaped_text_and_code_render_as_themselves_in_a_table_cell(text):
    for written in (escape(text), code(text), prose(text)):
        rendered = html(f"| h | i |\n| --- | --- |\n| {written} | end |\n")
        assert rendered.count("<td>") == 2
        shown = re.sub(r"</?code>", "", re.search(r"<td>(.*?)</td>", rendered)[1])
        assert shown.replace("`", "") == _shown(text).replace("`", "")


def test_paired_back_quotes_of_a_docstring_stay_code():
    assert prose("keeps `a_b` of *x*") == "keeps `a_b` of \\*x\\*"
    assert prose("keeps `a_b") == "keeps \\`a\\_b"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://e.org/a)b", "https://e.org/a b", "https://e.org/|", "x"]
)
def test_only_ordinary_web_addresses_become_links(url):
    assert "](" not in link("text", url)


def test_the_readme_table_has_one_row_per_case():
    header, _, first, second = table_rows(
        readme_table(build([*FIXED_LATER, *MASK, *KEEP], OLD, MIDDLE, NEW, cases=[CASE, toy_case(2)]))
    )
    assert header == ["case", "issue", "failing", "remedies that hold", "hold in part", "refuted"]
    assert first == [
        "[toy-1](https://example.org/toy/issues/1)",
        "The shape is kept",
        "failing 1.0 to 1.1, fixed from 2.0",
        "`keep`",
        "refuted 1.0 to 1.1, works from 2.0: `mask` (ours)",
        "",
    ]
    assert second[2:] == ["no evidence", "", "no evidence: `keep`, `mask` (ours)", ""]


def test_the_readme_table_names_only_the_axes_where_something_fails():
    latest = release("2.0", "@latest", "latest")
    fixed = history([Status.FIXED] * 3)
    calm = build([*fixed, row(CASE, latest, Status.FIXED)], OLD, MIDDLE, NEW, latest)
    drift = build([*fixed, row(CASE, latest, Status.FAILING)], OLD, MIDDLE, NEW, latest)
    assert table_rows(readme_table(calm))[2][2] == "nowhere: fixed wherever measured"
    assert table_rows(readme_table(drift))[2][2] == "latest: failing in 2.0"


def test_the_readme_table_says_which_device_a_remedy_works_on():
    works = history([Status.WORKS] * 3, "fix_mask")
    refuted = history([Status.REFUTED] * 3, "fix_mask", device="cuda")
    row = table_rows(readme_table(build(works + refuted, OLD, MIDDLE, NEW)))[2]
    assert row[3] == row[5] == ""
    assert "on cpu works throughout, 1.0 to 2.0" in row[4]
    assert "on cuda refuted throughout, 1.0 to 2.0" in row[4]


def test_the_readme_table_says_on_which_axis_a_remedy_is_refuted():
    latest = release("2.0", "@latest", "latest")
    works = history([Status.WORKS] * 3, "fix_mask")
    refuted = row(CASE, latest, Status.REFUTED, "fix_mask")
    told = table_rows(readme_table(build([*works, refuted], OLD, MIDDLE, NEW, latest)))[2]
    assert told[4] == "no evidence: `keep`<br>latest: refuted in 2.0: `mask` (ours)"


def test_the_readme_table_leaves_out_which_releases_gave_no_evidence_but_claims_no_more():
    rows = history([Status.FAILING, Status.UNBUILDABLE, Status.FIXED])
    told = table_rows(readme_table(build(rows, OLD, MIDDLE, NEW)))[2][2]
    assert told == "failing in at least 1.0, fixed from a release after 1.0, at the latest 2.0"


def test_a_remedy_refuted_everywhere_stands_in_its_column_by_name_alone():
    rows = history([Status.REFUTED] * 3, "fix_keep")
    told = table_rows(readme_table(build(rows, OLD, MIDDLE, NEW)))[2]
    assert told[3:] == ["", "no evidence: `mask` (ours)", "`keep`"]


def test_the_table_is_replaced_between_its_markers_and_again():
    text = f"# Title\n\n{BEGIN}\nold\n{END}\n\nMore\\1 text.\n"
    once = replace_part(text, "| \\1 new |\n")
    assert once == f"# Title\n\n{BEGIN}\n| \\1 new |\n{END}\n\nMore\\1 text.\n"
    assert replace_part(once, "| \\1 new |\n") == once


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{BEGIN}\n",
        f"{END}\n{BEGIN}\n",
        f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n",
        f"inline {BEGIN} and {END}\n",
    ],
    ids=["none", "no end", "wrong order", "twice", "not on their own lines"],
)
def test_a_readme_without_its_markers_is_refused(text):
    with pytest.raises(UsageError, match="once each"):
        replace_part(text, "")
