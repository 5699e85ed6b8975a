"""What the commands `list` and `show` print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.case import Case, Variant
from harness.config import Config
from harness.corpus import Selected
from harness.evidence import EnvironmentRecord
from harness.judge import judge
from harness.progress import STYLES, brief
from harness.report.freshness import live_rows
from harness.rows import Row


def case_table(selected: Sequence[Selected]) -> RenderableType:
    """Cases with their kind, selected variants and title."""
    table = Table(box=None, pad_edge=False)
    for column in ("case", "kind", "variants", "title"):
        table.add_column(column, no_wrap=column == "case")
    for chosen in selected:
        case = chosen.case
        table.add_row(case.id, case.kind.value, str(len(chosen.variants)), Text(case.title))
    variants = sum(len(chosen.variants) for chosen in selected)
    return Group(table, Text(f"{len(selected)} cases, {variants} variants"))


def case_view(
    case: Case, stored: Sequence[Row], environments: Mapping[str, EnvironmentRecord], config: Config
) -> RenderableType:
    """A case's header in words, then every stored cell of its present text."""
    lines = [f"{case.id}: {case.title}", f"  {case.kind.value}, {case.issue}"]
    lines += [f"  introduced by {change}" for change in case.introduced_by]
    lines += [f"  fixed by {change}" for change in case.fixed_by]
    lines += [f"  touches {', '.join(case.api)}"]
    if case.devices:
        lines += [f"  shows itself on {', '.join(map(str, case.devices))} alone"]
    lines += [f"  {case.path}"]
    for variant in case.variants:
        lines += ["", *_variant(case, variant)]
    rows = [row for row in stored if row.cell.case == case.id]
    live = live_rows([case], rows, environments)
    parts: list[RenderableType] = [Text("\n".join(lines)), Text("")]
    parts.append(_cells(case, live, environments, config) if live else Text("nothing measured yet"))
    if len(live) < len(rows):
        parts.append(
            Text(f"{len(rows) - len(live)} cells were measured on another text or lock; run them again")
        )
    return Group(*parts)


def _variant(case: Case, variant: Variant) -> list[str]:
    source = f" ({variant.source.value})" if variant.source else ""
    lines = [f"  {variant.name}{source}: {case.claim(variant.name)}"]
    for word, expectation in (
        ("failing" if variant.is_failure else "refuted", variant.present),
        ("rejected", variant.rejected),
    ):
        if expectation is not None:
            lines.append(f"    {word} where {expectation.where}: {expectation.symptom}")
    return lines


def _cells(
    case: Case, rows: Sequence[Row], environments: Mapping[str, EnvironmentRecord], config: Config
) -> RenderableType:
    table = Table(box=None, pad_edge=False)
    for column in ("variant", "environment", "device", "status", "seconds", "seen"):
        table.add_column(column)
    for row in rows:
        variant = case.variant(row.cell.variant)
        record = environments[row.cell.environment]
        assert variant is not None
        judgement = judge(variant, {**record.packages, "python": record.python}, row.evidence, config)
        table.add_row(
            Text(row.cell.variant),
            Text(row.cell.environment),
            Text(row.cell.device),
            Text(judgement.status.value, style=STYLES[judgement.agreement]),
            f"{row.evidence.seconds:.2f}",
            Text(brief(row.evidence)),
        )
    return table
