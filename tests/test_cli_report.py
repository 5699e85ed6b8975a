"""`harness report`: written from stored results, checked, and never from nothing."""

from __future__ import annotations

import json

import jsonschema
import pytest
from toy.project import HISTORY, toy_lock
from toy.user import Project, new_project

from harness.environment.lock import LockFolder
from harness.verdict import Status

README = """\
# Toy

<!-- compatibility:begin -->
<!-- compatibility:end -->

The end.
"""


@pytest.fixture
def project(world, tmp_path) -> Project:
    project = new_project(tmp_path / "project")
    (project.root / "README.md").write_text(README)
    return project


def report(project: Project) -> dict:
    return json.loads((project.root / "reports" / "compatibility.json").read_text())


def published(project: Project) -> dict[str, bytes]:
    return {name: data for name, data in project.files().items() if not name.startswith(".harness")}


def test_a_report_has_every_cell_and_the_readme_its_table(project):
    project.harness("matrix")
    said = project.shell("report")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "wrote reports/compatibility.json",
        "wrote reports/compatibility.schema.json",
        "wrote reports/README.md",
        "wrote reports/changes.json",
        "wrote reports/changes.schema.json",
        "wrote reports/compatibility.csv",
        "wrote reports/junit.xml",
        "wrote reports/summary.md",
        "wrote reports/history.svg",
        "wrote reports/badges/badge.json",
        "wrote reports/badges/badge-toy.json",
        "wrote reports/index.html",
        "9 cells in 3 environments",
        f"open {project.root / 'reports' / 'index.html'}",
    ]
    cells = {(cell["variant"], cell["environment"]): cell["status"] for cell in report(project)["cells"]}
    assert cells == {
        **{
            (name, f"toy-{release}"): status
            for release in ("1.0", "1.1", "2.0")
            for name, status in FIXES.items()
        },
        ("failure", "toy-1.0"): "failing",
        ("failure", "toy-1.1"): "failing",
        ("failure", "toy-2.0"): "fixed",
    }
    schema = json.loads((project.root / "reports" / "compatibility.schema.json").read_text())
    jsonschema.validate(report(project), schema)
    readme = (project.root / "README.md").read_text()
    assert readme.startswith("# Toy\n\n<!-- compatibility:begin -->\n| library ")
    assert readme.endswith("<!-- compatibility:end -->\n\nThe end.\n")
    assert "failing 1.0 to 1.1, fixed from 2.0" in (project.root / "reports" / "README.md").read_text()


def test_no_interval_passes_over_a_release_of_the_matrix_that_was_not_measured(project):
    project.harness("matrix", "--env", "toy-1.0", "--env", "toy-2.0")
    project.harness("report")
    told = (project.root / "README.md").read_text()
    assert "failing in at least 1.0, fixed from a release after 1.0, at the latest 2.0" in told
    assert "toy-1.1" not in report(project)["environments"]


FIXES = {"fix_pin": "works", "fix_hope": "refuted"}


def test_the_same_results_give_the_same_bytes(project, tmp_path):
    project.harness("matrix")
    project.harness("report")
    first = published(project)
    assert project.harness("report").code == 0
    assert published(project) == first
    export = tmp_path / "export.jsonl"
    project.harness("export", export)
    elsewhere = tmp_path / "elsewhere.sqlite"
    project.harness("merge", "--store", elsewhere, export)
    project.harness("report", "--store", elsewhere)
    assert published(project) == first


def test_a_check_writes_nothing_and_fails_once_there_is_another_cell(project):
    project.harness("matrix", "-k", "pin")
    assert project.harness("report", "--check").sentence(1).endswith("run `nox -s report`.")
    assert not (project.root / "reports").exists()
    project.harness("report")
    before = published(project)
    checked = project.harness("report", "--check")
    assert (checked.code, checked.out, checked.err) == (0, "", "")
    project.harness("matrix", "-k", "hope")
    sentence = project.harness("report", "--check").sentence(1)
    document = project.root / "reports" / "compatibility.json"
    assert sentence == f"{document} is not the report of the stored results; run `nox -s report`."
    assert published(project) == before


@pytest.mark.parametrize(
    "name",
    [
        "reports/README.md",
        "reports/compatibility.json",
        "reports/compatibility.csv",
        "reports/index.html",
        "README.md",
    ],
)
def test_a_check_sees_what_was_edited_by_hand(project, name):
    project.harness("matrix", "-k", "pin")
    project.harness("report")
    file = project.root / name
    file.write_text(file.read_text().replace("toy-7", "toy-8"))
    assert project.harness("report", "--check").sentence(1).startswith(f"{file} is not the report")


def changes(project: Project) -> dict:
    return json.loads((project.root / "reports" / "changes.json").read_text())


def test_a_report_tells_what_changed_since_the_one_before_until_something_else_does(project):
    project.harness("matrix", "-k", "pin")
    project.harness("report")
    assert changes(project)["since"] is None
    first = (project.root / "reports" / "compatibility.json").read_bytes()
    project.harness("matrix")
    project.harness("report")
    told = changes(project)
    assert told["since"] is not None
    assert {(cell["variant"], cell["before"], cell["after"]) for cell in told["cells"]} == {
        ("fix_hope", None, "refuted"),
        ("failure", None, "failing"),
        ("failure", None, "fixed"),
    }
    project.harness("report")
    assert changes(project) == told
    (project.root / "old.json").write_bytes(first)
    project.harness("report", "--since", project.root / "old.json")
    assert changes(project) == told


def test_a_report_to_compare_with_must_be_one(project):
    project.harness("matrix", "-k", "pin")
    project.harness("report")
    before = published(project)
    sentence = project.harness("report", "--since", project.root / "README.md").sentence(2)
    assert sentence == (
        f"{project.root / 'README.md'} is no compatibility report; make it anew with `nox -s report`."
    )
    assert published(project) == before


def test_a_badge_of_a_library_that_is_gone_does_not_stay(project):
    project.harness("matrix", "-k", "pin")
    project.harness("report")
    gone = project.root / "reports" / "badges" / "badge-gone.json"
    gone.write_text("{}")
    assert project.harness("report", "--check").sentence(1).startswith(f"{gone} is a badge of nothing")
    project.harness("report")
    assert not gone.exists()
    assert project.harness("report", "--check").code == 0


def test_an_empty_store_makes_no_report_and_leaves_the_one_that_is_there(project, tmp_path):
    project.harness("matrix", "-k", "pin")
    project.harness("report")
    before = published(project)
    sentence = project.harness("report", "--store", tmp_path / "new.sqlite").sentence(3)
    assert sentence == "nothing is stored that could be reported; run `nox -s matrix` first."
    assert published(project) == before


def test_stale_cells_are_left_out_and_counted_by_their_reason(project):
    project.case("toy/8_other.py")
    project.harness("matrix")
    project.case("toy/8_other.py", title="Another title.")
    LockFolder(path=project.root / "harness" / "locks").put(
        toy_lock("1.1", packages={"toy": "1.1", "other": "1.0"})
    )
    (project.root / "harness" / "locks" / "toy-2.0.txt").unlink()
    said = project.harness("report")
    assert said.code == 0
    told = [line for line in said.out.splitlines() if not line.startswith(("wrote ", "open "))]
    assert set(told) == {
        "3 cells in 1 environments",
        "9 stored cells left out, each because its case was edited since",
        "3 stored cells left out, each because its environment was locked anew since",
        "3 stored cells left out, each because its environment is no longer known",
    }
    assert {(cell["case"], cell["environment"]) for cell in report(project)["cells"]} == {
        ("toy-7", "toy-1.0")
    }


def test_when_every_cell_is_stale_the_report_that_is_there_stays(project):
    project.harness("matrix", "-k", "pin")
    project.harness("report")
    before = published(project)
    path = project.case(title="Another title.")
    assert project.harness("report").sentence(3)
    assert {**published(project), "cases/toy/7_breaks.py": b""} == {**before, "cases/toy/7_breaks.py": b""}
    assert path.exists()


@pytest.mark.parametrize("text", [None, "# Toy\n", README * 2, README.replace("begin", "start")])
def test_without_its_two_markers_in_the_readme_nothing_is_written(project, text):
    project.harness("matrix", "-k", "pin")
    readme = project.root / "README.md"
    readme.unlink()
    if text is not None:
        readme.write_text(text)
    before = project.files()
    assert "README" in project.harness("report").sentence(2)
    assert project.files() == before


def test_a_report_below_a_file_cannot_be_written(project):
    project.harness("matrix", "-k", "pin")
    (project.root / "reports").write_text("no folder")
    assert "cannot be written (" in project.harness("report").sentence(3)
    assert (project.root / "README.md").read_text() == README


def test_a_report_of_the_whole_history_has_every_status(project):
    project.locks(*HISTORY, "4.0", "unbuildable")
    project.harness("matrix", "-n", 4)
    project.harness("matrix", "--env", "toy-1.0", "--device", "cuda")
    assert project.harness("report").code == 0
    statuses = {cell["status"] for cell in report(project)["cells"]}
    assert statuses == {status.value for status in Status} - {"invalid"}
    cells = {cell["environment"]: cell for cell in report(project)["cells"] if cell["variant"] == "failure"}
    assert cells["toy-1.2"]["expected"] == "fixed"
    assert cells["toy-1.2"]["symptom"] == "TypeError: sample() takes no shape"


def test_the_results_of_an_interpreter_are_reported_beside_the_others(project):
    project.harness("matrix", "-k", "pin")
    project.harness("matrix", "-k", "pin", "--env", "current")
    project.harness("report")
    assert report(project)["environments"]["current"]["resolution"] == "interpreter"
