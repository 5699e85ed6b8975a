"""The releases that a search runs over: which, in which order, and each one's environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest
from packaging.version import Version
from toy.cases import HEADER, edited, make_case
from toy.project import CONFIG, toy_lock
from toy.wheels import write_wheel

from harness.bisect.journal import Journal
from harness.bisect.releases import Line, axis_line, choose_axis, held_line, parse_bound
from harness.bisect.shelf import Shelf
from harness.case import Case
from harness.config import NEWEST, Axis, load_config
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock, LockFolder
from harness.environment.releases import Release
from harness.environment.resolve import Request, Resolver
from harness.errors import NoEvidence, UsageError

DAYS = {"1.0": "2024-01-01", "1.1": "2024-02-01", "2.0": "2024-03-01", "2.1": "2024-04-01"}


def release(version: str, day: str | None = None, **fields: object) -> Release:
    uploaded = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC) if day else None
    known = {"yanked": False, "requires_python": None}
    return Release(version=Version(version), uploaded=uploaded, **{**known, **fields})


RELEASES = tuple(release(version, day) for version, day in DAYS.items())


KNOWN = {
    "toy": RELEASES,
    "py-torch": [release("1.13.1", requires_python="<3.11"), release("2"), release("2.5.1")],
}


@dataclass
class FakeResolver:
    """Knows releases by distribution, and resolves each by itself."""

    known: Mapping[str, Sequence[Release]] = field(default_factory=lambda: KNOWN)
    today: date = date(2026, 1, 1)
    asked: list[str] = field(default_factory=list)

    def releases(self, distribution: str) -> list[Release]:
        return list(self.known[distribution])

    def resolve(self, request: Request) -> Lock:
        self.asked.append(str(request.id))
        version = str(request.id.version)
        return toy_lock(version, id=request.id, python=request.python, packages={"toy": version})


LIBRARIES = """\
[tool.harness.library.toy]
[tool.harness.library.torch]
distribution = "py-torch"
"""


def axis_text(resolution: str = "period", **fields: str) -> str:
    known = {"library": '"toy"', "resolution": f'"{resolution}"', "python": '"3.11"'}
    return "[[tool.harness.axis]]\n" + "".join(f"{k} = {v}\n" for k, v in {**known, **fields}.items())


@pytest.fixture
def make_shelf(tmp_path):
    """Makes shelves of a project with these axes and locks."""
    with Journal(tmp_path / "bisect.sqlite") as journal:

        def make(
            *axes: str,
            locks: Sequence[Lock] = (),
            resolver: FakeResolver | None = None,
            text: str = LIBRARIES,
        ) -> Shelf:
            (tmp_path / "pyproject.toml").write_text(text + "\n".join(axes))
            config = load_config(tmp_path)
            folder = LockFolder(path=config.locks)
            for lock in locks:
                folder.put(lock)
            return Shelf(config=config, locks=folder, journal=journal, resolver=resolver or FakeResolver())

        yield make


def names(line: Line) -> list[str]:
    return [str(found.version) for found in line.releases]


def line(releases: Sequence[Release] = RELEASES) -> Line:
    return Line(
        package="toy",
        held="period",
        releases=tuple(releases),
        lock=lambda found: toy_lock(str(found.version)),
        lock_at_hand=lambda found: None,
    )


# Bounds


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("0.16.1", Version("0.16.1")),
        ("2", Version("2")),
        ("1.0rc1", Version("1.0rc1")),
        ("2024-05-31", date(2024, 5, 31)),
        ("20240531", Version("20240531")),
    ],
)
def test_a_bound_is_a_version_or_a_day(text, bound):
    assert parse_bound(text) == bound


@pytest.mark.parametrize("text", ["new", "", "2024-13-01", "2024-1-1", "31-05-2024", "v", "1.0-", "--"])
def test_anything_else_is_refused_with_both_forms_shown(text):
    with pytest.raises(UsageError) as caught:
        parse_bound(text)
    assert str(caught.value) == f"{text!r} is neither a version nor a day; write 0.16.1 or 2024-05-31."


@pytest.mark.parametrize(
    ("since", "until", "kept"),
    [
        (None, None, ["1.0", "1.1", "2.0", "2.1"]),
        ("1.1", None, ["1.1", "2.0", "2.1"]),
        (None, "2.0", ["1.0", "1.1", "2.0"]),
        ("1.1", "2.0", ["1.1", "2.0"]),
        ("1.0.5", "2.0.5", ["1.1", "2.0"]),
        ("2.0", "2.0", ["2.0"]),
        ("2024-02-01", None, ["1.1", "2.0", "2.1"]),
        ("2024-02-02", "2024-03-01", ["2.0"]),
        (None, "2024-02-29", ["1.0", "1.1"]),
        ("1.1", "2024-03-15", ["1.1", "2.0"]),
    ],
)
def test_bounds_are_included_as_versions_and_as_days(since, until, kept):
    bounds = (parse_bound(text) if text else None for text in (since, until))
    assert names(line().between(*bounds)) == kept


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        ("3.0", None, "from 3.0"),
        (None, "0.9", "up to 0.9"),
        ("2.0", "1.1", "from 2.0 up to 1.1"),
        ("2024-01-02", "2024-01-31", "from 2024-01-02 up to 2024-01-31"),
    ],
)
def test_an_empty_range_is_refused_and_says_what_there_is(since, until, told):
    bounds = (parse_bound(text) if text else None for text in (since, until))
    with pytest.raises(UsageError) as caught:
        line().between(*bounds)
    assert str(caught.value) == f"there is no release of toy {told}; it has 1.0 to 2.1."


def test_a_release_without_a_date_lies_in_no_range_of_days():
    dateless = line([*RELEASES, release("3.0")])
    assert names(dateless.between(date(2024, 4, 1), None)) == ["2.1"]
    assert names(dateless.between(None, date(2026, 1, 1))) == ["1.0", "1.1", "2.0", "2.1"]
    assert names(dateless.between(Version("2.1"), None)) == ["2.1", "3.0"]


@pytest.mark.parametrize(
    ("bound", "index"),
    [("1.0", 0), ("2.1.0", 3), ("2024-03-01", 2), ("2024-03-31", 2), ("2030-01-01", 3)],
)
def test_a_bound_stands_at_its_version_or_at_the_last_release_by_its_day(bound, index):
    assert line().index(parse_bound(bound)) == index


@pytest.mark.parametrize("bound", ["1.0.5", "3.0", "2023-12-31"])
def test_a_bound_that_is_no_release_is_refused(bound):
    with pytest.raises(UsageError) as caught:
        line().index(parse_bound(bound))
    assert str(caught.value) == f"toy {bound} is not among the releases 1.0 to 2.1 that are searched."


# The releases of an axis


def test_an_axis_has_its_releases_and_their_locks(make_shelf):
    resolver = FakeResolver()
    shelf = make_shelf(axis_text(), locks=[toy_lock("1.1")], resolver=resolver)
    found = axis_line(shelf, shelf.config.axes[0])
    assert (found.package, found.held, dict(found.facts)) == ("toy", "period", {})
    assert names(found) == ["1.0", "1.1", "2.0", "2.1"]
    assert found.lock_at_hand(RELEASES[1]) == toy_lock("1.1")
    assert found.lock_at_hand(RELEASES[2]) is None
    assert resolver.asked == []
    assert str(found.lock(RELEASES[2]).id) == "toy-2.0"
    assert found.lock_at_hand(RELEASES[2]) == found.lock(RELEASES[2])
    assert resolver.asked == ["toy-2.0"]


def test_prereleases_and_yanked_ones_are_no_releases(make_shelf):
    known = [*RELEASES, release("2.2rc1", "2024-05-01"), release("2.2", "2024-05-02", yanked=True)]
    shelf = make_shelf(axis_text(), resolver=FakeResolver({"toy": known}))
    assert names(axis_line(shelf, shelf.config.axes[0])) == ["1.0", "1.1", "2.0", "2.1"]


def test_pins_are_told_and_known_to_conditions_by_distribution(make_shelf):
    shelf = make_shelf(axis_text("pinned", pins='{ torch = "2.5.1" }'))
    found = axis_line(shelf, shelf.config.axes[0])
    assert (found.held, dict(found.facts)) == ("with torch 2.5.1", {"py-torch": "2.5.1"})
    assert str(found.lock(RELEASES[0]).id) == "toy-1.0+torch-2.5.1"


def test_a_latest_axis_asks_for_the_newest_of_everything(make_shelf):
    shelf = make_shelf(axis_text("latest"))
    found = axis_line(shelf, shelf.config.axes[0])
    assert (found.held, str(found.lock(RELEASES[3]).id)) == ("latest", "toy-2.1@latest")


def test_an_axis_without_releases_is_refused(make_shelf):
    shelf = make_shelf(axis_text(since='"9"'))
    with pytest.raises(UsageError) as caught:
        axis_line(shelf, shelf.config.axes[0])
    told = "the index has no release of toy that the axis is about; see pyproject.toml."
    assert str(caught.value) == told


# Which axis

CASE = make_case()
PINNED = axis_text("pinned", pins='{ torch = "2.5.1" }')


def axis_of(shelf: Shelf, case: Case = CASE, *options: object, variant: str = "failure") -> Axis:
    found = case.variant(variant)
    assert found is not None
    return choose_axis(shelf, case, found, *options)


def lock_at(name: str, version: str, **fields: object) -> Lock:
    id_ = EnvironmentId(library="toy", version=Version(version), **fields)
    assert str(id_) == name
    return toy_lock(version, id=id_)


def test_without_any_claim_the_first_axis_is_searched(make_shelf):
    shelf = make_shelf(axis_text("latest"), axis_text("period"))
    assert axis_of(shelf).resolution == "latest"


def test_the_axis_is_searched_on_which_the_header_claims_the_issue(make_shelf):
    locks = [lock_at("toy-1.0", "1.0"), lock_at("toy-2.0@latest", "2.0", latest=True)]
    shelf = make_shelf(axis_text("latest"), axis_text("period"), locks=locks)
    assert axis_of(shelf).resolution == "period"
    assert axis_of(shelf, CASE, "latest").resolution == "latest"


def test_a_case_of_drift_is_searched_with_the_newest_of_everything(make_shelf):
    drift = make_case(header=edited('kind = "bug"', 'kind = "drift"', HEADER))
    locks = [lock_at("toy-1.0", "1.0"), lock_at("toy-1.1@latest", "1.1", latest=True)]
    shelf = make_shelf(axis_text("period"), axis_text("latest"), locks=locks)
    assert axis_of(shelf, drift).resolution == "latest"
    assert axis_of(shelf).resolution == "period"


def test_a_remedy_is_searched_where_it_is_refuted(make_shelf):
    refuted = 'source = "documented"\nrefuted = ["toy>=2"]\nraises = "AssertionError"\nmatch = "not equal"'
    case = make_case(header=edited('source = "documented"', refuted, HEADER))
    locks = [lock_at("toy-1.0", "1.0"), lock_at("toy-2.0@latest", "2.0", latest=True)]
    shelf = make_shelf(axis_text("period"), axis_text("latest"), locks=locks)
    assert axis_of(shelf, case, variant="fix_pin").resolution == "latest"
    assert axis_of(shelf, case).resolution == "period"


def test_axes_of_other_tiers_kinds_and_libraries_are_not_searched(make_shelf):
    shelf = make_shelf(
        axis_text("latest", tier='"full"'),
        axis_text("latest", kinds='["drift"]'),
        axis_text("latest", library='"torch"'),
        axis_text("period"),
    )
    assert axis_of(shelf) == shelf.config.axes[3]


def test_an_axis_that_there_is_not_is_refused_with_those_that_there_are(make_shelf):
    shelf = make_shelf(axis_text("period"), PINNED)
    with pytest.raises(UsageError) as caught:
        axis_of(shelf, CASE, "latest")
    assert str(caught.value) == "toy has no axis latest in pyproject.toml; it has period, pinned."


def test_a_library_without_any_axis_is_refused(make_shelf):
    shelf = make_shelf(axis_text("latest", tier='"full"'))
    with pytest.raises(UsageError) as caught:
        axis_of(shelf)
    assert str(caught.value) == "toy has no axis for all kinds of case in pyproject.toml; it has none."


DRIFT = make_case(header=edited('kind = "bug"', 'kind = "drift"', HEADER))
FOR_DRIFT = axis_text("pinned", pins='{ torch = "2" }', versions='["1.1"]', kinds='["drift"]')


def test_a_case_of_drift_is_looked_for_first_in_the_pairs_that_the_matrix_has_for_it(make_shelf):
    pair = lock_at("toy-1.1+torch-2", "1.1", pins=(("torch", Version("2")),))
    newest = lock_at("toy-1.1@latest", "1.1", latest=True)
    axes = (axis_text("period", since='"1.1"'), axis_text("latest"), FOR_DRIFT)
    shelf = make_shelf(*axes, locks=[pair, newest])
    found = axis_of(shelf, DRIFT)
    assert (found.pins, found.since, found.kinds) == ((("torch", Version("2")),), Version("1.1"), ())
    assert names(axis_line(shelf, found)) == ["1.1", "2.0", "2.1"]
    assert axis_of(shelf).resolution == "latest"


def test_a_pair_on_which_drift_claims_nothing_is_not_searched(make_shelf):
    shelf = make_shelf(axis_text("period"), axis_text("latest"), FOR_DRIFT)
    assert axis_of(shelf, DRIFT).resolution == "latest"


def test_pins_of_a_wish_make_an_axis_of_their_own(make_shelf):
    shelf = make_shelf(axis_text("period"), axis_text("pinned", pins='{ torch = "2.5.1" }', last="1"))
    found = axis_of(shelf, CASE, None, [("torch", Version("2"))])
    like = shelf.config.axes[1]
    assert found == replace(like, pins=(("torch", Version("2")),), last=None, versions=())
    assert names(axis_line(shelf, found)) == ["1.0", "1.1", "2.0", "2.1"]


def test_a_pin_that_does_not_admit_the_python_of_the_axis_gets_the_newest_one(make_shelf):
    shelf = make_shelf(axis_text("period"))
    assert axis_of(shelf, CASE, None, [("torch", Version("1.13.1"))]).python == NEWEST
    assert axis_of(shelf, CASE, None, [("torch", Version("2"))]).python == "3.11"


def test_pins_that_the_matrix_has_for_drift_are_that_axis(make_shelf):
    shelf = make_shelf(axis_text("period"), FOR_DRIFT.replace('"3.11"', '"3.9"'))
    assert axis_of(shelf, CASE, None, [("torch", Version("2"))]).python == "3.9"


def test_pins_need_no_pinned_axis(make_shelf):
    shelf = make_shelf(axis_text("period", since='"1.1"'))
    found = axis_of(shelf, CASE, None, [("torch", Version("2"))])
    assert (found.resolution, found.since, found.pins) == (
        "pinned",
        Version("1.1"),
        (("torch", Version("2")),),
    )


# The rest held


@pytest.fixture
def publish(toy_index):
    def put(name: str, version: str, requires: Sequence[str] = (), **options: object) -> None:
        wheel = write_wheel(toy_index.folder, name, version, {f"{name}.py": ""}, requires)
        toy_index.add(wheel, **options)

    return put


@pytest.fixture
def held(publish, tmp_path):
    """A shelf whose index has toy and dep, and an environment that holds both."""
    for day, version in enumerate(("1.0", "1.1", "2.0"), start=1):
        publish("toy", version, [f"dep>={version}"], uploaded=f"2024-01-{day:02}")
        publish("dep", version, uploaded=f"2024-02-{day:02}")
    publish("dep", "3.0rc1")
    publish("dep", "4.0", yanked=True)
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    config = load_config(tmp_path)
    with Journal(tmp_path / "bisect.sqlite") as journal:
        yield Shelf(
            config=config,
            locks=LockFolder(path=config.locks),
            journal=journal,
            resolver=Resolver(config, date(2026, 1, 1)),
        )


BASE = toy_lock("1.1", packages={"toy": "1.1", "dep": "1.1"})


def test_a_held_line_has_all_final_releases_of_another_package(held):
    found = held_line(held, "Dep", BASE)
    assert (found.package, found.held, names(found)) == (
        "dep",
        "the rest as in toy-1.1",
        ["1.0", "1.1", "2.0"],
    )
    assert dict(found.facts) == {"python": "3.11", "toy": "1.1", "dep": "1.1"}


def test_a_release_that_an_environment_holds_is_searched_although_it_was_yanked(held):
    assert names(held_line(held, "dep", BASE, ["4.0", None])) == ["1.0", "1.1", "2.0", "4.0"]


def test_only_the_package_moves_where_that_goes(held, toy_index):
    found = held_line(held, "dep", BASE)
    newer = found.releases[2]
    assert found.lock_at_hand(newer) is None
    lock = found.lock(newer)
    assert lock.packages == {"toy": "1.1", "dep": "2.0"}
    toy_index.broken = True
    assert found.lock_at_hand(newer) == lock == found.lock(newer)


def test_its_own_version_is_the_environment_itself(held):
    found = held_line(held, "dep", BASE)
    assert found.lock(found.releases[1]).key == BASE.key


def test_a_release_that_does_not_fit_is_unresolvable_and_not_left_out(held):
    found = held_line(held, "dep", BASE)
    assert "dep>=1.1" in found.lock(found.releases[0]).unresolvable


def test_what_another_environment_holds_is_another_lock(held):
    other = toy_lock("1.0", packages={"toy": "1.0", "dep": "1.1"})
    held_line(held, "dep", BASE).lock(release("2.0"))
    assert held_line(held, "dep", other).lock_at_hand(release("2.0")) is None


def test_a_package_that_no_index_knows_is_told(held):
    with pytest.raises(NoEvidence, match="no index knows 'nope'"):
        held_line(held, "nope", BASE)
