"""A document as pages read it: indexed, and told variant by variant in words."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from packaging.version import Version

from harness.report.axes import RESOLUTIONS
from harness.report.document import Document
from harness.report.intervals import NO_EVIDENCE
from harness.verdict import Agreement, Status, agreement


class Remedy(enum.Enum):
    """What became of a documented remedy, over everything measured."""

    HOLDS = "holds"
    IN_PART = "holds in part"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A variant on one axis, or in one environment outside all axes."""

    place: str
    """In words: `period`, `latest`, `with torch 2.13.0`."""
    words: str
    brief: str
    """The same without naming the releases that gave no evidence."""
    parts: Mapping[Status, str]
    """The words about each status that was measured; a status without evidence is none."""

    @property
    def statuses(self) -> frozenset[Status]:
        return frozenset(self.parts)


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything measured of a variant, axis by axis."""

    variant: str
    source: str | None
    chapters: tuple[Chapter, ...]

    @property
    def statuses(self) -> frozenset[Status]:
        return frozenset().union(*(chapter.statuses for chapter in self.chapters))

    @property
    def words(self) -> str:
        return "; ".join(labelled(self.chapters, lambda chapter: chapter.words)) or NO_EVIDENCE

    @property
    def remedy(self) -> Remedy:
        if Status.WORKS in self.statuses:
            return Remedy.HOLDS if self.statuses == {Status.WORKS} else Remedy.IN_PART
        return Remedy.REFUTED if Status.REFUTED in self.statuses else Remedy.UNDECIDED


def labelled(chapters: Sequence[Chapter], words: Callable[[Chapter], str]) -> list[str]:
    """Chapters in words; the period axis needs no label where it stands alone."""
    alone = [chapter.place for chapter in chapters] == ["period"]
    return [words(chapter) if alone else f"{chapter.place}: {words(chapter)}" for chapter in chapters]


@dataclass(frozen=True, kw_only=True)
class View:
    """A document with the indexes that pages need. Reads only what the document says."""

    document: Document

    @cached_property
    def cases(self) -> list[tuple[str, dict[str, Any]]]:
        cases = self.document["cases"].items()
        return sorted(cases, key=lambda item: (item[1]["library"], item[1]["number"]))

    @cached_property
    def libraries(self) -> dict[str, list[tuple[str, dict[str, Any]]]]:
        """Library to its cases."""
        found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        for name, case in self.cases:
            found.setdefault(case["library"], []).append((name, case))
        return found

    @cached_property
    def axes(self) -> list[tuple[str, dict[str, Any]]]:
        """Axes by library; period, latest, pinned by the pinned versions."""
        return sorted(self.document["axes"].items(), key=lambda item: (_axis_order(item[1]), item[0]))

    @cached_property
    def loose(self) -> list[str]:
        """Environments outside all axes, such as an interpreter at hand."""
        placed = {name for _, axis in self.axes for name in axis["environments"]}
        return sorted(set(self.document["environments"]) - placed)

    @cached_property
    def cells(self) -> dict[tuple[str, str, str, str], dict[str, Any]]:
        return {
            (cell["case"], cell["variant"], cell["environment"], cell["device"]): cell
            for cell in self.document["cells"]
        }

    @cached_property
    def measured(self) -> dict[str, dict[str, set[str]]]:
        """Case to environment to the devices of its cells."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for case, _, environment, device in self.cells:
            found[case][environment].add(device)
        return found

    def devices(self, case: str, environments: Iterable[str]) -> set[str]:
        """The devices on which any variant of a case was tried in these environments."""
        measured = self.measured.get(case, {})
        return set().union(*(measured.get(name, set()) for name in environments))

    def remedies(self, name: str) -> list[Story]:
        return [self.story(name, variant) for variant in variant_names(self.document["cases"][name])[1:]]

    def story(self, name: str, variant: str) -> Story:
        """What is to be told of a variant."""
        case = self.document["cases"][name]
        on_axes = [self._on_axis(case, variant, axis) for axis, _ in self.axes]
        loose = [self._loose(name, variant, environment) for environment in self.loose]
        return Story(
            variant=variant,
            source=case["variants"][variant]["source"],
            chapters=tuple(chapter for chapter in (*on_axes, *loose) if chapter),
        )

    def _on_axis(self, case: Mapping[str, Any], variant: str, axis: str) -> Chapter | None:
        told = [h for h in case["histories"] if (h["variant"], h["axis"]) == (variant, axis)]
        if not told:
            return None
        intervals = [i for i in case["intervals"] if (i["variant"], i["axis"]) == (variant, axis)]
        return Chapter(
            place=axis_words(self.document["axes"][axis], case["library"]),
            words=_by_device({history["device"]: history["words"] for history in told}),
            brief=_by_device({history["device"]: history["brief"] for history in told}),
            parts=_parts(intervals, [history["device"] for history in told]),
        )

    def _loose(self, name: str, variant: str, environment: str) -> Chapter | None:
        found = {
            device: Status(cell["status"])
            for device in sorted(self.devices(name, [environment]))
            if (cell := self.cells.get((name, variant, environment, device)))
        }
        if not found:
            return None
        return Chapter(
            place=environment,
            words=_by_device({device: _loose_words(status) for device, status in found.items()}),
            brief=_by_device({device: _loose_words(status) for device, status in found.items()}),
            parts=_loose_parts(found),
        )


def _axis_order(axis: Mapping[str, Any]) -> tuple[object, ...]:
    pins = tuple((name, Version(version)) for name, version in sorted(axis["pins"].items()))
    return (axis["library"], RESOLUTIONS.index(axis["resolution"]), pins)


def _parts(intervals: Iterable[Mapping[str, Any]], devices: Collection[str]) -> dict[Status, str]:
    words: dict[Status, dict[str, list[str]]] = defaultdict(lambda: {device: [] for device in devices})
    for interval in intervals:
        words[Status(interval["status"])][interval["device"]].append(interval["words"])
    return {
        status: _by_device({device: ", ".join(told) for device, told in of_status.items()})
        for status, of_status in words.items()
    }


def _loose_words(status: Status) -> str:
    return status.value if status.is_evidence else f"{NO_EVIDENCE}: {status.value}"


def _loose_parts(found: Mapping[str, Status]) -> dict[Status, str]:
    return {
        status: _by_device({device: status.value * (each is status) for device, each in found.items()})
        for status in found.values()
        if status.is_evidence
    }


def _by_device(words: Mapping[str, str]) -> str:
    """Device to words, told once where all agree; a device with nothing to tell is left out."""
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return ", ".join(f"on {device} {told}" for device, told in words.items() if told)


def variant_names(case: Mapping[str, Any]) -> list[str]:
    """The failure, then the remedies by name."""
    return sorted(case["variants"], key=lambda name: (name != "failure", name))


def axis_words(axis: Mapping[str, Any], library: str) -> str:
    """An axis as a reader of this library's cases needs it."""
    pins = " and ".join(f"{name} {version}" for name, version in sorted(axis["pins"].items()))
    parts = [
        axis["library"] if axis["library"] != library else "",
        f"with {pins}" if pins else axis["resolution"],
        f"on Python {axis['python']}" if axis["python"] else "",
    ]
    return " ".join(part for part in parts if part)


def agreement_of(cell: Mapping[str, Any]) -> Agreement:
    return _agreement(cell["status"], cell["expected"])


@cache
def _agreement(status: str, expected: str) -> Agreement:
    return agreement(Status(status), Status(expected))
