"""Random differences between two environments: of the packages that moved, a few make the status change."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path

from packaging.version import Version

from harness.bisect.answer import Experiment, Suspects
from harness.bisect.labels import Reading
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock
from toy.cases import block, edited
from toy.histories import Label
from toy.index import ToyIndex
from toy.wheels import write_wheel

OLD, NEW = "fixed", "failing"
Units = frozenset[str]


@dataclass(frozen=True)
class Tangle:
    """What moved, and what comes of it."""

    packages: tuple[str, ...]
    causes: tuple[Units, ...]
    """Each of these sets makes the change, alone and with anything else."""
    needs: tuple[tuple[str, str], ...] = ()
    """The new version of the first wants the new one of the second, and the old the old."""
    wants: tuple[tuple[str, str], ...] = ()
    """The new version of the first wants the new one of the second; its old one is content with any."""
    mute: tuple[Units, ...] = ()
    """Mixtures in which just these are new show something else."""
    features: frozenset[str] = frozenset()
    ends: dict[str, Lock] = field(default_factory=dict, compare=False)

    def label(self, new: Units) -> Label:
        """The truth about a mixture in which just these packages are new."""
        if self.is_refused(new) or new in self.mute:
            return None
        return NEW if any(cause <= new for cause in self.causes) else OLD

    def is_refused(self, new: Units) -> bool:
        is_torn = any((one in new) != (other in new) for one, other in self.needs)
        return is_torn or any(one in new and other not in new for one, other in self.wants)

    def lock(self, new: Units) -> Lock:
        packages = {name: "2.0" if name in new else "1.0" for name in self.packages}
        return Lock(
            id=EnvironmentId(library="toy", version=Version(packages["toy"])),
            python="3.11",
            as_of="2024-01-01",
            requested=(f"toy=={packages['toy']}",),
            packages={**packages, "still": "1.0"},
        )

    def mix(self, before: Lock, after: Lock, new: Units, *_: object) -> Lock:
        """As the resolver would make it."""
        if self.is_refused(new):
            return Lock(
                id=before.id,
                python="3.11",
                as_of=None,
                requested=(),
                packages={},
                unresolvable=f"no {sorted(new)}",
            )
        return self.lock(new)

    def hold(self, base: Lock, name: str, version: str, *_: object) -> Lock:
        """One package at another version, and moved along what the resolver has to move."""
        new = {n for n, v in base.packages.items() if v == "2.0"} ^ {name}
        settled = {name}
        for _round in self.packages:
            for one, other in [*self.needs, *self.wants]:
                for a, b in ((one, other), (other, one)):
                    if a in settled and b not in settled and self._pulls(a in new, (one, other), a):
                        settled.add(b)
                        new = new | {b} if a in new else new - {b}
        return self.mix(base, base, frozenset(new))

    def _pulls(self, is_new: bool, link: tuple[str, str], name: str) -> bool:
        return link in self.needs or is_new == (name == link[0])

    def measure(self, lock: Lock, variables: object = None) -> Reading:
        """Look at nothing but the versions in a lock."""
        if lock.unresolvable:
            return Reading(label=None, detail=f"unbuildable: {lock.unresolvable}", runs=0)
        return Reading(label=self.label(frozenset(n for n, v in lock.packages.items() if v == "2.0")))


def random_tangle(chance: random.Random) -> Tangle:
    size = chance.choice([1, 2, 3, 5, 8, 12, 20, 30])
    packages = ("toy", *(f"dep{at:02}" for at in range(size - 1)))
    kind = chance.choice(["one", "one", "pair", "triple", "either or", "itself"])
    kind = kind if size > 4 or kind == "one" else "itself"
    features, causes = {kind, f"{size} moved"}, []
    match kind:
        case "itself":
            causes = [frozenset({"toy"})]
        case "either or":
            one, other, third = chance.sample(packages, 3)
            causes = [frozenset({one}), chance.choice([frozenset({other}), frozenset({other, third})])]
        case _:
            many = {"one": 1, "pair": 2, "triple": 3}[kind]
            causes = [frozenset(chance.sample(packages, many))]
    needs: list[tuple[str, str]] = []
    wants: list[tuple[str, str]] = []
    if size > 2 and chance.random() < 0.4:
        features.add("refused mixtures")
        for _ in range(chance.choice([1, 2, size // 3])):
            one, other = chance.sample(packages, 2)
            chance.choice([needs, wants]).append((one, other))
    mute = []
    if size > 2 and chance.random() < 0.3:
        features.add("mute mixtures")
        mute = [frozenset(chance.sample(packages, chance.randint(1, size - 1))) for _ in range(size)]
        # The one that matters, too.
        mute += [cause for cause in causes if chance.random() < 0.5 and len(cause) < size]
    return Tangle(packages, tuple(causes), tuple(needs), tuple(wants), tuple(mute), frozenset(features))


def faults_of(tangle: Tangle, found: Suspects) -> Iterator[str]:
    """Everything that suspects claim and that is not so, or could be told and is not."""
    every, culprits = frozenset(tangle.packages), frozenset(found.culprits)
    alone, without = tangle.label(culprits), tangle.label(every - culprits)
    if {move.package for move in found.moves} != every:
        yield "it does not name what moved"
    for experiment in found.experiments:
        yield from _misread(tangle, experiment)
    if not culprits:
        yield "it names no culprit where there is one"
    if (found.sufficient is not None) != (alone == NEW):
        yield f"{sorted(culprits)} alone give {alone}, and it says {found.sufficient}"
    if found.sufficient and {m.package for m in found.sufficient.moved} != culprits:
        yield "what was moved forth are not the culprits"
    yield from _taken_back(tangle, found, without)
    yield from _superfluous(tangle, culprits, alone)
    yield from _beside(tangle, found, without)


def _taken_back(tangle: Tangle, found: Suspects, without: Label) -> Iterator[str]:
    if found.necessary is None:
        if without == OLD:
            yield "taking the culprits back alone would show that they are needed"
        return
    back = frozenset(move.package for move in found.necessary.moved)
    if tangle.label(frozenset(tangle.packages) - back) != OLD:
        yield f"all without {sorted(back)} is not {OLD}"
    if any((move.before, move.after) != ("2.0", "1.0") for move in found.necessary.moved):
        yield "what was moved back did not move back"
    if back != frozenset(found.culprits) and (without is not None or not back > frozenset(found.culprits)):
        yield f"{sorted(back)} was taken back in place of the culprits, which gives {without}"
    if back != frozenset(found.culprits) and not found.note:
        yield "it does not tell what was taken back beside the culprits"


def _misread(tangle: Tangle, experiment: Experiment) -> Iterator[str]:
    new = frozenset(move.package for move in experiment.moved)
    if experiment.reading.label != tangle.label(new):
        yield f"{sorted(new)} is called {experiment.reading.label} and is {tangle.label(new)}"


def _superfluous(tangle: Tangle, culprits: Units, alone: Label) -> Iterator[str]:
    """A smaller set that can be seen to do, where it is this set that is said to be the smallest."""
    every = frozenset(tangle.packages)
    is_cause = any(cause <= culprits for cause in tangle.causes)
    # Where they cannot be seen alone, it is told of them only that it takes them.
    is_part = alone is None and all(cause & culprits for cause in tangle.causes)
    if not (is_cause or is_part):
        yield f"{sorted(culprits)} hold no cause"
    for fewer in map(frozenset, _subsets(sorted(culprits))):
        if tangle.label(fewer) == NEW:
            yield f"of {sorted(culprits)}, {sorted(fewer)} alone would do"
        if alone != NEW and tangle.label(every - fewer) == OLD:
            yield f"without just {sorted(fewer)} of {sorted(culprits)} there is no change"


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All that are smaller: of many, those that lack one or two, or are one or two."""
    sizes = range(1, len(names)) if len(names) <= 10 else {1, 2, len(names) - 2, len(names) - 1}
    return chain.from_iterable(combinations(names, size) for size in sizes)


def _beside(tangle: Tangle, found: Suspects, without: Label) -> Iterator[str]:
    """The further sets: each does by itself, and where the others still do, there is one."""
    sets = [frozenset(found.culprits), *map(frozenset, found.others)]
    for other in sets[1:]:
        if tangle.label(other) != NEW:
            yield f"{sorted(other)} do not make the change by themselves"
        yield from _superfluous(tangle, other, NEW)
    clear = clear_causes(tangle)
    # The library itself comes first, and nothing else where taking it back is all that shows it.
    is_library = found.culprits == ("toy",) and tangle.label(frozenset({"toy"})) is None
    if not is_decided(found) and not is_library and len(tangle.causes) == 1 and clear and sets != clear:
        yield f"{sorted(clear[0])} can be told, and it says {found.culprits}"
    if len(set().union(*sets)) != sum(map(len, sets)):
        yield "sets of culprits overlap"
    if (without == NEW) != bool(sets[1:]):
        yield f"all without the culprits gives {without}, and it names the others {found.others}"


def is_decided(found: Suspects) -> bool:
    """Whether it claims to be sure of the culprits."""
    return "could not be measured" not in found.note and (found.is_proven or bool(found.others))


def clear_causes(tangle: Tangle) -> list[Units]:
    """The causes that can be seen to be causes: they make the change, and without any one member not."""
    return [
        cause
        for cause in tangle.causes
        if tangle.label(cause) == NEW and all(tangle.label(cause - {name}) == OLD for name in cause)
    ]


_BEHAVE = """\
from importlib import import_module

VERSION = {version!r}
CAUSES = {causes!r}


def behave(history):
    for cause in CAUSES[history]:
        if all(import_module(name).VERSION != "1.0" for name in cause):
            raise ValueError("shapes disagree: 2 and 3")
"""
HEADER = edited('failing = ["toy<2"]', 'failing = ["toy<0"]').partition("\n[tool.case.fix.pin]")[0] + "\n"


def publish(index: ToyIndex, tangles: Sequence[Tangle]) -> None:
    """Two releases of the library, between which all that it needs has moved; in all, the same.

    The last package has a release in between, which is as the new one.
    """
    packages, needs = tangles[0].packages, dict(tangles[0].needs)
    causes = [[sorted(cause) for cause in tangle.causes] for tangle in tangles]
    for version, day, moved in (("1.0", "2024-01-01", "2023-01-01"), ("2.0", "2024-06-01", "2024-03-01")):
        text = _BEHAVE.format(version=version, causes=causes)
        toy = write_wheel(index.folder, "toy", version, {"toy.py": text}, requires=packages[1:])
        index.add(toy, uploaded=day)
        for name in packages[1:]:
            bound = ">=2" if version == "2.0" else "<2"
            requires = [f"{needs[name]}{bound}"] if name in needs else []
            index.add(_dependency(index, name, version, requires), uploaded=moved)
    index.add(_dependency(index, packages[-1], "1.5", []), uploaded="2024-02-15")


def _dependency(index: ToyIndex, name: str, version: str, requires: Sequence[str]) -> Path:
    return write_wheel(
        index.folder, name, version, {f"{name}.py": f"VERSION = {version!r}\n"}, requires=requires
    )


def write_cases(root: Path, count: int) -> None:
    for number in range(count):
        path = root / "cases" / "toy" / f"{number}_history.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = f'def failure():\n    """Asks."""\n    import toy\n    toy.behave({number})\n'
        path.write_text(f'{block(HEADER)}"""History {number}."""\n\n\n{body}', encoding="utf-8")
