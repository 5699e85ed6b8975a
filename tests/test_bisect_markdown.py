"""An answer as a sentence and as a comment for an issue."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bisect_answers import (
    TOYS,
    WEB,
    answer,
    commit,
    commits,
    drift,
    experiment,
    fixed_with_commit,
    introduced_then_fixed,
    nothing_known,
    pair_of_packages,
    point,
    points,
    random_stream,
    reading,
    releases,
    suspects,
    two_states,
    undecided,
    with_change,
)
from markdown_it import MarkdownIt

from harness.bisect.markdown import answer_markdown, headline
from harness.report.markup import quoted, said

SHA = {letter: letter * 40 for letter in "abce"}
ONE = suspects(moves=suspects().sufficient.moved)


def bullets(found):
    return [line[2:] for line in answer_markdown(found).splitlines() if line.startswith("- ")]


def rows(text):
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]


def section(found, heading):
    return re.split(r"^### ", answer_markdown(found).partition(f"### {heading}\n")[2], flags=re.MULTILINE)[0]


def html(text):
    return MarkdownIt("commonmark").enable("table").render(text)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            fixed_with_commit(),
            "failing up to 1.1, fixed from 1.2, because of toy, "
            "by commit cccccccccc (2024-02-01, Keep the shape, #7)",
        ),
        (
            introduced_then_fixed(),
            "not failing up to 1.0, failing from 1.1; failing up to 1.2, fixed from 1.3",
        ),
        (
            undecided(),
            "failing up to 1.0, fixed from 1.4 at the latest: the change is between 1.0 and 1.4, where "
            "3 points give no verdict (unbuildable: no wheel for Python 3.11 and 1 more reason)",
        ),
        (
            answer("failing", None, "fixed"),
            "failing up to 1.0, fixed from 1.2 at the latest: the change is between 1.0 and 1.2, where "
            "1 point gives no verdict (unbuildable: no wheel for Python 3.11)",
        ),
        (pair_of_packages(), "failing up to 1.1, fixed from 1.2, because of other and toy together"),
        (
            drift(),
            "not failing in any release measured, 1.0 to 1.1; not failing in toy-1.1, failing in "
            "toy-1.1@latest, because of other (other: not failing up to 3.5, failing from 3.6)",
        ),
        (
            random_stream(),
            "not failing up to 1.1, failing from 1.2, which the default random stream alone explains",
        ),
        (answer("failing", "failing", "failing"), "failing in every release measured, 1.0 to 1.2"),
        (answer("fixed", "fixed"), "not failing in any release measured, 1.0 to 1.1"),
        (
            answer(None, "failing", None, "failing"),
            "failing in every release that gives a verdict, 1.1 to 1.3",
        ),
        (answer("failing"), "failing in 1.0, the only release measured"),
        (answer("fixed", None), "not failing in 1.0, the only release that gives a verdict"),
        (nothing_known(), "no evidence: 2 points give no verdict (unbuildable: no wheel for Python 3.11)"),
        (answer(), "no evidence: nothing was measured"),
        (answer("fixed", "rejected"), "fixed up to 1.0, rejected from 1.1"),
        (answer("rejected", "failing"), "rejected up to 1.0, failing from 1.1"),
    ],
)
def test_the_headline_says_what_changed_where_and_why(found, sentence):
    assert headline(found) == f"toy-1 failure: {sentence}."


def test_the_headline_of_a_remedy_on_a_device_names_both():
    found = answer("refuted", "works", variant="fix_mask", device="cuda")
    assert headline(found) == "toy-1 fix_mask on cuda: refuted up to 1.0, works from 1.1."
    assert "`fix_mask` on `cuda`: refuted up to `1.0`" in answer_markdown(found)


@pytest.mark.parametrize(
    ("known", "ending"),
    [
        (suspects(necessary=None), ", because of toy (shown one way only)"),
        (suspects(sufficient=None), ", because of toy (shown one way only)"),
        (suspects(sufficient=None, necessary=None), ", because of toy (not proven)"),
        (replace(ONE, sufficient=None), ", because of toy, the only package that differs"),
        (suspects(culprits=(), sufficient=None), ", the package could not be told"),
        (suspects(moves=(), culprits=()), ", although no package differs"),
        (suspects("toy", "other", "third"), ", because of toy, other and third together"),
    ],
)
def test_the_headline_blames_no_more_than_was_proven(known, ending):
    found = with_change(answer("failing", "failing", "fixed"), suspects=known)
    assert headline(found) == f"toy-1 failure: failing up to 1.1, fixed from 1.2{ending}."


def test_two_states_are_told_by_name_and_not_as_releases():
    sentence = "passes in old.txt, fails in new.txt, because of other"
    assert headline(two_states()) == f"command python -m pytest: {sentence}."
    first, _, heading, *_ = answer_markdown(two_states()).splitlines()
    told = "passes in `old.txt`, fails in `new.txt`, because of `other`"
    assert first == f"**`command` `python -m pytest`: {told}.**"
    assert heading == "### Introduced between `old.txt` and `new.txt`"
    text = section(two_states(), "Measured")
    assert text.startswith("\nTwo states.\n\n| state | `other` | status |\n")
    assert "SHA-256" not in answer_markdown(two_states())
    assert bullets(two_states()) == [
        "last passing: `old.txt`; first failing: `new.txt`",
        "package: **`other`**, of 3 packages that differ",
        "enough: `toy-1.1 with other 3.2` gives **fails**",
        "needed: `toy-1.2 with other 3.1` gives **passes**",
    ]


def test_states_of_one_name_are_told_apart_by_their_environments():
    alike = [replace(each, name="requirements.txt") for each in two_states().releases.points]
    found = with_change(two_states(), before=alike[0], after=alike[1], suspects=None)
    assert headline(found) == "command python -m pytest: passes in toy-old.txt, fails in toy-new.txt."


def test_what_the_random_stream_explains_is_blamed_on_nobody():
    found = with_change(random_stream(), suspects=suspects(), commits=commits())
    assert "because" not in headline(found)
    assert "commit" not in headline(found)


def test_commits_that_cannot_be_told_apart_are_counted():
    many = tuple(commit(letter * 40) for letter in "abc")
    found = with_change(fixed_with_commit(), commits=commits(culprit=None, candidates=many, reverted=None))
    assert headline(found).endswith("because of toy, by one of 3 commits, aaaaaaaaaa to cccccccccc.")
    (line,) = [line for line in bullets(found) if line.startswith("one of these")]
    told = "(2024-02-01, `Keep the shape`, [#7](https://github.com/toy/toy/pull/7))"
    assert line == (
        "one of these 3 commits, which cannot be told apart: "
        f"`aaaaaaaaaa` {told}, `bbbbbbbbbb` {told}, `cccccccccc` {told}"
    )


def test_a_search_that_found_no_commit_adds_nothing_to_the_headline():
    none = commits(culprit=None, before=None, reverted=None, note="the repository does not show it")
    found = with_change(fixed_with_commit(), commits=none)
    assert headline(found) == "toy-1 failure: failing up to 1.1, fixed from 1.2, because of toy."
    assert bullets(found)[-2].endswith("all else as in `toy-1.2`; the repository does not show it")


def test_the_comment_begins_with_the_answer_and_its_links():
    first, _, title, *_ = answer_markdown(fixed_with_commit()).splitlines()
    assert first == (
        f"**[toy-1]({WEB}/issues/1) `failure`: failing up to `1.1`, fixed from `1.2`, because of `toy`, "
        f"by commit `cccccccccc` (2024-02-01, `Keep the shape`, [#7]({WEB}/pull/7)).**"
    )
    assert title == "The `shape` is kept."


def test_a_change_is_told_with_its_ends_its_proof_and_its_commit():
    assert "### Fixed between `1.1` and `1.2`\n" in answer_markdown(fixed_with_commit())
    assert bullets(fixed_with_commit()) == [
        "last failing: `1.1` (2024-02-15); first fixed: `1.2` (2024-03-15)",
        "seen in `1.1`: `ValueError: the shapes disagree`",
        "package: **`toy`**, of 3 packages that differ",
        "enough: `toy-1.1 with toy 1.2` gives **fixed**",
        "needed: `toy-1.2 with toy 1.1` gives **failing**",
        f"first commit that is fixed: `cccccccccc` (2024-02-01, `Keep the shape`, [#7]({WEB}/pull/7))",
        f"last commit that is failing: [bbbbbbbbbb]({WEB}/commit/{SHA['b']}) (2024-02-01, `Tidy up`)",
        f"searched: 37 commits of [github.com/toy/toy]({WEB}) from `1.1` to `1.2` "
        f"([compare]({WEB}/compare/{SHA['a']}...{SHA['e']})), 3 measured, all else as in `toy-1.2`",
        "commits without a verdict: `eeeeeeeeee` (`unbuildable: no wheel for Python 3.11`)",
        "revert check: `1.2 without cccccccccc` gives **failing**: "
        "without this commit, the old status is back",
    ]


def test_what_both_ends_showed_is_told():
    refused = point("1.1", "rejected", reading=reading("rejected", detail="TypeError: not supported"))
    assert bullets(with_change(answer("failing", "rejected"), after=refused))[1:] == [
        "seen in `1.0`: `ValueError: the shapes disagree`",
        "seen in `1.1`: `TypeError: not supported`",
    ]


def test_what_was_not_shown_is_said():
    known = suspects("other", "toy", necessary=None, note="such a mixture gives no verdict")
    told = bullets(with_change(answer("failing", "failing", "fixed"), suspects=known))
    assert told[2:] == [
        "package: **`other` and `toy` together**, of 3 packages that differ; such a mixture gives no verdict",
        "enough: `toy-1.1 with other 3.2, toy 1.2` gives **fixed**",
        "not shown: that their old versions alone in the new environment would be failing",
    ]


def test_a_single_package_needs_no_proof_and_others_that_do_the_same_are_named():
    only = replace(ONE, sufficient=None, necessary=None, others=(("other",), ("a", "b")))
    told = bullets(with_change(answer("failing", "failing", "fixed"), suspects=only))
    assert told[2:] == [
        "package: **`toy`**, the only package that differs",
        "each of these makes the change by itself, too: `other`; `a` and `b` together",
    ]


def test_a_package_that_could_not_be_told_is_no_culprit():
    none = suspects(culprits=(), sufficient=None, necessary=None, note="nothing resolves")
    told = bullets(with_change(answer("failing", "failing", "fixed"), suspects=none))
    assert told[2:] == ["package: 3 differ, it could not be told which makes the change; nothing resolves"]


@pytest.mark.parametrize(
    ("label", "ending"),
    [
        ("failing", "gives **failing**: without this commit, the old status is back"),
        ("fixed", "gives **fixed**, as with it: something later makes the change, too"),
        ("rejected", "gives **rejected**"),
        (None, "gives no verdict (`unbuildable: no wheel for Python 3.11`)"),
    ],
)
def test_the_revert_check_says_what_it_means(label, ending):
    checked = commits(reverted=experiment("1.2 without cccccccccc", label))
    (*_, last) = bullets(with_change(fixed_with_commit(), commits=checked))
    assert last == f"revert check: `1.2 without cccccccccc` {ending}"


def test_a_drift_is_told_by_environments_and_by_the_releases_of_its_culprit():
    assert "### Introduced between `toy-1.1` and `toy-1.1@latest`\n" in answer_markdown(drift())
    told = bullets(drift())
    assert told[0] == "last not failing: `toy-1.1`; first failing: `toy-1.1@latest`"
    assert told[-3:] == [
        "releases of `other`, the rest as in toy-1.1: not failing up to `3.5`, failing from `3.6`",
        "measured of it: `3.1` fixed, `3.5` fixed, `3.6` failing, `3.9` failing",
        "assumed, not measured: `3.2`, `3.3`, `3.4`, `3.7`, `3.8`",
    ]


def test_the_random_stream_is_named_and_nothing_blamed():
    assert bullets(random_stream())[1] == (
        "nothing is to blame: only the default random stream makes the difference; "
        r"toy-1.2 with JAX\_THREEFRY\_PARTITIONABLE=0 is fixed, as toy-1.1"
    )


def test_the_difference_of_the_environments_is_folded_away():
    text = answer_markdown(pair_of_packages())
    assert "<details><summary>3 packages differ</summary>\n\n| package | `1.1` | `1.2` |\n" in text
    assert "| `third` | absent | `0.1` |\n" in text
    assert text.count("<details>") == text.count("\n\n</details>\n") == 2


def test_without_suspects_the_difference_comes_from_the_points():
    old, new = point("1.0", python="3.9"), point("1.1", "fixed")
    text = answer_markdown(with_change(answer("failing", "fixed"), before=old, after=new))
    assert "<details><summary>3 packages differ</summary>" in text
    assert "| `python` | `3.9` | `3.11` |" in text
    bare = with_change(answer("failing", "fixed"), before=replace(old, packages=()))
    assert "<details>" not in answer_markdown(bare)


def test_the_evidence_has_a_row_per_point_and_the_reason_where_there_is_no_verdict():
    text = section(undecided(), "Measured")
    assert text.startswith("\n5 releases of `toy`, each with what existed when it came out.\n")
    assert rows(text) == [
        ["release", "date", "status", "why no verdict"],
        ["---", "---", "---", "---"],
        ["`1.0`", "2024-01-15", "failing"],
        ["`1.1`", "2024-02-15", "no verdict", "`unbuildable: no wheel for Python 3.11`"],
        ["`1.2`", "2024-03-15", "no verdict", "`unbuildable: no wheel for Python 3.11`"],
        ["`1.3`", "2024-04-15", "no verdict", "`disagrees with itself: failing 2 times, fixed 1 times`"],
        ["`1.4`", "2024-05-15", "fixed"],
    ]
    assert (
        "*failing*: the documented symptom happened; *fixed*: it returned, the behaviour is right.\n" in text
    )


def test_the_evidence_shows_a_culprit_and_the_python_where_these_differ():
    found = pair_of_packages()
    header, _, first, *_ = rows(section(found, "Measured"))
    assert header == ["release", "date", "`other`", "status"]
    assert first == ["`1.0`", "2024-01-15", "`3.0`", "failing"]
    mixed = replace(found.releases, points=(point("1.0", python="3.9"), *found.releases.points[1:]))
    header, _, first, *_ = rows(section(replace(found, releases=mixed), "Measured"))
    assert header == ["release", "date", "Python", "`other`", "status"]
    assert first[2] == "`3.9`"


def test_of_what_lies_beyond_all_verdicts_nothing_is_said():
    found = answer(None, "failing", "fixed")
    found = replace(found, releases=replace(found.releases, unjudged=("0.8", "0.9")))
    sentence = (
        "Not measured, and beyond all that gives a verdict, so that nothing is said of them: `0.8`, `0.9`.\n"
    )
    assert sentence in section(found, "Measured")
    assert "nothing is said" not in answer_markdown(answer("failing"))


def test_where_older_releases_give_no_verdict_the_old_status_is_told_from_when_it_is_known():
    assert headline(answer(None, "failing", "fixed")) == "toy-1 failure: failing in 1.1, fixed from 1.2."
    assert headline(answer(None, "failing", "failing", "fixed")) == (
        "toy-1 failure: failing 1.1 to 1.2, fixed from 1.3."
    )
    assert headline(answer("failing", None, "fixed")).startswith("toy-1 failure: failing up to 1.0, ")
    assert headline(answer(None, "fixed", "failing", "fixed")) == (
        "toy-1 failure: not failing in 1.1, failing from 1.2; failing up to 1.2, fixed from 1.3."
    )


def test_what_was_assumed_is_said():
    found = answer("failing", "failing")
    found = replace(found, releases=replace(found.releases, unmeasured=("1.0.1", "1.0.2")))
    sentence = "Assumed and not measured, because both neighbours agree: `1.0.1`, `1.0.2`.\n"
    assert sentence in section(found, "Measured")
    assert "Assumed" not in answer_markdown(answer("failing"))


def test_of_many_points_those_beside_a_change_stay():
    found = answer(*["failing"] * 60, *["fixed"] * 60)
    text = section(found, "Measured")
    names = [row[0] for row in rows(text)[2:]]
    assert len(names) == 40
    assert {"`1.0`", "`1.58`", "`1.59`", "`1.60`", "`1.61`", "`1.119`"} <= set(names)
    assert names == sorted(names, key=lambda name: int(name.strip("`")[2:]))
    assert "\n80 more left out.\n" in text


def test_long_lists_are_cut_and_say_so():
    found = answer("failing", *[None] * 50, "fixed")
    (line,) = [line for line in bullets(found) if line.startswith("between them")]
    assert line.endswith("`1.40`, and 10 more")


def test_the_comment_ends_with_the_way_to_the_same_answer():
    assert section(fixed_with_commit(), "Reproduce") == (
        "\n```console\n$ harness bisect toy-1\n```\n\n"
        "Each point ran once, so a status that comes and goes by chance would not have been noticed. "
        "Measured until 2025-05-01T10:00:00 UTC with harness 0.1.0 on `linux-x86_64`, device `cpu`, "
        "Python 3.11; case file SHA-256 `dddddddddddd`.\n"
    )
    assert "Each point ran 5 times and counts only where all runs agree" in answer_markdown(
        replace(answer("failing"), repeat=5)
    )


def test_nothing_known_is_said_to_be_no_evidence():
    text = answer_markdown(nothing_known())
    assert "no evidence" in text.splitlines()[0]
    assert bullets(nothing_known()) == []
    assert "0 releases of `toy`" in answer_markdown(answer())


EVIL = (
    "\x1b[31m@maintainer see #12, GH-3 & https://evil.example "
    "`|<img src=x onerror=y>|` **b**\n\n# Heading\n$x$"
)


def everywhere(text):
    """An answer in which all that comes from outside is this text."""
    told = reading(None, detail=text)
    bad = point("1.0", reading=reading(detail=text))
    silent = point("1.1", reading=told)
    good = point("1.2", "fixed")
    note = {"note": text}
    searched = commits(
        culprit=commit(subject=text),
        candidates=(commit(subject=text),),
        points=(replace(silent, name="f" * 10),),
        reverted=replace(experiment(text, None), reading=told),
        compare_url=text,
        repository=text,
        **note,
    )
    tried = (replace(experiment(text, None), reading=told),)
    found = releases(points=(bad, silent, good), held=text, unmeasured=(text,))
    found = answer(
        "failing", None, "fixed", releases=replace(found, changes=answer("failing", "fixed").releases.changes)
    )
    return with_change(
        replace(found, title=text),
        before=bad,
        after=good,
        undecided=("1.1",),
        suspects=suspects(experiments=tried, **note),
        commits=searched,
        pair=releases("failing", "fixed", package=text, held=text),
        random_stream=text,
    )


def test_foreign_text_is_bounded_and_makes_no_markup_no_link_and_no_mention():
    page = answer_markdown(everywhere(EVIL))
    shown = html(page)
    outside_code = re.sub(r"<code.*?</code>", "", shown, flags=re.DOTALL)
    assert "<img" not in shown
    assert "<h1" not in shown
    assert "\x1b" not in page
    assert not re.search(r"<strong>b</strong>|[@#]\w|://evil|GH-3", outside_code.replace("#7", ""))
    assert len(re.findall("maintainer", shown)) > 12
    long = answer_markdown(everywhere("x" * 100_000))
    assert len(long) < 10_000


def test_foreign_text_in_a_table_keeps_its_columns():
    table = rows(section(everywhere("a | b ` c \\ d"), "Measured"))
    shown = html(section(everywhere("a | b ` c \\ d"), "Measured"))
    assert len(table[0]) == 4
    assert shown.count("<td>") == 12
    assert "<td>a | b ` c \\ d</td>" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "`plain`"),
        ("@me", "`@me`"),
        ("`@me`", r"\`@<!-- -->me\`"),
        ("fix `a` in #12", r"fix \`a\` in #<!-- -->12"),
        ("", ""),
    ],
)
def test_foreign_names_are_code_or_else_call_nobody(text, shown):
    assert quoted(text) == shown


def test_foreign_sentences_call_nobody():
    assert said("@me, #1 on https://x.org and www.x.org") == (
        "@<!-- -->me, #<!-- -->1 on https://<!-- -->x.org and www<!-- -->.x.org"
    )


def test_a_command_keeps_its_back_quotes_in_a_longer_fence_and_shows_its_control_codes():
    text = section(answer("failing", command="harness bisect -- sh -c '```\x1b[2J'"), "Reproduce")
    assert "\n````console\n$ harness bisect -- sh -c '```\\x1b[2J'\n````\n" in text


def test_an_address_that_is_none_is_no_link():
    found = answer("failing", issue="javascript:alert(1)")
    assert answer_markdown(found).startswith("**`toy-1` `failure`: failing in `1.0`")


def test_nobodys_password_and_folder_is_told():
    secret = "https://me:s3cret@example.org/toy.git"
    found = with_change(fixed_with_commit(), commits=commits(repository=secret))
    text = answer_markdown(replace(found, command=f"harness bisect toy-1 --repo {secret}"))
    assert "s3cret" not in text
    assert "commits of [example.org/toy.git](https://example.org/toy.git) from" in text
    local = with_change(fixed_with_commit(), commits=commits(repository="/home/me/work/toy/"))
    assert "37 commits of `toy` from" in answer_markdown(local)


@pytest.mark.parametrize("make", TOYS.values(), ids=TOYS)
def test_a_comment_has_sound_markdown_and_one_blank_line_between_blocks(make):
    page = answer_markdown(make())
    assert "\n\n\n" not in page
    assert page.endswith(".\n")
    shown = html(page)
    assert shown.count("<table>") == page.count("| --- |\n")
    assert "| ---" not in shown


def test_points_without_a_date_or_a_reason_leave_no_trace_of_it():
    found = answer("failing", None, "fixed")
    bare = [
        replace(each, date=None, reading=reading(each.reading.label, detail=""))
        for each in points("failing", None, "fixed")
    ]
    found = replace(found, releases=replace(found.releases, points=tuple(bare)))
    found = with_change(found, before=bare[0], after=bare[2])
    assert headline(found).endswith("where 1 point gives no verdict.")
    assert bullets(found)[0] == "last failing: `1.0`; first fixed that is known: `1.2`"
    assert not [line for line in bullets(found) if line.startswith("seen")]


def test_the_releases_of_another_package_are_told_as_its_own_and_with_what_is_held():
    own = answer("failing", "fixed")
    other = replace(own, releases=replace(own.releases, package="dep", held="the rest as in toy-1.0"))
    assert headline(own) == "toy-1 failure: failing up to 1.0, fixed from 1.1."
    assert headline(other) == "toy-1 failure: dep failing up to 1.0, fixed from 1.1, the rest as in toy-1.0."
