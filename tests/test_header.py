"""Every way in which a header can be wrong, and what it says when it is right."""

from __future__ import annotations

import datetime
import json
import math
import re
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy.cases import HEADER, block, body, case_text, edited, make_case, write_case

from harness.case import Case, Kind, Source
from harness.errors import UsageError
from harness.header import DEFAULT_TIMEOUT, has_header, parse_case, read_case

REFUTED = HEADER + 'raises = "TypeError"\nmatch = "no such"\nrefuted = ["toy>=1"]\n'
REJECTED = HEADER + (
    '\n[tool.case.rejected]\nraises = "NotImplementedError"\n'
    'match = "is not supported"\nrejected = ["toy>=3"]\n'
)


PULL = "https://example.org/toy/pull/9"


def complaint(text: str, name: str = "toy/7_breaks.py") -> str:
    """What is said about a malformed case; one sentence that starts with the file."""
    with pytest.raises(UsageError) as caught:
        parse_case(Path(name), text)
    message = str(caught.value)
    assert message.startswith(f"{Path(name)}: ")
    assert len(message.splitlines()) == 1
    assert message.endswith(".")
    return message


def until(table: str) -> str:
    """The header up to, and without, one of the case's tables."""
    return HEADER.split(f"[tool.case.{table}", maxsplit=1)[0]


# What a well-formed header says


def test_a_case_carries_everything_that_its_header_says():
    origin = f'introduced-by = "jax==0.10.0"\nfixed-by = ["{PULL}", "{PULL}0"]\n'
    case = make_case("toy/0007_breaks.py", edited("kind =", f"{origin}timeout = 2.5\nkind ="))
    assert (case.id, case.library, case.number) == ("toy-7", "toy", 7)
    assert case.issue == "https://example.org/toy/issues/7"
    assert case.introduced_by == ("jax==0.10.0",)
    assert case.fixed_by == (PULL, f"{PULL}0")
    assert case.kind is Kind.BUG
    assert case.api == ("toy.infer.sample",)
    assert [str(r) for r in case.requires] == ["toy"]
    assert case.requires_python == ">=3.9"
    assert case.timeout == 2.5
    assert [v.name for v in case.variants] == ["failure", "fix_pin"]


def test_what_a_header_leaves_out_has_a_default():
    case = make_case(header=edited('requires-python = ">=3.9"\n', ""))
    assert case.requires_python is None
    assert case.introduced_by == case.fixed_by == ()
    assert case.timeout == DEFAULT_TIMEOUT


def test_a_case_may_show_itself_on_some_devices_alone():
    assert make_case().devices == ()
    case = make_case(header=edited("kind =", 'devices = ["cpu:2", "cpu+x64", "cpu:2"]\nkind ='))
    assert [str(device) for device in case.devices] == ["cpu:2", "cpu+x64"]


@pytest.mark.parametrize("value", ['"gpu"', '["cpu", "cuda:2"]', "[]", "2", '[""]'])
def test_a_device_that_there_is_not_is_refused_by_its_key(value):
    assert "[tool.case] devices" in complaint(case_text(edited("kind =", f"devices = {value}\nkind =")))


def test_the_failure_carries_its_symptom_and_where_it_was_measured():
    failure = make_case().variant("failure")
    assert failure.source is None
    assert failure.rejected is None
    assert failure.present.symptom.raises == ("ValueError",)
    assert failure.present.symptom.match == "shapes disagree"
    assert str(failure.present.where) == "toy<2"


def test_a_remedy_that_holds_has_a_source_and_no_symptom():
    pin = make_case().variant("fix_pin")
    assert pin.source is Source.DOCUMENTED
    assert pin.present is None


def test_a_refuted_remedy_has_a_symptom_of_its_own():
    pin = make_case(header=REFUTED).variant("fix_pin")
    assert pin.present.symptom.raises == ("TypeError",)
    assert str(pin.present.where) == "toy>=1"


def test_a_rejection_belongs_to_the_failure():
    failure = make_case(header=REJECTED).variant("failure")
    assert failure.rejected.symptom.match == "is not supported"
    assert str(failure.rejected.where) == "toy>=3"


def test_one_string_stands_for_a_list_of_one():
    header = edited('api = ["toy.infer.sample"]', f'api = "toy.sample"\nfixed-by = "{PULL}"')
    case = make_case(header=header)
    assert case.api == ("toy.sample",)
    assert case.fixed_by == (PULL,)


def test_several_exception_types_are_alternatives():
    case = make_case(header=edited('"ValueError"', '["ValueError", "toy.ShapeError"]'))
    assert case.variant("failure").present.symptom.raises == ("ValueError", "toy.ShapeError")


def test_a_list_of_lists_is_an_or_of_ands():
    case = make_case(header=edited('["toy<2"]', '[["toy<2", "jax>=0.5"], ["python<3.10"]]'))
    assert str(case.variant("failure").present.where) == "toy<2 and jax>=0.5 or python<3.10"


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_written(kind):
    assert make_case(header=edited('"bug"', f'"{kind.value}"')).kind is kind


@pytest.mark.parametrize("source", Source)
def test_every_source_can_be_written(source):
    assert make_case(header=edited('"documented"', f'"{source.value}"')).variant("fix_pin").source is source


def test_the_variants_keep_the_order_of_the_header():
    header = HEADER + '[tool.case.fix.zeta]\nsource = "ours"\n[tool.case.fix.alpha]\nsource = "ours"\n'
    names = [v.name for v in make_case(header=header).variants]
    assert names == ["failure", "fix_pin", "fix_zeta", "fix_alpha"]


def test_reading_a_case_runs_none_of_its_code():
    case = parse_case(Path("toy/7_breaks.py"), case_text() + "raise SystemExit('imported')\n")
    assert case.id == "toy-7"


# The comment block


def test_a_file_without_a_header_is_refused():
    assert "'# /// script'" in complaint(body("failure"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(edited("# ///\n", "", block(HEADER)), id="never closed"),
        pytest.param(edited("# /// script", "# /// pyproject", block(HEADER)), id="of another type"),
        pytest.param(edited("# /// script", "#/// script", block(HEADER)), id="without the space"),
        pytest.param(edited("# [tool.case]", "[tool.case]", block(HEADER)), id="with a line of code"),
        pytest.param(edited("# kind", "#\tkind", block(HEADER)), id="with a tab for the space"),
        pytest.param(edited("# kind", "#kind", block(HEADER)), id="with a line that lacks the space"),
        pytest.param("# /// script\n# ///\n", id="with nothing in it"),
        pytest.param("", id="in an empty file"),
    ],
)
def test_a_broken_block_is_no_header(text):
    assert "'# /// script'" in complaint(text + body("failure", "fix_pin"))


def test_an_empty_comment_line_separates_tables():
    text = case_text()
    assert "\n#\n# [tool.case]\n" in text
    assert parse_case(Path("toy/7_breaks.py"), text).kind is Kind.BUG


@pytest.mark.parametrize("blank", ["#", "# ", "#    ", "# \t"])
def test_blanks_and_tabs_after_the_mark_are_an_empty_line(blank):
    text = edited("\n#\n# [tool.case]\n", f"\n{blank}\n# [tool.case]\n", case_text())
    assert parse_case(Path("toy/7_breaks.py"), text).kind is Kind.BUG


def test_tabs_and_comments_inside_a_line_are_plain_toml():
    case = make_case(header=edited('kind = "bug"', 'kind\t=\t"bug"\t\t# what else'))
    assert case.kind is Kind.BUG


def test_text_after_the_header_may_look_like_a_header():
    text = case_text() + '\nSAMPLE = """\n# /// script\n# kind = "silent"\n# ///\n"""\n'
    assert parse_case(Path("toy/7_breaks.py"), text).kind is Kind.BUG


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_only_a_newline_ends_a_line_of_the_header(separator):
    case = make_case(header=edited("shapes disagree", f"shapes{separator}disagree"))
    assert case.variant("failure").present.symptom.match == f"shapes{separator}disagree"


def test_only_a_file_with_a_case_table_has_a_header():
    assert has_header(case_text())
    assert not has_header(body("failure"))
    assert not has_header('# /// script\n# dependencies = ["toy"]\n# ///\n')


# Files as they come from other machines


def test_a_case_checked_out_with_windows_line_endings_is_the_same_case(tmp_path):
    path = write_case(tmp_path)
    expected = read_case(path)
    path.write_bytes(case_text().replace("\n", "\r\n").encode())
    assert read_case(path) == expected
    assert read_case(path).digest == expected.digest


def test_text_with_windows_line_endings_parses_too():
    case = parse_case(Path("toy/7_breaks.py"), case_text().replace("\n", "\r\n"))
    assert case.variants == make_case().variants
    assert case.title == "The toy breaks."


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xff\xfe\x00", id="no text at all"),
        pytest.param(case_text(title="Caf\u00e9").encode("latin-1"), id="latin-1"),
        pytest.param(case_text().encode("utf-16"), id="utf-16"),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused_by_name(tmp_path, content):
    path = tmp_path / "7_breaks.py"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=re.escape(str(path))) as caught:
        read_case(path)
    assert "UTF-8" in str(caught.value)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(UsageError, match=r"9_missing\.py: cannot be read"):
        read_case(tmp_path / "toy" / "9_missing.py")


def test_a_folder_in_the_place_of_a_file_is_refused_by_name(tmp_path):
    (tmp_path / "9_folder.py").mkdir()
    with pytest.raises(UsageError, match=r"9_folder\.py: cannot be read"):
        read_case(tmp_path / "9_folder.py")


@pytest.mark.parametrize(
    "name",
    [
        "breaks.py",
        "7.py",
        "7_.py",
        "_7_breaks.py",
        "7-breaks.py",
        "7_Breaks.py",
        "7_br\u00e9aks.py",
        "\u0667_breaks.py",  # a seven, but not one that anyone types
    ],
)
def test_a_file_name_without_number_and_slug_is_refused(name):
    assert "<upstream number>_<slug>.py" in complaint(case_text(), f"toy/{name}")


# Keys


@pytest.mark.parametrize(
    ("header", "key"),
    [
        pytest.param(edited("kind =", "knd ="), "'knd'", id="misspelt key of the case"),
        pytest.param(edited("raises =", "raise ="), "'raise'", id="misspelt key of the failure"),
        pytest.param(edited("failing =", "refuted ="), "'refuted'", id="a key of remedies"),
        pytest.param(edited("source =", 'sorce = "x"\nsource ='), "'sorce'", id="misspelt key of a remedy"),
        pytest.param(edited("rejected =", "failing =", REJECTED), "'failing'", id="a key of the failure"),
        pytest.param(
            edited("[tool.case.failure]", "[tool.case.failures]"), "'failures'", id="misspelt table"
        ),
    ],
)
def test_an_unknown_key_is_named_together_with_the_known_ones(header, key):
    message = complaint(case_text(header))
    assert f"unknown key {key}" in message
    assert "known are" in message


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('issue = "https://example.org/toy/issues/7"\n', "issue"),
        ('kind = "bug"\n', "kind"),
        ('api = ["toy.infer.sample"]\n', "api"),
        ('dependencies = ["toy"]\n', "dependencies"),
        ('raises = "ValueError"\n', "raises"),
        ('match = "shapes disagree"\n', "match"),
        ('failing = ["toy<2"]\n', "failing"),
        ('source = "documented"\n', "source"),
    ],
)
def test_a_missing_key_is_named(line, key):
    assert f"needs {key}" in complaint(case_text(edited(line, "")))


@pytest.mark.parametrize("value", ['""', "7", "true", "[]", "{}", "1979-05-27"])
@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('issue = "https://example.org/toy/issues/7"', "issue"),
        ('kind = "bug"', "kind"),
        ('api = ["toy.infer.sample"]', "api"),
        ('dependencies = ["toy"]', "dependencies"),
        ('raises = "ValueError"', "raises"),
        ('match = "shapes disagree"', "match"),
        ('failing = ["toy<2"]', "failing"),
        ('source = "documented"', "source"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_its_key(line, key, value):
    assert key in complaint(case_text(edited(line, f"{key} = {value}")))


@pytest.mark.parametrize("value", ['["toy", 7]', '["toy", ""]', '[["toy"]]'])
def test_a_list_of_strings_holds_nothing_else(value):
    assert "api must be" in complaint(case_text(edited('["toy.infer.sample"]', value)))


@pytest.mark.parametrize(
    ("header", "table"),
    [
        pytest.param('dependencies = ["toy"]\n', "tool.case", id="no tool at all"),
        pytest.param('dependencies = ["toy"]\n[tool.uv]\nx = 1\n', "tool.case", id="another tool"),
        pytest.param("tool = 3\n", "tool.case", id="tool is a number"),
        pytest.param("[tool]\ncase = [1]\n", "tool.case", id="case is a list"),
        pytest.param(until("failure"), "tool.case.failure", id="no failure"),
        pytest.param(until("failure") + "failure = 1", "tool.case.failure", id="failure is a number"),
        pytest.param(edited("api", "fix = 1\napi", until("fix")), "tool.case.fix", id="fix is a number"),
        pytest.param(
            edited("api", "fix.pin = 1\napi", until("fix")), "tool.case.fix.pin", id="a remedy is a number"
        ),
        pytest.param(edited("api =", "rejected = 1\napi ="), "tool.case.rejected", id="rejected is a number"),
    ],
)
def test_a_missing_table_is_named(header, table):
    assert f"no [{table}] table" in complaint(block(header) + body("failure", "fix_pin"))


def test_an_unknown_kind_is_named_with_the_known_ones():
    message = complaint(case_text(edited('"bug"', '"Bug"')))
    assert "kind = 'Bug'" in message
    assert "bug, silent, limitation, feature, drift" in message


def test_an_unknown_source_is_named_with_the_known_ones():
    message = complaint(case_text(edited('"documented"', '"article"')))
    assert "[tool.case.fix.pin] source = 'article'" in message
    assert "documented, upstream, ours" in message


# TOML


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("kind = bug\n", id="no quotes"),
        pytest.param("[tool.case\n", id="no bracket"),
        pytest.param(edited("kind =", 'kind = "silent"\nkind ='), id="a key twice"),
        pytest.param(HEADER + '[tool.case.fix.pin]\nsource = "ours"\n', id="a table twice"),
        pytest.param("timeout = " + "9" * 5000 + "\n", id="an integer without end"),
        pytest.param("api = " + "[" * 5000 + "\n", id="lists without end"),
        pytest.param("day = 2024-13-45\n", id="no such day"),
    ],
)
def test_bad_toml_is_called_bad_toml(header):
    assert "not valid TOML" in complaint(block(header) + body("failure"))


# Versions and conditions


@pytest.mark.parametrize("value", ['"three"', '"3.9"', '">=x"', "3", "3.9", "true", '[">=3.9"]', "{}"])
def test_a_python_that_is_no_specifier_is_refused(value):
    text = case_text(edited('requires-python = ">=3.9"', f"requires-python = {value}"))
    assert "requires-python" in complaint(text)


@pytest.mark.parametrize(
    "bad",
    ["toy<", "toy<<2", "toy=2", "toy 2", "<2", "toy>=one", "toy[<2", "toy; python", "toy @", "to y<2"],
)
@pytest.mark.parametrize(
    ("good", "key"), [('dependencies = ["toy"]', "dependencies"), ('failing = ["toy<2"]', "failing")]
)
def test_a_bad_requirement_is_quoted_under_its_key(good, key, bad):
    message = complaint(case_text(edited(good, f'{key} = ["toy", "{bad}"]')))
    assert f"'{key}' holds {bad!r}, which is not a requirement" in message


@pytest.mark.parametrize(
    ("header", "key"),
    [
        pytest.param(edited('["toy<2"]', "[]"), "failing", id="empty list"),
        pytest.param(edited('["toy<2"]', "[[]]"), "failing", id="empty group"),
        pytest.param(edited('["toy<2"]', '[["toy<2"], []]'), "failing", id="empty second group"),
        pytest.param(edited('["toy<2"]', '[["toy<2"], "jax"]'), "failing", id="lists and strings mixed"),
        pytest.param(edited('["toy<2"]', '[[["toy<2"]]]'), "failing", id="nested too deeply"),
        pytest.param(edited('["toy<2"]', "[2]"), "failing", id="a number"),
        pytest.param(edited('["toy<2"]', '"toy<2"'), "failing", id="a string without list"),
        pytest.param(edited('["toy>=1"]', "[]", REFUTED), "refuted", id="refuted nowhere"),
        pytest.param(edited('["toy>=3"]', "[]", REJECTED), "rejected", id="rejected nowhere"),
    ],
)
def test_conditions_are_never_empty_and_hold_only_requirements(header, key):
    assert key in complaint(case_text(header))


@pytest.mark.parametrize(
    "text", ["toy[extra]<2", "toy<2; python_version<'3'", "toy @ https://example.org/toy.zip"]
)
def test_a_condition_says_nothing_that_would_be_ignored(text):
    assert "a name with versions" in complaint(case_text(edited('["toy<2"]', f'["{text}"]')))


def test_a_dependency_may_have_a_marker_as_pep_723_allows():
    case = make_case(header=edited('["toy"]', "[\"toy[extra]; python_version < '3.12'\"]"))
    assert case.requires[0].extras == {"extra"}


# Who introduced and who fixed it


def changed_by(text: str, key: str = "introduced-by") -> str:
    return edited("kind =", f"{key} = {json.dumps(text)}\nkind =")


@pytest.mark.parametrize(
    "change",
    [
        "https://github.com/pyro-ppl/numpyro/pull/1972",
        "https://github.com/pyro-ppl/numpyro/issues/1739",
        "https://github.com/pyro-ppl/numpyro/commit/fa3f731",
        f"https://github.com/pyro-ppl/numpyro/commit/{'0123456789' * 4}",
        "https://gitlab.com/group/sub.group/toy/-/merge_requests/7",
        "https://bitbucket.org/~me/toy/pull-requests/7",
        "https://forge.example.org:8443/toy/toy/pulls/7",
        "jax==0.10.0",
        "pyro-ppl==1.9.2rc1",
        "torch==2.13.0+cpu",
    ],
)
def test_a_change_is_an_address_or_a_release(change):
    case = make_case(header=edited("kind =", f'introduced-by = "{change}"\nfixed-by = ["{change}"]\nkind ='))
    assert case.introduced_by == case.fixed_by == (change,)


def test_a_release_is_written_in_one_way():
    assert make_case(header=changed_by(" jax  ==  0.10.0 ")).introduced_by == ("jax==0.10.0",)


@pytest.mark.parametrize("key", ["introduced-by", "fixed-by"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param("http://github.com/toy/toy/pull/9", id="not https"),
        pytest.param("https://github.com/toy/toy", id="a repository"),
        pytest.param("https://github.com/toy/toy/pull/new", id="no number"),
        pytest.param("https://github.com/toy/toy/pull/9/files", id="part of a pull request"),
        pytest.param("https://github.com/toy/toy/commit/abc123", id="a commit cut too short"),
        pytest.param("https://github.com/toy/toy/commit/main", id="a branch"),
        pytest.param("https://github.com/pull/9", id="no repository"),
        pytest.param("https://github.com/toy/toy/pull/9\n", id="a line too many"),
        pytest.param("https://github.com/t)oy/pull/9", id="no address"),
        pytest.param("#9", id="a bare number"),
        pytest.param("jax", id="every release"),
        pytest.param("jax>=0.10.0", id="a range"),
        pytest.param("jax==0.10.*", id="a series"),
        pytest.param("jax===0.10.0", id="an arbitrary version"),
        pytest.param("jax==0.10.0,==0.10.0", id="two pins"),
        pytest.param("jax==0.10.0,!=0.9", id="a pin and more"),
        pytest.param("jax[cuda]==0.10.0", id="an extra"),
        pytest.param("jax==0.10.0; python_version<'3'", id="a marker"),
        pytest.param("jax @ https://example.org/jax.zip", id="a file"),
    ],
)
def test_a_change_that_nobody_could_look_up_is_refused(change, key):
    message = complaint(case_text(changed_by(change, key)))
    assert f"[tool.case] {key} holds {change!r}; write" in message


@pytest.mark.parametrize("key", ["introduced-by", "fixed-by"])
@pytest.mark.parametrize("value", ["[]", "7", '["jax==0.10.0", 7]', '""', "{}"])
def test_changes_are_a_string_or_a_list_of_strings(value, key):
    assert f"{key} must be" in complaint(case_text(edited("kind =", f"{key} = {value}\nkind =")))


# Symptoms


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("(", id="unclosed group"),
        pytest.param("[z-a]", id="backward range"),
        pytest.param("*", id="nothing to repeat"),
        pytest.param("a{99999999999999}", id="repeated too often"),
        pytest.param("(" * 3000 + ")" * 3000, id="nested too deeply"),
        pytest.param("[[]1]", id="will change its meaning"),
    ],
)
def test_a_pattern_that_does_not_compile_is_refused(pattern):
    message = complaint(case_text(edited('"shapes disagree"', f"'{pattern}'")))
    assert "[tool.case.failure] match is not a regular expression" in message


def test_a_refuted_remedy_without_a_symptom_is_refused():
    assert "[tool.case.fix.pin] needs match" in complaint(case_text(HEADER + 'refuted = ["toy"]\n'))


def test_a_refuted_remedy_without_an_exception_type_is_refused():
    header = HEADER + 'refuted = ["toy"]\nmatch = "no such"\n'
    assert "[tool.case.fix.pin] needs raises" in complaint(case_text(header))


@pytest.mark.parametrize("line", ['raises = "TypeError"', 'match = "no such"'])
def test_a_remedy_with_a_symptom_but_not_refuted_is_refused(line):
    assert "no 'refuted' conditions" in complaint(case_text(f"{HEADER}{line}\n"))


# Functions


def test_a_declared_variant_without_a_function_is_named():
    assert "declares the variant fix_pin" in complaint(block(HEADER) + body("failure"))


def test_a_case_without_failure_is_refused():
    assert "declares the variant failure" in complaint(block(HEADER) + body("fix_pin"))


def test_a_function_without_a_table_is_named_with_the_table_that_it_needs():
    message = complaint(block(HEADER) + body("failure", "fix_pin", "fix_other"))
    assert "fix_other()" in message
    assert "[tool.case.fix.other]" in message


@pytest.mark.parametrize("name", ["failure", "fix_pin"])
def test_a_function_that_is_defined_twice_is_refused(name):
    assert "twice" in complaint(block(HEADER) + body("failure", "fix_pin", name))


@pytest.mark.parametrize("name", ["helper", "failures", "prefix_pin", "_failure"])
def test_other_functions_are_nobodys_business(name):
    case = parse_case(Path("toy/7_breaks.py"), block(HEADER) + body("failure", "fix_pin", name))
    assert len(case.variants) == 2


def test_a_method_is_no_variant():
    text = case_text() + "\n\nclass Helper:\n    def fix_other(self):\n        pass\n"
    assert len(parse_case(Path("toy/7_breaks.py"), text).variants) == 2


# Time limits


@pytest.mark.parametrize(
    ("written", "seconds"), [("5", 5.0), ("0.5", 0.5), ("86400", 86400.0), ("1e3", 1000.0)]
)
def test_a_time_limit_is_a_number_of_seconds(written, seconds):
    timeout = make_case(header=edited("kind =", f"timeout = {written}\nkind =")).timeout
    assert timeout == seconds
    assert isinstance(timeout, float)


@pytest.mark.parametrize(
    "written", ["0", "-1", "0.0", "nan", "inf", "-inf", "true", '"5"', "[5]", "86401", "1e400", "9" * 400]
)
def test_a_time_limit_that_limits_nothing_is_refused(written):
    assert "timeout = " in complaint(case_text(edited("kind =", f"timeout = {written}\nkind =")))


# Whatever is written there


def toml(value: object) -> str:
    """A value as TOML; JSON's strings and lists happen to be TOML too."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(toml(item) for item in value) + "]"
        case datetime.date():
            return value.isoformat()
        case bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case float() if math.isnan(value) or math.isinf(value):
            return str(value)
        case _:
            return repr(value)


SNIPPETS = ["toy<2", "toy", "ValueError", "(", "[[", "a{9}", ">=3.9", "bug", "ours", "toy<"]
SCALARS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(SNIPPETS),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CHANGED = edited("kind =", f'introduced-by = "{PULL}"\nkind =', REFUTED)
LINES = [line for line in CHANGED.splitlines() if " = " in line and line.split()[0] != "source"]


def reads_or_complains(text: str) -> None:
    try:
        case = parse_case(Path("toy/7_breaks.py"), text)
    except UsageError:
        complaint(text)
    else:
        assert isinstance(case, Case)
        assert math.isfinite(case.timeout)
        assert all(group for v in case.variants if v.present for group in v.present.where.groups)


@settings(max_examples=150)
@given(line=st.sampled_from([*LINES, 'kind = "bug"']), value=VALUES, timeout=st.none() | VALUES)
def test_any_value_under_any_key_is_read_or_refused(line, value, timeout):
    header, _, tail = CHANGED.partition(line)
    changed = f"{header}{line.split()[0]} = {toml(value)}{tail}"
    if timeout is not None:
        changed = changed.replace("[tool.case]\n", f"[tool.case]\ntimeout = {toml(timeout)}\n")
    reads_or_complains(block(changed) + body("failure", "fix_pin"))


@settings(max_examples=150)
@given(header=st.text(string.printable) | st.text())
def test_any_text_as_a_header_is_read_or_refused(header):
    reads_or_complains(block(header) + body("failure"))


@settings(max_examples=150)
@given(data=st.data(), inserted=st.text(st.sampled_from('#/[]{}"=\n\r\\ ._x1'), max_size=3))
def test_any_damage_to_a_case_is_read_or_refused(data, inserted):
    text = case_text(REFUTED)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    reads_or_complains(text[:start] + inserted + text[end:])


@settings(max_examples=50)
@given(content=st.binary())
def test_any_bytes_as_a_file_are_read_or_refused(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "7_random.py"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="7_random"):
        read_case(path)
