"""From a release to a commit: the first with the new status, and nothing that is not shown."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from toy.project import toy_lock
from toy.repository import BROKEN, MENDED, ToyRepository, linear, package
from toy.user import wait_until

from harness.bisect import commits as module
from harness.bisect.answer import CommitSearch
from harness.bisect.commit_readings import with_wheel
from harness.bisect.commits import CommitHunt
from harness.bisect.ends import Ends, Variables
from harness.bisect.labels import Reading
from harness.bisect.progress import Steps
from harness.bisect.repository import Repository
from harness.bisect.revisions import Revision, revision_of
from harness.bisect.wheels import Recipe, Wheel
from harness.environment.build import Unbuildable
from harness.environment.lock import Lock, Source
from harness.errors import UsageError

BEFORE = toy_lock("1.0", packages={"toy": "1.0", "dep": "1"})
AFTER = toy_lock("2.0", packages={"toy": "2.0", "dep": "2"})


@dataclass
class Builder:
    """Makes wheels that hold nothing but the text of toy.py, and tells of which commits."""

    folder: Path
    built: list[str] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)
    """Of which before they were asked for, in the background."""
    numbers: Iterator[int] = field(default_factory=itertools.count)
    recipes: set[Recipe] = field(default_factory=set)

    def wheel_of(self, repository: Repository, sha: str, recipe: Recipe) -> Wheel:
        self.recipes.add(recipe)
        return self._wheel(repository, sha, lambda folder: True)

    def wheel_without(self, repository: Repository, sha: str, culprit: str, recipe: Recipe) -> Wheel | None:
        self.recipes.add(recipe)
        return self._wheel(repository, sha, lambda folder: repository.reverse(culprit, folder), culprit)

    def _wheel(
        self, repository: Repository, sha: str, change: Callable[[Path], bool], without: str = ""
    ) -> Wheel | None:
        in_time = threading.current_thread() is threading.main_thread()
        (self.built if in_time else self.ahead).append(f"{sha}-{without}" if without else sha)
        source = self.folder / f"{next(self.numbers)}"
        source.mkdir(parents=True)
        repository.export(sha, source)
        if not change(source):
            return None
        if (source / "backend.py").read_text() == BROKEN["backend.py"]:
            message = "the sources\n are broken"
            raise Unbuildable(message)
        path = source / "toy.py"
        return Wheel(path=path, version="1.0.dev0", sha256=f"of {path.read_text()}", missing=())


@pytest.fixture
def builder(tmp_path, monkeypatch) -> Builder:
    made = Builder(tmp_path / "wheels")
    monkeypatch.setattr(module, "wheel_of", made.wheel_of)
    monkeypatch.setattr(module, "wheel_without", made.wheel_without)
    return made


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


def by_text(lock: Lock, variables: Variables) -> Reading:
    """The last line of toy.py names the status; no other text has a verdict."""
    assert not variables
    (source,) = lock.sources
    word = source.path.read_text().splitlines()[-1]
    known = {"old": "fixed", "new": "failing", "third": "rejected"}
    return Reading(label=known.get(word), detail="" if word in known else f"changed: {word}")


@pytest.fixture
def hunt(builder, said):
    """Makes searches in a repository for the change from fixed to failing."""

    def make(toy: ToyRepository, **fields: object) -> CommitHunt:
        known = {
            "package": "toy",
            "ends": Ends(before=BEFORE, after=AFTER, old="fixed", new="failing"),
            "measure": by_text,
            "steps": Steps(Console(file=said, width=200, highlight=False)),
            "rest": AFTER,
            "versions": ("1.0", "2.0"),
        }
        return CommitHunt(**{"repository": Repository.open(toy.path), **known, **fields})

    return make


def revisions(toy: ToyRepository, first: int = 0, last: int = -1) -> tuple[Revision, Revision]:
    return Revision(name="1.0", sha=toy.shas[first]), Revision(name="2.0", sha=toy.shas[last])


def texts(*words: str) -> list[str]:
    """Modules that differ in every commit, each with its word."""
    return [f"# {number}\n{word}" for number, word in enumerate(words)]


def numbers(toy: ToyRepository, found: CommitSearch) -> list[int]:
    """The points as numbers of commits."""
    return [next(n for n, sha in enumerate(toy.shas) if sha.startswith(p.name)) for p in found.points]


# One change


def test_the_first_commit_with_the_new_status_is_found(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts(*["old"] * 6, *["new"] * 5))
    found = hunt(toy).run(*revisions(toy))
    assert (found.before.sha, found.culprit.sha, found.candidates) == (toy.shas[5], toy.shas[6], ())
    assert (found.culprit.date, found.culprit.subject) == ("2024-01-07", "commit 6 (#7)")
    assert found.culprit.pull_request == 7
    assert (found.package, found.first, found.last, found.total) == ("toy", "1.0", "2.0", 10)
    assert (found.held, found.note, found.repository) == ("toy-2.0", "", toy.path.name)


def test_it_takes_few_commits_and_each_only_once(hunt, builder, tmp_path):
    toy = linear(tmp_path / "toy", texts(*["old"] * 23, *["new"] * 41))
    hunt(toy).run(*revisions(toy))
    commits = [sha for sha in builder.built if "-" not in sha]
    assert len(commits) == len(set(commits)) <= 8


def test_the_held_environment_is_made_ready_before_the_first_commit_is_measured(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new"))
    order = []
    searching = hunt(toy, prepare=lambda: order.append("ready"))
    measure = searching.measure
    searching.measure = lambda lock, variables: (order.append("measured"), measure(lock, variables))[1]
    searching.run(*revisions(toy))
    assert order[:2] == ["ready", "measured"]
    assert order.count("ready") == 1


def test_the_wheels_that_either_way_leads_to_are_made_while_a_commit_is_measured(hunt, builder, tmp_path):
    toy = linear(tmp_path / "toy", texts(*["old"] * 5, *["new"] * 4))
    searching = hunt(toy)
    measure = searching.measure

    def patient(lock, variables):
        wait_until(lambda: len(builder.ahead) >= 2, "wheels in the background")
        return measure(lock, variables)

    searching.measure = patient
    assert searching.run(*revisions(toy)).culprit.sha == toy.shas[5]
    assert builder.ahead[:2] == [toy.shas[0], toy.shas[8]]


def test_a_fix_is_found_as_a_regression_is(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("new", "new", "old", "old"))
    ends = Ends(before=BEFORE, after=AFTER, old="failing", new="fixed")
    assert hunt(toy, ends=ends).run(*revisions(toy)).culprit.sha == toy.shas[2]


def test_the_only_commit_between_two_releases_is_the_culprit(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new"))
    found = hunt(toy).run(*revisions(toy))
    assert (found.culprit.sha, found.total, numbers(toy, found)) == (toy.shas[1], 1, [0, 1])


def test_points_stand_in_the_order_of_history_and_say_what_they_held(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "old", "new", "new"))
    found = hunt(toy).run(*revisions(toy))
    assert numbers(toy, found) == sorted(numbers(toy, found))
    first = found.points[0]
    assert first.name == toy.shas[0][:10]
    assert first.environment == f"toy-2.0 with toy at {first.name}"
    assert (first.python, first.date, first.packages) == (
        "3.11",
        "2024-01-01",
        (("dep", "2"), ("toy", "1.0.dev0")),
    )
    assert first.reading == Reading(label="fixed")
    assert len({point.key for point in found.points}) == len(found.points)


def test_commits_are_built_for_the_python_and_as_the_version_of_the_old_release(hunt, builder, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new"))
    hunt(toy).run(*revisions(toy))
    assert builder.recipes == {
        Recipe(distribution="toy", python="3.11", pretend="1.0"),
        Recipe(distribution="toy", python="3.11", pretend="2.0"),
    }


def test_of_a_change_forth_back_and_forth_the_one_that_the_release_has_is_told(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new", "old", "old", "new"))
    found = hunt(toy).run(*revisions(toy), suspects=[toy.shas[2]])
    assert numbers(toy, found) == [0, 1, 2, 3, 4]
    assert (found.before.sha, found.culprit.sha) == (toy.shas[3], toy.shas[4])


def test_a_third_status_on_the_way_is_no_obstacle(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", *["third"] * 6, "new", "new"))
    found = hunt(toy).run(*revisions(toy))
    assert (found.before.sha, found.culprit.sha) == (toy.shas[6], toy.shas[7])


def test_steps_tell_the_range_that_closes(hunt, tmp_path, said):
    toy = linear(tmp_path / "toy", texts(*["old"] * 9, *["new"] * 8))
    found = hunt(toy).run(*revisions(toy))
    lines = said.getvalue().splitlines()
    assert (found.reverted, len(lines)) == (None, len(found.points))
    left = [line.rpartition("between ")[2] for line in lines]
    assert left[2] == f"{toy.shas[8][:10]} and {toy.shas[16][:10]}, 7 left"


def test_what_is_suspected_is_tested_with_its_parent_before_all_else(hunt, builder, tmp_path):
    toy = linear(tmp_path / "toy", texts(*["old"] * 20, *["new"] * 20))
    found = hunt(toy).run(*revisions(toy), suspects=[toy.shas[20], "elsewhere"])
    assert found.culprit.sha == toy.shas[20]
    order = [toy.shas.index(sha) for sha in builder.built if "-" not in sha]
    assert order == [0, 39, 19, 20]


# What is unknown


def test_a_commit_that_cannot_be_built_is_unknown_and_walked_around(hunt, tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit(package("# 0\nold"), "0")
    for number in range(1, 9):
        broken = BROKEN if 3 <= number < 6 else MENDED
        toy.commit({"toy.py": f"# {number}\n{'new' if number >= 7 else 'old'}", **broken}, f"{number}")
    found = hunt(toy.write()).run(*revisions(toy))
    assert (found.before.sha, found.culprit.sha) == (toy.shas[6], toy.shas[7])
    silent = [point for point in found.points if point.reading.label is None]
    assert {(p.reading.detail, p.reading.runs, p.key, p.packages) for p in silent} == {
        ("unbuildable: the sources are broken", 0, "", ())
    }


def test_where_commits_without_a_verdict_hide_the_change_all_of_them_are_candidates(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "old", "what", "what", "new", "new"))
    found = hunt(toy).run(*revisions(toy))
    assert (found.before.sha, found.culprit, found.reverted) == (toy.shas[1], None, None)
    assert [commit.sha for commit in found.candidates] == toy.shas[2:5]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("new", "new", "new"), "1.0 ({0}) gives failing, 2.0 ({2}) gives failing"),
        (("old", "old", "old"), "1.0 ({0}) gives fixed, 2.0 ({2}) gives fixed"),
        (("new", "old", "old"), "1.0 ({0}) gives failing, 2.0 ({2}) gives fixed"),
        (("third", "new", "new"), "1.0 ({0}) gives rejected, 2.0 ({2}) gives failing"),
    ],
)
def test_ends_that_do_not_show_what_the_releases_did_are_told_and_not_searched(hunt, tmp_path, words, told):
    toy = linear(tmp_path / "toy", texts(*words))
    found = hunt(toy).run(*revisions(toy))
    assert (found.before, found.culprit, found.candidates, found.reverted) == (None, None, (), None)
    shown = told.format(*(sha[:10] for sha in toy.shas))
    assert found.note == f"the repository does not show the change of the releases, fixed to failing: {shown}"
    assert numbers(toy, found) == [0, 2]


def test_a_change_beyond_ends_without_a_verdict_is_found_all_the_same(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("what", "old", "old", "new", "new", "what"))
    found = hunt(toy).run(*revisions(toy))
    assert (found.before.sha, found.culprit.sha) == (toy.shas[2], toy.shas[3])


@pytest.mark.parametrize("words", [("what", "new", "new"), ("old", "old", "what"), ("what",) * 3])
def test_beyond_ends_without_a_verdict_there_may_be_no_change_either(hunt, tmp_path, words):
    toy = linear(tmp_path / "toy", texts(*words))
    found = hunt(toy).run(*revisions(toy))
    assert (found.before, found.culprit, found.candidates) == (None, None, ())
    assert "gives no verdict (changed: what)" in found.note


# In lockstep with another package


def lockstep(lock: Lock, variables: Variables) -> Reading:
    """The last line of toy.py names a release of dep, beside which alone the commit has a verdict, and it."""
    (source,) = lock.sources
    dep, word = source.path.read_text().splitlines()[-1].split()
    label = {"old": "fixed", "new": "failing"}[word] if dep in {"any", lock.packages["dep"]} else None
    return Reading(label=label, detail="" if label else "unimportable")


@pytest.mark.parametrize(
    ("words", "culprit", "held"),
    [
        (["1 old"] * 5 + ["any old"] + ["any new"] * 2 + ["2 new"] * 5, 6, "toy-2.0"),
        (["1 old"] * 5 + ["any new"] + ["2 new"] * 7, 5, "toy-1.0"),
        (["1 old"] * 5 + ["1 new"] * 2 + ["2 new"] * 3, 5, "toy-1.0"),
    ],
)
def test_each_part_of_the_way_is_measured_beside_what_goes_with_it(hunt, tmp_path, words, culprit, held):
    toy = linear(tmp_path / "toy", texts(*words))
    found = hunt(toy, measure=lockstep, other_rests=(BEFORE,)).run(*revisions(toy))
    assert (found.culprit.sha, found.before.sha) == (toy.shas[culprit], toy.shas[culprit - 1])
    assert (found.held, found.note) == (held, "")
    assert {p.environment.partition(" ")[0] for p in found.points} == {"toy-1.0", "toy-2.0"}
    beside = {p.name: p.environment.partition(" ")[0] for p in found.points}
    assert beside[found.culprit.sha[:10]] == beside[found.before.sha[:10]] == held


def test_no_commit_is_blamed_where_what_is_beside_it_changes_too(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts(*["1 old"] * 5, *["2 new"] * 6))
    found = hunt(toy, measure=lockstep, other_rests=(BEFORE,)).run(*revisions(toy))
    assert (found.culprit, found.candidates, found.reverted) == (None, (), None)
    last, first = toy.shas[4][:10], toy.shas[5][:10]
    assert found.note == (
        f"{last} is fixed beside toy-1.0 and {first} is failing beside toy-2.0: "
        "the packages beside them may be what makes the difference"
    )


# Bad ends


def test_no_commit_between_the_ends_is_refused(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new"))
    with pytest.raises(UsageError) as caught:
        hunt(toy).run(*revisions(toy, 1, 1))
    assert str(caught.value) == f"there is no commit between 1.0 and 2.0 in {toy.path}."


def test_ends_the_wrong_way_round_are_refused_and_the_other_way_offered(hunt, builder, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new"))
    with pytest.raises(UsageError) as caught:
        hunt(toy).run(*revisions(toy, 1, 0))
    assert str(caught.value) == f"2.0 is older than 1.0 in {toy.path}; give the ends the other way round."
    assert builder.built == []


def test_unrelated_histories_are_refused(hunt, tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit(package("old"), "one")
    toy.commit(package("new"), "another start", parents=[])
    with pytest.raises(UsageError) as caught:
        hunt(toy.write()).run(*revisions(toy))
    assert str(caught.value) == f"1.0 and 2.0 have no common commit in {toy.path}."


# Branches


def forked(path: Path, fork: str) -> ToyRepository:
    """0 - 1 - 3 - 4 on the main line; the old release, 2, is on a branch that left at 1."""
    toy = ToyRepository(path)
    toy.commit(package("# 0\nold"), "start")
    toy.commit({"toy.py": f"# 1\n{fork}"}, "fork")
    toy.commit({"toy.py": "# 2\nold"}, "release branch")
    toy.commit({"toy.py": f"# 3\n{fork}"}, "main", parents=[1])
    toy.commit({"toy.py": "# 4\nnew"}, "change")
    return toy.write()


def test_a_release_branch_is_searched_from_where_it_left(hunt, tmp_path):
    toy = forked(tmp_path / "toy", "old")
    found = hunt(toy).run(*revisions(toy, 2, 4))
    assert (found.culprit.sha, found.first, found.total) == (toy.shas[4], toy.shas[1][:10], 2)
    assert found.note == f"1.0 is not on the line of 2.0; they part at {toy.shas[1][:10]}"


def test_a_change_from_before_the_release_branch_left_is_not_blamed_on_what_came_after(hunt, tmp_path):
    toy = forked(tmp_path / "toy", "new")
    with pytest.raises(UsageError) as caught:
        hunt(toy).run(*revisions(toy, 2, 4))
    assert str(caught.value) == (
        f"1.0 is not on the line of 2.0; they part at {toy.shas[1][:10]}, which is failing already: "
        "the branch of 1.0 lacks the change; search before it with --first."
    )


def merged_back(path: Path, fork: str, branch: str, main: str) -> ToyRepository:
    """0 - 2 - merge on the main line; the old release, 1, is on a branch that left at 0 and came back."""
    toy = ToyRepository(path)
    toy.commit(package(f"# 0\n{fork}"), "start")
    toy.commit({"toy.py": f"# 1\n{branch}"}, "release branch")
    toy.commit({"toy.py": f"# 2\n{main}"}, "main", parents=[0])
    toy.commit({"toy.py": "# 3\nnew"}, "bring the release branch back", parents=[2, 1])
    return toy.write()


def test_a_release_branch_that_came_back_is_searched_from_where_it_left(hunt, tmp_path):
    toy = merged_back(tmp_path / "toy", "old", "old", "new")
    found = hunt(toy).run(*revisions(toy, 1, 3))
    assert (found.before.sha, found.culprit.sha) == (toy.shas[0], toy.shas[2])
    assert found.note == f"1.0 is not on the line of 2.0; they part at {toy.shas[0][:10]}"


def test_a_fix_that_only_a_branch_had_is_not_blamed_on_the_next_commit_of_the_main_line(hunt, tmp_path):
    toy = merged_back(tmp_path / "toy", "new", "old", "new")
    with pytest.raises(UsageError, match=f"they part at {toy.shas[0][:10]}, which is failing already"):
        hunt(toy).run(*revisions(toy, 1, 3))


def merged(path: Path, branch: Sequence[str], merge: str, main: str = "old") -> ToyRepository:
    """0 - 1 - merge - last on the main line; the branch leaves at 0."""
    toy = ToyRepository(path)
    toy.commit(package("# 0\nold"), "start")
    toy.commit({"toy.py": f"# 1\n{main}"}, "main")
    for number, word in enumerate(branch, start=2):
        toy.commit(
            {"toy.py": f"# {number}\n{word}"}, f"branch {number}", parents=[0 if number == 2 else number - 1]
        )
    tip = len(branch) + 1
    toy.commit({"toy.py": f"# merge\n{merge}"}, "Merge pull request #31 from toy/branch", parents=[1, tip])
    toy.commit({"toy.py": "# last\nnew"}, "last")
    return toy.write()


def test_a_merge_is_the_culprit_with_its_pull_request_and_its_branch_is_not_searched(hunt, builder, tmp_path):
    toy = merged(tmp_path / "toy", ["old", "new", "new"], "new")
    found = hunt(toy).run(*revisions(toy))
    assert (found.culprit.sha, found.culprit.pull_request, found.total) == (toy.shas[5], 31, 3)
    assert not set(toy.shas[2:5]) & set(builder.built)


def test_a_merge_is_opened_where_that_is_asked_for(hunt, tmp_path):
    toy = merged(tmp_path / "toy", ["old", "new", "new"], "new")
    found = hunt(toy).run(*revisions(toy), into_merges=True)
    assert (found.before.sha, found.culprit.sha) == (toy.shas[2], toy.shas[3])
    assert found.note == f"it came with the merge {toy.shas[5][:10]}"
    assert set(numbers(toy, found)) >= {0, 2, 3, 4, 5, 6}


def test_a_merge_that_itself_makes_the_change_stays_the_culprit(hunt, tmp_path):
    toy = merged(tmp_path / "toy", ["old", "old"], "new")
    found = hunt(toy).run(*revisions(toy), into_merges=True)
    assert found.culprit.sha == toy.shas[4]
    told = f"the merge {toy.shas[4][:10]} itself makes the change, its branch alone does not"
    assert found.note == told


def test_a_culprit_that_is_no_merge_is_not_opened(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new"))
    found = hunt(toy).run(*revisions(toy), into_merges=True)
    assert (found.culprit.sha, found.note) == (toy.shas[1], "")


# The revert check


def test_the_newest_end_without_the_culprit_gives_the_old_status(hunt, tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit(package("old"), "start")
    toy.commit({"toy.py": "new"}, "break it")
    toy.commit({"other.py": "x = 1"}, "more")
    found = hunt(toy.write()).run(*revisions(toy))
    tip, culprit = toy.shas[2][:10], toy.shas[1][:10]
    assert found.reverted.description == f"{tip} without {culprit}"
    assert found.reverted.reading == Reading(label="fixed")
    (move,) = found.reverted.moved
    assert (move.package, move.before, move.after) == ("toy", tip, f"{tip} without {culprit}")


def test_a_culprit_that_cannot_be_taken_back_cleanly_has_no_revert_check(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new", "new"))
    assert hunt(toy).run(*revisions(toy)).reverted is None


def test_an_end_without_the_culprit_that_cannot_be_built_has_no_revert_check(hunt, tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit(package("old") | BROKEN, "broken")
    toy.commit({"toy.py": "old", **MENDED}, "mended, old")
    toy.commit({"toy.py": "new"}, "new")
    hunted = hunt(toy.write())
    assert hunted._revert(toy.shas[2], toy.shas[2]).reading.label == "fixed"
    assert hunted._revert(toy.shas[2], toy.shas[1]) is None


# The commits of releases


@dataclass
class Tagged:
    toy: ToyRepository

    def revision(self, version: str, day: str | None = None) -> Revision:
        uploaded = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
        return revision_of(Repository.open(self.toy.path), "toy", version, uploaded)


@pytest.fixture
def tagged(tmp_path) -> Tagged:
    return Tagged(linear(tmp_path / "toy", texts("a", "b", "c"), tags={1: "v1.1"}))


def test_a_release_is_the_commit_of_its_tag(tagged):
    assert tagged.revision("1.1", "2020-01-01") == Revision(name="1.1", sha=tagged.toy.shas[1])


def test_a_release_without_a_tag_is_the_last_commit_before_its_upload(tagged):
    assert tagged.revision("1.2", "2024-01-03") == Revision(
        name="1.2",
        sha=tagged.toy.shas[1],
        note="there is no tag for 1.2: the last commit before its upload on 2024-01-03 stands for it",
    )


@pytest.mark.parametrize("day", [None, "2023-12-31"])
def test_a_release_without_tag_and_commit_is_refused_with_the_way_out(tagged, day):
    with pytest.raises(UsageError) as caught:
        tagged.revision("1.2", day)
    assert str(caught.value) == (
        f"{tagged.toy.path} has no tag for toy 1.2 and no commit from before its upload; "
        "give the commits with --first and --last."
    )


def test_what_stands_for_a_release_is_told_with_the_answer(hunt, tmp_path):
    toy = linear(tmp_path / "toy", texts("old", "new"))
    first, last = revisions(toy)
    found = hunt(toy).run(replace(first, note="one"), replace(last, note="two"))
    assert found.note == "one; two"


# Environments


def test_an_environment_holds_the_wheel_and_all_else_as_it_was():
    wheel = Wheel(path=Path("toy.whl"), version="1.1.dev0", sha256="abc", missing=())
    lock = with_wheel(AFTER, "toy", wheel)
    assert lock.packages == {"toy": "1.1.dev0", "dep": "2"}
    assert lock.sources == (Source(name="toy", path=Path("toy.whl"), sha256="abc"),)
    assert (lock.id, lock.python) == (AFTER.id, AFTER.python)
    assert lock.key not in {AFTER.key, with_wheel(AFTER, "toy", replace(wheel, sha256="def")).key}


def test_commits_with_the_same_wheel_are_the_same_environment(hunt, tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit(package("old"), "start")
    toy.commit({"README": "text"}, "text")
    toy.commit({"toy.py": "new"}, "change")
    found = hunt(toy.write()).run(*revisions(toy))
    assert found.points[0].key == found.points[1].key != found.points[2].key
