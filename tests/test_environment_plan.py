"""Which environments the axes of the matrix ask for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from packaging.version import Version

from harness.config import load_config
from harness.environment import plan
from harness.environment.ids import parse_environment_id
from harness.environment.plan import request_for, requests_of
from harness.environment.releases import Release
from harness.environment.resolve import Request, Resolver
from harness.errors import NoEvidence, UsageError

LIBRARIES = """
[tool.harness.library.toy]
[tool.harness.library.pyro]
distribution = "pyro-ppl"
[tool.harness.library.torch]
[tool.harness.library.spare]
"""


def release(version: str, requires_python: str | None = None, yanked: bool = False) -> Release:
    return Release(
        version=Version(version),
        uploaded=datetime(2024, 1, 1, tzinfo=UTC),
        yanked=yanked,
        requires_python=requires_python,
    )


class Releases:
    """A resolver that knows what the index holds and resolves nothing."""

    def __init__(self, **held: list[Release]) -> None:
        self.held = held

    def releases(self, distribution: str) -> list[Release]:
        return self.held[distribution.replace("-", "_")]


TOYS = Releases(
    toy=[release(v) for v in ("0.9", "0.12.0", "0.12.1", "0.13.0rc1", "0.13.0")]
    + [release("0.14.0", yanked=True)]
)


@pytest.fixture(autouse=True)
def pythons(monkeypatch):
    """The machine has these, and looking for more would take time."""
    monkeypatch.setattr(plan, "present_pythons", lambda: ("3.13", "3.11", "3.9"))


@pytest.fixture
def asked(tmp_path):
    """The requests of the axes written in TOML."""

    def ask(axes: str, releases: Releases = TOYS, libraries=("toy",)) -> list[Request]:
        (tmp_path / "pyproject.toml").write_text(LIBRARIES + axes)
        return requests_of(load_config(tmp_path), releases, libraries)

    return ask


@pytest.fixture
def named(tmp_path):
    """The request for an id that a user names, given axes in TOML."""

    def name(axes: str, text: str) -> Request:
        (tmp_path / "pyproject.toml").write_text(LIBRARIES + axes)
        return request_for(load_config(tmp_path), parse_environment_id(text))

    return name


def axis(library: str = "toy", resolution: str = "period", python: str = "3.11", more: str = "") -> str:
    return (
        "[[tool.harness.axis]]\n"
        f'library = "{library}"\nresolution = "{resolution}"\npython = "{python}"\n{more}\n'
    )


def ids(requests: list[Request]) -> list[str]:
    return [str(request.id) for request in requests]


# Axes


def test_an_axis_asks_for_every_final_release_and_for_no_other(asked):
    assert ids(asked(axis())) == ["toy-0.9", "toy-0.12.0", "toy-0.12.1", "toy-0.13.0"]


def test_since_leaves_out_what_came_before(asked):
    assert ids(asked(axis(more='since = "0.12"'))) == ["toy-0.12.0", "toy-0.12.1", "toy-0.13.0"]


def test_last_keeps_the_newest_final_releases(asked):
    assert ids(asked(axis(more="last = 2"))) == ["toy-0.12.1", "toy-0.13.0"]


def test_last_keeps_all_where_there_are_fewer(asked):
    assert ids(asked(axis(more='since = "0.13"\nlast = 6'))) == ["toy-0.13.0"]


def test_versions_names_them(asked):
    assert ids(asked(axis(more='versions = ["0.13.0", "0.9"]'))) == ["toy-0.9", "toy-0.13.0"]


def test_the_resolution_is_part_of_the_id(asked):
    axes = axis(resolution="latest", more="last = 1") + axis(
        resolution="pinned", more='last = 1\npins = { torch = "2.4.1" }'
    )
    assert ids(asked(axes)) == ["toy-0.13.0@latest", "toy-0.13.0+torch-2.4.1"]


def test_requests_carry_the_extras_and_the_tier_of_their_axis(asked):
    (plain, full) = asked(axis(more="last = 1") + axis(more='last = 1\nextra = ["jax[cpu]"]\ntier = "full"'))
    assert (plain.extra, plain.tier) == ((), "default")
    assert (full.extra, full.tier) == (("jax[cpu]",), "full")


def test_axes_of_libraries_without_cases_ask_for_nothing_and_read_nothing(asked):
    assert ids(asked(axis(more="last = 1") + axis(library="spare"))) == ["toy-0.13.0"]


def test_releases_are_those_of_the_librarys_distribution(asked):
    releases = Releases(pyro_ppl=[release("1.9.1")])
    assert ids(asked(axis(library="pyro"), releases, ["pyro"])) == ["pyro-1.9.1"]


# Pythons


def test_newest_is_the_newest_python_that_is_there(asked):
    (request,) = asked(axis(python="newest", more="last = 1"))
    assert (request.python, str(request.id)) == ("3.13", "toy-0.13.0")


@pytest.mark.parametrize(
    ("requires", "python", "id_"),
    [
        (">=3.8", "3.11", "toy-1.0"),
        ("<3.11", "3.9", "toy-1.0@py3.9"),
        (">=3.12", "3.13", "toy-1.0@py3.13"),
        (">=3.9,!=3.11.*", "3.13", "toy-1.0@py3.13"),
    ],
)
def test_a_release_that_refuses_the_axis_python_gets_another_which_its_id_tells(asked, requires, python, id_):
    (request,) = asked(axis(), Releases(toy=[release("1.0", requires)]))
    assert (request.python, str(request.id)) == (python, id_)


def test_a_release_that_no_python_here_suits_is_no_evidence(asked):
    with pytest.raises(NoEvidence, match=r"toy 1\.0 needs Python <3\.9; install one"):
        asked(axis(), Releases(toy=[release("1.0", "<3.9")]))


# An id that a user names


TORCHES = axis("pyro", "pinned", more='pins = { torch = "2.13.0" }') + axis(
    "pyro", "pinned", python="3.9", more='pins = { torch = "2.4.1" }\ntier = "full"\nextra = ["numpy<2"]'
)


@pytest.mark.parametrize(
    ("id_", "tier", "python"),
    [
        ("pyro-1.9.1+torch-2.13.0", "default", "3.11"),
        ("pyro-1.9.1+torch-2.4.1", "full", "3.9"),
        ("pyro-1.9.1+torch-2.0.0", "default", "3.11"),
        ("pyro-1.9.1", "default", "3.11"),
    ],
)
def test_an_id_is_made_as_the_axis_with_its_resolution_and_pins_makes_it(named, id_, tier, python):
    request = named(TORCHES, id_)
    assert (str(request.id), request.tier, request.python) == (id_, tier, python)


def test_an_id_of_an_axis_makes_the_same_request_by_name(asked, named):
    axes = axis("toy", "period", more='extra = ["jax[cpu]"]') + axis(
        "toy", "latest", "newest", more='extra = ["flax"]\ntier = "full"'
    )
    for request in asked(axes):
        assert named(axes, str(request.id)) == request


def test_a_python_in_the_id_is_the_one_that_is_used(named):
    assert named(axis(), "toy-0.12.0@py3.9").python == "3.9"


def test_an_id_of_a_library_without_an_axis_is_refused_with_the_way_out(named):
    with pytest.raises(
        UsageError, match=r"no \[\[tool.harness.axis\]\] of pyproject.toml has library 'spare'"
    ):
        named(axis(), "spare-1.0")


# From the index to the lock


def test_the_matrix_of_a_project_is_what_its_index_holds(toy_project):
    config = load_config(toy_project)
    resolver = Resolver(config)
    locks = [resolver.resolve(request) for request in requests_of(config, resolver, ["toy"])]
    assert [str(lock.id) for lock in locks][:3] == ["toy-1.0", "toy-1.1", "toy-1.2"]
    assert all(lock.packages == {"toy": str(lock.id.version)} for lock in locks)
