"""What a team names as a state: where its cells run, which packages it has, and who was asked for them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from toy.libraries import make_environment, tree_digest
from toy.project import CONFIG, write_project
from toy.wheels import write_wheel

from harness.environment.build import build_folder
from harness.environment.lock import Lock
from harness.environment.places import THIS_PLATFORM, InterpreterPlace, Place
from harness.errors import NoEvidence, UsageError
from harness.gate.states import Asking, GateState, StatePlace, gate_state
from harness.workspace import Workspace

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
LIBRARIES = """\
[tool.harness]
only-binary = ["dep"]

[tool.harness.library.funny]
distribution = "funny-dist"
module = "funny"
"""
HEAD = 'lock-version = "1.0"\n'
PYLOCK = HEAD + '[[packages]]\nname = "toy"\nversion = "1.0"\n[[packages]]\nname = "dep"\nversion = "1.0"\n'
FIXED = {"toy": "1.0", "dep": "1.0"}


class Desk:
    """A project and its index, the folder of a team's files, and what the harness makes of words."""

    def __init__(self, index, root: Path) -> None:
        self.index = index
        self.root = root
        project = write_project(root / "project", LIBRARIES + CONFIG.replace("[tool.harness]", ""))
        self.workspace = Workspace.at(project)

    def publish(self, name: str, *versions: str, requires=()) -> None:
        for version in versions:
            files = {f"{name.replace('-', '_')}.py": ""}
            self.index.add(write_wheel(self.index.folder, name, version, files, requires))

    def state(
        self,
        *words: object,
        base: GateState | None = None,
        python: str | None = None,
        offline: bool = False,
        jax_cache: bool = True,
    ) -> GateState:
        asking = Asking(python=python, offline=offline, jax_cache=jax_cache)
        return gate_state([str(word) for word in words], self.workspace, asking, base)

    def offline(self, *words: object, **options) -> GateState:
        """A state for which nobody may be asked."""
        self.index.broken = True
        self.index.requests.clear()
        found = self.state(*words, offline=True, **options)
        assert not self.index.requests
        return found

    def refusal(self, *words: object, error: type[Exception] = UsageError, **options) -> str:
        with pytest.raises(error) as caught:
            self.state(*words, **options)
        sentence = str(caught.value)
        assert sentence.endswith(".")
        assert len(sentence.splitlines()) == 1
        return sentence


@pytest.fixture
def desk(toy_index, tmp_path, monkeypatch) -> Desk:
    folder = tmp_path / "team"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = Desk(toy_index, tmp_path)
    made.publish("dep", "1.0", "2.0")
    made.publish("toy", "1.0", "2.0", requires=["dep"])
    made.publish("funny-dist", "1.0", "2.0")
    return made


def packages(state: GateState) -> dict[str, str]:
    return dict(state.view.packages)


def write(name: str, text: str) -> Path:
    """A file where the team works."""
    Path(name).write_text(text)
    return Path(name)


def environment(folder: Path, **versions: str) -> Path:
    """A virtual environment that holds these."""
    made = make_environment(folder, toy=False)
    for name, version in versions.items():
        made.install(name, "", version)
    return made.prefix


# Files


def test_a_requirements_file_is_built_as_the_index_completes_it(desk):
    write("a.txt", "toy<2\n")
    state = desk.state("a.txt")
    assert (state.name, packages(state)) == ("a.txt", {"toy": "1.0", "dep": "2.0"})
    assert isinstance(state.place, StatePlace)
    assert state.place.lock is state.lock
    assert state.view.name == "a.txt"
    assert state.view.python == OWN
    assert state.view.facts == {"toy": "1.0", "dep": "2.0", "python": OWN}
    assert (state.view.key, state.view.platform) == (state.place.key, THIS_PLATFORM)


def test_what_a_file_left_open_is_noted(desk):
    write("a.txt", "toy==1.0\n")
    assert desk.state("a.txt").view.note == "resolved now, for a.txt does not pin them: dep"


def test_a_pylock_is_taken_as_it_is(desk):
    write("pylock.toml", PYLOCK)
    assert packages(desk.state("pylock.toml")) == FIXED


def test_a_uv_lock_is_taken_as_it_is(desk):
    folder = desk.root / "mine"
    folder.mkdir()
    source = f'source = {{ registry = "{desk.index.url}" }}\n'
    sdist = f'sdist = {{ url = "{desk.index.url}/toy-1.0.tar.gz", hash = "sha256:{"0" * 64}" }}\n'
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "1.0"\nrequires-python = ">=3.10"\ndependencies = ["toy"]\n'
    )
    (folder / "uv.lock").write_text(
        'version = 1\nrevision = 2\nrequires-python = ">=3.10"\n\n'
        '[[package]]\nname = "mine"\nversion = "1.0"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "toy" }]\n\n[package.metadata]\nrequires-dist = [{ name = "toy" }]\n\n'
        f'[[package]]\nname = "toy"\nversion = "1.0"\n{source}{sdist}'
    )
    assert packages(desk.state(folder / "uv.lock")) == {"toy": "1.0"}
    assert packages(desk.offline(folder / "uv.lock")) == {"toy": "1.0"}


def test_a_file_that_is_called_like_versions_is_a_file(desk):
    write("toy==1.0", "toy==2.0\ndep==2.0\n")
    assert packages(desk.state("toy==1.0")) == {"toy": "2.0", "dep": "2.0"}


def test_a_python_holds_for_what_names_none(desk):
    write("a.txt", "toy==1.0\ndep==1.0\n")
    assert desk.state("a.txt", python="3.10").view.python == "3.10"
    assert desk.state("toy==1.0", python="3.10").view.python == "3.10"


# Interpreters


def test_a_folder_and_a_program_are_interpreters_and_stay_as_they_are(desk, tmp_path):
    prefix = environment(tmp_path / "venv", toy="1.0", strange="1.0+local")
    before = tree_digest(prefix)
    for words in (prefix, prefix / "bin" / "python"):
        state = desk.state(words)
        assert isinstance(state.place, InterpreterPlace)
        assert state.place.python == prefix / "bin" / "python"
        assert (state.name, state.place.id, state.lock) == (str(words), str(words), None)
        assert state.view.packages["strange"] == "1.0+local"
        assert state.view.facts["strange"] == "1.0"
        assert state.view.facts["python"] == state.view.python
    assert tree_digest(prefix) == before
    assert not desk.index.requests


def test_current_is_the_interpreter_that_runs_this(desk):
    state = desk.state("current")
    assert isinstance(state.place, InterpreterPlace)
    assert (state.place.python, state.place.id) == (Path(sys.executable), "current")
    assert "packaging" in state.view.packages


def test_a_folder_without_an_interpreter_is_none(desk, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "is no virtual environment" in desk.refusal(tmp_path / "empty")


def test_the_source_of_a_state_lies_where_its_packages_are(desk, tmp_path):
    prefix = environment(tmp_path / "venv", toy="1.0")
    assert desk.state(prefix).library_folders() == list(prefix.glob("lib/python*/site-packages"))
    state = desk.state("toy==1.0")
    assert state.library_folders() == []
    state.place.prepare()
    assert state.lock is not None
    (folder,) = state.library_folders()
    assert folder.is_relative_to(build_folder(state.lock))
    assert (folder / "toy.py").is_file()


# Environments of the project


def test_the_id_of_an_environment_is_its_lock(desk):
    state = desk.state("toy-1.0")
    assert state.lock == desk.workspace.locks.get("toy-1.0")
    assert not desk.index.requests


def test_what_is_nothing_of_this_says_what_it_may_be(desk):
    assert "'nowhere.txt' is no file and no environment" in desk.refusal("nowhere.txt")
    assert "has no lock" in desk.refusal("toy-9.0")
    assert "is of Python 3.11, not 3.10" in desk.refusal("toy-1.0", python="3.10")


# Versions


def test_versions_bring_what_they_need(desk):
    state = desk.state("toy==1.0")
    assert packages(state) == {"toy": "1.0", "dep": "2.0"}
    assert state.lock is not None
    assert state.lock.requested == ("toy==1.0",)
    assert str(state.lock.id) == "toy-1.0"


@pytest.mark.parametrize("words", [("toy==1.0", "dep==1.0"), ("toy==1.0 dep==1.0",)])
def test_several_versions_are_one_state(desk, words):
    state = desk.state(*words)
    assert (state.name, packages(state)) == ("toy==1.0 dep==1.0", FIXED)


@pytest.mark.parametrize("word", ["funny==1.0", "funny-dist==1.0", "Funny_Dist==1.0"])
def test_a_library_is_meant_by_its_name_and_by_its_distribution(desk, word):
    assert packages(desk.state(word)) == {"funny-dist": "1.0"}
    assert packages(desk.offline(word)) == {"funny-dist": "1.0"}


def test_the_bare_name_of_a_library_is_its_newest_release(desk):
    assert packages(desk.state("funny")) == {"funny-dist": "2.0"}
    assert packages(desk.state("funny-dist")) == {"funny-dist": "2.0"}


@pytest.mark.parametrize(
    "word", ["dep", "toy @ https://example.org/toy.whl", "toy@https://example.org/toy.whl"]
)
def test_other_bare_names_and_addresses_are_no_versions(desk, word):
    assert "is no file and no environment" in desk.refusal(word)
    assert not desk.index.requests


def test_versions_that_do_not_exist_are_told_with_the_reason(desk):
    said = desk.refusal("toy==7.0")
    assert said.startswith("nothing satisfies toy==7.0: Because there is no version of toy==7.0")
    assert not said.endswith("..")


def test_an_index_that_fails_is_no_verdict(desk):
    desk.index.broken = True
    said = desk.refusal("toy==1.0", error=NoEvidence)
    assert said.startswith("toy==1.0 cannot be resolved now: ")
    write("a.txt", "toy==1.0\n")
    assert desk.refusal("a.txt", error=NoEvidence).startswith("a.txt cannot be resolved now: ")


def test_nothing_is_built_from_source_that_must_not_be(desk):
    desk.index.remove("dep")
    desk.publish("dep", "1.0")
    sdist = desk.index.folder / "dep-3.0.tar.gz"
    sdist.write_bytes(b"no archive")
    desk.index.add(sdist)
    assert packages(desk.state("toy==1.0"))["dep"] == "1.0"


# One state changed by versions


def test_versions_change_a_file_and_leave_the_rest(desk):
    desk.publish("more", "1.0", "2.0")
    base = desk.state(write("a.txt", "toy==1.0\ndep==1.0\nmore==1.0\n"))
    changed = desk.state("toy==2.0", base=base)
    assert packages(changed) == {"toy": "2.0", "dep": "1.0", "more": "1.0"}
    assert (changed.name, changed.view.python) == ("toy==2.0", base.view.python)
    together = desk.state("a.txt", "toy==2.0")
    assert together.name == "a.txt toy==2.0"
    assert together.view.packages == changed.view.packages


def test_a_version_that_is_asked_for_wins_over_what_was_pinned(desk):
    desk.publish("strict", "1.0", "2.0", requires=["dep<2"])
    desk.publish("strict", "3.0", requires=["dep>=2"])
    base = desk.state(write("a.txt", "strict==1.0\ndep==1.0\n"))
    assert packages(desk.state("strict==3.0", base=base)) == {"strict": "3.0", "dep": "2.0"}


def test_a_bound_that_the_base_asks_for_holds(desk):
    desk.publish("strict", "3.0", requires=["dep>=2"])
    base = desk.state(write("a.txt", "toy\ndep<2\n"))
    said = desk.refusal("strict==3.0", base=base)
    assert said.startswith("nothing satisfies strict==3.0: ")


def test_versions_that_are_asked_for_are_no_longer_pinned_when_others_change(desk):
    desk.publish("strict", "3.0", requires=["dep>=2"])
    base = desk.state("toy==1.0", "dep==1.0")
    changed = desk.state("strict==3.0", base=base)
    assert packages(changed) == {"toy": "1.0", "dep": "2.0", "strict": "3.0"}


def test_what_is_not_pinned_may_be_overridden(desk):
    base = desk.state(write("a.txt", "Toy<2\n"))
    assert packages(desk.state("toy==2.0", base=base)) == {"toy": "2.0", "dep": "2.0"}


def test_a_library_called_by_its_name_replaces_its_distribution(desk):
    base = desk.state("funny==1.0")
    assert packages(desk.state("funny==2.0", base=base)) == {"funny-dist": "2.0"}


def test_versions_change_an_interpreter_and_keep_its_libraries(desk, tmp_path):
    prefix = environment(tmp_path / "venv", toy="1.0", dep="1.0", funny_dist="1.0", unheard="1.0")
    base = desk.state(prefix)
    changed = desk.state("toy==2.0", base=base)
    assert packages(changed) == {"toy": "2.0", "dep": "1.0", "funny-dist": "1.0"}
    assert isinstance(changed.place, StatePlace)
    assert changed.view.python == OWN
    assert changed.lock is not None
    assert changed.lock.requested == ("toy==2.0", "funny-dist")
    assert packages(desk.state(prefix, "toy==2.0")) == packages(changed)


def test_a_changed_state_has_the_python_of_what_it_changes(desk):
    base = desk.state(write("a.txt", "toy==1.0\ndep==1.0\n"), python="3.10")
    assert desk.state("toy==2.0", base=base).view.python == "3.10"


def test_a_file_is_no_change_of_the_base(desk):
    base = desk.state("toy==1.0", "funny==1.0")
    write("b.txt", "dep==1.0\n")
    assert packages(desk.state("b.txt", base=base)) == {"dep": "1.0"}


# Without an index


def test_offline_asks_nobody_of_what_is_exact(desk, tmp_path):
    write("a.txt", "Toy==1.0\ndep==1.0\n")
    write("pylock.toml", PYLOCK)
    prefix = environment(tmp_path / "venv", toy="1.0", dep="1.0")
    assert packages(desk.offline("a.txt")) == FIXED
    assert packages(desk.offline("pylock.toml")) == FIXED
    assert packages(desk.offline("toy==1.0", "dep===1.0")) == FIXED
    assert packages(desk.offline("toy-1.0")) == {"toy": "1.0"}
    assert desk.offline(prefix).view.packages["toy"] == "1.0"


def test_offline_does_not_complete_what_is_given(desk):
    state = desk.offline(write("a.txt", "toy==1.0\n"))
    assert (packages(state), state.view.note) == ({"toy": "1.0"}, "")


def test_offline_versions_change_what_is_held(desk, tmp_path):
    base = desk.offline(write("a.txt", "toy==1.0\ndep==1.0\n"), python="3.10")
    changed = desk.offline("toy==2.0", base=base)
    assert packages(changed) == {"toy": "2.0", "dep": "1.0"}
    assert changed.view.python == "3.10"
    assert packages(desk.offline("a.txt", "toy==2.0")) == packages(changed)
    prefix = environment(tmp_path / "venv", toy="1.0", dep="1.0")
    held = packages(desk.offline(prefix, "toy==2.0"))
    assert (held["toy"], held["dep"]) == ("2.0", "1.0")


@pytest.mark.parametrize("word", ["toy>=1", "toy==1.*", "toy<2,>=1", "funny"])
def test_offline_needs_exact_versions(desk, word):
    said = desk.refusal(word, offline=True)
    assert "says no exact version of" in said
    assert "NAME==VERSION" in said
    assert not desk.index.requests


@pytest.mark.parametrize("text", ["toy<2\n", "toy==1.0\ndep\n"])
def test_offline_needs_files_that_pin_everything(desk, text):
    write("a.txt", text)
    assert desk.refusal("a.txt", offline=True) == (
        "a.txt leaves versions to the resolver; with --offline give a file that pins everything."
    )
    assert not desk.index.requests


def test_offline_needs_a_file_that_names_something(desk):
    write("a.txt", "# nothing\n")
    assert desk.refusal("a.txt", offline=True) == "a.txt names no package; give another file."


def test_local_labels_are_remembered_and_do_not_count_as_versions(desk):
    state = desk.offline(write("a.txt", "toy==1.0+cpu\n"))
    assert state.lock is not None
    assert (packages(state), state.lock.local_builds) == ({"toy": "1.0"}, ("toy",))


# Ids


def test_states_of_one_release_with_other_packages_are_two_places(desk):
    one, other = desk.state("toy==1.0", "dep==1.0"), desk.state("toy==1.0", "dep==2.0")
    assert one.lock is not None
    assert other.lock is not None
    assert one.lock.id == other.lock.id
    assert (one.place.id, other.place.id) == (one.name, other.name)
    assert one.place.key != other.place.key
    assert one.place.key == one.view.key == desk.state("dep==1.0", "toy==1.0").place.key


def test_a_state_is_about_every_case_and_says_what_it_imports(desk):
    state = desk.state("dep==1.0")
    place: Place = state.place
    assert place.runs(None)
    assert isinstance(state.lock, Lock)


def test_the_cache_of_jax_may_be_left_out(desk):
    assert desk.state("toy==1.0").place.uses_jax_cache
    assert not desk.state("toy==1.0", jax_cache=False).place.uses_jax_cache
    assert not desk.state("toy-1.0", jax_cache=False).place.uses_jax_cache
