from __future__ import annotations

from dataclasses import replace

import bisect_answers as answers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_results import GIVING, evidence, release, row, toy_case
from site_results import model_of, shown

from harness.bisect.publish import write_answer
from harness.evidence import Attestation, Deprecation, Outcome
from harness.report.site.gather import findings_in
from harness.report.site.index import index_of
from harness.report.site.letters import LETTERS, letters_of
from harness.report.site.model import Finding
from harness.report.site.packing import columns_of
from harness.verdict import Status

CASE = toy_case()
FAILING, FIXED, WORKS, REFUTED = Status.FAILING, Status.FIXED, Status.WORKS, Status.REFUTED


def releases(count, **changes):
    return [release(f"1.{minor}", **changes) for minor in range(count)]


def letters(statuses, case=CASE, variant="failure"):
    """The string of one variant over as many releases as statuses; `None` is a release not measured."""
    records = releases(len(statuses))
    rows = [row(case, r, s, variant) for r, s in zip(records, statuses, strict=True) if s is not None]
    position = [v.name for v in case.variants].index(variant)
    return letters_of(model_of([case], rows, records), case)["cpu"][position]


def test_every_status_has_a_letter_of_its_own():
    assert set(LETTERS.values()) == set(Status)
    assert len(set(LETTERS)) == len(Status)


def test_what_is_as_the_case_says_is_lower_case_and_what_is_not_is_upper_case():
    assert letters([FAILING, FIXED]) == "aB"


@pytest.mark.parametrize("status", [s for s in Status if not s.is_evidence])
def test_no_evidence_is_never_upper_case_because_it_contradicts_nothing(status):
    (letter,) = letters([status])
    assert LETTERS[letter] is status


def test_a_release_between_two_that_agree_is_inferred_and_never_looks_measured():
    assert letters([FAILING, None, FAILING]) == "a0a"


def test_nothing_is_inferred_between_releases_that_differ_or_beyond_the_ends():
    assert letters([None, FAILING, None, FIXED, None]) == ".a.B."


def test_what_could_not_be_measured_stays_what_it_is():
    assert letters([FAILING, Status.UNIMPORTABLE, FAILING]) == "aka"


def test_a_variant_without_cells_is_unknown_everywhere():
    records = releases(2)
    rows = [row(CASE, record, FAILING) for record in records]
    assert letters_of(model_of([CASE], rows, records), CASE)["cpu"] == ["aa", "..", ".."]


def test_each_device_has_its_own_strings():
    records = releases(2)
    rows = [row(CASE, records[0], FAILING), row(CASE, records[1], FAILING, device="cpu:2")]
    assert letters_of(model_of([CASE], rows, records), CASE) == {
        "cpu": ["a.", "..", ".."],
        "cpu:2": [".a", "..", ".."],
    }


@given(st.lists(st.sampled_from([*(s for s in GIVING if s not in (WORKS, REFUTED)), None]), max_size=8))
def test_the_letters_tell_just_the_measured_statuses(statuses):
    told = letters(statuses) if any(statuses) else "." * len(statuses)
    assert [LETTERS.get(letter.lower()) for letter in told] == statuses


def test_a_release_that_nothing_was_measured_in_still_has_its_column():
    records = releases(3)
    index, _ = shown([CASE], [row(CASE, records[0], FAILING)], records)
    assert [e["id"] for e in index["environments"]] == [r.id for r in records]
    assert [e["measured"] for e in index["environments"]] == [1, 0, 0]
    assert index["axes"][0]["environments"] == [0, 1, 2]


def test_columns_are_in_order_of_release_and_not_of_name():
    records = [release("1.10"), release("1.9"), release("1.2")]
    index, _ = shown([CASE], [row(CASE, r, FAILING) for r in records], records)
    assert [e["version"] for e in index["environments"]] == ["1.2", "1.9", "1.10"]


def test_period_comes_before_latest_and_latest_before_pinned():
    records = [
        release("1.0", "+numpy-1.0", "pinned"),
        release("1.0", "@latest", "latest"),
        release("1.0"),
    ]
    index, _ = shown([CASE], [row(CASE, r, FAILING) for r in records], records)
    assert [axis["resolution"] for axis in index["axes"]] == ["period", "latest", "pinned"]


def test_counts_are_those_of_the_cells():
    records = releases(3)
    statuses = [FAILING, FIXED, Status.UNBUILDABLE]
    index, _ = shown([CASE], [row(CASE, r, s) for r, s in zip(records, statuses, strict=True)], records)
    assert index["counts"] == {
        "cases": 1,
        "variants": 3,
        "environments": 3,
        "cells": 3,
        "expected": 1,
        "unexpected": 1,
        "no_evidence": 1,
    }
    assert [e["failing"] for e in index["environments"]] == [1, 0, 0]


def test_the_index_does_not_depend_on_the_order_of_the_results():
    records = releases(3)
    rows = [row(CASE, r, FAILING, variant) for r in records for variant in ("failure", "fix_mask")]
    assert index_of(model_of([CASE], rows, records)) == index_of(model_of([CASE], rows[::-1], records[::-1]))


def test_a_release_carries_its_date():
    record = release("1.0", released="2024-12-05")
    index, _ = shown([CASE], [row(CASE, record, FAILING)], [record])
    assert index["environments"][0]["released"] == "2024-12-05"


def test_the_first_text_of_a_case_is_found_again():
    record = release("1.0")
    _, chunks = shown([CASE], [row(CASE, record, FAILING)], [record])
    (cell,) = chunks[CASE.id]["cells"]
    assert chunks[CASE.id]["texts"][cell["traceback"]] == "Traceback ..."
    assert cell["environment"] == 0


def test_equal_texts_are_kept_once():
    records = releases(4)
    _, chunks = shown([CASE], [row(CASE, r, FAILING) for r in records], records)
    assert len(chunks[CASE.id]["texts"]) == 1
    assert {cell["traceback"] for cell in chunks[CASE.id]["cells"]} == {0}


def attested_with(**versions):
    return Attestation(
        python="3.11.7", platform="linux-x86_64", versions=versions, origins={"toy": "lib/toy.py"}
    )


def test_attested_versions_that_differ_from_the_requested_ones_are_told():
    record = release("1.0")
    found = evidence(attested=attested_with(toy="1.1", extra="3"))
    _, chunks = shown([CASE], [row(CASE, record, found)], [record])
    (attested,) = chunks[CASE.id]["attested"]
    assert attested["different"] == {"toy": ["1.0", "1.1"], "numpy": ["1.26.0", None], "extra": [None, "3"]}
    assert attested["count"] == 2


def test_attested_versions_just_as_requested_differ_in_nothing():
    record = release("1.0")
    found = evidence(attested=attested_with(**record.packages))
    _, chunks = shown([CASE], [row(CASE, record, found)], [record])
    assert chunks[CASE.id]["attested"][0]["different"] == {}


def test_a_cell_that_attested_nothing_names_no_attestation():
    record = release("1.0")
    _, chunks = shown([CASE], [row(CASE, record, Status.UNBUILDABLE)], [record])
    assert "attested" not in chunks[CASE.id]["cells"][0]


def test_changes_are_told_with_their_bounds_also_when_they_go_back():
    records = releases(5)
    statuses = [FAILING, None, FIXED, FIXED, FAILING]
    rows = [row(CASE, r, s) for r, s in zip(records, statuses, strict=True) if s]
    _, chunks = shown([CASE], rows, records)
    told = [(t["before"], t["after"], t["bounds"], t["exact"]) for t in chunks[CASE.id]["transitions"]]
    assert told == [
        ("failing", "fixed", "> 1.0, <= 1.2", False),
        ("fixed", "failing", "> 1.3, <= 1.4", True),
    ]
    assert chunks[CASE.id]["transitions"][0]["unknown"] == ["1.1"]


def test_a_warning_is_told_with_the_first_release_that_drew_it():
    records = releases(3)
    soon = evidence(deprecations=(Deprecation(category="FutureWarning", message="soon", module="toy"),))
    rows = [row(CASE, records[0], FIXED), *(row(CASE, r, soon) for r in records[1:])]
    _, chunks = shown([CASE], rows, records)
    (warning,) = chunks[CASE.id]["deprecations"]
    assert warning["message"] == "soon"
    assert warning["variants"] == ["failure"]
    assert warning["first"] == [{"axis": 0, "environment": 1}]
    assert warning["environments"] == [1, 2]


def test_a_log_loses_what_every_run_changes_and_terminal_codes():
    record = release("1.0")
    log = (
        "\x1b[31mE1121 05:18:39.949897   21009 loader.cc:220] at 0x7f00deadbeef\x1b[0m\r\n 10%\r100%\nend\x00"
    )
    found = evidence(Outcome.RETURNED, log=log)
    _, chunks = shown([CASE], [row(CASE, record, found)], [record])
    assert chunks[CASE.id]["texts"] == ["E loader.cc:220] at 0x...\n100%\nend"]


def test_a_huge_log_is_cut_in_its_middle_and_says_so():
    record = release("1.0")
    found = evidence(log="head " + "x" * 1_000_000 + " tail")
    _, chunks = shown([CASE], [row(CASE, record, found)], [record])
    (text,) = chunks[CASE.id]["texts"]
    assert len(text) < 13_000
    assert text.startswith("head ")
    assert text.endswith(" tail")
    assert "characters left out" in text


def test_a_case_that_was_edited_since_shows_none_of_its_old_evidence():
    record = release("1.0")
    old = replace(row(CASE, record, FAILING), case_digest="another")
    index, chunks = shown([CASE], [old], [record])
    assert index["cases"][0]["cells"] == {}
    assert chunks[CASE.id]["cells"] == []


def test_an_interpreter_at_hand_keeps_the_places_of_its_machine_to_itself():
    record = release("1.0", id="current", resolution="interpreter", as_of=None)
    attested = replace(attested_with(), origins={"toy": "/home/somebody/project/toy/__init__.py"})
    found = evidence(log="see /home/somebody/project/notes.txt", attested=attested)
    index, chunks = shown([CASE], [row(CASE, record, found)], [record])
    assert "somebody" not in repr((index, chunks))
    assert chunks[CASE.id]["texts"] == ["see <...>/project/notes.txt"]


def test_cases_are_in_order_of_library_and_number():
    record = release("1.0")
    cases = [toy_case(99), toy_case(7), toy_case(100), toy_case(5, library="jax")]
    index, _ = shown(cases, [row(case, record, FAILING) for case in cases], [record])
    assert [case["id"] for case in index["cases"]] == ["jax-5", "toy-7", "toy-99", "toy-100"]


def test_the_first_and_the_last_day_of_measuring_are_told():
    records = releases(2)
    days = ["2025-05-03T10:00:00", "2025-05-01T10:00:00"]
    rows = [row(CASE, r, evidence(measured_at=day)) for r, day in zip(records, days, strict=True)]
    index, _ = shown([CASE], rows, records)
    assert index["measured"] == {"first": "2025-05-01", "last": "2025-05-03"}


def test_the_overview_tells_the_failure_and_leaves_remedies_to_the_page_of_the_case():
    records = releases(2)
    rows = [row(CASE, r, s, v) for r in records for v, s in (("failure", FAILING), ("fix_keep", WORKS))]
    index, chunks = shown([CASE], rows, records)
    (told,) = index["cases"][0]["told"]
    assert told["words"] == "failing throughout, 1.0 to 1.1"
    assert {history["variant"] for history in chunks[CASE.id]["histories"]} == {v.name for v in CASE.variants}


def test_a_case_shows_what_bisections_found_of_it_and_nothing_of_others():
    record = release("1.0")
    findings = [
        Finding(file="bisect/toy-1.failure.md", answer=answers.fixed_with_commit()),
        Finding(file="bisect/toy-2.failure.md", answer=replace(answers.fixed_with_commit(), case="toy-2")),
    ]
    _, chunks = shown([CASE], [row(CASE, record, FAILING)], [record], findings=findings)
    (finding,) = chunks[CASE.id]["findings"]
    assert finding["file"] == "bisect/toy-1.failure.md"
    assert finding["words"].startswith("toy-1 failure: ")
    assert [culprit["url"] for culprit in finding["culprits"]] == [answers.commit().url]


def test_the_commit_of_another_package_is_a_culprit_too():
    record = release("1.0")
    found = answers.drift()
    pair = found.drift.pair
    inner = replace(pair.changes[0], commits=answers.commits(package="other"))
    drift = replace(found.drift, pair=replace(pair, changes=(inner,)))
    findings = [Finding(file="x.md", answer=replace(found, drift=drift))]
    _, chunks = shown([CASE], [row(CASE, record, FAILING)], [record], findings=findings)
    (culprit,) = chunks[CASE.id]["findings"][0]["culprits"]
    assert culprit["package"] == "other"


def test_a_folder_of_answers_gives_those_that_can_be_read(tmp_path):
    write_answer(tmp_path / "bisect", answers.fixed_with_commit())
    (tmp_path / "bisect" / "damaged.json").write_text("{}")
    (found,) = findings_in(tmp_path)
    assert (found.file, found.answer.case) == ("bisect/toy-1.failure.md", "toy-1")
    assert (tmp_path / found.file).is_file()


def test_the_source_shown_hides_no_character():
    case = toy_case(title=b"A title that is turned \\u202e here.".decode("unicode_escape"))
    record = release("1.0")
    _, chunks = shown([case], [row(case, record, FAILING)], [record])
    text = "\n".join("".join(part for _, part in line) for line in chunks[case.id]["source"])
    assert "turned \\u202e here" in text
    assert "\u202e" not in text


def test_columns_have_what_any_record_has():
    assert columns_of([{"a": 1}, {"b": 2}]) == {"rows": 2, "columns": {"a": [1, None], "b": [None, 2]}}


def test_pairs_are_in_order_of_the_pinned_version():
    records = [release("1.0", f"+numpy-{version}", "pinned") for version in ("1.10", "1.9", "1.26")]
    model = model_of([CASE], [row(CASE, record, FAILING) for record in records], records)
    in_order = ["toy+numpy-1.9", "toy+numpy-1.10", "toy+numpy-1.26"]
    assert [axis["id"] for axis in index_of(model)["axes"]] == in_order
    assert [name for name, _ in model.view.axes] == in_order
