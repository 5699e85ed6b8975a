"""`harness bisect`: since when, until when, because of what; or one sentence that says why not."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bisect_world import (
    BODIES,
    BREAKS,
    CHANGES,
    CONFIG,
    DEP,
    DRIFT,
    HEADER,
    WORKS,
    bisect_world,
    dep_module,
    failing_in,
    header_of,
    lock_of,
    new_project,
    toy_repository,
)
from toy.repository import ToyRepository, package
from toy.user import Project, contents, harness
from toy.wheels import write_wheel

from harness.bisect import campaign
from harness.environment.lock import LockFolder
from harness.environment.resolve import Resolver
from harness.errors import NoEvidence

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(scope="module")
def world(tmp_path_factory, uv_cache):
    with bisect_world(tmp_path_factory.mktemp("world"), uv_cache) as index:
        yield index


@pytest.fixture
def project(tmp_path) -> Project:
    return new_project(tmp_path / "project")


@pytest.fixture(scope="module")
def searched(world, tmp_path_factory) -> Path:
    """The folder of a project in which all releases were measured."""
    project = new_project(tmp_path_factory.mktemp("searched") / "project")
    assert project.harness("bisect", "toy-7", "--every").code == 0
    return project.root


@dataclass(frozen=True)
class Copied(Project):
    """A copy of a project, whose cases still note where they always did that they ran."""

    notes: Path

    @property
    def _notes(self) -> Path:
        return self.notes


@pytest.fixture
def measured(searched, tmp_path) -> Project:
    notes = searched.parent / f"{searched.name}.ran"
    copied = Copied(shutil.copytree(searched, tmp_path / "project"), notes)
    copied.ran()
    return copied


@pytest.fixture(scope="module")
def clone(world, tmp_path_factory) -> ToyRepository:
    """A clone of toy with a work tree, whose user has uncommitted changes in it."""
    toy = toy_repository(tmp_path_factory.mktemp("clones") / "toy")
    (toy.path / "toy.py").write_text("half an idea")
    (toy.path / "notes.txt").write_text("mine")
    return toy


def answer(project: Project, name: str = "toy-7.failure") -> dict[str, Any]:
    return json.loads((project.root / ".harness" / "bisect" / f"{name}.json").read_text())


def page(project: Project, name: str = "toy-7.failure") -> str:
    return (project.root / ".harness" / "bisect" / f"{name}.md").read_text()


def changes(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(c["kind"], c["before"]["name"], c["after"]["name"]) for c in found["releases"]["changes"]]


BOTH = [("introduced", "1.1", "1.2"), ("fixed", "1.3", "2.0")]


# Releases


def test_a_change_forth_and_back_is_found_told_and_written(project):
    said = project.harness("bisect", "toy-7")
    assert (said.code, said.err) == (0, "")
    headline, ran = said.out.splitlines()[-2:]
    assert headline == (
        "toy-7 failure: not failing up to 1.1, failing from 1.2, because of toy, the only package that "
        "differs; failing up to 1.3, fixed from 2.0, because of toy, the only package that differs."
    )
    assert ran == f"6 cells ran in 6 environments; reports are in {project.root / '.harness' / 'bisect'}"
    found = answer(project)
    assert (found["case"], found["is_decided"], changes(found)) == ("toy-7", True, BOTH)
    assert found["command"] == "harness bisect toy-7"
    assert [c["suspects"]["culprits"] for c in found["releases"]["changes"]] == [["toy"], ["toy"]]
    assert "to find the commit, add --repo toy=PATH" in said.out
    assert page(project).startswith(
        "**[toy-7](https://example.org/toy/issues/7) `failure`: not failing up to"
    )


def test_asked_again_nothing_runs_and_the_answer_is_the_same(measured):
    before = answer(measured)["releases"]
    said = measured.harness("bisect", "toy-7", "--every")
    assert (said.code, measured.ran()) == (0, [])
    assert said.summary.startswith("0 cells ran in 0 environments")
    after = answer(measured)["releases"]
    assert [p["reading"]["label"] for p in after["points"]] == [
        p["reading"]["label"] for p in before["points"]
    ]


def test_what_the_matrix_measured_is_not_measured_again(project):
    assert project.harness("matrix", "--case", "toy-7", "--env", "toy-1.1", "--env", "toy-1.2").code == 0
    project.ran()
    project.harness("bisect", "toy-7")
    assert project.ran() == ["failure 1.0", "failure 1.3", "failure 2.0", "failure 2.1"]


def test_with_rerun_nothing_that_is_stored_counts(measured):
    said = measured.harness(
        "bisect", "toy-7", "--since", "1.2", "--until", "2.0", "--rerun", "--releases-only"
    )
    assert (said.code, measured.ran()) == (0, ["failure 1.2", "failure 1.3", "failure 2.0"])


def test_every_release_is_measured_where_that_is_asked_for(project):
    project.case(header=HEADER.replace(">=1.2,<2", "==9"), bodies=failing_in("False"))
    assert project.harness("bisect", "toy-7", "--every").code == 0
    assert len(project.ran()) == 6
    assert answer(project)["releases"]["unmeasured"] == []


def test_a_case_that_no_release_shows_is_an_answer_too(project):
    project.case(bodies={**BODIES, "failure": "pass"}, header=HEADER)
    said = project.harness("bisect", "toy-7", "--since", "2.0", "--until", "2.1")
    assert said.code == 0
    assert said.out.splitlines()[-2] == "toy-7 failure: not failing in any release measured, 2.0 to 2.1."


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        (["--since", "1.3"], BOTH[1:]),
        (["--until", "1.3"], BOTH[:1]),
        (["--since", "2024-04-01"], BOTH[1:]),
        (["--until", "2024-04-30"], BOTH[:1]),
        (["--since", "1.1", "--until", "2024-03-01"], BOTH[:1]),
        (["--good", "1.1", "--bad", "1.3"], BOTH[:1]),
        (["--good", "2.0", "--bad", "1.2"], BOTH[1:]),
        (["--good", "2024-06-30", "--bad", "2024-03-15"], BOTH[1:]),
        (["--since", "1.2", "--until", "1.3"], []),
    ],
)
def test_a_search_is_bounded_by_versions_days_and_proven_ends(measured, bounds, found):
    assert measured.harness("bisect", "toy-7", "--releases-only", *bounds).code == 0
    assert (changes(answer(measured)), measured.ran()) == (found, [])


def test_only_releases_are_searched_where_that_is_all_that_is_asked_for(measured):
    said = measured.harness("bisect", "toy-7", "--releases-only")
    assert "suspects" not in said.out
    assert [c["suspects"] for c in answer(measured)["releases"]["changes"]] == [None, None]
    assert answer(measured)["command"] == "harness bisect toy-7 --releases-only"


def test_a_remedy_is_searched_as_a_failure_is(project):
    said = project.harness("bisect", "toy-7", "--variant", "fix_pin", "--since", "2.0")
    assert said.code == 0
    assert said.out.splitlines()[-2] == "toy-7 fix_pin: works in every release measured, 2.0 to 2.1."
    assert answer(project, "toy-7.fix_pin")["variant"] == "fix_pin"
    assert project.ran() == ["fix_pin 2.0", "fix_pin 2.1"]


def test_every_device_is_searched_by_itself_and_its_answer_kept_apart(measured):
    said = measured.harness("bisect", "toy-7", "--device", "cpu", "--device", "tpu", "--since", "2.1")
    assert (said.code, measured.ran()) == (3, [])
    lines = said.out.splitlines()
    assert lines[-3] == "toy-7 failure: not failing in 2.1, the only release measured."
    assert lines[-2].startswith("toy-7 failure on tpu: no evidence: 1 point gives no verdict (unsupported: ")
    assert [answer(measured, name)["device"] for name in ("toy-7.failure", "toy-7.failure.tpu")] == [
        "cpu",
        "tpu",
    ]
    command = answer(measured, "toy-7.failure.tpu")["command"]
    assert command == "harness bisect toy-7 --since 2.1 --device cpu --device tpu"


def test_repeated_runs_have_seeds_of_their_own_and_are_told(project):
    said = project.harness("bisect", "toy-7", "--since", "2.0", "--repeat", "3")
    assert (said.code, project.ran()) == (0, ["failure 2.0"] * 3 + ["failure 2.1"] * 3)
    found = answer(project)
    assert (found["repeat"], found["confidence"]["runs"]) == (3, 3)
    assert found["command"] == "harness bisect toy-7 --since 2.0 --repeat 3"


def test_where_releases_give_no_verdict_the_range_is_told_with_exit_code_3(project):
    bodies = failing_in("v < (1, 2)", changed_in="v in {(1, 2), (1, 3)}")
    project.case(header=HEADER, bodies=bodies)
    said = project.harness("bisect", "toy-7", "--releases-only")
    assert said.code == 3
    assert said.out.splitlines()[-2] == (
        "toy-7 failure: failing up to 1.1, fixed from 2.0 at the latest: the change is between 1.1 and 2.0, "
        "where 2 points give no verdict (changed: TypeError: it takes no shape)."
    )
    found = answer(project)
    assert (found["is_decided"], changes(found)) == (False, [("fixed", "1.1", "2.0")])
    assert found["releases"]["changes"][0]["undecided"] == ["1.2", "1.3"]


def test_a_release_to_try_is_tested_first_with_the_one_before_it(project):
    project.case(header=HEADER.replace(">=1.2,<2", "==9"), bodies=BODIES)
    said = project.harness("bisect", "toy-7", "--try", "2.0", "--releases-only")
    steps = [line.split()[2] for line in said.out.splitlines() if line.startswith("step")]
    assert (steps[:2], changes(answer(project))) == (["toy-1.3", "toy-2.0"], BOTH)


def test_environments_without_a_lock_are_resolved_once(project, world):
    project.forget_locks()
    assert project.harness("bisect", "toy-7", "--since", "1.3", "--until", "2.0", "--rerun").code == 0
    asked = world.requests.total()
    said = project.harness("bisect", "toy-7", "--since", "1.3", "--until", "2.0")
    assert (said.code, changes(answer(project))) == (0, BOTH[1:])
    assert world.requests.total() == asked + 1  # the releases of toy
    assert not list((project.root / "harness" / "locks").iterdir())


# Packages


@pytest.fixture
def drift(project) -> Project:
    bodies = {"failure": "import dep\n    dep.gone", "fix_pin": "pass"}
    project.case("toy/5_drifts.py", header_of(5, DRIFT), bodies)
    return project


def test_drift_is_explained_by_the_package_that_moved_and_its_release(drift):
    said = drift.harness("bisect", "toy-5")
    assert said.code == 0
    assert said.out.splitlines()[-2] == (
        "toy-5 failure: failing in every release measured, 1.0 to 2.1; not failing in toy-2.1, failing in "
        "toy-2.1@latest, because of dep, the only package that differs (dep: not failing up to 1.0, failing "
        "from 2.0)."
    )
    found = answer(drift, "toy-5.failure")["drift"]
    assert found["suspects"]["culprits"] == ["dep"]
    assert [(c["before"]["name"], c["after"]["name"]) for c in found["pair"]["changes"]] == [("1.0", "2.0")]


def test_the_repository_of_a_drifted_package_gives_the_commit_and_is_in_the_command(drift, tmp_path):
    toy = ToyRepository(tmp_path / "dep")
    toy.commit(package(dep_module("1.0"), name="dep"), "start", tag="1.0")
    toy.commit({"dep.py": dep_module("2.0")}, "take it away (#3)", tag="2.0")
    toy.write()
    asked = ["--since", "2.1", "--try", "2.1", "--repo"]
    said = drift.harness("bisect", "toy-5", *asked, f"dep={toy.path}")
    assert said.code == 0
    found = answer(drift, "toy-5.failure")
    commits = found["drift"]["pair"]["changes"][0]["commits"]
    assert (commits["culprit"]["sha"], commits["culprit"]["pull_request"]) == (toy.shas[1], 3)
    assert found["command"] == f"harness bisect toy-5 {shlex.join(asked)} dep=dep"


def test_the_releases_of_another_package_are_searched_with_the_rest_held(drift):
    said = drift.harness("bisect", "toy-5", "--package", "dep", "--env", "toy-1.2")
    assert said.code == 0
    found = answer(drift, "toy-5.failure.dep")
    assert changes(found) == [("introduced", "1.0", "2.0")]
    assert (found["releases"]["package"], found["releases"]["held"]) == ("dep", "the rest as in toy-1.2")
    assert found["command"] == "harness bisect toy-5 --package dep --env toy-1.2"
    assert found["drift"] is None
    assert {p["packages"]["toy"] for p in found["releases"]["points"]} == {"1.2"}


def test_another_package_that_makes_no_difference_is_an_answer(measured):
    said = measured.harness("bisect", "toy-7", "--package", "dep", "--env", "toy-1.2")
    assert (said.code, changes(answer(measured, "toy-7.failure.dep"))) == (0, [])


def test_the_rest_may_be_the_newest_or_pinned(drift):
    assert drift.harness("bisect", "toy-5", "--resolution", "period", "--releases-only").code == 0
    assert changes(answer(drift, "toy-5.failure.period")) == []
    assert (
        drift.harness("bisect", "toy-5", "--with", "dep==2.0", "--since", "2.1", "--releases-only").code == 0
    )
    found = answer(drift, "toy-5.failure.dep-2.0")["releases"]
    assert (found["held"], found["points"][0]["reading"]["label"]) == ("with dep 2.0", "failing")


def test_a_release_that_was_taken_back_since_is_no_obstacle_between_two_environments(drift, world):
    with_yank = sorted(world.folder.glob("dep-3.0-*.whl"))[0]
    world.add(with_yank, uploaded=DEP["3.0"], yanked=True)
    said = drift.harness("bisect", "toy-5", "--since", "2.1")
    world.add(with_yank, uploaded=DEP["3.0"])
    assert (said.code, said.err) == (0, "")
    found = answer(drift, "toy-5.failure")["drift"]["pair"]
    assert [(c["before"]["name"], c["after"]["name"]) for c in found["changes"]] == [("1.0", "2.0")]


# Commits


def test_the_commit_is_found_proven_and_named_in_the_report(measured, clone):
    before = contents(clone.path)
    said = measured.harness("bisect", "toy-7", "--repo", clone.path)
    assert said.code == 0
    broke, mended = clone.shas[3][:10], clone.shas[6][:10]
    assert said.out.splitlines()[-2] == (
        "toy-7 failure: not failing up to 1.1, failing from 1.2, because of toy, the only package that "
        f"differs, by commit {broke} (2024-01-04, check shapes, #12); failing up to 1.3, fixed from 2.0, "
        f"because of toy, the only package that differs, by commit {mended} (2024-01-07, do not check "
        "shapes, #15)."
    )
    first, second = (change["commits"] for change in answer(measured)["releases"]["changes"])
    assert (first["culprit"]["sha"], first["before"]["sha"]) == (clone.shas[3], clone.shas[2])
    assert (first["reverted"]["reading"]["label"], second["reverted"]["reading"]["label"]) == (
        "fixed",
        "failing",
    )
    assert (first["first"], first["last"], first["total"], first["held"]) == ("1.1", "1.2", 3, "toy-1.2")
    assert f"first commit that is failing: `{broke}` (2024-01-04, `check shapes`, `#12`)" in page(measured)
    assert contents(clone.path) == before
    assert measured.harness("bisect", "toy-7", "--repo", f"toy={clone.path}").code == 0
    assert contents(clone.path) == before


def test_a_commit_to_try_is_tested_with_its_parent(measured, clone):
    said = measured.harness(
        "bisect", "toy-7", "--until", "1.3", "--repo", f"toy={clone.path}", "--try", clone.shas[3][:7]
    )
    assert said.code == 0
    commits = said.out.partition("commits of toy between")[2]
    steps = [line.split()[2] for line in commits.splitlines() if line.startswith("step")]
    assert steps[2:4] == [clone.shas[2][:10], clone.shas[3][:10]]
    assert answer(measured)["command"].startswith(
        f"harness bisect toy-7 --until 1.3 --try {clone.shas[3][:7]}"
    )


@pytest.mark.parametrize("text", ["1.2", "1.2.0"])
def test_a_release_to_try_is_no_commit_to_try(measured, clone, text):
    said = measured.harness("bisect", "toy-7", "--until", "1.3", "--repo", clone.path, "--try", text)
    assert said.code == 0
    (change,) = answer(measured)["releases"]["changes"]
    assert change["commits"]["culprit"]["sha"] == clone.shas[3]


def test_the_ends_of_the_commits_may_be_given(measured, clone):
    ends = ["--first", clone.shas[2], "--last", clone.shas[3]]
    said = measured.harness("bisect", "toy-7", "--until", "1.3", "--repo", clone.path, *ends)
    assert said.code == 0
    (change,) = answer(measured)["releases"]["changes"]
    assert (change["commits"]["total"], change["commits"]["culprit"]["sha"]) == (1, clone.shas[3])


def test_a_commit_has_its_address_in_the_repository_of_today(measured, clone):
    """Whatever a clone calls its origin, and a release called its home when it was made."""
    settings = measured.root / "pyproject.toml"
    table = "[tool.harness.library.toy]\n"
    assert table in settings.read_text()
    moved = f'{table}repository = ["now/toy", "once/toy"]\n'
    settings.write_text(settings.read_text().replace(table, moved))
    said = measured.harness("bisect", "toy-7", "--until", "1.3", "--repo", f"toy={clone.path}")
    assert said.code == 0
    (change,) = answer(measured)["releases"]["changes"]
    assert change["commits"]["repository"] == "https://github.com/now/toy"
    assert change["commits"]["culprit"]["url"] == "https://github.com/now/toy/pull/12"
    assert "once/toy" not in page(measured)


def test_commits_that_need_the_other_ends_packages_are_measured_beside_those(project, tmp_path):
    """Before the third commit, toy can be imported only beside the dep of 1.1, from then on beside 1.2's."""
    old, new = "import dep\ndep.gone\n", "import dep\nassert not hasattr(dep, 'gone')\n"
    toy = ToyRepository(tmp_path / "lockstep")
    toy.commit(package(old + WORKS, requires=["dep"]), "start", tag="1.1")
    toy.commit({"toy.py": old + BREAKS}, "check shapes (#12)")
    toy.commit({"toy.py": new + BREAKS}, "go with the new dep")
    toy.commit({"README": "one"}, "release", tag="1.2")
    toy.write()
    locks = LockFolder(path=project.root / "harness" / "locks")
    locks.put(replace(lock_of("1.2"), packages={"toy": "1.2", "dep": "2.0"}))
    said = project.harness("bisect", "toy-7", "--since", "1.1", "--until", "1.2", "--repo", f"toy={toy.path}")
    assert said.code == 0
    (change,) = answer(project)["releases"]["changes"]
    search = change["commits"]
    assert (search["culprit"]["sha"], search["before"]["sha"]) == (toy.shas[1], toy.shas[0])
    assert (search["held"], search["note"]) == ("toy-1.1", "")
    beside = {point["name"]: point["packages"]["dep"] for point in search["points"]}
    assert beside == {toy.shas[0][:10]: "1.0", toy.shas[1][:10]: "1.0", toy.shas[3][:10]: "2.0"}


def test_a_repository_of_another_package_is_not_searched(measured, clone):
    said = measured.harness("bisect", "toy-7", "--repo", f"dep={clone.path}")
    assert said.code == 0
    assert "to find the commit, add --repo toy=PATH" in said.out


def test_a_repository_that_does_not_show_the_change_is_told(measured, tmp_path):
    toy = ToyRepository(tmp_path / "other")
    toy.commit(package(WORKS), "start", tag="1.1")
    toy.commit({"toy.py": CHANGES}, "change it", tag="1.2")
    toy.write()
    said = measured.harness("bisect", "toy-7", "--until", "1.3", "--repo", toy.path)
    assert said.code == 3
    (change,) = answer(measured)["releases"]["changes"]
    assert change["commits"]["culprit"] is None
    assert change["commits"]["note"].startswith(
        "the repository does not show the change of the releases, fixed to failing: 1.1 ("
    )


# Several at once


@pytest.fixture
def three(project) -> Project:
    for number, condition in ((8, "v < (1, 3)"), (9, "v < (2, 1)")):
        project.case(f"toy/{number}_breaks.py", header_of(number), failing_in(condition))
    return project


@pytest.mark.parametrize("which", [["toy-7", "toy-8", "toy-9"], ["--all"]])
def test_several_cases_share_what_is_built(three, which):
    said = three.harness("bisect", *which, "--releases-only")
    assert said.code == 0
    cells, environments = (int(word) for word in said.summary.split() if word.isdigit())
    assert (cells, environments) == (len(three.ran()), 6)
    assert [changes(answer(three, f"toy-{number}.failure")) for number in (7, 8, 9)] == [
        BOTH,
        [("fixed", "1.2", "1.3")],
        [("fixed", "2.0", "2.1")],
    ]
    assert answer(three, "toy-8.failure")["command"] == "harness bisect toy-8 --releases-only"


def test_a_case_that_cannot_be_searched_to_the_end_keeps_no_other_from_its_answer(three, tmp_path):
    three.case("toy/6_never.py", header_of(6), failing_in("False"))
    clone = ToyRepository(tmp_path / "clone")
    clone.commit(package("x = 1\n"), "start", tag="1.2")
    clone.commit({"toy.py": "x = 2\n"}, "next", tag="1.3")
    clone.write()
    said = three.harness("bisect", "--all", "--since", "1.2", "--until", "2.0", "--repo", f"toy={clone.path}")
    assert said.code == 2
    assert said.err.count("\n") == 1
    left = re.findall(r"^(\S+) is left: ", said.out, re.MULTILINE)
    answered = [path.stem for path in (three.root / ".harness" / "bisect").glob("*.json")]
    assert left == ["toy-7"]
    assert sorted(answered) == ["toy-6.failure", "toy-8.failure", "toy-9.failure"]


def test_reports_go_where_they_are_wanted(measured, tmp_path):
    said = measured.harness("bisect", "toy-7", "--releases-only", "--reports", tmp_path / "here")
    assert said.summary.endswith(f"reports are in {tmp_path / 'here'}")
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == [
        "README.md",
        "toy-7.failure.json",
        "toy-7.failure.md",
    ]


# Bad input

BAD = {
    "no case": ([], 2, "name the cases to bisect, or give --all; `harness list` shows them."),
    "case and all": (
        ["toy-7", "--all"],
        2,
        "name the cases to bisect, or give --all; `harness list` shows them.",
    ),
    "unknown case": (["toy-99"], 2, "there is no case 'toy-99'; `harness list` shows the 1 case ids."),
    "unknown variant": (
        ["toy-7", "--variant", "fix_hope"],
        2,
        "toy-7 has no variant 'fix_hope'; it has failure, fix_pin.",
    ),
    "unknown package": (
        ["toy-7", "--package", "nope", "--env", "toy-1.2"],
        2,
        "toy-1.2 holds no nope; give --package one of its packages, or another --env.",
    ),
    "package alone": (
        ["toy-7", "--package", "dep"],
        2,
        "--package and --env belong together: its releases are searched, and the other packages of that "
        "environment held.",
    ),
    "unknown release of an environment": (
        ["toy-7", "--package", "dep", "--env", "toy-9.9"],
        2,
        "the index has no toy 9.9; its newest release is 2.1.",
    ),
    "nonsense for an environment": (
        ["toy-7", "--package", "dep", "--env", "??"],
        2,
        "'??' is no environment id; write numpyro-0.16.1, numpyro-0.20.1@latest, pyro-1.9.1+torch-2.13.0 or "
        "current.",
    ),
    "unknown device": (
        ["toy-7", "--device", "abacus"],
        2,
        "unknown device 'abacus'; use cpu, cpu:N, cuda, mps or tpu, each optionally with +x64.",
    ),
    "nonsense as a bound": (
        ["toy-7", "--since", "yesterday"],
        2,
        "'yesterday' is neither a version nor a day; write 0.16.1 or 2024-05-31.",
    ),
    "no such day": (
        ["toy-7", "--until", "2024-02-31"],
        2,
        "'2024-02-31' is neither a version nor a day; write 0.16.1 or 2024-05-31.",
    ),
    "empty range": (
        ["toy-7", "--since", "2.0", "--until", "1.0"],
        2,
        "there is no release of toy from 2.0 up to 1.0; it has 1.0 to 2.1.",
    ),
    "good without bad": (["toy-7", "--good", "1.0"], 2, "give both --good and --bad, or neither."),
    "ends that are no releases": (
        ["toy-7", "--good", "9.9", "--bad", "1.2"],
        2,
        "toy 9.9 is not among the releases 1.0 to 2.1 that are searched.",
    ),
    "ends that do not differ": (
        ["toy-7", "--good", "1.0", "--bad", "2.1"],
        2,
        "the ends do not differ: 1.0 is fixed and 2.1 is fixed; give others, or neither to search all "
        "releases.",
    ),
    "both ends bad": (
        ["toy-7", "--good", "1.2", "--bad", "1.3"],
        2,
        "the ends do not differ: 1.2 is failing and 1.3 is failing; give others, or neither to search all "
        "releases.",
    ),
    "ends the wrong way round": (
        ["toy-7", "--good", "1.2", "--bad", "1.0"],
        2,
        "the ends are the wrong way round: 1.2 is failing and 1.0 is fixed; give --good 1.0 --bad 1.2.",
    ),
    "nonsense to try": (
        ["toy-7", "--try", "nonsense"],
        2,
        "--try nonsense is not among the releases of toy that are searched; for a commit, give --repo.",
    ),
    "an unknown pin": (
        ["toy-7", "--with", "numpy==1"],
        2,
        "--with 'numpy==1' is no version of a library; write torch==2.5.1, with one of dep, toy.",
    ),
    "an axis that there is not": (
        ["toy-7", "--resolution", "pinned"],
        2,
        "toy has no axis pinned in pyproject.toml; it has latest, period.",
    ),
    "no repetition": (
        ["toy-7", "--repeat", "0"],
        2,
        "Invalid value for '--repeat': 0 is not in the range x>=1.",
    ),
    "a path that is not there": (
        ["toy-7", "--repo", "nowhere"],
        2,
        "nowhere does not exist; give the folder or the URL of a git repository.",
    ),
}


def without_answers(project: Project) -> dict[str, bytes]:
    return {name: data for name, data in project.files().items() if not name.endswith((".md", ".json"))}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_changes_no_answer(measured, name):
    arguments, code, sentence = BAD[name]
    before = (answer(measured), page(measured))
    assert measured.harness("bisect", *arguments).sentence(code) == sentence
    assert (answer(measured), page(measured), measured.ran()) == (*before, [])


def test_an_end_without_a_verdict_is_told(project):
    project.case(header=HEADER, bodies=failing_in("v < (1, 2)", changed_in="v == (2, 0)"))
    assert project.harness("bisect", "toy-7", "--good", "2.0", "--bad", "1.0").sentence(3) == (
        "toy-2.0, given as good, has no verdict (changed: TypeError: it takes no shape); give another end."
    )


def test_a_folder_that_is_no_repository_is_refused_before_anything_runs(project, tmp_path):
    (tmp_path / "folder").mkdir()
    sentence = project.harness("bisect", "toy-7", "--repo", f"toy={tmp_path / 'folder'}").sentence(2)
    assert sentence == f"{tmp_path / 'folder'} is no git repository; give the folder or the URL of one."
    assert project.ran() == []


def test_an_address_that_nobody_answers_is_no_evidence(measured):
    url = "http://127.0.0.1:1/toy.git"
    sentence = measured.harness("bisect", "toy-7", "--repo", url).sentence(3)
    assert sentence.startswith(f"{url} cannot be reached now (")


def test_an_address_without_a_repository_is_told(measured, world):
    url = f"{world.url}/toy.git"
    assert measured.harness("bisect", "toy-7", "--repo", url).sentence(2) == (
        f"there is no git repository at {url}; give the URL or the folder of one."
    )


def test_missing_tags_are_told_with_the_way_out_and_lose_nothing(measured, tmp_path):
    toy = ToyRepository(tmp_path / "young")
    toy.commit(package(WORKS), "start", tag="2.1")
    toy.commit({"README": "x"}, "more")
    toy.write()
    # Both commits are of January 2024, the uploads of 1.1 and 1.2 later: only their tags are missing.
    said = measured.harness("bisect", "toy-7", "--until", "1.3", "--repo", toy.path)
    sentence = said.sentence(2)
    assert sentence == f"there is no commit between 1.1 and 1.2 in {toy.path}."
    assert measured.ran() == []


def test_a_release_from_before_all_commits_is_told_with_the_way_out(measured, tmp_path):
    toy = ToyRepository(tmp_path / "young")
    toy.commit(package(WORKS), "start", date=datetime(2025, 1, 1, tzinfo=UTC))
    toy.write()
    assert measured.harness("bisect", "toy-7", "--until", "1.3", "--repo", toy.path).sentence(2) == (
        f"{toy.path} has no tag for toy 1.1 and no commit from before its upload; "
        "give the commits with --first and --last."
    )


def test_tags_the_wrong_way_round_are_told(measured, clone):
    ends = ["--first", clone.shas[5], "--last", clone.shas[1]]
    said = measured.harness("bisect", "toy-7", "--until", "1.3", "--repo", clone.path, *ends)
    assert said.sentence(2) == (
        f"{clone.shas[1]} is older than {clone.shas[5]} in {clone.path}; give the ends the other way round."
    )


@pytest.mark.parametrize("option", ["--first", "--last", "--try"])
def test_a_revision_that_is_none_is_told(measured, clone, option):
    said = measured.harness("bisect", "toy-7", "--until", "1.3", "--repo", clone.path, option, "nonsense")
    assert said.sentence(2) == f"{clone.path} has no revision 'nonsense'; give one that it has."


def test_a_compiled_package_has_only_releases(project, world, tmp_path):
    for version, day in (("1.0", "2024-01-01"), ("1.1", "2024-02-01")):
        files = {"hard.py": f'__version__ = "{version}"\n'}
        wheel = write_wheel(tmp_path / "wheels", "hard", version, files)
        _make_impure(wheel)
        world.add(wheel, uploaded=day)
    root = project.root
    (root / "pyproject.toml").write_text(
        CONFIG.replace("library.dep]", "library.dep]\n[tool.harness.library.hard]")
        + '\n[[tool.harness.axis]]\nlibrary = "hard"\nresolution = "period"\npython = "3.11"\n'
    )
    header = HEADER.replace("toy", "hard").replace(">=1.2,<2", "<1.1")
    failure = 'import hard\n    if hard.__version__ == "1.0":\n        raise ValueError("shapes disagree")'
    project.case("hard/7_breaks.py", header, {"failure": failure, "fix_pin": "pass"})
    said = project.harness("bisect", "hard-7", "--repo", f"hard={_empty_clone(tmp_path)}")
    assert said.code == 0
    assert "hard is compiled: only its releases can be searched" in said.out
    assert changes(answer(project, "hard-7.failure")) == [("fixed", "1.0", "1.1")]


def _make_impure(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}
        record = next(name for name in archive.namelist() if name.endswith("/RECORD"))
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, data.replace(b"Root-Is-Purelib: true", b"Root-Is-Purelib: false"))
        archive.writestr(record, "".join(f"{name},,\n" for name in (*held, record)))


def _empty_clone(folder: Path) -> Path:
    toy = ToyRepository(folder / "hard")
    toy.commit(package("", name="hard"), "start", tag="1.0")
    return toy.write().path


# No network


def test_without_a_network_it_says_so_and_goes_on_from_there_later(project, world, monkeypatch):
    world.broken = True
    sentence = project.harness("bisect", "toy-7").sentence(3)
    world.broken = False
    assert sentence.startswith("the index at 127.0.0.1 cannot be read (HTTP 500);")
    assert project.ran() == []
    assert project.harness("bisect", "toy-7", "--releases-only").code == 0


def test_a_network_that_goes_in_the_middle_loses_nothing(project, monkeypatch):
    project.forget_locks()
    resolve, left = Resolver.resolve, iter(range(3))

    def unsteady(self: Resolver, request: object) -> object:
        if next(left, None) is None:
            message = "the index cannot be read now; check the network."
            raise NoEvidence(message)
        return resolve(self, request)

    with monkeypatch.context() as patch:
        patch.setattr(Resolver, "resolve", unsteady)
        said = project.harness("bisect", "toy-7", "--releases-only")
    assert said.sentence(3) == "the index cannot be read now; check the network."
    first = project.ran()
    assert len(first) == 3
    assert project.harness("bisect", "toy-7", "--releases-only").code == 0
    second = project.ran()
    assert len(second) == 3
    assert not set(first) & set(second)
    assert changes(answer(project)) == BOTH


def test_an_interruption_is_one_sentence_and_what_ran_counts(project, monkeypatch):
    left_of = campaign.left_of

    def interrupted(track: Any) -> str:
        if len(track.readings) == 3:
            raise KeyboardInterrupt
        return left_of(track)

    with monkeypatch.context() as patch:
        patch.setattr(campaign, "left_of", interrupted)
        said = project.harness("bisect", "toy-7", "--releases-only")
    told = "interrupted; what ran is stored, the same command goes on from there."
    assert said.sentence(130) == told
    first = project.ran()
    assert project.harness("bisect", "toy-7", "--releases-only").code == 0
    assert (len(first), len(project.ran())) == (3, 3)


def test_outside_of_a_project_it_says_where_to_go(tmp_path, monkeypatch, no_corpus):
    monkeypatch.chdir(tmp_path)
    assert harness("bisect", "toy-7").sentence(2) == (
        f"no pyproject.toml with [tool.harness] in {tmp_path} or above; enter the project or give --root."
    )
