"""What the site is made of: the document, and what the document leaves out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from harness.bisect.answer import Answer
from harness.case import Case
from harness.evidence import Cell, EnvironmentRecord, Evidence
from harness.report.axes import ReleaseAxis, axes_of
from harness.report.document import Document
from harness.report.histories import History, histories_of
from harness.report.view import View
from harness.rows import Row
from harness.verdict import Status


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A published answer of a bisection."""

    file: str
    """The Markdown file, as a path from the report's folder."""
    answer: Answer


@dataclass(frozen=True, kw_only=True)
class SiteModel:
    """Everything that the site shows, indexed. Made of stored results alone."""

    document: Document
    cases: Sequence[Case]
    rows: Sequence[Row]
    """The stored cells that count: those of the document."""
    environments: Mapping[str, EnvironmentRecord]
    """All that are known, measured or not: no interval may pass over a release."""
    findings: Sequence[Finding] = ()
    changes: Mapping[str, Any] | None = None
    """What changed since the report before, as in changes.json."""
    plot: str = ""
    """The plot over releases, as SVG."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Case id to the path of its file, as seen from the project."""

    @cached_property
    def view(self) -> View:
        return View(document=self.document)

    @cached_property
    def axes(self) -> tuple[ReleaseAxis, ...]:
        """By library; period, latest, pinned; also those that nothing was measured on."""
        libraries = {case.library for case in self.cases} | {
            axis["library"] for axis in self.document["axes"].values()
        }
        return tuple(axis for axis in axes_of(self.environments) if axis.library in libraries)

    @cached_property
    def axis_index(self) -> Mapping[str, int]:
        return {axis.id: index for index, axis in enumerate(self.axes)}

    @cached_property
    def axis_of(self) -> Mapping[str, int]:
        """Environment to its axis, where it stands on one."""
        return {place.environment: i for i, axis in enumerate(self.axes) for place in axis.places}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every environment that the site names: those on axes, then those outside all of them."""
        placed = [place.environment for axis in self.axes for place in axis.places]
        return (*placed, *sorted(set(self.document["environments"]) - set(placed)))

    @cached_property
    def position(self) -> Mapping[str, int]:
        return {name: index for index, name in enumerate(self.order)}

    @cached_property
    def ordered_cases(self) -> tuple[Case, ...]:
        known = self.document["cases"]
        chosen = (case for case in self.cases if case.id in known)
        return tuple(sorted(chosen, key=lambda case: (case.library, case.number)))

    @cached_property
    def cells(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Case id to its cells in the document."""
        found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for cell in self.document["cells"]:
            found[cell["case"]].append(cell)
        return found

    @cached_property
    def evidence(self) -> Mapping[Cell, Evidence]:
        return {row.cell: row.evidence for row in self.rows}

    def histories(self, case: Case) -> Sequence[History]:
        """Every variant of a case on every axis and device that it was measured on."""
        return self._histories[case.id]

    @cached_property
    def _histories(self) -> Mapping[str, Sequence[History]]:
        return {case.id: tuple(self._histories_of(case)) for case in self.ordered_cases}

    def _histories_of(self, case: Case) -> Iterator[History]:
        statuses = {cell_of(cell): Status(cell["status"]) for cell in self.cells[case.id]}
        return histories_of(case, statuses, self.axes)

    def prepare(self) -> None:
        """Make every index now, so that processes forked from here share them."""
        for _ in (self.axis_index, self.axis_of, self.position, self.cells, self.evidence, self._histories):
            pass

    def devices(self, case: Case) -> list[str]:
        return sorted({cell["device"] for cell in self.cells[case.id]})


def cell_of(entry: Mapping[str, Any]) -> Cell:
    """The key of a document's cell."""
    return Cell(
        case=entry["case"],
        variant=entry["variant"],
        environment=entry["environment"],
        device=entry["device"],
    )
