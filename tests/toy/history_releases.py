"""Random histories of releases: made-up libraries whose every release does something else for every case."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from packaging.version import Version

from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock, LockFolder
from harness.evidence import Evidence, Lack, Outcome
from toy.cases import attestation, block, lacking, raised, returned
from toy.histories import Label
from toy.index import ToyIndex
from toy.wheels import write_wheel

FAILING, FIXED, REJECTED = "F", ".", "R"
LABELS = {
    "failure": {FAILING: "failing", FIXED: "fixed", REJECTED: "rejected"},
    "fix_pin": {FAILING: "refuted", FIXED: "works"},
}
"""What the codes say of each variant; all others say nothing."""
UNCLEAR = "CKX"
"""Codes of what is neither the issue nor its absence: another error, a signal, a hard exit."""
SLOW = "T"
"""The code of what hangs: it costs a second where it really runs."""
FLAKY = {
    "a": [0],
    "b": [1],
    "c": [2],
    "d": [3],
    "e": [4],
    "f": [0, 1, 2, 3],
    "g": [1, 2, 3, 4],
    "h": [0, 2, 4],
}
"""Codes of chance: the seeds, of the first five, for which the symptom shows."""

_MODULE = """\
import os, signal, time

__version__ = {version!r}
TABLE = {table!r}
FLAKY = {flaky!r}


def behave(history, seed=0):
    code = TABLE[history]
    if code == "F" or seed in FLAKY.get(code, ()):
        raise ValueError("shapes disagree: 2 and 3")
    if code == "R":
        raise NotImplementedError("give a shape")
    if code == "C":
        raise TypeError("behave() takes no shape")
    if code == "K":
        os.kill(os.getpid(), signal.SIGSEGV)
    if code == "X":
        os._exit(3)
    if code == "T":
        time.sleep(600)
"""

GOOD, UNINSTALLABLE, FOREIGN, HOMELESS, UNIMPORTABLE, YANKED, PRERELEASE = (
    "good",
    "needs what does not exist",
    "has no wheel for this Python",
    "admits no Python of this machine",
    "cannot be imported",
    "yanked",
    "a prerelease",
)
NOT_SEARCHED = (YANKED, PRERELEASE)
NOT_RUNNABLE = (UNINSTALLABLE, FOREIGN, HOMELESS, UNIMPORTABLE)


@dataclass(frozen=True)
class Planned:
    """A release to publish."""

    version: str
    nature: str


@dataclass
class History:
    """What one case sees in every release of its library."""

    number: int
    features: frozenset[str]
    codes: dict[str, str]
    """Version to code, of every release whatever its nature."""
    claimed: Sequence[str] = ()
    """The versions that the header calls failing."""


@dataclass
class ToyLibrary:
    """A library with its releases, oldest first, and the histories that are planted in it."""

    name: str
    releases: list[Planned]
    histories: list[History] = field(default_factory=list)

    @property
    def searched(self) -> list[Planned]:
        return [release for release in self.releases if release.nature not in NOT_SEARCHED]

    def truth(self, history: History, *, variant: str = "failure", repeat: int = 1) -> dict[str, Label]:
        """Version to label of all that a search runs over, in order: what so many seeds agree on."""
        truth: dict[str, Label] = {}
        for release in self.searched:
            code = history.codes[release.version]
            seen = {LABELS[variant].get(_for_seed(code, seed)) for seed in range(repeat)}
            is_known = release.nature not in NOT_RUNNABLE and len(seen) == 1
            truth[release.version] = seen.pop() if is_known else None
        return truth

    def publish(self, index: ToyIndex) -> None:
        """Put all releases on an index, a month apart."""
        start = date(2019, 1, 1)
        for position, release in enumerate(self.releases):
            table = "".join(history.codes[release.version] for history in self.histories)
            text = _MODULE.format(version=release.version, table=table, flaky=FLAKY)
            if release.nature == UNIMPORTABLE:
                text = f'raise ImportError("{self.name} {release.version} needs a library that is gone")\n'
            wheel = write_wheel(
                index.folder,
                self.name,
                release.version,
                {f"{self.name}.py": text},
                requires=["not-on-this-index"] if release.nature == UNINSTALLABLE else (),
                requires_python=">=3.99" if release.nature == HOMELESS else None,
                tag="cp37-cp37m-any" if release.nature == FOREIGN else "py3-none-any",
            )
            uploaded = start + timedelta(days=30 * position)
            index.add(wheel, uploaded=str(uploaded), yanked=release.nature == YANKED)

    def write_locks(self, root: Path) -> None:
        """The locks of all releases, for a project without an index."""
        locks = LockFolder(path=root / "harness" / "locks")
        for release in (each for each in self.searched if each.nature != HOMELESS):
            is_lost = release.nature in (UNINSTALLABLE, FOREIGN)
            lock = Lock(
                id=EnvironmentId(library=self.name, version=Version(release.version)),
                python="3.11",
                as_of="2024-01-01",
                requested=(f"{self.name}=={release.version}",),
                packages={} if is_lost else {self.name: release.version},
                unresolvable=f"{self.name} {release.version} {release.nature}" if is_lost else "",
            )
            locks.put(lock)

    def write_cases(self, root: Path) -> None:
        folder = root / "cases" / self.name
        folder.mkdir(parents=True)
        for history in self.histories:
            (folder / f"{history.number}_history.py").write_text(self.case(history), encoding="utf-8")

    def evidence(self, release: str, number: int, seed: int) -> Evidence:
        """What running a case in a release gives, without running it."""
        (planned,) = (each for each in self.releases if each.version == release)
        if planned.nature == UNIMPORTABLE:
            return lacking(Lack.IMPORT)
        match _for_seed(self.histories[number].codes[release], seed):
            case "F":
                return raised("builtins.ValueError", "shapes disagree: 2 and 3")
            case "R":
                return raised("builtins.NotImplementedError", "give a shape")
            case "C":
                return raised("builtins.TypeError", "behave() takes no shape")
            case "K" | "X":
                return Evidence(outcome=Outcome.CRASHED)
            case "T":
                return Evidence(outcome=Outcome.TIMED_OUT)
        return returned(attested=attestation())

    def config(self) -> str:
        return (
            f"[tool.harness.library.{self.name}]\n\n[[tool.harness.axis]]\n"
            f'library = "{self.name}"\nresolution = "period"\npython = "3.11"\n\n'
        )

    def case(self, history: History) -> str:
        """The text of a history's case file."""
        where = _ranges(self.name, [release.version for release in self.releases], history.claimed)
        header = (
            f'requires-python = ">=3.9"\ndependencies = ["{self.name}"]\n\n'
            f'[tool.case]\nissue = "https://example.org/toy/issues/{history.number}"\nkind = "bug"\n'
            f'api = ["{self.name}.behave"]\ntimeout = 1\n\n'
            f'[tool.case.failure]\nraises = "ValueError"\nmatch = "shapes disagree"\nfailing = {where}\n\n'
            '[tool.case.rejected]\nraises = "NotImplementedError"\nmatch = "give a shape"\n'
            f'rejected = ["{self.name}<0"]\n\n'
            '[tool.case.fix.pin]\nsource = "documented"\nraises = "ValueError"\nmatch = "shapes disagree"\n'
            f"refuted = {where}\n"
        )
        body = f"    import {self.name}\n    {self.name}.behave({history.number}, seed)\n"
        functions = "".join(
            f'\n\ndef {name}(seed):\n    """Asks."""\n{body}' for name in ("failure", "fix_pin")
        )
        return f'{block(header)}"""History {history.number} of {self.name}."""\n{functions}'


def _for_seed(code: str, seed: int) -> str:
    """What a code of chance comes to."""
    return code if code not in FLAKY else FAILING if seed in FLAKY[code] else FIXED


def _ranges(name: str, versions: Sequence[str], claimed: Sequence[str]) -> list[list[str]]:
    """Conditions, or-ed, of stretches of releases; of none at all one that never holds."""
    stretches = [list(group) for is_in, group in groupby(versions, lambda v: v in claimed) if is_in]
    return [[f"{name}>={each[0]}", f"{name}<={each[-1]}"] for each in stretches] or [[f"{name}<0"]]


def plan_library(name: str, natures: Sequence[str]) -> ToyLibrary:
    """A library with releases of these natures: 1.0, 1.1 and so on; prereleases are called so."""
    suffix = {PRERELEASE: "rc1"}
    return ToyLibrary(
        name, [Planned(f"1.{at}{suffix.get(nature, '')}", nature) for at, nature in enumerate(natures)]
    )


def random_natures(chance: random.Random, size: int) -> list[str]:
    """Mostly good releases, with stretches and single ones that are not."""
    natures = [GOOD] * size
    for _ in range(size // 6):
        nature = chance.choice(NOT_RUNNABLE)
        start, length = chance.randrange(size), chance.choice([1, 1, 2, 3])
        natures[start : start + length] = [nature] * len(natures[start : start + length])
    for nature in (YANKED, PRERELEASE):
        for at in chance.sample(range(size), size // 10):
            natures[at] = nature
    return natures


def random_history(
    chance: random.Random, library: ToyLibrary, number: int, *, flaky: bool, slow: str = ""
) -> History:
    """A history with a few changes, and stretches in which the case shows something else."""
    versions = [release.version for release in library.releases]
    changes = min(chance.choice([0, 1, 1, 1, 1, 1, 2, 2, 3, 4]), len(versions) - 1)
    cuts = sorted(chance.sample(range(1, len(versions)), changes))
    codes = list(_alternating(chance, cuts, len(versions)))
    features = {["no change", "one change", "several changes"][min(changes, 2)]}
    features |= {"broken again"} if [c for c, _ in groupby(codes)][:3] == [FAILING, FIXED, FAILING] else set()
    features |= {"rejected"} if REJECTED in codes else set()
    if chance.random() < 0.5:
        features.add("changed stretch")
        for _ in range(chance.choice([1, 1, 2, 3])):
            start, length = chance.randrange(len(codes)), chance.choice([1, 2, 4, len(codes) // 2])
            codes[start : start + length] = chance.choice(UNCLEAR + slow) * len(codes[start : start + length])
    if flaky:
        features.add("flaky")
        for at in chance.sample(range(len(codes)), chance.randint(1, max(1, len(codes) // 3))):
            codes[at] = chance.choice(list(FLAKY))
    history = History(number, frozenset(features), dict(zip(versions, codes, strict=True)))
    history.claimed = _claim(chance, history)
    return history


def _alternating(chance: random.Random, cuts: Sequence[int], size: int) -> Iterator[str]:
    code = chance.choice([FAILING, FIXED])
    for at in range(size):
        if at in cuts:
            code = chance.choice([c for c in (FAILING, FAILING, FIXED, FIXED, REJECTED) if c != code])
        yield code


def _claim(chance: random.Random, history: History) -> Sequence[str]:
    """What the header says: nothing, the truth, or what comes to its author's mind."""
    truth = [version for version, code in history.codes.items() if code == FAILING]
    kind = chance.choice(["silent", "right", "wrong"])
    history.features = history.features | {f"{kind} header"}
    if kind == "silent":
        return ()
    return truth if kind == "right" else [version for version in history.codes if chance.random() < 0.5]


def census(libraries: Sequence[ToyLibrary]) -> Mapping[str, int]:
    """How many histories have each feature, those that come with the releases included."""
    counts: dict[str, int] = {}
    for library in libraries:
        natures = {release.nature for release in library.releases} - {GOOD}
        for history in library.histories:
            for feature in history.features | natures:
                counts[feature] = counts.get(feature, 0) + 1
    return counts
