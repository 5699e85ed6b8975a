"""Policies: where they come from, what they say, and what is wrong with them."""

from __future__ import annotations

import os
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from toy.cases import HEADER, edited, make_case
from toy.gate import acceptance, finding

from harness.errors import UsageError
from harness.gate.policy import DEFAULTS, Policy, load_policy, severity
from harness.gate.records import Action, FindingKind

FEATURE = edited('kind = "bug"', 'kind = "feature"')
CASES = [
    make_case(),
    make_case("toy/99_older.py"),
    make_case("toy/8_missing.py", FEATURE),
    make_case("other/7_breaks.py", HEADER),
]
KNOWN = {case.id: case for case in CASES}
ALLOW, WARN, BLOCK = Action.ALLOW, Action.WARN, Action.BLOCK


def policy(tmp_path: Path, text: str, name: str = "policy.toml") -> Policy:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load_policy(path, tmp_path, CASES)


def action(found: Policy, **fields) -> Action:
    return found.action(finding(**fields), KNOWN)


def test_defaults_without_any_file(tmp_path):
    found = load_policy(None, tmp_path, CASES)
    assert found == Policy()
    assert (found.source, found.uses, found.devices, found.acceptances) == ("the defaults", (), (), ())
    blocking = {kind for kind in FindingKind if action(found, kind=kind) is BLOCK}
    assert blocking == {
        FindingKind.NEWLY_FAILING,
        FindingKind.FAILING_AGAIN,
        FindingKind.CHANGED,
        FindingKind.NO_EVIDENCE,
        FindingKind.NOTHING_TO_RUN,
    }
    assert all(action(found, kind=kind) is WARN for kind in set(FindingKind) - blocking)


@pytest.mark.parametrize("kind", FindingKind)
def test_a_missing_feature_breaks_nothing_by_default(kind):
    allowed = kind in (FindingKind.KNOWN_FAILING, FindingKind.REFUTED_REMEDY)
    expected = ALLOW if allowed else DEFAULTS[kind]
    assert action(Policy(), kind=kind, cases=("toy-8",), case_kind="feature") is expected


@pytest.mark.parametrize(
    ("kind", "wanted"), list(product(FindingKind, Action)), ids=lambda value: value.value
)
def test_every_kind_with_every_action(tmp_path, kind, wanted):
    found = policy(tmp_path, f'{kind.value} = "{wanted.value}"')
    assert action(found, kind=kind) is wanted
    assert {other: action(found, kind=other) for other in FindingKind if other is not kind} == {
        other: default for other, default in DEFAULTS.items() if other is not kind
    }


HERE = {
    "library": ('library = "toy"', {"cases": ("other-7",), "library": "other"}),
    "case": ('case = "toy-7"', {"cases": ("toy-99",)}),
    "case-kind": ('case-kind = "bug"', {"cases": ("toy-8",), "case_kind": "feature"}),
    "device": ('device = "cpu"', {"device": "cuda"}),
}
"""Of every scope: the criterion that the finding of the toys meets, and a finding that does not."""


@pytest.mark.parametrize("scope", HERE)
@pytest.mark.parametrize(
    ("kind", "wanted"), list(product(FindingKind, Action)), ids=lambda value: value.value
)
def test_every_kind_and_action_in_every_scope(tmp_path, kind, wanted, scope):
    criterion, elsewhere = HERE[scope]
    text = f'[[rule]]\n{criterion}\nkind = "{kind.value}"\naction = "{wanted.value}"'
    found = policy(tmp_path, text)
    assert action(found, kind=kind) is wanted
    assert action(found, kind=kind, **elsewhere) is action(Policy(), kind=kind, **elsewhere)
    for other in set(FindingKind) - {kind}:
        assert action(found, kind=other) is DEFAULTS[other]


def test_the_last_rule_that_holds_counts_and_beats_the_kind(tmp_path):
    rules = """
changed = "warn"
[[rule]]
library = "toy"
action = "block"
[[rule]]
case = "toy-7"
action = "allow"
[[rule]]
device = "cuda"
action = "warn"
"""
    found = policy(tmp_path, rules)
    changed = FindingKind.CHANGED
    assert action(found, kind=changed, cases=("other-7",), library="other") is WARN
    assert action(found, kind=changed, cases=("toy-99",)) is BLOCK
    assert action(found, kind=changed) is ALLOW
    assert action(found, kind=changed, device="cuda") is WARN


def test_a_rule_needs_all_that_it_names(tmp_path):
    text = '[[rule]]\nlibrary = "toy"\ndevice = "cuda"\nkind = "changed"\naction = "allow"'
    found = policy(tmp_path, text)
    assert action(found, kind=FindingKind.CHANGED, device="cuda") is ALLOW
    assert action(found, kind=FindingKind.CHANGED) is BLOCK
    assert action(found, device="cuda") is BLOCK


def test_users_rules_come_after_the_built_in_ones(tmp_path):
    features = {"kind": FindingKind.KNOWN_FAILING, "cases": ("toy-8",), "case_kind": "feature"}
    assert action(policy(tmp_path, 'known-failing = "block"'), **features) is ALLOW
    assert action(policy(tmp_path, '[[rule]]\ncase-kind = "feature"\naction = "block"'), **features) is BLOCK


def test_of_several_cases_the_one_that_asks_for_most_counts(tmp_path):
    found = policy(tmp_path, '[[rule]]\ncase = "toy-7"\naction = "allow"')
    both = {"kind": FindingKind.NO_EVIDENCE, "case_kind": ""}
    assert action(found, cases=("toy-7", "toy-99"), **both) is BLOCK
    assert action(found, cases=("toy-7",), **both) is ALLOW
    stricter = policy(tmp_path, 'no-evidence = "allow"\n[[rule]]\ncase-kind = "feature"\naction = "warn"')
    assert action(stricter, cases=("toy-7", "toy-8"), **both) is WARN


def test_without_cases_no_rule_about_a_case_holds(tmp_path):
    found = policy(tmp_path, '[[rule]]\ncase = "toy-7"\naction = "allow"')
    nothing = {"kind": FindingKind.NOTHING_TO_RUN, "cases": (), "library": "", "case_kind": "", "device": ""}
    assert action(found, **nothing) is BLOCK


def test_a_case_that_the_corpus_lost_is_judged_by_what_the_finding_says(tmp_path):
    found = policy(tmp_path, '[[rule]]\nlibrary = "toy"\naction = "warn"')
    assert action(found, cases=("toy-1",), library="toy") is WARN
    assert action(found, cases=("toy-1",), library="gone") is BLOCK


def test_actions_are_ordered():
    assert severity(ALLOW) < severity(WARN) < severity(BLOCK)


def test_acceptances_are_read(tmp_path):
    text = """
[[accept]]
case = "toy-7"
reason = "we pad the shapes"
until = 2026-03-31
[[accept]]
case = "toy-7"
reason = "we pad the shapes"
until = 2026-03-31
kind = "changed"
device = "cpu:1"
"""
    same = acceptance(kind=FindingKind.CHANGED, device="cpu")
    assert policy(tmp_path, text).acceptances == (acceptance(until=date(2026, 3, 31)), same)


def test_devices_are_written_in_one_way(tmp_path):
    found = policy(tmp_path, 'devices = ["cpu:1", "cpu:4+x64", "cuda"]')
    assert found.devices == ("cpu", "cpu:4+x64", "cuda")


def test_uses_lie_beside_the_policy(tmp_path, monkeypatch):
    (tmp_path / "team" / "deep").mkdir(parents=True)
    text = 'uses = ["src", "../shared", "/elsewhere/src"]'
    monkeypatch.chdir(tmp_path)
    assert policy(tmp_path / "team", text).uses == ("team/src", "shared", "/elsewhere/src")
    monkeypatch.chdir(tmp_path / "team" / "deep")
    assert policy(tmp_path / "team", text).uses == ("../src", "../../shared", "/elsewhere/src")


def test_uses_on_another_drive_are_whole(tmp_path, monkeypatch):
    def relpath(path, start):
        raise ValueError("path is on another drive")

    monkeypatch.setattr(os.path, "relpath", relpath)
    assert policy(tmp_path, 'uses = ["src"]').uses == ((tmp_path.resolve() / "src").as_posix(),)


GATE = '[tool.harness.gate]\nchanged = "warn"\n'


def test_the_nearest_pyproject_that_has_a_policy_counts(tmp_path, monkeypatch):
    inner = tmp_path / "project" / "package"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text('[project]\nname = "package"\n')
    (tmp_path / "project" / "pyproject.toml").write_text(f'{GATE}uses = ["src"]')
    (tmp_path / "pyproject.toml").write_text(GATE.replace("warn", "allow"))
    monkeypatch.chdir(inner)
    found = load_policy(None, Path(), CASES)
    assert action(found, kind=FindingKind.CHANGED) is WARN
    assert found.source == "[tool.harness.gate] of ../pyproject.toml"
    assert found.uses == ("../src",)
    monkeypatch.chdir(tmp_path / "project")
    assert load_policy(None, Path.cwd(), CASES).source == "[tool.harness.gate] of pyproject.toml"


def test_an_empty_table_ends_the_search(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "pyproject.toml").write_text("[tool.harness.gate]\n")
    (tmp_path / "pyproject.toml").write_text(GATE)
    assert action(load_policy(None, tmp_path / "inner", CASES), kind=FindingKind.CHANGED) is BLOCK


def test_broken_files_of_others_do_not_matter(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"[project\n\xff")
    assert load_policy(None, tmp_path, CASES) == Policy()


def test_a_broken_pyproject_that_may_have_a_policy_is_named(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.harness.gate]\nchanged = \n")
    with pytest.raises(UsageError, match=r"pyproject\.toml is not valid TOML .*; correct it\."):
        load_policy(None, tmp_path, CASES)


@pytest.mark.parametrize("name", ["pyproject.toml", "team.toml"])
def test_a_named_file_may_be_a_pyproject(tmp_path, name):
    found = policy(tmp_path, f'[project]\nname = "team"\n{GATE}', name)
    assert action(found, kind=FindingKind.CHANGED) is WARN
    assert found.source == f"[tool.harness.gate] of {(tmp_path / name).as_posix()}"


def test_a_named_file_is_called_as_the_user_called_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("policy.toml").write_text('changed = "warn"')
    assert load_policy(Path("policy.toml"), tmp_path, CASES).source == "policy.toml"


def test_a_named_file_beats_the_pyproject(tmp_path):
    (tmp_path / "pyproject.toml").write_text(GATE)
    assert action(policy(tmp_path, ""), kind=FindingKind.CHANGED) is BLOCK


RULE = '[[rule]]\ncase = "toy-7"\naction = "warn"\n'
ACCEPT = '[[accept]]\ncase = "toy-7"\nreason = "so it is"\nuntil = 2026-03-31\n'

WRONG = [
    ('changes = "warn"', "the policy has the unknown key 'changes'; known are newly-failing"),
    ('changed = "ignore"', "changed is 'ignore'; use allow, warn, block"),
    ("changed = true", "changed is True; use allow, warn, block"),
    ('changed = ["warn"]', r"changed is \['warn'\]; use allow"),
    ('uses = "src"', r"'uses' is no list of texts; write uses = \["),
    ('uses = [""]', "'uses' is no list of texts"),
    ("devices = [1]", "'devices' is no list of texts"),
    ('devices = ["gpu"]', "devices: unknown device 'gpu'; use cpu"),
    ('rule = "all"', r"'rule' is no list of tables; begin each with \[\[rule\]\]"),
    ("[rule]\n", "'rule' is no list of tables"),
    ("rule = [1]", "'rule' is no list of tables"),
    ("[accept]\n", r"'accept' is no list of tables; begin each with \[\[accept\]\]"),
    (RULE + "days = 3", "rule 1 has the unknown key 'days'; known are library, case"),
    (RULE + 'until = "x"', "rule 1 has the unknown key 'until'"),
    ('[[rule]]\ncase = "toy-7"', "rule 1 has no 'action'; add action ="),
    ('[[rule]]\naction = "warn"', "rule 1 does not say what it is about; give one or more of library"),
    (RULE.replace("warn", "stop"), "action of rule 1 is 'stop'; use allow, warn, block"),
    (RULE.replace("toy-7", "toy-1739"), "rule 1: there is no case 'toy-1739'; `harness list` shows the 4"),
    (RULE.replace('"toy-7"', "7"), "case of rule 1 is 7; write a text"),
    (RULE.replace("toy-7", ""), "case of rule 1 is ''; write a text"),
    (RULE + 'library = "toyota"', "rule 1: no case is of library 'toyota'; there are other, toy"),
    (RULE + 'library = ""', "library of rule 1 is ''; write a text"),
    (RULE + 'library = "other"', "rule 1: toy-7 is of another library or case-kind"),
    (RULE + 'case-kind = "silent"', "rule 1: toy-7 is of another library or case-kind"),
    (RULE + 'case-kind = "nuisance"', "case-kind of rule 1 is 'nuisance'; use bug, silent"),
    (RULE + 'kind = "bug"', "kind of rule 1 is 'bug'; use newly-failing"),
    (RULE + 'device = "gpu"', "device of rule 1: unknown device 'gpu'; use cpu"),
    (RULE + RULE + "x = 1", "rule 2 has the unknown key 'x'"),
    (ACCEPT + "days = 3", "accept 1 has the unknown key 'days'; known are case, reason"),
    (ACCEPT + 'action = "allow"', "accept 1 has the unknown key 'action'"),
    (ACCEPT.replace('case = "toy-7"\n', ""), "accept 1 has no 'case'; every acceptance needs case, reason"),
    (ACCEPT.replace('reason = "so it is"\n', ""), "accept 1 has no 'reason'"),
    (ACCEPT.replace("until = 2026-03-31\n", ""), "accept 1 has no 'until'"),
    (ACCEPT.replace("toy-7", "toy-1739"), "accept 1: there is no case 'toy-1739'; `harness list`"),
    (ACCEPT.replace("so it is", " \\t"), "reason of accept 1 is ' .t'; write a text that says something"),
    (ACCEPT.replace('"so it is"', "3"), "reason of accept 1 is 3; write a text"),
    (
        ACCEPT.replace("2026-03-31", '"2026-03-31"'),
        "until of accept 1 is no date; write a day without quotes",
    ),
    (ACCEPT.replace("2026-03-31", "2026-03-31T12:00:00Z"), "until of accept 1 is no date"),
    (ACCEPT.replace("2026-03-31", "12:00:00"), "until of accept 1 is no date"),
    (ACCEPT.replace("2026-03-31", "2026-02-31"), "not valid TOML"),
    (ACCEPT + 'kind = "broken"', "kind of accept 1 is 'broken'; use newly-failing"),
    (ACCEPT + 'kind = "nothing-to-run"', "accept 1: nothing-to-run cannot be accepted; leave 'kind' out"),
    (ACCEPT + 'kind = "stale-entry"', "accept 1: stale-entry cannot be accepted"),
    (ACCEPT + 'device = "gpu"', "device of accept 1: unknown device 'gpu'"),
    (ACCEPT + ACCEPT, "accept 2 accepts the same as an earlier one for toy-7; remove one"),
    (f'{ACCEPT}device = "cpu"\n{ACCEPT}device = "cpu:1"', "accept 2 accepts the same"),
    ("gate = ", "not valid TOML"),
    ('x = "' + "[" * 3, "not valid TOML"),
    ("x = " + "[" * 5000, "not valid TOML"),
    ("x = " + "1" * 5000, "not valid TOML"),
    ("tool = 3", r"\[tool.harness.gate\] lies in something that is no table; correct it"),
    ("[tool.harness]\ngate = 3", "the policy is no table; write keys and values"),
    (GATE + 'changes = "warn"', "the policy has the unknown key 'changes'"),
    (
        'changed = "allow"\n' + GATE,
        r"has 'changed' beside \[tool.harness.gate\]; write all of it in that table",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message[:50] for _, message in WRONG])
def test_what_is_wrong_is_named_with_file_and_way_out(tmp_path, text, message):
    with pytest.raises(UsageError, match=message) as caught:
        policy(tmp_path, text)
    said = str(caught.value)
    assert "policy.toml" in said
    assert said.endswith(".")
    assert "\n" not in said


def test_what_is_wrong_in_a_pyproject_names_the_table(tmp_path):
    (tmp_path / "pyproject.toml").write_text(GATE.replace("warn", "no"))
    with pytest.raises(UsageError, match=r"pyproject\.toml: \[tool\.harness\.gate\]: changed is 'no'; use"):
        load_policy(None, tmp_path, CASES)


def test_a_pyproject_without_the_table_is_no_policy(tmp_path):
    with pytest.raises(
        UsageError, match=r"pyproject\.toml has no \[tool\.harness\.gate\] table; add one, or"
    ):
        policy(tmp_path, '[project]\nname = "team"', "pyproject.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(
        UsageError, match=r"absent\.toml cannot be read \(No such file or directory\); name a"
    ):
        load_policy(tmp_path / "absent.toml", tmp_path, CASES)
    with pytest.raises(UsageError, match=r"cannot be read \(Is a directory\)"):
        load_policy(tmp_path, tmp_path, CASES)
    (tmp_path / "latin.toml").write_bytes(b'# caf\xe9\nchanged = "warn"')
    with pytest.raises(UsageError, match=r"latin\.toml is not valid TOML"):
        load_policy(tmp_path / "latin.toml", tmp_path, CASES)
