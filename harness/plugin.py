"""pytest plugin: collects cases as items and reports statuses in pytest's own words.

`pytest cases/` runs every variant in the interpreter at hand. An expected failure shows as xfailed with
its symptom. Anything unexpected fails, whatever `--runxfail` says, and so does missing evidence that
nothing explains; explained gaps are skipped with their reason. A run that gave no evidence at all
exits with 3.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from harness.case import Case, Variant
from harness.choice import DeviceChoice
from harness.config import Config
from harness.corpus import Selected
from harness.device import Device
from harness.environment.build import Unbuildable
from harness.environment.places import Place
from harness.errors import HarnessError, UsageError
from harness.evidence import Cell, Evidence, Lack, Outcome
from harness.header import has_header, read_case
from harness.home import find_root
from harness.judge import Judgement, judge
from harness.matrix import Task
from harness.probe.session import Session, now
from harness.progress import brief
from harness.runner import CellDone, keep
from harness.store import Store
from harness.verdict import Agreement
from harness.workspace import Workspace

NO_EVIDENCE_EXIT = 3
_PROPERTY = "harness agreement"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("harness", "cases of documented issues")
    group.addoption(
        "--env", action="append", default=[], metavar="ID", help="environment id; current if none"
    )
    group.addoption(
        "--device", action="append", default=[], metavar="DEVICE", help="cpu, cpu:4, cuda, +x64 ..."
    )
    group.addoption("--seed", type=int, default=0, help="seed of stochastic variants")
    group.addoption("--store", type=Path, metavar="FILE", help="also keep the evidence in this results file")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Take case files over: pytest itself would import one that is named on its command line."""
    collected = yield
    if file_path.suffix == ".py" and _is_case(file_path):
        return [CaseFile.from_parent(parent, path=file_path)]
    return collected


def _is_case(path: Path) -> bool:
    """In a project's folder of cases every file is one, malformed or not; elsewhere name and header tell."""
    with suppress(UsageError):
        if path.parent.parent.name == "cases" and find_root(path.parent) == path.parent.parent.parent:
            return True
    try:
        return path.stem[:1].isdigit() and has_header(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return False


class CaseFile(pytest.File):
    """A file with a case header."""

    def collect(self) -> Iterable[CaseItem]:
        case = read_case(self.path)
        bench = _bench(self.config, self.path)
        for place in bench.places_for(case):
            for device in bench.devices.of(case):
                for variant in case.variants:
                    yield CaseItem.from_parent(
                        self,
                        name=f"{variant.name}[{place.id}-{device}]",
                        case=case,
                        variant=variant,
                        place=place,
                        device=device,
                    )

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 (a type private to pytest)
    ) -> Any:  # noqa: ANN401 (likewise)
        if isinstance(excinfo.value, HarnessError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class ExpectedFailure(Exception):
    """The documented failure happened, as the case says."""


class ExplainedGap(Exception):
    """There is no evidence, for a reason that is known."""


class Disagreement(Exception):
    """The evidence is not what the case says, or there is none where there should be."""


class CaseItem(pytest.Item):
    """A cell as a test."""

    def __init__(
        self,
        *,
        case: Case,
        variant: Variant,
        place: Place,
        device: Device,
        **rest: Any,  # noqa: ANN401 (pytest's own)
    ) -> None:
        super().__init__(**rest)
        self.case, self.variant, self.place, self.device = case, variant, place, device
        self.evidence: Evidence | None = None

    def runtest(self) -> None:
        bench = _bench(self.config, self.path)
        self.evidence = bench.run(self)
        judgement = judge(self.variant, self.place.facts, self.evidence, bench.config)
        self.user_properties.append((_PROPERTY, judgement.agreement.value))
        _raise_unless_right(judgement, self.evidence)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 (a type private to pytest)
    ) -> Any:  # noqa: ANN401 (likewise)
        if isinstance(excinfo.value, Disagreement):
            return _full_story(self, str(excinfo.value))
        if isinstance(excinfo.value, HarnessError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.case.id} {self.name}"


def _raise_unless_right(judgement: Judgement, evidence: Evidence) -> None:
    summary = judgement.status.value + (f": {brief(evidence)}" if brief(evidence) else "")
    if judgement.agreement is Agreement.EXPECTED:
        if evidence.outcome is not Outcome.RETURNED:
            raise ExpectedFailure(summary)
    elif judgement.gap:
        raise ExplainedGap(f"no evidence, {judgement.status.value}: {judgement.gap}")
    else:
        raise Disagreement(f"expected {judgement.expected.value}, found {summary}")


def _full_story(item: CaseItem, headline: str) -> str:
    """Expectation and evidence, as much as a person needs to judge."""
    evidence = item.evidence
    assert evidence is not None
    parts = [headline, f"documented: {item.variant.present.symptom}" if item.variant.present else ""]
    parts.append(f"claim: {item.case.claim(item.variant.name)}")
    if evidence.attested is not None:
        names = {str(r.name) for r in item.case.requires} | {"jax", "jaxlib"}
        held = ", ".join(f"{n} {v}" for n, v in sorted(evidence.attested.versions.items()) if n in names)
        parts.append(f"attested: Python {evidence.attested.python}, {held}, on {evidence.attested.device}")
    parts.append(evidence.raised.traceback if evidence.raised else evidence.reason)
    parts.append(f"log:\n{evidence.log}" if evidence.log.strip() else "")
    return "\n".join(part for part in parts if part)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Word our outcomes ourselves: pytest.xfail() would turn into a pass under --runxfail."""
    report = yield
    if not isinstance(item, CaseItem) or call.excinfo is None:
        return report
    error = call.excinfo.value
    if isinstance(error, ExpectedFailure):
        report.outcome = "skipped"
        report.wasxfail = str(error)
        report.longrepr = str(error)
    elif isinstance(error, ExplainedGap):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: {error}")
    return report


class Bench:
    """What the items of a project share: configuration, places, and one session for each environment."""

    def __init__(self, config: pytest.Config, root: Path) -> None:
        self._options = config.option
        self._places: dict[str, Place] = {}
        self._sessions: dict[str, Session | Unbuildable] = {}
        self.workspace = Workspace.at(root)

    @property
    def config(self) -> Config:
        return self.workspace.config

    @property
    def devices(self) -> DeviceChoice:
        return self.workspace.devices(self._options.device)

    def places_for(self, case: Case) -> list[Place]:
        if not self._places:
            everything = [Selected(case=c, variants=c.variants) for c in self.workspace.cases]
            names = self._options.env or ["current"]
            self._places = {place.id: place for place in self.workspace.places(names, everything)}
        return [place for place in self._places.values() if place.runs(case)]

    def run(self, item: CaseItem) -> Evidence:
        """The evidence of an item's cell, kept where a store was given."""
        session = self._session(item.place)
        if isinstance(session, Unbuildable):
            evidence = Evidence(
                outcome=Outcome.UNAVAILABLE, lack=Lack.BUILD, reason=str(session), measured_at=now()
            )
        else:
            evidence = session.run(item.case, item.variant.name, item.device, self._options.seed)
        if self._options.store:
            self._keep(item, evidence)
        return evidence

    def _session(self, place: Place) -> Session | Unbuildable:
        if place.id not in self._sessions:
            try:
                place.prepare()
                self._sessions[place.id] = place.session()
            except Unbuildable as error:
                self._sessions[place.id] = error
        return self._sessions[place.id]

    def _keep(self, item: CaseItem, evidence: Evidence) -> None:
        cell = Cell(
            case=item.case.id, variant=item.variant.name, environment=item.place.id, device=str(item.device)
        )
        task = Task(case=item.case, variant=item.variant, device=item.device, cell=cell)
        with Store(self._options.store) as store:
            store.put_environment(item.place.record())
            keep(store, CellDone(task=task, place=item.place, evidence=evidence))

    def close(self) -> None:
        for session in self._sessions.values():
            if isinstance(session, Session):
                session.close()


_BENCHES = pytest.StashKey[dict[Path, Bench]]()


def _bench(config: pytest.Config, case: Path) -> Bench:
    """The bench of the project that a case lies in."""
    root = find_root(case.parent)
    benches = config.stash.setdefault(_BENCHES, {})
    if root not in benches:
        benches[root] = Bench(config, root)
    return benches[root]


def pytest_unconfigure(config: pytest.Config) -> None:
    for bench in config.stash.get(_BENCHES, {}).values():
        bench.close()


class _Witness:
    """In the process that reports: what agreements there were, whichever worker ran the cells."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seen |= {str(value) for name, value in report.user_properties if name == _PROPERTY}

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Nothing but gaps is not a success."""
        if self.seen == {Agreement.NO_EVIDENCE.value} and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = NO_EVIDENCE_EXIT


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Witness(), "harness-witness")
