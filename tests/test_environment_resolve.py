"""Resolving an environment to its exact versions, against an index with the traps of the real one."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy.index import ToyIndex
from toy.wheels import write_wheel

from harness.config import load_config
from harness.environment.build import Unbuildable, build
from harness.environment.compiling import parse_pins, public_versions
from harness.environment.ids import parse_environment_id
from harness.environment.indexes import index_environment
from harness.environment.lock import Lock, parse_lock, render_lock
from harness.environment.resolve import Request, Resolver, earliest
from harness.errors import NoEvidence, UsageError

LIBRARIES = "[tool.harness.library.toy]\n[tool.harness.library.core]\ndistribution = 'toycore'\n"
TODAY = date(2026, 1, 1)


class Bench:
    """An index to publish on, and a resolver for it."""

    def __init__(self, index: ToyIndex, root) -> None:
        self.index = index
        self.root = root
        self.config_text = LIBRARIES

    def publish(
        self, name: str, version: str, uploaded: str, requires=(), yanked: bool = False, **options
    ) -> None:
        wheel = write_wheel(self.index.folder, name, version, {f"{name}.py": ""}, requires, **options)
        self.index.add(wheel, uploaded=uploaded, yanked=yanked)

    def resolver(self, today: date = TODAY) -> Resolver:
        (self.root / "pyproject.toml").write_text(self.config_text)
        return Resolver(load_config(self.root), today=today)

    def lock(self, name: str, extra=(), python: str = "3.11", today: date = TODAY) -> Lock:
        request = Request(id=parse_environment_id(name), python=python, extra=tuple(extra))
        return self.resolver(today).resolve(request)


@pytest.fixture
def bench(toy_index, tmp_path):
    return Bench(toy_index, tmp_path)


# Period, latest, pinned


def test_a_period_environment_gets_the_companions_of_its_time_and_latest_the_newest(bench):
    bench.publish("toy", "1.0", "2023-06-01", ["toy-dtypes>=0.1"])
    bench.publish("toy-dtypes", "0.1", "2023-05-01")
    bench.publish("toy-dtypes", "0.2", "2023-06-20")
    bench.publish("toy-dtypes", "0.3", "2023-06-23")
    bench.publish("toy-dtypes", "0.5", "2025-01-01")
    period, latest = bench.lock("toy-1.0"), bench.lock("toy-1.0@latest")
    assert (period.packages["toy-dtypes"], period.as_of, period.note) == ("0.2", "2023-06-22", "")
    assert (latest.packages["toy-dtypes"], latest.as_of, latest.note) == ("0.5", None, "")


def test_a_pinned_environment_is_as_of_the_newest_release_that_it_names(bench):
    bench.publish("toy", "1.0", "2023-06-01", ["toycore"])
    bench.publish("toycore", "2.0", "2024-06-01", ["toy-dtypes"])
    bench.publish("toycore", "3.0", "2024-06-02")
    bench.publish("toy-dtypes", "0.2", "2024-06-20")
    bench.publish("toy-dtypes", "0.3", "2024-07-01")
    lock = bench.lock("toy-1.0+core-2.0")
    assert lock.packages == {"toy": "1.0", "toycore": "2.0", "toy-dtypes": "0.2"}
    assert (lock.as_of, lock.requested) == ("2024-06-22", ("toy==1.0", "toycore==2.0"))


def test_a_period_does_not_reach_beyond_tomorrow(bench):
    bench.publish("toy", "1.0", "2025-12-31")
    assert bench.lock("toy-1.0").as_of == "2026-01-02"


def test_a_release_of_this_very_day_is_found(bench):
    bench.publish("toy", "1.0", "2026-01-01T23:59:59Z")
    assert bench.lock("toy-1.0").packages == {"toy": "1.0"}


def test_the_python_of_the_request_decides(bench):
    bench.publish("toy", "1.0", "2024-01-01", ["toycore"])
    bench.publish("toycore", "1.0", "2024-01-01", requires_python=">=3.8")
    bench.publish("toycore", "2.0", "2024-01-01", requires_python=">=3.10")
    assert bench.lock("toy-1.0", python="3.11").packages["toycore"] == "2.0"
    assert bench.lock("toy-1.0", python="3.9").packages["toycore"] == "1.0"


def test_yanked_and_prereleases_are_no_companions(bench):
    bench.publish("toy", "1.0", "2024-01-01", ["toycore"])
    bench.publish("toycore", "1.0", "2024-01-01")
    bench.publish("toycore", "1.1", "2024-01-01", yanked=True)
    bench.publish("toycore", "2.0rc1", "2024-01-01")
    assert bench.lock("toy-1.0").packages["toycore"] == "1.0"


def test_a_compiled_package_is_not_built_from_source(bench):
    bench.publish("toy", "1.0", "2024-01-01", ["toycore"])
    bench.publish("toycore", "1.0", "2024-01-01")
    sdist = bench.index.folder / "toycore-2.0.tar.gz"
    sdist.write_bytes(b"an hour of compiling")
    bench.index.add(sdist, "2024-01-01")
    bench.config_text = f"[tool.harness]\nonly-binary = ['toycore']\n{LIBRARIES}"
    assert bench.lock("toy-1.0").packages["toycore"] == "1.0"


# A companion must match: what jax[cpu] does for jax and jaxlib


def test_the_extra_pairs_a_companion_with_exactly_its_own_core(bench):
    bench.publish("toy", "1.0", "2023-09-01", ["toyjax>=1.2"])
    for version in ("1.2", "1.3", "1.4", "1.5"):
        cpu = {"cpu": [f"toyjaxlib=={version}"]}
        bench.publish("toyjax", version, "2023-08-01", ["toyjaxlib>=1.2"], extras=cpu)
    for version in ("1.2", "1.3"):  # 1.4 and 1.5 do not exist any more
        bench.publish("toyjaxlib", version, "2023-08-01")
    assert bench.lock("toy-1.0", ["toyjax[cpu]"]).packages == {
        "toy": "1.0",
        "toyjax": "1.3",
        "toyjaxlib": "1.3",
    }


# A file that was uploaded again, much later than it first came


@pytest.fixture
def reuploaded(bench):
    """toycore 1.3 is of January 2024, dated December 2025; 1.4 to 1.7 are gone; 1.8 came later."""
    bench.publish("toycore", "1.2", "2023-06-01")
    bench.publish("toycore", "1.3", "2025-12-05")
    bench.publish("toycore", "1.8", "2024-06-01")
    bench.publish("toycore", "2.0rc1", "2024-07-01")
    bench.publish("toycore", "2.0", "2025-12-20")
    bench.publish("toy", "0.5", "2023-12-01", ["toycore"])
    bench.publish("toy", "1.0", "2024-02-01", ["toycore>=1.3"])
    bench.publish("toy", "1.1", "2024-06-20", ["toycore>=1.3,<1.8"])
    bench.publish("toy", "1.2", "2024-06-20", ["toycore>=1.3"])
    bench.config_text = f"[tool.harness.uploaded]\n'toycore==1.3' = 2024-01-10\n{LIBRARIES}"
    return bench


def test_without_its_true_date_a_file_uploaded_again_is_hidden(reuploaded):
    reuploaded.config_text = LIBRARIES
    lock = reuploaded.lock("toy-1.0")
    assert (lock.packages["toycore"], lock.as_of) == ("1.8", "2024-06-02")


def test_with_its_true_date_it_is_there_and_nothing_that_came_after_it(reuploaded):
    lock = reuploaded.lock("toy-1.0")
    assert (lock.packages["toycore"], lock.as_of, lock.note) == ("1.3", "2024-02-22", "")


def test_it_is_still_there_when_newer_versions_are(reuploaded):
    lock = reuploaded.lock("toy-1.1")
    assert (lock.packages["toycore"], lock.note) == ("1.3", "")


def test_where_newer_versions_are_there_the_newest_is_taken(reuploaded):
    assert reuploaded.lock("toy-1.2").packages["toycore"] == "1.8"


def test_before_its_true_date_it_is_not_there(reuploaded):
    assert reuploaded.lock("toy-0.5").packages["toycore"] == "1.2"


def test_the_true_date_also_decides_the_period_of_the_release_itself(reuploaded):
    assert reuploaded.lock("core-1.3").as_of == "2024-01-31"


# The release's own date


def test_a_lock_has_the_utc_date_of_the_first_file_of_its_own_release(bench):
    bench.publish("toy", "1.0", "2024-02-02T01:30:00+02:00")
    bench.publish("toy", "1.0", "2024-03-01", tag="py2.py3-none-any")
    bench.publish("toycore", "2.0", "2024-06-01")
    names = ("toy-1.0", "toy-1.0@latest", "toy-1.0+core-2.0")
    assert [bench.lock(name).released for name in names] == ["2024-02-01"] * 3


def test_a_true_date_is_the_date_of_the_release_too(reuploaded):
    assert reuploaded.lock("core-1.3").released == "2024-01-10"
    assert reuploaded.lock("core-1.3@latest").released == "2024-01-10"


def test_where_nothing_resolves_the_release_has_a_date_all_the_same(bench):
    bench.publish("toy", "1.0", "2024-02-01", ["gone"])
    lock = bench.lock("toy-1.0")
    assert (lock.packages, lock.released) == ({}, "2024-02-01")


def test_an_index_without_dates_gives_a_lock_without_one(bench):
    bench.publish("toy", "1.0", "2024-02-01")
    bench.index.dated = False
    assert bench.lock("toy-1.0@latest").released is None


# Nothing resolves as of the date


def test_the_earliest_later_date_that_resolves_is_taken_to_the_day_and_noted(bench):
    bench.publish("toy", "1.0", "2024-02-01", ["toycore>=3"])
    bench.publish("toycore", "2.0", "2024-01-01")
    bench.publish("toycore", "3.0", "2024-09-17T23:59:59Z")
    bench.publish("toycore", "3.1", "2024-09-18T00:00:00Z")
    bench.publish("toycore", "3.2", "2025-09-18")
    lock = bench.lock("toy-1.0")
    assert (lock.packages["toycore"], lock.as_of) == ("3.0", "2024-09-18")
    assert lock.note == "nothing resolves as of 2024-02-22; the earliest date that does is 2024-09-18"


def test_what_resolves_only_since_today_is_found(bench):
    bench.publish("toy", "1.0", "2024-02-01", ["toycore"])
    bench.publish("toycore", "1.0", "2026-01-01T20:00:00Z")
    assert bench.lock("toy-1.0").as_of == "2026-01-02"


days = st.dates(date(2023, 1, 1), date(2025, 12, 31))


@given(first=days, second=days, third=days)
def test_the_earliest_day_is_the_one_that_trying_every_day_finds(first, second, third):
    bad, threshold, good = sorted((first, second, third + timedelta(days=1)))
    asked = []

    def solves(day: date) -> bool:
        asked.append(day)
        return day >= threshold

    every = (bad + timedelta(days=n) for n in range(1, (good - bad).days + 1))
    expected = next((day for day in every if solves(day)), good)
    asked.clear()
    assert earliest(bad, good, solves) == expected
    assert len(asked) <= 11
    assert all(bad < day < good for day in asked)


# Nothing resolves at all


def test_the_reason_does_not_depend_on_the_width_of_the_terminal(bench, monkeypatch):
    bench.publish("toy", "1.0", "2024-02-01", ["toycore>=9"])
    bench.publish("toycore", "1.0", "2024-01-01")
    locks = []
    for columns in ("30", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        index_environment.cache_clear()
        locks.append(bench.lock("toy-1.0@latest"))
    assert locks[0] == locks[1]
    assert locks[0].key == locks[1].key


def test_a_release_that_nothing_resolves_keeps_the_resolvers_reason(bench):
    bench.publish("toy", "1.0", "2024-02-01", ["toycore>=9"])
    bench.publish("toycore", "1.0", "2024-01-01")
    lock = bench.lock("toy-1.0")
    assert (lock.packages, lock.as_of) == ({}, "2024-02-22")
    assert "toycore==1.0" in lock.unresolvable
    assert "depend on toycore>=9" in lock.unresolvable
    assert "127.0.0.1" not in lock.unresolvable
    assert str(bench.root) not in lock.unresolvable


def test_the_reason_survives_the_file_and_is_what_a_build_says(bench):
    bench.publish("toy", "1.0", "2024-02-01", ["gone"])
    lock = bench.lock("toy-1.0@latest")
    assert "gone was not found in the package registry" in lock.unresolvable
    read = parse_lock(bench.root / "toy-1.0@latest.txt", render_lock(lock))
    assert read == lock
    with pytest.raises(Unbuildable) as caught:
        build(read)
    assert str(caught.value) == lock.unresolvable


def test_a_release_without_a_wheel_for_this_python_is_unresolvable_there(bench):
    bench.publish("toy", "1.0", "2024-01-01", tag="cp38-cp38-manylinux_2_17_x86_64")
    lock = bench.lock("toy-1.0")
    assert "toy==1.0 has no wheels with a matching Python ABI tag" in lock.unresolvable
    assert lock.packages == {}


def test_a_release_that_refuses_this_python_is_unresolvable_there(bench):
    bench.publish("toy", "1.0", "2024-01-01", requires_python=">=3.12")
    assert "does not satisfy Python>=3.12" in bench.lock("toy-1.0").unresolvable
    assert bench.lock("toy-1.0@py3.12", python="3.12").packages == {"toy": "1.0"}


# Faults are no verdicts


def test_an_unknown_release_is_refused_with_the_newest_that_there_is(bench):
    bench.publish("toy", "1.0", "2024-01-01")
    bench.publish("toy", "1.1rc1", "2024-01-01")
    with pytest.raises(UsageError, match=r"no toy 9\.9; its newest release is 1\.0\."):
        bench.lock("toy-9.9")


def test_an_unknown_library_is_refused_with_those_that_are_known(bench):
    with pytest.raises(UsageError, match="'jax' is no known library; known are core, toy"):
        bench.lock("jax-1.0")


def test_a_release_without_a_date_has_no_period_but_a_latest(bench):
    bench.publish("toy", "1.0", "2024-01-01")
    bench.index.dated = False
    with pytest.raises(NoEvidence, match=r"gives no upload date for toy 1\.0: it has no period; use @latest"):
        bench.lock("toy-1.0")
    assert bench.lock("toy-1.0@latest").packages == {"toy": "1.0"}


def break_index(index: ToyIndex, how: str) -> None:
    if how == "answers 500":
        index.broken = True
    elif how == "wants a password":
        index.password = ("user", "secret")
    elif how == "is gone":
        index.__exit__(None, None, None)


@pytest.mark.parametrize("how", ["answers 500", "wants a password", "is gone"])
@pytest.mark.parametrize("when", ["before", "after its releases were read"])
def test_an_index_that_cannot_be_read_is_no_evidence_and_no_verdict(bench, how, when):
    bench.publish("toy", "1.0", "2024-01-01")
    resolver = bench.resolver()
    if when != "before":
        resolver.releases("toy")
    break_index(bench.index, how)
    start = time.monotonic()
    with pytest.raises(NoEvidence) as caught:
        resolver.resolve(Request(id=parse_environment_id("toy-1.0"), python="3.11"))
    assert time.monotonic() - start < 10
    assert len(str(caught.value).splitlines()) == 1
    if how != "wants a password" or when == "before":
        assert "127.0.0.1" in str(caught.value)


def test_releases_are_read_once(bench):
    bench.publish("toy", "1.0", "2024-01-01")
    resolver = bench.resolver()
    for _ in range(2):
        resolver.releases("Toy")
    assert bench.index.requests["toy/"] == 1


# What uv prints


def test_pins_are_read_from_what_uv_prints():
    text = "# made by uv\n--find-links x\nTorch_X==2.4.1+cpu  # via pyro\n\nnumpy==2.0\n"
    assert parse_pins(text) == {"torch-x": "2.4.1+cpu", "numpy": "2.0"}


def test_a_local_build_is_locked_by_its_public_version_and_remembered(bench):
    bench.publish("toy", "1.0", "2023-06-01", ["dep"])
    bench.publish("dep", "1.0+cpu", "2023-05-01")
    lock = bench.lock("toy-1.0")
    assert (lock.packages, lock.local_builds) == ({"toy": "1.0", "dep": "1.0"}, ("dep",))
    assert parse_lock(Path("toy-1.0.txt"), render_lock(lock)) == lock


def test_installed_versions_lose_local_labels_to_compare_with_pins():
    assert public_versions({"torch": "2.4.1+cu121", "numpy": "2.0"}) == {"torch": "2.4.1", "numpy": "2.0"}
