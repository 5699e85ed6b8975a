"""How a case is loaded and called, and what of it reaches other cells: nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from toy.libraries import Prober, make_environment, tree_digest

from harness.device import parse_device
from harness.evidence import Outcome, Phase
from harness.probe.session import Session
from harness.verdict import Status

TOKENS = {
    "SECRET_TOKEN": "s3cret",
    "GITHUB_TOKEN": "s3cret",
    "AWS_SECRET_ACCESS_KEY": "s3cret",
    "PYTHONPATH": "/s3cret",
    "PYTHONWARNINGS": "error:s3cret",
    "PYTHONSTARTUP": "/s3cret",
    "UV_INDEX_URL": "https://user:s3cret@example.org",
    "LD_PRELOAD": "/s3cret.so",
    "XLA_FLAGS": "--s3cret",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return make_environment(tmp_path_factory.mktemp("variant") / "environment")


def probing(environment, folder, spawn=""):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TOKENS.items():
            if name != "LD_PRELOAD":  # the loader of every process of this test would complain
                patch.setenv(name, value)
        patch.setenv("HARNESS_PROBE_SPAWN", spawn)
        with Session(environment.target()) as session:
            yield Prober(session, folder)


@pytest.fixture(scope="module")
def prober(environment, tmp_path_factory):
    yield from probing(environment, tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="module", params=["fork", "spawn"])
def either(environment, tmp_path_factory, request):
    yield from probing(environment, tmp_path_factory.mktemp("cases"), "1" if request.param == "spawn" else "")


def message(evidence):
    assert evidence.raised is not None, evidence
    return evidence.raised.message


# Isolation


@pytest.mark.parametrize(
    ("pollute", "check"),
    [
        (
            "import toy; toy.STATE.append(1); toy.fail = None",
            "import toy; assert toy.STATE == [] and toy.fail",
        ),
        ("import os; os.environ['POLLUTED'] = '1'", "import os; assert 'POLLUTED' not in os.environ"),
        ("import os; os.environ.clear()", "import os; assert os.environ['PATH']"),
        ("open('file', 'w').close()", "import os; assert os.listdir() == []"),
        ("import os; os.chdir('/')", "import os; assert os.getcwd() != '/'"),
        ("import os; os.rmdir(os.getcwd())", "import os; assert os.listdir() == []"),
        (
            "import warnings; warnings.simplefilter('error')",
            "import warnings; warnings.warn('fine', DeprecationWarning); warnings.warn('fine too')",
        ),
        (
            "import random; random.seed(1)",
            "import random; assert random.random() != random.Random(1).random()",
        ),
        ("import builtins; builtins.hex = None", "assert hex(1) == '0x1'"),
        ("import sys; sys.path.clear(); sys.modules['toy'] = None", "import toy; assert toy.STATE == []"),
        ("import sys; sys.setrecursionlimit(50)", "import sys; assert sys.getrecursionlimit() == 1000"),
        (
            "import os; os.umask(0o777)",
            "open('x', 'w').close(); import os; assert os.stat('x').st_mode & 0o600",
        ),
        (
            "import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
            "import signal; assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL",
        ),
        ("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))", "open('x', 'w').close()"),
        (
            "import decimal; decimal.getcontext().prec = 2",
            "import decimal; assert decimal.getcontext().prec == 28",
        ),
        ("import sys; sys.stdout.close(); sys.stderr = None", "print('heard')"),
    ],
)
def test_what_a_variant_changes_reaches_no_other_cell(prober, pollute, check):
    assert prober.run(pollute).outcome is Outcome.RETURNED
    evidence = prober.run(check)
    assert evidence.outcome is Outcome.RETURNED, evidence.raised


def test_a_variant_runs_in_an_empty_folder_that_vanishes_with_all_it_wrote(either):
    body = """
        import os
        found = os.listdir()
        os.makedirs("deep/er")
        open("deep/er/file", "w").close()
        raise ValueError(f"{found} {os.getcwdb().hex()}")
        """
    found, told = message(either.run(body)).split()
    folder = Path(os.fsdecode(bytes.fromhex(told)))
    assert found == "[]"
    assert folder.is_absolute()
    assert not folder.parent.exists()


def test_a_variant_reads_nothing(either):
    body = "import os, sys; raise ValueError(repr((sys.stdin.read(), os.read(0, 9))))"
    assert message(either.run(body)) == "('', b'')"


def test_no_variable_that_could_hold_a_secret_or_change_a_library_reaches_a_case(either):
    seen = message(either.run("import os; raise ValueError(sorted(os.environ))"))
    for name in TOKENS:
        assert repr(name) not in seen
    assert "'PATH'" in seen
    assert "s3cret" not in message(either.run("import os; raise ValueError(dict(os.environ))"))
    assert "s3cret" not in message(either.run("import sys; raise ValueError(sys.path, sys.warnoptions)"))


def test_a_variant_cannot_write_to_the_client(either):
    body = """
        import os
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b'{"outcome": "returned"}\\n')
            except OSError:
                pass
        raise ValueError("mine")
        """
    assert message(either.run(body)) == "mine"
    assert message(either.run("raise ValueError('next')")) == "next"


# Loading


def test_a_case_is_a_module_of_its_own_name_and_no_script(either):
    body = """
        import sys
        assert sys.modules[__name__].failure is failure
        raise ValueError(f"{__name__} {sys.argv}")
        """
    evidence = either.run(body)
    name, argv = message(evidence).split(" ", 1)
    assert name.startswith("case_")
    assert argv == f"['{name[5:]}.py']"


def test_a_case_is_compiled_without_the_future_statements_of_the_probe(either):
    body = "raise ValueError(repr(annotated.__annotations__))"
    assert message(either.run(body, module="def annotated(x: int): pass")) == "{'x': <class 'int'>}"


def test_the_source_of_a_case_can_be_inspected(prober):
    body = "import inspect; raise ValueError(inspect.getsource(helper))"
    assert message(prober.run(body, module="def helper(): return 1")) == "def helper(): return 1\n"


def test_no_bytecode_is_written_beside_a_case(either):
    case = either.case("pass")
    before = tree_digest(either.folder)
    either.session.run(case, "failure", parse_device("cpu"))
    assert tree_digest(either.folder) == before


@pytest.mark.parametrize(
    ("module", "type_"),
    [
        ("raise ValueError('shapes disagree')", "builtins.ValueError"),
        ("def broken(:", "builtins.SyntaxError"),
        ("import nowhere", "builtins.ModuleNotFoundError"),
        ("raise SystemExit", "builtins.SystemExit"),
    ],
)
def test_what_the_module_of_a_case_raises_is_raised_in_loading(prober, module, type_):
    raised = prober.run("pass", module=module).raised
    assert (raised.type, raised.phase) == (type_, Phase.LOAD)
    assert "_breaks.py" in raised.traceback


def test_a_variant_that_is_not_there_is_raised_in_loading(either):
    raised = either.session.run(either.case("pass"), "fix_nothing", parse_device("cpu")).raised
    assert (raised.type, raised.phase) == ("builtins.AttributeError", Phase.LOAD)


# Seed


@pytest.mark.parametrize(
    ("signature", "decorator"),
    [
        ("seed", ""),
        ("seed=1", ""),
        ("*, seed", ""),
        ("*, seed=1", ""),
        ("other=1, *, seed: int = 1", ""),
        ("seed", "@functools.wraps"),
        ("seed", "@functools.partial"),
    ],
)
def test_a_variant_that_takes_a_seed_gets_it(prober, signature, decorator):
    module = "import functools\n"
    if decorator.endswith("wraps"):
        module += "def passing(f): return functools.wraps(f)(lambda *args, **kwargs: f(*args, **kwargs))\n"
        module += "@passing"
    elif decorator:
        module += decorator
    body = "raise ValueError(f'seed {seed}')"
    evidence = prober.run(body, seed=7, signature=signature, module=module)
    assert message(evidence) == "seed 7"
    assert evidence.seed == 7


@pytest.mark.parametrize("signature", ["", "other=0", "*args, **kwargs", "seeds=0", "*seed"])
def test_a_variant_that_takes_no_seed_gets_none(prober, signature):
    body = "seed = 'local'; raise ValueError(sorted(locals().items()))"
    evidence = prober.run(body, seed=7, signature=signature)
    assert "7" not in message(evidence)
    assert evidence.seed == 7


def test_a_variant_that_shows_no_signature_gets_no_seed(prober):
    module = "class Odd:\n    def __call__(self): raise ValueError('called')\n    __signature__ = 3\n"
    case = prober.case("pass", module=module)
    case = replace(case, text=case.text + "\nfailure = Odd()\n")
    assert message(prober.session.run(case, "failure", parse_device("cpu"))) == "called"


def test_a_symptom_in_loading_is_the_symptom_all_the_same(prober):
    assert prober.status("pass", module="raise ValueError('shapes disagree')") is Status.FAILING


def test_the_tokens_of_these_tests_are_in_the_environment_of_the_harness(prober):
    """Else the test above would say nothing."""
    assert os.environ["SECRET_TOKEN"] == "s3cret"
