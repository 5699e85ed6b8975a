"""A measured ratio or time beside the bound that it must keep."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the result. `bound` is inclusive."""

    what: str
    value: float
    bound: float
    at_least: bool
    unit: str
    detail: str = ""

    @property
    def holds(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self) -> str:
        relation = "at least" if self.at_least else "at most"
        verdict = "ok  " if self.holds else "MISS"
        bound = f"({relation} {self.bound:g}{self.unit})"
        return f"{verdict} {self.what}: {self.value:.2f}{self.unit} {bound} {self.detail}"


@dataclass
class Clock:
    """Wall time of a block, in seconds."""

    seconds: float = field(default=0.0)


@contextmanager
def clock() -> Iterator[Clock]:
    measured = Clock()
    began = time.perf_counter()
    try:
        yield measured
    finally:
        measured.seconds = time.perf_counter() - began
