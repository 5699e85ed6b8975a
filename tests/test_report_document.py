from __future__ import annotations

import json
import random
from copy import deepcopy
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator
from report_results import (
    GIVING,
    VARIANTS,
    by_id,
    evidence,
    known,
    raised,
    release,
    row,
    toy_case,
    toy_config,
)

from harness.case import FAILURE
from harness.evidence import Deprecation, EnvironmentRecord, Lack, Outcome
from harness.judge import facts_of
from harness.report.axes import axes_of, place_of
from harness.report.document import build_document
from harness.report.freshness import Stale, count_stale
from harness.report.publish import schema_text, to_json
from harness.verdict import Status

CASE = toy_case()
SCHEMA = json.loads(schema_text())


def build(rows, *records, cases=(CASE,), config=None):
    return build_document(cases, rows, by_id(*records), config or toy_config())


def every_status():
    """One release per status, each with evidence that means it."""
    records = [release(f"1.{minor}") for minor in range(len(GIVING))]
    rows = []
    for record, status in zip(records, GIVING, strict=True):
        only_remedies = status in {Status.WORKS, Status.REFUTED}
        rows.append(row(CASE, record, status, "fix_mask" if only_remedies else FAILURE))
    return records, rows


def errors(document):
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)]


def test_the_schema_is_itself_valid():
    Draft202012Validator.check_schema(SCHEMA)


def test_a_document_with_every_status_is_valid_and_has_each_of_them():
    records, rows = every_status()
    document = build(rows, *records)
    assert errors(document) == []
    assert {cell["status"] for cell in document["cells"]} == {status.value for status in Status}


def test_an_empty_document_is_valid_and_its_cases_claim_nothing():
    document = build([])
    assert errors(document) == []
    assert document["cases"]["toy-1"]["intervals"] == document["cases"]["toy-1"]["histories"] == []


def test_the_document_is_the_same_in_whatever_order_results_come():
    records, rows = every_status()
    expected = to_json(build(rows, *records, cases=(CASE, toy_case(2))))
    shuffled, backwards = random.Random(0).sample(rows, len(rows)), reversed(records)
    assert to_json(build(shuffled, *backwards, cases=(toy_case(2), CASE))) == expected


def test_a_cell_says_what_was_measured_and_what_was_expected():
    record = release("1.5")
    (cell,) = build([row(CASE, record, Status.FAILING)], record)["cells"]
    assert cell == {
        "case": "toy-1",
        "variant": "failure",
        "environment": "toy-1.5",
        "device": "cpu",
        "status": "failing",
        "expected": "failing",
        "outcome": "raised",
        "symptom": "ValueError: the shapes disagree",
        "reason": None,
        "gap": None,
        "seconds": 0.123,
        "measured_at": "2025-05-01T10:00:00",
        "platform": "linux-x86_64",
        "device_used": "cpu x 1",
        "deprecations": [],
    }


def test_an_environment_says_what_it_consists_of_and_when_its_release_came():
    record = release("1.5", released="2024-01-10", note="moved")
    document = build([row(CASE, record, Status.FAILING)], record)
    assert errors(document) == []
    assert document["environments"]["toy-1.5"] == {
        "python": "3.11",
        "resolution": "period",
        "released": "2024-01-10",
        "as_of": "2024-01-31",
        "library": "toy",
        "version": "1.5",
        "packages": {"numpy": "1.26.0", "toy": "1.5"},
        "note": "moved",
    }


def test_a_cell_that_never_ran_keeps_its_reason_and_the_platform_of_the_run():
    record = release("1.5", packages={})
    (cell,) = build([row(CASE, record, Status.UNBUILDABLE)], record)["cells"]
    assert (cell["reason"], cell["platform"], cell["device_used"]) == ("no wheel", "here", None)


def test_python_is_a_package_that_conditions_may_name():
    case = toy_case(failing="python<3.10")
    records = [release("1.0", python="3.9"), release("1.1", python="3.11")]
    document = build([row(case, record, Status.FAILING) for record in records], *records, cases=[case])
    assert [cell["expected"] for cell in document["cells"]] == ["failing", "fixed"]


def test_an_unresolved_environment_is_known_by_its_release_and_its_pins():
    record = release("1.0", "+torch-2.4.1", "pinned", packages={})
    assert facts_of(record, toy_config()) == {"python": "3.11", "toy-dist": "1.0", "torch": "2.4.1"}


def test_conditions_see_public_versions():
    case = toy_case(failing="toy==1.5")
    record = release("1.5", packages={"toy": "1.5+cpu"})
    (cell,) = build([row(case, record, Status.FAILING)], record, cases=[case])["cells"]
    assert cell["expected"] == "failing"
    assert facts_of(record, toy_config())["toy"] == "1.5"


def test_an_absent_package_explains_itself():
    record = release("1.0")
    lacking = evidence(Outcome.UNAVAILABLE, lack=Lack.PACKAGE, reason="flax is not installed", attested=None)
    (cell,) = build([row(CASE, record, lacking)], record)["cells"]
    assert (cell["status"], cell["gap"]) == ("unsupported", "flax is not installed")


def test_a_gap_never_excuses_evidence():
    record = release("1.0")
    config = toy_config(known(Status.CRASHED, "toy==1.0", "known to crash"))
    (cell,) = build([row(CASE, record, Status.CRASHED)], record, config=config)["cells"]
    assert cell["gap"] is None


def test_a_known_gap_gives_its_reason_and_only_where_it_was_declared():
    records = [release("1.0"), release("1.1")]
    gap = known(Status.UNIMPORTABLE, "toy==1.0", "needs an old jax")
    document = build(
        [row(CASE, record, Status.UNIMPORTABLE) for record in records], *records, config=toy_config(gap)
    )
    assert [cell["gap"] for cell in document["cells"]] == ["needs an old jax", None]


def test_messages_are_one_bounded_line_without_terminal_codes():
    record = release("1.0")
    message = "\n\x1b[31mred\x1b[0m \u202eevil\x00\udc80 at 0x7f3a5c001234 " + "x" * 10_000 + "\nsecond"
    noisy = evidence(Outcome.RAISED, raised=raised("builtins.OSError", message))
    (cell,) = build([row(CASE, record, noisy)], record)["cells"]
    assert cell["symptom"].startswith("OSError: red evil at 0x... xxx")
    assert len(cell["symptom"]) == 300


def test_deprecations_are_distinct_ordered_and_few():
    many = [Deprecation(category="W", message=f"m{index % 20:02}", module="toy") for index in range(40)]
    record = release("1.0")
    (cell,) = build([row(CASE, record, evidence(deprecations=tuple(many)))], record)["cells"]
    assert [found["message"] for found in cell["deprecations"]] == [f"m{index:02}" for index in range(10)]


def test_releases_are_ordered_as_versions_not_as_text():
    records = [release(version) for version in ("1.10", "1.9", "1.9rc1", "1.0.post1")]
    document = build([row(CASE, record, Status.FAILING) for record in records], *records)
    ordered = ["toy-1.0.post1", "toy-1.9rc1", "toy-1.9", "toy-1.10"]
    assert document["axes"]["toy"]["environments"] == ordered
    assert [cell["environment"] for cell in document["cells"]] == ordered


def test_intervals_are_told_per_variant_axis_and_device():
    old, new = release("1.0"), release("2.0")
    rows = [
        row(CASE, old, Status.FAILING),
        row(CASE, new, Status.FIXED),
        row(CASE, new, Status.FAILING, device="cuda"),
    ]
    histories = build(rows, old, new)["cases"]["toy-1"]["histories"]
    told = {(history["variant"], history["device"]): history["words"] for history in histories}
    assert told[FAILURE, "cpu"] == "failing in 1.0, fixed from 2.0"
    assert told[FAILURE, "cuda"] == "failing in 2.0 (no evidence: 1.0 not measured)"
    assert told["fix_keep", "cpu"] == "no evidence: 1.0 to 2.0 not measured"


def test_an_interval_carries_its_edges():
    records = [release(version) for version in ("1.0", "1.1", "2.0")]
    rows = [row(CASE, records[0], Status.FAILING), row(CASE, records[2], Status.FIXED)]
    failing, fixed = build(rows, *records)["cases"]["toy-1"]["intervals"]
    assert failing == {
        "variant": "failure",
        "axis": "toy",
        "device": "cpu",
        "status": "failing",
        "first": "1.0",
        "last": "1.0",
        "after": None,
        "before": "2.0",
        "unknown_before": [],
        "unknown_within": [],
        "unknown_after": ["1.1"],
        "words": "failing in at least 1.0",
    }
    assert fixed["words"] == "fixed from a release after 1.0, at the latest 2.0"


def test_a_release_whose_cells_are_stale_is_unknown_instead_of_skipped():
    records = [release(version) for version in ("1.0", "1.1", "2.0")]
    rows = [
        row(CASE, records[0], Status.FAILING),
        row(CASE, records[1], Status.FAILING, environment_key="another"),
        row(CASE, records[2], Status.FIXED),
    ]
    document = build(rows, *records)
    assert set(document["environments"]) == {"toy-1.0", "toy-2.0"}
    assert document["cases"]["toy-1"]["intervals"][0]["unknown_after"] == ["1.1"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"case_digest": "another"}, Stale.CASE_EDITED),
        ({"environment_key": "another"}, Stale.ENVIRONMENT_CHANGED),
    ],
)
def test_a_stale_cell_is_left_out_and_counted(changes, reason):
    record = release("1.0")
    rows = [row(CASE, record, Status.FIXED, **changes)]
    assert build(rows, record)["cells"] == []
    assert count_stale([CASE], rows, by_id(record)) == {reason: 1}


def test_cells_of_cases_variants_and_environments_that_are_gone_are_stale():
    record = release("1.0")
    rows = [
        row(toy_case(7), record, Status.FIXED),
        row(CASE, record, Status.WORKS, "fix_gone"),
        row(CASE, release("3.0"), Status.FIXED),
        row(CASE, record, Status.FIXED),
    ]
    assert count_stale([CASE], rows, by_id(record)) == {Stale.CASE_GONE: 2, Stale.ENVIRONMENT_GONE: 1}
    assert len(build(rows, record)["cells"]) == 1


def test_each_resolution_and_each_set_of_pins_is_an_axis_of_its_own():
    records = by_id(
        release("1.0"),
        release("1.0", "@latest", "latest"),
        release("1.0", "+torch-2.4.1+jax-0.4", "pinned"),
        release("1.1", "+torch-2.13.0", "pinned"),
    )
    axes = {axis.id: dict(axis.pins) for axis in axes_of(records)}
    assert list(axes) == ["toy", "toy@latest", "toy+jax-0.4+torch-2.4.1", "toy+torch-2.13.0"]
    assert axes["toy+jax-0.4+torch-2.4.1"] == {"torch": "2.4.1", "jax": "0.4"}


def test_another_python_fills_a_missing_release_and_is_an_axis_of_its_own_elsewhere():
    records = by_id(
        release("1.0", "@py3.9"), release("1.0", "@py3.10"), release("1.1"), release("1.1", "@py3.9")
    )
    found = {axis.id: [place.environment for place in axis.places] for axis in axes_of(records)}
    assert found == {"toy": ["toy-1.0@py3.10", "toy-1.1"], "toy@py3.9": ["toy-1.0@py3.9", "toy-1.1@py3.9"]}


@pytest.mark.parametrize(
    "record",
    [
        EnvironmentRecord(
            id="current", library=None, version=None, resolution="interpreter", python="3.11", as_of=None
        ),
        release("deadbee"),
        release("1.0", id="odd"),
        release("1.0", resolution="interpreter"),
    ],
    ids=["interpreter", "commit", "another id", "interpreter with a library"],
)
def test_an_environment_about_no_release_stands_on_no_axis(record):
    assert place_of(record) is None
    document = build([row(CASE, record, Status.FIXED)], record)
    assert errors(document) == []
    assert document["axes"] == {}
    assert document["cases"]["toy-1"]["intervals"] == []


def test_everything_a_document_refers_to_is_in_it():
    records, rows = every_status()
    document = build(rows, *records, cases=(CASE, toy_case(2)))
    for cell in document["cells"]:
        assert cell["variant"] in document["cases"][cell["case"]]["variants"]
        assert cell["environment"] in document["environments"]
    for case in document["cases"].values():
        assert {told["axis"] for told in case["intervals"] + case["histories"]} <= set(document["axes"])


def test_a_case_says_what_its_file_says():
    case = build([])["cases"]["toy-1"]
    assert (case["title"], case["kind"], case["library"]) == ("The shape is kept.", "bug", "toy")
    assert tuple(case["variants"]) == VARIANTS
    assert case["variants"]["fix_keep"] == {"claim": "It runs when `shape` is kept.", "source": "documented"}
    assert case["variants"]["failure"]["source"] is None
    assert (case["introduced_by"], case["fixed_by"]) == ([], ["https://example.org/toy/pull/9"])


def test_a_case_says_which_release_or_change_introduced_it():
    changes = ("jax==0.10.0", "https://example.org/toy/pull/8")
    document = build([], cases=(replace(CASE, introduced_by=changes),))
    assert document["cases"]["toy-1"]["introduced_by"] == list(changes)
    assert errors(document) == []


def planted():
    """Wrong documents, each by one change of a right one."""
    yield "another schema", lambda d: d.update(schema=2)
    yield "an unknown key", lambda d: d.update(extra=1)
    yield "no cells", lambda d: d.pop("cells")
    yield "an unknown status", lambda d: d["cells"][0].update(status="ok")
    yield "a remedy's status on a failure", lambda d: d["cells"][0].update(status="works")
    yield "a status without evidence as expectation", lambda d: d["cells"][0].update(expected="unsupported")
    yield "failing without a symptom", lambda d: d["cells"][0].update(symptom=None)
    yield "fixed though it raised", lambda d: d["cells"][0].update(status="fixed")
    yield "a message of two lines", lambda d: d["cells"][0].update(symptom="a\nb")
    yield "a message without end", lambda d: d["cells"][0].update(symptom="a" * 301)
    yield "a negative duration", lambda d: d["cells"][0].update(seconds=-1)
    yield "an unknown device", lambda d: d["cells"][0].update(device="cpu:0")
    yield "no date", lambda d: d["cells"][0].update(measured_at="")
    yield "an environment without Python", lambda d: d["environments"]["toy-1.0"].pop("python")
    yield (
        "an environment without a place for its date",
        lambda d: d["environments"]["toy-1.0"].pop("released"),
    )
    yield "no date of a release", lambda d: d["environments"]["toy-1.0"].update(released="soon")
    yield "a time of a release", lambda d: d["environments"]["toy-1.0"].update(released="2024-01-10T12:00")
    yield "an unknown resolution", lambda d: d["environments"]["toy-1.0"].update(resolution="guess")
    yield "an axis without environments", lambda d: d["axes"]["toy"].update(environments=[])
    yield "a case id without number", lambda d: d["cases"].update(toy=d["cases"]["toy-1"])
    yield "an unknown kind", lambda d: d["cases"]["toy-1"].update(kind="wish")
    yield "a case without an origin", lambda d: d["cases"]["toy-1"].pop("introduced_by")
    yield "a change nobody could look up", lambda d: d["cases"]["toy-1"].update(introduced_by=["jax>=0.10"])
    yield "a fix nobody could look up", lambda d: d["cases"]["toy-1"].update(fixed_by=["#9"])
    yield "a case without failure", lambda d: d["cases"]["toy-1"]["variants"].pop("failure")
    yield (
        "an interval without evidence",
        lambda d: d["cases"]["toy-1"]["intervals"][0].update(status="invalid"),
    )
    yield "an interval without edges", lambda d: d["cases"]["toy-1"]["intervals"][0].pop("after")
    yield (
        "a gap that is evidence",
        lambda d: d["cases"]["toy-1"]["histories"][1]["gaps"][0].update(status="fixed"),
    )


@pytest.mark.parametrize("spoil", [pytest.param(spoil, id=name) for name, spoil in planted()])
def test_the_schema_refuses_a_document_with(spoil):
    record = release("1.0")
    document = deepcopy(build([row(CASE, record, Status.FAILING)], record))
    assert errors(document) == []
    spoil(document)
    assert errors(document) != []
