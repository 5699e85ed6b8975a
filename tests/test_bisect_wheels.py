"""Building the wheels of commits: once, remembered, and each failure blamed on what caused it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from toy.libraries import make_environment
from toy.repository import BROKEN, MENDED, Special, ToyRepository, linear, package
from toy.wheels import write_wheel

from harness.bisect import wheels as wheels_module
from harness.bisect.repository import Repository
from harness.bisect.wheels import Compiled, Recipe, is_pure, wheel_from, wheel_of, wheel_without
from harness.environment.build import Unbuildable
from harness.environment.uv import UvError
from harness.errors import NoEvidence, UsageError

VALUES = [f"VALUE = {number}\n" for number in range(4)]
RECIPE = Recipe(distribution="toy", python="3.11")
NEEDS_A_TOOL = (
    '[build-system]\nrequires = ["maker"]\nbuild-backend = "maker"\n[project]\nname = "toy"\nversion = "1"\n'
)


@pytest.fixture(autouse=True)
def _no_index(no_index):
    """Nothing of the user's, and an address where no index listens."""
    no_index.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    no_index.setenv("UV_HTTP_RETRIES", "0")


@pytest.fixture
def builds(monkeypatch):
    """The options of every build that uv was asked for."""
    asked = []

    def counted(arguments, **options):
        if arguments[0] == "build":
            asked.append("offline" if "--offline" in arguments else "online")
        return real(arguments, **options)

    real = wheels_module.run_uv
    monkeypatch.setattr(wheels_module, "run_uv", counted)
    return asked


def one_commit(tmp_path: Path, files) -> tuple[Repository, str]:
    toy = ToyRepository(tmp_path / "toy")
    toy.commit(files, "start")
    toy.write()
    return Repository.open(toy.path), toy.sha(0)


def module_in(wheel) -> str:
    with zipfile.ZipFile(wheel.path) as archive:
        return archive.read("toy.py").decode()


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_dir() and "." in path.name)


# What is built


def test_the_wheel_of_a_commit_holds_what_that_commit_held(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    repository = Repository.open(toy.path)
    built = [wheel_of(repository, sha, RECIPE) for sha in toy.shas]
    assert [module_in(wheel) for wheel in built] == VALUES
    assert {(wheel.path.name, wheel.version) for wheel in built} == {("toy-1.0-py3-none-any.whl", "1.0")}
    assert all(tmp_path / "harness-cache/commits" in wheel.path.parents for wheel in built)


def test_commits_that_change_nothing_that_is_installed_make_equal_wheels(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit(package(VALUES[0]), "start")
    toy.commit({"README": "more\n"}, "say more")
    toy.commit({"toy.py": VALUES[1]}, "change it")
    repository = Repository.open(toy.write().path)
    first, second, third = (wheel_of(repository, sha, RECIPE).sha256 for sha in toy.shas)
    assert first == second != third


def test_a_commit_is_built_once(tmp_path, builds):
    repository, sha = one_commit(tmp_path, package())
    first = wheel_of(repository, sha, RECIPE)
    assert wheel_of(Repository.open(repository.name), sha, RECIPE) == first
    assert builds == ["offline"]


def test_a_commit_is_built_once_however_many_ask(tmp_path, builds):
    repository, sha = one_commit(tmp_path, package())
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(wheel_of, repository, sha, RECIPE) for _ in range(4)]
        assert len({future.result().path for future in asked}) == 1
    assert builds == ["offline"]


def test_other_recipes_share_no_wheel(tmp_path):
    repository, sha = one_commit(tmp_path, package())
    recipes = [
        RECIPE,
        Recipe(distribution="toy", python="3.12"),
        Recipe(distribution="toy", python="3.11", pretend="2"),
    ]
    assert len({wheel_of(repository, sha, recipe).path for recipe in recipes}) == 3


def test_a_project_in_a_subdirectory_is_built_from_there(tmp_path):
    files = {f"python/{path}": text for path, text in package(VALUES[1]).items()}
    repository, sha = one_commit(tmp_path, {"README": "", **files})
    recipe = Recipe(distribution="toy", python="3.11", subdirectory="python")
    assert module_in(wheel_of(repository, sha, recipe)) == VALUES[1]


def test_a_version_that_comes_from_git_is_the_one_of_the_recipe(tmp_path):
    backend = package()["backend.py"].replace(
        'stem = "%s-%s"',
        'version = os.environ.get("SETUPTOOLS_SCM_PRETEND_VERSION", "0")\n    stem = "%s-%s"',
    )
    repository, sha = one_commit(tmp_path, {**package(), "backend.py": backend})
    recipe = Recipe(distribution="toy", python="3.11", pretend="1.9.1")
    assert wheel_of(repository, sha, recipe).version == "1.9.1"
    assert wheel_of(repository, sha, RECIPE).version == "0"


def test_tools_find_no_git_repository_around_the_sources(tmp_path, monkeypatch):
    """A cache may lie in the work tree of some project."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    ask = "subprocess.run(['git', 'rev-parse'], capture_output=True)"
    code = f"import subprocess\nFOUND = {ask}.returncode == 0\n"
    backend = code + package()["backend.py"].replace("if path.endswith", "if not FOUND and path.endswith")
    repository, sha = one_commit(tmp_path, {**package(VALUES[0]), "backend.py": backend})
    assert module_in(wheel_of(repository, sha, RECIPE)) == VALUES[0]


def test_a_build_has_a_fixed_time_and_no_way_up_to_the_files_of_others(tmp_path):
    ask = "import os\nassert os.environ['SOURCE_DATE_EPOCH'] == '315532800' and os.path.isdir('../.git')\n"
    repository, sha = one_commit(tmp_path, {**package(), "backend.py": ask + package()["backend.py"]})
    assert wheel_of(repository, sha, RECIPE).version == "1.0"


def test_other_files_are_built_by_a_key_of_the_callers(tmp_path, builds):
    def prepare(folder: Path) -> list[str]:
        folder.mkdir()
        for name, text in package(VALUES[2]).items():
            (folder / name).write_text(text)
        return []

    assert module_in(wheel_from(prepare, "mine/1", RECIPE)) == VALUES[2]
    assert module_in(wheel_from(lambda folder: [], "mine/1", RECIPE)) == VALUES[2]
    assert builds == ["offline"]


# Without one change


def test_a_wheel_without_an_earlier_change_holds_the_later_ones(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({**package("OLD = 1\n"), "other.py": "A = 1\n"}, "start")
    toy.commit({"toy.py": "NEW = 1\n"}, "culprit")
    toy.commit({"other.py": "A = 2\n"}, "later")
    repository = Repository.open(toy.write().path)
    wheel = wheel_without(repository, toy.sha(2), toy.sha(1), RECIPE)
    assert wheel is not None
    assert module_in(wheel) == "OLD = 1\n"
    assert zipfile.ZipFile(wheel.path).read("other.py") == b"A = 2\n"
    assert module_in(wheel_of(repository, toy.sha(2), RECIPE)) == "NEW = 1\n"


def test_a_change_that_later_ones_build_on_cannot_be_left_out(tmp_path, builds):
    toy = linear(tmp_path / "toy", VALUES)
    assert wheel_without(Repository.open(toy.path), toy.sha(3), toy.sha(1), RECIPE) is None
    assert builds == []
    assert left_in(tmp_path / "harness-cache/commits") == []


def test_without_its_files_nothing_is_said_about_taking_a_change_back(tmp_path):
    repository, sha = one_commit(tmp_path, package())
    for pack in repository.git.objects.glob("pack/*.pack"):
        loose = ["git", f"--git-dir={repository.git.folder}", "unpack-objects", "-q"]
        content = pack.read_bytes()
        pack.unlink()
        subprocess.run(loose, input=content, check=True)
    blob = repository.git.read("rev-parse", f"{sha}:toy.py").strip()
    (repository.git.objects / blob[:2] / blob[2:]).unlink()
    with pytest.raises(NoEvidence, match=r"^the clone is a partial one that lacks toy\.py"):
        wheel_without(repository, sha, sha, RECIPE)


# Faults of the sources


def test_sources_that_cannot_be_built_are_remembered_with_their_reason(tmp_path, builds):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({**package(), **BROKEN}, "break it")
    toy.commit(MENDED, "mend it")
    repository = Repository.open(toy.write().path)
    for _ in range(2):
        with pytest.raises(Unbuildable, match=r"^RuntimeError: the sources are broken$"):
            wheel_of(repository, toy.sha(0), RECIPE)
    assert builds == ["offline", "online"]
    assert wheel_of(repository, toy.sha(1), RECIPE).version == "1.0"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"README": ""}, r"^`toy` does not appear to be a Python project"),
        ({"pyproject.toml": "[build-system\n"}, r"^Invalid `pyproject\.toml`: TOML parse error"),
        (package(name="other"), r"^it builds other, not toy$"),
    ],
)
def test_sources_of_no_project_or_of_another_cannot_be_built(tmp_path, files, reason):
    repository, sha = one_commit(tmp_path, files)
    with pytest.raises(Unbuildable, match=reason):
        wheel_of(repository, sha, RECIPE)


def test_a_subdirectory_that_a_commit_lacks_cannot_be_built(tmp_path):
    repository, sha = one_commit(tmp_path, package())
    with pytest.raises(Unbuildable, match=r"^there is no folder python$"):
        wheel_of(repository, sha, Recipe(distribution="toy", python="3.11", subdirectory="python"))


def test_of_a_compiled_project_only_releases_can_be_searched(tmp_path, builds):
    repository, sha = one_commit(tmp_path, package(tag="cp311-cp311-linux_x86_64"))
    for _ in range(2):
        with pytest.raises(Compiled) as caught:
            wheel_of(repository, sha, RECIPE)
        reason = "toy has compiled parts (toy-1.0-cp311-cp311-linux_x86_64.whl)"
        assert str(caught.value) == f"{reason}: only its releases can be searched."
    assert isinstance(caught.value, UsageError)
    assert builds == ["offline"]


# Faults of this machine


def test_build_tools_that_are_nowhere_are_no_evidence_and_not_remembered(tmp_path, builds):
    repository, sha = one_commit(tmp_path, {"pyproject.toml": NEEDS_A_TOOL})
    for _ in range(2):
        with pytest.raises(
            NoEvidence, match=r"^toy cannot be built now: .*Failed to fetch: http://127\.0\.0\.1:9"
        ):
            wheel_of(repository, sha, RECIPE)
    assert builds == ["offline", "online"] * 2
    assert left_in(tmp_path / "harness-cache/commits") == []


def test_build_tools_come_from_the_index_once_and_then_from_the_cache(tmp_path, toy_index, builds):
    backend = package()["backend.py"]
    toy_index.add(write_wheel(toy_index.folder, "maker", "1.0", {"maker.py": backend}))
    toy = ToyRepository(tmp_path / "toy")
    settings = package()["pyproject.toml"].replace("requires = []", 'requires = ["maker"]')
    settings = settings.replace('build-backend = "backend"\nbackend-path = ["."]', 'build-backend = "maker"')
    toy.commit({"pyproject.toml": settings, "toy.py": VALUES[0]}, "start")
    toy.commit({"toy.py": VALUES[1]}, "change it")
    repository = Repository.open(toy.write().path)
    assert module_in(wheel_of(repository, toy.sha(0), RECIPE)) == VALUES[0]
    toy_index.__exit__(None, None, None)
    assert module_in(wheel_of(repository, toy.sha(1), RECIPE)) == VALUES[1]
    assert builds == ["offline", "online", "offline"]


def test_a_failure_with_the_tools_in_the_cache_is_looked_at_again_with_the_newest(tmp_path, monkeypatch):
    def old_tools_fail(arguments, **options):
        if "--offline" in arguments:
            raise UvError("ValueError: no such setting\nFailed to build `toy`", is_verdict=True)
        return real(arguments, **options)

    real = wheels_module.run_uv
    repository, sha = one_commit(tmp_path, package())
    monkeypatch.setattr(wheels_module, "run_uv", old_tools_fail)
    assert wheel_of(repository, sha, RECIPE).version == "1.0"


def test_a_failure_with_the_tools_in_the_cache_stands_where_there_is_no_network(tmp_path, monkeypatch):
    def fail(arguments, **options):
        if "--offline" in arguments:
            reason = "SyntaxError: invalid syntax\nFailed to build `toy`\nThe build backend returned an error"
            raise UvError(reason, is_verdict=True)
        raise UvError("Failed to build `toy`\nFailed to fetch: http://nowhere", is_verdict=False)

    repository, sha = one_commit(tmp_path, package())
    monkeypatch.setattr(wheels_module, "run_uv", fail)
    with pytest.raises(Unbuildable, match=r"^SyntaxError: invalid syntax$"):
        wheel_of(repository, sha, RECIPE)


def test_build_tools_that_no_index_has_are_a_fault_of_the_sources(tmp_path, toy_index):
    repository, sha = one_commit(tmp_path, {"pyproject.toml": NEEDS_A_TOOL})
    with pytest.raises(Unbuildable, match=r"maker was not found in the package registry"):
        wheel_of(repository, sha, RECIPE)


def test_a_build_that_was_killed_is_no_evidence(tmp_path):
    killed = {"backend.py": "import os\nos.kill(os.getpid(), 9)\n"}
    repository, sha = one_commit(tmp_path, {**package(), **killed})
    with pytest.raises(NoEvidence, match=r"^toy cannot be built now: .*signal: 9"):
        wheel_of(repository, sha, RECIPE)


def test_a_full_disk_is_no_evidence(tmp_path, monkeypatch):
    def full(arguments, **options):
        raise UvError("Failed to build\nNo space left on device (os error 28)", is_verdict=False)

    repository, sha = one_commit(tmp_path, package())
    monkeypatch.setattr(wheels_module, "run_uv", full)
    with pytest.raises(NoEvidence, match="No space left on device"):
        wheel_of(repository, sha, RECIPE)


def test_a_missing_interpreter_is_no_evidence(tmp_path):
    repository, sha = one_commit(tmp_path, package())
    with pytest.raises(NoEvidence, match=r"there is no Python 3\.5 on this machine"):
        wheel_of(repository, sha, Recipe(distribution="toy", python="3.5"))


def test_a_cache_that_is_no_folder_is_no_evidence(tmp_path, monkeypatch):
    repository, sha = one_commit(tmp_path, package())
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "file"))
    with pytest.raises(
        NoEvidence, match=r"cannot be written \(Not a directory\); make room or set HARNESS_CACHE"
    ):
        wheel_of(repository, sha, RECIPE)


@pytest.mark.parametrize(
    "lacking", ["setup.cfg", "toy/data.csv", "toy/__init__.py", "src/toy/new.py", "old/deep/x.csv"]
)
def test_a_clone_that_lacks_a_part_of_the_package_is_no_evidence(tmp_path, lacking):
    """`old` is a package whose initial file is missing, too."""

    def prepare(folder: Path) -> list[str]:
        for path in ("toy", "docs"):
            (folder / path).mkdir(parents=True)
        (folder / "toy/__init__.py").write_text("")
        return ["docs/figure.png", lacking, *(["old/__init__.py"] if lacking.startswith("old") else [])]

    with pytest.raises(NoEvidence) as caught:
        wheel_from(prepare, "partial/1", RECIPE)
    assert str(caught.value) == (
        f"the clone is a partial one that lacks {lacking}; give its URL or a whole clone."
    )


def test_files_that_are_no_part_of_the_package_may_be_missing(tmp_path):
    def prepare(folder: Path) -> list[str]:
        folder.mkdir()
        for name, text in package().items():
            (folder / name).write_text(text)
        return ["notebooks/big.ipynb"]

    assert wheel_from(prepare, "partial/2", RECIPE).missing == ("notebooks/big.ipynb",)


# Whole or not at all


def test_a_killed_build_leaves_nothing_that_counts_or_stays(tmp_path):
    flag = tmp_path / "started"
    slow = f"import pathlib, time\npathlib.Path({str(flag)!r}).touch()\ntime.sleep(600)\n"
    repository, sha = one_commit(tmp_path, {**package(), "backend.py": slow})
    code = (
        "import sys\nfrom harness.bisect.wheels import *\nfrom harness.bisect.repository import Repository\n"
        "wheel_of(Repository.open(sys.argv[1]), sys.argv[2], Recipe(distribution='toy', python='3.11'))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, repository.name, sha], start_new_session=True)
    deadline = time.monotonic() + 30
    while not flag.exists():
        assert time.monotonic() < deadline, "it did not start within 30 s"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=60)
    commits = tmp_path / "harness-cache/commits"
    assert left_in(commits) != []
    good = package(VALUES[3])

    def prepare(folder: Path) -> list[str]:
        folder.mkdir()
        for name, text in good.items():
            (folder / name).write_text(text)
        return []

    assert module_in(wheel_from(prepare, f"{repository.key}/{sha}", RECIPE)) == VALUES[3]
    assert left_in(commits) == []


def test_a_build_that_was_not_finished_is_made_again(tmp_path, builds):
    repository, sha = one_commit(tmp_path, package())
    wheel = wheel_of(repository, sha, RECIPE)
    (wheel.path.parent / "built.json").unlink()
    assert wheel_of(repository, sha, RECIPE) == wheel
    assert builds == ["offline"] * 2


def test_what_was_built_is_described_beside_it(tmp_path):
    repository, sha = one_commit(tmp_path, package())
    wheel = wheel_of(repository, sha, RECIPE)
    assert json.loads((wheel.path.parent / "built.json").read_text()) == {
        "wheel": "toy-1.0-py3-none-any.whl",
        "version": "1.0",
        "sha256": wheel.sha256,
        "missing": [],
    }


# Pure or not


def install(folder: Path, stem: str, pure: str) -> None:
    (folder / f"{stem}.dist-info").mkdir()
    (folder / f"{stem}.dist-info/WHEEL").write_text(f"Wheel-Version: 1.0\nRoot-Is-Purelib: {pure}\n")


def test_whether_a_distribution_is_pure_is_read_where_it_is_installed(tmp_path):
    environment = make_environment(tmp_path / "venv", toy=False)
    install(environment.site_packages, "pyro_ppl-1.9.1", "true")
    install(environment.site_packages, "torch-2.5.1", "false")
    (environment.site_packages / "odd-1.0.dist-info").mkdir()
    assert is_pure(environment.python, "Pyro-PPL")
    assert not is_pure(environment.python, "torch")
    assert not is_pure(environment.python, "odd")
    with pytest.raises(
        NoEvidence, match=r"^pyro is not installed in \S+; choose an environment that holds it\.$"
    ):
        is_pure(environment.python, "pyro")


def test_a_program_and_a_link_reach_the_build(tmp_path):
    backend = package()["backend.py"].replace(
        "def build_wheel",
        "import os\nassert os.access('run.sh', os.X_OK) and os.path.islink('link')\ndef build_wheel",
    )
    special = {"run.sh": Special("100755", "#!/bin/sh\n"), "link": Special("120000", "run.sh")}
    repository, sha = one_commit(tmp_path, {**package(), "backend.py": backend, **special})
    assert wheel_of(repository, sha, RECIPE).version == "1.0"
