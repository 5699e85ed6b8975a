"""A point is measured once, whoever asks, and says nothing where its runs do not agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from toy.cases import attestation, cell, edited, lacking, make_case, raised, returned, row
from toy.project import CONFIG, toy_lock

from harness.bisect.journal import Journal
from harness.bisect.lab import Lab, Subject, agreed
from harness.bisect.labels import Reading
from harness.case import Case
from harness.config import Config, load_config
from harness.device import parse_device
from harness.environment.build import Unbuildable
from harness.environment.places import THIS_PLATFORM
from harness.errors import NoEvidence
from harness.evidence import EnvironmentRecord, Evidence, Lack, Outcome
from harness.store import Store
from harness.verdict import Status

HEADER = edited(
    '\n[tool.case.fix.pin]\nsource = "documented"\n',
    '\n[tool.case.rejected]\nraises = "NotImplementedError"\nmatch = "give a shape"\nrejected = ["toy==9"]\n'
    '\n[tool.case.fix.pin]\nsource = "documented"\n',
)
CASE = make_case(header=HEADER)
FAILS = raised("builtins.ValueError", "shapes disagree:\n  2 and 3")
PASSES = returned(seconds=1.5)
CHANGES = raised("builtins.TypeError", "sample() takes no shape")

Answer = Callable[[str, str, str, int], Evidence]


@dataclass
class FakePlace:
    """A place whose cells give what a test says, and that tells what ran there."""

    answer: Answer = lambda case, variant, device, seed: PASSES
    key: str = "lock"
    id: str = "toy-1.0"
    uses_jax_cache: bool = True
    unbuildable: str = ""
    missing: str = ""
    ran: list[tuple[str, str, str, int]] = field(default_factory=list)
    """(case, variant, device, seed) in order."""
    prepared: int = 0
    sessions: int = 0

    is_repeatable = True

    @property
    def facts(self) -> Mapping[str, str]:
        return {"toy": "1.0", "python": "3.11"}

    def runs(self, case: Case) -> bool:
        return True

    def record(self) -> EnvironmentRecord:
        return toy_lock().record()

    def prepare(self) -> None:
        self.prepared += 1
        if self.unbuildable:
            raise Unbuildable(self.unbuildable)
        if self.missing:
            raise NoEvidence(self.missing)

    def session(self) -> FakeSession:
        self.sessions += 1
        return FakeSession(self)


@dataclass
class FakeSession:
    place: FakePlace

    def __enter__(self) -> FakeSession:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing to close."""

    def run(self, case: Case, variant: str, device: object, seed: int = 0) -> Evidence:
        ran = (case.id, variant, str(device), seed)
        self.place.ran.append(ran)
        return self.place.answer(*ran)


@pytest.fixture
def config(tmp_path) -> Config:
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    return load_config(tmp_path)


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "bisect.sqlite") as opened:
        yield opened


@pytest.fixture
def results(tmp_path):
    with Store(tmp_path / "results.sqlite") as opened:
        yield opened


@pytest.fixture
def make_lab(config, journal):
    """Makes labs that share a journal, as a restart does."""

    def make(results: Store | None = None, **fields: object) -> Lab:
        return Lab(config=config, journal=journal, results=results, **fields)

    return make


def subject(case: Case = CASE, variant: str = "failure", device: str = "cpu") -> Subject:
    found = case.variant(variant)
    assert found is not None
    return Subject(case=case, variant=found, device=parse_device(device))


def always(evidence: Evidence) -> Answer:
    return lambda case, variant, device, seed: evidence


def by_seed(*evidence: Evidence) -> Answer:
    return lambda case, variant, device, seed: evidence[seed]


# What is seen


def test_a_failure_that_shows_is_failing_and_says_what_was_seen_on_one_line(make_lab):
    place = FakePlace(always(FAILS))
    assert make_lab().read(place, subject()) == Reading(
        label="failing", detail="ValueError: shapes disagree: 2 and 3", runs=1
    )


def test_a_failure_that_does_not_show_is_fixed_and_carries_seconds_and_versions(make_lab):
    place = FakePlace(
        always(returned(seconds=1.23456, attested=attestation(versions={"toy": "1", "b": "2"})))
    )
    reading = make_lab().read(place, subject())
    assert reading == Reading(label="fixed", seconds=1.235, attested=(("b", "2"), ("toy", "1")))


@pytest.mark.parametrize(
    ("variant", "evidence", "label"),
    [
        ("failure", raised("builtins.NotImplementedError", "give a shape"), "rejected"),
        ("fix_pin", PASSES, "works"),
        ("fix_pin", FAILS, "refuted"),
    ],
)
def test_every_decided_status_is_a_label(make_lab, variant, evidence, label):
    assert make_lab().read(FakePlace(always(evidence)), subject(variant=variant)).label == label


@pytest.mark.parametrize(
    ("evidence", "detail", "runs"),
    [
        (CHANGES, "changed: TypeError: sample() takes no shape", 1),
        (Evidence(outcome=Outcome.TIMED_OUT, reason="no end after 2 s"), "timeout: no end after 2 s", 1),
        (Evidence(outcome=Outcome.CRASHED), "crashed", 1),
        (lacking(Lack.PACKAGE, "it needs jax"), "unsupported: it needs jax", 0),
        (lacking(Lack.ORIGIN, "the lock has toy 1.0"), "invalid: the lock has toy 1.0", 0),
    ],
)
def test_anything_else_is_unknown_and_says_why(make_lab, evidence, detail, runs):
    reading = make_lab().read(FakePlace(always(evidence)), subject())
    assert (reading.label, reading.detail, reading.runs) == (None, detail, runs)


# Nothing runs twice


def test_a_point_is_measured_once_and_then_known(make_lab):
    place, lab = FakePlace(always(FAILS)), make_lab()
    assert lab.known(place, subject()) is None
    first = lab.read(place, subject())
    again = lab.read(place, subject())
    assert (first.stored, again.stored) == (False, True)
    assert (again.label, again.detail) == (first.label, first.detail)
    assert (place.prepared, len(place.ran)) == (1, 1)
    assert lab.known(place, subject()) == again


def test_a_restart_runs_nothing_again(make_lab):
    place = FakePlace(always(FAILS))
    make_lab(repeat=3).read(place, subject())
    reading = make_lab(repeat=3).read(place, subject())
    assert (reading.stored, reading.runs, len(place.ran)) == (True, 3, 3)


def test_subjects_of_a_place_share_one_build_and_one_session(make_lab):
    place, lab = FakePlace(), make_lab()
    other = make_case("toy/8_breaks.py", HEADER)
    readings = lab.read_all(place, [subject(), subject(other), subject(variant="fix_pin")])
    assert [reading.label for reading in readings] == ["fixed", "fixed", "works"]
    assert (place.prepared, place.sessions, lab.cells, lab.built) == (1, 1, 3, {"lock"})


def test_only_what_is_missing_runs_and_answers_keep_their_order(make_lab):
    place, lab = FakePlace(), make_lab()
    lab.read(place, subject())
    place.ran.clear()
    readings = lab.read_all(place, [subject(variant="fix_pin"), subject()])
    assert [(reading.label, reading.stored) for reading in readings] == [("works", False), ("fixed", True)]
    assert place.ran == [("toy-7", "fix_pin", "cpu", 0)]


@pytest.mark.parametrize(
    "other",
    [
        {"case": make_case(header=HEADER, title="Another text.")},
        {"variant": "fix_pin"},
        {"device": "cpu:4"},
    ],
)
def test_what_ran_for_another_text_variant_or_device_does_not_count(make_lab, other):
    place, lab = FakePlace(), make_lab()
    lab.read(place, subject())
    assert lab.known(place, subject(**other)) is None


def test_what_ran_in_another_environment_does_not_count(make_lab):
    lab = make_lab()
    lab.read(FakePlace(), subject())
    assert lab.known(FakePlace(key="another"), subject()) is None


def test_the_same_packages_under_another_id_count(make_lab):
    lab = make_lab()
    lab.read(FakePlace(), subject())
    assert lab.known(FakePlace(id="toy-1.0@latest"), subject()) is not None


def test_what_ran_with_the_compilation_cache_does_not_count_without_it(make_lab):
    lab = make_lab()
    lab.read(FakePlace(), subject())
    assert lab.known(FakePlace(uses_jax_cache=False), subject()) is None


# Repeating


def test_every_run_of_a_point_has_a_seed_of_its_own(make_lab):
    place = FakePlace(always(returned(seconds=0.5)))
    reading = make_lab(repeat=3).read(place, subject())
    assert [seed for *_, seed in place.ran] == [0, 1, 2]
    assert (reading.label, reading.runs, reading.seconds) == ("fixed", 3, 1.5)
    assert (place.prepared, place.sessions) == (1, 1)


def test_a_point_that_disagrees_with_itself_is_unknown(make_lab):
    reading = make_lab(repeat=3).read(FakePlace(by_seed(FAILS, PASSES, FAILS)), subject())
    assert (reading.label, reading.runs) == (None, 3)
    assert reading.detail == "disagrees with itself: failing 2 times, fixed 1 times"


def test_more_runs_are_added_to_those_that_are_stored(make_lab):
    place = FakePlace(by_seed(PASSES, FAILS))
    assert make_lab().read(place, subject()).label == "fixed"
    place.ran.clear()
    reading = make_lab(repeat=2).read(place, subject())
    assert ([seed for *_, seed in place.ran], reading.label) == ([1], None)


def test_fewer_runs_than_are_stored_count_from_the_first(make_lab):
    place = FakePlace(by_seed(PASSES, FAILS))
    make_lab(repeat=2).read(place, subject())
    known = make_lab().known(place, subject())
    assert (known.label, known.runs) == ("fixed", 1)


def test_what_cannot_run_there_is_tried_only_once_however_often_it_is_to_repeat(make_lab):
    place = FakePlace(always(lacking(Lack.PACKAGE, "it needs jax")))
    lab = make_lab(repeat=5)
    assert lab.read(place, subject()).detail == "unsupported: it needs jax"
    assert (len(place.ran), lab.known(place, subject()).stored) == (1, True)


@pytest.mark.parametrize(
    ("statuses", "said", "expected"),
    [
        ([Status.FAILING], ["seen"], ("failing", "seen")),
        ([Status.WORKS, Status.WORKS], ["", "other"], ("works", "")),
        ([Status.CHANGED] * 2, ["seen", "other"], (None, "changed: seen")),
        ([Status.TIMEOUT], [""], (None, "timeout")),
        (
            [Status.FAILING, Status.CRASHED],
            ["a", "b"],
            (None, "disagrees with itself: failing 1 times, crashed 1 times"),
        ),
    ],
)
def test_runs_agree_on_a_label_or_have_none(statuses, said, expected):
    assert agreed(statuses, said) == expected


# What cannot be built, and what may be there another day


def test_an_environment_that_cannot_be_built_is_unknown_and_not_tried_again(make_lab):
    place, lab = FakePlace(unbuildable="toy==1.0 needs\n gone"), make_lab(repeat=2)
    readings = lab.read_all(place, [subject(), subject(variant="fix_pin")])
    assert [(r.label, r.detail, r.runs) for r in readings] == [
        (None, "unbuildable: toy==1.0 needs gone", 0)
    ] * 2
    assert make_lab(repeat=2).known(place, subject()).detail == "unbuildable: toy==1.0 needs gone"
    assert (place.prepared, place.ran, lab.cells) == (1, [], 0)


def test_what_cannot_be_built_now_is_told_and_may_be_built_another_time(make_lab):
    place, lab = FakePlace(missing="the index cannot be read."), make_lab()
    with pytest.raises(NoEvidence, match="the index cannot be read"):
        lab.read(place, subject())
    place.missing = ""
    assert lab.read(place, subject()).label == "fixed"


@pytest.mark.parametrize(
    ("lack", "detail"),
    [(Lack.DEVICE, "unsupported: there is no cuda"), (Lack.PROBE, "unbuildable: there is no cuda")],
)
def test_a_missing_device_and_a_dead_probe_are_unknown_now_and_tried_again_later(make_lab, lack, detail):
    place = FakePlace(always(lacking(lack, "there is no cuda")))
    reading = make_lab().read(place, subject())
    assert (reading.label, reading.detail, reading.stored) == (None, detail, False)
    assert make_lab().known(place, subject()) is None
    place.answer = always(PASSES)
    assert make_lab().read(place, subject()).label == "fixed"


def test_a_missing_device_is_not_asked_for_with_every_seed(make_lab):
    place = FakePlace(always(lacking(Lack.DEVICE, "there is no cuda")))
    assert make_lab(repeat=4).read(place, subject()).detail == "unsupported: there is no cuda"
    assert [seed for *_, seed in place.ran] == [0]


def test_a_probe_that_dies_once_leaves_the_point_unknown(make_lab):
    place = FakePlace(by_seed(FAILS, lacking(Lack.PROBE, "it died"), FAILS))
    reading = make_lab(repeat=3).read(place, subject())
    assert reading.detail == "disagrees with itself: failing 2 times, unbuildable 1 times"
    place.answer, place.ran = always(FAILS), []
    assert make_lab(repeat=3).read(place, subject()).label == "failing"
    assert [seed for *_, seed in place.ran] == [1]


# The matrix counts


def measured(results: Store, evidence: Evidence, environment: str = "toy-1.0", **fields: str) -> None:
    known = {"case_digest": CASE.digest, "environment_key": "lock", "platform": THIS_PLATFORM}
    results.put(row(cell(environment=environment), evidence, **{**known, **fields}))


def test_what_the_matrix_measured_counts(make_lab, results):
    measured(results, FAILS)
    place = FakePlace(always(PASSES))
    known = make_lab(results).read(place, subject())
    assert (known.label, known.stored, place.prepared) == ("failing", True, 0)


def test_what_the_matrix_measured_is_the_first_of_several_runs(make_lab, results):
    measured(results, FAILS)
    place = FakePlace(always(FAILS))
    reading = make_lab(results, repeat=3).read(place, subject())
    assert ([seed for *_, seed in place.ran], reading.label, reading.runs) == ([1, 2], "failing", 3)


@pytest.mark.parametrize(
    "other",
    [{"case_digest": "another"}, {"environment_key": "another"}, {"platform": "another"}],
)
def test_what_the_matrix_measured_of_another_text_lock_or_platform_does_not_count(make_lab, results, other):
    measured(results, FAILS, **other)
    assert make_lab(results).known(FakePlace(), subject()) is None


def test_what_the_matrix_measured_on_another_device_or_of_another_variant_does_not_count(make_lab, results):
    measured(results, FAILS)
    lab = make_lab(results)
    assert lab.known(FakePlace(), subject(device="cpu:4")) is None
    assert lab.known(FakePlace(), subject(variant="fix_pin")) is None


@pytest.mark.parametrize("lack", [Lack.DEVICE, Lack.PROBE])
def test_what_the_matrix_could_not_measure_that_day_does_not_count(make_lab, results, lack):
    measured(results, lacking(lack))
    assert make_lab(results).known(FakePlace(), subject()) is None


def test_what_the_matrix_could_not_build_counts(make_lab, results):
    measured(results, lacking(Lack.BUILD, "nothing resolves"))
    known = make_lab(results, repeat=4).known(FakePlace(), subject())
    assert (known.label, known.detail) == (None, "unbuildable: nothing resolves")


@pytest.mark.parametrize(
    ("was_on", "is_on", "counts"),
    [(True, True, True), (False, True, True), (False, False, True), (True, False, False)],
)
def test_what_ran_with_the_compilation_cache_counts_only_where_it_is_trusted(
    make_lab, results, was_on, is_on, counts
):
    measured(results, returned(jax_cache=was_on))
    known = make_lab(results).known(FakePlace(uses_jax_cache=is_on), subject())
    assert (known is not None) is counts


def test_without_the_matrix_nothing_of_it_counts(make_lab, results):
    measured(results, FAILS)
    assert make_lab(None).known(FakePlace(), subject()) is None


def test_what_was_measured_here_goes_before_the_matrix(make_lab, results):
    place = FakePlace(always(FAILS))
    make_lab().read(place, subject())
    measured(results, PASSES)
    assert make_lab(results).known(place, subject()).label == "failing"


# Every step is stored as it finishes


def test_what_ran_before_an_interruption_is_not_run_again(make_lab):
    def answer(case: str, variant: str, device: str, seed: int) -> Evidence:
        if seed == 1:
            raise KeyboardInterrupt
        return PASSES

    place = FakePlace(answer)
    with pytest.raises(KeyboardInterrupt):
        make_lab(repeat=2).read(place, subject())
    place.answer, place.ran = always(PASSES), []
    assert make_lab(repeat=2).read(place, subject()).label == "fixed"
    assert [seed for *_, seed in place.ran] == [1]


def test_a_forgotten_case_is_measured_anew(make_lab, journal, tmp_path: Path):
    place = FakePlace(always(FAILS))
    make_lab().read(place, subject())
    journal.forget(CASE.digest)
    assert make_lab().known(place, subject()) is None
