"""`harness evidence`: what it writes runs by itself and shows what was recorded; it never writes half."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import uv
from markdown_it import MarkdownIt
from toy.cases import block
from toy.project import HISTORY, toy_lock
from toy.user import STORY, Project, Said, new_project

from harness.environment.lock import LockFolder
from harness.evidence import Evidence, Outcome, Phase, Raised
from harness.files import write_atomically
from harness.header import read_case
from harness.verdict import Status, status_of

CASE = "toy-7"


@pytest.fixture
def project(world, tmp_path) -> Project:
    return new_project(tmp_path / "project")


@pytest.fixture(scope="module")
def measured(world, tmp_path_factory) -> Project:
    """Every release of the history measured; only for what changes nothing."""
    project = new_project(tmp_path_factory.mktemp("measured") / "project")
    project.locks(*HISTORY, "4.0", "unbuildable")
    project.harness("matrix", "-n", 4)
    return project


def fences(text: str) -> dict[str, str]:
    """Language to the first code block in it, as a Markdown parser finds them."""
    found = [token for token in MarkdownIt().parse(text) if token.type == "fence"]
    return {token.info: token.content for token in reversed(found)}


def stored(project: Project, environment: str, variant: str = "failure") -> tuple[Status, Evidence]:
    """What the record says."""
    found = project.harness("evidence", CASE, environment, "--variant", variant)
    record = json.loads(fences(found.out)["json"])
    record["evidence"]["attested"] = None  # told above, and not in the record of the text
    return Status(record["status"]), Evidence.from_json(record["evidence"])


def rerun(text: str, folder: Path, seconds: float = 60) -> Evidence:
    """Save the script under the name that the text gives it, type the command that it gives, look."""
    blocks = fences(text)
    command = blocks["console"].removeprefix("$ ").strip()
    (folder / shlex.split(command)[-1]).write_text(blocks["python"], encoding="utf-8")
    path = f"{Path(uv.find_uv_bin()).parent}{os.pathsep}{os.environ['PATH']}"
    try:
        done = subprocess.run(
            ["sh", "-c", f"exec {command}"],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return Evidence(outcome=Outcome.TIMED_OUT)
    return seen(done)


def seen(done: subprocess.CompletedProcess[str]) -> Evidence:
    """What somebody sees of a program that ended, as evidence."""
    if done.returncode == 0:
        return Evidence(outcome=Outcome.RETURNED, log=done.stdout)
    tail = done.stderr.rpartition("Traceback (most recent call last):")[2]
    found = re.search(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$", tail, re.MULTILINE)
    if "Traceback" not in done.stderr or found is None:
        return Evidence(outcome=Outcome.CRASHED, log=done.stderr)
    message = found["message"] or ""
    raised = Raised(type=found["type"], message=message, traceback=done.stderr, phase=Phase.RUN)
    return Evidence(outcome=Outcome.RAISED, raised=raised)


# The script, run for real


@pytest.mark.parametrize(
    ("release", "variant", "status"),
    [
        ("1.0", "failure", Status.FAILING),
        ("1.2", "failure", Status.CHANGED),
        ("2.0", "failure", Status.FIXED),
        ("2.1", "failure", Status.REJECTED),
        ("3.0", "failure", Status.CRASHED),
        ("3.1", "failure", Status.TIMEOUT),
        ("1.0", "fix_pin", Status.WORKS),
        ("2.0", "fix_hope", Status.REFUTED),
    ],
)
def test_the_script_alone_shows_what_the_record_says(measured, tmp_path, release, variant, status):
    assert stored(measured, f"toy-{release}", variant)[0] is status
    text = measured.harness("evidence", CASE, f"toy-{release}", "--variant", variant).out
    measured.ran()
    shown = rerun(text, tmp_path, 5 if status is Status.TIMEOUT else 60)
    case = read_case(measured.root / "cases/toy/7_breaks.py")
    assert status_of(case.variant(variant), shown) is status
    (ran,) = measured.ran()
    assert ran == f"{variant} -", "this variant and no other; it had not yet imported the library"


def test_the_script_of_an_environment_that_cannot_be_imported_shows_the_same_error(measured, tmp_path):
    status, evidence = stored(measured, "toy-4.0")
    assert status is Status.UNIMPORTABLE
    text = measured.harness("evidence", CASE, "toy-4.0").out
    assert text.startswith(f"## [{CASE}](https://example.org/toy/issues/7): NO EVIDENCE, unimportable in ")
    shown = rerun(text, tmp_path)
    assert (shown.raised.type, shown.raised.message) == ("ImportError", evidence.raised.message)


def test_the_script_of_an_environment_that_cannot_be_built_is_refused_by_uv(measured, tmp_path):
    assert stored(measured, "toy-0.9")[0] is Status.UNBUILDABLE
    text = measured.harness("evidence", CASE, "toy-0.9").out
    measured.ran()
    assert "NO EVIDENCE, unbuildable in `toy-0.9` on `cpu`" in text
    shown = rerun(text, tmp_path)
    assert shown.outcome is Outcome.CRASHED
    assert "there is no version of toy==0.9" in shown.log
    assert measured.ran() == []  # of it nothing can run, and no other variant did


SEEDED = f'''{block(STORY)}"""The toy is random."""

from __future__ import annotations

import sys

import toy


def failure(seed: int = 9):
    sys.stdout.buffer.write(b"\\xff\\x00 no text at all\\n")
    print("~~~\\n```\\n</details>\\n\\x1b[31m@everyone\\0")
    toy.sample()
    raise ValueError(f"shapes disagree {{seed}}\\n```\\n</details> @everyone")


def fix_pin(*, seed):
    assert seed == 0


def fix_hope():
    raise AssertionError("got 3, not 4")


if __name__ == "__main__":
    fix_hope()
'''


def test_a_stochastic_case_that_prints_markup_runs_with_the_seed_that_was_used(project, tmp_path):
    (project.root / "cases/toy/7_breaks.py").write_text(SEEDED, encoding="utf-8")
    project.harness("matrix", "--env", "toy-2.0")
    said = project.harness("evidence", CASE, "toy-2.0")
    project.harness("evidence", CASE, "toy-2.0", "--folder", tmp_path / "out")
    assert fences(said.out)["python"] == (tmp_path / "out" / "toy-7_toy-2.0.py").read_text()
    shown = rerun(said.out, tmp_path)
    assert shown.raised.message == "shapes disagree 0"
    assert {character for character in said.out if not character.isprintable()} == {"\n"}
    assert rerun(
        project.harness("evidence", CASE, "toy-2.0", "--variant", "fix_pin").out, tmp_path
    ).outcome is (Outcome.RETURNED)


# Where it is written


def test_it_is_printed_or_written_to_a_file(measured, tmp_path):
    before = measured.files()
    said = measured.shell("evidence", CASE, "toy-1.0")
    assert (said.code, said.err) == (0, "")
    link = f"[{CASE}](https://example.org/toy/issues/7)"
    assert said.out.startswith(f"## {link}: failing in `toy-1.0` on `cpu`; the case says failing\n")
    target = tmp_path / "new" / "x.md"
    written = measured.harness("evidence", CASE, "toy-1.0", "--output", target)
    assert (written.code, written.out) == (0, f"the evidence is in {target}\n")
    assert target.read_text() == said.out
    assert measured.files() == before


def test_nothing_of_the_script_is_lost_on_the_way_to_standard_output(project, tmp_path):
    path = project.root / "cases/toy/7_breaks.py"
    path.write_text(SEEDED.replace("assert seed == 0", "assert '\t[b]\x0c:smile:' + 'x' * 200"))
    project.harness("matrix", "--env", "toy-2.0")
    assert "    assert '\t[b]\x0c:smile:' + 'x' * 200\n" in project.harness("evidence", CASE, "toy-2.0").out


@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_gets_all_the_files(measured, tmp_path, is_there):
    folder = tmp_path / "a" / "out"
    if is_there:
        folder.mkdir(parents=True)
    said = measured.harness("evidence", CASE, "toy-1.0", "--folder", folder)
    assert (said.code, said.out) == (0, f"6 files are in {folder}\n")
    assert {path.name for path in folder.iterdir()} == {
        "README.md",
        "toy-7_toy-1.0.py",
        "requirements.txt",
        "log.txt",
        "traceback.txt",
        "record.json",
    }
    assert (folder / "README.md").read_text() == measured.harness("evidence", CASE, "toy-1.0").out
    assert (folder / "requirements.txt").read_text() == "# toy-1.0, Python 3.11\ntoy==1.0\n"
    assert (folder / "traceback.txt").read_text().endswith("ValueError: shapes disagree: 2 and 3\n")
    assert (
        json.loads((folder / "record.json").read_text())["evidence"]["attested"]["versions"]["toy"] == "1.0"
    )


def test_a_cell_without_evidence_is_written_and_ends_well(measured, tmp_path):
    said = measured.harness("evidence", CASE, "toy-0.9", "--folder", tmp_path / "out")
    assert said.code == 0
    assert "NO EVIDENCE" in (tmp_path / "out" / "README.md").read_text().splitlines()[0]


def test_a_folder_in_use_is_left_alone(measured, tmp_path):
    (tmp_path / "mine").write_text("mine")
    sentence = measured.harness("evidence", CASE, "toy-1.0", "--folder", tmp_path).sentence(2)
    assert sentence == f"{tmp_path} is not empty; give --folder a new folder or an empty one."
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("broken", ["write_text", "rename"])
def test_a_folder_gets_all_the_files_or_none(measured, tmp_path, monkeypatch, broken, is_there):
    folder = tmp_path / "out"
    if is_there:
        folder.mkdir()
    whole = getattr(Path, broken)

    def breaks(path: Path, *arguments, **options):
        if path.name == "traceback.txt":
            raise OSError(28, "No space left on device")
        return whole(path, *arguments, **options)

    monkeypatch.setattr(Path, broken, breaks)
    sentence = measured.harness("evidence", CASE, "toy-1.0", "--folder", folder).sentence(3)
    assert sentence == f"{folder} cannot be written (No space left on device); choose another place."
    assert folder.exists() == is_there
    assert not is_there or list(folder.iterdir()) == []


@pytest.mark.parametrize("option", ["--output", "--folder"])
def test_what_cannot_be_written_is_one_sentence(measured, tmp_path, option):
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "x"
    sentence = measured.harness("evidence", CASE, "toy-1.0", option, target).sentence(3)
    assert sentence.startswith(f"{target} cannot be written (")
    assert "is a file" in measured.harness(
        "evidence", CASE, "toy-1.0", "--folder", tmp_path / "file"
    ).sentence(2)
    assert "is a directory" in measured.harness("evidence", CASE, "toy-1.0", "--output", tmp_path).sentence(2)


def test_two_places_to_write_to_are_one_too_many(measured, tmp_path):
    said = measured.harness(
        "evidence", CASE, "toy-1.0", "--output", tmp_path / "a", "--folder", tmp_path / "b"
    )
    assert said.sentence(2).endswith("are two places to write to; give one of them.")
    assert list(tmp_path.iterdir()) == []


# Which cell


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("toy-9", "toy-1.0"), "there is no case 'toy-9'"),
        ((CASE, "toy-5.0"), "'toy-5.0' is no environment of toy-7; measured are toy-0.9, toy-1.0, toy-1.1,"),
        ((CASE, "odd/name"), "'odd/name' is no environment of toy-7; measured are"),
        ((CASE, "toy-1.0", "--variant", "fix_x"), "no variant 'fix_x'; it has failure, fix_pin, fix_hope."),
        ((CASE, "toy-1.0", "--device", "gpu"), "unknown device 'gpu'; use cpu, cpu:N, cuda, mps or tpu"),
    ],
)
def test_what_is_unknown_is_told_with_what_there_is(measured, arguments, said):
    assert said in measured.harness("evidence", *arguments).sentence(2)


def run_what_it_says(project: Project, sentence: str) -> None:
    """The commands that a sentence gives, word for word but for the project's folder."""
    (line,) = re.findall(r"run `(.*)`\.$", sentence)
    for command in line.split(" && "):
        program, name, *arguments = shlex.split(command)
        assert program == "harness"
        ended = project.harness(name, *arguments)
        assert (ended.code, ended.err) == (0, ""), ended


def is_current(said: Said) -> bool:
    return said.code == 0 and said.out.startswith("## ")


def test_without_a_store_nothing_is_known_and_none_is_made(project):
    before = project.files()
    sentence = project.harness("evidence", CASE, "toy-1.0").sentence(3)
    assert sentence == (
        "toy-7 failure was not measured in toy-1.0 on cpu; "
        "run `harness matrix --case toy-7 --env toy-1.0 --device cpu`."
    )
    assert project.files() == before
    run_what_it_says(project, sentence)
    assert is_current(project.harness("evidence", CASE, "toy-1.0"))


def test_a_store_that_was_named_is_read_and_named_in_what_to_run(project, tmp_path):
    store = tmp_path / "my results.sqlite"
    sentence = project.harness("evidence", CASE, "toy-1.0", "--store", store).sentence(3)
    run_what_it_says(project, sentence)
    assert is_current(project.harness("evidence", CASE, "toy-1.0", "--store", store))
    assert project.harness("evidence", CASE, "toy-1.0").code == 3


def test_an_edited_case_is_not_passed_off_as_measured(project):
    project.harness("matrix", "--env", "toy-1.0")
    project.case(title="Another title.")
    sentence = project.harness("evidence", CASE, "toy-1.0").sentence(3)
    assert sentence.startswith(
        "what is stored of toy-7 failure in toy-1.0 on cpu no longer counts, "
        "because its case was edited since; run `"
    )
    run_what_it_says(project, sentence)
    assert is_current(project.harness("evidence", CASE, "toy-1.0"))


def test_a_lock_made_anew_makes_evidence_stale(project):
    project.harness("matrix", "--env", "toy-1.1")
    locks = LockFolder(path=project.root / "harness" / "locks")
    locks.put(toy_lock("1.1", packages={"toy": "2.0"}))
    sentence = project.harness("evidence", CASE, "toy-1.1").sentence(3)
    assert "because its environment was locked anew since; " in sentence
    locks.file("toy-1.1").unlink()
    assert "; run `harness lock toy-1.1 && harness matrix " in project.harness(
        "evidence", CASE, "toy-1.1"
    ).sentence(3)


def test_the_device_is_cpu_or_the_only_one_or_must_be_given(project):
    def measure(device: str) -> None:
        project.harness("matrix", "--env", "toy-1.0", "--device", device)

    measure("cuda")
    only = project.harness("evidence", CASE, "toy-1.0")
    assert "NO EVIDENCE, unsupported in `toy-1.0` on `cuda`" in only.out
    measure("cpu:2")
    sentence = project.harness("evidence", CASE, "toy-1.0").sentence(2)
    assert sentence == "failure was measured in toy-1.0 on cpu:2, cuda; give one with --device."
    assert "on `cpu:2`" in project.harness("evidence", CASE, "toy-1.0", "--device", "cpu:2").out
    sentence = project.harness("evidence", CASE, "toy-1.0", "--device", "cpu").sentence(3)
    assert "was not measured in toy-1.0 on cpu (on cpu:2, cuda it was); run `" in sentence
    run_what_it_says(project, sentence)
    assert "failing in `toy-1.0` on `cpu`" in project.harness("evidence", CASE, "toy-1.0").out


def test_an_interpreter_at_hand_has_no_lock_and_that_is_said(project):
    sentence = project.harness("evidence", CASE, "current").sentence(3)
    assert sentence.endswith("run `harness matrix --case toy-7 --env current --device cpu`.")
    project.harness("matrix", "-k", "pin", "--env", "current")
    said = project.harness("evidence", CASE, "current", "--variant", "fix_pin")
    assert "> **Not built from a lock:** this is an interpreter that was at hand." in said.out
    assert '#   "click==' in fences(said.out)["python"]
    assert "ppl-reproducers==" not in said.out


def test_a_file_is_replaced_as_a_whole(measured, tmp_path):
    target = tmp_path / "x.md"
    write_atomically(target, "older")
    measured.harness("evidence", CASE, "toy-5.0", "--output", target)
    assert target.read_text() == "older"
