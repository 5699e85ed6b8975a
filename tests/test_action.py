"""The GitHub action: what it makes of its inputs, whatever is in them, and what it says afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ACTION = PROJECT / ".github" / "actions" / "gate"
TEXT = (ACTION / "action.yml").read_text(encoding="utf-8")

STUB = f"""\
#!{sys.executable}
import json, os, sys
from pathlib import Path
Path(os.environ["STUB_SAW"]).write_text(json.dumps(sys.argv[1:]))
print(os.environ.get("STUB_SAYS", "a table"))
for word in sys.argv:
    if word.startswith("--markdown="):
        text = os.environ.get("STUB_MARKDOWN", "# Gate") * int(os.environ.get("STUB_TIMES", "1"))
        Path(word.removeprefix("--markdown=")).write_text(text)
sys.exit(int(os.environ.get("STUB_EXIT", "0")))
"""
"""A `harness` that notes its arguments and does as it is told."""

HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "' ; touch pwned ; '",
    '" ; touch pwned ; "',
    "| touch pwned",
    "&& touch pwned",
    "> pwned",
    "${IFS}x",
    "*",
    "~",
    "a b  c",
    r"back\slash \n",
    "%s%n",
    "--help",
    "-",
    "!!",
    "a=$(touch pwned)",
    "x[$(touch pwned)]",
    "é ∂",
]


def section(name: str) -> str:
    """A top-level entry of action.yml."""
    found = re.search(rf"^{name}:\n((?: .*\n)+)", TEXT, re.MULTILINE)
    assert found is not None
    return found[1]


def keys(name: str) -> list[str]:
    return re.findall(r"^  ([a-z-]+):$", section(name), re.MULTILINE)


def environment_of_inputs() -> dict[str, str]:
    """Variable to input."""
    return dict(re.findall(r"^        (GATE_[A-Z]+): \$\{\{ inputs\.([a-z]+) \}\}$", TEXT, re.MULTILINE))


@dataclass(frozen=True)
class Job:
    """A step of a job, with a stub in place of the harness."""

    folder: Path
    code: int
    log: str

    @property
    def words(self) -> list[str]:
        """All that the harness got."""
        return json.loads((self.folder / "saw.json").read_text())

    @property
    def arguments(self) -> list[str]:
        """The same without files of Markdown."""
        return [word for word in self.words if not word.startswith("--markdown=")]

    @property
    def ran(self) -> bool:
        return (self.folder / "saw.json").exists()

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text()

    @property
    def workspace(self) -> Path:
        return self.folder / "work space"


def run_lines() -> list[str]:
    """The script text of the steps, in order."""
    return re.findall(r"^      run: (.*)$", section("runs"), re.MULTILINE)


@pytest.fixture
def step(tmp_path):
    """Run the gate's step as the runner does, with these inputs."""
    commands = tmp_path / "commands"
    (tmp_path / "work space").mkdir()
    (tmp_path / "temp folder").mkdir()
    commands.mkdir()
    (commands / "harness").write_text(STUB)
    (commands / "harness").chmod(0o755)

    def run(inputs: Mapping[str, str] | None = None, **variables: str) -> Job:
        given = inputs or {}
        job = {name: given.get(of, "") for name, of in environment_of_inputs().items()}
        shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", run_lines()[1]]
        said = subprocess.run(
            shell,
            cwd=tmp_path / "work space",
            env={
                "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
                "GITHUB_ACTION_PATH": str(ACTION),
                "GITHUB_OUTPUT": str(tmp_path / "output"),
                "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
                "RUNNER_TEMP": str(tmp_path / "temp folder"),
                "STUB_SAW": str(tmp_path / "saw.json"),
                **job,
                **variables,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Job(tmp_path, said.returncode, said.stdout + said.stderr)

    return run


# What it declares


def test_every_input_reaches_the_script_as_a_variable_and_nothing_else_does():
    names = keys("inputs")
    assert names == [
        "state", "from", "to", "python", "uses", "policy", "baseline", "offline", "device", "sarif",
        "markdown", "junit", "json", "args",
    ]  # fmt: skip
    assert environment_of_inputs() == {f"GATE_{name.upper()}": name for name in names}
    script = (ACTION / "run.sh").read_text(encoding="utf-8")
    assert set(re.findall(r"GATE_[A-Z]+", script)) == {*environment_of_inputs(), "GATE_COMMAND"}


def test_no_expression_is_part_of_a_script():
    assert run_lines() == ['bash "$GITHUB_ACTION_PATH/install.sh"', 'bash "$GITHUB_ACTION_PATH/run.sh"']
    assert TEXT.count("run:") == 2
    for line in TEXT.splitlines():
        if "${{" in line:
            assert re.fullmatch(r" +(GATE_[A-Z]+|value): \$\{\{ [a-z.-]+ \}\}", line), line


def test_its_outputs_are_those_of_the_step(step):
    assert keys("outputs") == ["exit-code", "verdict"]
    assert set(step().outputs) == set(keys("outputs"))


# What the harness gets


def test_without_inputs_the_harness_says_what_is_missing(step):
    assert step().arguments == ["gate"]


def test_every_input_is_an_option(step):
    inputs = {
        "state": "requirements.txt",
        "from": "old.txt",
        "to": "new.txt",
        "python": ".venv",
        "uses": "src",
        "policy": "policy.toml",
        "baseline": "gate.json",
        "offline": "true",
        "device": "cpu:2+x64",
        "sarif": "gate.sarif",
        "junit": "gate.xml",
        "json": "new.json",
        "args": "--full",
    }
    assert step(inputs).arguments == [
        "gate", "--from=old.txt", "--to=new.txt", "--python=.venv", "--uses=src", "--policy=policy.toml",
        "--baseline=gate.json", "--device=cpu:2+x64", "--json=new.json", "--sarif=gate.sarif",
        "--junit=gate.xml", "--offline", "--full", "--", "requirements.txt",
    ]  # fmt: skip


def test_what_may_be_repeated_has_a_line_for_each(step):
    inputs = {
        "state": "numpyro==0.20.1\n\n  jax==0.10.0  \r\n",
        "from": "numpyro==0.20.1\njax==0.9.2",
        "to": "jax==0.10.0",
        "uses": "\nsrc\n  a folder\n",
        "device": "cpu\ncuda",
        "args": "--timeout\n60",
    }
    assert step(inputs).arguments == [
        "gate", "--from=numpyro==0.20.1", "--from=jax==0.9.2", "--to=jax==0.10.0", "--uses=src",
        "--uses=a folder", "--device=cpu", "--device=cuda", "--timeout", "60", "--",
        "numpyro==0.20.1", "jax==0.10.0",
    ]  # fmt: skip


def test_a_path_keeps_its_line_breaks(step):
    assert step({"policy": "a\nb"}).arguments == ["gate", "--policy=a\nb"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(step, text):
    single = ["from", "to", "python", "policy", "baseline", "sarif", "junit", "json"]
    listed = ["uses", "device"]
    job = step(dict.fromkeys([*single, *listed, "state"], text))
    assert sorted(job.arguments[1:-2]) == sorted(f"--{name}={text}" for name in [*single, *listed])
    assert job.arguments[-2:] == ["--", text]
    assert job.code == 0
    assert list(job.workspace.iterdir()) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_arguments_and_paths_of_markdown_stay_text(step, text):
    job = step({"args": f"--full\n{text}", "markdown": f"out/{text}"}, STUB_MARKDOWN="# Gate\n")
    assert job.arguments == ["gate", "--full", text]
    assert [path.relative_to(job.workspace).as_posix() for path in job.workspace.rglob("*")] == [
        "out",
        f"out/{text}",
    ]


@pytest.mark.parametrize(
    ("text", "is_offline"), [("true", True), ("TRUE", True), ("false", False), ("", False)]
)
def test_offline_is_a_flag(step, text, is_offline):
    assert ("--offline" in step({"offline": text}).arguments) is is_offline


@pytest.mark.parametrize("text", ["yes", "1", "$(touch pwned)", "true\nfalse"])
def test_an_unclear_offline_is_refused_before_anything_runs(step, text):
    job = step({"offline": text})
    assert (job.code, job.ran) == (2, False)
    assert job.outputs == {"exit-code": "2", "verdict": "usage-error"}
    assert "the input offline is neither true nor false." in job.log


# What comes of it


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(0, "passed"), (1, "blocked"), (2, "usage-error"), (3, "no-evidence"), (70, "error"), (130, "error")],
)
def test_the_exit_code_is_the_gates_and_its_markdown_the_summary(step, code, verdict):
    job = step(STUB_EXIT=str(code), STUB_MARKDOWN="# Gate\n\n`numpyro`\n")
    assert job.code == code
    assert job.outputs == {"exit-code": str(code), "verdict": verdict}
    assert job.summary == "# Gate\n\n`numpyro`\n"


@pytest.mark.parametrize(
    ("gate", "code", "verdict"),
    [
        pytest.param(0, 3, "error", id="such as --help"),
        pytest.param(1, 3, "error", id="such as a traceback"),
        pytest.param(2, 2, "usage-error", id="wrong usage"),
        pytest.param(3, 3, "no-evidence", id="no evidence"),
        pytest.param(137, 137, "error", id="killed"),
    ],
)
def test_without_a_report_nothing_is_a_success_and_the_summary_says_so(step, gate, code, verdict):
    job = step(STUB_EXIT=str(gate), STUB_MARKDOWN="")
    assert job.code == code
    assert job.outputs == {"exit-code": str(code), "verdict": verdict}
    missing = f"{verdict} (exit code {code}) without a report; the reason is in the log of this step.\n"
    assert job.summary == f"harness gate: {missing}"


def test_markdown_among_the_arguments_does_not_take_the_summarys_place(step):
    words = step({"args": "--markdown=own.md", "state": "x"}).words
    assert [word.partition("=")[0] for word in words] == ["gate", "--markdown", "--markdown", "--", "x"]
    assert words[1] == "--markdown=own.md"


def test_the_summary_of_other_steps_is_kept(step, tmp_path):
    (tmp_path / "summary").write_text("before\n")
    assert step(STUB_MARKDOWN="# Gate\n").summary == "before\n# Gate\n"


def test_a_summary_that_the_runner_would_drop_is_cut_and_the_file_is_not(step):
    job = step({"markdown": "gate.md"}, STUB_MARKDOWN="0123456789", STUB_TIMES="120000")
    shown, _, note = job.summary.partition("\n\n")
    assert shown == "0123456789" * 90_000
    assert note == "The rest is left out here; the input markdown writes all of it to a file.\n"
    assert (job.workspace / "gate.md").stat().st_size == 1_200_000


def test_markdown_is_written_where_it_was_asked_for(step):
    job = step({"markdown": "reports/the gate.md"}, STUB_MARKDOWN="# Gate\n", STUB_EXIT="1")
    assert (job.workspace / "reports" / "the gate.md").read_text() == "# Gate\n"
    assert (job.code, job.summary) == (1, "# Gate\n")


def test_markdown_of_an_earlier_run_is_not_taken_for_this_ones(step, tmp_path):
    (tmp_path / "work space" / "gate.md").write_text("# Old\n")
    job = step({"markdown": "gate.md"}, STUB_EXIT="2", STUB_MARKDOWN="")
    assert "# Old" not in job.summary


@pytest.mark.parametrize(("gate", "code"), [("0", 3), ("1", 1)])
def test_markdown_that_cannot_be_written_is_no_success(step, gate, code):
    job = step({"markdown": "/dev/null/gate.md"}, STUB_MARKDOWN="# Gate\n", STUB_EXIT=gate)
    assert (job.code, job.outputs["exit-code"]) == (code, str(code))
    assert "the Markdown cannot be written" in job.log
    assert job.summary == "# Gate\n"


def test_what_the_gate_shows_is_no_command_to_the_runner(step):
    log = step(STUB_SAYS="::set-output name=verdict::passed").log
    token = re.search(r"^::stop-commands::([0-9a-f]{32})$", log, re.MULTILINE)[1]
    assert log.index("::stop-commands::") < log.index("::set-output") < log.index(f"\n::{token}::\n")


def test_two_runs_have_two_tokens(step):
    assert step().log != step().log


def test_a_command_at_another_place_is_taken(step, tmp_path):
    other = tmp_path / "other place"
    other.mkdir()
    shutil.copy(tmp_path / "commands" / "harness", other / "harness")
    (tmp_path / "commands" / "harness").unlink()
    assert step(GATE_COMMAND=str(other / "harness")).arguments == ["gate"]


def test_a_harness_that_is_not_there_is_no_success(step):
    job = step(GATE_COMMAND="/nowhere/harness")
    assert (job.code, job.outputs["verdict"]) == (127, "error")


# How it is installed

TOOLS = ("bash", "dirname", "mktemp", "mkdir")


@pytest.fixture
def install(tmp_path):
    """Run the installing step with nothing but these commands on PATH."""
    commands = tmp_path / "few commands"
    commands.mkdir()
    for tool in TOOLS:
        (commands / tool).symlink_to(shutil.which(tool))

    def run(**stubs: str) -> Job:
        for name, text in stubs.items():
            (commands / name).write_text(
                f'#!{shutil.which("bash")}\necho "{name} $*" >>"$STUB_SAW"\n{text}\n'
            )
            (commands / name).chmod(0o755)
        said = subprocess.run(
            [shutil.which("bash"), "-eo", "pipefail", "-c", run_lines()[0]],
            cwd=tmp_path,
            env={
                "PATH": str(commands),
                "GITHUB_ACTION_PATH": str(ACTION),
                "GITHUB_OUTPUT": str(tmp_path / "output"),
                "RUNNER_TEMP": str(tmp_path),
                "STUB_SAW": str(tmp_path / "saw"),
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Job(tmp_path, said.returncode, said.stdout + said.stderr)

    return run


UV = f"""\
if [ "$1" = venv ]; then
    for folder; do :; done
    mkdir -p "$folder/bin"
    printf '#!%s\\necho the version\\n' "$BASH" >"$folder/bin/harness"
    {shutil.which("chmod")} +x "$folder/bin/harness"
fi
"""
"""An uv whose virtual environments have a harness from the start."""


def test_uv_installs_this_very_checkout(install, tmp_path):
    job = install(uv=UV)
    assert job.code == 0, job.log
    assert "the version" in job.log
    command = Path(job.outputs["command"])
    assert command.name == "harness"
    assert command.is_relative_to(tmp_path)
    made, installed = (tmp_path / "saw").read_text().splitlines()
    assert made.startswith("uv venv ")
    assert "--python >=3.11" in made
    assert installed == f"uv pip install --quiet --python {command.parents[1]} {PROJECT}"


def test_without_uv_and_a_recent_python_it_says_what_to_add(install):
    job = install(python3="exit 1")
    assert job.code == 2
    assert job.log.splitlines() == [
        "harness: neither uv nor Python 3.11 or newer is here; "
        "add actions/setup-python or astral-sh/setup-uv before."
    ]


def test_an_installation_that_fails_ends_the_step(install):
    job = install(uv="exit 7")
    assert job.code == 7
    assert not (job.folder / "output").exists()
