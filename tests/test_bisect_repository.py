"""Reading a repository: revisions, tags, dates, trees; and never writing to it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from toy.repository import Special, ToyRepository, linear, package

from harness.bisect import git as git_module
from harness.bisect.git import GitError, redact
from harness.bisect.hosting import commit_page, compare_page, is_url, pull_request_of, web_address
from harness.bisect.repository import Repository
from harness.errors import NoEvidence, UsageError

VALUES = [f"VALUE = {number}\n" for number in range(5)]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)


def git(folder: Path, *arguments: str) -> str:
    """Whatever a user does to a clone."""
    user = ["-c", "user.name=Toy", "-c", "user.email=toy@example.org", "-c", "protocol.file.allow=always"]
    command = ["git", *user, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def everything(folder: Path) -> dict[str, object]:
    """Every path below a folder with its content, kind and time of change."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(about.st_mode) else b""
        found[str(path.relative_to(folder))] = (content, about.st_mode, about.st_mtime_ns)
    return found


def use_all_of(repository: Repository, first: str, last: str, folder: Path) -> None:
    """Every question and every action that a search has."""
    repository.tag_of("toy", "1.0")
    repository.before(datetime(2030, 1, 1))
    repository.commit(last)
    repository.parents(last)
    repository.between(first, last, first_parent=False)
    repository.is_ancestor(first, last)
    assert repository.export(last, folder) == []
    assert repository.reverse(last, folder)


# Opening


def test_a_bare_repository_a_work_tree_a_git_folder_and_a_linked_work_tree_are_one(tmp_path):
    toy = linear(tmp_path / "bare", VALUES)
    git(tmp_path, "clone", "--quiet", "bare", "clone")
    git(tmp_path / "clone", "worktree", "add", "--quiet", "../linked")
    for path in ("bare", "clone", "clone/.git", "linked"):
        repository = Repository.open(tmp_path / path)
        assert repository.resolve("HEAD") == toy.sha(4)
        assert repository.export(toy.sha(0), tmp_path / "trees" / path) == []
        assert (tmp_path / "trees" / path / "toy.py").read_text() == VALUES[0]


def test_a_path_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(
        UsageError, match=r"^\S+/nowhere does not exist; give the folder or the URL of a git rep"
    ):
        Repository.open(tmp_path / "nowhere")


def test_a_folder_that_is_no_repository_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"is no git repository; give the folder or the URL of one\.$"):
        Repository.open(tmp_path)


def test_a_folder_inside_of_another_repository_is_not_taken_for_it(tmp_path):
    linear(tmp_path, VALUES)
    (tmp_path / "cases").mkdir()
    with pytest.raises(UsageError, match="is no git repository"):
        Repository.open(tmp_path / "cases")


def test_a_machine_without_git_is_told_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"^git is not installed; install it to search commits\.$"):
        Repository.open(tmp_path)


def test_a_clone_of_another_user_is_refused_with_what_allows_it(tmp_path, monkeypatch):
    linear(tmp_path / "toy", VALUES)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with pytest.raises(UsageError) as caught:
        Repository.open(tmp_path / "toy")
    folder = tmp_path / "toy"
    allow = f"git config --global --add safe.directory {folder}"
    assert str(caught.value) == f"git refuses {folder}, which belongs to another user; allow it by `{allow}`."


def test_variables_of_a_hook_do_not_lead_to_another_repository(tmp_path, monkeypatch):
    toy = linear(tmp_path / "toy", VALUES)
    other = linear(tmp_path / "other", ["OTHER = 1\n"])
    monkeypatch.setenv("GIT_DIR", str(other.path))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.path / "objects"))
    assert Repository.open(toy.path).resolve("main") == toy.sha(4)


def test_a_repository_of_the_long_hashes_is_read_too(tmp_path):
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "long")
    (tmp_path / "long/toy.py").write_text("VALUE = 1\n")
    git(tmp_path / "long", "add", ".")
    git(tmp_path / "long", "commit", "--quiet", "-m", "start")
    repository = Repository.open(tmp_path / "long")
    assert repository.export(repository.resolve("HEAD"), tmp_path / "tree") == []
    assert (tmp_path / "tree/toy.py").read_text() == "VALUE = 1\n"


# Never written to


def test_a_dirty_clone_stays_as_it_is_to_the_last_byte(tmp_path):
    toy = linear(tmp_path / "bare", VALUES, tags={0: "1.0"})
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "bare", "clone")
    (clone / "toy.py").write_text("VALUE = 'mine'\n")
    (clone / "new.py").write_text("")
    git(clone, "add", "new.py")
    os.utime(clone / "backend.py", (1, 1))  # so that git would like to refresh its index
    before = everything(clone)
    use_all_of(Repository.open(clone), toy.sha(0), toy.sha(4), tmp_path / "tree")
    assert everything(clone) == before
    assert (tmp_path / "tree/toy.py").read_text() == VALUES[3]


def test_a_clone_that_cannot_be_written_to_is_enough(tmp_path):
    toy = linear(tmp_path / "toy", VALUES, tags={0: "1.0"})
    folders = [path for path in (toy.path, *toy.path.rglob("*")) if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    try:
        use_all_of(Repository.open(toy.path), toy.sha(0), toy.sha(4), tmp_path / "tree")
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_settings_of_a_clone_have_no_say(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    settings = {
        "log.showSignature": "true", "core.pager": "false", "diff.external": "false", "core.abbrev": "5",
        "core.attributesFile": str(tmp_path / "attributes"), "diff.loud.textconv": "false",
        "diff.noprefix": "true",
        "apply.whitespace": "error", "color.ui": "always", "i18n.logOutputEncoding": "utf-16",
    }  # fmt: skip
    for name, value in settings.items():
        git(toy.path, "config", name, value)
    (tmp_path / "attributes").write_text("* diff=loud -text\n")
    use_all_of(Repository.open(toy.path), toy.sha(0), toy.sha(4), tmp_path / "tree")


def test_a_partial_clone_is_not_completed_by_being_read(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    git(toy.path, "config", "uploadpack.allowFilter", "true")
    url = toy.path.as_uri()
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", url, "partial")
    before = everything(tmp_path / "partial")
    repository = Repository.open(tmp_path / "partial")
    assert repository.commit(toy.sha(4)).subject == "commit 4 (#5)"
    assert repository.export(toy.sha(4), tmp_path / "tree") == ["backend.py", "pyproject.toml", "toy.py"]
    with pytest.raises(UsageError, match="has no revision"):
        repository.resolve("main:toy.py")
    assert everything(tmp_path / "partial") == before


# Revisions


def test_a_revision_is_a_tag_a_branch_or_a_short_commit(tmp_path):
    toy = linear(tmp_path / "toy", VALUES, tags={2: "v1.0"})
    repository = Repository.open(toy.path)
    for revision in ("v1.0", "main~2", toy.sha(2), toy.sha(2)[:8], "v1.0^{commit}"):
        assert repository.resolve(revision) == toy.sha(2)


@pytest.mark.parametrize("revision", ["", "v9", "--all", "-n1", "main..v1", "f" * 40, "main:toy.py"])
def test_what_names_no_commit_is_refused(tmp_path, revision):
    repository = Repository.open(linear(tmp_path / "toy", VALUES).path)
    with pytest.raises(UsageError) as caught:
        repository.resolve(revision)
    assert str(caught.value) == f"{tmp_path}/toy has no revision {revision!r}; give one that it has."


def test_a_shallow_clone_says_how_to_get_its_history(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    git(tmp_path, "clone", "--quiet", "--depth=2", toy.path.as_uri(), "shallow")
    repository = Repository.open(tmp_path / "shallow")
    assert repository.parents(toy.sha(4)) == [toy.sha(3)]
    assert repository.parents(toy.sha(3)) == []
    with pytest.raises(UsageError, match="fetch its history by `git fetch --unshallow`"):
        repository.resolve(toy.sha(0))


# Tags


@pytest.mark.parametrize(
    "tag",
    [
        "1.2.0", "v1.2.0", "V1.2", "release-1.2.0", "release/v1.2", "toy-lib-1.2.0", "toy-lib-v1.2.0",
        "toy_lib-v1.2.0", "Toy.Lib_1.2.0", "toy_lib_v1.2.0", "toy-lib@1.2.0", "toy-lib/v1.2.0", "1.2",
        "v1.2.0.0",
    ],
)  # fmt: skip
def test_a_tag_of_a_release_is_found_however_it_is_written(tmp_path, tag):
    toy = linear(tmp_path / "toy", VALUES, tags={0: "1.1", 1: tag, 2: "1.2.1"})
    assert Repository.open(toy.path).tag_of("toy-lib", "1.2.0") == toy.sha(1)


@pytest.mark.parametrize(
    "tag", ["other-1.2.0", "toylib-v1.2.0", "toy-lib1.2.0", "toy-libs-1.2.0", "1.2.0rc1", "1.2.0-cpu", "w1.2"]
)
def test_a_tag_of_something_else_is_not_taken(tmp_path, tag):
    toy = linear(tmp_path / "toy", VALUES, tags={1: tag})
    assert Repository.open(toy.path).tag_of("toy-lib", "1.2.0") is None


def test_in_a_repository_of_many_packages_each_has_its_own_tags(tmp_path):
    tags = {0: "jaxlib-v0.4.1", 1: "jax-v0.4.1", 2: "v0.4.1"}
    repository = Repository.open(linear(tmp_path / "toy", VALUES, tags=tags).path)
    main = repository.between(repository.resolve("main~4"), repository.resolve("main"))
    assert repository.tag_of("jax", "0.4.1") == main[0]
    assert repository.tag_of("jaxlib", "0.4.1") == repository.parents(main[0])[0]
    assert repository.tag_of("other", "0.4.1") == main[1]


def test_a_tag_with_the_name_of_the_distribution_counts_before_a_bare_one(tmp_path):
    toy = linear(tmp_path / "toy", VALUES, tags={0: "1.0", 1: "zoo-1.0"})
    assert Repository.open(toy.path).tag_of("zoo", "1.0") == toy.sha(1)


def test_of_tags_of_equal_versions_the_one_as_written_counts(tmp_path):
    toy = linear(tmp_path / "toy", VALUES, tags={0: "0.16", 1: "0.16.0"})
    repository = Repository.open(toy.path)
    assert repository.tag_of("toy", "0.16.0") == toy.sha(1)
    assert repository.tag_of("toy", "0.16") == toy.sha(0)


def test_a_tag_with_a_message_names_its_commit_and_a_tag_of_a_file_names_none(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    git(toy.path, "tag", "-a", "-m", "one", "v1.0", toy.sha(3))
    git(toy.path, "tag", "v2.0", "main:toy.py")
    repository = Repository.open(toy.path)
    assert repository.tag_of("toy", "1.0") == toy.sha(3)
    assert repository.tag_of("toy", "2.0") is None


# Dates


def test_the_commit_before_a_time_is_the_last_one_of_the_default_branch(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)  # one a day at noon, from the first of January on
    repository = Repository.open(toy.path)
    noon = datetime(2024, 1, 3, 12, tzinfo=UTC)
    assert repository.before(noon) == toy.sha(1)
    assert repository.before(noon + timedelta(microseconds=1)) == toy.sha(2)
    assert repository.before(datetime(2024, 1, 3)) == toy.sha(1)
    assert repository.before(datetime(2024, 1, 3, 11, tzinfo=timezone(timedelta(hours=-2)))) == toy.sha(2)
    assert repository.before(datetime(2030, 1, 1)) == toy.sha(4)
    assert repository.before(datetime(2023, 1, 1)) is None


def test_commits_of_a_merged_branch_are_not_the_last_before_a_time(tmp_path):
    repository, toy = with_merge(tmp_path)
    assert repository.before(datetime(2024, 1, 4)) == toy.sha(0)


def test_a_clone_left_at_an_old_commit_has_the_default_branch_of_its_origin(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    git(tmp_path, "clone", "--quiet", "toy", "clone")
    git(tmp_path / "clone", "checkout", "--quiet", toy.sha(1))
    assert Repository.open(tmp_path / "clone").before(datetime(2030, 1, 1)) == toy.sha(4)
    git(tmp_path / "clone", "checkout", "--quiet", "main")
    git(tmp_path / "clone", "commit", "--quiet", "--allow-empty", "-m", "mine")
    assert Repository.open(tmp_path / "clone").before(datetime(2099, 1, 1)) == git(
        tmp_path / "clone", "rev-parse", "HEAD"
    )


def test_a_repository_without_commits_has_none_before_any_time(tmp_path):
    git(tmp_path, "init", "--quiet", "empty")
    assert Repository.open(tmp_path / "empty").before(datetime(2030, 1, 1)) is None


# History


def with_merge(tmp_path) -> tuple[Repository, ToyRepository]:
    """0 - 3 (merge) - 4 on main; 1 - 2 merged by 3; 5 unrelated."""
    toy = ToyRepository(tmp_path / "toy")
    toy.commit(package("VALUE = 0\n"), "start")
    toy.commit({"toy.py": "VALUE = 1\n"}, "topic, first")
    toy.commit({"toy.py": "VALUE = 2\n"}, "topic, second")
    toy.commit({"toy.py": "VALUE = 2\n"}, "Merge pull request #12 from toy/topic", parents=[0, 2])
    toy.commit({"toy.py": "VALUE = 3\n"}, "go on")
    toy.write()
    return Repository.open(toy.path), toy


def test_commits_between_two_are_in_order_and_without_those_of_merged_branches(tmp_path):
    repository, toy = with_merge(tmp_path)
    first, one, two, merge, last = toy.shas
    assert repository.between(first, last) == [merge, last]
    assert repository.between(first, last, first_parent=False) == [one, two, merge, last]
    assert repository.between(last, last) == []
    assert repository.between(last, first) == []


def test_commits_with_wrong_clocks_are_in_order_all_the_same(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({"a": "0"}, "start")
    toy.commit({"a": "1"}, "on a branch", date=datetime(2024, 3, 1, tzinfo=UTC))
    toy.commit({"a": "2"}, "on the branch, by an old clock", date=datetime(2020, 1, 1, tzinfo=UTC))
    toy.commit({"b": "1"}, "on main", parents=[0], date=datetime(2024, 2, 1, tzinfo=UTC))
    toy.commit({"a": "2"}, "merge", parents=[3, 2], date=datetime(2021, 1, 1, tzinfo=UTC))
    repository = Repository.open(toy.write().path)
    found = repository.between(toy.sha(0), toy.sha(4), first_parent=False)
    assert found.index(toy.sha(1)) + 1 == found.index(toy.sha(2))
    assert found[-1] == toy.sha(4)


def test_parents_and_ancestors(tmp_path):
    repository, toy = with_merge(tmp_path)
    first, one, two, merge, last = toy.shas
    assert repository.parents(merge) == [first, two]
    assert repository.parents(first) == []
    assert repository.is_ancestor(one, last)
    assert repository.is_ancestor(last, last)
    assert not repository.is_ancestor(last, one)
    assert repository.merge_base(two, merge) == two


def test_unrelated_histories_have_no_common_commit(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({"a": ""}, "one")
    toy.commit({"b": ""}, "another", parents=[])
    toy.write()
    assert Repository.open(toy.path).merge_base(*toy.shas) is None


def test_a_commit_tells_its_day_subject_and_pull_request(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    late = datetime(2024, 5, 6, 23, 30, tzinfo=UTC)
    toy.commit({"a": ""}, "Keep the size\nof a plate (#1972)\n\nIt was lost (#1).", date=late)
    repository = Repository.open(toy.write().path, web="https://github.com/toy/toy")
    commit = repository.commit(toy.sha(0))
    assert commit.date == "2024-05-06"
    assert commit.subject == "Keep the size of a plate (#1972)"
    assert commit.pull_request == 1972
    assert commit.url == "https://github.com/toy/toy/pull/1972"


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("fix (#12)", 12), ("Merge pull request #7 from a/b", 7), ("fix #12", None),
        ("fix (#12) again", None), ("Revert 'fix (#12)' (#13)", 13), ("", None),
    ],
)  # fmt: skip
def test_the_number_of_a_pull_request_is_at_the_end_of_a_subject(subject, number):
    assert pull_request_of(subject) == number


# Pages


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://github.com/toy/toy.git", "https://github.com/toy/toy"),
        ("https://user:secret@github.com/toy/toy/", "https://github.com/toy/toy"),
        ("git@github.com:toy/toy.git", "https://github.com/toy/toy"),
        ("ssh://git@gitlab.example.org:2222/a/b/toy.git", "https://gitlab.example.org/a/b/toy"),
        ("https://token@gitlab.example.org:8443/a/toy", "https://gitlab.example.org:8443/a/toy"),
        ("https://example.org/toy.git", ""),
        ("https://notgithub.example/toy", ""),
        ("/home/github.com/toy", ""),
        ("file:///github.com/toy", ""),
        ("https://github.com:port/toy", ""),
        ("", ""),
    ],
)
def test_the_page_of_a_repository_is_known_from_its_address_and_without_credentials(address, page):
    assert web_address(address) == page


def test_pages_of_commits_and_differences_are_those_of_the_service():
    assert commit_page("https://github.com/t/t", "abc", None) == "https://github.com/t/t/commit/abc"
    assert commit_page("https://gitlab.com/t/t", "abc", 3) == "https://gitlab.com/t/t/-/merge_requests/3"
    assert compare_page("https://gitlab.com/t/t", "a", "b") == "https://gitlab.com/t/t/-/compare/a...b"
    assert compare_page("", "a", "b") == commit_page("", "abc", 3) == ""


def test_a_clone_knows_its_page_by_its_origin_unless_told(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    assert Repository.open(toy.path).compare_url("a", "b") == ""
    git(toy.path, "config", "remote.origin.url", "https://me:secret@github.com/toy/toy.git")
    assert Repository.open(toy.path).compare_url("a", "b") == "https://github.com/toy/toy/compare/a...b"
    assert Repository.open(toy.path, web="https://code.example/toy").web == "https://code.example/toy"


def test_a_url_is_told_from_a_path():
    urls = ["https://a.org/b", "git@a.org:b/c", "ssh://a/b", "file:///a", "a.org:b/c"]
    assert all(map(is_url, urls))
    assert not any(
        map(is_url, ["a/b", "../b", "/a:b", "C:\\toy", "~/toy", "ext::sh -c ls", "--upload-pack=x"])
    )


# Our own copy of a URL


def test_a_url_is_copied_once_and_fetched_again_when_something_is_missing(tmp_path):
    toy = linear(tmp_path / "toy", VALUES, tags={0: "1.0"})
    url = toy.path.as_uri()
    first = Repository.open(url)
    assert first.resolve("1.0") == toy.sha(0)
    git(toy.path, "tag", "2.0", toy.sha(3))
    assert first.tag_of("toy", "2.0") == toy.sha(3)
    git(toy.path, "branch", "later", toy.sha(2))
    shutil.move(toy.path, tmp_path / "gone")
    again = Repository.open(url)
    assert again.key == first.key
    assert again.tag_of("toy", "2.0") == toy.sha(3)
    assert again.before(datetime(2099, 1, 1)) == toy.sha(4)
    with pytest.raises(NoEvidence, match=r"^file:\S+toy cannot be reached now \("):
        again.resolve("later")
    shutil.move(tmp_path / "gone", toy.path)
    assert again.resolve("later") == toy.sha(2)


def test_a_copy_that_ends_before_a_time_is_fetched_again(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    repository = Repository.open(toy.path.as_uri())
    git(tmp_path, "clone", "--quiet", "toy", "clone")
    git(tmp_path / "clone", "commit", "--quiet", "--allow-empty", "-m", "new")
    git(tmp_path / "clone", "push", "--quiet")
    assert repository.before(datetime(2099, 1, 1)) == git(tmp_path / "clone", "rev-parse", "HEAD")


def test_a_url_without_a_repository_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(UsageError, match="there is no git repository at file:"):
        Repository.open((tmp_path / "nowhere").as_uri())
    assert [path.suffix for path in (tmp_path / "cache/repositories").iterdir()] in ([], [".lock"])


def test_a_url_that_cannot_be_reached_is_no_evidence_and_shows_no_password():
    with pytest.raises(NoEvidence) as caught:
        Repository.open("http://me:secret@127.0.0.1:9/toy.git")
    message = str(caught.value)
    assert message.startswith("http://127.0.0.1:9/toy.git cannot be reached now (")
    assert message.endswith("try again or give the folder of a clone.")
    assert "secret" not in message


def test_a_password_is_kept_in_no_file_of_a_copy(tmp_path, monkeypatch):
    toy = linear(tmp_path / "toy", VALUES)
    real = git_module.run_git
    url = "https://me:secret@github.com/toy/toy"

    def redirected(arguments, **options):
        if "clone" in arguments:
            real([word if word != url else toy.path.as_uri() for word in arguments], **options)
            config = next(Path(word) for word in arguments if word.endswith("/copy")) / "config"
            config.write_text(config.read_text().replace(toy.path.as_uri(), url))
            return b""
        return real(arguments, **options)

    monkeypatch.setattr("harness.bisect.clones.run_git", redirected)
    repository = Repository.open(url)
    assert repository.name == repository.web == "https://github.com/toy/toy"
    copied = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not [path for path in copied if b"secret" in path.read_bytes()]
    assert "github.com/toy/toy" in (repository.git.folder / "config").read_text()


def test_credentials_are_taken_out_of_any_text():
    assert (
        redact("fatal: 'https://u:p@a.org/b' and ssh://u@c/d@e") == "fatal: 'https://a.org/b' and ssh://c/d@e"
    )


# Trees


def odd_repository(tmp_path) -> ToyRepository:
    toy = ToyRepository(tmp_path / "toy")
    files = {
        "a/b/c.py": "1\n",
        "run.sh": Special("100755", "#!/bin/sh\n"),
        "link": Special("120000", "a/b/c.py"),
        "module": Special("160000", "1" * 40),
        "data.bin": bytes(range(256)) * 300,
        "crlf.txt": "one\r\ntwo\r\n",
        '"a\\303\\274 \\n b"': "odd\n",
        ".gitattributes": "* text=auto eol=crlf\nlink export-ignore\n",
        "empty": "",
    }
    toy.commit(files, "odd")
    return toy.write()


def test_an_exported_tree_is_what_was_committed(tmp_path):
    toy = odd_repository(tmp_path)
    folder = tmp_path / "tree"
    assert Repository.open(toy.path).export(toy.sha(0), folder) == []
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
    odd = "aü \n b"
    assert found == sorted(
        [".gitattributes", "a/b/c.py", odd, "crlf.txt", "data.bin", "empty", "link", "run.sh"]
    )
    assert (folder / "link").readlink() == Path("a/b/c.py")
    assert (folder / "run.sh").stat().st_mode & 0o111
    assert not (folder / "a/b/c.py").stat().st_mode & 0o111
    assert (folder / "data.bin").read_bytes() == bytes(range(256)) * 300
    assert (folder / "crlf.txt").read_bytes() == b"one\r\ntwo\r\n"
    assert (folder / odd).read_text() == "odd\n"


def test_files_that_a_clone_lacks_are_named_and_passed_over(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({"a.py": "a\n", "big.ipynb": "big\n", "dir/copy.ipynb": "big\n"}, "start")
    toy.write()
    lose(toy, "main:big.ipynb")
    assert Repository.open(toy.path).export(toy.sha(0), tmp_path / "tree") == ["big.ipynb", "dir/copy.ipynb"]
    assert [path.name for path in (tmp_path / "tree").iterdir()] == ["a.py"]


def lose(toy: ToyRepository, *revisions: str) -> None:
    """Take objects out of a repository."""
    names = [git(toy.path, "rev-parse", revision) for revision in revisions]
    packs = list(toy.path.glob("objects/pack/*.pack"))
    for pack in packs:
        moved = toy.path.parent / pack.name
        for part in toy.path.glob(f"objects/pack/{pack.stem}.*"):
            part.chmod(0o644)
            shutil.move(part, toy.path.parent / part.name)
        subprocess.run(["git", "unpack-objects", "-q"], cwd=toy.path, check=True, input=moved.read_bytes())
    for name in names:
        (toy.path / "objects" / name[:2] / name[2:]).unlink()


def test_a_clone_that_lacks_a_tree_is_no_evidence(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({"a/b.py": "a\n"}, "start")
    toy.write()
    lose(toy, "main:a")
    with pytest.raises(NoEvidence, match=r"^the clone lacks files of commit "):
        Repository.open(toy.path).export(toy.sha(0), tmp_path / "tree")


@pytest.mark.parametrize(
    "path", ["../evil", "/evil", "a/../../evil", "a/.git/config", ".GIT/config", "link/evil"]
)
def test_a_tree_that_leads_out_of_its_folder_is_refused(tmp_path, path):
    """As no git of our own makes it: tree objects written by hand."""
    git(tmp_path, "init", "--quiet", "--bare", "toy")
    toy = tmp_path / "toy"

    def write(kind: str, data: bytes) -> bytes:
        command = ["git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
        done = subprocess.run(command, cwd=toy, input=data, check=True, capture_output=True)
        return bytes.fromhex(done.stdout.decode().strip())

    blob, target = write("blob", b"evil"), write("blob", b"..")
    *folders, name = path.split("/")
    if path == "/evil":
        folders, name = [], "/evil"
    tree = write("tree", b"100644 %s\0%s" % (name.encode(), blob))
    for folder in reversed(folders):
        tree = write("tree", b"40000 %s\0%s" % (folder.encode(), tree))
    if folders == ["link"]:
        inner = write("tree", b"100644 evil\0%s" % blob)
        tree = write("tree", b"120000 link\0%s40000 link\0%s" % (target, inner))
    commit = b"tree %s\nauthor T <t> 0 +0000\ncommitter T <t> 0 +0000\n\nevil\n" % tree.hex().encode()
    sha = write("commit", commit).hex()
    with pytest.raises(UsageError, match=r"has the path '\S+', outside of its own folder"):
        Repository.open(toy).export(sha, tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
    assert not (tmp_path / "evil").exists()


# Taking a change back


def test_a_change_is_taken_back_in_a_later_tree(tmp_path):
    lines = [f"line {number}\n" for number in range(20)]
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({"a.py": "".join(lines), "b.py": "b\n", "d.bin": b"\0one"}, "start")
    changed = ["changed\n", *lines[1:]]
    toy.commit({"a.py": "".join(changed), "b.py": None, "c.py": "c\n", "d.bin": b"\0two"}, "culprit")
    toy.commit({"a.py": "".join([*changed, "more\n"])}, "later")
    repository = Repository.open(toy.write().path)
    folder = tmp_path / "tree"
    repository.export(toy.sha(2), folder)
    assert repository.reverse(toy.sha(1), folder)
    assert (folder / "a.py").read_text() == "".join([*lines, "more\n"])
    assert (folder / "b.py").read_text() == "b\n"
    assert (folder / "d.bin").read_bytes() == b"\0one"
    assert not (folder / "c.py").exists()


def test_a_change_that_does_not_come_off_cleanly_changes_nothing(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({"a.py": "one\n", "b.py": "one\n"}, "start")
    toy.commit({"a.py": "two\n", "b.py": "two\n"}, "culprit")
    toy.commit({"b.py": "three\n"}, "later, over it")
    repository = Repository.open(toy.write().path)
    repository.export(toy.sha(2), tmp_path / "tree")
    before = everything(tmp_path / "tree")
    assert not repository.reverse(toy.sha(1), tmp_path / "tree")
    assert everything(tmp_path / "tree") == before


def test_a_merge_is_taken_back_as_a_whole(tmp_path):
    repository, toy = with_merge(tmp_path)
    repository.export(toy.sha(3), tmp_path / "tree")
    assert repository.reverse(toy.sha(3), tmp_path / "tree")
    assert (tmp_path / "tree/toy.py").read_text() == "VALUE = 0\n"


def test_the_first_commit_and_an_empty_one_cannot_be_taken_back(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({"a.py": "one\n"}, "start")
    toy.commit({}, "nothing")
    repository = Repository.open(toy.write().path)
    repository.export(toy.sha(1), tmp_path / "tree")
    assert not repository.reverse(toy.sha(0), tmp_path / "tree")
    assert not repository.reverse(toy.sha(1), tmp_path / "tree")
    assert (tmp_path / "tree/a.py").read_text() == "one\n"


def test_a_change_of_a_file_that_the_clone_lacks_is_taken_back_without_it(tmp_path):
    toy = ToyRepository(tmp_path / "toy")
    toy.commit({"a.py": "one\n", "big*.ipynb": "small\n"}, "start")
    toy.commit({"a.py": "two\n", "big*.ipynb": "large\n", "bigger.ipynb": "new\n"}, "culprit")
    toy.write()
    lose(toy, "main:big*.ipynb")
    repository, folder = Repository.open(toy.path), tmp_path / "tree"
    missing = repository.export(toy.sha(1), folder)
    assert missing == ["big*.ipynb"]
    assert not repository.reverse(toy.sha(1), folder)
    assert repository.reverse(toy.sha(1), folder, missing)
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("a.py", "one\n")]


def test_a_change_whose_old_content_the_clone_lacks_cannot_be_taken_back(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    lose(toy, "main~1:toy.py")
    repository = Repository.open(toy.path)
    assert repository.export(toy.sha(4), tmp_path / "tree") == []
    assert not repository.reverse(toy.sha(4), tmp_path / "tree")


def test_a_folder_inside_of_a_repository_is_changed_all_the_same(tmp_path):
    toy = linear(tmp_path / "toy", VALUES)
    git(tmp_path, "init", "--quiet", "around")
    folder = tmp_path / "around/tree"
    repository = Repository.open(toy.path)
    repository.export(toy.sha(4), folder)
    assert repository.reverse(toy.sha(4), folder)
    assert (folder / "toy.py").read_text() == VALUES[3]


def test_an_unknown_commit_is_an_error_of_git(tmp_path):
    repository = Repository.open(linear(tmp_path / "toy", VALUES).path)
    with pytest.raises(GitError):
        repository.commit("f" * 40)
