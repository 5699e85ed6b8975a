"""Answers as files: what they are called, and the page that lists them."""

from __future__ import annotations

import pytest
from bisect_answers import answer, fixed_with_commit, two_states

from harness.bisect.document import read_answer
from harness.bisect.publish import INDEX, write_answer, write_index


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_answer_is_two_files_and_a_line_in_the_index(tmp_path):
    found = fixed_with_commit()
    page = write_answer(tmp_path / "deep", found)
    write_index(tmp_path / "deep")
    assert names(tmp_path / "deep") == [INDEX, "toy-1.failure.json", "toy-1.failure.md"]
    assert page == tmp_path / "deep" / "toy-1.failure.md"
    assert read_answer(page.with_suffix(".json")) == found
    (line,) = (tmp_path / "deep" / INDEX).read_text().splitlines()[2:]
    assert line.startswith("- [toy-1](")
    assert "by commit `cccccccccc`" in line
    assert line.endswith("([evidence](toy-1.failure.md))")


@pytest.mark.parametrize(
    ("slug", "device", "stem"),
    [
        ("", "cpu", "toy-1.failure"),
        ("torch", "cpu", "toy-1.failure.torch"),
        ("jax-0.7.0+dep-1.0", "cpu:2+x64", "toy-1.failure.jax-0.7.0+dep-1.0.cpu-2+x64"),
        ("../up", "cpu", "toy-1.failure...-up"),
    ],
)
def test_a_name_tells_questions_apart_and_stays_in_its_folder(tmp_path, slug, device, stem):
    write_answer(tmp_path, answer("failing", "fixed", device=device), slug)
    assert names(tmp_path) == [f"{stem}.json", f"{stem}.md"]


def test_the_answer_of_a_command_is_called_so(tmp_path):
    assert write_answer(tmp_path, two_states()).name == "command.md"


def test_the_index_is_in_order_of_number_and_leaves_out_what_is_no_answer(tmp_path):
    for case in ("toy-10", "toy-9"):
        write_answer(tmp_path, answer("failing", "fixed", case=case))
    (tmp_path / "toy-1.json").write_text("{}")
    write_answer(tmp_path, answer("failing", "fixed", case="toy-100"))
    write_index(tmp_path)
    lines = (tmp_path / INDEX).read_text().splitlines()[2:]
    assert [line.partition("]")[0] for line in lines] == ["- [toy-9", "- [toy-10", "- [toy-100"]
