"""Where cells run: what runs there is what the lock says, and it shows where it is not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from toy.cases import block, edited
from toy.project import publish_toy, toy_lock, toy_module
from toy.wheels import write_wheel

from harness.case import Case
from harness.config import load_config
from harness.device import parse_device
from harness.environment.build import build
from harness.environment.lock import Source
from harness.environment.places import InterpreterPlace, LockedPlace, libraries_of, machine_digest
from harness.environment.uv import run_uv
from harness.errors import NoEvidence, UsageError
from harness.evidence import Evidence, Lack, Outcome
from harness.header import parse_case
from harness.verdict import Status, status_of

TOY = (("toy", "toy"),)
BODY = '"""It breaks."""\n\nimport toy\n\n\ndef failure():\n    """Breaks."""\n    toy.sample()\n'
HEADER = edited('\n[tool.case.fix.pin]\nsource = "documented"\n', "")


@pytest.fixture
def case(tmp_path) -> Case:
    """A case that calls the toy library."""
    path = tmp_path / "cases" / "toy" / "7_breaks.py"
    path.parent.mkdir(parents=True)
    path.write_text(block(HEADER) + BODY)
    return parse_case(path, path.read_text())


@pytest.fixture
def place(toy_project):
    """Makes the place of a release of the toy library."""
    config = load_config(toy_project)

    def make(version: str = "1.0", **fields: object) -> LockedPlace:
        return LockedPlace(toy_lock(version, **fields), config, TOY)

    return make


def module_file(place: LockedPlace) -> Path:
    return build(place.lock).parent.parent / "lib/python3.11/site-packages/toy.py"


def evidence_of(place, case: Case) -> Evidence:
    with place.session() as session:
        return session.run(case, "failure", parse_device("cpu"))


def status(evidence: Evidence, case: Case) -> Status:
    return status_of(case.variants[0], evidence)


# The published wheel is what runs


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of the tag, whose `sample` says so, in the current folder and on PYTHONPATH."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "toy.py").write_text(
        '__version__ = "1.0"\ndef sample():\n    raise ValueError("from the tag")\n'
    )
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_the_module_comes_from_the_environment_whatever_else_lies_about(place, checkout):
    with place("1.0").session() as session:
        library = session.hello()["libraries"]["toy"]
    assert library["file"] == "lib/python3.11/site-packages/toy.py"
    assert (library["version"], library["error"]) == ("1.0", None)


def test_what_the_published_wheel_holds_is_what_runs(place, toy_index, case, checkout):
    published = (
        '__version__ = "1.0"\ndef sample():\n    raise ValueError("shapes disagree: from the wheel")\n'
    )
    toy_index.add(write_wheel(toy_index.folder, "toy", "1.0", {"toy.py": published}))
    evidence = evidence_of(place("1.0"), case)
    assert evidence.raised.message == "shapes disagree: from the wheel"
    assert evidence.attested.origins == {"toy": "lib/python3.11/site-packages/toy.py"}
    assert evidence.attested.versions == {"toy": "1.0"}


def test_each_release_behaves_as_it_was_published(place, case):
    found = {version: status(evidence_of(place(version), case), case) for version in ("1.1", "1.2", "2.0")}
    assert found == {"1.1": Status.FAILING, "1.2": Status.CHANGED, "2.0": Status.FIXED}


def test_a_build_keeps_its_bytecode_for_the_next_start(place, case):
    locked = place("2.0")
    evidence_of(locked, case)
    assert list(module_file(locked).parent.glob("__pycache__/toy.*.pyc"))


# A build that somebody changed is no evidence


def assert_invalid(place: LockedPlace, case: Case, reason: str) -> None:
    evidence = evidence_of(place, case)
    assert (evidence.outcome, evidence.lack) == (Outcome.UNAVAILABLE, Lack.ORIGIN)
    assert evidence.reason == reason
    assert status(evidence, case) is Status.INVALID


def test_another_version_installed_into_a_build_is_invalid(place, case, toy_index):
    locked = place("1.0")
    python = build(locked.lock)
    run_uv(["pip", "install", "--quiet", "--python", str(python), "toy==1.1"])
    assert_invalid(locked, case, "the lock has toy 1.0, the environment 1.1")


def test_a_module_that_states_another_version_is_invalid(place, case):
    locked = place("1.0")
    module_file(locked).write_text(toy_module("2.0"))
    assert_invalid(locked, case, "toy states version 2.0, its distribution 1.0")


def test_a_package_taken_out_of_a_build_is_invalid(place, case, toy_index):
    toy_index.add(write_wheel(toy_index.folder, "dep", "1.0", {"dep.py": ""}))
    locked = place("1.0", packages={"toy": "1.0", "dep": "1.0"})
    python = build(locked.lock)
    run_uv(["pip", "uninstall", "--quiet", "--python", str(python), "dep"])
    assert_invalid(locked, case, "the lock has dep 1.0, the environment none")


def test_a_module_from_outside_the_environment_is_invalid(place, case, tmp_path):
    locked = place("1.0")
    outside = tmp_path / "outside"
    outside.mkdir()
    module = module_file(locked)
    module.rename(outside / "toy.py")
    (module.parent / "outside.pth").write_text(f"{outside}\n")
    path = outside / "toy.py"
    assert_invalid(locked, case, f"toy was imported from {path}, which is outside the environment")


# What a place says of itself


def test_a_locked_place_is_about_its_own_library(place, case):
    locked = place("1.0", note="moved")
    assert (locked.id, locked.key) == ("toy-1.0", locked.lock.key)
    assert locked.facts == {"toy": "1.0", "python": "3.11"}
    assert locked.record().packages == {"toy": "1.0"}
    assert locked.is_repeatable
    assert locked.runs(case)
    assert not LockedPlace(toy_lock(), locked.config, TOY).runs(other_library(case))


def other_library(case: Case) -> Case:
    return parse_case(Path("cases/jax/7_breaks.py"), case.text.replace("toy", "jax"))


def test_the_compilation_cache_crosses_no_locks(place):
    folders = {place(version)._jax_cache_folder() for version in ("1.0", "1.1")}
    folders.add(place("1.0", python="3.12")._jax_cache_folder())
    assert len(folders) == 3
    assert place("1.0")._jax_cache_folder() == place("1.0", note="moved")._jax_cache_folder()


def test_the_libraries_of_cases_are_what_they_require(toy_project, case):
    config = load_config(toy_project)
    needy = parse_case(case.path, case.text.replace('["toy"]', '["toy", "Some_Dep>=2", "funsor"]'))
    assert libraries_of([case], config) == TOY
    assert libraries_of([needy, case], config) == (
        ("funsor", "funsor"),
        ("some-dep", "some_dep"),
        ("toy", "toy"),
    )


def test_preparing_a_place_builds_it_once(place, toy_index):
    locked = place("1.0")
    locked.prepare()
    locked.prepare()
    assert toy_index.requests["toy-1.0-py3-none-any.whl"] == 1


def test_preparing_a_place_without_its_python_is_no_evidence(place):
    with pytest.raises(NoEvidence, match=r"no Python 3\.5"):
        place("1.0", python="3.5").prepare()


# An interpreter that is not ours


@pytest.fixture
def production(toy_index, tmp_path):
    """Somebody's virtual environment with a toy library in it."""
    publish_toy(toy_index)
    folder = tmp_path / "production"
    run_uv(["venv", "--quiet", "--no-project", "--python", "3.11", str(folder)])
    run_uv(["pip", "install", "--quiet", "--python", str(folder / "bin/python"), "toy==2.0"])
    return folder


def snapshot(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_an_interpreter_is_asked_what_it_holds(production):
    place = InterpreterPlace(production / "bin/python", TOY, "production")
    record = place.record()
    assert (record.id, record.resolution, record.library) == ("production", "interpreter", None)
    assert place.facts == {"toy": "2.0", "python": record.python}
    assert record.python.startswith("3.11.")
    assert place.is_repeatable


def test_an_interpreter_is_never_written_to(production, case):
    before = snapshot(production)
    place = InterpreterPlace(production / "bin/python", TOY)
    place.prepare()
    assert status(evidence_of(place, case), case) is Status.FIXED
    assert snapshot(production) == before


# JAX's compilation cache

DISTRUST = """
[[tool.harness.jax-cache-off]]
where = ["toy<2"]
reason = "what it loads is wrong"
"""


def seen_cache(place: LockedPlace, folder: Path) -> str:
    """Where a case of this place is told to keep compiled programs; empty where nowhere."""
    path = folder / "7_cache.py"
    path.write_text(
        block(HEADER) + "import os\n\n\ndef failure():\n"
        "    print(os.environ.get('JAX_COMPILATION_CACHE_DIR', ''))\n"
    )
    return evidence_of(place, parse_case(path, path.read_text())).log.strip()


def test_the_compilation_cache_belongs_to_one_lock(place, tmp_path):
    one, other = seen_cache(place("1.0"), tmp_path), seen_cache(place("2.0"), tmp_path)
    assert one
    assert other
    assert one != other


def test_the_compilation_cache_is_off_where_it_is_told_or_known_to_give_wrong_results(toy_project, tmp_path):
    with (toy_project / "pyproject.toml").open("a") as stream:
        stream.write(DISTRUST)
    config = load_config(toy_project)
    assert seen_cache(LockedPlace(toy_lock("2.0"), config, TOY), tmp_path)
    assert not seen_cache(LockedPlace(toy_lock("2.0"), config, TOY, jax_cache=False), tmp_path)
    assert not seen_cache(LockedPlace(toy_lock("1.0"), config, TOY), tmp_path)


# Variables, for a control experiment

SETTING = {"TOY_SETTING": "0"}


def printed(place: LockedPlace, name: str, folder: Path) -> str:
    """The value of a variable as a case of this place sees it; empty where it is not set."""
    path = folder / "7_variable.py"
    path.write_text(
        block(HEADER) + f"import os\n\n\ndef failure():\n    print(os.environ.get({name!r}, ''))\n"
    )
    return evidence_of(place, parse_case(path, path.read_text())).log.strip()


@pytest.mark.parametrize("spawn", ["", "1"])
def test_a_case_sees_the_variables_of_its_place_and_of_no_other(place, tmp_path, monkeypatch, spawn):
    monkeypatch.setenv("HARNESS_PROBE_SPAWN", spawn)
    monkeypatch.setenv("TOY_SETTING", "of the user")
    plain = place("2.0")
    assert printed(replace(plain, variables=SETTING), "TOY_SETTING", tmp_path) == "0"
    assert printed(plain, "TOY_SETTING", tmp_path) == ""


def test_a_place_with_variables_is_another_one_to_whoever_keeps_what_it_gave(place):
    plain = place("2.0")
    one, both = replace(plain, variables=SETTING), replace(plain, variables={**SETTING, "A": "b"})
    assert plain.key == plain.lock.key
    assert one.key == f"{plain.lock.key}+TOY_SETTING=0"
    assert both.key == f"{plain.lock.key}+A=b+TOY_SETTING=0"
    for each in (plain, one, both):
        assert each.record() == replace(plain.lock.record(), key=each.key)


def test_places_with_other_variables_share_a_build_and_no_compiled_code(place, toy_index):
    plain = place("1.0")
    places = [plain, *(replace(plain, variables={"TOY_SETTING": value}) for value in ("0", "1"))]
    for each in places:
        each.prepare()
    assert toy_index.requests["toy-1.0-py3-none-any.whl"] == 1
    assert len({each._jax_cache_folder() for each in places}) == 3
    assert plain._jax_cache_folder().name == f"{plain.lock.key}-{machine_digest()}"


def test_the_order_of_variables_makes_no_difference(place):
    one, other = (replace(place("1.0"), variables=dict(pairs)) for pairs in (("ab", "cd"), ("cd", "ab")))
    assert one.key == other.key
    assert one._jax_cache_folder() == other._jax_cache_folder()


# A package of a commit


def test_a_place_of_a_commit_runs_the_code_of_its_wheel(place, case, tmp_path):
    text = '__version__ = "1.0"\ndef sample():\n    raise ValueError("shapes disagree: from the commit")\n'
    wheel = write_wheel(tmp_path / "wheels", "toy", "1.0", {"toy.py": text})
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    evidence = evidence_of(place("1.0", sources=(Source(name="toy", path=wheel, sha256=sha256),)), case)
    assert evidence.raised.message == "shapes disagree: from the commit"
    assert status(evidence, case) is Status.FAILING


# An interpreter that changes


def test_the_key_of_an_interpreter_changes_with_what_it_holds(production):
    python = production / "bin/python"
    before = InterpreterPlace(python, TOY).key
    assert InterpreterPlace(python, TOY).key == before
    run_uv(["pip", "install", "--quiet", "--python", str(python), "toy==2.1"])
    assert InterpreterPlace(python, TOY).key != before


def test_evidence_of_a_library_under_edit_does_not_count_again(production, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/toy.py").write_text(toy_module("2.0"))
    python = production / "bin/python"
    (distribution,) = production.glob("lib/*/site-packages/toy-2.0.dist-info")
    (distribution / "direct_url.json").write_text(f'{{"url": "file://{tmp_path}/src", "dir_info": {{}}}}')
    assert not InterpreterPlace(python, TOY).is_repeatable


def test_what_is_no_python_is_refused_with_the_way_out(tmp_path):
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho it is broken >&2\nexit 3\n")
    script.chmod(0o755)
    with pytest.raises(UsageError, match=r"cannot be probed \(.*it is broken\); give the path of a Python"):
        InterpreterPlace(script, TOY).prepare()
