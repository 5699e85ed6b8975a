"""Lock files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version
from test_environment_ids import environment_ids, names, versions
from toy.project import toy_lock

from harness.environment.ids import parse_environment_id
from harness.environment.lock import Lock, LockFolder, Source, parse_lock, render_lock
from harness.errors import UsageError

texts = st.text(max_size=60) | st.sampled_from(["two\nlines", '"quoted"', "# harness-lock: 2", " spaces "])
requirements = st.sampled_from(["jax[cpu]", "flax>=0.8", 'six ; python_version < "3.9"', "a >1, <2"])


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    packages = draw(st.dictionaries(names.map(lambda name: name.replace("_", "")), versions.map(str)))
    return Lock(
        id=draw(environment_ids()),
        python=draw(st.sampled_from(["3.9", "3.11"])),
        as_of=draw(st.none() | st.dates().map(str)),
        requested=tuple(draw(st.lists(requirements, min_size=1))),
        packages=packages,
        released=draw(st.none() | st.dates().map(str)),
        tier=draw(st.sampled_from(["default", "full"])),
        note=draw(texts),
        unresolvable="" if packages else draw(texts.filter(bool)),
    )


def refusal(path: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse_lock(path, text)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


@given(locks())
@settings(max_examples=50)
def test_a_lock_reads_back_as_what_was_written(lock):
    assert parse_lock(Path(f"{lock.id}.txt"), render_lock(lock)) == lock


@given(locks())
@settings(max_examples=50)
def test_every_line_of_a_lock_is_a_comment_or_a_pin(lock):
    """So that pip and uv read it as a requirements file, whatever the resolver's reason says."""
    for line in render_lock(lock).splitlines():
        assert line.startswith("# ") or line.partition("==")[0] in lock.packages


def test_a_lock_says_what_it_was_made_of():
    lock = toy_lock(
        packages={"toy": "1.0", "dep": "2.0"}, released="2023-12-11", note="the date had to be moved"
    )
    assert render_lock(lock).splitlines() == [
        "# harness-lock: 1",
        "# environment: toy-1.0",
        "# python: 3.11",
        "# released: 2023-12-11",
        "# as-of: 2024-01-01",
        "# tier: default",
        "# requested: toy==1.0",
        "# note: the date had to be moved",
        "dep==2.0",
        "toy==1.0",
    ]


GOOD = render_lock(toy_lock("1.0"))
HERE = Path("toy-1.0.txt")


@pytest.mark.parametrize(
    "damaged",
    [
        GOOD + "<<<<<<< HEAD\n",
        GOOD + "dep>=2.0\n",
        GOOD + "dep\n",
        GOOD + "dep==two\n",
        GOOD.replace("# python: 3.11\n", ""),
        GOOD.replace("toy-1.0\n", "no id\n"),
        GOOD.replace("toy==1.0\n", ""),
        GOOD.replace("# tier: default", '# tier: "default'),
        GOOD.replace("# environment: toy-1.0", "# environment: toy-1.1"),
        GOOD.replace("# tier", "# released: soon\n# tier"),
        GOOD.replace("# tier", "# released: \n# tier"),
        GOOD.replace("# tier", "# released: 20240101\n# tier"),
        GOOD.replace("# tier", "# released: 2024-01-01T12:00:00\n# tier"),
        GOOD.replace("# tier", "# released: 2024-02-30\n# tier"),
    ],
)
def test_a_damaged_lock_is_refused_with_the_command_that_makes_it_anew(damaged):
    assert damaged != GOOD
    message = refusal(HERE, damaged)
    assert "toy-1.0.txt is damaged" in message
    assert "harness lock toy-1.0" in message


@pytest.mark.parametrize("text", ["", "\n", "toy==1.0\n", GOOD.replace("harness-lock: 1", "harness-lock: 2")])
def test_a_lock_of_another_format_is_refused(text):
    assert "is no lock of format 1" in refusal(HERE, text)


def test_a_lock_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "toy-1.0.txt").write_bytes(b"# harness-lock: 1\n\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"toy-1\.0\.txt is damaged"):
        LockFolder(path=tmp_path).get("toy-1.0")


def test_a_lock_of_before_there_were_dates_is_read_and_has_none():
    assert "# released" not in GOOD
    assert parse_lock(HERE, GOOD).released is None
    assert parse_lock(HERE, GOOD.replace("# tier", "# released: 2024-01-01\n# tier")) == toy_lock(
        released="2024-01-01"
    )


def test_a_pip_style_name_is_read_as_the_canonical_one():
    assert parse_lock(HERE, GOOD + "Some_Dep==2\n").packages == {"toy": "1.0", "some-dep": "2"}


# The key


def test_the_key_depends_on_the_content_and_on_nothing_else():
    lock = toy_lock("1.0", packages={"toy": "1.0", "dep": "2.0"})
    same = toy_lock(
        "1.1",
        packages={"dep": "2.0", "toy": "1.0"},
        id=parse_environment_id("toy-1.1@latest"),
        as_of=None,
        released="2024-01-01",
        tier="full",
        requested=("toy", "dep"),
        note="anything",
    )
    assert lock.key == same.key


@pytest.mark.parametrize(
    "fields",
    [
        {"python": "3.12"},
        {"packages": {"toy": "1.0", "dep": "2.1"}},
        {"packages": {"toy": "1.0"}},
        {"packages": {}, "unresolvable": "nothing fits"},
    ],
)
def test_the_key_changes_with_every_part_of_the_content(fields):
    content = {"python": "3.11", "packages": {"toy": "1.0", "dep": "2.0"}}
    assert toy_lock("1.0", **content).key != toy_lock("1.0", **{**content, **fields}).key


def test_a_key_stays_what_it_was_in_earlier_releases_of_this_tool():
    assert toy_lock("1.0").key == "d67601d34b4f7e5c"


def test_a_record_carries_the_resolvers_reason_as_its_note():
    lock = toy_lock("0.9", packages={}, unresolvable="nothing fits", note="moved")
    assert (lock.record().note, toy_lock("1.0", note="moved").record().note) == ("nothing fits", "moved")


def test_a_record_carries_the_date_of_the_release():
    found = [toy_lock(released=date).record().released for date in ("2024-01-01", None)]
    assert found == ["2024-01-01", None]


# Packages that come from a wheel at hand


def source(name: str = "toy", sha256: str = "12", path: str = "/wheels/toy-1.0-py3-none-any.whl") -> Source:
    return Source(name=name, path=Path(path), sha256=sha256)


def test_requirements_name_the_wheel_and_its_digest_in_place_of_the_version():
    lock = toy_lock(packages={"toy": "1.0", "dep": "2.0", "zed": "3"}, sources=(source(),))
    assert lock.requirements().splitlines() == [
        "dep==2.0",
        "toy @ file:///wheels/toy-1.0-py3-none-any.whl#sha256=12",
        "zed==3",
    ]


def test_a_wheel_may_lie_anywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lock = toy_lock(sources=(source(path="a b#c;${d}/toy.whl"),))
    expected = f"toy @ {tmp_path.as_uri()}/a%20b%23c%3B%24%7Bd%7D/toy.whl#sha256=12\n"
    assert lock.requirements() == expected


def test_a_wheel_of_a_package_that_the_lock_does_not_name_is_no_secret():
    lock = toy_lock(sources=(source("other"),))
    assert [line.split()[0] for line in lock.requirements().splitlines()] == ["other", "toy==1.0"]


def test_the_key_tells_wheels_apart_by_their_content_and_not_by_their_place():
    plain, one, other = (toy_lock(sources=sources) for sources in ((), (source(),), (source(sha256="34"),)))
    assert len({plain.key, one.key, other.key, toy_lock(sources=(source("dep"),)).key}) == 4
    assert toy_lock(sources=(source(path="/elsewhere/toy.whl"),)).key == one.key


def test_the_order_of_wheels_makes_no_difference_to_the_key():
    both = (source(), source("dep", "34"))
    assert toy_lock(sources=both).key == toy_lock(sources=both[::-1]).key


def test_a_lock_of_wheels_at_hand_is_never_written_to_a_file(tmp_path):
    lock = toy_lock(sources=(source(),))
    with pytest.raises(ValueError, match=r"^toy-1\.0 holds wheels of this machine and has no lock file$"):
        LockFolder(path=tmp_path / "locks").put(lock)
    assert not (tmp_path / "locks").exists()


# The folder


def test_a_folder_gives_its_locks_by_library_resolution_and_version(tmp_path):
    folder = LockFolder(path=tmp_path / "locks")
    ids = [
        "toy-1.9",
        "toy-1.10",
        "toy-1.9@latest",
        "toy-1.9+dep-2",
        "toy-1.9+dep-10",
        "abc-3",
        "toy-1.9@py3.9",
    ]
    for text in ids:
        id_ = parse_environment_id(text)
        folder.put(toy_lock("1.0", id=id_, packages={id_.library: str(id_.version)}))
    assert [str(lock.id) for lock in LockFolder(path=folder.path).all()] == [
        "abc-3",
        "toy-1.9",
        "toy-1.9@py3.9",
        "toy-1.10",
        "toy-1.9@latest",
        "toy-1.9+dep-2",
        "toy-1.9+dep-10",
    ]


def test_a_folder_that_is_not_there_holds_no_locks(tmp_path):
    folder = LockFolder(path=tmp_path / "none")
    assert (folder.all(), folder.get("toy-1.0")) == ([], None)


def test_what_was_put_is_there_for_this_and_for_the_next_reader(tmp_path):
    folder, lock = LockFolder(path=tmp_path), toy_lock("1.0")
    folder.put(lock)
    assert folder.get("toy-1.0") == LockFolder(path=tmp_path).get("toy-1.0") == lock
    assert lock.id.version == Version("1.0")


def test_the_locks_of_this_project_can_be_read_and_have_the_date_of_their_release(pytestconfig):
    folder = LockFolder(path=pytestconfig.rootpath / "harness" / "locks")
    assert all(render_lock(lock) == folder.file(str(lock.id)).read_text("utf-8") for lock in folder.all())
    assert [str(lock.id) for lock in folder.all() if lock.released is None] == []
