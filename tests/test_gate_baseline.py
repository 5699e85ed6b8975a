"""Earlier answers of the gate: what they cover, what is gone, and what is no baseline."""

from __future__ import annotations

import json
from itertools import product

import pytest
from toy.gate import acceptance, decision, finding, full_result, gate_result

from harness.errors import UsageError
from harness.gate.baseline import Baseline, read_baseline
from harness.gate.document import gate_document, gate_json
from harness.gate.policy import severity
from harness.gate.records import Action, FindingKind

ALLOW, WARN, BLOCK = Action.ALLOW, Action.WARN, Action.BLOCK


@pytest.fixture
def baseline(tmp_path):
    """Makes a baseline of decisions, by way of its file."""

    def make(*decisions, **fields):
        path = tmp_path / "gate.json"
        path.write_text(gate_json(gate_result(decisions=decisions, **fields)), encoding="utf-8")
        return read_baseline(path)

    return make


def test_round_trip(tmp_path):
    result = full_result()
    path = tmp_path / "gate.json"
    path.write_text(gate_json(result), encoding="utf-8")
    found = read_baseline(path)
    assert [(each.fingerprint, each.kind) for each in found.findings] == [
        (each.finding.fingerprint, each.finding.kind) for each in result.decisions
    ]
    assert [each.cases for each in found.findings] == [each.finding.cases for each in result.decisions]
    assert [each.device for each in found.findings] == [each.finding.device for each in result.decisions]
    assert found.findings[0].title == "The toy breaks"
    for each in result.decisions:
        covered = each.finding.kind is not FindingKind.NOTHING_TO_RUN and not each.accepted
        assert found.covers(each.finding, each.action) is covered
    assert found.gone(each.finding for each in result.decisions) == ()


@pytest.mark.parametrize(("then", "now"), list(product(Action, Action)), ids=lambda value: value.value)
@pytest.mark.parametrize("kind", FindingKind)
def test_what_is_taken_more_seriously_now_is_news(baseline, kind, then, now):
    found = baseline(decision(finding(kind=kind), then))
    never = kind is FindingKind.NOTHING_TO_RUN
    assert found.covers(finding(kind=kind), now) is (not never and severity(then) >= severity(now))


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": FindingKind.KNOWN_FAILING},
        {"cases": ("toy-8",)},
        {"cases": ("toy-7", "toy-8")},
        {"variants": ("fix_pin",)},
        {"device": "cuda"},
        {"subject": "other"},
    ],
)
def test_another_finding_is_news(baseline, fields):
    assert not baseline(decision()).covers(finding(**fields), WARN)


def test_versions_lines_and_words_make_no_news(baseline):
    found = baseline(decision(finding(title="Before", evidence="toy 1.0", symptom="old")))
    assert found.covers(finding(title="After", evidence="toy 2.0", symptom="new"), BLOCK)


def test_missing_evidence_is_covered_only_where_it_is_the_same(baseline):
    lacking = {"kind": FindingKind.NO_EVIDENCE, "subject": "unsupported"}
    found = baseline(decision(finding(**lacking)))
    assert found.covers(finding(**lacking), BLOCK)
    assert not found.covers(finding(**lacking, cases=("toy-7", "toy-8")), BLOCK)
    assert not found.covers(finding(kind=FindingKind.NO_EVIDENCE, subject="unimportable"), BLOCK)
    assert not baseline(decision()).covers(finding(**lacking), BLOCK)


def test_a_fingerprint_of_another_kind_covers_nothing(tmp_path):
    document = gate_document(gate_result(decisions=(decision(),)))
    document["findings"][0]["kind"] = "no-evidence"
    path = tmp_path / "gate.json"
    path.write_text(json.dumps(document))
    assert not read_baseline(path).covers(finding(), BLOCK)


def test_what_was_accepted_then_is_news_without_the_acceptance(baseline):
    found = baseline(decision(accepted=acceptance()))
    assert not found.covers(finding(), WARN)
    assert found.covers(finding(), ALLOW)
    assert not baseline(decision(accepted=acceptance(), is_in_baseline=True)).covers(finding(), WARN)


def test_a_baseline_of_a_baseline_covers_what_that_one_covered(baseline):
    found = baseline(decision(is_in_baseline=True))
    assert found.covers(finding(), BLOCK)
    assert not baseline(decision(action=WARN, is_in_baseline=True)).covers(finding(), BLOCK)


def test_of_two_with_one_fingerprint_the_milder_counts(baseline):
    assert not baseline(decision(), decision(action=WARN)).covers(finding(), BLOCK)


def test_gone_names_what_is_not_there_now(baseline):
    other = finding(title="The toy hangs", cases=("toy-9",))
    found = baseline(decision(), decision(other), decision(other))
    assert found.gone([finding()]) == ("The toy hangs",)
    assert found.gone([]) == ("The toy breaks", "The toy hangs")
    assert found.gone([finding(), other]) == ()


def test_what_was_not_looked_at_is_not_called_gone(baseline):
    other = finding(title="The toy hangs", cases=("toy-9", "toy-7"), device="cuda")
    found = baseline(decision(), decision(other))
    assert found.gone([], asked={"toy-7"}) == ("The toy breaks",)
    assert found.gone([], devices={"cuda"}) == ("The toy hangs",)
    assert found.gone([], asked={"toy-7", "toy-9"}, devices={"cpu", "cuda"}) == found.gone([])
    everywhere = baseline(decision(finding(device="", cases=())))
    assert everywhere.gone([], asked=set(), devices=set()) == ("The toy breaks",)


def test_an_answer_without_findings_covers_nothing(baseline):
    found = baseline()
    assert found == Baseline()
    assert not found.covers(finding(), ALLOW)


DAMAGED = "is damaged or no answer of the gate; make it with `harness gate --json FILE`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", DAMAGED),
        ("{", DAMAGED),
        ("[]", DAMAGED),
        ("3", DAMAGED),
        ('"schema"', DAMAGED),
        ("null", DAMAGED),
        ("{}", DAMAGED),
        ('{"schema": 1}', DAMAGED),
        ('{"schema": 1, "findings": {}}', DAMAGED),
        ('{"schema": 1, "findings": [3]}', DAMAGED),
        ('{"schema": 1, "findings": [{}]}', DAMAGED),
        ('{"schema": 1, "releases": [], "case": "toy-7"}', DAMAGED),
        ("[" * 100_000, DAMAGED),
        ("1" * 5000, DAMAGED),
        (
            '{"schema": 2, "findings": []}',
            r"is of a newer version \(schema 2\); update the harness or make it",
        ),
        ('{"schema": 0, "findings": []}', r"has another schema \(this one reads 1\); make it with"),
        ('{"schema": "1", "findings": []}', "has another schema"),
        ('{"schema": null, "findings": []}', "has another schema"),
        ('{"schema": true, "findings": []}', "has another schema"),
    ],
)
def test_other_files_are_no_baseline(tmp_path, text, message):
    path = tmp_path / "gate.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=f"the baseline .*gate.json {message}") as caught:
        read_baseline(path)
    assert "\n" not in str(caught.value)


WRONG = {
    "fingerprint": [3, None],
    "kind": ["failing", None, []],
    "title": [3, None],
    "cases": ["toy-7", [3], None],
    "device": [3, None],
    "action": ["ignore", None, []],
    "effect": ["ignore", None, {}],
    "accepted": [True, "yes", []],
    "in_baseline": [0, "no", None],
}


@pytest.mark.parametrize("key", WRONG)
def test_a_finding_must_have_what_a_baseline_needs(tmp_path, key):
    document = gate_document(gate_result(decisions=(decision(),)))
    found = document["findings"][0]
    path = tmp_path / "gate.json"
    mutilated = [{**found, key: value} for value in WRONG[key]]
    for each in (*mutilated, {name: found[name] for name in found if name != key}):
        path.write_text(json.dumps({**document, "findings": [each]}))
        with pytest.raises(UsageError, match=DAMAGED):
            read_baseline(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"the baseline .*absent\.json cannot be read \(No such file"):
        read_baseline(tmp_path / "absent.json")
    with pytest.raises(UsageError, match=r"cannot be read \(Is a directory\)"):
        read_baseline(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'{"schema": 1, "caf\xe9": 1}')
    with pytest.raises(UsageError, match=DAMAGED):
        read_baseline(tmp_path / "latin.json")
