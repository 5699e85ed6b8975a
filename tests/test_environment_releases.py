"""Reading what an index holds."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime

import pytest
from packaging.version import Version
from toy.index import ToyIndex
from toy.wheels import write_wheel

from harness.environment.indexes import index_environment
from harness.environment.releases import Release, final_releases, read_releases
from harness.errors import NoEvidence


@pytest.fixture(params=["json", "html"])
def index(request, toy_index):
    """An index that speaks JSON, and one that speaks HTML."""
    toy_index.speaks = request.param
    return toy_index


def publish(index: ToyIndex, version: str, uploaded: str = "2024-01-01", **options: object) -> None:
    """Put a `toy` wheel on the index."""
    yanked = bool(options.pop("yanked", False))
    index.add(write_wheel(index.folder, "toy", version, {}, **options), uploaded=uploaded, yanked=yanked)


def use(monkeypatch, *urls: str) -> None:
    """Make the last URL uv's default index and the others its further ones."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", urls[-1])
    monkeypatch.setenv("UV_INDEX", " ".join(urls[:-1]))
    index_environment.cache_clear()


def versions(distribution: str = "toy") -> list[str]:
    return [str(release.version) for release in read_releases(distribution, {})]


def failure(distribution: str = "toy") -> str:
    with pytest.raises(NoEvidence) as caught:
        read_releases(distribution, {})
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.fixture
def closed_port():
    """A port that nobody listens at, and that nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_releases_come_by_version_and_not_by_name(index):
    for version in ("1.10", "1.9", "1.9rc1", "2.0.dev1"):
        publish(index, version)
    assert versions() == ["1.9rc1", "1.9", "1.10", "2.0.dev1"]


def test_a_release_has_the_date_of_its_first_file(index):
    publish(index, "1.0", "2024-03-01T10:00:00Z")
    publish(index, "1.0", "2024-02-01T23:30:00+00:00", tag="cp311-cp311-linux_x86_64")
    publish(index, "1.0", "2024-04-01T10:00:00.123456Z", tag="cp312-cp312-linux_x86_64")
    (release,) = read_releases("toy", {})
    assert release.uploaded == datetime(2024, 2, 1, 23, 30, tzinfo=UTC)


def test_a_correction_replaces_the_date_of_its_release_alone(index):
    publish(index, "1.0", "2025-12-05")
    publish(index, "1.1", "2025-12-05")
    true = datetime(2023, 6, 23, tzinfo=UTC)
    found = read_releases("Toy", {("toy", Version("1.0")): true})
    assert [r.uploaded for r in found] == [true, datetime(2025, 12, 5, 12, tzinfo=UTC)]


def test_yanked_and_prereleases_are_not_final(index):
    publish(index, "1.0")
    publish(index, "1.1", yanked=True)
    publish(index, "1.2rc1")
    publish(index, "1.3.dev1")
    assert versions() == ["1.0", "1.1", "1.2rc1", "1.3.dev1"]
    assert [str(r.version) for r in final_releases(read_releases("toy", {}))] == ["1.0"]


def test_a_release_is_yanked_only_where_all_its_files_are(index):
    publish(index, "1.0", yanked=True)
    publish(index, "1.0", tag="cp311-cp311-linux_x86_64")
    assert [r.yanked for r in read_releases("toy", {})] == [False]


def test_a_release_says_which_pythons_it_admits(index):
    publish(index, "1.0", requires_python=">=3.8,<3.11")
    publish(index, "1.1")
    old, new = read_releases("toy", {})
    assert [old.admits(python) for python in ("3.7", "3.8", "3.10", "3.11")] == [False, True, True, False]
    assert new.admits("3.7")


def test_a_requirement_on_python_that_nobody_can_read_admits_all():
    release = Release(version=Version("1"), uploaded=None, yanked=False, requires_python=">=3.*x")
    assert release.admits("3.11")


def test_source_releases_count_and_odd_files_do_not(index):
    for name in ("toy-1.0.tar.gz", "toy-1.1.zip"):
        (index.folder / name).write_bytes(b"")
        index.add(index.folder / name)
    publish(index, "2.0")
    odd = index._entries["toy"][-1]
    for name in ("toy-3.0.exe", "toy.tar.gz", "toy-3.0-py3.whl"):
        path = index.folder / name
        path.write_bytes(b"")
        index._entries["toy"].append(type(odd)(path, odd.uploaded, False, None))
    assert versions() == ["1.0", "1.1", "2.0"]


def test_an_index_without_dates_gives_releases_without_dates(index):
    publish(index, "1.0")
    index.dated = False
    assert [r.uploaded for r in read_releases("toy", {})] == [None]


def test_several_indexes_are_read_as_one(index, tmp_path, monkeypatch):
    publish(index, "1.0")
    with ToyIndex(tmp_path / "second") as second:
        publish(second, "2.0")
        use(monkeypatch, second.url, index.url)
        assert versions() == ["1.0", "2.0"]


def test_an_index_in_a_folder_is_read(toy_index, tmp_path, monkeypatch):
    page = tmp_path / "simple" / "toy" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text('<a href="../../toy-1.0-py3-none-any.whl#sha256=00">toy</a>')
    use(monkeypatch, (tmp_path / "simple").as_uri(), toy_index.url)
    publish(toy_index, "2.0")
    assert versions() == ["1.0", "2.0"]


def test_a_name_that_no_index_knows_is_no_evidence(index):
    assert "no index knows 'nothing'" in failure("nothing")


# Faults: each one sentence, soon, with the host and without the password


def test_an_index_that_nobody_answers_at_is_named_at_once(no_index, closed_port):
    use(no_index, f"http://user:secret@127.0.0.1:{closed_port}/simple")
    start = time.monotonic()
    message = failure()
    assert time.monotonic() - start < 5
    assert "the index at 127.0.0.1 cannot be read (" in message
    assert "refused" in message
    assert "secret" not in message


def test_a_host_that_does_not_exist_is_named(no_index):
    use(no_index, "http://index.invalid/simple")
    assert "the index at index.invalid cannot be read (" in failure()


def test_a_broken_index_is_told_with_its_answer(index):
    index.broken = True
    assert "the index at 127.0.0.1 cannot be read (HTTP 500)" in failure()


def test_one_broken_index_of_several_is_not_passed_over(index, monkeypatch, closed_port):
    publish(index, "1.0")
    use(monkeypatch, f"http://127.0.0.1:{closed_port}/simple", index.url)
    assert "cannot be read" in failure()


def test_a_page_that_is_cut_off_is_told(toy_index):
    publish(toy_index, "1.0")
    toy_index.garbled = True
    assert "its answer is no page of an index" in failure()


@pytest.mark.parametrize("page", [b"[]", b'{"files": {}}x', b'{"files": [{}]}', b'{"files": 1}', b"\xff"])
def test_a_page_of_anything_else_is_told(toy_index, monkeypatch, page):
    monkeypatch.setattr(toy_index, "_page", lambda name: (200, "application/json", page))
    publish(toy_index, "1.0")
    assert "its answer is no page of an index" in failure()


def test_a_password_is_sent_and_never_printed(index, monkeypatch):
    publish(index, "1.0")
    index.password = ("user", "s3cr/t")
    assert "HTTP 401" in failure()
    use(monkeypatch, index.url_for("user:s3cr%2Ft"))
    assert versions() == ["1.0"]
    use(monkeypatch, index.url_for("user:wr0ng"))
    message = failure()
    assert "HTTP 401" in message
    assert "wr0ng" not in message


def test_a_password_is_taken_from_netrc(index, monkeypatch, tmp_path):
    publish(index, "1.0")
    index.password = ("user", "secret")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert versions() == ["1.0"]
