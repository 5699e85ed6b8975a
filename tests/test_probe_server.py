"""The server in its interpreter: every Python that it must run on, and what of the harness is seen there."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from toy.libraries import Prober, interpreter, make_environment

from harness.evidence import Outcome, Phase
from harness.probe import client
from harness.probe.session import Session

PROBE = Path(client.__file__).parent
IN_TARGET = ("server", "process", "variant", "holdings", "devices", "deprecations", "log", "text")


# Every Python


@pytest.mark.parametrize(
    ("version", "spawn", "writable"),
    [
        ("3.8", "", True),
        ("3.8", "1", False),
        ("3.9", "", False),
        ("3.10", "", True),
        ("3.12", "", False),
        ("3.13", "", True),
        ("3.13", "1", False),
        ("3.14", "", True),
    ],
)
def test_the_server_runs_on_every_python(tmp_path, monkeypatch, version, spawn, writable):
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    other = make_environment(tmp_path / "environment", python)
    monkeypatch.setenv("HARNESS_PROBE_SPAWN", spawn)
    with Session(other.target(writable=writable), {"toy": "1.0"}) as session:
        prober = Prober(session, tmp_path)
        body = "import toy, sys; toy.warn(); print('✓'); print('err', file=sys.stderr); assert seed == 5"
        returned = prober.run(body, seed=5, signature="*, seed")
        raised = prober.run("import toy; toy.fail()")
        crashed = prober.run("import ctypes; print('so far'); ctypes.string_at(0)")
        hung = prober.run("import time; time.sleep(60)", timeout=0.2)
        unread = prober.run("pass", module="def broken(:")
        absent = prober.run("pass", device="cuda")
    assert returned.outcome is Outcome.RETURNED, returned.raised
    assert "✓\n" in returned.log
    assert [found.module for found in returned.deprecations] == ["toy"]
    assert returned.isolation == ("spawn" if spawn else "fork")
    assert returned.attested.python.startswith(f"{version}.")
    assert (raised.raised.type, raised.raised.phase) == ("builtins.ValueError", Phase.RUN)
    assert "/probe/" not in raised.raised.traceback
    assert crashed.reason == "killed by SIGSEGV before the variant ended"
    assert crashed.log.startswith("so far\n")
    assert hung.outcome is Outcome.TIMED_OUT
    assert unread.raised.type == "builtins.SyntaxError"
    assert absent.outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize("name", IN_TARGET)
def test_what_runs_in_the_target_is_python_3_8_and_the_standard_library(name):
    tree = ast.parse((PROBE / f"{name}.py").read_text(), feature_version=(3, 8))
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        node.module.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    assert imported - {"harness"} <= sys.stdlib_module_names
    assert "harness" not in imported or name == "server"  # there for the types alone


def test_a_server_that_hears_nothing_ends():
    done = subprocess.run(
        [sys.executable, "-I", str(PROBE / "server.py")],
        input=b"",
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_server_speaks_one_object_a_line():
    hello = json.dumps({"libraries": [["toy", "no_such_toy"]]}).encode() + b"\n"
    done = subprocess.run(
        [sys.executable, "-I", str(PROBE / "server.py")],
        input=hello,
        capture_output=True,
        check=False,
        timeout=20,
    )
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first == {"importing": "toy"}
    assert second["protocol"] == 1
    assert second["libraries"]["toy"]["error"]["type"] == "builtins.ModuleNotFoundError"
    assert done.returncode == 0


def test_a_server_that_fails_says_why():
    done = subprocess.run(
        [sys.executable, "-I", str(PROBE / "server.py")],
        input=b"{}\n",
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == b"KeyError: 'libraries'"


# What is seen of the harness


@pytest.fixture(scope="module", params=["fork", "spawn"])
def environment(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_PROBE_SPAWN", "1" if request.param == "spawn" else "")
        yield make_environment(tmp_path_factory.mktemp("server") / "environment")


@pytest.mark.parametrize("writable", [True, False])
def test_the_modules_of_the_probe_are_not_on_the_path_of_a_case(environment, tmp_path, writable):
    flag = "-I" if writable else "-E"
    ask = [environment.python, flag, "-c", "import sys; print(sys.path)"]
    done = subprocess.run(ask, capture_output=True, text=True, check=True, cwd=tmp_path)
    usual = [entry for entry in ast.literal_eval(done.stdout) if entry]
    with Session(environment.target(writable=writable)) as session:
        prober = Prober(session, tmp_path)
        body = f"""
            import importlib.util, sys
            assert sys.path == {usual}, sys.path
            for name in {(*IN_TARGET, "session", "client", "harness")}:
                assert importlib.util.find_spec(name) is None, name
            """
        evidence = prober.run(body)
        assert evidence.outcome is Outcome.RETURNED, evidence.raised


def test_a_library_that_is_called_as_a_module_of_the_probe_is_that_library(environment, tmp_path):
    for name in ("process", "text", "variant", "log"):
        environment.install(name, "MINE = True")
    with Session(environment.target("toy", "process", "text")) as session:
        prober = Prober(session, tmp_path)
        body = "import process, text, variant, log; process.MINE, text.MINE, variant.MINE, log.MINE"
        assert prober.run(body).outcome is Outcome.RETURNED
        assert prober.run("import toy; toy.fail()").raised.message == "shapes disagree: 2 and 3"
