"""Results whose every text comes from somebody who means harm, or from a broken program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from report_results import evidence, release, row, toy_case

from harness.case import Case
from harness.evidence import Attestation, Deprecation, EnvironmentRecord, Outcome, Phase, Raised
from harness.header import parse_case
from harness.rows import Row
from harness.verdict import Status

RUNS = "window.hacked = true; alert(1)"
MARKUP = (
    f"</script><script>{RUNS}</script>",
    f"<script type=module>{RUNS}</script>",
    f'<img src="https://hacker.invalid/x.png" onerror="{RUNS}">',
    f"<svg onload='{RUNS}'></svg>",
    f'<a href="javascript:{RUNS}">link</a>',
    f'<iframe srcdoc="<script>parent.hacked = true</script>"></iframe><details open ontoggle="{RUNS}">',
    "<style>body { display: none }</style><link rel=stylesheet href=https://hacker.invalid/x.css>",
    "<!-- <script> --> ]]> <![CDATA[ <plaintext> <template> <base href=https://hacker.invalid/>",
    "\" onfocus=alert(1) autofocus x=\" ' onfocus=alert(1) x=' ` {{ 7 * 7 }} {% raw %} &lt;b&gt; &#60;",
    "<meta http-equiv=refresh content='0;url=https://hacker.invalid/'><form action=//hacker.invalid><input>",
)
ODD = (
    "\x1b[31mred\x1b[0m \x1b]8;;https://hacker.invalid/\x07link\x1b]8;;\x07",
    "nul \x00 bell \x07 backspace \x08 delete \x7f",
    "surrogate \ud800 and \udfff, replaced \ufffd, not a character \uffff",
    "turned \u202e txet \u2066 around \u2069, marked \u200f and joined \u200d",
    "line\u2028separator and paragraph\u2029separator, next\x85line, form\x0cfeed",
    "written\rover",
)
EVERYTHING = "\n".join((*MARKUP, *ODD))
NAMES = ("__proto__", "constructor", "hasOwnProperty", "toString", "<b onclick=alert(1)>bold</b>")
LONG_LINE = "<b>" + "x" * 1_000_000 + "</b>"
HUGE = "".join(f"{number:08} <script>{RUNS}</script> of a very long log\n" for number in range(170_000))
"""Ten million characters."""

_REMEDIES = """\
# [tool.case.fix.__proto__]
# source = "ours"
#
# [tool.case.fix.constructor]
# source = "upstream"
#
# [tool.case.fix.keep]
"""
_FUNCTIONS = '''\
def fix___proto__():
    """<b>bold</b> claims & 'quotes'."""


def fix_constructor():
    """</script><script>alert(1)</script>"""


def fix_keep():
'''


def hostile_results() -> tuple[list[Case], list[EnvironmentRecord], list[Row]]:
    records = _environments()
    case, plain = _case(1), replace(toy_case(9, "A case among them that means no harm."))
    others = [toy_case(number, f"{text[:90]} {number}") for number, text in enumerate(_one_line(), start=10)]
    rows = [
        row(case, records[0], _found(EVERYTHING)),
        row(case, records[1], _found(LONG_LINE)),
        row(case, records[2], _found(HUGE)),
        row(case, records[0], _found(EVERYTHING), "fix___proto__"),
        row(case, records[0], Status.WORKS, "fix_constructor"),
        row(case, records[3], _found(EVERYTHING, Outcome.CRASHED)),
        row(case, records[4], _found(EVERYTHING, Outcome.TIMED_OUT)),
        row(plain, records[0], Status.FAILING),
        row(plain, records[3], Status.FIXED),
    ]
    rows += [row(other, records[0], Status.FAILING) for other in others]
    return [case, plain, *others], records, rows


def _one_line() -> list[str]:
    """Titles: what a docstring in a file of UTF-8 can hold."""
    odd = (text for text in ODD if "\x00" not in text and "\ud800" not in text and "\r" not in text)
    return [text.replace('"', "'") for text in (*MARKUP, *odd)]


def _case(number: int) -> Case:
    """Addresses and names that the checks of headers would refuse, too: a merged store may hold anything."""
    text = toy_case(number, _one_line()[0]).text
    text = text.replace("# [tool.case.fix.keep]\n", _REMEDIES, 1).replace("def fix_keep():\n", _FUNCTIONS, 1)
    text += f"\n# {MARKUP[0]} {ODD[3]} {ODD[4]}\nTEXT = {EVERYTHING.replace(chr(0), '')!r}\n"
    case = parse_case(Path(f"cases/toy/{number}_x.py"), text)
    bad = (
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//hacker.invalid/",
        "toy==1<b>",
    )
    good = 'https://example.org/"onmouseover="alert(1)'
    return replace(
        case, issue="javascript:alert(1)", fixed_by=(*bad, good), introduced_by=bad, api=(MARKUP[2], *NAMES)
    )


def _environments() -> list[EnvironmentRecord]:
    packages = dict.fromkeys((*NAMES, *MARKUP), EVERYTHING[:120])
    told = {"packages": {"toy": "1.0", **packages}, "note": EVERYTHING, "python": "3.11<b>"}
    odd = {"library": None, "version": None, "resolution": "interpreter"}
    return [
        release("1.0", **told),
        release("1.1"),
        release("1.2"),
        EnvironmentRecord(
            id=f"odd/../id?q=1#/about %41 {MARKUP[2]}", python="3.11", as_of=None, key="a", **odd
        ),
        EnvironmentRecord(id="constructor", python="3.11", as_of=None, key="b", **odd),
    ]


def _found(text: str, outcome: Outcome = Outcome.RAISED):
    raised = Raised(type="builtins.<b>ValueError", message=text, traceback=text, phase=Phase.RUN)
    return evidence(
        outcome,
        raised=raised if outcome is Outcome.RAISED else None,
        reason=text,
        log=text,
        attested=Attestation(
            python=text[:200],
            platform=text[:200],
            versions=dict.fromkeys(NAMES, text[:50]),
            origins=dict.fromkeys(NAMES, text[:200]),
            device=text[:100],
            precision=text[:100],
        ),
        deprecations=tuple(
            Deprecation(category=each[:60], message=each, module=each[:60])
            for each in text[:9000].splitlines()[:5]
        ),
    )
