"""The bundle of a cell: a script that is its own lock, and a text that survives whatever is in a log."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from packaging.version import Version
from report_results import GIVING, evidence, raised, release, row, toy_case, toy_config

from harness.case import Case
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock
from harness.errors import UsageError
from harness.evidence import Deprecation, EnvironmentRecord, Evidence, Outcome
from harness.header import parse_case
from harness.judge import facts_of, judge
from harness.report.bundle.files import bundle_files
from harness.report.bundle.foreign import fenced
from harness.report.bundle.markdown import LIMIT, bundle_markdown
from harness.report.bundle.pins import dependencies, requirements_text
from harness.report.bundle.script import script_text
from harness.report.bundle.subject import Subject
from harness.report.places import without_places
from harness.verdict import Status

PACKAGES = {"toy": "1.0", "numpy": "1.26.0"}


def lock_of(record: EnvironmentRecord, **changes) -> Lock:
    fields = {
        "id": EnvironmentId(library="toy", version=Version("1.0")),
        "python": record.python,
        "as_of": record.as_of,
        "requested": ("toy==1.0",),
        "packages": record.packages,
    }
    return Lock(**{**fields, **changes})


def subject(
    found: Status | Evidence = Status.FAILING,
    variant: str = "failure",
    *,
    case: Case | None = None,
    device: str = "cpu",
    packages: dict[str, str] = PACKAGES,
    used: dict[str, str] | None = None,
    is_locked: bool = True,
    **record_changes,
) -> Subject:
    """A cell of the toy library; `used` is what was attested, the locked packages if none."""
    case = case or toy_case()
    record = release("1.0", **{"packages": packages, **record_changes})
    given = GIVING[found] if isinstance(found, Status) else found
    if given.attested is not None and not given.attested.versions:
        given = replace(given, attested=replace(given.attested, versions=packages if used is None else used))
    known = case.variant(variant)
    assert known is not None
    config = toy_config()
    return Subject(
        case=case,
        variant=known,
        record=record,
        row=row(case, record, given, variant, device),
        judgement=judge(known, facts_of(record, config), given, config),
        distribution="toy",
        lock=lock_of(record) if is_locked else None,
    )


def edited(text: str, **changes) -> Case:
    """The toy case with more text below it."""
    return parse_case(Path("cases/toy/1_x.py"), toy_case(**changes).text + text)


def header_of(script: str) -> dict:
    """What a reader of PEP 723 finds; the pattern is the one of that standard."""
    pattern = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
    (block,) = [found for found in re.finditer(pattern, script) if found["type"] == "script"]
    lines = block["content"].splitlines(keepends=True)
    return tomllib.loads("".join(line[2:] if line.startswith("# ") else line[1:] for line in lines))


def tokens(text: str) -> list:
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language, as GitHub's parser finds them."""
    return [token.content for token in tokens(text) if token.type == "fence" and token.info == language]


def page(text: str) -> str:
    """The rendered text without what stands in code, where nobody is called and nothing is a tag."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return re.sub(r"<(pre|code)\b.*?</\1>", "", html, flags=re.DOTALL)


def first_line(found: Subject) -> str:
    return bundle_markdown(found).splitlines()[0]


# The heading


@pytest.mark.parametrize(
    ("status", "variant", "said"),
    [
        (Status.FAILING, "failure", "failing in `toy-1.0` on `cpu`; the case says failing"),
        (Status.WORKS, "fix_keep", "works in `toy-1.0` on `cpu`; the case says works"),
        (Status.REFUTED, "fix_mask", "refuted in `toy-1.0` on `cpu`; the case says refuted"),
        (Status.FIXED, "failure", "fixed in `toy-1.0` on `cpu`, NOT AS EXPECTED: the case says failing"),
        (Status.REJECTED, "failure", "rejected in `toy-1.0` on `cpu`, NOT AS EXPECTED"),
        (Status.CHANGED, "failure", "changed in `toy-1.0` on `cpu`, NOT AS EXPECTED"),
        (Status.TIMEOUT, "failure", "timeout in `toy-1.0` on `cpu`, NOT AS EXPECTED"),
        (Status.CRASHED, "failure", "crashed in `toy-1.0` on `cpu`, NOT AS EXPECTED"),
        (Status.UNSUPPORTED, "failure", "NO EVIDENCE, unsupported in `toy-1.0` on `cpu`"),
        (Status.UNBUILDABLE, "failure", "NO EVIDENCE, unbuildable in `toy-1.0` on `cpu`"),
        (Status.UNIMPORTABLE, "failure", "NO EVIDENCE, unimportable in `toy-1.0` on `cpu`"),
        (Status.INVALID, "failure", "NO EVIDENCE, invalid in `toy-1.0` on `cpu`"),
    ],
)
def test_the_heading_says_the_issue_and_the_status_in_words(status, variant, said):
    assert first_line(subject(status, variant)).startswith("## [toy-1](https://example.org/toy/issues/1)")
    assert said in first_line(subject(status, variant))


def test_the_heading_of_a_cell_without_evidence_says_why():
    assert first_line(subject(Status.UNSUPPORTED)).endswith("the case would say failing: `no cuda here`")


def test_the_heading_of_a_remedy_names_it_and_who_recommends_it():
    assert ", `fix_mask` (ours): refuted in " in first_line(subject(Status.REFUTED, "fix_mask"))


@pytest.mark.parametrize("status", Status)
def test_the_status_is_explained_and_so_is_what_the_script_does(status):
    variant = {Status.WORKS: "fix_keep", Status.REFUTED: "fix_mask"}.get(status, "failure")
    text = bundle_markdown(subject(status, variant))
    assert f"\n*{status.value}*: " in text
    ends = {
        Status.FAILING: "It ends with `ValueError: the shapes disagree`.",
        Status.FIXED: "It ends with exit code 0: every assertion holds.",
        Status.WORKS: "It ends with exit code 0: every assertion holds.",
        Status.TIMEOUT: "It does not end; it was stopped after 60 s.",
        Status.CRASHED: "It takes its process along: `signal 11`.",
        Status.UNBUILDABLE: "These versions could not be installed: `no wheel`.",
        Status.UNSUPPORTED: "It was not run: `no cuda here`.",
    }
    assert ends.get(status, "It ") in text


# The script


def test_the_header_of_the_script_is_the_lock_and_nothing_of_this_project():
    script = script_text(subject())
    assert header_of(script) == {
        "requires-python": "==3.11.*",
        "dependencies": ["numpy==1.26.0", "toy==1.0"],
    }
    assert "tool.case" not in script
    assert ast.get_docstring(ast.parse(script)) == "The shape is kept."


def test_what_the_case_does_is_kept_to_the_letter():
    text = "\nX = '''\n\tif __name__ == \"__main__\":\n\f'''  # é\n\nif X:\n    failure()\n"
    script = script_text(subject(case=edited(text)))
    before = toy_case().text.partition("# ///\n")[2]
    assert before.rstrip() in script
    assert text.rstrip() in script


@pytest.mark.parametrize(
    "main",
    [
        'if __name__ == "__main__":\n    failure()\n    fix_keep()  # both\n',
        "if '__main__' == __name__: failure()\n",
        "if (__name__ ==\n    '__main__'):\n    failure()",
        "",
    ],
)
def test_only_the_variant_that_was_asked_for_runs(main):
    script = script_text(subject(Status.WORKS, "fix_keep", case=edited(f"\n\n{main}")))
    assert script.endswith('\n\n\nif __name__ == "__main__":\n    fix_keep()\n')
    assert script.count("__main__") == 1
    assert ast.parse(script)


def test_what_stands_below_the_old_main_block_still_runs_before_the_variant():
    script = script_text(subject(case=edited('\n\nif __name__ == "__main__":\n    failure()\nLATE = 1\n')))
    assert script.endswith('LATE = 1\n\n\nif __name__ == "__main__":\n    failure()\n')


def test_a_case_that_is_another_program_as_a_script_is_refused():
    case = edited('\nif __name__ == "__main__":\n    failure()\nelse:\n    X = 1\n')
    with pytest.raises(UsageError, match=r"1_x\.py: line \d+ has an else"):
        script_text(subject(case=case))


@pytest.mark.parametrize(
    ("signature", "call"),
    [
        ("seed: int", "fix_keep(seed=3)"),
        ("*, seed=0", "fix_keep(seed=3)"),
        ("x=1, seed=0", "fix_keep(seed=3)"),
        ("seed=0, /", "fix_keep()"),
        ("**seed", "fix_keep()"),
        ("", "fix_keep()"),
    ],
)
def test_a_stochastic_variant_gets_the_seed_that_was_used(signature, call):
    text = toy_case().text.replace("def fix_keep()", f"def fix_keep({signature})")
    case = parse_case(Path("cases/toy/1_x.py"), text)
    found = subject(evidence(seed=3), "fix_keep", case=case)
    assert script_text(found).endswith(f"    {call}\n")
    assert ("| seed | 3 |" in bundle_markdown(found)) == ("seed=3" in call)


JAX = {**PACKAGES, "jax": "0.4.38"}
CUDA = {**JAX, "jax-cuda12-plugin": "0.4.38"}


@pytest.mark.parametrize(
    ("device", "packages", "settings"),
    [
        ("cpu", JAX, {}),
        ("cpu", CUDA, {"JAX_PLATFORMS": "cpu"}),
        ("cpu+x64", JAX, {"JAX_ENABLE_X64": "1"}),
        ("cpu:4", JAX, {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=4"}),
        ("cuda", CUDA, {"JAX_PLATFORMS": "cuda,cpu", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}),
        ("cpu:4", PACKAGES, {}),
    ],
)
def test_the_script_sets_up_its_device_before_anything_is_imported(device, packages, settings):
    text = toy_case().text.replace(
        '"""\n\n\n', '"""\n\nfrom __future__ import annotations\n\nimport toy\n\n\n', 1
    )
    case = parse_case(Path("cases/toy/1_x.py"), text)
    script = script_text(subject(device=device, packages=packages, case=case))
    tree = compile(script, "script.py", "exec", ast.PyCF_ONLY_AST)
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)]
    statements = [ast.unparse(node) for node in top]
    said = [f"os.environ['{name}'] = '{value}'" for name, value in settings.items()]
    assert statements == [
        "from __future__ import annotations",
        *(["import os", *said] if settings else []),
        "import toy",
    ]


@pytest.mark.parametrize(
    ("device", "calls"),
    [
        ("cpu", []),
        ("cpu+x64", ["torch.set_default_dtype(torch.float64)"]),
        ("mps", ['torch.set_default_device("mps")']),
        ("cuda+x64", ["torch.set_default_dtype(torch.float64)", 'torch.set_default_device("cuda")']),
    ],
)
def test_a_case_of_torch_gets_its_device_of_torch(device, calls):
    text = toy_case().text.replace('["toy"]', '["toy", "torch"]', 1)
    case = parse_case(Path("cases/toy/1_x.py"), text)
    script = script_text(subject(device=device, packages={**PACKAGES, "torch": "2.13.0"}, case=case))
    assert [line for line in script.splitlines() if line.startswith("torch.")] == calls


# The lock


def test_a_local_build_is_named_by_its_public_version_and_that_is_said():
    found = subject(packages={**PACKAGES, "torch": "2.13.0"}, used={**PACKAGES, "torch": "2.13.0+cpu"})
    assert "torch==2.13.0" in dependencies(found)
    assert "+cpu" not in script_text(found)
    text = bundle_markdown(found)
    assert "> Measured with a local build: `torch` `2.13.0+cpu`." in text
    assert "differing from the lock" not in text, "the same release is no difference"


def test_a_difference_to_the_lock_is_told_loudly():
    found = subject(
        packages={"toy": "1.0", "numpy": "1.26.0", "jax": "0.4"},
        used={"toy": "1.0", "numpy": "2.0.0", "extra": "1"},
    )
    text = bundle_markdown(found)
    assert "> **The versions that were used are not those of the lock, which the script has:**" in text
    assert "`numpy` `2.0.0` in place of `1.26.0`" in text
    assert "`jax` `0.4` is missing" in text
    assert "`extra` `1` was there as well" in text
    assert "<summary>All 3 attested versions, differing from the lock</summary>" in text
    assert "DIFFERS FROM THE LOCK: numpy, locked 1.26.0, used 2.0.0" in text
    assert "numpy==1.26.0" in script_text(found)


def test_the_same_versions_as_the_lock_are_no_difference():
    assert "<summary>All 2 attested versions, as in the lock</summary>" in bundle_markdown(subject())


def test_of_an_interpreter_at_hand_the_versions_that_it_held_are_the_lock():
    held = {"toy": "1.0", "numpy": "2.0+mkl", "ppl-reproducers": "0.1", "own": "main", 'x"\n]': "1"}
    found = subject(used=held, is_locked=False, resolution="interpreter", library=None, python="3.12.4")
    assert header_of(script_text(found)) == {
        "requires-python": "==3.12.*",
        "dependencies": ["numpy==2.0", "toy==1.0"],
    }
    text = bundle_markdown(found)
    assert "> **Not built from a lock:** this is an interpreter that was at hand." in text
    assert "Left out of the script, because no index has them: `own`, `ppl-reproducers`," in text
    assert "With the versions that were held in its header." in text


def test_what_cannot_be_resolved_is_asked_for_as_it_was():
    found = subject(Status.UNBUILDABLE, packages={})
    refused = lock_of(found.record, packages={}, unresolvable="no way", requested=("toy==1.0", "x[y]"))
    script = script_text(replace(found, lock=refused))
    assert header_of(script) == {
        "requires-python": "==3.11.*",
        "dependencies": ["toy==1.0", "x[y]"],
        "tool": {"uv": {"exclude-newer": "2024-01-31T00:00:00Z"}},
    }


def test_the_requirements_file_has_the_same_versions_as_the_script():
    found = subject()
    _, *lines = requirements_text(found).splitlines()
    assert lines == header_of(script_text(found))["dependencies"] == ["numpy==1.26.0", "toy==1.0"]


# The text


def test_the_facts_are_in_one_table():
    found = subject(packages={**PACKAGES, "jax": "0.4", "zipp": "3"}, note="moved")
    rows = [line for line in bundle_markdown(found).splitlines() if line.startswith("| ")]
    assert rows == [
        "|  |  |",
        "| --- | --- |",
        "| environment | `toy-1.0` (period, the index as of 2024-01-31, moved) |",
        "| versions | `toy 1.0`, `jax 0.4`, `numpy 1.26.0` |",
        "| Python | 3.11.7 |",
        "| platform | here |",
        "| device | cpu x 1 |",
        "| precision | float32 |",
        "| duration | 0.12 s |",
        "| measured | 2025-05-01 10:00:00 UTC |",
    ]


def test_the_symptom_is_what_was_documented_and_what_was_seen():
    text = bundle_markdown(subject())
    symptom = text.partition("### Symptom\n")[2].partition("###")[0]
    assert "Documented: `ValueError` with a message that matches\n\n```text\nshapes disagree\n```" in symptom
    assert "Refused upstream: `TypeError`" in symptom
    assert symptom.endswith("Seen: `ValueError: the shapes disagree`.\n\n")


def test_the_script_the_command_and_the_record_can_be_taken_out_of_the_text():
    found = subject()
    text = bundle_markdown(found)
    assert blocks(text, "python") == [script_text(found)]
    assert blocks(text, "console") == ["$ uv run toy-1_toy-1.0.py\n"]
    (record,) = map(json.loads, blocks(text, "json"))
    assert (record["status"], record["expected"], record["agreement"]) == ("failing", "failing", "expected")


def test_the_record_has_all_that_is_stored():
    found = subject(
        evidence(log="said\n", deprecations=(Deprecation(category="C", message="m", module="x"),))
    )
    record = json.loads(bundle_files(found)["record.json"])
    assert Evidence.from_json(record["evidence"]) == found.evidence
    assert record["cell"] == {
        "case": "toy-1",
        "variant": "failure",
        "environment": "toy-1.0",
        "device": "cpu",
    }
    assert record["case"]["sha256"] == found.case.digest
    assert record["environment_key"] == found.record.key
    assert record["environment"]["packages"] == PACKAGES


def test_a_folder_has_the_same_as_files():
    found = subject(
        evidence(Outcome.RAISED, raised=raised("builtins.ValueError", "shapes disagree"), log="a\nb")
    )
    files = bundle_files(found)
    assert list(files) == [
        "README.md",
        "toy-1_toy-1.0.py",
        "requirements.txt",
        "log.txt",
        "traceback.txt",
        "record.json",
    ]
    assert files["README.md"] == bundle_markdown(found)
    assert files["toy-1_toy-1.0.py"] == script_text(found)
    assert (files["log.txt"], files["traceback.txt"]) == ("a\nb\n", "Traceback ...\n")


def test_the_files_of_a_cell_that_said_nothing_are_empty():
    files = bundle_files(subject(Status.UNBUILDABLE))
    assert (files["log.txt"], files["traceback.txt"]) == ("", "")


# What is too long


def long_subject(size: int, letter: str = "x", **changes) -> Subject:
    text = "first line\n" + letter * size + "\nlast line"
    found = replace(raised("builtins.ValueError", "shapes disagree " + letter * 8000), traceback=text)
    return subject(evidence(Outcome.RAISED, raised=found, log=text), **changes)


@pytest.mark.parametrize("size", [10_000, 33_000, 70_000])
@pytest.mark.parametrize("letter", ["x", "語", "y\n", "`", "\U0001f600", "]("])
def test_the_text_is_always_shorter_than_a_comment_may_be(size, letter):
    text = bundle_markdown(long_subject(size, letter))
    assert len(text) <= len(text.encode()) < LIMIT == 65_536
    assert blocks(text, "python") == [script_text(long_subject(size, letter))], "the script is never cut"
    assert text.count("first line\n") == 2
    assert text.count("\nlast line\n") == 2


def test_it_is_said_how_much_was_cut_from_the_middle():
    found = long_subject(70_000)
    (traceback, *_) = blocks(bundle_markdown(found), "text")[2:]
    (note,) = re.findall(r"\n\[\.\.\. (\d+) characters left out \.\.\.\]\n", traceback)
    whole = len(found.evidence.raised.traceback)
    assert len(traceback.rstrip("\n")) - len(f"\n[... {note} characters left out ...]\n") == whole - int(note)


def test_nothing_is_cut_that_has_room():
    text = bundle_markdown(long_subject(20_000))
    assert "left out" not in text
    assert bundle_files(long_subject(64_000))["log.txt"].count("x") == 64_000


def test_hundreds_of_packages_fit_as_well():
    many = {f"package-{number}": "1.0" for number in range(3_000)}
    found = long_subject(70_000, used=many)
    text = bundle_markdown(found)
    assert len(text.encode()) < LIMIT
    assert "and 2982 more.\n" in text


def test_a_case_that_is_too_long_by_itself_is_left_out_with_a_note():
    case = edited("\nX = '" + "x" * 70_000 + "'\n")
    text = bundle_markdown(subject(case=case))
    assert len(text.encode()) < LIMIT
    assert blocks(text, "python") == []
    assert re.search(r"The script has 70,\d{3} characters, too many for a comment; .* `--folder`\.\n", text)


# What is hostile

HOSTILE = (
    "\x1b[31mred\x1b[0m \x00 nul \ud800 \u202eevil\n"
    "</details></summary><script>alert(1)</script><!--\n"
    "```\n````text\n~~~\n@everyone see #12 and https://evil.example\n"
    + "`" * 70_000
    + "\n| a | b |\n# no heading\n<img src=x onerror=alert(1)>\n\rover\rwritten"
)


def hostile() -> Subject:
    found = replace(raised("evil.`Error|", HOSTILE), traceback=HOSTILE)
    given = evidence(
        Outcome.RAISED,
        raised=found,
        log=HOSTILE,
        measured_at=HOSTILE,
        deprecations=(Deprecation(category=HOSTILE, message=HOSTILE, module=HOSTILE),),
    )
    attested = replace(
        given.attested, platform=HOSTILE, python=HOSTILE, device=HOSTILE, precision=HOSTILE,
        versions={**PACKAGES, HOSTILE: HOSTILE}, origins={HOSTILE: HOSTILE},
    )  # fmt: skip
    case = edited("", title="@everyone: see #12 <b>bold</b> `code`")
    built = subject(replace(given, attested=attested), case=case, note=HOSTILE)
    return replace(built, row=replace(built.row, platform=HOSTILE))


def test_hostile_text_ends_no_block_and_makes_no_markup():
    text = bundle_markdown(hostile())
    assert len(text.encode()) < LIMIT
    assert blocks(text, "python") == [script_text(hostile())]
    html = page(text)
    assert re.findall(r"</?details>|</?summary>", html) == [
        "<details>", "<summary>", "</summary>", "</details>",
    ] * 4  # fmt: skip
    assert re.findall(r"<(?:script|img|b)\b", html) == []
    assert html.count("<h2>") == 1
    assert html.count("<h3>") == 2
    assert html.count("<table>") == 1
    assert html.count("<tr>") == 9


def test_hostile_text_calls_nobody():
    html = re.sub(r"<!-- -->", "\0", page(bundle_markdown(hostile())))
    assert re.findall(r"@\w", html) == []
    assert re.findall(r"#\d", html) == []
    assert "://evil" not in html


def test_hostile_text_leaves_no_control_codes():
    for name, text in bundle_files(hostile()).items():
        odd = {character for character in text if not character.isprintable() and character != "\n"}
        assert odd == set(), name
        assert text.encode()


def test_a_log_of_nothing_but_back_quotes_takes_no_room_from_what_matters():
    found = subject(evidence(log="a\n" + "`" * 70_000 + "\nb" * 10_000))
    assert bundle_files(found)["log.txt"].startswith("a\n[... 70000 back quotes ...]\nb\nb")
    assert "left out" not in bundle_markdown(found)


def test_a_fence_is_longer_than_any_in_its_text():
    assert fenced("a\n````\nb\n") == "`````text\na\n````\nb\n`````\n"
    assert fenced("plain", "json") == "```json\nplain\n```\n"


# Places of a machine


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('  File "/home/me/secret/pkg/mod.py", line 3', '  File "<...>/pkg/mod.py", line 3'),
        ('  File "/strange/root/pkg/my mod.py", line 3', '  File "<...>/pkg/my mod.py", line 3'),
        ('  File "C:\\Users\\me\\pkg\\mod.py", line 3', '  File "<...>/pkg/mod.py", line 3'),
        ("/strange/a/b.py:12: UserWarning: x", "<...>/a/b.py:12: UserWarning: x"),
        ("no such file: '/tmp/x1/params'", "no such file: '<...>/x1/params'"),
        ("see file:///home/me/notes/a.txt", "see file://<...>/notes/a.txt"),
        ("(/home/me/project/cases)", "(<...>/project/cases)"),
        ("in /Users/me/x and /var/folders/a/b", "in <...>/me/x and <...>/a/b"),
        ('  File "<env>/lib/home/a.py", line 3', '  File "<env>/lib/home/a.py", line 3'),
        ("https://example.org/home/me/x", "https://example.org/home/me/x"),
        ("a/b, 1/2 and ~/x/y", "a/b, 1/2 and ~/x/y"),
        ("/__w/pytorch/torch/csrc/a.cpp:836", "/__w/pytorch/torch/csrc/a.cpp:836"),
    ],
)
def test_a_place_on_a_machine_keeps_its_last_names_only(text, shown):
    assert without_places(text) == shown


def test_no_place_on_a_machine_is_in_any_file():
    place = "/home/me/secret/pkg/mod.py"
    found = replace(raised("builtins.ValueError", place), traceback=f'  File "{place}", line 1')
    given = evidence(Outcome.RAISED, raised=found, log=f"{place}:1: x", reason=place)
    given = replace(given, attested=replace(given.attested, versions=PACKAGES, origins={"toy": place}))
    for name, text in bundle_files(subject(given)).items():
        assert "secret" not in text, name
    assert "pkg/mod.py" in bundle_markdown(subject(given))
