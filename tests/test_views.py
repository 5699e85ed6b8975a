"""What `harness list` and `harness show` print."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console
from toy.cases import HEADER, cell, edited, lacking, make_case, raised, record, returned, row

from harness.config import load_config
from harness.corpus import Selected, Selection, select
from harness.evidence import Lack
from harness.views import case_table, case_view


@pytest.fixture
def config(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.harness.library.toy]\n")
    return load_config(tmp_path)


def text_of(renderable, width: int = 100) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, markup=False, highlight=False).print(renderable, soft_wrap=True)
    return stream.getvalue()


def shown(case, rows=(), environments=None, config=None) -> str:
    return text_of(case_view(case, list(rows), environments or {"toy-1.0": record()}, config))


def measured(case, variant="failure", evidence=None, **fields):
    """A stored cell of the case's present text."""
    return row(cell(variant=variant, **fields), evidence, case_digest=case.digest)


def test_a_table_has_a_line_for_every_case_and_counts_what_is_selected():
    cases = [make_case(), make_case("toy/12_other.py", title="Another.")]
    text = text_of(case_table(select(cases, Selection(keyword="pin or 12"))))
    assert [line.split() for line in text.splitlines()] == [
        ["case", "kind", "variants", "title"],
        ["toy-7", "bug", "1", "The", "toy", "breaks."],
        ["toy-12", "bug", "2", "Another."],
        ["2", "cases,", "3", "variants"],
    ]


def test_a_title_with_markup_is_shown_as_it_is():
    case = make_case(title="A [bold]title[/bold] [/x].")
    assert "A [bold]title[/bold] [/x]." in text_of(case_table([Selected(case=case, variants=case.variants)]))
    assert "A [bold]title[/bold] [/x]." in shown(case)


def test_a_case_id_is_never_broken_over_lines():
    case = make_case(title="word " * 40)
    assert "toy-7 " in text_of(case_table([Selected(case=case, variants=case.variants)]), width=30)


def test_a_case_tells_who_introduced_and_fixed_it_and_what_it_touches():
    pulls = ["https://example.org/toy/pull/1", "https://example.org/toy/pull/2"]
    origin = f'kind = "bug"\nintroduced-by = "jax==0.10.0"\nfixed-by = {json.dumps(pulls)}'
    lines = shown(make_case(header=edited('kind = "bug"', origin, HEADER))).splitlines()
    assert lines[2:6] == [
        "  introduced by jax==0.10.0",
        f"  fixed by {pulls[0]}",
        f"  fixed by {pulls[1]}",
        "  touches toy.infer.sample",
    ]


def test_every_variant_has_its_claim_its_source_and_where_it_is_present():
    lines = shown(make_case()).splitlines()
    assert "  failure: Shows failure." in lines
    assert "    failing where toy<2: ValueError matching 'shapes disagree'" in lines
    assert "  fix_pin (documented): Shows fix_pin." in lines


def test_a_case_without_a_measured_cell_says_so(config):
    case = make_case()
    assert "nothing measured yet" in shown(case, config=config)
    assert "nothing measured yet" in shown(case, [row(cell("toy-8"))], config=config)


def test_a_measured_cell_has_its_status_time_and_symptom(config):
    case = make_case()
    evidence = raised("builtins.ValueError", "[bold]shapes disagree[/bold]", seconds=1.234)
    text = shown(case, [measured(case, evidence=evidence)], config=config)
    (line,) = (line for line in text.splitlines() if line.startswith("failure "))
    assert line.split() == [
        "failure", "toy-1.0", "cpu", "failing", "1.23", "ValueError:", "[bold]shapes", "disagree[/bold]",
    ]  # fmt: skip


def test_a_cell_without_evidence_tells_why(config):
    case = make_case()
    rows = [measured(case, evidence=lacking(Lack.DEVICE, "there is no cuda"), device="cuda")]
    assert "unsupported  0.00     there is no cuda" in shown(case, rows, config=config)


@pytest.mark.parametrize(
    "stale",
    [
        row(cell()),
        row(cell(variant="fix_gone"), case_digest=make_case().digest),
        row(cell(environment="toy-9.9"), case_digest=make_case().digest),
        row(cell(), case_digest=make_case().digest, environment_key="another"),
    ],
    ids=["another text", "variant gone", "lock gone", "another lock"],
)
def test_a_stale_cell_is_counted_and_not_shown(config, stale):
    case = make_case()
    text = shown(case, [stale, measured(case, "fix_pin", returned())], config=config)
    assert "1 cells were measured on another text or lock; run them again" in text
    assert sum(" cpu " in line for line in text.splitlines()) == 1


def test_an_environments_odd_name_is_shown_as_it_is(config):
    case = make_case()
    name = "[red]gpu[/red]"
    text = shown(case, [measured(case, environment=name)], {name: record(name)}, config)
    assert name in text
