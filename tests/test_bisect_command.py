"""A user's own command: what its exit code says, what it runs in, and that nothing of it is left."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from toy.libraries import gone, make_environment, running

from harness.bisect.command import CommandTrial, last_line, variables_for
from harness.bisect.labels import Reading

PYTHON = Path(sys.executable)


def run(*argv: str, folder: Path | None = None, timeout: float = 30, python: Path = PYTHON) -> Reading:
    return CommandTrial(argv=argv, folder=folder or Path.cwd(), timeout=timeout).run(python)


def say(reading: Reading) -> tuple[str | None, str]:
    return reading.label, reading.detail


# Verdicts


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo fine", ("passes", "fine")),
        ("true", ("passes", "")),
        ("echo first; echo it broke >&2; exit 1", ("fails", "it broke")),
        ("exit 2", ("fails", "exited with code 2")),
        ("exit 124", ("fails", "exited with code 124")),
        ("exit 125", (None, "it exited with code 125, cannot tell")),
        ("echo no network; exit 125", (None, "it exited with code 125, cannot tell: no network")),
        ("exit 126", (None, "its program cannot be executed")),
        ("exit 127", (None, "its program is not found")),
        ("exit 128", (None, "exited with code 128, as shells tell of a signal")),
        ("exit 139", (None, "exited with code 139, as shells tell of a signal")),
        ("exit 255", (None, "exited with code 255, as shells tell of a signal")),
        ("kill -SEGV $$", (None, "killed by SIGSEGV")),
        ("kill -KILL $$", (None, "killed by SIGKILL")),
    ],
)
def test_the_exit_code_is_the_verdict(script, expected):
    assert say(run("sh", "-c", script)) == expected


def test_what_a_shell_cannot_find_is_unknown():
    label, detail = say(run("sh", "-c", "no-such-program-anywhere"))
    assert label is None
    assert detail.startswith("its program is not found: ")
    assert "no-such-program-anywhere" in detail


def test_a_program_that_is_not_there_is_unknown():
    assert say(run("no-such-program")) == (
        None,
        "no-such-program does not start: No such file or directory",
    )


def test_a_file_that_cannot_be_executed_is_unknown(tmp_path):
    script = tmp_path / "check.sh"
    script.write_text("#!/bin/sh\nexit 0\n")
    assert say(run(str(script))) == (None, f"{script} does not start: Permission denied")


def test_the_time_that_it_took_is_told():
    reading = run("sh", "-c", "true")
    assert 0 < reading.seconds < 30
    assert (reading.runs, reading.stored) == (1, False)


# What it says


def test_colours_and_control_characters_are_taken_out_of_the_last_line():
    assert say(run("printf", r"\033[31mred\033[0m \007bell\n\n  \n")) == ("passes", "red bell")
    assert last_line(b"10 %\r50 %\rdone\r\n") == "done"


def test_the_last_line_is_bounded_whatever_is_printed():
    code = "print('start'); print('x' * 10_000_000); import sys; sys.exit(3)"
    label, detail = say(run("python", "-c", code))
    assert label == "fails"
    assert detail == "x" * 297 + "..."


def test_what_is_no_text_does_no_harm():
    assert say(run("printf", r"\377\376 broken")) == ("passes", "\N{REPLACEMENT CHARACTER}" * 2 + " broken")


# What it runs in


def test_python_is_that_of_the_environment_with_its_packages(tmp_path):
    environment = make_environment(tmp_path / "env")
    code = "import sys, toy; print(sys.prefix, toy.__version__)"
    for argv in (("python", "-c", code), ("sh", "-c", f"python -c '{code}'"), ("python3", "-c", code)):
        assert say(run(*argv, python=environment.python)) == ("passes", f"{environment.prefix} 1.0")


def test_the_folder_of_the_environment_is_not_told(tmp_path):
    environment = make_environment(tmp_path / "env")
    code = "import toy; raise SystemExit(toy.__file__)"
    label, detail = say(run("python", "-c", code, python=environment.python))
    assert label == "fails"
    assert detail == f"<env>/{environment.site_packages.relative_to(environment.prefix)}/toy.py"


def test_the_environment_looks_activated_and_nothing_redirects_its_python():
    inherited = {
        "PATH": "/usr/bin",
        "HOME": "/home/me",
        "PYTHONHOME": "/x",
        "PYTHONPATH": "/y",
        "VIRTUAL_ENV": "/z",
    }
    assert variables_for(Path("/envs/one/bin/python"), inherited) == {
        "PATH": f"/envs/one/bin{os.pathsep}/usr/bin",
        "HOME": "/home/me",
        "VIRTUAL_ENV": "/envs/one",
    }


def test_it_runs_in_the_users_folder_and_hears_nothing(tmp_path):
    assert say(run("pwd", folder=tmp_path)) == ("passes", str(tmp_path))
    assert say(run("cat", folder=tmp_path)) == ("passes", "")


@pytest.mark.parametrize(
    ("text", "is_foreign"),
    [
        ("#!/usr/other/bin/python\nimport sys\n", True),
        ("#!/bin/sh\n'''exec' \"/usr/other/bin/python\" \"$0\" \"$@\"\n' '''\n", True),
        ('#!/usr/bin/env bash\nexec pyenv exec "$0"\n', True),
        ("#!/usr/bin/env python3\nprint('mine')\n", False),
        ("#!/bin/sh\necho mine\n", False),
    ],
)
def test_a_program_of_another_python_does_not_pass_for_this_environment(
    tmp_path, monkeypatch, text, is_foreign
):
    program = tmp_path / "checker"
    program.write_text(text)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    reason = (
        f"checker is not in this environment, and {program} runs another Python: "
        "use `python -m checker`, and a state that holds it"
    )
    assert say(run("checker")) == ((None, reason) if is_foreign else ("passes", "mine"))


# Its end


def test_a_command_that_does_not_end_is_unknown_and_dies_with_all_that_it_started():
    marker = "marker-of-the-time-limit"
    script = f"MARK={marker} sh -c 'sleep 600 & sleep 601'"
    assert say(run("sh", "-c", script, timeout=0.3)) == (None, "no end after 0.3 s")
    assert gone(marker)


def test_what_a_command_leaves_behind_dies_with_it():
    marker = "marker-of-what-is-left-behind"
    assert say(run("sh", "-c", f"MARK={marker} sleep 600 & echo done")) == ("passes", "done")
    assert gone(marker)


def test_an_interruption_ends_the_whole_group():
    marker = f"marker-of-the-interruption-{os.getpid()}"

    def interrupt() -> None:
        while not running(marker):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    try:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            run("sh", "-c", f"MARK={marker} sh -c 'sleep 600 & sleep 601'")
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)
    assert gone(marker)
