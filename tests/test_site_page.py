from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_results import GIVING, evidence, raised, release, row, toy_case
from site_results import chunks_in, index_in, model_of, page

from harness.evidence import Outcome
from harness.report.site import page as pages
from harness.report.site.packing import packed, packing
from harness.report.site.source import tokens_of
from harness.report.text import spelled_out
from harness.verdict import Status

CASE = toy_case()
RECORD = release("1.0")
MARKUP = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> ' \" & \u2028"


def page_of(case=CASE, found=Status.FAILING, record=RECORD, **parts):
    return page(model_of([case], [row(case, record, found)], [record], **parts))


class _Elements(HTMLParser):
    """The elements of a file, with their attributes and text, as a browser's parser sees them."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self._is_open = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append([tag, dict(attributes), ""])
        self._is_open = True

    def handle_endtag(self, tag):
        self._is_open = False

    def handle_data(self, data):
        if self._is_open:
            self.found[-1][2] += data

    def all(self, tag):
        return [(attributes, text) for name, attributes, text in self.found if name == tag]


def policy_of(text):
    (policy,) = [
        attributes["content"]
        for attributes, _ in _Elements(text).all("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    return policy


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_nothing_but_the_script_and_the_style_of_the_page():
    text = page_of()
    elements = _Elements(text)
    (style,) = [content for _, content in elements.all("style")]
    (script,) = [
        content for attributes, content in elements.all("script") if attributes.get("type") == "module"
    ]
    assert policy_of(text).split("; ") == [
        "default-src 'none'",
        f"script-src {digest(script)}",
        f"style-src {digest(style)}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]


def test_the_policy_stands_before_anything_that_it_governs():
    text = page_of()
    assert text.index("Content-Security-Policy") < min(
        text.index(tag) for tag in ("<style", "<script", "<link")
    )


def test_nothing_is_loaded_from_anywhere():
    for tag, attributes, _ in _Elements(page_of()).found:
        for name in ("src", "href", "srcset", "data", "action"):
            address = attributes.get(name, "#")
            assert address.startswith(("#", "data:")) or (tag, name) == ("a", "href"), (tag, address)


def test_the_same_results_make_the_same_bytes():
    assert page_of() == page_of()


@pytest.mark.parametrize("name", pages.SCRIPTS)
def test_a_script_can_neither_end_its_element_nor_import_anything(name):
    text = pages._static().joinpath("js", f"{name}.js").read_text(encoding="utf-8")
    assert not re.search(r"</script|<!--|\r", text, re.IGNORECASE)
    assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)
    assert not re.search(
        r"\binnerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )


def test_every_file_of_the_page_is_in_it():
    static = pages._static()
    for kind, names in (("js", pages.SCRIPTS), ("css", pages.STYLES)):
        assert {path.name for path in static.joinpath(kind).iterdir()} == {f"{name}.{kind}" for name in names}


def test_hostile_text_makes_no_element():
    case = toy_case(title=MARKUP.replace('"', ""))
    found = evidence(Outcome.RAISED, raised=raised("builtins.ValueError", MARKUP), log=MARKUP)
    harmless = _Elements(page_of())
    hostile = _Elements(page_of(case, found, release("1.0", note=MARKUP)))
    assert [tag for tag, _, _ in hostile.found] == [tag for tag, _, _ in harmless.found]


def test_hostile_text_arrives_whole_where_it_is_shown():
    found = evidence(Outcome.RAISED, raised=raised("builtins.ValueError", MARKUP), log=MARKUP)
    text = page_of(found=found)
    (cell,) = chunks_in(text)[CASE.id]["cells"]
    assert cell["symptom"].startswith("ValueError: </script><script>alert(1)</script>")
    assert chunks_in(text)[CASE.id]["texts"][cell["log"]].startswith("</script>")


def test_packing_does_not_depend_on_the_clock(monkeypatch):
    before = packed({"a": 1})
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert packed({"a": 1}) == before


def test_every_status_can_be_shown():
    records = [release(f"1.{minor}") for minor in range(len(GIVING))]
    rows = [row(CASE, r, s, "fix_mask") for r, s in zip(records, GIVING, strict=True)]
    text = page(model_of([CASE], rows, records))
    assert len(chunks_in(text)[CASE.id]["cells"]) == len(GIVING)
    assert index_in(text)["counts"]["cells"] == len(GIVING)


def test_a_lone_surrogate_does_not_stop_the_page():
    assert page_of(found=evidence(log="\udc80 bytes")).encode()


@given(st.text(alphabet="\n\t #'ab=1\x00\u202e") | st.text(alphabet=st.characters(exclude_characters="\r")))
def test_tokens_joined_are_the_source(text):
    shown = spelled_out(text)
    lines = tokens_of(shown)
    assert "\n".join("".join(part for _, part in line) for line in lines) == shown.removesuffix("\n")


def test_tokens_tell_what_they_are():
    (line,) = tokens_of("def f(): return 'x'  # why\n")
    assert line[0] == ("keyword", "def")
    assert ("name", "f") in line
    assert ("string", "'x'") in line
    assert line[-1] == ("comment", "# why")


def test_what_turns_the_order_of_source_is_spelled_out():
    assert spelled_out("a\u202eb\u200b\tc\n\x00") == "a\\u202eb\\u200b\tc\n\\x00"


def test_the_plot_is_a_picture_that_can_run_nothing():
    index = index_in(page_of(plot="<svg/>"))
    kind, _, data = index["plot"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data) == b"<svg/>"


def test_several_processes_pack_just_what_one_does():
    cases = [toy_case(number) for number in range(1, 30)]
    records = [release("1.0"), release("2.0")]
    rows = [row(case, record, Status.FAILING) for case in cases for record in records]
    model = model_of(cases, rows, records)
    with packing(model, many=2) as several, packing(model) as one:
        assert list(several) == list(one)
