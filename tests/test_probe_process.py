"""What a process of its own does to a variant: outcomes, time limit, logs, what is left behind."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
from toy.libraries import Prober, gone, make_environment, running

from harness.evidence import Lack, Outcome, Phase
from harness.probe import client
from harness.probe.log import BoundedLog
from harness.probe.process import drain, how_it_ended
from harness.probe.session import Session
from harness.verdict import Status, status_of


@pytest.fixture(scope="module", params=["fork", "spawn"])
def isolation(request):
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "spawn":
            patch.setenv("HARNESS_PROBE_SPAWN", "1")
        else:
            patch.delenv("HARNESS_PROBE_SPAWN", raising=False)
        yield request.param


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return make_environment(tmp_path_factory.mktemp("process") / "environment")


@pytest.fixture(scope="module")
def prober(isolation, environment, tmp_path_factory):
    with Session(environment.target()) as session:
        yield Prober(session, tmp_path_factory.mktemp("cases"))


@pytest.fixture
def marker(monkeypatch, request):
    """A text in the command line of whatever a variant of this test starts."""
    return f"marker-{os.getpid()}-{time.monotonic_ns()}"


def seconds_of(action):
    started = time.monotonic()
    action()
    return time.monotonic() - started


# Returned and raised


def test_a_variant_that_comes_back_has_returned(prober, isolation):
    evidence = prober.run("pass")
    assert (evidence.outcome, evidence.raised, evidence.lack) == (Outcome.RETURNED, None, None)
    assert (evidence.isolation, evidence.log, evidence.reason) == (isolation, "", "")
    assert 0 <= evidence.seconds < 5


def test_an_exception_has_its_qualified_type_its_message_and_its_phase(prober):
    evidence = prober.run("import toy; toy.fail()")
    assert evidence.outcome is Outcome.RAISED
    assert (evidence.raised.type, evidence.raised.phase) == ("builtins.ValueError", Phase.RUN)
    assert evidence.raised.message == "shapes disagree: 2 and 3"


def test_an_exception_of_a_nested_class_is_named_with_its_module(prober):
    raised = prober.run("raise Outer.Odd('x')", module="class Outer:\n    class Odd(Exception): pass").raised
    assert raised.type.startswith("case_")
    assert raised.type.endswith("_breaks.Outer.Odd")


def test_a_traceback_shows_the_lines_of_case_and_library_and_no_folder_of_this_machine(prober, environment):
    trace = prober.run("import toy\ntoy.fail()  # here\nopen('x')").raised.traceback
    assert "toy.fail()  # here" in trace
    assert 'File "<env>/lib/python' in trace
    assert 'raise ValueError("shapes disagree: 2 and 3")' in trace
    for path in (environment.prefix, prober.folder, sys.base_prefix):
        assert str(path) not in trace
    assert "harness" not in trace


def test_an_exception_does_not_name_the_folder_in_which_a_variant_ran(prober):
    raised = prober.run("import os; raise ValueError('at ' + os.path.join(os.getcwd(), 'x'))").raised
    assert raised.message == "at <cell>/cwd/x"
    assert raised.traceback.splitlines()[-1] == "ValueError: at <cell>/cwd/x"


@pytest.mark.parametrize(
    ("body", "type_", "message"),
    [
        ("import sys; sys.exit(3)", "builtins.SystemExit", "3"),
        ("import sys; sys.exit()", "builtins.SystemExit", ""),
        ("raise KeyboardInterrupt", "builtins.KeyboardInterrupt", ""),
        ("raise GeneratorExit('x')", "builtins.GeneratorExit", "x"),
    ],
)
def test_leaving_by_an_exception_that_is_no_error_is_raising(prober, body, type_, message):
    evidence = prober.run(body)
    assert evidence.outcome is Outcome.RAISED
    assert (evidence.raised.type, evidence.raised.message) == (type_, message)


@pytest.mark.parametrize("what", ["raise RuntimeError", "raise SystemExit", "return 3", "return b'x'"])
def test_an_exception_that_cannot_be_shown_is_still_told(prober, what):
    odd = f"class Odd(Exception):\n    def __str__(self): {what}\n    __repr__ = __str__"
    raised = prober.run("raise Odd('x')", module=odd).raised
    assert raised.type.endswith(".Odd")
    assert raised.message.startswith("<str() of the exception raised ")


def test_a_huge_message_keeps_its_head_and_its_tail(prober):
    raised = prober.run("raise ValueError('head' + 'x' * 10_000_000 + 'tail')").raised
    assert raised.message.startswith("headxxx")
    assert raised.message.endswith("xxxtail")
    assert len(raised.message) < 9_000
    assert len(raised.traceback) < 33_000


def test_a_message_that_is_no_valid_unicode_is_kept_as_far_as_it_is(prober):
    assert prober.run(r"raise ValueError('bad \ud800 \udcff text')").raised.message == "bad ? ? text"


def test_a_chain_of_exceptions_is_told_in_full(prober):
    trace = prober.run(
        """
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error
        """
    ).raised.traceback
    assert trace.index("KeyError: 'first'") < trace.index("ValueError: second")


def test_a_recursion_without_end_is_raised(prober):
    evidence = prober.run("def deeper(): deeper()\ndeeper()")
    assert evidence.raised.type == "builtins.RecursionError"
    assert len(evidence.raised.traceback) < 33_000


# Crashed


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import os; os.abort()", "killed by SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", "killed by SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "killed by SIGTERM"),
        ("import os; os.kill(os.getpid(), 40)", "killed by signal 40"),
        ("import os; os._exit(0)", "exited with code 0"),
        ("import os; os._exit(3)", "exited with code 3"),
        ("import os; os._exit(70)", "exited with code 70"),
    ],
)
def test_a_process_that_ends_before_its_variant_has_crashed(prober, body, reason):
    evidence = prober.run(body)
    assert (evidence.outcome, evidence.raised) == (Outcome.CRASHED, None)
    assert evidence.reason == f"{reason} before the variant ended"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="since 3.12 Python guards its C stack by itself")
def test_a_stack_that_overflows_crashes(prober):
    deep = "import sys; sys.setrecursionlimit(10**8)\ndef deeper(_): return list(map(deeper, [0]))\ndeeper(0)"
    evidence = prober.run(deep)
    assert (evidence.outcome, evidence.reason[:17]) == (Outcome.CRASHED, "killed by SIGSEGV")


def test_the_log_of_a_crash_has_what_was_printed_and_the_line_where_it_happened(prober):
    log = prober.run("import ctypes\nprint('so far')\nctypes.string_at(0)").log
    assert log.startswith("so far\n")
    assert "Segmentation fault" in log
    assert "in failure" in log


def test_a_crash_and_a_hang_have_their_memory_and_time_noted(prober):
    crash = prober.run("x = bytearray(80 * 2**20); import os, time; time.sleep(0.2); os.abort()")
    hang = prober.run("x = bytearray(80 * 2**20); import time; time.sleep(60)", timeout=0.3)
    assert crash.peak_mib > 80
    assert hang.peak_mib > 80
    assert crash.seconds >= 0.2


def test_the_peak_memory_is_that_of_the_variant_alone(prober):
    large = prober.run("x = bytearray(150 * 2**20); del x").peak_mib
    small = prober.run("pass").peak_mib
    assert 3 < small < 100
    assert large - small > 140


def test_every_way_to_end_has_words():
    assert how_it_ended(-signal.SIGSEGV) == "killed by SIGSEGV"
    assert how_it_ended(-40) == "killed by signal 40"
    assert how_it_ended(3) == "exited with code 3"


# Timed out

HANGS = {
    "in Python": "while True: pass",
    "in C": "import time; time.sleep(60)",
    "in C without letting go of Python's lock": "import ctypes; ctypes.PyDLL(None).sleep(60)",
    "deaf to every signal that can be ignored": """
        import signal, time
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
        time.sleep(60)
        """,
    "with its output closed": "import os, time; os.close(1); os.close(2); time.sleep(60)",
    "while it is loaded": "pass",
    "printing without end": "while True: print('x' * 1000)",
}


@pytest.mark.parametrize("how", HANGS)
def test_a_variant_that_hangs_is_ended_in_time(prober, how):
    module = "import time; time.sleep(60)" if how == "while it is loaded" else ""
    case = prober.case(HANGS[how], module=module, timeout=0.3)
    started = time.monotonic()
    evidence = prober.session.run(case, "failure", client.Device(platform="cpu"))
    took = time.monotonic() - started
    assert (evidence.outcome, evidence.reason) == (Outcome.TIMED_OUT, "no end after 0.3 s")
    assert evidence.seconds == 0.3
    assert 0.3 <= took < (1.3 if evidence.isolation == "fork" else 3)


def test_what_a_variant_printed_before_it_hung_is_kept(prober):
    assert prober.run("import time; print('so far'); time.sleep(60)", timeout=0.3).log == "so far\n"


def test_a_variant_that_ends_leaves_its_unfinished_threads_behind(prober):
    body = "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()"
    case = prober.case(body)
    took = seconds_of(lambda: prober.session.run(case, "failure", client.Device(platform="cpu")))
    assert took < 5


# Logs


def test_both_streams_are_kept_in_the_order_of_writing(prober):
    body = "import sys\nfor n in range(3):\n    print('out', n)\n    print('err', n, file=sys.stderr)"
    assert " ".join(prober.run(body).log.split()) == "out 0 err 0 out 1 err 1 out 2 err 2"


def test_of_megabytes_of_output_the_head_and_the_tail_are_kept(prober):
    body = "print('first')\nfor n in range(40): print('x' * 100_000)\nprint('last')"
    log = prober.run(body).log
    assert log.startswith("first\nxxx")
    assert log.endswith("xxx\nlast\n")
    assert len(log) < 66_000
    assert " bytes left out ...]" in log


def test_output_that_is_no_utf_8_is_shown_as_far_as_it_is(prober):
    assert prober.run(r"import os; os.write(1, b'bad \xff\xfe text')").log == "bad \ufffd\ufffd text"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "en_US.ISO-8859-1"])
def test_any_character_can_be_printed_whatever_the_locale(prober, environment, monkeypatch, locale):
    monkeypatch.setenv("LC_ALL", locale)
    with Session(environment.target()) as session:
        body = r"print('\u2713 \U0001f40d'); import sys; assert sys.flags.utf8_mode"
        evidence = Prober(session, prober.folder / locale).run(body)
    assert (evidence.outcome, evidence.log) == (Outcome.RETURNED, "✓ 🐍\n")


def test_a_log_does_not_name_folders_of_this_machine(prober, environment):
    log = prober.run("import os, sys, toy; print(toy.__file__, os.path.join(os.getcwd(), 'x'))").log
    assert log.startswith("<env>/lib/python")
    assert log.endswith(" <cell>/cwd/x\n")


@pytest.mark.parametrize(
    "body",
    [
        "import sys; sys.stdout.close()",
        "import sys; sys.stdout.close(); sys.stderr.close()",
        "import os; os.close(0); os.close(1); os.close(2)",
        "import os; os.closerange(0, 256)",
        "import sys; sys.stdout = sys.stderr = None",
        "import io, sys; sys.stdout = io.StringIO(); sys.stdout.close()",
    ],
)
def test_a_variant_that_closes_its_output_can_still_return(prober, body):
    assert prober.run(body).outcome is Outcome.RETURNED


def test_a_variant_that_closes_its_output_can_still_raise(prober):
    assert prober.run("import os; os.closerange(0, 256); raise ValueError('x')").raised.message == "x"


# What is left behind


@pytest.mark.parametrize(
    "end", ["", "raise ValueError", "import os; os.abort()", "import time; time.sleep(60)"]
)
def test_a_process_that_a_variant_started_is_ended_with_it(prober, marker, end):
    deaf = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); "
    )
    body = f"""
        import subprocess, sys
        process = subprocess.Popen(
            [sys.executable, "-c", "{deaf}time.sleep(60)", "{marker}"], stdout=subprocess.PIPE
        )
        process.stdout.readline()
        {end}
        """
    took = seconds_of(lambda: prober.run(body, timeout=1))
    assert took < 8
    assert gone(marker, within=1)


def test_a_process_that_holds_the_output_does_not_hold_up_the_end(prober, marker):
    body = f'import subprocess; subprocess.Popen(["sh", "-c", "sleep 60; : {marker}"])'
    assert seconds_of(lambda: prober.run(body)) < 5
    assert gone(marker, within=1)


@pytest.mark.parametrize(
    "script", ["sleep 60", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"]
)
def test_a_process_that_left_the_group_with_the_output_does_not_hold_up_the_end(prober, marker, script):
    body = (
        f'import subprocess; subprocess.Popen(["sh", "-c", "{script}; : {marker}"], start_new_session=True)'
    )
    try:
        assert seconds_of(lambda: prober.run(body)) < 5
        assert prober.run("pass").outcome is Outcome.RETURNED
    finally:
        for process in running(marker):
            os.killpg(process, signal.SIGKILL)


def test_what_is_left_in_a_pipe_is_read_to_its_end_or_to_a_bound(monkeypatch):
    reader, writer = os.pipe()
    os.write(writer, b"rest")
    log = BoundedLog()
    drain(reader, log)
    assert log.text() == "rest"
    reader, again = os.pipe()
    monkeypatch.setattr("harness.probe.process.os.read", lambda descriptor, size: b"x" * size)
    drain(reader, log)
    os.close(writer)
    os.close(again)


def test_a_variant_that_closed_its_output_is_watched_at_ease(prober):
    body = """
        import os, time
        def ticks():
            with open(f"/proc/{os.getppid()}/stat") as stat:
                return sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
        os.close(1)
        os.close(2)
        before = ticks()
        time.sleep(0.5)
        raise ValueError((ticks() - before) / os.sysconf("SC_CLK_TCK"))
        """
    assert float(prober.run(body).raised.message) < 0.2


def test_of_a_variant_that_forks_the_first_process_is_heard(prober):
    body = """
        import os, time
        child = os.fork()
        if child == 0:
            raise ValueError("from below")
        os.waitpid(child, 0)
        """
    assert prober.run(body).outcome is Outcome.RETURNED


def test_what_comes_back_from_a_fork_does_not_speak_for_the_first_process(prober):
    body = """
        import os
        child = os.fork()
        if child == 0:
            return
        os.waitpid(child, 0)
        os._exit(0)
        """
    assert prober.run(body).outcome is Outcome.CRASHED


def test_a_variant_that_forked_has_not_ended_when_its_child_has(prober):
    body = """
        import os, time
        if os.fork() == 0:
            return
        time.sleep(0.3)
        raise ValueError("from above")
        """
    assert prober.run(body).raised.message == "from above"


# Without evidence


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_a_variant_that_kills_the_server_gives_no_evidence_and_the_next_one_runs(prober, number):
    body = f"import os, signal, time; os.kill(os.getppid(), signal.{number}); time.sleep(60)"
    case = prober.case(body)
    evidence = prober.session.run(case, "failure", client.Device(platform="cpu"))
    assert evidence.outcome is Outcome.UNAVAILABLE
    assert evidence.reason == f"while it ran, the probe ended (killed by {number})"
    assert not status_of(case.variants[0], evidence).is_evidence
    assert prober.run("pass").outcome is Outcome.RETURNED


def test_a_variant_that_stops_the_server_gives_no_evidence_and_is_ended(prober, marker, monkeypatch):
    monkeypatch.setattr(client, "SETUP_SECONDS", 0.5)
    monkeypatch.setattr(client, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(client, "CLOSE_SECONDS", 0.2)
    body = f"""
        import os, signal, subprocess, sys, time
        os.kill(os.getppid(), signal.SIGSTOP)
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", "{marker}"])
        """
    evidence = prober.run(body, timeout=0.1)
    assert evidence.outcome is Outcome.UNAVAILABLE
    assert evidence.reason == "while it ran, the probe did not answer within 0.7 s"
    assert gone(marker)
    monkeypatch.undo()
    assert prober.run("pass").outcome is Outcome.RETURNED


def test_a_record_that_cannot_be_written_is_no_crash(prober):
    """As on a full disk: what cannot be told is not told wrongly."""
    body = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    evidence = prober.run(body)
    assert (evidence.outcome, evidence.lack) == (Outcome.UNAVAILABLE, Lack.PROBE)
    assert "the record could not be written; is the disk full?" in evidence.reason
    assert prober.run("pass").outcome is Outcome.RETURNED


def test_no_outcome_of_a_process_that_says_nothing_is_failing_or_fixed(prober):
    assert prober.status("import os; os.abort()") is Status.CRASHED
    assert prober.status("import os; os._exit(0)") is Status.CRASHED
    assert prober.status("import time; time.sleep(60)", timeout=0.3) is Status.TIMEOUT
