"""Runs jobs: builds environments ahead, probes them in parallel, hands every cell on as it finishes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from harness.environment.build import Unbuildable
from harness.environment.places import THIS_PLATFORM, Place
from harness.errors import HarnessError
from harness.evidence import Evidence, Lack, Outcome
from harness.matrix import Job, Task
from harness.probe.session import Session, now
from harness.rows import Row
from harness.store import Store


@dataclass(frozen=True, kw_only=True)
class CellDone:
    """A cell ran, or could not be run for a reason that is evidence of its own."""

    task: Task
    place: Place
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class EnvironmentStarted:
    """An environment is being built and its cells are about to run."""

    place: Place
    cells: int


@dataclass(frozen=True, kw_only=True)
class EnvironmentMissing:
    """This machine could not even try an environment; its cells have no evidence and nothing is stored."""

    place: Place
    reason: str
    cells: int


Event = CellDone | EnvironmentStarted | EnvironmentMissing


def run(jobs: Sequence[Job], workers: int) -> Generator[Event, None, None]:
    """Run every task of every job and yield what happens, in the order in which it happens.

    With fewer jobs than workers, a job's tasks are shared out, each share with a server of its own.
    Closing the iterator ends what is in flight.
    """
    events: queue.SimpleQueue[Event | _End] = queue.SimpleQueue()
    stop = threading.Event()
    shares = [share for job in jobs for share in _shares(job, max(1, workers // max(1, len(jobs))))]
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="cells")
    builder = ThreadPoolExecutor(max_workers=1, thread_name_prefix="build")
    builds = {job.place.id: builder.submit(_prepare, job.place, stop) for job in jobs}
    cells = {job.place.id: len(job.tasks) for job in jobs}
    started = set()
    crew = [
        _Crew(
            share=share,
            cells=cells[share.place.id],
            build=builds[share.place.id],
            events=events,
            stop=stop,
        )
        for share in shares
    ]
    over: queue.SimpleQueue[None] = queue.SimpleQueue()
    threading.Thread(target=_interrupt_all, args=(over, stop, crew), name="interrupt", daemon=True).start()
    try:
        for member in crew:
            pool.submit(member.work)
        left = len(crew)
        while left:
            event = _next(events)
            if isinstance(event, _End):
                left -= 1
                if event.error is not None:
                    raise event.error
            elif not isinstance(event, EnvironmentStarted):
                yield event
            elif event.place.id not in started:  # every share says so, before its first cell
                started.add(event.place.id)
                yield event
    finally:
        over.put(None)
        builder.shutdown(wait=False, cancel_futures=True)
        pool.shutdown(wait=True, cancel_futures=True)


def _interrupt_all(over: queue.SimpleQueue[None], stop: threading.Event, crew: Sequence[_Crew]) -> None:
    """Once the run is over, interrupt whatever is in flight.

    In a thread, which no Ctrl-C reaches: pressed again, it would leave a session running, and its worker
    would keep the whole program from ending.
    """
    over.get()
    stop.set()
    for member in crew:
        member.interrupt()


def keep(store: Store, done: CellDone) -> None:
    """Store a cell that ran."""
    store.put(
        Row(
            cell=done.task.cell,
            case_digest=done.task.case.digest,
            environment_key=done.place.key,
            platform=THIS_PLATFORM,
            evidence=done.evidence,
        )
    )


@dataclass(frozen=True)
class _End:
    error: BaseException | None = None


def _next(events: queue.SimpleQueue[Event | _End]) -> Event | _End:
    """Wait in short steps, so that Ctrl-C is heard on every platform."""
    while True:
        try:
            return events.get(timeout=0.2)
        except queue.Empty:
            continue


def _shares(job: Job, parts: int) -> list[Job]:
    parts = min(parts, len(job.tasks))
    return [Job(place=job.place, tasks=job.tasks[part::parts]) for part in range(parts)]


def _prepare(place: Place, stop: threading.Event) -> None:
    if not stop.is_set():
        place.prepare()


@dataclass
class _Crew:
    """One worker thread's errand: a share of an environment's cells."""

    share: Job
    cells: int
    """How many cells the environment has in all shares."""
    build: Future[None]
    events: queue.SimpleQueue[Event | _End]
    stop: threading.Event
    session: Session | None = None

    def interrupt(self) -> None:
        if self.session is not None:
            self.session.interrupt()

    def work(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self.events.put(_End(error))
        else:
            self.events.put(_End())

    def _work(self) -> None:
        if self.stop.is_set():
            return
        place = self.share.place
        self.events.put(EnvironmentStarted(place=place, cells=self.cells))
        if not self._is_built():
            return
        try:
            self.build.result()
            self.session = place.session()
        except Unbuildable as error:
            self._unbuildable(str(error))
        except HarnessError as error:
            missing = EnvironmentMissing(place=place, reason=str(error), cells=len(self.share.tasks))
            self.events.put(missing)
        else:
            self._probe(self.session)

    def _is_built(self) -> bool:
        """Wait for the build to end; false where the run is stopped before."""
        while not self.stop.is_set():
            if wait([self.build], timeout=0.1).done:
                return True
        return False

    def _unbuildable(self, reason: str) -> None:
        for task in self.share.tasks:
            evidence = Evidence(
                outcome=Outcome.UNAVAILABLE, lack=Lack.BUILD, reason=reason, measured_at=now()
            )
            self.events.put(CellDone(task=task, place=self.share.place, evidence=evidence))

    def _probe(self, session: Session) -> None:
        with session:
            for task in self.share.tasks:
                if self.stop.is_set():
                    return
                evidence = session.run(task.case, task.variant.name, task.device, task.seed)
                self.events.put(CellDone(task=task, place=self.share.place, evidence=evidence))
