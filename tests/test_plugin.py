"""`pytest cases/` as a user runs it: a process of its own, the plugin found through its entry point."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from toy.cases import edited
from toy.project import CONFIG, toy_lock
from toy.user import BODIES, STORY, Project, Said, new_project, run, toy_world
from toy.wheels import write_wheel

from harness.environment.lock import LockFolder
from harness.store import Store

KNOWN = """
[[tool.harness.known]]
status = "unimportable"
where = ["toy==4.0"]
reason = "needs what is gone"
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory, uv_cache):
    with toy_world(tmp_path_factory.mktemp("world"), uv_cache) as index:
        dead = {"toy.py": "import os, sys\nsys.stderr.write('last words')\nos._exit(3)\n"}
        index.add(write_wheel(index.folder, "toy", "7.0", dead))
        yield index


@pytest.fixture
def project(world, tmp_path) -> Project:
    return new_project(tmp_path / "project")


@dataclass(frozen=True)
class Session:
    """What pytest said."""

    said: Said

    @property
    def code(self) -> int:
        return self.said.code

    @property
    def out(self) -> str:
        assert "Traceback (most recent call last)" not in self.said.err
        assert "INTERNALERROR" not in self.said.out
        return self.said.out

    @property
    def outcomes(self) -> dict[str, str]:
        """`file::variant[environment-device]` to outcome, in pytest's own words."""
        found = re.findall(r"^(PASSED|FAILED|XFAIL|XPASS|ERROR) cases/toy/(\S+)", self.out, re.MULTILINE)
        return {name: outcome for outcome, name in found}

    def line(self, outcome: str, name: str) -> str:
        """The line of an outcome in the short summary."""
        (line,) = (text for text in self.out.splitlines() if text.startswith(f"{outcome} cases/toy/{name}"))
        return line

    @property
    def counts(self) -> str:
        """The last line, without the time."""
        return self.out.strip().splitlines()[-1].strip("= ").partition(" in ")[0]

    def story(self, name: str) -> str:
        """What is told of a failure."""
        parts = re.split(
            r"^_{3,} (.*?) _{3,}$", self.out.partition("short test summary")[0], flags=re.MULTILINE
        )
        stories = dict(zip(parts[1::2], parts[2::2], strict=True))
        return stories[name]


def pytest_in(project: Project, *arguments: object, cwd: Path | None = None) -> Session:
    # Hypothesis takes longer to load than everything else together.
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    return Session(run([*command, *arguments], cwd=cwd or project.root))


def silent(number: str) -> str:
    """A header of a silent issue whose documented wrong value is 2.0."""
    header = edited('"bug"', '"silent"', edited('"ValueError"', '"AssertionError"', STORY))
    return edited("issues/7", f"issues/{number}", edited('"shapes disagree"', r'"got 2\\.0, not 3"', header))


WRONG = {
    "wrong exception": (STORY, {"failure": 'raise KeyError("shapes disagree")'}, "found changed: KeyError"),
    "wrong message": (
        STORY,
        {"failure": 'raise ValueError("[bold]no[/bold]")'},
        "found changed: ValueError: [bold]no",
    ),
    "nan": (
        silent("3"),
        {"failure": 'x = float("nan")\n    assert x == 3, f"got {x}, not 3"'},
        "got nan, not 3",
    ),
    "aborted": (STORY, {"failure": "import os\n    os.abort()"}, "found crashed: killed by SIGABRT"),
    "exited": (STORY, {"failure": "import os\n    os._exit(0)"}, "found crashed: exited with code 0"),
    "sys.exit": (STORY, {"failure": "raise SystemExit(0)"}, "found changed: SystemExit: 0"),
    "interrupted": (STORY, {"failure": "raise KeyboardInterrupt"}, "found changed: KeyboardInterrupt"),
    "skipped": (
        STORY,
        {"failure": "import unittest\n    raise unittest.SkipTest('no')"},
        "found changed: unittest",
    ),
    "hanging": (
        edited("= 2", "= 1", STORY),
        {"failure": "import time\n    time.sleep(60)"},
        "found timeout: no end after 1 s",
    ),
    "fixed": (STORY, {"failure": "pass"}, "found fixed"),
}
"""What must not pass for the documented failure: header, bodies, what is told."""

NUMBERS = {name: number for number, name in enumerate(WRONG, start=101)}


@pytest.fixture(scope="module")
def wrong(world, tmp_path_factory) -> Project:
    """One case beside the good one for everything that must not pass for an expected failure."""
    project = new_project(tmp_path_factory.mktemp("wrong") / "project", CONFIG + KNOWN)
    for name, (header, bodies, _) in WRONG.items():
        project.case(f"toy/{NUMBERS[name]}_wrong.py", header=header, bodies={**BODIES, **bodies})
    refuted = {"fix_pin": 'raise OSError("no")', "fix_hope": "pass"}
    project.case("toy/201_remedies.py", bodies={**BODIES, **refuted})
    lacking = edited('["toy"]\n\n', '["toy", "other>=1"]\n\n', STORY)
    project.case("toy/301_lacking.py", header=lacking)
    return project


@pytest.fixture(scope="module")
def session(wrong) -> Session:
    return pytest_in(wrong, "cases/", "--env", "toy-1.0", "-rA")


def test_an_expected_failure_is_xfailed_with_its_symptom(session):
    line = session.line("XFAIL", "7_breaks.py::failure[toy-1.0-cpu]")
    assert line.endswith(" - failing: ValueError: shapes disagree: 2 and 3")


def test_a_remedy_that_works_passes_and_one_that_is_refuted_is_xfailed(session):
    assert session.outcomes["7_breaks.py::fix_pin[toy-1.0-cpu]"] == "PASSED"
    line = session.line("XFAIL", "7_breaks.py::fix_hope[toy-1.0-cpu]")
    assert line.endswith(" - refuted: AssertionError: got 3, not 4")


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_the_documented_failure_fails(session, name):
    case = f"{NUMBERS[name]}_wrong.py::failure[toy-1.0-cpu]"
    assert session.outcomes[case] == "FAILED"
    story = session.story(f"toy-{NUMBERS[name]} failure[toy-1.0-cpu]")
    assert "expected failing, found " in story
    assert WRONG[name][2] in story


def test_a_failure_tells_what_is_documented_claimed_attested_and_seen(session):
    story = session.story(f"toy-{NUMBERS['wrong exception']} failure[toy-1.0-cpu]").strip().splitlines()
    assert story[0] == "expected failing, found changed: KeyError: 'shapes disagree'"
    assert story[1] == "documented: ValueError matching 'shapes disagree'"
    assert story[2] == "claim: Shows failure."
    assert re.fullmatch(r"attested: Python 3\.11\.\d+, toy 1\.0, on cpu", story[3])
    assert "KeyError: 'shapes disagree'" in story


def test_a_remedy_that_fails_or_that_works_against_the_case_fails(session):
    assert session.outcomes["201_remedies.py::fix_pin[toy-1.0-cpu]"] == "FAILED"
    assert "expected works, found refuted: OSError: no" in session.story("toy-201 fix_pin[toy-1.0-cpu]")
    assert session.outcomes["201_remedies.py::fix_hope[toy-1.0-cpu]"] == "FAILED"
    assert "expected refuted, found works" in session.story("toy-201 fix_hope[toy-1.0-cpu]")


def test_an_explained_gap_is_skipped_with_its_reason(session):
    assert "SKIPPED [3] " in session.out
    assert "no evidence, unsupported: the case needs other>=1, here is none" in session.out


def test_one_surprise_makes_the_whole_run_fail(session):
    assert session.code == 1
    assert session.counts == "12 failed, 11 passed, 3 skipped, 13 xfailed"


def test_runxfail_changes_nothing(wrong, session):
    again = pytest_in(wrong, "cases/", "--env", "toy-1.0", "-rA", "--runxfail")
    assert (again.code, again.outcomes, again.counts) == (session.code, session.outcomes, session.counts)


def test_two_workers_give_the_same_and_keep_the_evidence_in_a_store_that_is_named(wrong, session):
    options = ("--env", "toy-1.0", "-rA", "-n", "2", "--store", wrong.store)
    again = pytest_in(wrong, "cases/", *options)
    assert (again.code, again.outcomes, again.counts) == (session.code, session.outcomes, session.counts)
    cells = 3 * (len(WRONG) + 3)
    with Store(wrong.store) as store:
        assert len(store.rows()) == cells
    assert wrong.harness("matrix", "--env", "toy-1.0").summary.startswith(f"0 cells ran, {cells} unchanged")


def test_a_fixed_failure_passes(project):
    done = pytest_in(project, "cases/", "--env", "toy-2.0", "-rA")
    assert done.code == 0
    assert done.outcomes["7_breaks.py::failure[toy-2.0-cpu]"] == "PASSED"
    assert done.counts == "2 passed, 1 xfailed"


def test_a_clear_refusal_by_upstream_is_xfailed_where_the_case_says_so(project):
    project.locks("2.1")
    done = pytest_in(project, "cases/", "--env", "toy-2.1", "-rA", "-k", "failure")
    assert done.code == 0
    assert done.line("XFAIL", "7_breaks").endswith(" - rejected: NotImplementedError: give a shape")


@pytest.fixture(scope="module")
def gaps(world, tmp_path_factory) -> Session:
    """Environments that give no evidence, of which the last one's gap is known."""
    project = new_project(tmp_path_factory.mktemp("gaps") / "project", CONFIG + KNOWN)
    project.locks("4.0", "7.0", "unbuildable")
    LockFolder(path=project.root / "harness" / "locks").put(toy_lock("1.2", python="3.99"))
    names = ("0.9", "1.2", "7.0", "4.0")
    return pytest_in(project, "cases/", "-k", "failure", "-rA", *(f"--env=toy-{name}" for name in names))


@pytest.mark.parametrize(
    ("release", "told"),
    [
        ("7.0", "expected fixed, found unimportable: while it imported toy, the probe ended"),
        ("0.9", "found unbuildable: Because there are no versions of toy==0.9"),
        ("1.2", "there is no Python 3.99 on this machine; install it"),
    ],
)
def test_an_environment_that_gives_no_evidence_fails(gaps, release, told):
    assert gaps.outcomes[f"7_breaks.py::failure[toy-{release}-cpu]"] == "FAILED"
    assert told in gaps.story(f"toy-7 failure[toy-{release}-cpu]")


def test_a_known_gap_is_skipped(gaps):
    assert gaps.counts == "3 failed, 1 skipped, 8 deselected"
    assert "no evidence, unimportable: needs what is gone" in gaps.out


def test_a_missing_device_fails(project):
    done = pytest_in(project, "cases/", "--env", "toy-1.0", "--device", "cuda", "-rA")
    assert (done.code, done.counts) == (1, "3 failed")
    assert "expected works, found unsupported: " in done.story("toy-7 fix_pin[toy-1.0-cuda]")


def test_two_environments_and_two_devices_make_four_items_of_a_variant(project):
    options = ("--env", "toy-1.0", "--env", "toy-2.0", "--device", "cpu", "--device", "cpu+x64")
    done = pytest_in(project, "cases/", "-rA", "-k", "7_breaks and pin", *options)
    assert done.counts == "2 failed, 2 passed, 8 deselected"
    assert set(done.outcomes) == {
        f"7_breaks.py::fix_pin[toy-{release}-{device}]"
        for release in ("1.0", "2.0")
        for device in ("cpu", "cpu+x64")
    }


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_when_everything_is_skipped_that_is_no_success(project, workers):
    """By default cases run in the interpreter at hand, which has no toy."""
    done = pytest_in(project, "cases/", "-rs", *workers)
    assert (done.code, done.counts) == (3, "3 skipped")
    assert "no evidence, unsupported: the case needs toy, here is none" in done.out


def test_without_options_cases_run_in_the_interpreter_at_hand(project):
    needs = edited('dependencies = ["toy"]', 'dependencies = ["packaging"]', STORY)
    project.case(header=edited('refuted = ["toy"]', 'refuted = ["packaging"]', needs))
    done = pytest_in(project, "cases/", "-k", "fix_", "-rA")
    assert done.code == 0
    assert set(done.outcomes) == {"7_breaks.py::fix_pin[current-cpu]", "7_breaks.py::fix_hope[current-cpu]"}


def test_a_seed_reaches_the_variants_that_take_one(project):
    path = project.case(bodies={**BODIES, "fix_pin": "assert seed != 2, 'unlucky'"})
    path.write_text(edited("def fix_pin():", "def fix_pin(seed):", path.read_text()))
    done = pytest_in(project, "cases/", "--env", "toy-1.0", "-k", "fix_pin", "--seed", "2")
    assert done.code == 1
    assert "found refuted: AssertionError: unlucky" in done.out


@pytest.mark.parametrize(
    ("named", "text", "told"),
    [
        ("cases/toy/8_bad.py", "", "has no '# /// script' header closed by '# ///'; copy one from"),
        ("cases/", "", "has no '# /// script' header closed by '# ///'; copy one from cases/README.md."),
        ("cases/", None, "[tool.case] has the unknown key 'severity'; known are"),
    ],
)
def test_a_malformed_case_is_a_collection_error_of_one_sentence(project, named, text, told):
    path = project.case("toy/8_bad.py", header=edited('kind = "bug"', 'kind = "bug"\nseverity = 3', STORY))
    if text is not None:
        path.write_text(text)
    done = pytest_in(project, named, "--env", "toy-1.0")
    assert done.code == 2
    story = done.story("ERROR collecting cases/toy/8_bad.py").strip().splitlines()[0]
    assert story.startswith(f"{path}: ")
    assert told in story
    assert "Error:" not in done.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--env", "toy-9.9"), "the environment toy-9.9 has no lock; make one with `harness lock toy-9.9`."),
        (("--device", "gpu"), "unknown device 'gpu'; use cpu"),
    ],
)
def test_a_wrong_option_is_told_in_one_sentence(project, options, told):
    done = pytest_in(project, "cases/", *options)
    assert done.code == 2
    story = done.story("ERROR collecting cases/toy/7_breaks.py").strip().splitlines()
    assert told in story[0]


def test_a_case_file_that_is_gone_is_an_error(project):
    (project.root / "cases" / "toy" / "7_breaks.py").unlink()
    done = pytest_in(project, "cases/toy/7_breaks.py", "--env", "toy-1.0")
    assert done.code == 4
    assert "file or directory not found: cases/toy/7_breaks.py" in done.out + done.said.err


def test_other_python_tests_beside_the_cases_are_collected_as_ever(project):
    (project.root / "cases" / "test_notes.py").write_text("def test_one():\n    pass\n")
    header = "\n".join(f"# {line}" for line in ("/// script", "[tool.case]", "///"))
    (project.root / "test_headers.py").write_text(
        f'TEXT = """\n{header}\n"""\n\n\ndef test_two():\n    pass\n'
    )
    done = pytest_in(project, ".", "--env", "toy-1.0", "-rA")
    assert done.code == 0
    assert "PASSED cases/test_notes.py::test_one" in done.out
    assert "PASSED test_headers.py::test_two" in done.out
    assert done.counts == "3 passed, 2 xfailed"


def test_in_a_folder_without_a_project_the_plugin_is_silent(tmp_path):
    (tmp_path / "cases" / "toy").mkdir(parents=True)
    (tmp_path / "cases" / "toy" / "test_one.py").write_text("def test_one():\n    pass\n")
    done = pytest_in(Project(tmp_path))
    assert (done.code, done.counts) == (0, "1 passed")


def test_cases_are_found_from_any_folder(project, tmp_path):
    assert pytest_in(project, "--env", "toy-1.0", project.root / "cases", cwd=tmp_path).code == 0
