"""Running jobs: order, shares, builds ahead, ends of every kind."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from toy.cases import make_case, record, returned
from toy.libraries import gone, make_environment, write_variant
from toy.user import wait_until

from harness.device import parse_device
from harness.environment.build import Unbuildable
from harness.environment.places import THIS_PLATFORM
from harness.errors import NoEvidence, UsageError
from harness.evidence import Cell, Lack, Outcome
from harness.matrix import Job, Task
from harness.probe.session import Session
from harness.runner import CellDone, EnvironmentMissing, EnvironmentStarted, keep, run
from harness.store import Store

CPU = parse_device("cpu")
CASE = make_case()


class FakeSession:
    """Does for each variant what a function of its number says."""

    def __init__(self, place):
        self.place = place
        self.interrupted = threading.Event()
        self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.closed = True

    def interrupt(self):
        self.interrupted.set()

    def run(self, case, variant, device, seed):
        self.place.threads.add(threading.current_thread().name)
        self.place.behave(self, int(variant))
        return returned(seed=seed)


class FakePlace:
    """An environment that counts what is asked of it; `prepared` and `opened` may raise."""

    key = "key"
    facts = {"toy": "1.0"}
    is_repeatable = True

    def __init__(self, name="toy-1.0", behave=None, prepared=None, opened=None):
        self.id = name
        self.behave = behave or (lambda session, number: None)
        self.prepared = prepared or (lambda: None)
        self.opened = opened or (lambda: None)
        self.builds = 0
        self.sessions = []
        self.threads = set()

    def runs(self, case):
        return True

    def record(self):
        return record(self.id)

    def prepare(self):
        self.builds += 1
        self.prepared()

    def session(self):
        self.opened()
        self.sessions.append(FakeSession(self))
        return self.sessions[-1]


class Numbered:
    """A variant that is nothing but its name."""

    def __init__(self, number):
        self.name = str(number)


def job(place, cells=3, case=CASE):
    tasks = tuple(
        Task(
            case=case,
            variant=Numbered(number),
            device=CPU,
            cell=Cell(case=case.id, variant=str(number), environment=place.id, device="cpu"),
        )
        for number in range(cells)
    )
    return Job(place=place, tasks=tasks)


def told(event):
    """An event in short."""
    match event:
        case EnvironmentStarted(place=place, cells=cells):
            return f"{place.id} started with {cells}"
        case EnvironmentMissing(place=place, cells=cells, reason=reason):
            return f"{place.id} misses {cells}: {reason}"
        case CellDone(place=place, task=task):
            return f"{place.id} {task.variant.name}"


def raising(error):
    def action(*_):
        raise error

    return action


def within(seconds, action):
    """Do something, and fail where it takes longer; a run that hangs must not hang the tests."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        return pool.submit(action).result(timeout=seconds)
    finally:
        pool.shutdown(wait=False)


# Order


def test_an_environment_is_announced_before_its_cells_and_they_come_in_order():
    assert [told(event) for event in run([job(FakePlace())], workers=1)] == [
        "toy-1.0 started with 3",
        "toy-1.0 0",
        "toy-1.0 1",
        "toy-1.0 2",
    ]


def test_one_worker_takes_one_environment_after_the_other():
    jobs = [job(FakePlace(name), 2) for name in ("toy-1.0", "toy-2.0")]
    assert [told(event) for event in run(jobs, workers=1)] == [
        "toy-1.0 started with 2",
        "toy-1.0 0",
        "toy-1.0 1",
        "toy-2.0 started with 2",
        "toy-2.0 0",
        "toy-2.0 1",
    ]


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_every_cell_runs_once_and_every_environment_starts_once_whatever_the_workers(workers):
    jobs = [job(FakePlace(f"toy-{n}"), n) for n in (1, 4, 7)]
    events = [told(event) for event in run(jobs, workers)]
    cells = [f"toy-{n} {k}" for n in (1, 4, 7) for k in range(n)]
    assert Counter(events) == Counter([*cells, *(f"toy-{n} started with {n}" for n in (1, 4, 7))])
    for n in (1, 4, 7):
        assert next(event for event in events if event.startswith(f"toy-{n} ")) == f"toy-{n} started with {n}"


@pytest.mark.parametrize("workers", [1, 4])
def test_without_jobs_nothing_happens(workers):
    assert list(run([], workers)) == []


def test_nothing_happens_before_somebody_asks():
    place = FakePlace()
    run([job(place)], workers=1).close()
    assert place.builds == 0


def test_a_cell_is_handed_on_as_soon_as_it_has_finished():
    go_on = threading.Event()
    place = FakePlace(behave=lambda session, number: number == 0 or go_on.wait(10))
    events = run([job(place)], workers=1)
    assert [told(within(5, lambda: next(events))) for _ in range(2)] == [
        "toy-1.0 started with 3",
        "toy-1.0 0",
    ]
    go_on.set()
    assert len(list(events)) == 2


# Shares


def test_with_workers_to_spare_the_cells_of_an_environment_are_shared_out():
    together = threading.Barrier(3, timeout=10)
    place = FakePlace(behave=lambda session, number: together.wait())
    events = [told(event) for event in run([job(place, 6)], workers=3)]
    assert len(events) == 7
    assert (len(place.sessions), len(place.threads), place.builds) == (3, 3, 1)
    assert all(session.closed for session in place.sessions)


def test_there_are_no_more_shares_than_cells():
    place = FakePlace()
    assert len(list(run([job(place, 2)], workers=8))) == 3
    assert len(place.sessions) == 2


def test_there_are_no_more_sessions_at_once_than_workers():
    running, most = set(), []

    def behave(session, number):
        running.add(session)
        most.append(len(running))
        time.sleep(0.01)
        running.discard(session)

    list(run([job(FakePlace(f"toy-{n}", behave), 3) for n in range(6)], workers=2))
    assert max(most) <= 2


def test_every_task_runs_with_its_own_seed_in_one_session():
    place = FakePlace()
    (task, *_) = job(place).tasks
    tasks = tuple(replace(task, seed=seed) for seed in (0, 3, 11))
    events = list(run([Job(place=place, tasks=tasks)], workers=1))
    assert len(place.sessions) == 1
    done = [event for event in events if isinstance(event, CellDone)]
    assert [(event.task.seed, event.evidence.seed) for event in done] == [(0, 0), (3, 3), (11, 11)]


# Builds


def test_builds_come_one_at_a_time_and_ahead_of_their_cells():
    order, built = [], threading.Event()

    def prepare(name):
        order.append(name)
        if name == "toy-2":
            built.set()

    places = [
        FakePlace("toy-1", lambda session, number: built.wait(10), lambda: prepare("toy-1")),
        FakePlace("toy-2", None, lambda: prepare("toy-2")),
    ]
    events = [told(event) for event in run([job(place, 1) for place in places], workers=1)]
    assert order == ["toy-1", "toy-2"]
    assert events == ["toy-1 started with 1", "toy-1 0", "toy-2 started with 1", "toy-2 0"]


@pytest.mark.parametrize("workers", [1, 3])
def test_an_environment_that_cannot_be_built_is_evidence_for_each_of_its_cells(workers):
    place = FakePlace(prepared=raising(Unbuildable("toy 0.9 needs a compiler")))
    events = list(run([job(place)], workers))
    cells = [event for event in events if isinstance(event, CellDone)]
    assert sorted(event.task.variant.name for event in cells) == ["0", "1", "2"]
    for event in cells:
        assert (event.evidence.outcome, event.evidence.lack) == (Outcome.UNAVAILABLE, Lack.BUILD)
        assert event.evidence.reason == "toy 0.9 needs a compiler"
        assert event.evidence.measured_at
    assert place.sessions == []


@pytest.mark.parametrize("error", [NoEvidence("the index is gone"), UsageError("no Python 3.7 here")])
@pytest.mark.parametrize("where", ["prepared", "opened"])
def test_an_environment_that_could_not_be_tried_gives_nothing_to_store(error, where):
    places = [FakePlace("toy-1", **{where: raising(error)}), FakePlace("toy-2")]
    events = [told(event) for event in run([job(place, 2) for place in places], workers=1)]
    assert events == [
        "toy-1 started with 2",
        f"toy-1 misses 2: {error}",
        "toy-2 started with 2",
        "toy-2 0",
        "toy-2 1",
    ]


def test_what_shares_miss_adds_up_to_the_cells_of_their_environment():
    place = FakePlace(prepared=raising(NoEvidence("the index is gone")))
    events = list(run([job(place, 5)], workers=3))
    assert sum(event.cells for event in events if isinstance(event, EnvironmentMissing)) == 5
    assert not [event for event in events if isinstance(event, CellDone)]


# Errors of our own


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), AssertionError("a bug"), SystemExit(3)])
@pytest.mark.parametrize("where", ["prepared", "opened", "behave"])
def test_an_error_of_our_own_surfaces(error, where):
    events = run([job(FakePlace(**{where: raising(error)}))], workers=2)
    with pytest.raises(type(error)):
        within(10, lambda: list(events))


def test_cells_that_finished_before_an_error_are_handed_on():
    def behave(session, number):
        if number == 2:
            raise ZeroDivisionError

    events = run([job(FakePlace(behave=behave), 5)], workers=1)
    assert [told(next(events)) for _ in range(3)] == ["toy-1.0 started with 5", "toy-1.0 0", "toy-1.0 1"]
    with pytest.raises(ZeroDivisionError):
        next(events)


def test_an_error_ends_what_the_other_workers_run():
    both = threading.Barrier(2, timeout=10)

    def behave(session, number):
        both.wait()
        if number == 0:
            raise ZeroDivisionError
        session.interrupted.wait(30)

    place = FakePlace(behave=behave)
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: list(run([job(place, 4)], workers=2)))
    assert all(session.closed for session in place.sessions)


# Interruption


def test_closing_ends_what_runs_and_starts_nothing_more():
    started = threading.Event()
    ran = []

    def behave(session, number):
        ran.append(number)
        started.set()
        session.interrupted.wait(30)

    place = FakePlace(behave=behave)
    later = FakePlace("toy-2.0")
    events = run([job(place), job(later)], workers=1)
    next(events)
    assert started.wait(5)
    within(3, events.close)
    assert ran == [0]
    assert place.sessions[0].closed
    assert later.sessions == []


def test_closing_does_not_wait_for_a_build():
    building, go_on = threading.Event(), threading.Event()

    def prepare():
        building.set()
        go_on.wait(30)

    place, later = FakePlace(prepared=prepare), FakePlace("toy-2.0")
    events = run([job(place), job(later)], workers=2)
    next(events)
    assert building.wait(5)
    try:
        within(3, events.close)
    finally:
        go_on.set()
    assert (place.sessions, later.builds) == ([], 0)


def test_an_interruption_from_the_keyboard_ends_a_run():
    place = FakePlace(behave=lambda session, number: session.interrupted.wait(30))
    events = run([job(place)], workers=1)
    next(events)
    with pytest.raises(KeyboardInterrupt):
        within(3, lambda: events.throw(KeyboardInterrupt))


def test_pressing_ctrl_c_again_leaves_no_session_running():
    """As if it were pressed in the very moment in which a session is interrupted."""

    class Pressed(FakeSession):
        def interrupt(self):
            super().interrupt()
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt

    ended = threading.Semaphore(0)

    def behave(session, number):
        session.interrupted.wait(30)
        ended.release()

    places = [FakePlace(name, behave=behave) for name in ("toy-1.0", "toy-2.0")]
    for place in places:
        place.session = lambda place=place: place.sessions.append(Pressed(place)) or place.sessions[-1]
    events = run([job(place, 1) for place in places], workers=2)
    next(events), next(events)
    wait_until(lambda: all(place.threads for place in places), "both sessions")
    with pytest.raises(KeyboardInterrupt):
        events.throw(KeyboardInterrupt)
    assert ended.acquire(timeout=3)
    assert ended.acquire(timeout=3)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    made = make_environment(tmp_path_factory.mktemp("runner") / "environment")
    made.install(
        "hangs", "import os, pathlib, time\npathlib.Path(os.environ['TMPDIR'], 'up').touch()\ntime.sleep(60)"
    )
    return made


@pytest.mark.parametrize("library", ["toy", "hangs"])
def test_closing_ends_a_variant_or_an_import_that_hangs_and_leaves_no_process(
    environment, tmp_path, monkeypatch, library
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    body = "import os, pathlib, time; pathlib.Path(os.environ['TMPDIR'], 'up').touch(); time.sleep(60)"
    case = write_variant(tmp_path / "cases/toy/7_x.py", body, timeout=60)
    place = FakePlace()
    place.session = lambda: Session(environment.target(library))
    tasks = tuple(
        Task(
            case=case,
            variant=case.variants[0],
            device=CPU,
            cell=Cell(case=case.id, variant="failure", environment=f"toy-{n}", device="cpu"),
        )
        for n in range(4)
    )
    events = run([Job(place=place, tasks=tasks)], workers=2)
    next(events)
    deadline = time.monotonic() + 20
    while not (tmp_path / "up").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    within(5, events.close)
    assert gone(str(tmp_path), within=1)


def test_a_run_on_real_sessions_gives_evidence(environment, tmp_path):
    case = write_variant(tmp_path / "toy/7_x.py", "import toy; toy.fail()")
    place = FakePlace()
    place.session = lambda: Session(environment.target(), {"toy": "1.0"})
    task = Task(
        case=case,
        variant=case.variants[0],
        device=CPU,
        cell=Cell(case=case.id, variant="failure", environment=place.id, device="cpu"),
    )
    _, done = run([Job(place=place, tasks=(task,))], workers=1)
    assert done.evidence.raised.message == "shapes disagree: 2 and 3"


# Keeping


def test_a_kept_cell_has_what_must_be_unchanged_for_it_to_count_again(tmp_path):
    place = FakePlace()
    (task,) = job(place, 1).tasks
    done = CellDone(task=task, place=place, evidence=returned(measured_at="2026-01-01T12:00:00Z"))
    with Store(tmp_path / "store.sqlite") as store:
        keep(store, done)
        (row,) = store.rows()
    assert (row.cell, row.case_digest, row.environment_key) == (task.cell, CASE.digest, "key")
    assert (row.platform, row.evidence) == (THIS_PLATFORM, done.evidence)
