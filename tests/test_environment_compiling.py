"""Asking uv for exact versions: verdicts apart from faults, and versions that are kept where they can be."""

from __future__ import annotations

from datetime import date

import pytest
from toy.wheels import write_wheel

from harness.environment.compiling import Unsolvable, compile_pins, local_builds
from harness.environment.uv import UvError


@pytest.fixture
def publish(toy_index):
    def put(name: str, version: str, requires=(), uploaded: str = "2024-01-01", **options) -> None:
        wheel = write_wheel(toy_index.folder, name, version, {f"{name}.py": ""}, requires, **options)
        toy_index.add(wheel, uploaded=uploaded)

    return put


def compiled(*wanted: str, **options) -> dict[str, str]:
    return compile_pins(wanted, python="3.11", **options)


@pytest.fixture
def pair(publish):
    """toy 1 and 2 need the toycore of the same number; toy 1 also runs with the newest dep."""
    for version in ("1.0", "2.0"):
        publish("toycore", version)
        publish("dep", version)
        publish("toy", version, [f"toycore=={version}", "dep"])


def test_the_newest_versions_are_taken_where_nothing_is_preferred(pair):
    assert compiled("toy") == {"toy": "2.0", "toycore": "2.0", "dep": "2.0"}


def test_a_preferred_version_is_kept(pair):
    assert compiled("toy", preferences={"dep": "1.0"}) == {"toy": "2.0", "toycore": "2.0", "dep": "1.0"}


def test_a_preferred_version_gives_way_to_a_requirement(pair):
    held = {"toy": "1.0", "toycore": "1.0", "dep": "1.0"}
    assert compiled("toy==2.0", preferences=held) == {"toy": "2.0", "toycore": "2.0", "dep": "1.0"}


def test_a_preferred_package_that_nothing_needs_stays_out(pair):
    assert compiled("dep", preferences={"toy": "1.0"}) == {"dep": "2.0"}


def test_a_constraint_holds_only_for_what_comes_in(pair):
    assert compiled("toycore", constraints=["dep==1.0"]) == {"toycore": "2.0"}
    assert compiled("toy", constraints=["dep==1.0"])["dep"] == "1.0"


def test_a_day_hides_what_came_later_but_for_packages_with_a_time_of_their_own(publish):
    for name in ("toy", "dep"):
        publish(name, "1.0", uploaded="2023-01-01")
        publish(name, "2.0", uploaded="2024-01-01")
    limits = {"day": date(2023, 6, 1), "moved": {"dep": "2024-06-01T00:00:00Z"}}
    assert compiled("toy", "dep", **limits) == {"toy": "1.0", "dep": "2.0"}


def test_without_dependencies_only_what_is_wanted_is_asked_for(pair):
    assert compiled("toy==1.0", "toycore==2.0", dependencies=False) == {"toy": "1.0", "toycore": "2.0"}


def test_what_does_not_fit_is_a_verdict_with_the_resolvers_reason(pair, tmp_path):
    with pytest.raises(Unsolvable, match=r"depends on toycore==1\.0") as caught:
        compiled("toy==1.0", "toycore==2.0")
    assert str(tmp_path) not in str(caught.value)


def test_an_index_that_fails_is_a_fault(pair, toy_index):
    toy_index.broken = True
    with pytest.raises(UvError) as caught:
        compiled("toy")
    assert not caught.value.is_verdict


def test_a_local_build_keeps_its_label(publish):
    publish("toy", "1.0+cpu")
    pins = compiled("toy==1.0")
    assert (pins, local_builds(pins)) == ({"toy": "1.0+cpu"}, ("toy",))
