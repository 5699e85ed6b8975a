"""Building environments from locks: once, whole, and holding nothing else."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from toy.project import publish_toy, toy_lock, toy_module
from toy.wheels import write_wheel

from harness.environment import build as build_module
from harness.environment.build import Unbuildable, build, build_folder, interpreter, is_built
from harness.environment.ids import parse_environment_id
from harness.environment.lock import Lock, Source, render_lock
from harness.environment.uv import UvError
from harness.errors import NoEvidence

WHEEL = "toy-1.0-py3-none-any.whl"

BUILD = """
import sys
from pathlib import Path
from harness.environment.build import build
from harness.environment.lock import parse_lock
path = Path(sys.argv[1])
print(build(parse_lock(path, path.read_text())))
"""


@pytest.fixture
def published(toy_index):
    """The index with every release of the toy library."""
    publish_toy(toy_index)
    return toy_index


@pytest.fixture
def uv_calls(monkeypatch):
    """What uv was asked to do, by its first words."""
    calls = []

    def counted(arguments, **options):
        calls.append(arguments[0])
        return real(arguments, **options)

    real = build_module.run_uv
    monkeypatch.setattr(build_module, "run_uv", counted)
    return calls


def held(python: Path) -> dict[str, str]:
    """The distributions in an environment."""
    held = "[(d.name, d.version) for d in importlib.metadata.distributions()]"
    code = f"import importlib.metadata, json; print(json.dumps({held}))"
    return dict(json.loads(subprocess.check_output([python, "-I", "-c", code])))


def start_build(lock, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """Build in a process of its own, and in a process group of its own so that it can be killed with uv."""
    path = folder / f"{lock.id}.txt"
    path.write_text(render_lock(lock))
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, str(path)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that within 30 s"
        time.sleep(0.01)


def leftovers() -> list[str]:
    return sorted(path.name for path in build_folder(toy_lock()).parent.glob("*") if path.is_dir())


# What a build holds


def test_a_build_holds_the_packages_of_its_lock_and_nothing_else(published):
    write_wheel(published.folder, "dep", "1.0", {"dep.py": ""})
    published.add(published.folder / "dep-1.0-py3-none-any.whl")
    python = build(toy_lock("1.1", packages={"toy": "1.1", "dep": "1.0"}))
    assert held(python) == {"toy": "1.1", "dep": "1.0"}


def test_what_a_package_requires_beyond_the_lock_is_not_added(toy_index):
    wheel = write_wheel(toy_index.folder, "toy", "1.0", {"toy.py": ""}, ["dep"])
    toy_index.add(wheel)
    toy_index.add(write_wheel(toy_index.folder, "dep", "1.0", {"dep.py": ""}))
    assert held(build(toy_lock("1.0"))) == {"toy": "1.0"}


def test_where_the_index_has_another_build_than_the_lock_it_brings_what_it_needs(toy_index):
    """As torch does, whose `+cpu` build needs no CUDA packages: the lock was made with that one."""
    toy_index.add(write_wheel(toy_index.folder, "toy", "1.0", {"toy.py": ""}, ["dep"]))
    toy_index.add(write_wheel(toy_index.folder, "dep", "1.0", {"dep.py": ""}))
    assert held(build(toy_lock("1.0", local_builds=("toy",)))) == {"toy": "1.0", "dep": "1.0"}


def test_a_build_has_the_python_of_its_lock(published):
    for version in ("3.11", "3.12"):
        python = build(toy_lock(python=version))
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        assert subprocess.check_output([python, "-c", code], text=True).strip() == version


# Packages that come from a wheel at hand


def wheel_of(folder: Path, text: str, requires: Sequence[str] = ()) -> Source:
    """A wheel of toy 1.0 whose module is this text."""
    wheel = write_wheel(folder, "toy", "1.0", {"toy.py": text}, requires)
    return Source(name="toy", path=wheel, sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())


def commit_lock(source: Source, **fields: object) -> Lock:
    return toy_lock("1.0", sources=(source,), **fields)


def module_text(python: Path) -> str:
    return (python.parent.parent / "lib/python3.11/site-packages/toy.py").read_text()


def test_a_package_comes_from_the_wheel_at_hand_and_the_others_from_the_index(published, tmp_path):
    published.add(write_wheel(published.folder, "dep", "2.0", {"dep.py": ""}))
    source = wheel_of(tmp_path / "a b#c;d%e", "commit = 'a'\n")
    python = build(commit_lock(source, packages={"toy": "1.0", "dep": "2.0"}), ["toy"])
    assert held(python) == {"toy": "1.0", "dep": "2.0"}
    assert module_text(python) == "commit = 'a'\n"
    assert published.requests[WHEEL] == 0


def test_wheels_of_one_name_and_version_give_each_its_own_content(published, tmp_path):
    sources = [wheel_of(tmp_path / text, f"commit = {text!r}\n") for text in "ab"]
    texts = [module_text(build(lock)) for lock in (toy_lock(), *map(commit_lock, sources))]
    assert texts == [toy_module("1.0"), "commit = 'a'\n", "commit = 'b'\n"]


def test_a_wheel_written_over_another_in_the_same_moment_gives_its_own_content(published, tmp_path):
    first = wheel_of(tmp_path / "wheels", "commit = 'a'\n")
    stat = first.path.stat()
    assert module_text(build(commit_lock(first))) == "commit = 'a'\n"
    second = wheel_of(tmp_path / "wheels", "commit = 'b'\n")
    os.utime(second.path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (second.path, second.path.stat().st_size) == (first.path, stat.st_size)
    assert module_text(build(commit_lock(second))) == "commit = 'b'\n"


def test_what_a_wheel_at_hand_requires_is_added_only_where_a_local_build_was_locked(toy_index, tmp_path):
    toy_index.add(write_wheel(toy_index.folder, "dep", "1.0", {"dep.py": ""}))
    toy_index.add(write_wheel(toy_index.folder, "other", "1.0", {"other.py": ""}, ["dep", "toy"]))
    lock = commit_lock(
        wheel_of(tmp_path / "wheels", "commit = 'a'\n", ["dep"]), packages={"toy": "1.0", "other": "1.0"}
    )
    assert held(build(lock)) == {"toy": "1.0", "other": "1.0"}
    shutil.rmtree(build_folder(lock))
    python = build(replace(lock, local_builds=("other",)))
    assert held(python) == {"toy": "1.0", "other": "1.0", "dep": "1.0"}
    assert module_text(python) == "commit = 'a'\n"


def test_a_wheel_at_hand_that_is_no_longer_what_it_was_is_no_evidence(published, tmp_path):
    source = wheel_of(tmp_path / "wheels", "commit = 'a'\n")
    wheel_of(tmp_path / "wheels", "commit = 'b'\n")
    message = refusal(commit_lock(source))
    assert "toy-1.0 cannot be installed now: Failed to read" in message
    assert "Hash mismatch" in message
    assert leftovers() == []


def test_a_wheel_at_hand_that_is_gone_is_no_evidence(published, tmp_path):
    source = wheel_of(tmp_path / "wheels", "")
    source.path.unlink()
    assert "toy-1.0 cannot be installed now: Distribution not found at" in refusal(commit_lock(source))


# Once


def test_ids_with_the_same_content_share_one_build(published, uv_calls):
    first = build(toy_lock("1.0"))
    second = build(toy_lock("1.0", id=parse_environment_id("toy-1.0@latest"), as_of=None, note="other"))
    assert first == second
    assert uv_calls == ["venv", "pip"]


def test_locks_of_other_content_share_nothing(published):
    folders = [
        build_folder(lock) for lock in (toy_lock("1.0"), toy_lock("1.1"), toy_lock("1.0", python="3.12"))
    ]
    assert len(set(folders)) == 3


def test_a_build_is_made_once_however_many_threads_ask(published, uv_calls):
    together = threading.Barrier(4)

    def ask() -> Path:
        together.wait()
        return build(toy_lock("1.0"))

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask) for _ in range(4)]
        assert len({future.result() for future in asked}) == 1
    assert uv_calls == ["venv", "pip"]
    assert leftovers() == [build_folder(toy_lock()).name]


def test_a_build_is_made_once_however_many_processes_ask(published, tmp_path):
    published.open.clear()
    caches = [str(tmp_path / f"uv-cache-{number}") for number in range(2)]
    first, second = (start_build(toy_lock(), tmp_path, UV_CACHE_DIR=cache) for cache in caches)
    wait_for(lambda: published.requests[WHEEL])
    time.sleep(0.5)  # the other one is at the same place by now, or it waits
    published.open.set()
    assert first.communicate(timeout=60)[0] == second.communicate(timeout=60)[0]
    assert (first.returncode, second.returncode) == (0, 0)
    assert published.requests[WHEEL] == 1


# Whole or not at all


def test_a_build_that_was_not_finished_is_made_again(published, uv_calls):
    lock = toy_lock("1.0")
    python = build(lock)
    (build_folder(lock) / "built.json").unlink()
    (python.parent.parent / "lib/python3.11/site-packages/toy.py").unlink()
    assert not is_built(build_folder(lock))
    assert held(build(lock)) == {"toy": "1.0"}
    assert (python.parent.parent / "lib/python3.11/site-packages/toy.py").is_file()
    assert uv_calls == ["venv", "pip"] * 2


def test_a_build_whose_interpreter_went_away_is_made_again(published):
    lock = toy_lock("1.0")
    python = build(lock)
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    assert not is_built(build_folder(lock))
    assert held(build(lock)) == {"toy": "1.0"}


def test_a_killed_build_leaves_nothing_that_counts_or_stays(published, tmp_path):
    lock = toy_lock("1.0")
    published.open.clear()
    process = start_build(lock, tmp_path, UV_CACHE_DIR=str(tmp_path / "uv-cache"))
    wait_for(lambda: published.requests[WHEEL])
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    published.open.set()
    assert not is_built(build_folder(lock))
    assert len(leftovers()) == 1
    assert held(build(lock)) == {"toy": "1.0"}
    assert leftovers() == [build_folder(lock).name]


def test_a_failed_build_leaves_nothing(published):
    with pytest.raises(Unbuildable):
        build(toy_lock("1.0", packages={"toy": "9.9"}))
    assert leftovers() == []


def test_an_interrupted_build_leaves_nothing(published, monkeypatch):
    def interrupted(arguments, **options):
        if arguments[0] == "pip":
            raise KeyboardInterrupt
        return real(arguments, **options)

    real = build_module.run_uv
    monkeypatch.setattr(build_module, "run_uv", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(toy_lock("1.0"))
    assert leftovers() == []


# What is about the packages


def test_a_lock_without_a_solution_cannot_be_built_for_its_own_reason():
    with pytest.raises(Unbuildable, match=r"^nothing fits$"):
        build(toy_lock("0.9", packages={}, unresolvable="nothing fits"))


def test_a_package_that_is_gone_from_the_index_cannot_be_built(published):
    with pytest.raises(Unbuildable, match=r"no version of toy==9\.9"):
        build(toy_lock("1.0", packages={"toy": "9.9"}))


def test_a_package_without_a_wheel_for_this_python_cannot_be_built(toy_index):
    wheel = write_wheel(toy_index.folder, "toy", "1.0", {}, tag="cp38-cp38-manylinux_2_17_x86_64")
    toy_index.add(wheel)
    with pytest.raises(Unbuildable, match="no wheels with a matching"):
        build(toy_lock("1.0"))


def test_a_compiled_package_is_not_built_from_source(toy_index):
    (toy_index.folder / "toy-1.0.tar.gz").write_bytes(b"an hour of compiling")
    toy_index.add(toy_index.folder / "toy-1.0.tar.gz")
    with pytest.raises(Unbuildable, match=r"toy==1\.0 has no usable wheels"):
        build(toy_lock("1.0"), ["toy"])


# What is about this machine


def refusal(lock=None) -> str:
    with pytest.raises(NoEvidence) as caught:
        build(lock or toy_lock("1.0"))
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_an_interpreter_that_is_missing_is_no_evidence(published):
    assert "there is no Python 3.5 on this machine" in refusal(toy_lock(python="3.5"))


def test_an_index_that_is_broken_is_no_evidence(published):
    published.broken = True
    message = refusal()
    assert "toy-1.0 cannot be installed now: Failed to fetch: http://127.0.0.1" in message
    assert "500" in message
    assert leftovers() == []


def test_an_index_that_is_gone_is_no_evidence_and_no_password_is_printed(published, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", published.url_for("user:secret"))
    published.__exit__(None, None, None)
    message = refusal()
    assert "Failed to fetch: http://127.0.0.1" in message
    assert "secret" not in message


def test_a_password_that_is_missing_is_no_evidence(published):
    published.password = ("user", "secret")
    assert "toy-1.0 cannot be installed now" in refusal()


def test_a_cache_that_is_no_folder_is_no_evidence(published, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "file" / "cache"))
    message = refusal()
    assert "file/cache/environments cannot be written (Not a directory)" in message
    assert "HARNESS_CACHE" in message


def test_a_full_disk_is_no_evidence(published, monkeypatch):
    def full(*args, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(build_module.tempfile, "mkdtemp", full)
    assert "cannot be written (No space left on device); make room" in refusal()


def test_a_disk_that_uv_fills_is_no_evidence(published, monkeypatch):
    def full(arguments, **options):
        raise UvError("Failed to install: toy\nNo space left on device (os error 28)", is_verdict=False)

    monkeypatch.setattr(build_module, "run_uv", full)
    assert "toy-1.0 cannot be installed now: Failed to install: toy: No space left" in refusal()
    assert leftovers() == []


def test_builds_lie_in_the_users_cache_folder_unless_told(monkeypatch, tmp_path):
    monkeypatch.delenv("HARNESS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in build_folder(toy_lock()).parents
    assert interpreter(build_folder(toy_lock())).parent.parent == build_folder(toy_lock())
