"""`harness gate` as a team uses it: planted releases of a toy library, and projects that use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toy.libraries import make_environment, tree_digest
from toy.user import Project, harness, new_project

from harness.gate.records import FindingKind

pytestmark = pytest.mark.usefixtures("world")

USING = "import toy as t\n\n\ndef go():\n    return t.sample()\n"


@pytest.fixture
def project(tmp_path) -> Project:
    project = new_project(tmp_path / "corpus")
    (project.root / "README.md").write_text("<!-- compatibility:begin -->\n<!-- compatibility:end -->\n")
    return project


@pytest.fixture
def team(tmp_path, monkeypatch) -> Path:
    """A team's own repository, which knows nothing of the corpus."""
    folder = tmp_path / "team"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "model.py").write_text(USING)
    monkeypatch.chdir(folder)
    return folder


def gate(project: Project, *arguments: object):
    return project.harness("gate", "--python", "3.11", *arguments)


def answer(project: Project, team: Path, *arguments: object) -> tuple[int, dict]:
    """Exit code and JSON of a check."""
    said = gate(project, "--json", "gate.json", *arguments)
    assert "Traceback" not in said.out + said.err
    return said.code, json.loads((team / "gate.json").read_text())


def kinds(document: dict, effect: str | None = None) -> set[str]:
    return {f["kind"] for f in document["findings"] if effect in {None, f["effect"]}}


def test_an_upgrade_that_breaks_what_is_used_is_blocked(project, team):
    code, told = answer(project, team, "--from", "toy==2.0", "--to", "toy==1.0", "--uses", "src")
    assert code == 1
    assert told["verdict"] == "blocked"
    assert kinds(told, "block") == {"newly-failing"}
    (finding,) = [f for f in told["findings"] if f["kind"] == "newly-failing"]
    assert [(u["path"], u["line"], u["name"]) for u in finding["uses"]] == [("src/model.py", 5, "toy.sample")]
    assert "shapes disagree" in finding["symptom"]
    assert [remedy["variant"] for remedy in finding["remedies"]] == ["fix_pin"]


def test_an_upgrade_that_repairs_passes_and_says_so(project, team):
    code, told = answer(project, team, "--from", "toy==1.0", "--to", "toy==2.0")
    assert code == 0
    assert kinds(told) == {"refuted-remedy"}
    assert [each["case"] for each in told["repaired"]] == ["toy-7"]


def test_what_fails_in_the_only_state_is_a_warning_unless_the_policy_says_more(project, team):
    assert answer(project, team, "toy==1.0")[0] == 0
    (team / "policy.toml").write_text('known-failing = "block"\n')
    code, told = answer(project, team, "toy==1.0", "--policy", "policy.toml")
    assert code == 1
    assert kinds(told, "block") == {"known-failing"}


@pytest.mark.parametrize(
    ("version", "code", "kind"),
    [
        ("1.0", 0, "known-failing"),
        ("1.2", 1, "changed"),
        ("2.1", 0, None),
        ("3.0", 1, "changed"),
        ("3.1", 1, "changed"),
        ("4.0", 3, "no-evidence"),
    ],
)
def test_every_release_gets_the_verdict_that_was_planted(project, team, version, code, kind):
    ended, told = answer(project, team, f"toy=={version}")
    assert ended == code
    assert told["exit_code"] == code
    assert kinds(told) - {"refuted-remedy"} == ({kind} if kind else set())


def test_the_same_again_runs_nothing(project, team):
    first = answer(project, team, "toy==1.0")[1]
    assert len(project.ran()) == 3
    second = answer(project, team, "toy==1.0")[1]
    assert project.ran() == []
    assert (first["counts"]["ran"], second["counts"]["ran"], second["counts"]["stored"]) == (3, 0, 3)
    assert [f["fingerprint"] for f in first["findings"]] == [f["fingerprint"] for f in second["findings"]]


def test_what_the_matrix_measured_of_just_these_versions_counts(project, team):
    assert project.harness("matrix", "--env", "toy-1.0").code == 0
    project.ran()
    told = answer(project, team, "toy==1.0")[1]
    assert project.ran() == []
    assert told["counts"]["stored"] == 3


def test_rerun_counts_nothing_that_is_stored(project, team):
    answer(project, team, "toy==1.0")
    project.ran()
    answer(project, team, "toy==1.0", "--rerun")
    assert len(project.ran()) == 3


def test_an_edited_case_is_measured_again(project, team):
    answer(project, team, "toy==1.0")
    project.ran()
    project.case(title="The toy breaks badly.")
    answer(project, team, "toy==1.0")
    assert len(project.ran()) == 3


def test_the_files_of_a_check_do_not_pass_for_the_matrix(project, team):
    answer(project, team, "toy==1.0")
    listed = project.harness("show", "toy-7")
    assert "nothing measured yet" in listed.out


def test_an_interpreter_is_audited_and_never_written_to(project, team, tmp_path):
    environment = make_environment(tmp_path / "venv")
    before = tree_digest(environment.prefix)
    said = project.harness("gate", environment.prefix, "--uses", "src", "--json", "gate.json")
    assert said.code == 1, said  # this toy has no sample(): it fails in some other way
    assert tree_digest(environment.prefix) == before
    assert kinds(json.loads((team / "gate.json").read_text()), "block") == {"changed"}
    assert project.harness("gate", "--python", environment.python).code == 1


def test_versions_may_change_an_interpreter(project, team, tmp_path):
    environment = make_environment(tmp_path / "venv")
    said = project.harness("gate", "--from", environment.prefix, "--to", "toy==2.0", "--json", "gate.json")
    told = json.loads((team / "gate.json").read_text())
    assert told["after"]["packages"]["toy"] == "2.0", said
    assert [each["case"] for each in told["repaired"]] == ["toy-7"]


def test_a_requirements_file_is_a_state(project, team):
    (team / "requirements.txt").write_text("toy<2\n")
    code, told = answer(project, team, "requirements.txt")
    assert code == 1
    assert told["after"]["packages"]["toy"] == "1.2"
    _, told = answer(project, team, "--from", "requirements.txt", "--to", "toy==1.1")
    assert (told["before"]["packages"]["toy"], told["after"]["packages"]["toy"]) == ("1.2", "1.1")


def test_a_device_that_is_missing_is_no_evidence(project, team):
    code, told = answer(project, team, "toy==2.0", "--device", "cuda")
    assert code == 3
    assert kinds(told) == {"no-evidence"}
    assert told["verdict"] == "no evidence"


def test_no_policy_turns_a_blind_check_green(project, team):
    (team / "policy.toml").write_text('no-evidence = "allow"\nnothing-to-run = "allow"\n')
    assert answer(project, team, "toy==4.0", "--policy", "policy.toml")[0] == 3
    (team / "src" / "model.py").write_text("import json\n")
    assert answer(project, team, "toy==2.0", "--uses", "src", "--policy", "policy.toml")[0] == 3


def test_a_source_that_meets_no_case_is_no_silence(project, team):
    (team / "src" / "model.py").write_text("import toy\n\ntoy.other()\n")
    code, told = answer(project, team, "toy==1.0", "--uses", "src")
    assert code == 3
    (finding,) = told["findings"]
    assert finding["kind"] == "nothing-to-run"
    assert "meets none of the 1 selected cases" in finding["title"]
    assert project.ran() == []


def test_a_state_without_the_library_is_no_silence(project, team, tmp_path):
    environment = make_environment(tmp_path / "venv", toy=False)
    said = project.harness("gate", environment.prefix)
    assert said.code == 3
    assert "nothing was looked at" in " ".join(said.out.split())


def test_code_that_uses_a_library_that_is_not_there_is_told(project, team, tmp_path):
    environment = make_environment(tmp_path / "venv", toy=False)
    said = project.harness("gate", environment.prefix, "--uses", "src", "--json", "gate.json")
    assert said.code == 3
    assert kinds(json.loads((team / "gate.json").read_text())) == {"no-evidence"}


def test_an_acceptance_lets_pass_until_its_day(project, team):
    policy = team / "pyproject.toml"
    check = ("--from", "toy==2.0", "--to", "toy==1.0")
    accepted = '[[tool.harness.gate.accept]]\ncase = "toy-7"\nreason = "we pad"\nuntil = {}\n'
    policy.write_text(accepted.format("2999-01-01"))
    code, told = answer(project, team, *check)
    assert code == 0
    assert told["policy"] == "[tool.harness.gate] of pyproject.toml"
    policy.write_text(accepted.format("2020-01-01"))
    code, told = answer(project, team, *check)
    assert code == 1
    assert "stale-entry" in kinds(told)


def test_only_news_blocks_with_a_baseline(project, team):
    check = ("--from", "toy==2.0", "--to", "toy==1.0")
    assert answer(project, team, *check)[0] == 1
    (team / "gate.json").rename(team / "old.json")
    code, told = answer(project, team, *check, "--baseline", "old.json")
    assert code == 0
    assert all(f["in_baseline"] for f in told["findings"])
    code, told = answer(project, team, "--from", "toy==2.0", "--to", "toy==2.0", "--baseline", "old.json")
    assert code == 0
    assert told["gone"] == ["The toy breaks"]


def publish(project: Project) -> None:
    """Measure the default matrix and write its report."""
    assert project.harness("matrix").code == 0
    assert project.harness("report").code == 0
    project.ran()


def test_offline_answers_from_the_report_and_runs_nothing(project, team):
    assert "harness report" in gate(project, "toy==1.0", "--offline").sentence(3)
    publish(project)
    code, told = answer(project, team, "--from", "toy==2.0", "--to", "toy==1.0", "--offline")
    assert project.ran() == []
    assert code == 1
    (finding,) = [f for f in told["findings"] if f["kind"] == "newly-failing"]
    assert finding["basis"] == "inferred"
    assert "inferred failing" in finding["evidence"]
    code, told = answer(project, team, "toy==9.0", "--offline")
    assert code == 3
    assert kinds(told) == {"no-evidence"}


def test_the_cap_that_avoids_a_failure_is_told(project, team):
    publish(project)
    told = answer(project, team, "toy==1.0")[1]
    (finding,) = [f for f in told["findings"] if f["kind"] == "known-failing"]
    assert [each["requirement"] for each in finding["avoid"]] == ["toy>=1.2"]
    assert "toy 2.0" in finding["avoid"][0]["measured"]


def test_all_formats_are_written(project, team):
    names = {"markdown": "a.md", "sarif": "a.sarif", "junit": "a.xml"}
    options = [word for name, file in names.items() for word in (f"--{name}", file)]
    gate(project, "--from", "toy==2.0", "--to", "toy==1.0", *options)
    assert "blocked" in (team / "a.md").read_text().lower()
    assert json.loads((team / "a.sarif").read_text())["version"] == "2.1.0"
    assert (team / "a.xml").read_text().startswith("<?xml")


def test_the_command_in_the_answer_gives_the_answer_again(project, team, monkeypatch):
    told = answer(project, team, "--from", "toy==2.0", "--to", "toy==1.0", "--uses", "src", "-k", "7")[1]
    words = told["command"].split()
    assert words[:2] == ["harness", "gate"]
    said = harness("gate", "--root", project.root, *words[2:], "--json", "again.json")
    assert said.code == 1
    again = json.loads((team / "again.json").read_text())
    assert [f["fingerprint"] for f in again["findings"]] == [f["fingerprint"] for f in told["findings"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "one state"),
        (("--from", "toy==1.0"), "two with --from and --to"),
        (("--to", "toy==1.0"), "two with --from and --to"),
        (("toy==1.0", "--from", "toy==1.0", "--to", "toy==2.0"), "one state"),
        (("requirments.txt",), "is no file and no environment"),
        (("toy==77",), "nothing satisfies"),
        (("toy==1.0", "--uses", "nowhere"), "nowhere"),
        (("toy==1.0", "--policy", "nowhere.toml"), "nowhere.toml"),
        (("toy==1.0", "--baseline", "nowhere.json"), "nowhere.json"),
        (("toy==1.0", "--case", "toy-99"), "no case 'toy-99'"),
        (("toy==1.0", "--device", "abacus"), "unknown device"),
        (("toy>=1", "--offline"), "exact version"),
        (("toy===abc", "--offline"), "exact version"),
        (("toy==1.0", "toy==2.0", "--offline"), "pins toy to 1.0 and to 2.0"),
        (("toy==1.0;python_version<'3'",), "is no file and no environment"),
        (("~nosuchuser/x",), "is no file and no environment"),
        (("x" * 5000,), "is no file and no environment"),
        (("toy-1.0", "toy-2.0"), "are two states"),
        (("toy==1.0", "--json", "a", "--markdown", "a"), "two answers"),
    ],
)
def test_bad_input_is_one_sentence(project, team, arguments, words):
    publish(project)
    assert words in gate(project, *arguments).sentence(2)


def test_a_policy_that_names_an_unknown_case_is_refused(project, team):
    (team / "p.toml").write_text('[[rule]]\ncase = "toy-99"\naction = "allow"\n')
    assert "toy-99" in gate(project, "toy==1.0", "--policy", "p.toml").sentence(2)


def test_an_interpreter_and_a_state_are_two(project, team):
    for state in (("toy==1.0",), ("--from", "toy==1.0", "--to", "toy==2.0")):
        said = project.harness("gate", *state, "--python", team)
        assert "two states" in said.sentence(2)


def test_an_interpreter_is_of_the_python_that_it_is(project, team):
    assert "is of Python 3.11" in project.harness("gate", "current", "--python", "3.12").sentence(2)


def test_a_device_that_is_given_twice_is_one(project, team):
    told = answer(project, team, "toy==1.0", "--device", "cpu", "--device", "cpu")[1]
    assert told["devices"] == ["cpu"]
    assert len(project.ran()) == 3


def test_every_kind_of_finding_can_be_named_in_a_policy(project, team):
    (team / "p.toml").write_text("".join(f'{kind.value} = "warn"\n' for kind in FindingKind))
    assert answer(project, team, "toy==1.2", "--policy", "p.toml")[0] == 0


def test_a_deprecation_is_told_where_all_works(project, team, tmp_path):
    warns = "    warnings.warn('sample is old', DeprecationWarning)\n"
    text = f"import warnings\n\n\ndef sample():\n{warns}    return 3\n"
    environment = make_environment(tmp_path / "venv", toy=False)
    environment.install(text=text)
    project.harness("gate", environment.prefix, "--json", "gate.json")
    told = json.loads((team / "gate.json").read_text())
    (finding,) = [f for f in told["findings"] if f["kind"] == "deprecation"]
    assert "sample is old" in finding["title"]
