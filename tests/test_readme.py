"""What the READMEs say is there: commands, options, sessions, the table, the example."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from harness.case import Case
from harness.cli import main
from harness.header import _CASE_KEYS, _FAILURE_KEYS, _FIX_KEYS, _REJECTED_KEYS, parse_case
from harness.report.publish import DOCUMENT_NAME, load_document
from harness.report.readme import readme_part, replace_part
from harness.verdict import Status

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "cases" / "README.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, kind: str) -> list[str]:
    """The code blocks of a kind."""
    return [found["text"] for found in _BLOCK.finditer(text) if found["kind"] == kind]


def commands(text: str) -> Iterator[list[str]]:
    """Every command line in a console block or between backticks, as words."""
    lines = [line.removeprefix("$ ") for block in blocks(text, "console") for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", _BLOCK.sub("", text))
    for line in (*lines, *spans):
        for part in line.split("&&"):
            if part.split()[:1] in (["harness"], ["nox"], ["pytest"]):
                yield shlex.split(part)
            elif part.split()[:3] == ["python", "-m", "harness"]:
                yield shlex.split(part)[2:]


def of(program: str) -> list[list[str]]:
    return [words for words in (*commands(README), *commands(GUIDE)) if words[0] == program and words[1:]]


def option_names(words: list[str]) -> list[str]:
    return [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]


def known_options(command: str) -> set[str]:
    """The options of a command of ours; of all of them for a placeholder such as COMMAND."""
    chosen = list(main.commands.values()) if command.isupper() else [main.commands[command]]
    names = {name for each in chosen for parameter in each.params for name in parameter.opts}
    return names | {"-h", "--help"}


@cache
def told_options(program: str) -> set[str]:
    """The options that a program's help names."""
    command = [sys.executable, "-m", program, "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", told))


def sessions() -> set[str]:
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    return set(re.findall(r"^@nox\.session.*?^def (\w+)", text, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("words", of("harness"), ids=" ".join)
def test_a_harness_command_exists_with_its_options(words):
    assert words[1].isupper() or words[1] in main.commands
    assert set(option_names(words[2:])) <= known_options(words[1])


def session_options(words: list[str]) -> tuple[list[str], list[str]]:
    """What nox takes itself, and what it passes on."""
    end = words.index("--") if "--" in words else len(words)
    return words[1:end], words[end + 1 :]


@pytest.mark.parametrize("words", of("nox"), ids=" ".join)
def test_a_nox_command_has_sessions_and_options_that_exist(words):
    own, passed_on = session_options(words)
    assert set(option_names(own)) <= told_options("nox")
    known = {
        "-s": sessions(),
        "-t": set(configured()["library"]) | {"period", "latest", "pinned", "default", "full"},
    }
    option = ""
    for word in own:
        option = word if word.startswith("-") else option
        if option in known and word != option:
            assert word.partition("(")[0] in known[option]
    names = {own[own.index("-s") + 1]} & set(main.commands) if "-s" in own else set()
    assert set(option_names(passed_on)) <= known_options(names.pop() if names else "matrix")


def configured() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["harness"]


@pytest.mark.parametrize("words", of("pytest"), ids=" ".join)
def test_a_pytest_command_has_options_that_exist(words):
    assert set(option_names(words[1:])) <= told_options("pytest")


def test_the_readme_names_a_command_of_every_kind():
    assert {words[1] for words in of("harness")} >= {
        "list",
        "show",
        "run",
        "matrix",
        "lock",
        "export",
        "merge",
        "bisect",
        "suspects",
        "gate",
        "constraints",
        "osv",
    }
    named = {word.partition("(")[0] for words in of("nox") for word in session_options(words)[0]}
    assert named >= {"matrix", "report", "bisect", "tests", "lint", "types", "bench", "lock"}


def test_ci_runs_exactly_the_test_command_of_the_readme():
    (command,) = (
        line for block in blocks(README, "console") for line in block.splitlines() if line.endswith(" tests")
    )
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script[-1] == command
    assert sum("nox -s" in line for line in script) == 1


def test_the_table_is_that_of_the_committed_report():
    document = load_document(ROOT / "reports" / DOCUMENT_NAME)
    assert replace_part(README, readme_part(document)) == README


def test_every_status_and_exit_code_is_explained():
    for status in Status:
        assert f"`{status.value}`" in README
    (codes,) = re.findall(r"^Exit codes: (.*?)\n\n", README, re.MULTILINE | re.DOTALL)
    assert re.findall(r"(?:^|; )\s*(\d+) ", codes.replace("\n", " ")) == ["0", "1", "2", "3", "130"]


def test_every_link_to_a_file_leads_somewhere():
    for text, folder in ((README, ROOT), (GUIDE, ROOT / "cases")):
        for target in re.findall(r"\]\((?!http)([^)#]+)", text):
            assert (folder / target).exists(), target


def test_nothing_is_left_to_fill_in():
    assert not re.findall(r"@[A-Z]+@|TODO|XXX", README + GUIDE)


def example() -> Case:
    (text,) = blocks(GUIDE, "python")
    return parse_case(Path("cases/numpyro/1739_example.py"), text)


def test_the_example_of_a_case_is_one():
    case = example()
    assert [variant.name for variant in case.variants] == ["failure", "fix_create_plates"]
    assert case.variants[0].rejected is not None
    assert case.variants[1].present is not None


def test_the_example_shows_every_key_that_a_header_can_have():
    (text,) = blocks(GUIDE, "python")
    for key in _CASE_KEYS | _FAILURE_KEYS | _REJECTED_KEYS | _FIX_KEYS:
        assert re.search(rf"^# (?:{key} = |\[tool\.case\.{key}\b)", text, re.MULTILINE), key
