"""Finding cases and selecting among them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy.cases import edited, make_case, write_case

from harness.case import Kind
from harness.corpus import Selection, find_cases, keyword_matcher, select
from harness.errors import UsageError

SILENT = edited('"bug"', '"silent"')
PLATE = edited("toy.infer.sample", "toy.plate")
CORPUS = [
    make_case("jax/4_random_stream.py", SILENT),
    make_case("toy/7_breaks.py"),
    make_case("toy/12_plates_disagree.py", PLATE),
]


def ids(**selection: object) -> list[str]:
    """The ids of the cases that a selection keeps."""
    return [selected.case.id for selected in select(CORPUS, Selection(**selection))]


def variants(**selection: object) -> list[str]:
    """Case number and variant of everything that a selection keeps."""
    kept = select(CORPUS, Selection(**selection))
    return [f"{selected.case.number} {variant.name}" for selected in kept for variant in selected.variants]


def refusal(**selection: object) -> str:
    with pytest.raises(UsageError) as caught:
        select(CORPUS, Selection(**selection))
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


# Finding


def test_cases_come_in_the_order_of_library_and_number(tmp_path):
    for name in ("toy/12_a.py", "toy/7_z.py", "toy/100_a.py", "jax/2000_a.py", "jax/30_a.py"):
        write_case(tmp_path, name)
    assert [c.id for c in find_cases(tmp_path)] == ["jax-30", "jax-2000", "toy-7", "toy-12", "toy-100"]


def test_only_python_files_one_folder_deep_are_cases(tmp_path):
    write_case(tmp_path, "toy/7_breaks.py")
    for name in ("README.md", "top.py", "toy/README.md", "toy/__pycache__/7_breaks.pyc", "toy/old/1_deep.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("no case")
    assert [c.id for c in find_cases(tmp_path)] == ["toy-7"]


def test_a_folder_without_cases_holds_none(tmp_path):
    assert find_cases(tmp_path) == []


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_folder_that_is_none_is_refused_with_the_way_out(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"is not a folder of cases; .* --root"):
        find_cases(tmp_path / name)


def test_one_malformed_case_refuses_the_corpus_by_the_files_name(tmp_path):
    write_case(tmp_path, "toy/7_breaks.py")
    write_case(tmp_path, "toy/8_malformed.py", edited("kind =", "knd ="))
    with pytest.raises(UsageError, match=r"8_malformed\.py: .*'knd'"):
        find_cases(tmp_path)


def test_a_helper_among_the_cases_is_refused_instead_of_passed_over(tmp_path):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").write_text("")
    with pytest.raises(UsageError, match=r"__init__\.py: name the file"):
        find_cases(tmp_path)


@pytest.mark.parametrize("other", ["01_b.py", "1_b.py", "0001_a.py"])
def test_two_files_of_one_number_are_refused_by_both_names(tmp_path, other):
    write_case(tmp_path, "toy/1_a.py")
    write_case(tmp_path, f"toy/{other}")
    with pytest.raises(UsageError) as caught:
        find_cases(tmp_path)
    assert all(name in str(caught.value) for name in ("1_a.py", other, "both toy-1"))


def test_one_number_in_two_libraries_is_two_cases(tmp_path):
    write_case(tmp_path, "toy/1_a.py")
    write_case(tmp_path, "jax/1_a.py")
    assert [c.id for c in find_cases(tmp_path)] == ["jax-1", "toy-1"]


def test_an_unknown_library_is_refused_with_the_known_ones(tmp_path):
    write_case(tmp_path, "toi/1_a.py")
    with pytest.raises(UsageError, match=r"1_a\.py: 'toi' is no known library; known are jax, toy\."):
        find_cases(tmp_path, ["toy", "jax"])


def test_every_known_library_may_have_cases_or_none(tmp_path):
    write_case(tmp_path, "toy/1_a.py")
    assert [c.library for c in find_cases(tmp_path, iter(["toy", "jax"]))] == ["toy"]


# Selecting


def test_an_empty_selection_keeps_everything_in_order():
    assert Selection().is_empty()
    assert ids() == ["jax-4", "toy-7", "toy-12"]
    assert len(variants()) == 6


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"libraries": ("toy",)}, ["toy-7", "toy-12"]),
        ({"libraries": ("toy", "jax")}, ["jax-4", "toy-7", "toy-12"]),
        ({"kinds": (Kind.SILENT,)}, ["jax-4"]),
        ({"kinds": (Kind.SILENT, Kind.BUG)}, ["jax-4", "toy-7", "toy-12"]),
        ({"cases": ("toy-12",)}, ["toy-12"]),
        ({"cases": ("toy-12", "jax-4")}, ["jax-4", "toy-12"]),
        ({"libraries": ("toy",), "kinds": (Kind.BUG,), "apis": ("toy.plate",)}, ["toy-12"]),
        ({"libraries": ("toy",), "cases": ("toy-7", "jax-4")}, ["toy-7"]),
    ],
)
def test_fields_narrow_each_other_and_the_values_of_one_field_widen(selection, expected):
    assert not Selection(**selection).is_empty()
    assert ids(**selection) == expected


@pytest.mark.parametrize("wanted", ["toy", "toy.infer", "toy.infer.sample", "sample"])
def test_an_api_is_named_by_itself_a_prefix_or_its_last_name(wanted):
    assert "toy-7" in ids(apis=(wanted,))


@pytest.mark.parametrize(
    "wanted", ["toy.inf", "infer", "infer.sample", "Sample", "samp", "toy.infer.sample.x", "t"]
)
def test_a_piece_of_an_api_is_no_api(wanted):
    assert f"api {wanted}" in refusal(apis=(wanted,))


def test_several_apis_widen():
    assert ids(apis=("toy.plate", "sample")) == ["jax-4", "toy-7", "toy-12"]


@pytest.mark.parametrize("name", ["toy-8", "toy", "7", "TOY-7", "toy-07", ""])
def test_an_unknown_case_is_refused_though_others_match(name):
    message = refusal(cases=("toy-7", name))
    assert f"no case {name!r}" in message
    assert "harness list" in message


@pytest.mark.parametrize(
    "selection",
    [
        {"keyword": "nothing"},
        {"libraries": ("flax",)},
        {"kinds": (Kind.DRIFT,)},
        {"apis": ("toy.no",)},
        {"libraries": ("jax",), "kinds": (Kind.BUG,)},
        {"cases": ("toy-7",), "keyword": "plates"},
    ],
)
def test_a_selection_that_keeps_nothing_is_an_error_that_repeats_it(selection):
    message = refusal(**selection)
    assert str(Selection(**selection)) in message
    assert "of 3 cases" in message


def test_an_empty_corpus_is_an_error_even_for_everything():
    with pytest.raises(UsageError, match="no variant of 0 cases matches everything"):
        select([], Selection())


def test_a_selection_prints_every_part_of_itself():
    selection = Selection(
        keyword="a or b", cases=("toy-7",), libraries=("toy",), kinds=(Kind.BUG,), apis=("x.y",)
    )
    assert str(selection) == "-k 'a or b', toy-7, library toy, kind bug, api x.y"


# Keyword expressions


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("toy-7", ["7 failure", "7 fix_pin"]),
        ("breaks", ["7 failure", "7 fix_pin"]),
        ("BREAKS", ["7 failure", "7 fix_pin"]),
        ("fix", ["4 fix_pin", "7 fix_pin", "12 fix_pin"]),
        ("toy and fix", ["7 fix_pin", "12 fix_pin"]),
        ("toy and not fix", ["7 failure", "12 failure"]),
        ("not toy and not fix", ["4 failure"]),
        ("not (toy or fix)", ["4 failure"]),
        ("breaks or plates and failure", ["7 failure", "7 fix_pin", "12 failure"]),
        ("(breaks or plates) and failure", ["7 failure", "12 failure"]),
        ("((breaks))", ["7 failure", "7 fix_pin"]),
        ("not not breaks", ["7 failure", "7 fix_pin"]),
        ("  breaks\tand\nfailure ", ["7 failure"]),
        ("12_plates", ["12 failure", "12 fix_pin"]),
    ],
)
def test_a_keyword_expression_selects_variants(expression, expected):
    assert variants(keyword=expression) == expected


def test_a_case_of_which_no_variant_is_left_is_left_out():
    assert ids(keyword="toy-7 and failure") == ["toy-7"]
    assert variants(keyword="toy-7 and failure") == ["7 failure"]


@pytest.mark.parametrize(
    "expression",
    [
        *("and", "or", "not", "a and", "and a", "a or", "a or or b", "not", "a not b"),
        *("(", ")", "()", "(a", "a)", ")a(", "(a))", "a ()", "() a", "()()", "( )", " "),
        *("a b", "a (b)", "(a) (b)", "(a)(b)", "a(b)", "not a (b)", "a or (b)(c)"),
        pytest.param("(" * 500 + "a" + ")" * 500, id="nested too deeply"),
        pytest.param("not " * 20_000 + "a", id="negated too often"),
    ],
)
def test_an_expression_that_does_not_parse_is_refused_before_anything_is_matched(expression):
    with pytest.raises(UsageError, match="is not an expression of words, and, or, not and brackets"):
        keyword_matcher(expression)


@pytest.mark.parametrize(
    "word",
    [
        "'",
        '"',
        "\\",
        "__import__",
        "has",
        "None",
        "lambda",
        "a,b",
        "a==b",
        "a.b",
        "#",
        "1739",
        "AND",
        "[x]",
        "{x}",
    ],
)
def test_a_word_is_only_ever_a_word(word):
    matches = keyword_matcher(word)
    assert matches(f"xx{word}xx")
    assert not matches("zz")


def test_no_expression_matches_everything():
    assert keyword_matcher(None)("anything")
    assert keyword_matcher("")("anything")


@settings(max_examples=150)
@given(tokens=st.lists(st.sampled_from(["a", "b", "and", "or", "not", "(", ")", " "]), max_size=9))
def test_any_expression_gives_an_answer_for_every_text_or_is_refused(tokens):
    expression = " ".join(tokens)
    try:
        matches = keyword_matcher(expression)
    except UsageError:
        return
    assert all(isinstance(matches(text), bool) for text in ("", "a", "b", "ab"))


@given(text=st.text(max_size=20))
def test_any_text_as_an_expression_gives_an_answer_or_is_refused(text):
    try:
        answer = keyword_matcher(text)("toy-7 7_breaks failure")
    except UsageError:
        return
    assert isinstance(answer, bool)


TREES = st.recursive(
    st.sampled_from("abc"),
    lambda inner: st.tuples(st.just("not"), inner) | st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    max_leaves=6,
)


def written(tree: tuple | str) -> str:
    match tree:
        case ("not", inner):
            return f"not ({written(inner)})"
        case (operator, left, right):
            return f"(({written(left)}) {operator} ({written(right)}))"
        case word:
            return word


def meant(tree: tuple | str, text: str) -> bool:
    match tree:
        case ("not", inner):
            return not meant(inner, text)
        case ("and", left, right):
            return meant(left, text) and meant(right, text)
        case ("or", left, right):
            return meant(left, text) or meant(right, text)
        case word:
            return word in text


@given(tree=TREES, text=st.text("abc ", max_size=3))
def test_every_well_formed_expression_means_what_logic_says(tree, text):
    assert keyword_matcher(written(tree))(text) is meant(tree, text)
