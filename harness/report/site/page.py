"""The site as one file of HTML, with a policy that lets nothing run or load but what is written here."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from harness.report.site.index import index_of
from harness.report.site.model import SiteModel
from harness.report.site.packing import packed

TITLE = "Reproducers for probabilistic programming"

STYLES = ("tokens", "base", "overview", "details")
SCRIPTS = (
    "dom",
    "data",
    "route",
    "filter",
    "columns",
    "heat",
    "list",
    "changes",
    "overview",
    "parts",
    "outcomes",
    "timeline",
    "remedies",
    "source",
    "versions",
    "case",
    "cell",
    "environment",
    "theme",
    "keys",
    "main",
)
"""In this order; functions are known everywhere, constants to what comes after them."""


def page(model: SiteModel, chunks: Iterable[str]) -> str:
    """The whole file: the same for the same model.

    Args:
        model: what is shown.
        chunks: its cases, packed.
    """
    style, script = _joined("css", STYLES), _joined("js", SCRIPTS)
    names = [case.id for case in model.ordered_cases]
    return _template().render(
        title=TITLE,
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        index=Markup(packed(index_of(model) | {"plot": _picture(model.plot)})),
        chunks=list(zip(names, map(Markup, chunks), strict=True)),
        footer=_footer(model),
    )


def _policy(style: str, script: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _picture(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}" if svg else ""


def _footer(model: SiteModel) -> str:
    dates = sorted(cell["measured_at"][:10] for cell in model.document["cells"])
    told = f"Measured {' to '.join(sorted({dates[0], dates[-1]}))}. " if dates else "Nothing was measured. "
    return f"{told}Made by nox -s report from stored results."


@cache
def _joined(kind: str, names: tuple[str, ...]) -> str:
    """Files one after the other, as they stand between the tags: the digest is of just this text."""
    folder = _static().joinpath(kind)
    return "\n" + "\n".join(folder.joinpath(f"{name}.{kind}").read_text(encoding="utf-8") for name in names)


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_static().joinpath("site.html.j2").read_text(encoding="utf-8"))


def _static() -> Traversable:
    return files(__package__).joinpath("static")
