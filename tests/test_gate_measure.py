"""What a state gives: what ran now, what was stored of just these versions, and why nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from toy.cases import attestation, cell, lacking, raised, returned, row
from toy.libraries import ToyEnvironment, make_environment
from toy.project import CONFIG, toy_lock
from toy.user import Project, new_project

from harness.bisect.journal import Journal
from harness.choice import DeviceChoice
from harness.device import parse_device
from harness.environment.places import THIS_PLATFORM, InterpreterPlace
from harness.evidence import Deprecation, Evidence, Lack, Phase
from harness.gate.measure import Meter, trial_key
from harness.gate.observations import Basis, Observation, Question
from harness.gate.states import GateState, StatePlace
from harness.matrix import Job, Task
from harness.runner import CellDone, EnvironmentMissing, Event, run
from harness.store import Store
from harness.verdict import Status
from harness.workspace import Workspace

pytestmark = pytest.mark.usefixtures("world")

CPU = (parse_device("cpu"),)
VARIANTS = ("failure", "fix_hope", "fix_pin")
DISTRUST = '[[tool.harness.jax-cache-off]]\nwhere = ["toy==1.0"]\nreason = "it lies"\n'
FAILING = raised("builtins.ValueError", "shapes disagree: seen before", attested=attestation())


class Lab:
    """A project with its files of results, and a meter that tells what it did."""

    def __init__(self, project: Project, results: Store, journal: Journal) -> None:
        self.project = project
        self.results = results
        self.journal = journal
        self.events: list[Event] = []

    @property
    def workspace(self) -> Workspace:
        """As the files say now."""
        return Workspace.at(self.project.root)

    def state(
        self, version: str = "1.0", *, jax_cache: bool = True, name: str = "state.txt", **fields: object
    ) -> GateState:
        """A locked release of the toy."""
        lock = toy_lock(version, **fields)
        place = StatePlace(lock, self.workspace.config, (), jax_cache, called=name)
        return GateState(name=name, place=place, lock=lock)

    def interpreter(self, environment: ToyEnvironment) -> GateState:
        place = InterpreterPlace(environment.python, (), "venv")
        return GateState(name="venv", place=place, lock=None)

    def observe(self, state: GateState, *devices: str, rerun: bool = False) -> dict[Question, Observation]:
        meter = Meter(
            config=self.workspace.config,
            journal=self.journal,
            results=self.results,
            workers=2,
            show=self.events.append,
            rerun=rerun,
        )
        return meter.observe(
            state, self.workspace.cases, DeviceChoice(named=tuple(map(parse_device, devices)), default=CPU)
        )

    def bases(self, state: GateState, **options: bool) -> dict[str, Basis]:
        """Variant to how it is known, after a look; and what ran is what it says."""
        self.project.ran()
        found = {asked.variant: seen.basis for asked, seen in self.observe(state, **options).items()}
        assert len(found) == len(VARIANTS)
        ran = sorted(variant for variant, basis in found.items() if basis is Basis.RAN)
        assert sorted(line.split()[0] for line in self.project.ran()) == ran
        return found

    def task(self, variant: str = "failure") -> Task:
        (case,) = self.workspace.cases
        (found,) = (each for each in case.variants if each.name == variant)
        where = cell(case=case.id, variant=variant)
        return Task(case=case, variant=found, device=CPU[0], cell=where)

    def keep(self, state: GateState, evidence: Evidence, **fields: str) -> None:
        """Put it into the results of the matrix, as measured of this state's failure."""
        known = {
            "case_digest": self.task().case.digest,
            "environment_key": state.place.key,
            "platform": THIS_PLATFORM,
        }
        self.results.put(row(cell(environment="another-id"), evidence, **{**known, **fields}))

    def note(self, state: GateState, evidence: Evidence) -> None:
        """Put it into the journal, as a search would have."""
        self.journal.put_trial(trial_key(state.place, self.task()), evidence)


@pytest.fixture
def lab(tmp_path) -> Iterator[Lab]:
    project = new_project(tmp_path / "project")
    with Store(project.store) as results, Journal(tmp_path / "bisect.sqlite") as journal:
        yield Lab(project, results, journal)


def basis_of_failure(lab: Lab, state: GateState) -> Basis:
    return lab.bases(state)["failure"]


# What runs


def test_every_variant_runs_and_is_judged(lab):
    found = lab.observe(lab.state())
    assert {asked.variant: seen.status for asked, seen in found.items()} == {
        "failure": Status.FAILING,
        "fix_pin": Status.WORKS,
        "fix_hope": Status.REFUTED,
    }
    assert {(asked.case, asked.device) for asked in found} == {("toy-7", "cpu")}
    seen = found[Question(case="toy-7", variant="failure", device="cpu")]
    assert (seen.expected, seen.basis) == (Status.FAILING, Basis.RAN)
    assert seen.symptom == "ValueError: shapes disagree: 2 and 3"
    assert seen.measured_at
    assert not seen.is_package_missing
    assert lab.project.ran() == ["failure 1.0", "fix_hope 1.0", "fix_pin 1.0"]
    assert len([event for event in lab.events if isinstance(event, CellDone)]) == 3


def test_every_device_is_asked(lab):
    found = lab.observe(lab.state(), "cpu", "cpu+x64")
    assert len(found) == 6
    assert {asked.device for asked in found} == {"cpu", "cpu+x64"}


def test_what_was_raised_and_why_nothing_is_known_are_one_plain_line(lab):
    state = lab.state()
    lab.note(state, raised("builtins.ValueError", "shapes\x1b[31m\ndisagree", attested=attestation()))
    seen = lab.observe(state)[Question(case="toy-7", variant="failure", device="cpu")]
    assert seen.symptom.isprintable()
    lab.note(state, lacking(Lack.PACKAGE, "toy is\x1b[31m\nnot there"))
    seen = lab.observe(state)[Question(case="toy-7", variant="failure", device="cpu")]
    assert seen.reason.isprintable()
    assert seen.is_package_missing
    assert not seen.is_evidence


def test_only_what_the_cases_need_is_imported(lab, tmp_path):
    environment = make_environment(tmp_path / "venv")
    environment.install("toy", "def sample():\n    return 3\n")
    environment.install("heavy", "import os\nos._exit(3)\n")
    place = InterpreterPlace(environment.python, (("heavy", "heavy"),), "venv")
    found = lab.observe(GateState(name="venv", place=place, lock=None))
    assert {seen.status for seen in found.values()} == {Status.FIXED, Status.WORKS, Status.REFUTED}


def test_deprecations_and_times_come_with_the_evidence(lab):
    state = lab.state()
    warning = Deprecation(category="builtins.DeprecationWarning", message="old", module="toy")
    lab.note(state, returned(deprecations=(warning,), measured_at="2026-01-01T12:00:00Z"))
    seen = lab.observe(state)[Question(case="toy-7", variant="failure", device="cpu")]
    assert (seen.deprecations, seen.measured_at) == ((warning,), "2026-01-01T12:00:00Z")
    assert seen.basis is Basis.STORED


# What is stored


def test_the_same_again_is_stored(lab):
    state = lab.state()
    first, again = lab.observe(state), lab.observe(state)
    assert again == {asked: replace(seen, basis=Basis.STORED) for asked, seen in first.items()}
    assert len(lab.project.ran()) == 3


def test_rerun_runs_all_and_keeps_what_it_gave(lab):
    state = lab.state()
    lab.note(state, FAILING)
    assert set(lab.bases(state, rerun=True).values()) == {Basis.RAN}
    seen = lab.observe(state)[Question(case="toy-7", variant="failure", device="cpu")]
    assert (seen.basis, seen.symptom) == (Basis.STORED, "ValueError: shapes disagree: 2 and 3")


def test_the_matrix_counts_whatever_its_environment_is_called(lab):
    state = lab.state()
    lab.keep(state, FAILING)
    assert lab.bases(state) == {"failure": Basis.STORED, "fix_pin": Basis.RAN, "fix_hope": Basis.RAN}


def test_what_is_in_the_journal_goes_first(lab):
    state = lab.state()
    lab.keep(state, FAILING)
    lab.note(state, returned())
    assert lab.observe(state)[Question(case="toy-7", variant="failure", device="cpu")].status is Status.FIXED


@pytest.mark.parametrize(
    "fields", [{"case_digest": "another"}, {"environment_key": "another"}, {"platform": "linux-sparc"}]
)
def test_the_matrix_does_not_count_for_another_text_state_or_platform(lab, fields):
    state = lab.state()
    lab.keep(state, FAILING, **fields)
    assert basis_of_failure(lab, state) is Basis.RAN


def test_an_edited_case_runs_again(lab):
    state = lab.state()
    lab.observe(state)
    lab.project.case(title="The toy breaks badly.")
    assert set(lab.bases(state).values()) == {Basis.RAN}


def test_other_versions_run_for_themselves(lab):
    lab.observe(lab.state("1.0"))
    assert set(lab.bases(lab.state("1.1")).values()) == {Basis.RAN}


@pytest.mark.parametrize("lack", [Lack.BUILD, Lack.DEVICE, Lack.PROBE])
def test_what_may_come_out_otherwise_another_time_is_tried_again(lab, lack):
    state = lab.state()
    lab.keep(state, lacking(lack))
    assert basis_of_failure(lab, state) is Basis.RAN
    lab.note(state, lacking(lack))
    assert basis_of_failure(lab, state) is Basis.RAN


@pytest.mark.parametrize("lack", [Lack.PACKAGE, Lack.IMPORT])
def test_what_stays_as_it_is_counts(lab, lack):
    state = lab.state()
    gone = lacking(lack) if lack is Lack.PACKAGE else raised("builtins.ImportError", "gone", Phase.IMPORT)
    lab.note(state, gone)
    assert basis_of_failure(lab, state) is Basis.STORED


def test_what_could_not_be_built_is_told_and_tried_again(lab):
    state = lab.state("9.9", packages={"toy": "9.9"})
    for _ in range(2):
        lab.events.clear()
        found = lab.observe(state)
        assert {seen.status for seen in found.values()} == {Status.UNBUILDABLE}
        assert {seen.basis for seen in found.values()} == {Basis.RAN}
        assert all("toy==9.9" in seen.reason for seen in found.values())
        assert len(lab.events) == 4


def test_what_is_known_of_one_device_does_not_count_for_another(lab):
    state = lab.state()
    lab.note(state, FAILING)
    lab.keep(state, FAILING)
    found = lab.observe(state, "cpu", "cpu+x64")
    bases = {asked.device: seen.basis for asked, seen in found.items() if asked.variant == "failure"}
    assert bases == {"cpu": Basis.STORED, "cpu+x64": Basis.RAN}


# The cache of JAX


def test_evidence_with_the_cache_of_jax_counts_where_it_is_on(lab):
    state = lab.state()
    lab.keep(state, replace(FAILING, jax_cache=True))
    assert basis_of_failure(lab, state) is Basis.STORED


@pytest.mark.parametrize("is_in_journal", [True, False])
def test_evidence_with_the_cache_of_jax_does_not_count_where_it_is_off(lab, is_in_journal):
    state = lab.state(jax_cache=False)
    (lab.note if is_in_journal else lab.keep)(state, replace(FAILING, jax_cache=True))
    assert basis_of_failure(lab, state) is Basis.RAN


def test_evidence_with_the_cache_of_jax_does_not_count_where_it_is_not_trusted(lab):
    (lab.project.root / "pyproject.toml").write_text(f"[tool.harness]\n{CONFIG}\n{DISTRUST}")
    state = lab.state()
    assert not state.place.uses_jax_cache
    lab.keep(state, replace(FAILING, jax_cache=True))
    assert basis_of_failure(lab, state) is Basis.RAN


def test_evidence_without_the_cache_counts_where_it_is_off(lab):
    state = lab.state(jax_cache=False)
    lab.keep(state, FAILING)
    assert basis_of_failure(lab, state) is Basis.STORED


def test_what_ran_with_and_without_the_cache_is_kept_apart(lab):
    lab.observe(lab.state())
    assert set(lab.bases(lab.state(jax_cache=False)).values()) == {Basis.RAN}
    assert set(lab.bases(lab.state()).values()) == {Basis.STORED}
    assert trial_key(lab.state(jax_cache=False).place, lab.task()).environment_key.endswith("-plain")


# Interpreters


def test_an_interpreter_with_released_packages_counts_again(lab, tmp_path):
    state = lab.interpreter(make_environment(tmp_path / "venv"))
    assert len(lab.observe(state)) == 3
    assert {seen.basis for seen in lab.observe(state).values()} == {Basis.STORED}


def test_what_was_installed_from_a_folder_never_counts_again(lab, tmp_path):
    environment = make_environment(tmp_path / "venv")
    (described,) = environment.site_packages.glob("toy-*.dist-info")
    origin = f'{{"url": "{tmp_path.as_uri()}", "dir_info": {{"editable": true}}}}'
    (described / "direct_url.json").write_text(origin)
    state = lab.interpreter(environment)
    lab.note(state, FAILING)
    lab.keep(state, FAILING)
    for _ in range(2):
        seen = lab.observe(state)
        assert {each.basis for each in seen.values()} == {Basis.RAN}
    assert lab.journal.get_trial(trial_key(state.place, lab.task("fix_pin"))) is None


def test_an_unrelated_package_from_a_folder_does_not_matter(lab, tmp_path):
    environment = make_environment(tmp_path / "venv")
    environment.install("mine")
    (described,) = environment.site_packages.glob("mine-*.dist-info")
    (described / "direct_url.json").write_text(
        f'{{"url": "{tmp_path.as_uri()}", "dir_info": {{"editable": true}}}}'
    )
    place = InterpreterPlace(environment.python, (("mine", "mine"),), "venv")
    state = GateState(name="venv", place=place, lock=None)
    lab.observe(state)
    assert {each.basis for each in lab.observe(state).values()} == {Basis.STORED}


# What cannot be tried


def test_a_python_that_is_missing_is_no_evidence_and_nothing_is_kept(lab):
    state = lab.state(python="3.99")
    for _ in range(2):
        found = lab.observe(state)
        assert len(found) == 3
        for seen in found.values():
            assert (seen.status, seen.is_evidence, seen.symptom) == (None, False, "")
            assert seen.reason.startswith("there is no Python 3.99 on this machine")
        expected = {asked.variant: seen.expected for asked, seen in found.items()}
        assert expected["failure"] is Status.FAILING
    assert any(isinstance(event, EnvironmentMissing) for event in lab.events)
    assert lab.project.ran() == []


def test_an_index_that_fails_is_no_evidence(lab, world):
    state = lab.state(packages={"toy": "1.0", "unheard": "1.0"})
    world.broken = True
    try:
        found = lab.observe(state)
    finally:
        world.broken = False
    assert {seen.status for seen in found.values()} == {None}
    assert all("cannot be installed now" in seen.reason for seen in found.values())


def test_states_of_one_release_do_not_collide_in_a_run(lab):
    case = lab.workspace.cases[0]
    states = [lab.state(name="old.txt"), lab.state(name="new.txt", packages={"toy": "1.0", "unheard": "9"})]
    assert len({str(state.lock.id) for state in states if state.lock}) == 1
    variant = case.variants[0]
    jobs = []
    for state in states:
        where = cell(environment=state.place.id)
        task = Task(case=case, variant=variant, device=CPU[0], cell=where)
        jobs.append(Job(place=state.place, tasks=(task,)))
    done = [event for event in run(jobs, 2) if isinstance(event, CellDone)]
    lacks = {event.place.key: event.evidence.lack for event in done}
    assert lacks == {states[0].place.key: None, states[1].place.key: Lack.BUILD}


def test_nothing_is_asked_where_there_is_no_case(lab):
    meter = Meter(
        config=lab.workspace.config,
        journal=lab.journal,
        results=lab.results,
        workers=1,
        show=lab.events.append,
    )
    assert meter.observe(lab.state(), [], DeviceChoice(default=CPU)) == {}
    assert lab.events == []
