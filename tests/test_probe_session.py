"""From answers to evidence: what an interpreter lacks, what fails to be imported, what is attested."""

from __future__ import annotations

import platform
import sys
import threading
import time

import pytest
from toy.libraries import Prober, gone, make_environment, write_variant

from harness.device import parse_device
from harness.evidence import Lack, Outcome, Phase
from harness.probe import client
from harness.probe.client import DeadEnvironment, Target
from harness.probe.session import Session, interpreter_target
from harness.verdict import Status, status_of

CPU = parse_device("cpu")

BROKEN = {
    "raises": "raise ValueError('shapes disagree at import')",
    "exits": "import sys; sys.exit('no display')",
    "needs_more": "import a_package_that_nobody_has",
    "segfaults": "import ctypes; print('last words', flush=True); ctypes.string_at(0)",
    "leaves": "import os; os._exit(0)",
    "hangs": "import time; time.sleep(60)",
}
"""Libraries that cannot be imported; the last three take the whole process with them."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    made = make_environment(tmp_path_factory.mktemp("session") / "environment")
    made.install("other", "", "2.0")
    for name, text in BROKEN.items():
        made.install(name, text)
    made.install("threads", "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()")
    made.install("talks", "print('{\"python\": \"2.7\"}'); import sys; sys.stderr.write('x' * 300_000)")
    made.install("drifted", "")
    (made.site_packages / "drifted.py").unlink()
    package = made.site_packages / "drifted"
    package.mkdir()
    (package / "__init__.py").write_text("import drifted.part\nfrom other import gone\n")
    (package / "part.py").write_text("")
    made.install("grows", "import os\nos.environ['GROWN'] = os.environ.get('GROWN', '') + 'x'")
    made.install("listens", "import sys; HEARD = sys.stdin.read()")
    made.install("opens", f"file = open({str(made.site_packages / 'opens.py')!r})")
    made.install("states", "__version__ = '0.9'", "1.0")
    return made


@pytest.fixture
def start(environment, tmp_path, monkeypatch):
    """Open a session that imports these libraries, and get a prober for it."""
    opened = []
    monkeypatch.delenv("HARNESS_PROBE_SPAWN", raising=False)

    def opening(*names, **options):
        session = Session(environment.target(*names), **options)
        opened.append(session)
        return Prober(session, tmp_path / f"cases{len(opened)}")

    yield opening
    for session in opened:
        session.close()


# Attestation


def test_evidence_attests_versions_origins_platform_python_and_device(start):
    evidence = start("toy", "other").run("pass")
    attested = evidence.attested
    assert attested.python == platform.python_version()
    assert attested.platform == f"{sys.platform}-{platform.machine()}"
    assert attested.versions["toy"] == "1.0"
    assert attested.versions["other"] == "2.0"
    folder = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    assert attested.origins == {"toy": f"{folder}/toy.py", "other": f"{folder}/other.py"}
    assert (attested.device, attested.precision) == ("cpu", None)


def test_evidence_tells_its_seed_its_cache_and_its_time(start, environment, tmp_path):
    with Session(Target(python=environment.python, libraries=(), jax_cache=tmp_path)) as session:
        evidence = Prober(session, tmp_path / "cases").run("pass", seed=3)
    assert (evidence.seed, evidence.jax_cache) == (3, True)
    assert evidence.measured_at.endswith("+00:00")
    assert start().run("pass").jax_cache is False


def test_every_run_of_a_session_has_a_seed_of_its_own(environment, tmp_path):
    case = write_variant(
        tmp_path / "toy/7_x.py", "raise ValueError(f'seed {seed}')", signature="seed", needs=["other"]
    )
    with Session(Target(python=environment.python, libraries=())) as session:
        found = [session.run(case, "failure", CPU, seed) for seed in (3, 0, 7)]
    assert [each.seed for each in found] == [3, 0, 7]
    assert [each.raised.message for each in found] == ["seed 3", "seed 0", "seed 7"]


def test_an_environment_that_holds_its_lock_gives_evidence(start):
    assert start(locked={"toy": "1.0", "other": "2.0"}).run("pass").outcome is Outcome.RETURNED


@pytest.mark.parametrize(
    ("locked", "reason"),
    [
        ({"toy": "1.1"}, "the lock has toy 1.1, the environment 1.0"),
        ({"toy": "1.0", "flax": "1"}, "the lock has flax 1, the environment none"),
    ],
)
def test_an_environment_that_is_not_its_lock_gives_no_evidence(start, locked, reason):
    prober = start(locked=locked)
    evidence = prober.run("raise ValueError('shapes disagree')")
    assert (evidence.outcome, evidence.lack, evidence.reason) == (Outcome.UNAVAILABLE, Lack.ORIGIN, reason)
    assert evidence.attested.versions["toy"] == "1.0"
    assert prober.status("raise ValueError('shapes disagree')") is Status.INVALID


def test_a_module_from_elsewhere_gives_no_evidence(start, environment, tmp_path):
    environment.install("elsewhere", "", folder=tmp_path / "src")
    (environment.site_packages / "toy.pth").write_text(f"{tmp_path / 'src'}\n")
    try:
        evidence = start("elsewhere", locked={"elsewhere": "1.0"}).run("pass", needs=["elsewhere"])
    finally:
        (environment.site_packages / "toy.pth").unlink()
    assert evidence.lack is Lack.ORIGIN
    assert evidence.reason.startswith(f"elsewhere was imported from {tmp_path}")


def test_a_module_that_states_another_version_gives_no_evidence(start):
    evidence = start("states", locked={"states": "1.0"}).run("pass", needs=["states"])
    assert (evidence.lack, evidence.reason) == (
        Lack.ORIGIN,
        "states states version 0.9, its distribution 1.0",
    )


# Packages


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"needs": ["flax"]}, "the case needs flax, here is none"),
        ({"needs": ["toy>=2"]}, "the case needs toy>=2, here is 1.0"),
        ({"requires_python": ">=3.99"}, f"the case needs Python >=3.99, this is {platform.python_version()}"),
    ],
)
def test_a_case_that_needs_something_else_gives_no_evidence(start, options, reason):
    prober = start()
    evidence = prober.run("raise ValueError('shapes disagree')", **options)
    assert (evidence.outcome, evidence.lack, evidence.reason) == (Outcome.UNAVAILABLE, Lack.PACKAGE, reason)
    assert prober.status("raise ValueError('shapes disagree')", **options) is Status.UNSUPPORTED


def test_a_requirement_whose_marker_does_not_hold_is_not_needed(start):
    needs = ['flax; python_version < "3"', "toy"]
    assert start().run("pass", needs=needs).outcome is Outcome.RETURNED


# Imports that raise


def test_an_error_in_an_import_is_evidence_of_its_phase_and_no_failure(start):
    prober = start("raises", "toy")
    evidence = prober.run("pass", needs=["raises"])
    assert (evidence.outcome, evidence.raised.phase) == (Outcome.RAISED, Phase.IMPORT)
    assert (evidence.raised.type, evidence.raised.message) == (
        "builtins.ValueError",
        "shapes disagree at import",
    )
    assert 'File "<env>/lib/python' in evidence.raised.traceback
    assert evidence.attested.versions["raises"] == "1.0"
    symptom = ("ValueError", "of another kind")
    assert prober.status("pass", needs=["raises"], symptom=symptom) is Status.UNIMPORTABLE


def test_an_error_in_an_import_that_is_the_documented_symptom_is_failing(start):
    assert start("raises").status("pass", needs=["raises"]) is Status.FAILING


@pytest.mark.parametrize("name", ["exits", "needs_more"])
def test_a_library_may_raise_anything_when_it_is_imported(start, name):
    assert start(name).status("pass", needs=[name]) is Status.UNIMPORTABLE


@pytest.mark.parametrize("name", ["raises", "exits", "needs_more", "segfaults", "leaves"])
def test_a_broken_library_does_not_stop_cases_that_do_not_need_it(start, name):
    prober = start("other", name, "toy")
    assert prober.run("pass", needs=["toy", "other"]).outcome is Outcome.RETURNED
    symptom = ("ValueError", "of another kind")
    assert prober.status("pass", needs=["toy", name], symptom=symptom) is Status.UNIMPORTABLE


def test_several_deadly_libraries_do_not_stop_the_others(start):
    prober = start("leaves", "other", "raises", "segfaults", "toy")
    assert prober.run("pass").outcome is Outcome.RETURNED
    assert prober.run("pass", needs=["leaves"]).lack is Lack.IMPORT


# Imports that raise in cases of drift

DRIFT = {"kind": "drift", "needs": ["drifted"], "symptom": ("ImportError", "cannot import name .gone.")}
REPAIR = "import other; other.gone = 1; import drifted\n"


@pytest.fixture(params=["", "1"], ids=["fork", "spawn"])
def drift(start, monkeypatch, request):
    monkeypatch.setenv("HARNESS_PROBE_SPAWN", request.param)
    return start("toy", "drifted")


def test_a_case_of_drift_runs_though_its_library_cannot_be_imported(drift):
    raised = drift.run("import drifted", **DRIFT).raised
    assert (raised.type, raised.phase) == ("builtins.ImportError", Phase.IMPORT)
    assert "_breaks.py" in raised.traceback
    assert drift.status("import drifted", **DRIFT) is Status.FAILING


def test_a_case_of_drift_may_repair_the_import(drift):
    assert drift.run(REPAIR, **DRIFT).outcome is Outcome.RETURNED
    assert drift.run(REPAIR + "raise ValueError", **DRIFT).raised.phase is Phase.RUN


@pytest.mark.parametrize("body", ["raise ValueError", "import other; other.gone = 1; raise ValueError"])
def test_what_a_case_of_drift_raises_without_a_repair_says_nothing_of_the_library(drift, body):
    assert drift.status(body, **DRIFT) is Status.UNIMPORTABLE


def test_a_case_of_drift_starts_without_what_the_failed_import_has_left(drift):
    body = "import sys; assert not [name for name in sys.modules if name.startswith('drifted')]"
    assert drift.run(body, **DRIFT).outcome is Outcome.RETURNED


def test_a_case_of_drift_whose_library_ends_the_process_gives_no_evidence(start):
    assert start("leaves").status("pass", kind="drift", needs=["leaves"]) is Status.UNIMPORTABLE


# Imports that take the process with them


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("segfaults", "the probe ended (killed by SIGSEGV)"),
        ("leaves", "the probe ended (exited with code 0)"),
    ],
)
def test_a_library_that_ends_the_process_is_unimportable_and_never_failing(start, name, how):
    prober = start(name)
    evidence = prober.run("pass", needs=[name])
    assert (evidence.outcome, evidence.lack) == (Outcome.UNAVAILABLE, Lack.IMPORT)
    assert evidence.reason.startswith(f"while it imported {name}, {how}")
    assert evidence.attested.versions[name] == "1.0"
    assert prober.status("pass", needs=[name], symptom=("ValueError", ".*")) is Status.UNIMPORTABLE


def test_the_last_words_of_a_process_are_kept(start):
    assert (
        start("segfaults").run("pass", needs=["segfaults"]).reason.endswith("(killed by SIGSEGV): last words")
    )


def test_a_library_that_hangs_when_it_is_imported_is_unimportable(start, monkeypatch):
    monkeypatch.setattr(client, "IMPORT_SECONDS", 1.0)
    prober = start("toy", "hangs")
    evidence = prober.run("pass", needs=["hangs"])
    assert (evidence.outcome, evidence.lack) == (Outcome.UNAVAILABLE, Lack.IMPORT)
    assert evidence.reason == "while it imported hangs, the probe did not answer within 1 s"
    monkeypatch.undo()
    assert prober.run("pass").outcome is Outcome.RETURNED


# Imports that do odd things


@pytest.mark.parametrize("body", ["pass", "import toy; toy.fail()"])
def test_a_library_that_starts_a_thread_makes_its_cells_spawn(start, body):
    evidence = start("toy", "threads").run(body)
    assert evidence.isolation == "spawn"
    assert evidence.outcome is (Outcome.RETURNED if body == "pass" else Outcome.RAISED)


@pytest.mark.parametrize("spawn", ["", "1"])
def test_a_variable_that_a_library_changes_is_changed_once(start, monkeypatch, spawn):
    prober = start("grows")
    monkeypatch.setenv("HARNESS_PROBE_SPAWN", spawn)
    body = "import grows, os; raise ValueError(os.environ['GROWN'])"
    assert prober.run(body, needs=["grows"]).raised.message == "x"


def test_what_a_library_prints_when_it_is_imported_is_no_answer(start):
    evidence = start("talks").run("pass", needs=["talks"])
    assert (evidence.outcome, evidence.log) == (Outcome.RETURNED, "")
    assert evidence.attested.python == platform.python_version()


def test_a_library_that_reads_when_it_is_imported_reads_nothing(start):
    prober = start("listens")
    assert (
        prober.run("import listens; assert listens.HEARD == ''", needs=["listens"]).outcome
        is Outcome.RETURNED
    )
    assert prober.run("pass").outcome is Outcome.RETURNED


def test_a_file_that_a_library_opened_stays_open_for_its_cells(start):
    evidence = start("opens").run("import opens; assert opens.file.read()", needs=["opens"])
    assert evidence.outcome is Outcome.RETURNED, evidence.raised


def test_a_distribution_that_left_remains_behind_stops_nothing(start, environment):
    remains = environment.site_packages / "toy-0.9.dist-info"
    remains.mkdir(exist_ok=True)
    evidence = start().run("pass")
    remains.rmdir()
    assert (evidence.outcome, evidence.attested.versions["toy"]) == (Outcome.RETURNED, "1.0")


# Interpreters that are none


@pytest.mark.parametrize(
    "text", [None, "#!/bin/sh\necho no Python >&2; exit 3\n", "#!/bin/sh\nkill -9 $$\n", "x"]
)
def test_an_interpreter_that_does_not_start_gives_no_evidence(tmp_path, text):
    python = tmp_path / "python"
    if text is not None:
        python.write_text(text)
        python.chmod(0o755)
    with Session(interpreter_target(python, (("toy", "toy"),))) as session:
        case = write_variant(tmp_path / "toy/7_x.py", "raise ValueError('shapes disagree')")
        evidence = session.run(case, "failure", CPU)
        with pytest.raises(DeadEnvironment):
            session.hello()
    assert (evidence.outcome, evidence.lack) == (Outcome.UNAVAILABLE, Lack.PROBE)
    assert len(evidence.reason.splitlines()) == 1
    assert status_of(case.variants[0], evidence) is Status.UNBUILDABLE


def test_what_does_not_start_is_tried_once(tmp_path):
    count = tmp_path / "count"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho x >> {count}; echo no Python >&2; exit 3\n")
    python.chmod(0o755)
    case = write_variant(tmp_path / "toy/7_x.py", "pass")
    with Session(interpreter_target(python, (("toy", "toy"),))) as session:
        reasons = {session.run(case, "failure", CPU).reason for _ in range(3)}
    assert reasons == {"the probe ended (exited with code 3): no Python"}
    assert count.read_text() == "x\n"


def test_an_interpreter_that_says_nonsense_gives_no_evidence(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nread line; printf '{\"half'; exit 0\n")
    python.chmod(0o755)
    with Session(interpreter_target(python, ())) as session:
        evidence = session.run(write_variant(tmp_path / "toy/7_x.py", "pass"), "failure", CPU)
    assert (evidence.lack, evidence.reason) == (Lack.PROBE, "the probe ended (exited with code 0)")


# Interruption


@pytest.mark.parametrize(
    ("libraries", "body"), [(("toy",), "import time; time.sleep(60)"), (("hangs", "toy"), "pass")]
)
def test_an_interruption_ends_what_runs_and_gives_no_evidence(start, libraries, body):
    prober = start(*libraries)
    case = prober.case(body)
    timer = threading.Timer(0.6, prober.session.interrupt)
    timer.start()
    started = time.monotonic()
    evidence = prober.session.run(case, "failure", CPU)
    assert time.monotonic() - started < 4
    timer.join()
    assert evidence.outcome is Outcome.UNAVAILABLE


def test_after_an_interruption_nothing_starts(start, environment):
    prober = start()
    prober.session.interrupt()
    assert prober.run("pass").reason == "it was interrupted"
    assert gone(str(environment.prefix), within=0)


def test_a_session_that_was_closed_starts_again(start):
    prober = start()
    assert prober.run("pass").outcome is Outcome.RETURNED
    prober.session.close()
    prober.session.close()
    assert prober.run("pass").outcome is Outcome.RETURNED


def test_a_library_of_the_case_that_nobody_asked_to_import_is_imported_by_the_case(start):
    assert start("other").run("import toy; toy.fail()").raised.phase is Phase.RUN


def test_the_text_that_was_read_is_run_whatever_is_in_the_file_by_then(environment, tmp_path):
    case = write_variant(tmp_path / "toy/7_x.py", "raise ValueError('as it was read')")
    case.path.write_text(case.text.replace("as it was read", "as it was edited"))
    with Session(Target(python=environment.python, libraries=())) as session:
        evidence = session.run(case, "failure", CPU)
    assert evidence.raised is not None
    assert evidence.raised.message == "as it was read"
