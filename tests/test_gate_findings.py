"""What is found in observations: every kind of finding, and nothing that was not seen."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy.cases import HEADER, edited, make_case

from harness.choice import DeviceChoice
from harness.device import parse_device
from harness.evidence import Deprecation
from harness.gate.findings import derive, repaired
from harness.gate.inquiry import Advice, touches
from harness.gate.observations import Assessment, Basis, Observation, Question, Relevant, StateView, Use
from harness.gate.records import Avoidance, FindingKind
from harness.verdict import Status

CPU = DeviceChoice(default=(parse_device("cpu"),))
CASE = make_case()
SECOND = make_case("toy/8_more.py", edited("issues/7", "issues/8"))
OURS = make_case("toy/9_ours.py", edited("issues/7", "issues/9", HEADER.replace('"documented"', '"ours"')))
AVOID = (Avoidance(requirement="toy>=2", measured="toy 2.0"),)
USE = Use(path="src/a.py", line=3, column=1, name="toy.infer.sample", is_certain=True)


def state(version: str = "1.0", name: str = "new.txt") -> StateView:
    held = {"toy": version, "other": "9"}
    return StateView(
        name=name,
        python="3.11",
        packages=held,
        facts={**held, "python": "3.11"},
        key=version,
        platform="linux-x86_64",
    )


def seen(status: Status | None, **fields: object) -> Observation:
    known = {"expected": Status.FIXED, "basis": Basis.RAN}
    return Observation(status=status, **{**known, **fields})


def assessment(
    observations: dict[str, Status | Observation | None], version: str = "1.0", *, case: str = "toy-7"
) -> Assessment:
    """Variant to what was seen of it in a state, on the CPU."""
    found = {
        Question(case=case, variant=variant, device="cpu"): o if isinstance(o, Observation) else seen(o)
        for variant, o in observations.items()
    }
    return Assessment(state=state(version), observations=found)


def advice(*, was_fixed: bool = False) -> Advice:
    return Advice(avoidances=lambda *_: AVOID, was_fixed=lambda *_: was_fixed)


def found_in(after, before=None, *, cases=(CASE,), uses=(), was_fixed=False):
    relevant = [Relevant(case=case, uses=uses) for case in cases]
    return derive(relevant, CPU, after, before, advice(was_fixed=was_fixed))


def kinds(after, before=None, **options) -> list[FindingKind]:
    return [finding.kind for finding in found_in(after, before, **options)]


RIGHT = {"failure": Status.FIXED, "fix_pin": Status.WORKS}
BROKEN = {"failure": Status.FAILING, "fix_pin": Status.WORKS}


def test_where_all_is_right_nothing_is_found():
    assert found_in(assessment(RIGHT)) == []
    assert found_in(assessment(RIGHT), assessment(RIGHT)) == []


def test_a_refusal_with_the_clear_error_is_right():
    assert found_in(assessment({**RIGHT, "failure": Status.REJECTED})) == []


def test_a_failure_in_the_only_state_is_known():
    (finding,) = found_in(assessment({**BROKEN, "failure": seen(Status.FAILING, symptom="ValueError: 2")}))
    assert finding.kind is FindingKind.KNOWN_FAILING
    assert finding.title == "The toy breaks"
    assert finding.symptom == "ValueError: 2"
    assert finding.evidence == "failing with toy 1.0, python 3.11"
    assert finding.issue == CASE.issue
    assert finding.avoid == AVOID
    assert [(r.variant, r.claim, r.source) for r in finding.remedies] == [
        ("fix_pin", "Shows fix_pin.", "documented")
    ]
    assert finding.touches == ("toy.infer.sample",)
    assert (finding.library, finding.case_kind, finding.device) == ("toy", "bug", "cpu")


@pytest.mark.parametrize(
    ("then", "kind"),
    [
        (Status.FIXED, FindingKind.NEWLY_FAILING),
        (Status.REJECTED, FindingKind.NEWLY_FAILING),
        (Status.UNIMPORTABLE, FindingKind.NEWLY_FAILING),
        (None, FindingKind.NEWLY_FAILING),
        (Status.FAILING, FindingKind.KNOWN_FAILING),
        (Status.CHANGED, FindingKind.KNOWN_FAILING),
        (Status.TIMEOUT, FindingKind.KNOWN_FAILING),
    ],
)
def test_a_failure_after_an_upgrade_is_news_unless_it_was_there_before(then, kind):
    before = assessment({**RIGHT, "failure": then}, "0.9")
    (finding,) = found_in(assessment(BROKEN), before)
    assert finding.kind is kind
    assert "; in the old state " in finding.evidence
    assert "toy 0.9" in finding.evidence


def test_a_state_that_was_never_asked_is_not_taken_for_right():
    before = Assessment(state=state("0.9"), observations={})
    assert kinds(assessment(BROKEN), before) == [FindingKind.NEWLY_FAILING]


def test_what_had_been_fixed_and_fails_is_failing_again():
    assert kinds(assessment(BROKEN), was_fixed=True) == [FindingKind.FAILING_AGAIN]
    assert kinds(assessment(BROKEN), assessment(RIGHT), was_fixed=True) == [FindingKind.FAILING_AGAIN]
    assert kinds(assessment(BROKEN), assessment(BROKEN), was_fixed=True) == [FindingKind.KNOWN_FAILING]


@pytest.mark.parametrize("status", [Status.CHANGED, Status.TIMEOUT, Status.CRASHED])
@pytest.mark.parametrize("variant", ["failure", "fix_pin"])
def test_another_failure_is_changed(status, variant):
    (finding,) = found_in(assessment({**RIGHT, variant: seen(status, symptom="TypeError: 3")}))
    assert finding.kind is FindingKind.CHANGED
    assert finding.variants == (variant,)
    assert finding.symptom == f"{status.value}: TypeError: 3"


def test_a_remedy_that_does_not_work_is_refuted():
    (finding,) = found_in(assessment({**RIGHT, "fix_pin": seen(Status.REFUTED, symptom="TypeError: no")}))
    assert finding.kind is FindingKind.REFUTED_REMEDY
    assert finding.title == "toy-7: pin does not work"
    assert finding.symptom == "TypeError: no"


def test_a_remedy_of_our_own_was_recommended_by_nobody():
    after = assessment({**RIGHT, "fix_pin": Status.REFUTED}, case="toy-9")
    assert found_in(after, cases=[OURS]) == []


def test_a_remedy_that_works_only_in_the_old_state_is_lost_whoever_had_it():
    for case in (CASE, OURS):
        before = assessment(BROKEN, "0.9", case=case.id)
        after = assessment({"failure": Status.FIXED, "fix_pin": Status.REFUTED}, case=case.id)
        (finding,) = found_in(after, before, cases=[case])
        assert finding.kind is FindingKind.LOST_REMEDY
        assert finding.title == f"{case.id}: pin works no longer"


@pytest.mark.parametrize(
    "status", [Status.UNBUILDABLE, Status.UNIMPORTABLE, Status.UNSUPPORTED, Status.INVALID, None]
)
def test_no_evidence_is_a_finding(status):
    (finding,) = found_in(assessment({**RIGHT, "failure": seen(status, reason="it is not there")}))
    assert finding.kind is FindingKind.NO_EVIDENCE
    assert finding.symptom == "it is not there"
    assert (status.value if status else "not measured") in finding.title


def test_a_case_without_any_observation_has_no_evidence():
    assert kinds(Assessment(state=state(), observations={})) == [FindingKind.NO_EVIDENCE]


def test_cases_that_lack_evidence_for_one_reason_are_one_finding():
    lack = seen(Status.UNBUILDABLE, reason="no solution")
    both = {
        **assessment({"failure": lack}).observations,
        **assessment({"failure": lack}, case="toy-8").observations,
    }
    (finding,) = found_in(Assessment(state=state(), observations=both), cases=[CASE, SECOND])
    assert finding.cases == ("toy-7", "toy-8")
    assert finding.issue == ""
    assert "2 cases" in finding.title


WARNING = Deprecation(category="builtins.DeprecationWarning", message="old", module="toy")


def test_what_works_and_warns_is_one_finding_for_all_that_draw_it():
    works = seen(Status.FIXED, deprecations=(WARNING,))
    both = {
        **assessment({**RIGHT, "failure": works}).observations,
        **assessment({**RIGHT, "failure": works}, case="toy-8").observations,
    }
    (finding,) = found_in(Assessment(state=state(), observations=both), cases=[CASE, SECOND])
    assert finding.kind is FindingKind.DEPRECATION
    assert finding.cases == ("toy-7", "toy-8")
    assert finding.title == "toy draws a DeprecationWarning: old"
    (alone,) = found_in(assessment({**RIGHT, "failure": works}))
    assert alone.fingerprint == finding.fingerprint, "more cases that draw it are no news"


def test_what_the_text_of_a_remedy_draws_is_not_the_teams():
    own = Deprecation(category="builtins.DeprecationWarning", message="old", module="case")
    for module, expected in ((own, []), (WARNING, [FindingKind.DEPRECATION])):
        works = seen(Status.WORKS, deprecations=(module,))
        assert kinds(assessment({**RIGHT, "fix_pin": works})) == expected
    assert kinds(assessment({**RIGHT, "failure": seen(Status.FIXED, deprecations=(own,))})) == [
        FindingKind.DEPRECATION
    ]


def test_what_fails_and_warns_is_only_failing():
    failing = seen(Status.FAILING, deprecations=(WARNING,))
    assert kinds(assessment({**RIGHT, "failure": failing})) == [FindingKind.KNOWN_FAILING]


def test_an_inference_is_never_told_as_a_measurement():
    after = assessment(
        {
            "failure": seen(Status.FAILING, basis=Basis.INFERRED),
            "fix_pin": seen(Status.WORKS, basis=Basis.INFERRED),
        }
    )
    (finding,) = found_in(after)
    assert finding.basis is Basis.INFERRED
    assert finding.evidence.startswith("inferred failing with")
    assert [remedy.basis for remedy in finding.remedies] == [Basis.INFERRED]


def test_a_remedy_helps_only_where_it_was_seen_to_work():
    for status in set(Status) - {Status.WORKS}:
        first = found_in(assessment({"failure": Status.FAILING, "fix_pin": status}))[0]
        assert first.remedies == ()


def test_the_places_in_the_source_come_along():
    (finding,) = found_in(assessment(BROKEN), uses=(USE,))
    assert finding.uses == (USE,)
    assert not finding.is_only_possible


def test_what_an_upgrade_repairs_is_told():
    relevant = [Relevant(case=CASE)]
    ((case, words),) = repaired(relevant, CPU, assessment(RIGHT, "2.0"), assessment(BROKEN, "1.0"))
    assert case == "toy-7"
    assert words == "The toy breaks: failing with toy 1.0, python 3.11, fixed with toy 2.0, python 3.11"
    assert repaired(relevant, CPU, assessment(RIGHT), assessment(RIGHT)) == ()
    assert repaired(relevant, CPU, assessment({"failure": None}), assessment(BROKEN)) == ()


def test_the_import_of_a_library_is_told_as_a_statement():
    header = edited('"toy.infer.sample"', '"toy", "toy.sample(mask=)"')
    assert touches(make_case(header=header)) == ("import toy", "toy.sample(mask=)")


STATUSES = [*(set(Status) - {Status.WORKS, Status.REFUTED}), None]


@given(st.sampled_from(STATUSES), st.sampled_from(STATUSES), st.booleans(), st.booleans())
def test_silence_means_that_the_failure_was_seen_to_be_right(now, then, upgrade, was_fixed):
    after = assessment({"failure": now, "fix_pin": Status.WORKS})
    before = assessment({"failure": then, "fix_pin": Status.WORKS}) if upgrade else None
    found = kinds(after, before, was_fixed=was_fixed)
    assert (found == []) == (now in {Status.FIXED, Status.REJECTED})


def test_every_finding_has_a_fingerprint_of_its_own():
    odd = {"failure": Status.CHANGED, "fix_pin": Status.TIMEOUT}
    findings = [*found_in(assessment(odd)), *found_in(assessment(BROKEN)), *found_in(assessment({}))]
    for one, other in itertools.combinations(findings, 2):
        assert one.fingerprint != other.fingerprint
    again = found_in(assessment(odd, "1.1"))
    assert [f.fingerprint for f in again] == [f.fingerprint for f in found_in(assessment(odd))]
