"""Starting and ending servers: what reaches them, what is left of them, what they write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from toy.libraries import Prober, gone, make_environment, running, tree_digest, write_variant

from harness.device import parse_device
from harness.evidence import Outcome
from harness.probe.client import PASSED_ON, DeadEnvironment, Probe, Target, environment_for
from harness.probe.session import Session, interpreter_target

ROOT = Path(__file__).parents[1]
CPU = parse_device("cpu")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    made = make_environment(tmp_path_factory.mktemp("client") / "environment")
    up = "import os, pathlib, time; pathlib.Path(os.environ['TMPDIR'], 'up').touch(); "
    made.install("hangs", up + "time.sleep(60)")
    made.install("threads", "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()")
    made.install(
        "helper",
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
    )
    return made


@pytest.fixture
def marker(tmp_path, monkeypatch):
    """A folder in the environment of every process that a test starts below a server."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return str(tmp_path)


# The environment of a server


def test_what_reaches_a_server_is_an_allow_list(monkeypatch):
    for name in ("SECRET_TOKEN", "GITHUB_TOKEN", "PYTHONPATH", "PYTHONHOME", "HTTPS_PROXY", "JAX_PLATFORMS"):
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    environment = environment_for(Target(python=Path("python"), libraries=()))
    assert "s3cret" not in environment.values()
    assert environment["CUDA_VISIBLE_DEVICES"] == "0"
    ours = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_CPP_MIN_LOG_LEVEL"}
    ours |= {"XLA_PYTHON_CLIENT_PREALLOCATE", "PYTHONDONTWRITEBYTECODE"}
    assert set(environment) <= set(PASSED_ON) | ours


def test_no_name_that_may_hold_a_secret_is_passed_on():
    assert not [
        name for name in PASSED_ON for part in ("TOKEN", "KEY", "SECRET", "PASS", "URL") if part in name
    ]


def test_the_compilation_cache_is_on_where_it_has_a_folder(tmp_path):
    with_cache = environment_for(Target(python=Path("python"), libraries=(), jax_cache=tmp_path))
    assert with_cache["JAX_COMPILATION_CACHE_DIR"] == str(tmp_path)
    assert with_cache["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] == "0"
    without = environment_for(Target(python=Path("python"), libraries=()))
    assert not [name for name in without if name.startswith("JAX_")]


def test_the_variables_of_a_target_come_on_top_of_all_others(monkeypatch, tmp_path):
    monkeypatch.setenv("JAX_THREEFRY_PARTITIONABLE", "1")
    monkeypatch.setenv("LANG", "C")
    plain = Target(python=Path("python"), libraries=(), jax_cache=tmp_path)
    variables = {"JAX_THREEFRY_PARTITIONABLE": "0", "LANG": "de", "OMP_NUM_THREADS": "2"}
    target = replace(plain, variables=tuple(variables.items()))
    assert "JAX_THREEFRY_PARTITIONABLE" not in environment_for(plain)
    assert environment_for(target) == {**environment_for(plain), **variables}
    assert hash(target) != hash(plain)


def test_a_cell_has_one_core():
    environment = environment_for(Target(python=Path("python"), libraries=()))
    assert environment["OMP_NUM_THREADS"] == environment["MKL_NUM_THREADS"] == "1"


# What a server writes


@pytest.mark.parametrize("spawn", ["", "1"])
def test_an_interpreter_that_is_not_ours_is_left_byte_for_byte_as_it_was(tmp_path, monkeypatch, spawn):
    monkeypatch.setenv("HARNESS_PROBE_SPAWN", spawn)
    made = make_environment(tmp_path / "environment")
    made.install("other", "")
    before = tree_digest(made.prefix)
    with Session(interpreter_target(made.python, (("toy", "toy"),))) as session:
        prober = Prober(session, tmp_path / "cases")
        body = (
            "import subprocess, sys, other; subprocess.run([sys.executable, '-c', 'import toy'], check=True)"
        )
        evidence = prober.run(body)
        assert evidence.outcome is Outcome.RETURNED, evidence.raised
    assert tree_digest(made.prefix) == before


def test_an_environment_of_ours_keeps_its_bytecode(tmp_path):
    """Else the test above would say nothing."""
    made = make_environment(tmp_path / "environment")
    before = tree_digest(made.prefix)
    with Session(made.target()) as session:
        session.hello()
    assert [name for name in tree_digest(made.prefix) if name not in before and "__pycache__/toy." in name]


def test_nothing_is_written_beside_the_harness(environment, tmp_path):
    probe = ROOT / "harness/probe"
    before = tree_digest(probe)
    with Session(environment.target()) as session:
        Prober(session, tmp_path).run("pass")
    assert {name for name in tree_digest(probe) if name not in before} == set()


def test_nothing_is_left_in_the_folder_for_temporary_files(environment, tmp_path, marker):
    with Session(environment.target()) as session:
        prober = Prober(session, tmp_path / "cases")
        for body in ("open('x', 'w')", "import os; os.abort()", "import time; time.sleep(60)"):
            prober.run(body, timeout=0.3)
    assert [path.name for path in Path(marker).iterdir()] == ["cases"]


# The end of a server


@pytest.mark.parametrize("library", ["toy", "threads", "helper"])
def test_closing_leaves_no_process(environment, marker, library):
    probe = Probe(environment.target(library))
    probe.start()
    assert running(marker)
    started = time.monotonic()
    probe.close()
    assert time.monotonic() - started < 3
    assert gone(marker, within=0.5)


def dying(action, *arguments):
    with pytest.raises(DeadEnvironment):
        action(*arguments)


def test_closing_ends_a_variant_that_runs(environment, marker, tmp_path):
    probe = Probe(environment.target())
    probe.start()
    case = write_variant(tmp_path / "toy/7_x.py", "import time; time.sleep(60)")
    waiting = threading.Thread(target=dying, args=(probe.run, case, [], "failure", CPU, 0))
    waiting.start()
    while len(running(marker)) < 2:
        time.sleep(0.01)
    probe.close()
    waiting.join()
    assert gone(marker, within=0.5)


def test_a_probe_that_never_started_can_be_closed(environment):
    Probe(environment.target()).close()


def test_a_probe_that_was_interrupted_does_not_start(environment):
    probe = Probe(environment.target())
    probe.interrupt()
    with pytest.raises(DeadEnvironment, match="interrupted"):
        probe.start()


def test_an_interruption_during_an_import_ends_the_server(environment, marker):
    probe = Probe(environment.target("hangs"))
    waiting = threading.Thread(target=dying, args=(probe.start,))
    waiting.start()
    while not running(marker):
        time.sleep(0.01)
    probe.interrupt()
    waiting.join(timeout=3)
    assert not waiting.is_alive()
    assert gone(marker, within=0.5)


# The death of a client or a server

CLIENT = """
import sys
from pathlib import Path
from harness.device import parse_device
from harness.header import read_case
from harness.probe.client import Target
from harness.probe.session import Session

python, library, case = sys.argv[1:]
session = Session(Target(python=Path(python), libraries=((library, library),), writable=True))
session.run(read_case(Path(case)), "failure", parse_device("cpu"))
"""

HANG = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(os.environ["TMPDIR"], "up").touch()
time.sleep(60)
"""


def orphaned(environment, folder, *, library="toy", spawn=""):
    """Start a client on a variant that hangs, wait until that runs, and kill the client."""
    case = write_variant(folder / "toy/7_x.py", HANG)
    command = [sys.executable, "-c", CLIENT, str(environment.python), library, str(case.path)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_PROBE_SPAWN": spawn}
    process = subprocess.Popen(command, env=variables)
    deadline = time.monotonic() + 20
    while not (folder / "up").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.parametrize(("library", "spawn"), [("toy", ""), ("toy", "1"), ("threads", ""), ("hangs", "")])
def test_a_client_that_is_killed_leaves_no_process(environment, marker, tmp_path, library, spawn):
    process = orphaned(environment, tmp_path, library=library, spawn=spawn)
    process.kill()
    process.wait()
    assert gone(marker, within=3)
    assert not list(tmp_path.glob("cell-*"))


@pytest.mark.parametrize("spawn", ["", "1"])
def test_a_server_that_is_killed_leaves_no_variant(environment, marker, tmp_path, spawn):
    process = orphaned(environment, tmp_path, spawn=spawn)
    servers = [
        pid for pid in running(marker) if f"PPid:\t{process.pid}\n" in Path(f"/proc/{pid}/status").read_text()
    ]
    (server,) = servers
    variants = [
        pid for pid in running(marker) if f"PPid:\t{server}\n" in Path(f"/proc/{pid}/status").read_text()
    ]
    assert variants
    os.kill(server, signal.SIGKILL)
    deadline = time.monotonic() + 3
    while set(variants) & set(running(marker)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.wait(timeout=5)
    for left in running(marker):  # what the variant had started has nobody to end it
        os.kill(left, signal.SIGKILL)
