"""reports/README.md: the compatibility document as a page of Markdown, made from the document alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.document import Document
from harness.report.markup import code, escape, link, prose, table
from harness.report.symbols import MEANINGS, NOT_MEASURED, UNEXPECTED, mark, plain_mark
from harness.report.view import Remedy, Story, View, agreement_of, axis_words, variant_names
from harness.verdict import Agreement, Status

_INTRO = """\
# Compatibility report

Documented issues and their documented remedies, measured. Made by `nox -s report` from stored results; the
same data is in [compatibility.json](compatibility.json), described by
[compatibility.schema.json](compatibility.schema.json). Intervals speak of the releases listed here: *from a
release after A, at the latest B* means that what lies between A and B gave no evidence. Who recommended a
remedy is named where it was not the documentation.
"""

PACKAGES = ("numpyro", "jax", "jaxlib", "flax", "pyro-ppl", "torch", "numpy")
"""Shown of every environment; the document has all of them."""


def markdown(document: Document) -> str:
    """The whole page."""
    view = View(document=document)
    sections = [
        _INTRO,
        _counts(document),
        _unexpected(view),
        _legend(document),
        *(_library(view, library) for library in view.libraries),
        _gaps(document),
        _environments(view),
    ]
    return "\n".join(section for section in sections if section)


def _counts(document: Document) -> str:
    cells = Counter(agreement_of(cell) for cell in document["cells"])
    variants = sum(len(case["variants"]) for case in document["cases"].values())
    return (
        f"{len(document['cases'])} cases with {variants} variants; "
        f"{len(document['environments'])} environments; {len(document['cells'])} cells: "
        f"{cells[Agreement.EXPECTED]} as the case says, {cells[Agreement.UNEXPECTED]} not as the case says, "
        f"{cells[Agreement.NO_EVIDENCE]} no evidence.\n"
    )


def _unexpected(view: View) -> str:
    agreements = [agreement_of(cell) for cell in view.document["cells"]]
    if Agreement.UNEXPECTED in agreements:
        header = ["case", "variant", "device", "status", "the case says", "environments", "shown"]
        return "## Not as the case says\n\n" + table(header, _unexpected_rows(view.document))
    if Agreement.EXPECTED not in agreements:
        return "Nothing here is evidence: no library's behaviour was observed.\n"
    return "Every cell with evidence is as its case says.\n"


def _unexpected_rows(document: Document) -> list[list[str]]:
    """One row for cells that differ in the environment alone."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for cell in document["cells"]:
        if agreement_of(cell) is Agreement.UNEXPECTED:
            key = ("case", "variant", "device", "status", "expected")
            groups[tuple(cell[name] for name in key)].append(cell)
    return [
        [
            link(case, document["cases"][case]["issue"]),
            code(variant),
            escape(device),
            f"{plain_mark(Status(status))} {status}",
            expected,
            ", ".join(code(cell["environment"]) for cell in cells),
            escape(cells[0]["symptom"] or cells[0]["reason"] or ""),
        ]
        for (case, variant, device, status, expected), cells in groups.items()
    ]


def _legend(document: Document) -> str:
    counts = Counter(cell["status"] for cell in document["cells"])
    rows = [
        [plain_mark(status), status.value, meaning, str(counts[status.value])]
        for status, meaning in MEANINGS.items()
    ]
    rows.append([NOT_MEASURED, "not measured", "no evidence: this cell was not run", ""])
    rows.append([UNEXPECTED, "after a mark", "not as the case says", ""])
    return "## Legend\n\n" + table(["mark", "status", "meaning", "cells"], rows)


def _library(view: View, library: str) -> str:
    cases = view.libraries[library]
    lines = "".join(_case_line(view, name, case) for name, case in cases)
    tables = [_tables(view, library, label, names) for label, names in _column_groups(view, library)]
    return "\n".join([f"## {escape(library)}\n", lines, *(text for group in tables for text in group)])


def _case_line(view: View, name: str, case: Mapping[str, Any]) -> str:
    title = prose(case["title"]).rstrip(".")
    parts = [f"{link(name, case['issue'])} {title}{_origin(case)}."]
    parts.append(f"**Failure:** {escape(view.story(name, 'failure').words)}.")
    return f"- {' '.join([*parts, *_remedies(view.remedies(name))])}\n"


def _remedies(stories: Sequence[Story]) -> list[str]:
    """One sentence for all remedies that fared the same."""
    names: dict[tuple[Remedy, str], list[str]] = defaultdict(list)
    for remedy in Remedy:
        for story in stories:
            if story.remedy is remedy:
                names[remedy, story.words].append(remedy_name(story))
    return [
        f"**{remedy.value.capitalize()}:** {', '.join(group)}: {escape(words)}."
        for (remedy, words), group in names.items()
    ]


def remedy_name(story: Story) -> str:
    """A remedy, with who recommended it where that is not the documentation."""
    source = "" if story.source == "documented" else f" ({escape(str(story.source))})"
    return code(story.variant.removeprefix("fix_")) + source


def _origin(case: Mapping[str, Any]) -> str:
    """What introduced and what fixed it, as far as the case says."""
    told = [
        f"{word} by {', '.join(_change(change) for change in case[key])}"
        for word, key in (("introduced", "introduced_by"), ("fixed", "fixed_by"))
        if case[key]
    ]
    return f" ({', '.join(told)})" if told else ""


def _change(change: str) -> str:
    return link(_reference(change), change) if change.startswith("https://") else code(change)


def _reference(url: str) -> str:
    last = url.rstrip("/").rpartition("/")[2]
    return f"#{last}" if last.isdigit() else last[:10]


def _column_groups(view: View, library: str) -> list[tuple[str, list[str]]]:
    """Columns of each table: the axes, then what stands outside all axes."""
    axes = [
        (axis_words(axis, library), axis["environments"])
        for _, axis in sorted(view.axes, key=lambda item: item[1]["library"] != library)
    ]
    return [*axes, ("outside the axes", view.loose)]


def _tables(view: View, library: str, label: str, environments: Sequence[str]) -> list[str]:
    names = [name for name, _ in view.libraries[library]]
    devices = sorted(set().union(*(view.devices(name, environments) for name in names)))
    return [_table(view, library, label, environments, device) for device in devices]


def _table(view: View, library: str, label: str, environments: Sequence[str], device: str) -> str:
    header = ["case", "variant", *(escape(_column(view, name)) for name in environments)]
    rows = [
        [link(name, case["issue"]) if variant == "failure" else "", code(variant), *marks]
        for name, case in view.libraries[library]
        if device in view.devices(name, environments)
        for variant in variant_names(case)
        for marks in [[_mark(view, (name, variant, environment, device)) for environment in environments]]
    ]
    return f"### {escape(library)} cases, {escape(label)}, {escape(device)}\n\n" + table(header, rows)


def _column(view: View, environment: str) -> str:
    version = view.document["environments"][environment]["version"]
    python = environment.partition("@py")[2]
    return f"{version or environment}{f' py{python}' if python and version else ''}"


def _mark(view: View, key: tuple[str, str, str, str]) -> str:
    cell = view.cells.get(key)
    return mark(Status(cell["status"]), Status(cell["expected"])) if cell else NOT_MEASURED


def _gaps(document: Document) -> str:
    """Where there is no evidence and why, known reasons first."""
    counts: Counter[tuple[bool, str, str, str, str]] = Counter()
    for cell in document["cells"]:
        if cell["gap"] or agreement_of(cell) is Agreement.NO_EVIDENCE:
            reason = cell["gap"] or cell["reason"] or cell["symptom"] or "no reason was recorded"
            counts[cell["gap"] is None, cell["environment"], cell["device"], cell["status"], reason] += 1
    rows = [
        [code(environment), escape(device), status, escape(reason), "no" if new else "yes", str(count)]
        for (new, environment, device, status, reason), count in sorted(counts.items())
    ]
    header = ["environment", "device", "status", "reason", "known", "cells"]
    return "## No evidence\n\n" + table(header, rows) if rows else ""


def _environments(view: View) -> str:
    order = [name for _, axis in view.axes for name in axis["environments"]] + view.loose
    rows = [
        [
            code(name),
            escape(entry["python"]),
            escape(entry["released"] or ""),
            escape(entry["as_of"] or ""),
            *(escape(entry["packages"].get(package, "")) for package in PACKAGES),
            escape(entry["note"]),
        ]
        for name in order
        for entry in [view.document["environments"][name]]
    ]
    header = ["environment", "Python", "released", "index as of", *PACKAGES, "note"]
    return "## Environments\n\n" + table(header, rows) if rows else ""
