"""Every reason for which a case is not admitted, one by one; and the record as text and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator
from toy.cases import HEADER, edited, make_case, record

from harness.admit.document import admission_text, read_admission, schema_text
from harness.admit.record import Admission, Cause, CellFact, Origin, Reason, Repeat, Side
from harness.admit.sides import sides_of
from harness.admit.verdict import reasons
from harness.case import Case
from harness.config import Library
from harness.errors import UsageError
from harness.verdict import Status

CASE = make_case()
DRIFT = make_case(
    header=edited('kind = "bug"', 'kind = "drift"\nintroduced-by = ["dep==2.0"]', HEADER),
)
BEGAN = Cause(kind="introduced", before="a", after="b", culprits=("dep",), is_exact=True)
ENDED = Cause(kind="fixed", before="1.1", after="2.0", culprits=("toy",), is_exact=True)
FOUND = Origin(kind="introduced", name="dep==2.0")
STATUS = {"1.0": Status.FAILING, "1.1": Status.FAILING, "2.0": Status.FIXED}


def fact(variant: str, release: str, status: Status | None, **fields: object) -> CellFact:
    known = {"device": "cpu", "environment": f"toy-{release}", "expected": status or Status.FIXED}
    return CellFact(variant=variant, status=status, **{**known, **fields})


def facts(statuses: dict[str, Status | None] = STATUS) -> tuple[CellFact, ...]:
    """The failure by release, and a remedy that works in all of them."""
    return (
        *(fact("failure", release, status) for release, status in statuses.items()),
        *(fact("fix_pin", release, Status.WORKS) for release in statuses),
    )


def repeat(variant: str, release: str, status: str | None, **fields: object) -> Repeat:
    known = {"device": "cpu", "environment": f"toy-{release}", "takes_seed": False, "runs": 10}
    return Repeat(variant=variant, status=status, **{**known, **fields})


REPEATS = (
    repeat("failure", "1.1", "failing"),
    repeat("fix_pin", "1.1", "works"),
    repeat("failure", "2.0", "fixed"),
    repeat("fix_pin", "2.0", "works"),
)
GOOD = Admission(
    case="toy-7",
    digest=CASE.digest,
    platform="linux-x86_64",
    tool="0.1.0",
    measured_at="2026-01-01T12:00:00+00:00",
    repeat=10,
    seeds=20,
    environments=(("toy-1.0", "a"), ("toy-1.1", "b"), ("toy-2.0", "c")),
    cells=facts(),
    sides=(Side(axis="toy", device="cpu", kind="fixed", failing="toy-1.1", right="toy-2.0"),),
    causes=(ENDED,),
    repeats=REPEATS,
)


def why_not(case: Case = CASE, **fields: object) -> list[Reason]:
    libraries = {"toy", "dep", "jax"}
    toy = Library(name="toy", distribution="toy", module="toy", parts=("toylib",))
    return list(reasons(case, replace(GOOD, **fields), toy, libraries))


def only(case: Case = CASE, **fields: object) -> str:
    (reason,) = why_not(case, **fields)
    return reason.text


def test_what_has_everything_is_admitted():
    assert why_not() == []


def changed(old: CellFact | Repeat, **fields: object):
    """The cells, or the repeats, with one of them changed."""
    group = GOOD.cells if isinstance(old, CellFact) else REPEATS
    assert old in group
    return tuple(replace(each, **fields) if each == old else each for each in group)


def test_a_cell_that_is_not_as_the_header_says_is_a_reason_by_itself():
    cells = changed(fact("failure", "1.0", Status.FAILING), expected=Status.FIXED, detail="E: no")
    assert only(cells=cells, causes=(), repeats=()) == (
        "failure is failing and not fixed in toy-1.0 (E: no); "
        "releases of the library alone do not explain it: write into failing what does."
    )


@pytest.mark.parametrize(
    ("variant", "status", "advice"),
    [
        ("failure", Status.REJECTED, "write where it is into rejected."),
        ("failure", Status.CHANGED, "raises and match must say what is seen where it fails."),
        ("failure", Status.TIMEOUT, "make the case smaller, or give it more time."),
        ("fix_pin", Status.REFUTED, "write refuted, and raises and match of how it fails."),
    ],
)
def test_every_surprise_comes_with_what_to_do(variant, status, advice):
    old = next(c for c in GOOD.cells if (c.variant, c.environment) == (variant, "toy-1.0"))
    assert only(cells=changed(old, status=status)).endswith(f" in toy-1.0; {advice}")


def test_a_remedy_that_works_where_it_should_not_is_a_surprise():
    cells = changed(fact("fix_pin", "1.0", Status.WORKS), expected=Status.REFUTED)
    assert only(cells=cells).endswith(
        "write into refuted what explains it, or take refuted, raises and match out."
    )


@pytest.mark.parametrize("status", [None, Status.UNBUILDABLE, Status.UNIMPORTABLE, Status.UNSUPPORTED])
def test_a_cell_without_evidence_must_be_explained(status):
    old = fact("failure", "1.0", Status.FAILING)
    (reason,) = why_not(cells=changed(old, status=status))
    assert reason.is_missing
    assert reason.text.startswith(
        f"no evidence in toy-1.0: {status.value if status else 'not measured'}; measure"
    )
    assert why_not(cells=changed(old, status=status, gap="it is known")) == []


def test_a_library_without_environments_is_missing_evidence():
    (reason,) = why_not(cells=(), sides=(), environments=())
    assert reason.is_missing
    assert reason.text == (
        "there is no environment of toy in the default matrix; make them with `harness lock`."
    )


def test_many_environments_of_one_reason_are_counted():
    cells = tuple(replace(cell, status=None) for cell in facts(dict.fromkeys("12345", Status.FAILING)))
    assert only(cells=cells).startswith("no evidence in toy-1, toy-2, toy-3 and 2 more: not measured;")


@pytest.mark.parametrize("status", [Status.FIXED, Status.REJECTED])
def test_a_case_that_fails_nowhere_is_no_case_whatever_its_header_says(status):
    cells = tuple(
        replace(cell, status=status, expected=Status.FAILING) if cell.variant == "failure" else cell
        for cell in GOOD.cells
    )
    assert only(cells=cells, sides=()).startswith("failure fails nowhere in the default matrix;")


def test_a_fix_that_no_release_has_is_a_wrong_claim():
    case = make_case(
        header=edited('kind = "bug"', 'kind = "bug"\nfixed-by = "https://a.b/c/d/pull/1"', HEADER)
    )
    cells = facts(dict.fromkeys(STATUS, Status.FAILING))
    side = Side(axis="toy", device="cpu", kind="open", failing="toy-2.0")
    kept = {"cells": cells, "sides": (side,), "repeats": changed(REPEATS[2], status="failing")}
    assert only(case, **kept).startswith(
        "fixed-by names https://a.b/c/d/pull/1, and nothing is right in any release"
    )
    assert why_not(**kept, causes=()) == []
    remedy = changed_remedy(cells)
    assert why_not(case, **{**kept, "cells": remedy}) == []


def changed_remedy(cells: tuple[CellFact, ...]) -> tuple[CellFact, ...]:
    """A remedy that was mended, as the header says."""
    old = fact("fix_pin", "1.0", Status.WORKS)
    new = fact("fix_pin", "1.0", Status.REFUTED)
    return tuple(new if cell == old else cell for cell in cells)


@pytest.mark.parametrize("release", ["1.1", "2.0"])
def test_a_remedy_must_be_tried_on_both_sides(release):
    old = fact("fix_pin", release, Status.WORKS)
    cells = changed(old, status=Status.UNIMPORTABLE, gap="it is known")
    repeats = tuple(r for r in REPEATS if (r.variant, r.environment) != ("fix_pin", f"toy-{release}"))
    found = why_not(cells=cells, repeats=repeats)
    assert found[0].text.startswith(f"fix_pin was never tried in toy-{release}, beside a change;")
    assert all(reason.is_missing for reason in found)


def test_a_change_must_be_bisected():
    (reason,) = why_not(causes=())
    assert reason.is_missing
    assert reason.text.startswith(
        "no bisection of this text found what makes it change; run `harness bisect toy-7"
    )


@pytest.mark.parametrize(
    ("fields", "is_missing", "said"),
    [
        ({"is_exact": False}, True, "it is fixed somewhere from 1.1 to 2.0; a release between them"),
        ({"culprits": ()}, True, "which package makes the change from 1.1 to 2.0 could not be told"),
        (
            {"note": "old stream"},
            False,
            "only the default random stream makes the difference from 1.1 to 2.0;",
        ),
        (
            {"culprits": ("dep",)},
            False,
            "dep and not toy makes the change from 1.1 to 2.0; make it a drift whose fixed-by",
        ),
        ({"culprits": ("scipy",)}, False, "scipy and not toy makes the change"),
        ({"culprits": ("dep", "toy")}, False, "dep and not toy makes the change"),
    ],
)
def test_a_change_must_be_of_the_library_and_known_exactly(fields, is_missing, said):
    (reason,) = why_not(causes=(replace(ENDED, **fields),))
    assert (reason.is_missing, reason.text[: len(said)]) == (is_missing, said)


def test_what_comes_along_with_the_library_is_no_culprit_of_its_own():
    assert why_not(causes=(replace(ENDED, culprits=("toy", "toy-core")),)) == []


@pytest.mark.parametrize("culprits", [("toylib",), ("toy", "toylib")])
def test_a_part_of_the_library_may_make_the_change(culprits):
    assert why_not(causes=(replace(ENDED, culprits=culprits),)) == []


def test_a_part_does_not_answer_for_what_is_no_part():
    mixed = replace(ENDED, culprits=("dep", "toylib"))
    assert only(causes=(mixed,)).startswith("dep and not toy makes the change")


def test_every_change_counts_and_not_the_first_alone():
    assert only(causes=(ENDED, BEGAN)).startswith("dep and not toy makes the change from a to b;")


def test_a_drift_may_be_made_by_the_package_that_it_names_and_no_other():
    assert why_not(DRIFT, causes=(BEGAN, ENDED), origins=(FOUND,)) == []
    other = replace(BEGAN, culprits=("jax", "jaxlib"))
    assert only(DRIFT, causes=(other, ENDED), origins=(FOUND,)).startswith("jax and not toy makes the change")
    ended = replace(ENDED, culprits=("dep",))
    assert only(DRIFT, causes=(BEGAN, ended), origins=(FOUND,)).startswith(
        "dep and not toy makes the change from 1.1"
    )


def test_only_a_drift_may_be_made_by_another_package():
    bug = make_case(header=edited('kind = "bug"', 'kind = "bug"\nintroduced-by = ["dep==2.0"]', HEADER))
    assert only(bug, causes=(BEGAN,), origins=(FOUND,)).startswith(
        "dep and not toy makes the change from a to b;"
    )


def test_a_release_that_a_header_names_must_have_been_found_and_one_that_was_found_be_named():
    later = Origin(kind="introduced", name="dep==3.0")
    assert only(DRIFT, origins=()) == (
        "introduced-by names dep==2.0, which no bisection of this text found; take it out."
    )
    assert only(DRIFT, origins=(FOUND, later)) == (
        "bisect found dep==3.0, which introduced-by does not name; write it there."
    )
    assert why_not(CASE, origins=(later,)) == []


def test_a_page_that_was_found_must_be_named():
    page = Origin(kind="fixed", name="https://a.b/c/d/pull/9")
    assert (
        only(origins=(page,))
        == "bisect found https://a.b/c/d/pull/9, which fixed-by does not name; write it there."
    )


@pytest.mark.parametrize(
    ("fields", "is_missing", "said"),
    [
        ({"runs": 9}, True, "failure in toy-1.1 ran 9 times and not 10; measure again."),
        (
            {"status": None, "detail": "disagrees"},
            False,
            "failure in toy-1.1 comes and goes (disagrees); let it depend on nothing outside.",
        ),
        (
            {"status": None, "detail": "disagrees", "takes_seed": True, "runs": 20},
            False,
            "failure in toy-1.1 depends on the seed (disagrees); make it hold for every seed.",
        ),
        (
            {"status": "fixed"},
            False,
            "failure in toy-1.1 is fixed in all repeats, and failing as stored; measure the matrix again.",
        ),
        (
            {"takes_seed": True, "runs": 19},
            True,
            "failure in toy-1.1 ran 19 times and not 20; measure again.",
        ),
    ],
)
def test_repeats_must_be_enough_and_agree_with_each_other_and_with_what_is_stored(fields, is_missing, said):
    assert why_not(repeats=changed(REPEATS[0], **fields)) == [Reason(text=said, is_missing=is_missing)]


def test_everything_beside_a_change_must_be_repeated():
    (reason,) = why_not(repeats=REPEATS[:3])
    assert reason.is_missing
    assert reason.text == "fix_pin was not repeated in toy-2.0; measure."


def test_several_reasons_are_told_at_once():
    assert len(why_not(causes=(), repeats=changed(REPEATS[1], status=None))) == 2


# Sides


def axis(*names: str) -> dict:
    return {name: record(name, version=name.partition("-")[2]) for name in names}


@pytest.mark.parametrize(
    ("history", "sides"),
    [
        ("ff+", [("fixed", "1.1", "1.2")]),
        ("+ff", [("introduced", "1.1", "1.0"), ("open", "1.2", None)]),
        ("+f+", [("introduced", "1.1", "1.0"), ("fixed", "1.1", "1.2")]),
        ("f?+", [("fixed", "1.0", "1.2")]),
        ("ff?", [("open", "1.1", None)]),
        ("f+r", [("fixed", "1.0", "1.1")]),
        ("r+f", [("introduced", "1.2", "1.1"), ("open", "1.2", None)]),
        ("+++", []),
        ("???", []),
    ],
)
def test_the_sides_of_a_history_are_beside_its_changes_and_at_its_failing_end(history, sides):
    letters = {"f": Status.FAILING, "+": Status.FIXED, "r": Status.REJECTED, "?": Status.UNBUILDABLE}
    cells = [fact("failure", f"1.{minor}", letters[letter]) for minor, letter in enumerate(history)]
    cells += [fact("fix_pin", "1.0", Status.REFUTED)]
    found = sides_of(cells, axis("toy-1.0", "toy-1.1", "toy-1.2"))
    expected = [
        Side(
            axis="toy",
            device="cpu",
            kind=kind,
            failing=f"toy-{failing}",
            right=f"toy-{right}" if right else None,
        )
        for kind, failing, right in sides
    ]
    assert list(found) == expected


def test_every_device_has_its_own_sides():
    cells = [fact("failure", "1.0", Status.FAILING), fact("failure", "1.0", Status.FAILING, device="cpu:2")]
    assert [side.device for side in sides_of(cells, axis("toy-1.0"))] == ["cpu", "cpu:2"]


# Text


EXPECTED = {(cell.variant, cell.environment): cell.expected for cell in GOOD.cells}


def test_an_admission_is_the_same_after_writing_and_reading(tmp_path):
    whole = replace(
        GOOD,
        causes=(BEGAN, ENDED),
        origins=(FOUND,),
        cells=changed(fact("failure", "1.0", Status.FAILING), status=Status.UNBUILDABLE, gap="known"),
    )
    path = tmp_path / "toy-7.json"
    path.write_text(admission_text(whole))
    found = read_admission(path, EXPECTED)
    assert replace(found, cells=()) == replace(whole, cells=())
    assert set(found.cells) == set(whole.cells)
    assert admission_text(found) == admission_text(whole)
    Draft202012Validator(json.loads(schema_text())).validate(json.loads(path.read_text()))


def test_foreign_text_becomes_one_bounded_line(tmp_path):
    text = admission_text(replace(GOOD, repeats=changed(REPEATS[0], detail="a\n\x1b[31mb " + "x" * 9999)))
    (long,) = [r["detail"] for r in json.loads(text)["repeats"] if r["detail"]]
    assert long.startswith("a b xxx")
    assert len(long) <= 300


def test_every_value_is_under_the_seal(tmp_path):
    path = tmp_path / "toy-7.json"
    document = json.loads(admission_text(GOOD))
    for key in set(document) - {"seal", "schema"}:
        path.write_text(json.dumps({**document, key: "other"}))
        with pytest.raises(UsageError, match="was changed by hand"):
            read_admission(path, EXPECTED)


def test_the_schema_is_valid_and_knows_just_what_is_written():
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(json.loads(admission_text(GOOD)))
    for key, kind in (
        ("sides", GOOD.sides[0]),
        ("causes", ENDED),
        ("origins", FOUND),
        ("repeats", REPEATS[0]),
    ):
        assert set(schema["properties"][key]["items"]["properties"]) == set(vars(kind))
