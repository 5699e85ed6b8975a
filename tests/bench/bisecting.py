"""Bisecting: steps of a search, environments that searches share, and commits against `git bisect run`."""

from __future__ import annotations

import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # where `toy` lies

from toy.history_releases import FAILING, FIXED, GOOD, History, ToyLibrary, plan_library
from toy.user import toy_world

from harness.bisect.repository import Repository
from harness.bisect.search import Search
from harness.environment.uv import find_python
from harness.workspace import Workspace
from tests.bench.measure import Figure, clock

SIZES = range(5, 201)
RELEASES, SEARCHES = 40, 20
TOY = "lib"

REPOSITORY = "BENCH_REPO"
"""The environment variable that names a clone of the library below; `--repo` sets it."""
CASE, PACKAGE, OLD, NEW = "numpyro-1739", "numpyro", "0.16.1", "0.17.0"
CULPRIT = "fa3f731127"


def figures(root: Path) -> Iterator[Figure]:
    yield _steps_of_search()
    yield from _sharing()
    clone = os.environ.get(REPOSITORY)
    if clone:
        yield from _against_git(root, Path(clone).resolve())
    else:
        print(f"skip commits against `git bisect run`: give a clone of {PACKAGE} by --repo or {REPOSITORY}")


def _allowed(size: int) -> int:
    return math.ceil(math.log2(size)) + 2


def _over(what: str, excess: int, detail: str) -> Figure:
    return Figure(what=what, value=excess, bound=0, at_least=False, unit=" steps", detail=detail)


# Steps


def _steps_of_search() -> Figure:
    excess = [_measured(size, at) - _allowed(size) for size in SIZES for at in range(1, size)]
    detail = f"[{len(excess)} searches: one change, at every place of {SIZES[0]} to {SIZES[-1]} points]"
    return _over("points of a search beyond ceil(log2 n) + 2", max(excess), detail)


def _measured(size: int, at: int) -> int:
    """How many points a search of one change asks for."""
    search = Search(size)
    while (point := search.next_point()) is not None:
        search.tell(point, "fixed" if point >= at else "failing")
    (change,) = search.changes()
    assert (change.before, change.after) == (at - 1, at)
    return len(search.told)


# Sharing


@dataclass(kw_only=True)
class _Runs:
    """What commands built and measured, and how long they took."""

    builds: int = 0
    seconds: float = 0.0
    points: list[int] = field(default_factory=list)


def _sharing() -> Iterator[Figure]:
    """Every header calls all releases failing, so that none tells where its change is; all have locks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "uv").mkdir()
        library = _library()
        with toy_world(folder, folder / "uv") as index:
            library.publish(index)
            project = folder / "project"
            _write_project(project, library)
            names = [f"{TOY}-{history.number}" for history in library.histories]
            _searched(library, project, names[:1], "--every")  # fills uv's cache
            separate = [_searched(library, project, [case]) for case in names]
            together = _searched(library, project, names)
    builds, seconds = sum(run.builds for run in separate), sum(run.seconds for run in separate)
    points = max(count for run in separate for count in run.points)
    told = f"[{SEARCHES} changes at as many places of {RELEASES} releases, no hints]"
    yield _over("points of `harness bisect --releases-only` beyond it", points - _allowed(RELEASES), told)
    counts = f"[{together.builds} against {builds}]"
    yield _share(f"builds of {SEARCHES} searches together over separate", together.builds / builds, counts)
    times = f"[{together.seconds:.1f} s against {seconds:.1f} s]"
    yield _share("the same, time", together.seconds / seconds, times)


def _share(what: str, value: float, detail: str) -> Figure:
    return Figure(what=what, value=value, bound=1 / 3, at_least=False, unit="x", detail=detail)


def _library() -> ToyLibrary:
    library = plan_library(TOY, [GOOD] * RELEASES)
    versions = [release.version for release in library.releases]
    for number, at in enumerate(random.Random(0).sample(range(1, RELEASES), SEARCHES)):
        codes = {version: FIXED if place >= at else FAILING for place, version in enumerate(versions)}
        library.histories.append(History(number, frozenset(), codes, claimed=versions))
    return library


def _write_project(project: Path, library: ToyLibrary) -> None:
    library.write_cases(project)
    library.write_locks(project)
    (project / "pyproject.toml").write_text(library.config())
    for path in project.glob("cases/*/*.py"):  # a second is too little where the machine is busy
        path.write_text(path.read_text().replace("timeout = 1", "timeout = 60"))


def _searched(library: ToyLibrary, project: Path, cases: Sequence[str], *options: str) -> _Runs:
    """A command with nothing stored and nothing built; uv's downloads are there."""
    shutil.rmtree(project / ".harness", ignore_errors=True)
    with tempfile.TemporaryDirectory() as cache:
        runs = _Runs()
        with clock() as measured:
            _bisect(project, Path(cache), *cases, "--releases-only", *options)
        runs.seconds = measured.seconds
        runs.builds = len(list(Path(cache).glob("environments/*/built.json")))
    for case in cases:
        found = _answer(project, case)["releases"]
        _check(library.histories[int(case.rpartition("-")[2])], found)
        runs.points.append(sum(not point["reading"]["stored"] for point in found["points"]))
    return runs


def _check(history: History, found: dict[str, Any]) -> None:
    true = [
        (one, other) for one, other in pairwise(history.codes) if history.codes[one] != history.codes[other]
    ]
    assert [(each["before"]["name"], each["after"]["name"]) for each in found["changes"]] == true, found


def _bisect(project: Path, cache: Path, *arguments: object) -> None:
    command = [sys.executable, "-m", "harness", "bisect", "--root", project, *arguments]
    words, environment = [str(word) for word in command], {**os.environ, "HARNESS_CACHE": str(cache)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _answer(project: Path, case: str) -> dict[str, Any]:
    (path,) = (project / ".harness/bisect").glob(f"{case}.failure*.json")
    answer: dict[str, Any] = json.loads(path.read_text())
    return answer


# Commits

_STEP = """\
echo step >> "$STEPS"
git clean -qxdf || exit 125
rm -rf "$VENV" && "$PYTHON" -m venv "$VENV" || exit 125
"$VENV/bin/python" -m pip install --quiet --no-deps -r "$HELD" . > "$VENV.log" 2>&1 || exit 125
"$VENV/bin/python" "$CASE" > "$VENV.log" 2>&1 && exit 1
grep -qE "$SYMPTOM" "$VENV.log" && exit 0
exit 125
"""
"""A step of `git bisect run`: 0 where the commit still has the issue, 1 where it has not, else 125.

Without --no-deps, pip would refuse the commits whose own bounds do not admit the held versions.
"""


@dataclass(frozen=True, kw_only=True)
class _Hunt:
    """A search over commits: its answer, how many commits it measured, and its time."""

    culprit: str
    commits: int
    seconds: float

    @property
    def each(self) -> float:
        return self.seconds / self.commits


def _against_git(root: Path, clone: Path) -> Iterator[Figure]:
    """Ours proves both ends and reverts the culprit, too; git trusts its ends.

    Cold means nothing built; the downloads of uv and pip are there, each filled by a run or a step before.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold, kept = _our_commits(root, folder, clone)
        theirs = _their_commits(root, folder, clone)
    assert cold.culprit == kept.culprit == theirs.culprit, (cold, kept, theirs)
    assert cold.culprit.startswith(CULPRIT), cold
    counts = f"{cold.commits} commits, theirs {theirs.commits}; both find {cold.culprit[:10]}"
    yield _faster("a commit of `git bisect run` with venv and pip over ours, cold", theirs.each, cold.each)
    yield _faster(f"the whole search, cold [{counts}]", theirs.seconds, cold.seconds)
    yield _faster("the same, the environments of the releases kept", theirs.seconds, kept.seconds)


def _faster(what: str, theirs: float, ours: float) -> Figure:
    detail = f"[{theirs:.1f} s against {ours:.1f} s]"
    return Figure(what=what, value=theirs / ours, bound=5, at_least=True, unit="x", detail=detail)


def _our_commits(root: Path, folder: Path, clone: Path) -> Iterator[_Hunt]:
    """The command with releases and packages in its journal: only the commits are left to measure."""
    project = folder / "project"
    shutil.copytree(root / "cases" / PACKAGE, project / "cases" / PACKAGE)
    shutil.copytree(root / "harness" / "locks", project / "harness" / "locks")
    shutil.copy(root / "pyproject.toml", project)
    ends = [CASE, "--good", NEW, "--bad", OLD]
    _bisect(project, folder / "releases", *ends)
    (project / ".harness").rename(folder / "known")
    for cache in ("filling", "cold", "releases"):
        shutil.rmtree(project / ".harness", ignore_errors=True)
        shutil.copytree(folder / "known", project / ".harness")
        with clock() as measured:
            _bisect(project, folder / cache, *ends, "--repo", clone)
        if cache != "filling":
            yield _hunt(_answer(project, CASE), measured.seconds)


def _hunt(answer: dict[str, Any], seconds: float) -> _Hunt:
    (change,) = answer["releases"]["changes"]
    commits = change["commits"]
    count = len(commits["points"]) + bool(commits["reverted"])
    return _Hunt(culprit=commits["culprit"]["sha"], commits=count, seconds=seconds)


def _their_commits(root: Path, folder: Path, clone: Path) -> _Hunt:
    work, steps = folder / "work", folder / "steps"
    _git(folder, "clone", "--quiet", "--shared", "--no-checkout", clone, work)
    # Notebooks are large, belong to no package, and are what a partial clone lacks.
    _git(work, "sparse-checkout", "set", "--no-cone", "/*", "!/notebooks/")
    (folder / "step.sh").write_text(_STEP)
    environment = _step_environment(root, folder, steps)
    last, first = (Repository.open(clone).tag_of(PACKAGE, version) for version in (NEW, OLD))
    _git(work, "checkout", "--quiet", "--detach", last)
    _git(work, "bisect", "start", "--first-parent", "--term-old=failing", "--term-new=fixed", last, first)
    step = ["sh", str(folder / "step.sh")]
    subprocess.run(step, cwd=work, env=environment, check=False)  # fills pip's cache
    steps.unlink()
    with clock() as measured:
        done = subprocess.run(
            ["git", "bisect", "run", *step],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    found = re.search(r"([0-9a-f]{40}) is the first fixed commit", done.stdout)
    assert found, done.stdout + done.stderr
    return _Hunt(culprit=found[1], commits=len(steps.read_text().split()), seconds=measured.seconds)


def _step_environment(root: Path, folder: Path, steps: Path) -> dict[str, str]:
    """What the step reads: the held versions are those of the proven environment, as on our side."""
    workspace = Workspace.at(root)
    lock = workspace.lock(f"{PACKAGE}-{NEW}")
    (case,) = (case for case in workspace.cases if case.id == CASE)
    held = folder / "held.txt"
    held.write_text("".join(f"{name}=={lock.packages[name]}\n" for name in lock.packages if name != PACKAGE))
    return {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "PYTHON": find_python(lock.python),
        "STEPS": str(steps),
        "VENV": str(folder / "venv"),
        "HELD": str(held),
        "CASE": str(case.path),
        "SYMPTOM": "^ValueError: Model and guide shapes disagree at site: 'x'",
    }


def _git(folder: Path, *words: object) -> None:
    command = ["git", *(str(word) for word in words)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
