"""A lock is found in the project, else in the journal, else resolved and kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest
from packaging.version import Version
from toy.project import CONFIG, toy_lock, write_locks

from harness.bisect.journal import Journal
from harness.bisect.shelf import Shelf
from harness.config import load_config
from harness.environment.ids import EnvironmentId, parse_environment_id
from harness.environment.lock import Lock, LockFolder
from harness.environment.resolve import Request
from harness.errors import NoEvidence


@dataclass
class FakeResolver:
    """Resolves every request to a lock of its release, and tells what it was asked."""

    today: date = date(2026, 1, 1)
    as_of: str = "2025-12-31"
    asked: list[str] = field(default_factory=list)
    unreachable: bool = False

    def resolve(self, request: Request) -> Lock:
        self.asked.append(str(request.id))
        if self.unreachable:
            message = "the index cannot be read."
            raise NoEvidence(message)
        packages = {"toy": str(request.id.version), "dep": str(self.today.day)}
        as_of = None if request.id.latest else self.as_of
        return toy_lock(
            str(request.id.version), id=request.id, python=request.python, packages=packages, as_of=as_of
        )


@pytest.fixture
def resolver() -> FakeResolver:
    return FakeResolver()


@pytest.fixture
def shelf(tmp_path, resolver):
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    config = load_config(tmp_path)
    with Journal(tmp_path / "bisect.sqlite") as journal:
        yield Shelf(config=config, locks=LockFolder(path=config.locks), journal=journal, resolver=resolver)


def request(name: str = "toy-2.0", python: str = "3.11", extra: tuple[str, ...] = ()) -> Request:
    return Request(id=parse_environment_id(name), python=python, extra=extra)


def test_a_lock_of_the_project_is_taken_and_nobody_asked(shelf, resolver, tmp_path):
    write_locks(tmp_path, "2.0")
    assert shelf.at_hand(request()) == toy_lock("2.0")
    assert shelf.lock(request()) == toy_lock("2.0")
    assert resolver.asked == []


def test_a_lock_of_the_project_goes_before_one_that_was_resolved(shelf, tmp_path):
    shelf.lock(request())
    write_locks(tmp_path, "2.0")
    assert shelf.lock(request()) == toy_lock("2.0")


def test_what_nobody_has_is_not_at_hand(shelf, resolver):
    assert shelf.at_hand(request()) is None
    assert resolver.asked == []


def test_a_request_is_resolved_once(shelf, resolver):
    first = shelf.lock(request())
    assert shelf.at_hand(request()) == first
    assert shelf.lock(request()) == first
    assert (resolver.asked, first.id) == (["toy-2.0"], EnvironmentId(library="toy", version=Version("2.0")))


@pytest.mark.parametrize("other", [{"python": "3.12"}, {"extra": ("flax",)}, {"name": "toy-2.0+jax-0.4.1"}])
def test_a_request_of_another_python_extra_or_pin_is_another_one(shelf, resolver, other):
    shelf.lock(request())
    assert shelf.at_hand(request(**other)) is None


def test_what_existed_on_a_day_holds_for_ever(shelf, resolver):
    first = shelf.lock(request())
    resolver.today = date(2026, 1, 2)
    assert shelf.lock(request()) == first


def test_what_is_newest_holds_for_the_day(shelf, resolver):
    first = shelf.lock(request("toy-2.0@latest"))
    assert shelf.at_hand(request("toy-2.0@latest")) == first
    resolver.today = date(2026, 1, 2)
    assert shelf.at_hand(request("toy-2.0@latest")) is None
    assert shelf.lock(request("toy-2.0@latest")).packages == {"toy": "2.0", "dep": "2"}
    assert len(resolver.asked) == 2


@pytest.mark.parametrize(("as_of", "holds"), [("2026-01-01", True), ("2026-01-02", False)])
def test_a_period_that_is_not_over_holds_for_the_day(shelf, resolver, as_of, holds):
    resolver.as_of = as_of
    first = shelf.lock(request())
    assert shelf.at_hand(request()) == first
    resolver.today = date(2026, 1, 2)
    assert (shelf.at_hand(request()) is not None) is holds


def test_an_index_that_cannot_be_read_leaves_nothing_behind(shelf, resolver):
    resolver.unreachable = True
    with pytest.raises(NoEvidence):
        shelf.lock(request())
    resolver.unreachable = False
    assert shelf.at_hand(request()) is None
    assert shelf.lock(request()).packages["toy"] == "2.0"


def test_a_lock_of_no_request_is_made_once_under_its_title(shelf):
    made = [toy_lock("1.0"), toy_lock("2.0")]
    assert shelf.kept("a mixture") is None
    assert shelf.made("a mixture", lambda: made[0]) == made[0]
    assert shelf.made("a mixture", lambda: made[1]) == made[0]
    assert shelf.made("another", lambda: made[1]) == made[1]
    assert shelf.kept("a mixture") == made[0]


def test_that_there_is_no_lock_under_a_title_holds_for_the_day(shelf, resolver):
    none = toy_lock("1.0", packages={}, unresolvable="no wheel yet")
    assert shelf.made("a mixture", lambda: none) == none
    assert shelf.made("a mixture", lambda: toy_lock("2.0")) == none
    resolver.today = date(2026, 1, 2)
    assert shelf.kept("a mixture") is None
    assert shelf.made("a mixture", lambda: toy_lock("2.0")) == toy_lock("2.0")
