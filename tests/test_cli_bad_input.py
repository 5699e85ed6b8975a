"""Every bad input gets one sentence with the way out and its exit code, and leaves everything as it was."""

from __future__ import annotations

import socket
import sqlite3
import sys

import pytest
from toy.cases import edited
from toy.project import CONFIG
from toy.user import CELLS, STORY, Project, harness, new_project, run

from harness.environment.indexes import index_environment
from harness.store import Store


@pytest.fixture
def project(world, tmp_path) -> Project:
    return new_project(tmp_path / "project")


@pytest.fixture(scope="module")
def measured(world, tmp_path_factory) -> Project:
    """A project with a store; only for commands that must not change anything."""
    project = new_project(tmp_path_factory.mktemp("measured") / "project")
    assert project.harness("matrix", "-k", "pin").code == 0
    return project


@pytest.fixture
def impatient(monkeypatch):
    """Wait for a locked store no longer than a moment."""
    monkeypatch.setattr(Store.__init__, "__defaults__", (0.2,))


def untouched(project: Project, command: str, *arguments: object, code: int) -> str:
    """The sentence of a command that must not write anything."""
    before = project.files()
    sentence = project.harness(command, *arguments).sentence(code)
    assert project.files() == before
    return sentence


BAD_HEADERS = {
    "not TOML": ('kind = "bug"', "kind = bug", "the header is not valid TOML"),
    "unknown key": (
        'kind = "bug"',
        'kind = "bug"\nseverity = 3',
        "[tool.case] has the unknown key 'severity'; known are",
    ),
    "unknown kind": ('kind = "bug"', 'kind = "typo"', "kind = 'typo' is unknown; use one of bug, silent"),
    "bad specifier": ('"toy<1.2"', '"toy<<1.2"', "'toy<<1.2'"),
    "bad pattern": ('"shapes disagree"', '"shapes ("', "match is not a regular expression"),
    "no time at all": ("timeout = 2", "timeout = 0", "timeout = 0 is not a number of seconds above 0"),
    "no such function": (
        "[tool.case.fix.pin]",
        "[tool.case.fix.peg]",
        "declares the variant fix_peg but has no",
    ),
    "no failure": ("[tool.case.failure]", "[tool.case.fix.other]", "no [tool.case.failure] table"),
}


@pytest.mark.parametrize("command", ["list", "matrix", "report", "lock"])
@pytest.mark.parametrize(("old", "new", "said"), BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_bad_header_is_one_sentence_that_names_the_file(project, command, old, new, said):
    path = project.case(header=edited(old, new, STORY))
    sentence = untouched(project, command, code=2)
    assert sentence.startswith(f"{path}: ")
    assert said in sentence


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "toy/8_empty.py",
            b"",
            "has no '# /// script' header closed by '# ///'; copy one from cases/README.md",
        ),
        ("toy/8_bytes.py", b"\xff\xfe", "a case is a UTF-8 Python file"),
        ("toy/breaks.py", b"", "name the file <upstream number>_<slug>.py"),
    ],
)
def test_a_file_that_is_no_case_is_one_sentence(project, name, text, said):
    path = project.root / "cases" / name
    path.write_bytes(text)
    sentence = untouched(project, "matrix", code=2)
    assert str(path) in sentence
    assert said in sentence


def test_two_files_of_one_number_are_told_by_both_names(project):
    project.case("toy/07_again.py")
    sentence = untouched(project, "matrix", code=2)
    assert "toy/7_breaks.py" in sentence
    assert "toy/07_again.py" in sentence
    assert sentence.endswith(" are both toy-7; give one of them another number.")


def test_a_folder_of_an_unknown_library_is_told(project):
    project.case("numpyro/1_one.py")
    assert untouched(project, "matrix", code=2).endswith("'numpyro' is no known library; known are toy.")


USAGE = {
    "unknown device": (["--device", "gpu"], "unknown device 'gpu'; use cpu, cpu:N, cuda, mps or tpu"),
    "no device": (["--device", "cpu:0"], "unknown device 'cpu:0'"),
    "several cudas": (["--device", "cuda:2"], "unknown device 'cuda:2'"),
    "no id": (["--env", "nonsense"], "'nonsense' is no environment id; write numpyro-0.16.1"),
    "id without a lock": (
        ["--env", "toy-9.9"],
        "the environment toy-9.9 has no lock; make one with `harness lock toy-9.9`.",
    ),
    "unknown library of an id": (["--env", "jax-0.4"], "'jax' is no known library; known are toy."),
    "unknown library of a pin": (["--env", "toy-1.0+jax-0.4"], "'jax' is no known library; known are toy."),
    "no workers": (["-n", "0"], "-n 0: at least one process is needed."),
    "fewer workers": (["-n", "-3"], "-n -3: at least one process is needed."),
    "no number": (["-n", "many"], "'many' is not a valid integer"),
    "no expression": (
        ["-k", "pin and"],
        "-k 'pin and' is not an expression of words, and, or, not and brackets.",
    ),
    "unknown case": (["--case", "toy-8"], "there is no case 'toy-8'; `harness list` shows the 1 case ids."),
    "unknown kind": (["--kind", "typo"], "'typo' is not one of 'bug', 'silent'"),
    "unknown option": (["--frobnicate"], "No such option"),
    "surplus word": (["toy-1.0"], "unexpected extra argument"),
    "no interpreter": (
        ["--python", "/nowhere"],
        "/nowhere is no interpreter and no virtual environment; give --python a path",
    ),
    "both": (["--env", "toy-1.0", "--python", "/usr/bin/python3"], "give one of them."),
    "name alone": (
        ["--as", "gpu"],
        "--as gpu is a name for the results of an interpreter; give that with --python.",
    ),
    "name of a lock": (
        ["--as", "toy-1.0", "--python", "{python}"],
        "--as 'toy-1.0' is no name for an interpreter",
    ),
    "name with markup": (
        ["--as", "[b]x", "--python", "{python}"],
        "--as '[b]x' is no name for an interpreter",
    ),
}


@pytest.mark.parametrize(("options", "said"), USAGE.values(), ids=USAGE)
def test_wrong_usage_of_the_matrix_is_one_sentence(measured, tmp_path, options, said):
    python = tmp_path / "python"
    python.touch()
    sentence = untouched(measured, "matrix", *(option.format(python=python) for option in options), code=2)
    assert said in sentence


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "toy-8"], "there is no case 'toy-8'"),
        (["run", "toy-7", "--env", "toy-9.9"], "the environment toy-9.9 has no lock"),
        (
            ["run", "toy-7", "--variant", "fix_peg"],
            "toy-7 has no variant 'fix_peg'; it has failure, fix_pin, fix_hope.",
        ),
        (["run", "toy-7", "--seeds", "0"], "0 is not in the range x>=1"),
        (["run", "toy-7", "--device", "gpu"], "unknown device 'gpu'"),
        (["run", "toy-7", "--env", "toy-1.0", "--python", "/usr/bin/python3"], "give one of them."),
        (["run"], "Missing argument 'CASE'"),
        (["show", "toy-8"], "there is no case 'toy-8'"),
        (["lock", "current"], "is no environment id"),
        (["lock", "jax-0.4"], "no [[tool.harness.axis]] of pyproject.toml has library 'jax'; add one."),
        (["lock", "toy-9.9"], "the index has no toy 9.9; its newest release is 4.0."),
        (["merge"], "Missing argument"),
        (["export"], "Missing argument 'TARGET'"),
    ],
)
def test_wrong_usage_of_another_command_is_one_sentence(measured, arguments, said):
    assert said in untouched(measured, *arguments, code=2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("results.sqlite", None),
        ("nonsense.jsonl", b"not an export\n"),
        ("bytes.jsonl", b"\xff\xfe\x00"),
        ("empty.jsonl", b""),
        ("array.jsonl", b"[]\n"),
    ],
)
def test_nonsense_is_not_merged(measured, tmp_path, name, text):
    source = tmp_path / name if text is not None else measured.store
    if text is not None:
        source.write_bytes(text)
    sentence = untouched(measured, "merge", source, code=2)
    assert sentence == f"{source} is not an export of results; make one with `harness export FILE`."


def test_half_an_export_is_not_merged(measured, tmp_path):
    export = tmp_path / "export.jsonl"
    measured.harness("export", export)
    lines = export.read_text().splitlines(keepends=True)
    export.write_text("".join(lines[:-1]))
    assert "is cut short: 5 of 6 records; export it again." in untouched(measured, "merge", export, code=2)


@pytest.mark.parametrize("command", ["matrix", "show toy-7", "report", "merge {export}"])
def test_a_store_of_a_newer_version_is_left_alone(project, tmp_path, command):
    project.harness("matrix", "-k", "pin")
    export = tmp_path / "export.jsonl"
    project.harness("export", export)
    with sqlite3.connect(project.store) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    sentence = untouched(project, *command.format(export=export).split(), code=2)
    assert (
        sentence
        == f"{project.store} is of a newer version (schema 99, this one reads 1); update the harness."
    )


def test_a_file_that_is_no_store_is_left_alone(project):
    project.store.parent.mkdir()
    project.store.write_text("dear diary, today I measured nothing at all\n" * 20)
    sentence = untouched(project, "matrix", code=2)
    assert (
        sentence == f"{project.store} is not a results store; move it away or give another one with --store."
    )


def test_a_store_that_another_process_holds_is_told_after_a_while(project, impatient):
    project.harness("matrix", "-k", "pin")
    holder = sqlite3.connect(project.store, isolation_level=None)
    holder.execute("PRAGMA journal_mode = DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        sentence = project.harness("matrix").sentence(3)
    finally:
        holder.close()
    assert (
        sentence
        == f"{project.store} is held by another process; wait for it or give another store with --store."
    )
    assert project.harness("matrix").summary.startswith("6 cells ran, 3 unchanged")


@pytest.mark.parametrize("command", ["matrix", "show toy-7", "report"])
def test_a_store_below_a_file_cannot_be_made(project, command):
    below = project.root / "pyproject.toml" / "results.sqlite"
    sentence = untouched(project, *command.split(), "--store", below, code=3)
    assert sentence.startswith(f"{below} cannot be written (")
    assert sentence.endswith("; give another place with --store.")


def test_a_folder_is_no_store(project):
    sentence = untouched(project, "matrix", "--store", project.root / "cases", code=3)
    assert "give another place with --store." in sentence


def test_an_export_below_a_file_cannot_be_written(measured):
    below = measured.root / "pyproject.toml" / "export.jsonl"
    assert "cannot be written (" in untouched(measured, "export", below, code=3)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[tool.harness\n", "is not valid TOML"),
        ("[tool.harness]\nlibraries = 3\n", "libraries"),
        ("[project]\nname = 'x'\n", "[tool.harness]"),
        (f"{CONFIG}devices = ['cpu']\n", "an axis has the unknown key 'devices'"),
        (
            CONFIG.replace('"period"', '"yearly"'),
            "an axis has resolution 'yearly'; use period, latest or pinned",
        ),
    ],
)
def test_a_broken_configuration_is_one_sentence(project, config, said):
    file = project.root / "pyproject.toml"
    file.write_text(config)
    sentence = untouched(project, "matrix", code=2)
    assert str(file) in sentence
    assert said in sentence


def test_a_folder_without_a_project_is_told(tmp_path, monkeypatch, no_corpus):
    monkeypatch.chdir(tmp_path)
    assert harness("list").sentence(2) == (
        f"no pyproject.toml with [tool.harness] in {tmp_path} or above; enter the project or give --root."
    )
    assert harness("list", "--root", tmp_path).sentence(2).endswith("give the project's folder with --root.")


def test_outside_of_a_project_the_corpus_is_the_one_that_came_along(tmp_path):
    said = run([sys.executable, "-m", "harness", "list"], cwd=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert "numpyro-2174" in said.out


def test_a_project_without_cases_is_told(project):
    (project.root / "cases").rename(project.root / "elsewhere")
    assert "is not a folder of cases" in untouched(project, "matrix", code=2)


def test_without_any_lock_the_way_to_them_is_told(project):
    project.forget_locks()
    sentence = untouched(project, "matrix", code=2)
    assert sentence == "no environment is about a selected case; `harness lock` makes those of the matrix."


@pytest.mark.parametrize("text", ["", "# harness-lock: 99\n", "# harness-lock: 1\ntoy>=1\n", "\x00\xff"])
def test_a_damaged_lock_says_how_to_make_it_anew(project, text):
    path = project.root / "harness" / "locks" / "toy-1.0.txt"
    path.write_text(text, encoding="latin-1")
    sentence = untouched(project, "matrix", code=2)
    assert sentence.startswith(f"{path} is ")
    assert sentence.endswith("; remove it and run `harness lock toy-1.0`.")


def test_an_index_that_cannot_be_reached_leaves_the_locks_alone(project, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{taken.getsockname()[1]}/simple")
        index_environment.cache_clear()
        try:
            for arguments in (["lock"], ["lock", "toy-1.0", "toy-1.1"], ["lock", "--all"]):
                sentence = untouched(project, *arguments, code=3)
                assert "the index at 127.0.0.1 cannot be read (" in sentence
                assert sentence.endswith("; check the network and the index configuration.")
        finally:
            index_environment.cache_clear()


def test_without_an_index_what_is_built_still_runs_and_the_rest_is_missing(project, monkeypatch, tmp_path):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    assert project.harness("matrix", "--env", "toy-1.0").code == 0
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    index_environment.cache_clear()
    try:
        said = project.harness("matrix", "--rerun", "--env", "toy-1.0", "--env", "toy-1.1")
    finally:
        index_environment.cache_clear()
    assert said.code == 3
    (line,) = (line for line in said.out.splitlines() if ": no evidence: " in line)
    assert line.startswith("toy-1.1: no evidence: toy-1.1 cannot be installed now: ")
    assert said.summary.startswith(
        "3 cells ran, 0 unchanged: 3 as expected, 0 unexpected, 3 without evidence"
    )
    with Store(project.store) as store:
        assert {row.cell.environment for row in store.rows()} == {"toy-1.0"}


@pytest.mark.parametrize("blocks", [4, 40])
def test_a_full_disk_is_one_sentence_and_what_finished_before_is_kept(project, tmp_path, blocks):
    """Files may not grow beyond some KiB: the store fails when it is made, or after some cells."""
    project.harness("matrix", "--store", tmp_path / "other.sqlite")
    project.ran()
    command = f"ulimit -f {blocks}; exec {sys.executable} -m harness matrix -n 1"
    said = run(["bash", "-c", command], cwd=project.root)
    sentence = said.sentence(3)
    assert sentence.startswith(str(project.store))
    if blocks == 40:
        ran = len(project.ran())
        assert 0 < ran < CELLS
        again = project.harness("matrix")
        assert again.code == 0
        assert 0 < CELLS - len(project.ran()) <= ran


def test_an_interpreter_that_is_none_is_told_as_such(project, tmp_path):
    text = tmp_path / "python"
    text.write_text("#!/bin/sh\nexit 3\n")
    text.chmod(0o755)
    for command in (["matrix"], ["run", "toy-7"]):
        sentence = untouched(project, *command, "--python", text, code=2)
        assert sentence.startswith(f"{text} cannot be probed (")
        assert sentence.endswith("; give the path of a Python 3.8 or newer.")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["matrix", "-k", "nothing"], 2),
        (["matrix", "--store", "pyproject.toml/x"], 3),
        (["frobnicate"], 2),
        (["matrix", "--frobnicate"], 2),
        (["lock", "toy-9.9"], 2),
    ],
)
def test_the_sentence_comes_from_a_real_process_too(project, arguments, code):
    before = project.files()
    assert project.shell(*arguments).sentence(code)
    assert project.files() == before


def test_without_a_command_the_help_is_shown():
    said = harness()
    assert said.code == 2
    assert "Usage: harness" in said.out + said.err
    assert "matrix" in said.out + said.err
    assert harness("--help").code == 0
