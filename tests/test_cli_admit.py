"""`harness admit`: what counts as verified, what is written, and what is refused with what to do."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from bisect_world import BODIES, CONFIG, DRIFT, HEADER, bisect_world, failing_in, new_project
from jsonschema import Draft202012Validator
from toy.cases import edited
from toy.project import toy_lock
from toy.user import Project, Said

from harness.admit.document import schema_text
from harness.environment.ids import parse_environment_id
from harness.environment.lock import LockFolder

pytestmark = pytest.mark.usefixtures("world")

LITTLE = ("--repeat", 2, "--seeds", 3, "-n", 2)
KNOWN = """
[[tool.harness.known]]
status = "unbuildable"
where = ["toy==0.9"]
reason = "it is gone"
"""
GONE = {"failure": "import dep\n    dep.gone", "fix_pin": "pass"}


@pytest.fixture(scope="module")
def world(tmp_path_factory, uv_cache):
    with bisect_world(tmp_path_factory.mktemp("world"), uv_cache) as index:
        yield index


@pytest.fixture
def project(tmp_path) -> Project:
    """Only the period's environments, but for what a test adds."""
    return period_only(new_project(tmp_path / "project"))


def period_only(project: Project) -> Project:
    for path in (project.root / "harness" / "locks").glob("*@latest.txt"):
        path.unlink()
    return project


def admit(project: Project, *arguments: object) -> Said:
    return project.harness("admit", "toy-7", *LITTLE, *arguments)


def checked(project: Project, *arguments: object) -> Said:
    return project.harness("admit", "toy-7", "--check", *LITTLE, *arguments)


def path_of(project: Project):
    return project.root / "reports" / "admitted" / "toy-7.json"


def stored(project: Project) -> dict[str, Any]:
    return json.loads(path_of(project).read_text())


def said_of(said: Said) -> str:
    """The line of the result about the case."""
    return said.summary.removeprefix("toy-7: ")


def case_path(project: Project):
    return project.root / "cases" / "toy" / "7_breaks.py"


# Admitted


def test_a_fixed_case_is_admitted_with_its_evidence_and_nothing_runs_twice(project):
    before = case_path(project).read_bytes()
    said = admit(project)
    assert (said.code, said.err, said_of(said)) == (0, "", "admitted")
    assert case_path(project).read_bytes() == before
    found = stored(project)
    Draft202012Validator(json.loads(schema_text())).validate(found)
    assert [(s["kind"], s["failing"], s["right"]) for s in found["sides"]] == [
        ("introduced", "toy-1.2", "toy-1.1"),
        ("fixed", "toy-1.3", "toy-2.0"),
    ]
    assert [(c["kind"], c["before"], c["after"], c["culprits"]) for c in found["causes"]] == [
        ("introduced", "1.1", "1.2", ["toy"]),
        ("fixed", "1.3", "2.0", ["toy"]),
    ]
    assert {(r["variant"], r["environment"], r["runs"], r["status"]) for r in found["repeats"]} == {
        (variant, f"toy-{release}", 2, status)
        for release in ("1.1", "1.2", "1.3", "2.0")
        for variant, status in (
            ("fix_pin", "works"),
            ("failure", "failing" if release in ("1.2", "1.3") else "fixed"),
        )
    }
    text = path_of(project).read_text()
    project.ran()
    assert (admit(project).code, project.ran(), path_of(project).read_text()) == (0, [], text)
    assert (checked(project).code, project.ran()) == (0, [])


def test_an_answer_of_a_bisection_is_published_and_counts_again(project):
    admit(project)
    assert (project.root / "reports" / "bisect" / "toy-7.failure.json").exists()
    path_of(project).unlink()
    said = admit(project)
    assert (said.code, "suspects" in said.out) == (0, False)


def test_an_answer_about_another_text_does_not_count(project):
    admit(project)
    path = case_path(project)
    path.write_text(path.read_text() + "# a word\n")
    said = admit(project)
    assert (said.code, "suspects" in said.out) == (0, True)
    answer = json.loads((project.root / "reports" / "bisect" / "toy-7.failure.json").read_text())
    assert answer["digest"] == stored(project)["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_open_case_is_admitted_by_its_newest_release_and_without_a_bisection(project):
    project.case(header=edited(">=1.2,<2", "", HEADER), bodies=failing_in("True"))
    assert admit(project).code == 0
    found = stored(project)
    assert [(s["kind"], s["failing"], s["right"]) for s in found["sides"]] == [("open", "toy-2.1", None)]
    assert (found["causes"], {r["environment"] for r in found["repeats"]}) == ([], {"toy-2.1"})
    assert not (project.root / "reports" / "bisect").exists()


def test_a_drift_is_admitted_and_the_first_release_that_breaks_it_is_written(tmp_path):
    project = new_project(tmp_path / "project")
    path = project.case(header=DRIFT, bodies=GONE)
    before = path.read_text()
    said = admit(project)
    assert (said.code, said_of(said)) == (0, "admitted")
    issue = '# issue = "https://example.org/toy/issues/7"\n'
    assert path.read_text() == edited(issue, f'{issue}# introduced-by = ["dep==2.0"]\n', before)
    found = stored(project)
    assert [(c["kind"], c["culprits"]) for c in found["causes"]] == [("introduced", ["dep"])]
    assert found["origins"] == [{"kind": "introduced", "name": "dep==2.0"}]


def test_conditions_and_origins_are_written_at_once(tmp_path):
    project = new_project(tmp_path / "project")
    refuted = 'source = "documented"\nrefuted = ["toy"]\nraises = "AssertionError"\nmatch = "^no$"\n'
    path = project.case(
        header=edited('source = "documented"\n', refuted, DRIFT),
        bodies={**GONE, "fix_pin": 'import toy\n    assert toy.__version__ < "2", "no"'},
    )
    assert said_of(admit(project)) == "admitted"
    assert '# introduced-by = ["dep==2.0"]\n' in path.read_text()
    assert '# refuted = ["toy>=2.0"]\n' in path.read_text()


def test_a_release_that_a_drift_names_is_looked_for_where_no_answer_has_it(project):
    """The failure needs toy 1.2 and dep 2; the period's environments hold dep 1.0, which is right."""
    header = edited('kind = "drift"', 'kind = "drift"\nintroduced-by = "dep==2.0"', DRIFT)
    header = edited('"dep>=2"', '"toy<2", "dep>=2"', header)
    for version in ("1.0", "2.1"):
        lock = toy_lock(
            version,
            id=parse_environment_id(f"toy-{version}@latest"),
            as_of=None,
            packages={"toy": version, "dep": "3.0"},
        )
        LockFolder(path=project.root / "harness" / "locks").put(lock)
    body = 'import dep, toy\n    toy.__version__ >= "2" or dep.gone'
    project.case(header=header, bodies={**GONE, "failure": body})
    assert said_of(admit(project)) == "admitted"
    assert {origin["name"] for origin in stored(project)["origins"]} == {"dep==2.0"}


@pytest.mark.parametrize("claimed", ["toy", "toy<2", "toy>=3", "toy>=1.3"])
def test_a_condition_that_the_releases_contradict_is_written_and_nothing_else(project, claimed):
    path = project.case(header=edited("toy>=1.2,<2", claimed, HEADER), bodies=BODIES)
    before = path.read_text()
    said = admit(project)
    assert (said.code, said_of(said)) == (0, "admitted")
    assert 'toy-7: written as measured: failing = ["toy>=1.2,<2.0"]' in said.out
    assert path.read_text() == edited(f'failing = ["{claimed}"]', 'failing = ["toy>=1.2,<2.0"]', before)
    assert checked(project).code == 0


def test_where_a_remedy_does_not_work_is_written_too(project):
    refuted = 'source = "documented"\nrefuted = ["toy"]\nraises = "AssertionError"\nmatch = "^no$"\n'
    path = project.case(
        header=edited('source = "documented"\n', refuted, HEADER),
        bodies={**BODIES, "fix_pin": 'import toy\n    assert toy.__version__ in ("1.0", "2.1"), "no"'},
    )
    assert said_of(admit(project)) == "admitted"
    assert '# refuted = ["toy>=1.1,<2.1"]\n' in path.read_text()


def test_all_cases_are_admitted_together_and_told_apart(project):
    project.case("toy/8_other.py", header=edited("issues/7", "issues/8", HEADER), bodies=failing_in("False"))
    said = project.harness("admit", "--all", *LITTLE)
    assert said.code == 1
    assert said.out.splitlines()[-2] == "toy-7: admitted"
    assert said.summary.startswith("toy-8: not admitted: failure fails nowhere")


# Refused


def refused(project: Project, code: int = 1) -> str:
    said = admit(project)
    assert (said.code, said.err, path_of(project).exists()) == (code, "", False)
    return said_of(said).removeprefix("not admitted: ")


def test_another_symptom_is_refused_with_what_was_seen(project):
    project.case(header=HEADER, bodies=failing_in("v in {(1, 2)}", changed_in="v == (1, 3)"))
    assert refused(project) == (
        "failure is changed and not failing in toy-1.3 (TypeError: it takes no shape); "
        "raises and match must say what is seen where it fails."
    )


def test_a_case_that_fails_nowhere_is_refused(project):
    path = project.case(header=HEADER, bodies=failing_in("False"))
    before = path.read_text()
    assert refused(project).startswith("failure fails nowhere in the default matrix; add environments")
    assert path.read_text() == before


def test_a_fix_that_is_in_no_release_is_refused(project):
    header = edited('kind = "bug"', 'kind = "bug"\nfixed-by = "https://example.org/toy/pull/9"', HEADER)
    project.case(header=edited(">=1.2,<2", "", header), bodies=failing_in("True"))
    assert refused(project).startswith("fixed-by names https://example.org/toy/pull/9, and nothing is right")


def test_a_remedy_that_ends_the_probe_was_never_tried(project):
    body = "import os, signal\n    os.kill(os.getppid(), signal.SIGKILL)"
    project.case(header=HEADER, bodies={**BODIES, "fix_pin": body})
    assert refused(project, 3).startswith("no evidence in toy-1.0, toy-1.1, toy-1.2 and 3 more: unbuildable")


def test_a_remedy_without_its_symptom_in_the_header_is_refused(project):
    project.case(header=HEADER, bodies={**BODIES, "fix_pin": 'raise ValueError("no")'})
    assert refused(project) == (
        "fix_pin is refuted and not works in toy-1.0, toy-1.1, toy-1.2 and 3 more (ValueError: no); "
        "write refuted, and raises and match of how it fails."
    )


def test_a_case_that_comes_and_goes_is_refused(project, tmp_path):
    mark = tmp_path / "mark"
    body = (
        "import os, toy\n"
        f"    if toy.__version__ == '1.3' and os.path.exists({str(mark)!r}):\n"
        "        return\n"
        f"    toy.__version__ == '1.3' and open({str(mark)!r}, 'w').close()\n"
        "    assert toy.sample() == 3"
    )
    project.case(header=HEADER, bodies={**BODIES, "failure": body})
    told = refused(project)
    assert told == (
        "failure in toy-1.3 comes and goes (disagrees with itself: failing 1 times, fixed 1 times); "
        "let it depend on nothing outside."
    )


def test_a_variant_that_depends_on_its_seed_is_refused(project):
    path = project.case(header=HEADER, bodies={**BODIES, "fix_pin": "assert seed != 2, 'unlucky'"})
    path.write_text(edited("def fix_pin():", "def fix_pin(seed):", path.read_text()))
    told = refused(project)
    assert told.startswith("fix_pin in toy-1.2 depends on the seed (disagrees with itself: works 2 times, ")
    assert "make it hold for every seed." in told


def test_a_seed_that_changes_nothing_is_admitted_with_as_many_runs(project):
    path = project.case(header=HEADER, bodies={**BODIES, "fix_pin": "assert seed < 9"})
    path.write_text(edited("def fix_pin():", "def fix_pin(seed):", path.read_text()))
    assert admit(project).code == 0
    assert {(r["variant"], r["takes_seed"], r["runs"]) for r in stored(project)["repeats"]} == {
        ("failure", False, 2),
        ("fix_pin", True, 3),
    }


def test_a_change_that_a_dependency_makes_is_refused(tmp_path):
    project = new_project(tmp_path / "project")
    project.case(header=edited('kind = "drift"', 'kind = "bug"', DRIFT), bodies=GONE)
    (project.root / "pyproject.toml").write_text(CONFIG)
    for version in ("1.1", "1.2", "1.3", "2.0", "2.1"):
        (project.root / "harness" / "locks" / f"toy-{version}@latest.txt").unlink()
    lock = toy_lock("2.1", as_of="2025-01-01", packages={"toy": "2.1", "dep": "3.0"})
    LockFolder(path=project.root / "harness" / "locks").put(lock)
    told = refused(project)
    assert told == (
        "dep and not toy makes the change from 2.0 to 2.1; make it a drift whose introduced-by names its "
        "release, or a case of that library."
    )


def test_what_depends_on_another_package_must_be_written_by_its_author(tmp_path):
    project = new_project(tmp_path / "project")
    project.case(header=edited('"dep>=2"', '"toy"', DRIFT), bodies=GONE)
    assert refused(project).endswith(
        "releases of the library alone do not explain it: write into failing what does."
    )


def test_an_environment_that_cannot_be_built_must_be_explained(project):
    lock = toy_lock("0.9", packages={}, unresolvable="no toy 0.9")
    LockFolder(path=project.root / "harness" / "locks").put(lock)
    told = refused(project, 3)
    assert told.startswith("no evidence in toy-0.9: unbuildable (")
    config = project.root / "pyproject.toml"
    config.write_text(config.read_text() + KNOWN)
    assert admit(project).code == 0
    assert {(gap["environment"], gap["reason"]) for gap in stored(project)["gaps"]} == {
        ("toy-0.9", "it is gone")
    }


def test_an_interpreter_that_is_missing_is_missing_evidence(project):
    LockFolder(path=project.root / "harness" / "locks").put(toy_lock("0.8", python="3.99"))
    assert refused(project, 3).startswith("no evidence in toy-0.8: not measured; measure there")


def test_a_header_that_cannot_be_changed_alone_is_refused_with_what_to_write(project):
    path = project.case(header=edited('["toy>=1.2,<2"]', '[\n  "toy",   # all\n]', HEADER), bodies=BODIES)
    before = path.read_text()
    assert refused(project) == (
        'failing cannot be changed without touching other lines; write failing = ["toy>=1.2,<2.0"] yourself.'
    )
    assert path.read_text() == before


def test_an_admission_that_a_repeat_refutes_is_taken_away(project, tmp_path):
    switch = tmp_path / "switch"
    body = f"import os, toy\n    assert toy.sample() == 3 and not os.path.exists({str(switch)!r}), 'late'"
    project.case(header=HEADER, bodies={**BODIES, "failure": body})
    assert admit(project).code == 0
    switch.touch()
    said = project.harness("admit", "toy-7", "--repeat", 3, "--seeds", 3)
    assert (said.code, path_of(project).exists()) == (1, False)


# Checked


def test_nothing_that_is_stored_is_missing_evidence(project):
    said = checked(project)
    assert (said.code, project.ran()) == (3, [])
    assert said_of(said) == (
        "not admitted: there is no evidence in reports/admitted; run `harness admit toy-7`."
    )


@pytest.fixture(scope="module")
def admitted(world, tmp_path_factory) -> tuple[Project, bytes]:
    project = period_only(new_project(tmp_path_factory.mktemp("admitted") / "project"))
    assert admit(project).code == 0
    return project, path_of(project).read_bytes()


@pytest.fixture
def again(admitted) -> Project:
    """An admitted project, put back after a test has spoilt it."""
    project, text = admitted
    case, locks = case_path(project), project.root / "harness" / "locks"
    kept = {path: path.read_bytes() for path in (case, *locks.iterdir())}
    yield project
    for path in locks.iterdir():
        path.unlink()
    for path, content in {**kept, path_of(project): text}.items():
        path.write_bytes(content)


def objection(project: Project, *arguments: object) -> str:
    said = checked(project, *arguments)
    assert said.code == 1
    return said_of(said).removeprefix("not admitted: ")


def test_a_text_that_was_edited_since_does_not_count(again):
    path = case_path(again)
    path.write_text(path.read_text() + "# a word\n")
    assert objection(again) == "its text was changed since; run `harness admit toy-7`."


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"runs": 2', '"runs": 20', 1),
        lambda text: text.replace('"status": "works"', '"status": "refuted"', 1),
        lambda text: text.replace('"toy-1.0",', "", 1),
        lambda text: text.replace('"repeat": 2', '"repeat": 10'),
    ],
)
def test_evidence_that_was_changed_by_hand_does_not_count(again, spoil):
    path = path_of(again)
    spoilt = spoil(path.read_text())
    assert spoilt != path.read_text()
    path.write_text(spoilt)
    assert objection(again) == "toy-7.json was changed by hand; make it anew with `harness admit`."


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"schema": 1}', "\x00", "[" * 9999])
def test_damaged_evidence_does_not_count(again, text):
    path_of(again).write_text(text)
    assert objection(again) == "toy-7.json is damaged or no admission; make it anew with `harness admit`."


def test_evidence_of_another_schema_does_not_count(again):
    path = path_of(again)
    path.write_text(edited('"schema": 1', '"schema": 2', path.read_text()))
    assert objection(again).startswith("toy-7.json has another schema (this one reads 1)")


def test_evidence_of_another_case_does_not_count(again):
    again.case("toy/8_other.py", header=edited("issues/7", "issues/8", HEADER), bodies=BODIES)
    (path_of(again).with_name("toy-8.json")).write_bytes(path_of(again).read_bytes())
    said = again.harness("admit", "toy-8", "--check", *LITTLE)
    (again.root / "cases" / "toy" / "8_other.py").unlink()
    assert (said.code, said.summary) == (
        1,
        "toy-8: not admitted: its text was changed since; run `harness admit toy-8`.",
    )


def test_another_lock_a_new_one_and_one_that_is_gone_make_an_admission_stale(again):
    locks = LockFolder(path=again.root / "harness" / "locks")
    locks.put(toy_lock("1.1", packages={"toy": "1.1", "dep": "2.0"}))
    locks.put(toy_lock("2.2"))
    (locks.path / "toy-1.0.txt").unlink()
    assert objection(again) == (
        "the lock of toy-1.0, toy-1.1, toy-2.2 is another one since; run `harness admit toy-7`."
    )


@pytest.mark.parametrize(("option", "number"), [("--repeat", 3), ("--seeds", 4)])
def test_fewer_runs_than_are_asked_for_do_not_count(again, option, number):
    assert objection(again, option, number) == ("it ran 2 times and with 3 seeds; run `harness admit toy-7`.")


# Fewer runs than before


@pytest.mark.parametrize(("option", "number"), [("--repeat", 1), ("--seeds", 2)])
def test_an_admission_of_fewer_runs_takes_no_fuller_ones_place(again, option, number):
    before = path_of(again).read_bytes()
    said = admit(again, option, number)
    assert (said.code, said_of(said)) == (0, "admitted")
    assert "toy-7: its stored admission, of more runs, stays" in said.out
    assert path_of(again).read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "options", "kept"),
    [
        ("case", ("--repeat", 1), (1, 3)),  # of another text
        ("admission", ("--repeat", 1), (1, 3)),  # changed by hand
        ("nothing", ("--repeat", 3), (3, 3)),
        ("nothing", ("--repeat", 1, "--seeds", 4), (1, 4)),  # more of the one, less of the other
    ],
)
def test_an_admission_that_does_not_hold_or_has_less_is_replaced(again, spoil, options, kept):
    path = {"case": case_path(again), "admission": path_of(again)}.get(spoil)
    if path:
        path.write_text(edited("issues/7", "issues/07", path.read_text()) if spoil == "case" else "{}")
    said = admit(again, *options)
    assert (said.code, "stays" in said.out) == (0, False)
    found = stored(again)
    assert (found["repeat"], found["seeds"]) == kept


# Wrong usage


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name the cases to admit, or give --all; `harness list` shows them."),
        (["toy-7", "--all"], "name the cases to admit, or give --all; `harness list` shows them."),
        (["toy-9"], "there is no case 'toy-9'; `harness list` shows the 1 case ids."),
        (["toy-9", "--check"], "there is no case 'toy-9'; `harness list` shows the 1 case ids."),
        (["toy-7", "--repeat", "0"], "Invalid value for '--repeat': 0 is not in the range x>=1."),
    ],
)
def test_wrong_usage_is_one_sentence(project, arguments, said):
    assert project.harness("admit", *arguments).sentence(2) == said


def test_a_repository_that_is_none_is_the_problem_of_the_case(project):
    said = admit(project, "--repo", f"toy={project.root}")
    assert said.code == 1
    assert str(project.root) in said.summary
