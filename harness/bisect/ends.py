"""Two environments with different labels, and a way to measure others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.bisect.labels import Reading
from harness.environment.lock import Lock

Variables = Mapping[str, str]

Measure = Callable[[Lock, Variables], Reading]
"""Measures the subject in an environment, with variables set there."""


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Two environments whose labels differ."""

    before: Lock
    after: Lock
    old: str
    new: str
    names: tuple[str, str] | None = None
    """What the user calls the two; their ids if none."""

    @property
    def called(self) -> tuple[str, str]:
        return self.names or (str(self.before.id), str(self.after.id))
