"""What commits of a package give beside the other packages of an environment, or of a second one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from harness.bisect.answer import Point
from harness.bisect.ends import Measure
from harness.bisect.labels import Reading
from harness.bisect.revisions import SHORT
from harness.bisect.wheels import Wheel
from harness.environment.build import Unbuildable
from harness.environment.lock import Lock, Source


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a commit gives with everything else as in one environment."""

    rest: Lock
    reading: Reading
    lock: Lock | None = None
    """None where the commit cannot be built."""


@dataclass(kw_only=True)
class CommitReadings:
    """Measures commits, each once, and beside the next environment where one gives no verdict.

    A package that goes in lockstep with another, as JAX with jaxlib, can be imported beside one release of
    the other for a part of the way only.
    """

    package: str
    rests: tuple[Lock, ...]
    """The environments whose other packages are held, the best first."""
    measure: Measure
    make: Callable[[str], Wheel]
    """The wheel of a commit. Raises Unbuildable."""
    chosen: dict[str, Beside] = field(default_factory=dict)
    """By commit: what counts."""
    _known: dict[tuple[str, str], Beside] = field(default_factory=dict)

    def of(self, sha: str) -> Reading:
        """The label of a commit; unknown where it cannot be built, or gives no verdict anywhere."""
        if sha not in self.chosen:
            decided = (each for each in self._everywhere(sha) if each.reading.label is not None)
            self.chosen[sha] = next(decided, None) or self._within(sha, self.rests[0])
        return self.chosen[sha].reading

    def rest_of(self, sha: str) -> Lock:
        """The environment whose other packages were held for a commit."""
        self.of(sha)
        return self.chosen[sha].rest

    def agree_beside_one(self, one: str, other: str) -> bool:
        """Whether two commits give their labels beside the same environment, too; it then counts for both.

        Where not, what lies beside them may be what makes them differ.
        """
        labels = self.of(one).label, self.of(other).label
        for rest in (self.rest_of(other), self.rest_of(one)):
            found = self._within(one, rest), self._within(other, rest)
            if tuple(each.reading.label for each in found) == labels:
                self.chosen.update(zip((one, other), found, strict=True))
                return True
        return False

    def point(self, sha: str, date: str) -> Point:
        found = self.chosen[sha]
        return Point(
            name=sha[:SHORT],
            environment=f"{found.rest.id} with {self.package} at {sha[:SHORT]}",
            key=found.lock.key if found.lock else "",
            python=found.rest.python,
            date=date,
            packages=tuple(sorted(found.lock.packages.items())) if found.lock else (),
            reading=found.reading,
        )

    def _everywhere(self, sha: str) -> Iterator[Beside]:
        """One environment after the other, as far as is asked; what cannot be built is so in all of them."""
        for rest in self.rests:
            found = self._within(sha, rest)
            yield found
            if found.lock is None:
                return

    def _within(self, sha: str, rest: Lock) -> Beside:
        key = (sha, rest.key)
        if key not in self._known:
            self._known[key] = self._measured(sha, rest)
        return self._known[key]

    def _measured(self, sha: str, rest: Lock) -> Beside:
        try:
            wheel = self.make(sha)
        except Unbuildable as error:
            reason = " ".join(str(error).split())
            return Beside(rest=rest, reading=Reading(label=None, detail=f"unbuildable: {reason}", runs=0))
        lock = with_wheel(rest, self.package, wheel)
        return Beside(rest=rest, reading=self.measure(lock, {}), lock=lock)


def with_wheel(rest: Lock, package: str, wheel: Wheel) -> Lock:
    """An environment in which one package comes from a wheel of ours."""
    return replace(
        rest,
        packages={**rest.packages, package: wheel.version},
        sources=(Source(name=package, path=wheel.path, sha256=wheel.sha256),),
        like=rest,
    )
