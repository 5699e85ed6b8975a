"""Environments between two locks: consistent ones as they will be installed, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.version import Version
from toy.project import toy_lock
from toy.wheels import write_wheel

from harness.bisect.answer import Move
from harness.bisect.mixes import extend, hold, mix, moves, refusal
from harness.config import load_config
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock, parse_lock, render_lock
from harness.errors import NoEvidence, UsageError


@pytest.fixture
def publish(toy_index):
    def put(name: str, version: str, requires=(), **options) -> None:
        wheel = write_wheel(toy_index.folder, name, version, {f"{name}.py": ""}, requires, **options)
        toy_index.add(wheel)

    return put


@pytest.fixture
def config(toy_index, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.harness.library.toy]\n")
    return load_config(tmp_path)


def lock(packages: dict[str, str], **fields) -> Lock:
    version = packages.get("toy", "1.0")
    return toy_lock(version, packages=packages, **fields)


# What differs


def test_moves_are_sorted_and_count_what_only_one_side_has():
    a = lock({"toy": "1.0", "same": "1", "gone": "3"})
    b = lock({"toy": "2.0", "same": "1", "new": "4"})
    assert moves(a, b) == (
        Move(package="gone", before="3", after=None),
        Move(package="new", before=None, after="4"),
        Move(package="toy", before="1.0", after="2.0"),
    )


def test_the_python_is_no_package():
    assert moves(lock({"toy": "1.0"}), lock({"toy": "1.0"}, python="3.12")) == ()


# Mixing


@pytest.fixture
def ends(publish):
    """toy 2.0 needs helper, which only the new end has; left goes; core must match toyjax."""
    for version in ("1.0", "2.0"):
        for name in ("dep", "core"):
            publish(name, version)
        publish("toyjax", version, [f"core=={version}"])
    publish("left", "1.0")
    publish("helper", "5.0")
    publish("helper", "6.0")
    publish("toy", "1.0", ["dep"])
    publish("toy", "2.0", ["dep", "helper"])
    old = {"toy": "1.0", "dep": "1.0", "toyjax": "1.0", "core": "1.0", "left": "1.0"}
    new = {"toy": "2.0", "dep": "2.0", "toyjax": "2.0", "core": "2.0", "helper": "5.0"}
    return lock(old), lock(new, requested=("toy==2.0",))


def mixed(ends: tuple[Lock, Lock], *from_b: str) -> Lock:
    return mix(*ends, frozenset(from_b))


def test_nothing_or_everything_of_the_other_side_is_one_of_the_ends_itself(ends, toy_index):
    a, b = ends
    assert mixed(ends) is a
    assert mixed(ends, *(move.package for move in moves(a, b))) is b
    assert mixed(ends, "what neither has") is a
    assert not toy_index.requests


def test_only_the_chosen_package_moves(ends):
    a, _ = ends
    assert mixed(ends, "dep").packages == {**a.packages, "dep": "2.0"}


def test_a_package_that_the_other_side_lacks_is_left_out(ends):
    a, _ = ends
    assert mixed(ends, "left").packages == {name: v for name, v in a.packages.items() if name != "left"}


def test_a_needed_companion_comes_in_at_the_version_of_the_side_that_has_it(ends):
    a, _ = ends
    assert mixed(ends, "toy").packages == {**a.packages, "toy": "2.0", "helper": "5.0"}


def test_a_companion_that_would_be_taken_away_but_is_needed_stays(publish):
    publish("toy", "1.0", ["left"])
    publish("left", "1.0")
    publish("dep", "1.0")
    publish("dep", "2.0")
    a, b = lock({"toy": "1.0", "left": "1.0", "dep": "1.0"}), lock({"toy": "1.0", "dep": "2.0"})
    assert mixed((a, b), "left").packages == a.packages


def test_a_pair_that_only_fits_together_is_refused_alone_with_the_resolvers_reason(ends):
    a, _ = ends
    alone = mixed(ends, "toyjax")
    assert alone.packages == {}
    assert "depends on core==2.0" in alone.unresolvable
    assert mixed(ends, "toyjax", "core").packages == {**a.packages, "toyjax": "2.0", "core": "2.0"}


def test_what_needs_a_package_of_neither_side_is_refused(publish):
    publish("third", "1.0")
    publish("toy", "1.0")
    publish("toy", "2.0", ["third"])
    for version in ("1.0", "2.0"):
        publish("dep", version)
    a, b = lock({"toy": "1.0", "dep": "1.0"}), lock({"toy": "2.0", "dep": "2.0"})
    refused = mixed((a, b), "toy")
    assert refused.unresolvable == "it also needs third, which neither environment has"
    assert refused.packages == {}


def test_two_ways_to_the_same_packages_share_one_key(ends):
    a, b = ends
    rest = frozenset(move.package for move in moves(a, b)) - {"dep"}
    assert mix(a, b, frozenset({"dep"})).key == mix(b, a, rest).key


def test_a_mixture_is_named_after_the_release_of_the_library_that_it_holds(ends):
    assert str(mixed(ends, "toy").id) == "toy-2.0"
    assert str(mixed(ends, "dep").id) == "toy-1.0"
    assert mixed(ends, "toy").requested == ("toy",)
    assert mixed(ends, "toy").as_of is None


def test_a_mixture_has_no_date_of_the_release_that_it_was_made_of(ends, config):
    a, b = (replace(lock, released="2024-01-01") for lock in ends)
    assert mixed((a, b), "toy").released is None
    assert hold(a, "toy", "2.0", config).released is None


def test_a_library_is_known_by_what_was_asked_for_where_its_distribution_has_another_name(publish):
    for version in ("1.0", "2.0"):
        publish("toy-ppl", version)
        publish("dep", version)
    a, b = (
        Lock(
            id=EnvironmentId(library="toy", version=Version(version), pins=(("dep", Version(version)),)),
            python="3.11",
            as_of=None,
            requested=(f"toy-ppl=={version}", f"dep=={version}"),
            packages={"toy-ppl": version, "dep": version},
        )
        for version in ("1.0", "2.0")
    )
    assert str(mixed((a, b), "toy-ppl").id) == "toy-2.0+dep-1.0"
    assert str(mixed((a, b), "dep").id) == "toy-1.0+dep-2.0"


def test_a_mixture_survives_a_lock_file(ends, tmp_path):
    for found in (mixed(ends, "toy"), mixed(ends, "toyjax")):
        assert parse_lock(tmp_path / f"{found.id}.txt", render_lock(found)) == found


def test_different_pythons_are_not_mixed(ends):
    a, b = ends
    with pytest.raises(UsageError, match=r"toy-1.0 is of Python 3.11 and toy-2.0 of Python 3.12; bring them"):
        mix(a, replace(b, python="3.12"), frozenset({"dep"}))


def test_an_index_that_fails_is_no_verdict_on_a_mixture(ends, toy_index):
    toy_index.broken = True
    with pytest.raises(NoEvidence, match=r"a variation of toy-1.0 cannot be resolved now"):
        mixed(ends, "dep")


# Local builds


@pytest.fixture
def local(publish):
    """The plain build of big needs a driver; the local one, which is at hand, does not."""
    publish("big", "2.0", ["driver"])
    publish("big", "2.0+cpu")
    publish("driver", "1.0")
    for version in ("1.0", "2.0"):
        publish("toy", version, ["big"])
        publish("dep", version)
    a = lock({"toy": "1.0", "big": "2.0", "dep": "1.0"}, local_builds=("big",))
    return a, lock({"toy": "2.0", "big": "2.0", "dep": "2.0"}, local_builds=("big",))


def test_a_local_build_survives_a_mixture(local):
    found = mixed(local, "dep")
    assert (found.packages, found.local_builds) == ({"toy": "1.0", "big": "2.0", "dep": "2.0"}, ("big",))


def test_where_only_the_plain_build_is_there_it_may_bring_what_it_needs(local, publish, toy_index):
    toy_index.remove("big")
    publish("big", "2.0", ["driver"])
    found = mixed(local, "dep")
    assert (found.packages, found.local_builds) == ({"toy": "1.0", "big": "2.0", "dep": "2.0"}, ("big",))


def test_a_local_build_of_the_other_side_is_none_of_the_mixture(local):
    a, b = local
    a, b = replace(a, local_builds=()), replace(b, packages={**b.packages, "big": "3.0"})
    assert mix(a, b, frozenset({"dep"})).local_builds == ()


def test_a_held_local_build_is_not_replaced_by_a_plain_or_newer_one(local, publish, config):
    a, _ = local
    publish("big", "3.0+cpu")
    found = hold(a, "toy", "2.0", config)
    assert (found.packages, found.local_builds) == ({"toy": "2.0", "big": "2.0"}, ("big",))


def test_a_local_build_moves_where_it_must(local, publish, config):
    publish("big", "3.0+cpu")
    publish("toy", "3.0", ["big>=3"])
    found = hold(local[0], "toy", "3.0", config)
    assert (found.packages, found.local_builds) == ({"toy": "3.0", "big": "3.0"}, ("big",))


# Whether an environment fits together by itself


def test_an_environment_that_contradicts_its_own_metadata_is_told(ends):
    a, _ = ends
    assert refusal(a) == ""
    assert "core==2.0" in refusal(replace(a, packages={**a.packages, "core": "2.0"}))
    assert (
        refusal(lock({"toy": "2.0", "dep": "1.0"})) == "it also needs helper, which neither environment has"
    )


# Everything held but one package


@pytest.fixture
def base(publish):
    """A toy with an extra that pairs toyjax with exactly its own core, as jax[cpu] does."""
    for version in ("1.0", "2.0", "3.0"):
        publish("core", version)
        publish("dep", version)
        publish("toyjax", version, ["core"], extras={"cpu": [f"core=={version}"]})
    publish("toy", "1.0", ["toyjax<3", "dep"])
    publish("toy", "2.0", ["toyjax>=2", "dep"])
    packages = {"toy": "1.0", "toyjax": "1.0", "core": "1.0", "dep": "1.0"}
    return lock(packages, requested=("toy==1.0", "ToyJax[cpu]", "dep"))


def test_the_companion_of_an_extra_moves_along_and_all_else_is_held(base, config):
    found = hold(base, "toyjax", "2.0", config)
    assert found.packages == {"toy": "1.0", "toyjax": "2.0", "core": "2.0", "dep": "1.0"}
    assert (found.requested, str(found.id)) == (base.requested, "toy-1.0")


def test_what_the_new_version_needs_moves_along(base, config):
    found = hold(base, "toy", "2.0", config)
    assert found.packages["toy"] == "2.0"
    assert found.packages["toyjax"] != "1.0"
    assert found.packages["core"] == found.packages["toyjax"]
    assert found.packages["dep"] == "1.0"
    assert str(found.id) == "toy-2.0"


def test_a_package_of_any_spelling_at_its_own_version_is_the_base_itself(base, config):
    assert hold(base, "ToyJax", "1", config).packages == base.packages
    assert hold(base, "ToyJax", "1.0", config) is base


def test_a_version_that_the_library_refuses_is_unresolvable_with_the_reason(base, config):
    found = hold(base, "toyjax", "3.0", config)
    assert found.packages == {}
    assert "depends on toyjax<3" in found.unresolvable


def test_a_package_that_was_not_asked_for_can_be_held(base, config):
    found = hold(replace(base, requested=("toy==1.0", "toyjax")), "core", "3.0", config)
    assert found.packages == {"toy": "1.0", "toyjax": "1.0", "core": "3.0", "dep": "1.0"}


def test_an_index_that_fails_is_no_verdict_on_a_version(base, config, toy_index):
    toy_index.broken = True
    with pytest.raises(NoEvidence):
        hold(base, "toyjax", "2.0", config)


# Further packages


def test_a_further_package_comes_with_what_it_needs_and_moves_nothing(base, config, toy_index):
    toy_index.add(write_wheel(toy_index.folder, "more", "1.0", {"more.py": ""}, ["even-more", "dep"]))
    toy_index.add(write_wheel(toy_index.folder, "even-more", "2.0", {"even_more.py": ""}))
    found = extend(base, ["more"], config)
    assert dict(found.packages) == {**base.packages, "more": "1.0", "even-more": "2.0"}
    assert found.key != base.key
    assert extend(base, [], config) is base


def test_a_further_package_that_excludes_what_is_held_is_refused_in_one_sentence(base, config, toy_index):
    toy_index.add(write_wheel(toy_index.folder, "more", "1.0", {"more.py": ""}, ["dep>=99"]))
    with pytest.raises(UsageError, match=r"^more does not go with toy-1\.0: .*dep>=99"):
        extend(base, ["more"], config)


def test_an_index_that_fails_is_no_verdict_on_a_further_package(base, config, toy_index):
    toy_index.broken = True
    with pytest.raises(NoEvidence):
        extend(base, ["more"], config)
