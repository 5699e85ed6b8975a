"""`harness osv`: a file per case, what is left out is said, and bad input is one sentence."""

from __future__ import annotations

import json

import pytest
from report_results import by_id, release, row, toy_config
from toy.cases import HEADER, edited, write_case
from toy.project import write_project
from toy.user import Project

from harness.cli import main
from harness.cli_osv import osv
from harness.files import write_atomically
from harness.header import read_case
from harness.report.document import build_document
from harness.report.publish import DOCUMENT_NAME, to_json
from harness.verdict import Status

if "osv" not in main.commands:
    main.add_command(osv)


def published(root) -> Project:
    """A project with two measured cases, without having run anything."""
    project = Project(write_project(root, CONFIG))
    second = edited("issues/7", "issues/8", HEADER)
    paths = [write_case(root / "cases"), write_case(root / "cases", "toy/8_other.py", second)]
    cases = [read_case(path) for path in paths]
    old, new = release("1.0"), release("2.0")
    rows = [
        row(case, where, status)
        for case in cases
        for where, status in ((old, Status.FAILING), (new, Status.FIXED))
    ]
    document = build_document(cases, rows, by_id(old, new), toy_config())
    write_atomically(root / "reports" / DOCUMENT_NAME, to_json(document))
    return project


CONFIG = '[tool.harness.library.toy]\ndistribution = "toy"\n'
NAMES = ["x_PPLREPRODUCERS-toy-7.json", "x_PPLREPRODUCERS-toy-8.json"]


@pytest.fixture
def project(tmp_path) -> Project:
    return published(tmp_path / "project")


def test_every_case_becomes_a_file_named_by_its_id(project, tmp_path):
    folder = tmp_path / "osv"
    said = project.harness("osv", folder)
    assert (said.code, said.err, said.out) == (0, "", f"2 records written to {folder}\n")
    assert sorted(path.name for path in folder.iterdir()) == NAMES
    for path in folder.iterdir():
        text = path.read_text()
        record = json.loads(text)
        assert path.stem == record["id"]
        assert text == json.dumps(record, sort_keys=True, indent=2) + "\n"


def test_the_same_report_gives_the_same_bytes(project, tmp_path):
    project.harness("osv", tmp_path / "a")
    project.harness("osv", tmp_path / "b")
    for name in NAMES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_only_what_is_selected_is_written(project, tmp_path):
    assert project.harness("osv", tmp_path / "osv", "--case", "toy-8").out.startswith("1 record written")
    assert [path.name for path in (tmp_path / "osv").iterdir()] == NAMES[1:]


def test_a_case_that_changed_is_named_and_left_out_and_the_others_are_written(project, tmp_path):
    folder = tmp_path / "osv"
    write_case(project.root / "cases", title="The toy breaks otherwise.")
    said = project.harness("osv", folder)
    assert (said.code, said.err) == (3, "")
    assert said.out.splitlines() == [
        "left out: toy-7 was changed since it was measured; run `nox -s matrix report`.",
        f"1 record written to {folder}",
    ]
    assert [path.name for path in folder.iterdir()] == NAMES[1:]


def test_a_record_of_an_earlier_export_is_not_passed_off_as_new(project, tmp_path):
    folder = tmp_path / "osv"
    project.harness("osv", folder)
    write_case(project.root / "cases", title="The toy breaks otherwise.")
    said = project.harness("osv", folder)
    assert f"{folder / NAMES[0]} is of an earlier export." in said.out


def test_nothing_that_can_be_exported_is_no_success(project, tmp_path):
    write_case(project.root / "cases", title="The toy breaks otherwise.")
    said = project.harness("osv", tmp_path / "osv", "--case", "toy-7")
    assert said.code == 3
    assert said.out.splitlines()[-1] == f"0 records written to {tmp_path / 'osv'}"


def test_bad_input_is_one_sentence(project, tmp_path):
    (tmp_path / "file").write_text("")
    assert "is a file" in project.harness("osv", tmp_path / "file").sentence(2)
    assert "there is no case 'toy-9'" in project.harness("osv", tmp_path / "osv", "--case", "toy-9").sentence(
        2
    )
    assert "cannot be written" in project.harness("osv", tmp_path / "file" / "osv").sentence(3)
    report = project.root / "reports" / "compatibility.json"
    broken = json.loads(report.read_text())
    broken["cells"][0]["status"] = "odd"
    report.write_text(json.dumps(broken))
    assert "broken at toy-7" in project.harness("osv", tmp_path / "osv").sentence(2)
    assert not (tmp_path / "osv").exists(), "nothing is written where the report is broken"
    report.unlink()
    assert "cannot be read" in project.harness("osv", tmp_path / "osv").sentence(2)
