"""`harness lock`: what it finds, what it writes, what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toy.index import ToyIndex
from toy.project import CONFIG, UPLOADED, toy_lock, toy_module
from toy.user import Project, new_project, toy_world
from toy.wheels import write_wheel

from harness.environment.ids import parse_environment_id
from harness.environment.lock import LockFolder

LATEST = """
[[tool.harness.axis]]
library = "toy"
resolution = "latest"
last = 2
python = "3.11"
extra = ["other"]
"""


@pytest.fixture
def world(tmp_path, uv_cache):
    with toy_world(tmp_path / "world", uv_cache) as index:
        publish(index, "other", "1.0", "2024-01-15")
        yield index


@pytest.fixture
def project(world, tmp_path) -> Project:
    project = new_project(tmp_path / "project")
    project.forget_locks()
    return project


def publish(index: ToyIndex, name: str, version: str, uploaded: str, **options: object) -> None:
    files = {f"{name}.py": toy_module("2.0").replace("2.0", version)}
    index.add(write_wheel(index.folder, name, version, files, **options), uploaded=uploaded)


def locks(project: Project) -> LockFolder:
    return LockFolder(path=project.root / "harness" / "locks")


def names(project: Project) -> set[str]:
    return {path.stem for path in locks(project).path.iterdir()}


def test_every_release_gets_a_lock_with_the_date_of_its_period(project):
    said = project.shell("lock")
    assert (said.code, said.err) == (0, "")
    assert names(project) == {f"toy-{version}" for version in UPLOADED}
    assert said.out.splitlines() == [
        *(f"toy-{version}: new" for version in UPLOADED),
        "8 resolved, 0 had a lock that time does not change",
    ]
    lock = locks(project).get("toy-1.1")
    assert lock == toy_lock("1.1", as_of="2024-02-22", released="2024-02-01")


def test_a_new_release_is_found_and_nothing_else_is_resolved_again(project, world):
    project.harness("lock")
    before = project.files()
    publish(world, "toy", "6.0", "2024-12-01")
    said = project.harness("lock")
    assert said.out.splitlines() == ["toy-6.0: new", "1 resolved, 8 had a lock that time does not change"]
    after = project.files()
    assert after.keys() - before.keys() == {"harness/locks/toy-6.0.txt"}
    assert {name: after[name] for name in before} == before


def test_a_prerelease_and_a_yanked_release_get_no_lock(project, world):
    publish(world, "toy", "6.0rc1", "2024-12-01")
    world.add(write_wheel(world.folder, "toy", "6.1", {}), uploaded="2024-12-02", yanked=True)
    project.harness("lock")
    assert names(project) == {f"toy-{version}" for version in UPLOADED}


def test_without_news_nothing_is_written_and_that_is_said(project):
    project.harness("lock")
    before = project.files()
    said = project.harness("lock")
    assert (said.code, said.out) == (0, "0 resolved, 8 had a lock that time does not change\n")
    named = project.harness("lock", "toy-1.0", "toy-1.1")
    assert named.out.splitlines()[:2] == ["toy-1.0: unchanged", "toy-1.1: unchanged"]
    assert project.files() == before


def test_latest_is_resolved_every_time_and_what_changed_is_told(world, tmp_path):
    project = new_project(tmp_path / "project", CONFIG + LATEST)
    project.forget_locks()
    project.harness("lock")
    assert {"toy-3.1@latest", "toy-4.0@latest"} <= names(project)
    assert "toy-3.1@latest: unchanged" in project.harness("lock").out.splitlines()
    publish(world, "other", "2.0", "2025-06-01")
    said = project.harness("lock")
    assert said.out.splitlines() == [
        "toy-3.1@latest: other 1.0 -> 2.0",
        "toy-4.0@latest: other 1.0 -> 2.0",
        "2 resolved, 8 had a lock that time does not change",
    ]


def test_all_resolves_everything_again(project):
    project.harness("lock")
    project.forget_locks()
    project.locks("1.0")
    said = project.harness("lock", "--all")
    assert {"toy-1.0: changed", "1 got the date of its release"} <= set(said.out.splitlines())
    assert "8 resolved" in said.summary


def test_an_id_of_ones_own_is_locked_with_what_its_axis_says(world, tmp_path):
    project = new_project(tmp_path / "project", CONFIG + LATEST)
    project.forget_locks()
    said = project.harness("lock", "toy-1.0@latest", "toy-2.0@py3.12")
    assert said.code == 0
    assert names(project) == {"toy-1.0@latest", "toy-2.0@py3.12"}
    assert locks(project).get("toy-1.0@latest").packages == {"toy": "1.0", "other": "1.0"}
    assert locks(project).get("toy-2.0@py3.12").python == "3.12"


def test_an_environment_that_nothing_resolves_keeps_the_reason_in_its_lock(project, world):
    publish(world, "toy", "6.0", "2024-12-01", requires=["gone>=1"])
    said = project.harness("lock")
    assert said.code == 0
    (line,) = (line for line in said.out.splitlines() if line.startswith("toy-6.0: "))
    assert "gone" in line
    assert "gone" in locks(project).get("toy-6.0").unresolvable
    matrix = project.harness("matrix", "-v", "--env", "toy-6.0")
    assert matrix.code == 3
    assert set(matrix.statuses.values()) == {"unbuildable"}
    assert "gone" in matrix.out


def test_what_could_not_be_resolved_is_tried_again_the_next_time(project, world):
    publish(world, "toy", "6.0", "2024-12-01", requires=["gone>=1"])
    project.harness("lock")
    publish(world, "gone", "1.0", "2025-02-01")
    said = project.harness("lock")
    (line,) = (line for line in said.out.splitlines() if line.startswith("toy-6.0: "))
    assert "the earliest date that does is 2025-02-02" in line
    assert locks(project).get("toy-6.0").packages == {"toy": "6.0", "gone": "1.0"}


def test_one_environment_without_a_date_keeps_no_other_from_its_lock(project, world):
    world.add(write_wheel(world.folder, "toy", "6.0", {}), uploaded="2024-12-01")
    world.dated = False
    said = project.harness("lock", "toy-1.0", "toy-1.1@latest")
    assert said.sentence(3).startswith(
        "1 of 2 environments got no lock: the index gives no upload date for toy 1.0"
    )
    assert said.out.splitlines()[1] == "toy-1.1@latest: new"
    assert names(project) == {"toy-1.1@latest"}


def test_an_index_that_breaks_leaves_the_locks_alone(project, world):
    project.harness("lock")
    before = project.files()
    world.broken = True
    assert "the index at 127.0.0.1 cannot be read (" in project.harness("lock", "--all").sentence(3)
    assert project.files() == before


# Locks that were written without the date of their release


@pytest.fixture
def undated(project) -> Project:
    """A project whose locks are all as they were before there were dates."""
    project.harness("lock")
    for lock in locks(project).all():
        LockFolder(path=locks(project).path).put(replace(lock, released=None))
    return project


def dates(project: Project) -> dict[str, str | None]:
    return {str(lock.id): lock.released for lock in locks(project).all()}


RELEASED = {f"toy-{version}": uploaded for version, uploaded in UPLOADED.items()}
DATED = "8 got the date of their release"
NOTHING_DUE = "0 resolved, 8 had a lock that time does not change"


def test_locks_without_a_date_get_it_by_one_question_and_with_nothing_else_changed(undated, world):
    before = undated.files()
    world.requests.clear()
    said = undated.harness("lock")
    assert (said.code, said.out.splitlines()) == (0, [DATED, NOTHING_DUE])
    assert dates(undated) == RELEASED
    assert world.requests == {"toy/": 1}
    for lock in locks(undated).all():
        name = f"harness/locks/{lock.id}.txt"
        lines = undated.files()[name].decode().splitlines(keepends=True)
        lines.remove(f"# released: {lock.released}\n")
        assert "".join(lines) == before[name].decode()
        assert lock.key == toy_lock(str(lock.id.version)).key
    assert undated.harness("lock").out.splitlines() == [NOTHING_DUE]


def test_only_the_locks_that_are_named_get_their_date(undated):
    said = undated.harness("lock", "toy-1.0", "toy-1.0")
    assert said.out.splitlines()[:2] == ["1 got the date of its release", "toy-1.0: unchanged"]
    assert dates(undated) == {**dict.fromkeys(RELEASED), "toy-1.0": RELEASED["toy-1.0"]}


def test_a_lock_of_a_tier_or_axis_that_nobody_asked_about_gets_its_date_too(undated):
    folder = locks(undated)
    folder.put(toy_lock("2.0", id=parse_environment_id("toy-2.0@latest"), tier="full", as_of=None))
    assert undated.harness("lock").out.splitlines()[0] == "9 got the date of their release"
    assert dates(undated)["toy-2.0@latest"] == RELEASED["toy-2.0"]


def test_a_date_that_is_there_stays(undated):
    folder = locks(undated)
    folder.put(replace(folder.get("toy-1.0"), released="2020-02-02"))
    undated.harness("lock")
    assert dates(undated) == {**RELEASED, "toy-1.0": "2020-02-02"}


def test_an_index_without_dates_dates_nothing_and_nothing_is_said_of_it(undated, world):
    before = undated.files()
    world.dated = False
    assert undated.harness("lock").out.splitlines() == [NOTHING_DUE]
    assert undated.files() == before


def test_a_date_outlives_a_resolution_by_an_index_without_dates(world, tmp_path):
    project = new_project(tmp_path / "project", CONFIG + LATEST)
    project.forget_locks()
    project.harness("lock", "toy-4.0@latest")
    world.dated = False
    assert project.harness("lock", "toy-4.0@latest").out.splitlines()[0] == "toy-4.0@latest: unchanged"
    publish(world, "other", "2.0", "2025-06-01")
    said = project.harness("lock", "toy-4.0@latest").out
    assert said.splitlines()[0] == "toy-4.0@latest: other 1.0 -> 2.0"
    assert dates(project) == {"toy-4.0@latest": RELEASED["toy-4.0"]}


def test_an_index_that_breaks_leaves_undated_locks_as_they_are(undated, world):
    before = undated.files()
    world.broken = True
    assert "the index at 127.0.0.1 cannot be read (" in undated.harness("lock").sentence(3)
    named = undated.harness("lock", "toy-1.0")
    assert named.code == 3
    assert named.out.startswith("no release dates: the index at 127.0.0.1 cannot be read (")
    assert undated.files() == before


def test_a_true_date_in_the_configuration_is_the_date_that_is_written(undated):
    text = (undated.root / "pyproject.toml").read_text("utf-8")
    (undated.root / "pyproject.toml").write_text(
        f"{text}\n[tool.harness.uploaded]\n'toy==1.0' = 2023-12-24\n", encoding="utf-8"
    )
    undated.harness("lock")
    assert dates(undated) == {**RELEASED, "toy-1.0": "2023-12-24"}


def test_a_library_that_no_index_knows_keeps_no_other_from_its_dates(undated):
    path = undated.root / "pyproject.toml"
    path.write_text(f"[tool.harness.library.lost]\n{path.read_text('utf-8')}", encoding="utf-8")
    for name in ("lost-1.0", "lost-1.1", "strange-1.0"):
        library = name.partition("-")[0]
        locks(undated).put(toy_lock(id=parse_environment_id(name), packages={library: "1.0"}))
    said = undated.harness("lock")
    assert said.code == 0
    reason, *rest = said.out.splitlines()
    assert reason.startswith("no release dates: no index knows 'lost'")
    assert rest == [DATED, NOTHING_DUE]
    assert dates(undated) == {**RELEASED, "lost-1.0": None, "lost-1.1": None, "strange-1.0": None}


def test_a_release_that_the_index_no_longer_has_stays_without_a_date(undated):
    locks(undated).put(toy_lock("0.5"))
    said = undated.harness("lock")
    assert said.out.splitlines() == [DATED, NOTHING_DUE]
    assert dates(undated) == {**RELEASED, "toy-0.5": None}
