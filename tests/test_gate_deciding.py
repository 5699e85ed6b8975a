"""What comes of findings, and the exit code of a whole gate."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy.cases import HEADER, edited, make_case
from toy.gate import acceptance, counts, decision, finding, full_result, gate_result

from harness.gate.baseline import Baseline, Earlier, read_baseline
from harness.gate.deciding import decide
from harness.gate.document import gate_json
from harness.gate.policy import Policy, Rule, severity
from harness.gate.records import Action, FindingKind

ALLOW, WARN, BLOCK = Action.ALLOW, Action.WARN, Action.BLOCK
TODAY = date(2026, 3, 31)
CASES = {
    case.id: case
    for case in [
        make_case(),
        make_case("toy/99_older.py"),
        make_case("toy/1739_newer.py"),
        make_case("other/7_breaks.py"),
        make_case("toy/8_missing.py", edited('kind = "bug"', 'kind = "feature"', HEADER)),
    ]
}


def decided(findings, *accepted, rules=(), actions=None, **options):
    """Decisions by the defaults with these acceptances and rules, everything having been asked about."""
    policy = Policy(acceptances=accepted)
    policy = replace(policy, rules=policy.rules + tuple(rules), actions={**policy.actions, **(actions or {})})
    known = {"today": TODAY, "cases": CASES, "asked": CASES, "devices": ("cpu", "cuda"), "baseline": None}
    return decide(policy, findings, **{**known, **options})


def only(decisions):
    (found,) = decisions
    return found


def stale(decisions):
    return [each for each in decisions if each.finding.kind is FindingKind.STALE_ENTRY]


def before(*findings, weight=BLOCK):
    """A baseline of findings."""
    return Baseline(
        findings=tuple(
            Earlier(
                fingerprint=each.fingerprint,
                kind=each.kind,
                title=each.title,
                cases=each.cases,
                device=each.device,
                weight=weight,
            )
            for each in findings
        )
    )


@pytest.mark.parametrize(
    ("kind", "action"), list(product(FindingKind, Action)), ids=lambda value: value.value
)
def test_every_finding_gets_its_action(kind, action):
    found = only(decided([finding(kind=kind)], actions={kind: action}))
    assert (found.finding, found.action, found.effect) == (finding(kind=kind), action, action)
    assert (found.accepted, found.is_in_baseline) == (None, False)


@pytest.mark.parametrize("kind", FindingKind)
def test_an_acceptance_covers_all_but_nothing_to_run_and_itself(kind):
    given_ = acceptance()
    decisions = decided([finding(kind=kind)], given_)
    if kind in (FindingKind.NOTHING_TO_RUN, FindingKind.STALE_ENTRY):
        assert [each.accepted for each in decisions] == [None, None]
        assert all(each.effect is each.action for each in decisions)
        assert "no longer matches" in "".join(each.finding.title for each in decisions)
    else:
        found = only(decisions)
        assert (found.accepted, found.effect) == (given_, ALLOW)
        assert found.action is Policy().actions[kind]


@pytest.mark.parametrize(
    ("fields", "matches"),
    [
        ({}, True),
        ({"kind": FindingKind.NEWLY_FAILING}, True),
        ({"device": "cpu"}, True),
        ({"kind": FindingKind.NEWLY_FAILING, "device": "cpu"}, True),
        ({"case": "toy-99"}, False),
        ({"kind": FindingKind.CHANGED}, False),
        ({"device": "cuda"}, False),
        ({"kind": FindingKind.NEWLY_FAILING, "device": "cuda"}, False),
    ],
)
def test_an_acceptance_is_about_what_it_names(fields, matches):
    decisions = decided([finding()], acceptance(**fields))
    about = next(each for each in decisions if each.finding == finding())
    assert about.effect is (ALLOW if matches else BLOCK)
    assert len(stale(decisions)) == (0 if matches else 1)


@pytest.mark.parametrize("kind", [FindingKind.DEPRECATION, FindingKind.NO_EVIDENCE])
def test_of_several_cases_every_one_must_be_accepted(kind):
    both = finding(kind=kind, cases=("toy-7", "toy-99"), case_kind="")
    first, second = acceptance(), acceptance(case="toy-99", until=TODAY + timedelta(1))
    found = only(decided([both], first))
    assert found.accepted is None
    assert found.effect is found.action is Policy().actions[kind]
    assert only(decided([both], second, first)).accepted == first  # the one that ends first
    assert only(decided([both], first, second)).accepted == first


def test_of_several_acceptances_the_longest_counts():
    longer = acceptance(kind=FindingKind.NEWLY_FAILING, until=TODAY + timedelta(9))
    assert only(decided([finding()], acceptance(), longer)).accepted == longer


@pytest.mark.parametrize(("days", "holds"), [(-1, True), (0, True), (1, False), (400, False)])
def test_an_acceptance_holds_on_its_last_day(days, holds):
    decisions = decided([finding()], acceptance(until=TODAY), today=TODAY + timedelta(days))
    about = next(each for each in decisions if each.finding == finding())
    assert about.effect is (ALLOW if holds else BLOCK)
    assert [each.finding.title for each in stale(decisions)] == (
        [] if holds else ["The acceptance of toy-7 expired on 2026-03-31: decide anew, or remove it"]
    )


@pytest.mark.parametrize("asked", [(), ("toy-7",)])
def test_an_expired_acceptance_is_a_finding_whatever_else_is_there(asked):
    old = acceptance(until=TODAY - timedelta(1))
    found = only(decided([], old, asked=asked, devices=()))
    assert "expired on 2026-03-30" in found.finding.title
    assert found.finding.evidence == "accepted until 2026-03-30, because: we pad the shapes"
    assert (found.effect, found.accepted) == (WARN, None)


def test_a_stale_entry_says_what_it_is_about():
    given_ = acceptance(kind=FindingKind.CHANGED, device="cuda", reason="it is\nso \x1b[31mred")
    found = only(decided([], given_)).finding
    assert found.title == "The acceptance of toy-7 (changed, cuda) no longer matches anything: remove it"
    assert found.subject == "unmatched acceptance of toy-7 (changed, cuda)"
    assert found.evidence == "accepted until 2026-03-31, because: it is so red"
    assert (found.cases, found.library, found.case_kind, found.device) == (("toy-7",), "toy", "bug", "cuda")
    assert found.issue == "https://example.org/toy/issues/7"


def test_a_stale_entry_is_the_same_whatever_its_day_and_reason():
    one = only(decided([], acceptance(until=date(2026, 1, 1), reason="first"))).finding
    two = only(decided([], acceptance(until=date(2026, 1, 2), reason="second"))).finding
    unmatched = only(decided([], acceptance())).finding
    other = only(decided([], acceptance(until=date(2026, 1, 1), device="cuda"))).finding
    assert one.fingerprint == two.fingerprint
    assert len({one.fingerprint, unmatched.fingerprint, other.fingerprint}) == 3


@pytest.mark.parametrize(
    ("fields", "options", "is_stale"),
    [
        ({}, {}, True),
        ({}, {"asked": ("toy-99",)}, False),
        ({}, {"asked": ()}, False),
        ({"device": "cuda"}, {}, True),
        ({"device": "cuda"}, {"devices": ("cpu",)}, False),
        ({"device": "cpu"}, {"devices": ("cpu",)}, True),
        ({}, {"devices": ()}, True),
        ({"kind": FindingKind.NEWLY_FAILING}, {"is_upgrade": False}, False),
        ({"kind": FindingKind.LOST_REMEDY}, {"is_upgrade": False}, False),
        ({"kind": FindingKind.FAILING_AGAIN}, {"is_upgrade": False}, True),
        ({}, {"is_upgrade": False}, True),
    ],
)
def test_unmatched_is_said_only_of_what_was_looked_at(fields, options, is_stale):
    assert len(decided([], acceptance(**fields), **options)) == is_stale


def test_rules_are_about_stale_entries_too():
    rules = [Rule(kind=FindingKind.STALE_ENTRY, case="toy-7", action=BLOCK)]
    found = decided([], acceptance(), acceptance(case="toy-99"), rules=rules)
    assert [(each.finding.cases, each.effect) for each in found] == [(("toy-7",), BLOCK), (("toy-99",), WARN)]


def test_an_acceptance_of_a_case_that_the_corpus_lost_still_expires():
    found = only(decided([], acceptance(case="gone-1", until=date(2026, 1, 1)))).finding
    assert (found.library, found.case_kind, found.issue) == ("", "", "")


def test_a_baseline_spares_what_it_knows():
    found = only(decided([finding()], baseline=before(finding())))
    assert (found.is_in_baseline, found.action, found.effect) == (True, BLOCK, ALLOW)
    other = only(decided([finding(device="cuda")], baseline=before(finding())))
    assert (other.is_in_baseline, other.effect) == (False, BLOCK)


@pytest.mark.parametrize(("then", "now"), list(product(Action, Action)), ids=lambda value: value.value)
def test_worse_than_the_baseline_is_news(then, now):
    known = before(finding(), weight=then)
    found = only(decided([finding()], actions={FindingKind.NEWLY_FAILING: now}, baseline=known))
    is_news = severity(then) < severity(now)
    assert found.is_in_baseline is not is_news
    assert found.effect is (now if is_news else ALLOW)


def test_a_baseline_never_covers_that_nothing_ran():
    nothing = finding(kind=FindingKind.NOTHING_TO_RUN, cases=(), library="", device="")
    found = only(decided([nothing], acceptance(), baseline=before(nothing), asked=()))
    assert (found.is_in_baseline, found.effect) == (False, BLOCK)


def test_a_baseline_covers_a_stale_entry_that_it_knows():
    old = acceptance(until=date(2026, 1, 1))
    known = only(decided([], old)).finding
    assert only(decided([], old, baseline=before(known, weight=WARN))).effect is ALLOW


def test_accepted_and_in_the_baseline_are_both_told():
    found = only(decided([finding()], acceptance(), baseline=before(finding())))
    assert (found.accepted, found.is_in_baseline) == (acceptance(), True)


def test_order():
    def about(*cases, kind=FindingKind.NEWLY_FAILING, library="toy", **fields):
        return finding(kind=kind, cases=cases, library=library, **fields)

    wanted = [
        about("other-7", library="other"),
        about("toy-7"),
        about("toy-99"),
        about("toy-99", device="cuda"),
        about("toy-1000"),
        about("toy-1739", subject="a"),
        about("toy-1739", subject="b"),
        about("toy-7", kind=FindingKind.FAILING_AGAIN),
        about("toy-7", kind=FindingKind.NO_EVIDENCE),
        about(kind=FindingKind.NOTHING_TO_RUN, library=""),
        about("toy-7", kind=FindingKind.KNOWN_FAILING),
        about("toy-99", kind=FindingKind.KNOWN_FAILING, case_kind=""),
        about("other-7", kind=FindingKind.CHANGED, library="other"),
        about("toy-8", kind=FindingKind.KNOWN_FAILING),
    ]
    accepted = acceptance(case="other-7", kind=FindingKind.CHANGED)
    found = decided(reversed(wanted), accepted)
    effects = [each.effect for each in found]
    assert effects == sorted(effects, key=severity, reverse=True)
    allowed_last = wanted[:-2] + sorted(wanted[-2:], key=lambda each: list(FindingKind).index(each.kind))
    assert [each.finding for each in found] == allowed_last


KINDS = st.sampled_from(FindingKind)
IDS = st.sampled_from([*CASES, "gone-1"])
DEVICES = st.sampled_from(["cpu", "cuda"])
FINDINGS = st.builds(
    finding,
    kind=KINDS,
    cases=st.lists(IDS, max_size=3, unique=True).map(tuple),
    library=st.sampled_from(["", "toy", "other"]),
    device=st.sampled_from(["", "cpu", "cuda"]),
    variants=st.sampled_from([(), ("failure",), ("fix_pin",)]),
    subject=st.sampled_from(["", "a", "b"]),
)
ACCEPTANCES = st.builds(
    acceptance,
    case=IDS,
    until=st.dates(TODAY - timedelta(2), TODAY + timedelta(2)),
    kind=st.none() | KINDS,
    device=st.just("") | DEVICES,
)
OPTIONS = st.fixed_dictionaries(
    {
        "asked": st.sets(IDS),
        "devices": st.sets(DEVICES),
        "is_upgrade": st.booleans(),
        "baseline": st.none() | st.lists(FINDINGS, max_size=3).map(lambda found: before(*found)),
        "rules": st.lists(
            st.builds(Rule, action=st.sampled_from(Action), kind=st.none() | KINDS, device=DEVICES),
            max_size=3,
        ),
    }
)


@given(st.lists(FINDINGS, max_size=6), st.lists(ACCEPTANCES, max_size=4), OPTIONS)
def test_no_finding_is_dropped_or_doubled(findings, accepted, options):
    found = Counter(each.finding for each in decided(findings, *accepted, **options))
    added = found - Counter(findings)
    assert found - added == Counter(findings)
    assert all(
        each.kind is FindingKind.STALE_ENTRY and each.subject.split()[1] == "acceptance" for each in added
    )


@given(st.lists(FINDINGS, max_size=6), st.lists(ACCEPTANCES, max_size=4), OPTIONS)
def test_nothing_turns_an_unmatched_finding_quiet(findings, accepted, options):
    live = [each for each in accepted if each.until >= TODAY]
    known = {each.fingerprint for each in (options["baseline"] or Baseline()).findings}
    for each in decided(findings, *accepted, **options):
        about = each.finding
        covered = about.kind not in (FindingKind.NOTHING_TO_RUN, FindingKind.STALE_ENTRY) and about.cases
        accepting = [a for a in live if a.device in ("", about.device) and a.kind in (None, about.kind)]
        is_accepted = bool(covered) and set(about.cases) <= {a.case for a in accepting}
        assert (each.accepted is not None) is is_accepted
        if each.accepted:
            assert each.accepted in accepting
        if about.fingerprint not in known or about.kind is FindingKind.NOTHING_TO_RUN:
            assert not each.is_in_baseline
            if not is_accepted:
                assert each.effect is each.action


@given(st.lists(FINDINGS, max_size=6), st.lists(ACCEPTANCES, max_size=4), OPTIONS, st.randoms())
def test_the_order_of_what_comes_in_does_not_matter(findings, accepted, options, random):
    shuffled = random.sample(findings, len(findings))
    assert decided(shuffled, *accepted, **options) == decided(findings, *accepted, **options)


def of(*decisions, **fields):
    return gate_result(decisions=decisions, **fields).exit_code


LACKING = (FindingKind.NO_EVIDENCE, FindingKind.NOTHING_TO_RUN)
BLIND = [
    counts(ran=0, stored=0, inferred=0, without_evidence=0),
    counts(ran=2, stored=1, inferred=0, without_evidence=3),
]


@pytest.mark.parametrize("kind", FindingKind)
def test_exit_code_of_what_blocks(kind):
    assert of(decision(finding(kind=kind))) == (3 if kind in LACKING else 1)
    assert of(decision(finding(kind=kind), WARN)) == 0
    assert of(decision(finding(kind=kind), ALLOW)) == 0
    if kind not in LACKING:
        lacking = [decision(finding(kind=each)) for each in LACKING]
        assert of(*lacking, decision(finding(kind=kind))) == 1
        assert of(*lacking, decision(finding(kind=kind), WARN)) == 3


@pytest.mark.parametrize("seen", [*({"counts": each} for each in BLIND), {"is_blind": True}])
def test_where_nothing_was_seen_nothing_passes(seen):
    assert of(**seen) == 3
    assert of(*(decision(finding(kind=kind), ALLOW) for kind in FindingKind), **seen) == 3
    assert of(decision(accepted=acceptance()), decision(is_in_baseline=True), **seen) == 3
    assert of(decision(), **seen) == 1
    assert gate_result(**seen).verdict == "no evidence"


def test_exit_code_of_what_was_accepted_or_known():
    assert of() == 0
    assert of(decision(accepted=acceptance())) == 0
    assert of(decision(is_in_baseline=True)) == 0
    assert of(decision(accepted=acceptance()), decision()) == 1
    assert of(counts=counts(ran=0, stored=0, inferred=2)) == 0


def test_verdict_in_words():
    assert gate_result().verdict == "passed"
    assert gate_result(decisions=(decision(action=WARN),)).verdict == "passed with warnings"
    assert gate_result(decisions=(decision(action=ALLOW),)).verdict == "passed"
    assert gate_result(decisions=(decision(),)).verdict == "blocked"
    assert gate_result(decisions=(decision(finding(kind=FindingKind.NO_EVIDENCE)),)).verdict == "no evidence"


def test_a_gate_after_its_own_baseline_blocks_no_more(tmp_path):
    path = tmp_path / "gate.json"
    first = decided([finding(), finding(kind=FindingKind.CHANGED, cases=("toy-99",))])
    path.write_text(gate_json(gate_result(decisions=first)))
    again = decided([each.finding for each in first], baseline=read_baseline(path))
    assert gate_result(decisions=first).exit_code == 1
    assert gate_result(decisions=again).exit_code == 0
    path.write_text(gate_json(gate_result(decisions=again)))
    third = decided([each.finding for each in first], baseline=read_baseline(path))
    assert gate_result(decisions=third).exit_code == 0
    assert json.loads(path.read_text())["verdict"] == "passed"


def test_full_result_is_in_the_order_of_decisions():
    decisions = full_result().decisions
    assert [severity(each.effect) for each in decisions] == sorted(
        (severity(each.effect) for each in decisions), reverse=True
    )
