"""`harness new`: from an address to a file that is no case yet, and says so."""

from __future__ import annotations

import ast

import pytest
from toy.project import write_project
from toy.user import Project

from harness.header import parse_case
from harness.skeleton import skeleton, slug_of, unfinished

CONFIG = """\
[tool.harness.library.toy]
repository = ["toys/toy", "games/toy"]
[tool.harness.library.doll]
distribution = "doll-house"
repository = "toys/doll"
"""
ADDRESS = "https://github.com/toys/toy/issues/12"


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(write_project(tmp_path / "project", CONFIG))


def cases(project: Project) -> list[str]:
    return [str(path.relative_to(project.root / "cases")) for path in (project.root / "cases").rglob("*.py")]


@pytest.mark.parametrize(
    ("address", "name", "issue"),
    [
        (ADDRESS, "toy/12_it_breaks.py", ADDRESS),
        (f"{ADDRESS}#issuecomment-1", "toy/12_it_breaks.py", ADDRESS),
        (f" {ADDRESS}/?a=b ", "toy/12_it_breaks.py", ADDRESS),
        ("http://www.github.com/TOYS/Toy/issues/12", "toy/12_it_breaks.py", ADDRESS),
        (
            "https://github.com/games/toy/pull/7/files",
            "toy/7_it_breaks.py",
            "https://github.com/games/toy/pull/7",
        ),
        ("https://github.com/toys/doll/pull/3", "doll/3_it_breaks.py", "https://github.com/toys/doll/pull/3"),
    ],
)
def test_an_address_of_whatever_place_in_a_thread_names_the_case_of_the_thread(project, address, name, issue):
    said = project.harness("new", address, "--title", "It breaks.")
    assert (said.code, said.err, cases(project)) == (0, "", [name])
    assert f'# issue = "{issue}"\n' in (project.root / "cases" / name).read_text()


@pytest.mark.parametrize(
    "address",
    [
        "toys/toy#12",
        "https://github.com/toys/toy",
        "https://github.com/toys/toy/issues",
        "https://github.com/toys/toy/issues/x1",
        "https://github.com/toys/toy/issues/12x",
        "https://github.com/toys/toy/wiki/12",
        "https://example.org/toys/toy/issues/12",
        "https://example.org/https://github.com/toys/toy/issues/12",
        "https://github.com/toys/toy/issues/12 and more",
    ],
)
def test_what_is_no_address_of_an_issue_is_refused(project, address):
    sentence = project.harness("new", address).sentence(2)
    assert "is no address of an issue or pull request; write https://" in sentence
    assert cases(project) == []


def test_a_repository_of_no_library_is_refused_with_those_that_are_known(project):
    sentence = project.harness("new", "https://github.com/toys/toyland/issues/12").sentence(2)
    assert sentence.startswith("toys/toyland is the repository of no library here; known are ")
    assert "games/toy, toys/doll, toys/toy" in sentence


@pytest.mark.parametrize("name", ["12_other.py", "0012_other.py", "12.py"])
def test_a_number_that_has_a_case_is_refused_with_its_file(project, name):
    path = project.root / "cases" / "toy" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    assert str(path) in project.harness("new", ADDRESS).sentence(2)
    assert (cases(project), path.read_text()) == ([f"toy/{name}"], "mine")


def test_the_same_number_of_another_library_is_another_case(project):
    project.harness("new", ADDRESS)
    assert project.harness("new", "https://github.com/toys/doll/issues/12").code == 0
    assert sorted(cases(project)) == ["doll/12_todo.py", "toy/12_todo.py"]


@pytest.mark.parametrize("slug", ["a/b", "../x", "A", "a-b", "a b"])
def test_a_slug_that_no_case_may_have_is_refused(project, slug):
    assert "cannot be part of a case's name" in project.harness("new", ADDRESS, "--slug", slug).sentence(2)


def test_a_skeleton_is_refused_by_every_reader_of_cases_until_it_is_written(project):
    project.harness("new", ADDRESS)
    sentence = project.harness("list").sentence(2)
    assert sentence.endswith(
        "12_todo.py: is still a skeleton: write the file's name, api, raises, match, fix.first_remedy, "
        "the title, failure, fix_first_remedy in place of TODO."
    )


def test_the_next_steps_name_the_file_and_the_case(project):
    said = project.harness("new", ADDRESS, "--slug", "breaks")
    assert said.out.splitlines()[0] == "cases/toy/12_breaks.py is written. Next:"
    assert 'uv run --with "toy==VERSION" cases/toy/12_breaks.py' in said.out
    assert "harness admit toy-12" in said.out


@pytest.mark.parametrize(
    "title",
    ['A "quoted" word', '"quoted"', 'three """ quotes', "a \\ in it", "ends in \\", "braces {x} {0}", "é ≠"],
)
def test_any_title_becomes_the_docstring_that_it_is(title):
    text = skeleton(address=ADDRESS, distribution="toy", module="toy", title=title)
    assert ast.get_docstring(ast.parse(text)) == title


def test_a_written_skeleton_is_a_case(tmp_path):
    text = skeleton(address=ADDRESS, distribution="doll-house", module="doll", title="It breaks.")
    case = parse_case(tmp_path / "doll" / "12_it_breaks.py", text.replace("TODO", "done"))
    assert (case.id, case.issue, case.title) == ("doll-12", ADDRESS, "It breaks.")
    assert [str(each) for each in case.requires] == ["doll-house"]
    assert [variant.name for variant in case.variants] == ["failure", "fix_first_remedy"]


def test_one_place_that_is_left_open_is_named():
    whole = skeleton(address=ADDRESS, distribution="toy", module="toy", title="It breaks.").replace(
        "TODO", "x"
    )
    assert unfinished("12_it_breaks", whole) == []
    assert unfinished("12_it_breaks", whole.replace('match = "x"', 'match = "TODO"')) == ["match"]
    assert unfinished("12_todo", whole) == ["the file's name"]
    assert unfinished("12_it_breaks", whole.replace("It breaks.", "TODO: it")) == ["the title"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("", "todo"),
        ("≠", "todo"),
        ("It breaks.", "it_breaks"),
        ("With JAX 0.7, `AutoNormal` of a plate fails at once", "with_jax_0_7_autonormal_of"),
    ],
)
def test_a_slug_is_made_of_the_first_words(title, slug):
    assert slug_of(title) == slug
