"""Which cells there are, which of them are due, and what their evidence means."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy.cases import case_text, condition, edited, failure, fix, lacking, make_case, raised, returned

from harness.choice import DeviceChoice
from harness.config import Config, Known
from harness.corpus import Selected, Selection, select
from harness.device import parse_device
from harness.environment.places import THIS_PLATFORM
from harness.evidence import Cell, Evidence, Lack, Outcome, Phase
from harness.header import parse_case
from harness.judge import judge
from harness.matrix import Job, pending, plan
from harness.verdict import Agreement, Status

CASES = [make_case("toy/7_breaks.py"), make_case("toy/12_plates.py"), make_case("other/3_x.py")]
CPU, CPUS, CUDA = (parse_device(text) for text in ("cpu", "cpu:4", "cuda"))


def on(*devices):
    return DeviceChoice(default=devices)


class FakePlace:
    """An environment of one library, or of all."""

    def __init__(self, name="toy-1.0", library="toy", key="lock", is_repeatable=True):
        self.id, self.library, self.key, self.is_repeatable = name, library, key, is_repeatable

    def runs(self, case):
        return self.library in (None, case.library)


def everything(cases=CASES):
    return select(cases, Selection())


def cells(jobs):
    return [
        f"{t.cell.case} {t.cell.variant} {t.cell.environment} {t.cell.device}" for j in jobs for t in j.tasks
    ]


# Plan


def test_the_matrix_is_every_variant_in_every_environment_on_every_device():
    places = [FakePlace("toy-1.0"), FakePlace("toy-2.0")]
    assert cells(plan(everything(CASES[:1]), places, on(CPU, CPUS))) == [
        f"toy-7 {variant} {place} {device}"
        for place in ("toy-1.0", "toy-2.0")
        for variant in ("failure", "fix_pin")
        for device in ("cpu", "cpu:4")
    ]


def test_a_case_runs_in_environments_of_its_library_alone():
    jobs = plan(everything(), [FakePlace("toy-1.0"), FakePlace("other-1.0", "other")], on(CPU))
    assert [{t.case.library for t in job.tasks} for job in jobs] == [{"toy"}, {"other"}]


def test_an_environment_of_all_libraries_runs_every_case():
    (job,) = plan(everything(), [FakePlace("current", None)], on(CPU))
    assert {t.case.id for t in job.tasks} == {"toy-7", "toy-12", "other-3"}


def test_an_environment_without_a_cell_is_left_out():
    assert plan(everything(), [FakePlace("flax-1.0", "flax")], on(CPU)) == []
    assert plan(everything(), [FakePlace()], on()) == []
    assert plan([], [FakePlace()], on(CPU)) == []


def test_only_the_selected_variants_are_planned():
    case = CASES[0]
    selected = [Selected(case=case, variants=(case.variants[1],))]
    assert cells(plan(selected, [FakePlace()], on(CUDA))) == ["toy-7 fix_pin toy-1.0 cuda"]


def test_a_task_carries_what_its_cell_names():
    (job,) = plan(everything(CASES[:1]), [FakePlace()], on(CPUS))
    for task in job.tasks:
        assert (task.case.id, task.variant.name, str(task.device)) == (
            task.cell.case,
            task.cell.variant,
            task.cell.device,
        )


# Pending


def planned(case=CASES[0], **place):
    (job,) = plan(everything([case]), [FakePlace(**place)], on(CPU))
    return job


def stored(job: Job, **changes: str):
    """The keys of a store in which every cell of a job was measured, but for these changes."""
    known = {"digest": job.tasks[0].case.digest, "key": job.place.key, "platform": THIS_PLATFORM, **changes}
    return {task.cell: (known["digest"], known["key"], known["platform"]) for task in job.tasks}


def test_what_is_not_stored_is_due():
    job = planned()
    assert pending(job, {}) == job.tasks


def test_what_was_measured_on_the_same_is_not_due():
    job = planned()
    assert pending(job, stored(job)) == ()


def test_of_a_job_that_was_cut_short_the_rest_is_due():
    job = planned()
    kept = stored(job)
    del kept[job.tasks[1].cell]
    assert pending(job, kept) == job.tasks[1:]


@pytest.mark.parametrize("changed", ["digest", "key", "platform"])
def test_what_was_measured_on_something_else_is_due(changed):
    job = planned()
    assert pending(job, stored(job, **{changed: "another"})) == job.tasks


def test_a_case_whose_text_changed_is_due():
    before = planned()
    edited = parse_case(Path("toy/7_breaks.py"), case_text() + "# a comment\n")
    assert pending(planned(edited), stored(before))


def test_a_case_that_was_moved_is_not_due():
    before = planned()
    assert pending(planned(parse_case(Path("elsewhere/toy/7_other.py"), case_text())), stored(before)) == ()


def test_the_same_cell_on_another_device_is_due():
    (on_cuda,) = plan(everything(CASES[:1]), [FakePlace()], on(CUDA))
    assert pending(on_cuda, stored(planned())) == on_cuda.tasks


def test_a_place_that_may_have_changed_under_the_same_key_is_always_due():
    job = planned(is_repeatable=False)
    assert pending(job, stored(job)) == job.tasks


# Judgement

WHERE_FAILING, WHERE_FIXED = {"toy": "1.0"}, {"toy": "2.0"}
SHAPES = raised("builtins.ValueError", "shapes disagree: 2 and 3")


def config(*known: Known) -> Config:
    return Config(
        root=Path(), libraries={}, axes=(), devices=(CPU,), known=known, only_binary=(), uploaded={}
    )


def gap(status: Status, *where: str, reason: str = "looked into") -> Known:
    return Known(status=status, where=condition(list(where)), reason=reason)


@pytest.mark.parametrize(
    ("evidence", "facts", "status", "agreement"),
    [
        (SHAPES, WHERE_FAILING, Status.FAILING, Agreement.EXPECTED),
        (SHAPES, WHERE_FIXED, Status.FAILING, Agreement.UNEXPECTED),
        (returned(), WHERE_FIXED, Status.FIXED, Agreement.EXPECTED),
        (returned(), WHERE_FAILING, Status.FIXED, Agreement.UNEXPECTED),
        (raised("builtins.ValueError", "nan"), WHERE_FAILING, Status.CHANGED, Agreement.UNEXPECTED),
        (Evidence(outcome=Outcome.CRASHED), WHERE_FAILING, Status.CRASHED, Agreement.UNEXPECTED),
        (Evidence(outcome=Outcome.TIMED_OUT), WHERE_FIXED, Status.TIMEOUT, Agreement.UNEXPECTED),
    ],
)
def test_a_judgement_sets_evidence_beside_the_expectation(evidence, facts, status, agreement):
    judgement = judge(failure(), facts, evidence, config())
    assert (judgement.status, judgement.agreement) == (status, agreement)
    assert judgement.expected is (Status.FAILING if facts is WHERE_FAILING else Status.FIXED)
    assert judgement.gap == ""
    assert not judgement.is_unexplained


def test_a_remedy_is_judged_by_its_own_expectation():
    judgement = judge(fix(), WHERE_FAILING, SHAPES, config())
    assert (judgement.status, judgement.expected) == (Status.REFUTED, Status.WORKS)
    assert judgement.agreement is Agreement.UNEXPECTED


IMPORT_ERROR = raised("builtins.ImportError", "cannot import xla_call_p", Phase.IMPORT)


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        (lacking(Lack.DEVICE), Status.UNSUPPORTED),
        (lacking(Lack.BUILD), Status.UNBUILDABLE),
        (lacking(Lack.IMPORT), Status.UNIMPORTABLE),
        (lacking(Lack.ORIGIN), Status.INVALID),
        (IMPORT_ERROR, Status.UNIMPORTABLE),
    ],
)
def test_missing_evidence_agrees_with_nothing_and_is_unexplained_until_it_is_declared(evidence, status):
    judgement = judge(failure(), WHERE_FAILING, evidence, config())
    assert (judgement.status, judgement.agreement) == (status, Agreement.NO_EVIDENCE)
    assert judgement.is_unexplained
    declared = judge(failure(), WHERE_FAILING, evidence, config(gap(status, "toy==1.0")))
    assert declared.agreement is Agreement.NO_EVIDENCE
    assert declared.gap == "looked into"
    assert not declared.is_unexplained


@pytest.mark.parametrize(
    "known",
    [
        gap(Status.UNBUILDABLE, "toy==1.0"),
        gap(Status.UNIMPORTABLE, "toy==2.0"),
        gap(Status.UNIMPORTABLE, "x"),
    ],
)
def test_a_gap_of_another_kind_or_place_explains_nothing(known):
    assert judge(failure(), WHERE_FAILING, IMPORT_ERROR, config(known)).is_unexplained


def test_a_package_that_is_not_there_explains_itself():
    judgement = judge(failure(), WHERE_FAILING, lacking(Lack.PACKAGE, "the case needs flax"), config())
    assert (judgement.status, judgement.gap) == (Status.UNSUPPORTED, "the case needs flax")
    assert not judgement.is_unexplained


def test_a_declared_gap_does_not_cover_evidence():
    known = [gap(status, "toy") for status in Status]
    judgement = judge(failure(), WHERE_FIXED, SHAPES, config(*known))
    assert (judgement.agreement, judgement.gap) == (Agreement.UNEXPECTED, "")


def test_a_documented_symptom_at_import_is_evidence_whatever_is_declared():
    shown = raised("builtins.ValueError", "shapes disagree", Phase.IMPORT)
    judgement = judge(failure(), WHERE_FAILING, shown, config(gap(Status.UNIMPORTABLE, "toy")))
    assert (judgement.status, judgement.agreement) == (Status.FAILING, Agreement.EXPECTED)


def test_the_cell_of_a_task_is_the_key_of_the_store():
    (task, _) = planned().tasks
    assert task.cell == Cell(case="toy-7", variant="failure", environment="toy-1.0", device="cpu")


def test_a_case_of_some_devices_runs_on_these_alone():
    plain = CASES[0]
    parallel = make_case("toy/40_parallel.py", edited("kind =", 'devices = "cpu:4"\nkind ='))
    unnamed = plan(everything([plain, parallel]), [FakePlace()], on(CPU))
    assert {(task.case.id, str(task.device)) for task in unnamed[0].tasks} == {
        (plain.id, "cpu"),
        ("toy-40", "cpu:4"),
    }
    named = DeviceChoice(named=(CPU, CUDA), default=(CPU,))
    (job,) = plan(everything([plain, parallel]), [FakePlace()], named)
    assert {(task.case.id, str(task.device)) for task in job.tasks} == {(plain.id, "cpu"), (plain.id, "cuda")}
    assert plan(everything([parallel]), [FakePlace()], named) == []
