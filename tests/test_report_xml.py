from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from feed_documents import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from harness.report.xml import junit_counts, junit_outcome, junit_stamp, xml_document, xml_text


@given(st.text(st.characters(), max_size=30))
def test_every_text_makes_well_formed_text_and_attributes(text):
    root = ET.Element("root", name=xml_text(text))
    root.text = f"a{xml_text(text)}"
    assert ET.fromstring(xml_document(root).encode()).tag == "root"


def test_text_that_xml_may_hold_is_kept():
    assert xml_text("a\tb\nc é 😀 <&>") == "a\tb\nc é 😀 <&>"


def test_what_xml_may_not_hold_is_replaced_one_by_one():
    assert xml_text("a\x00b\ud800c\ufffe") == "a\ufffdb\ufffdc\ufffd"


def test_counts_are_those_of_the_elements():
    suite = ET.Element("testsuite")
    for tag in ("failure", "failure", "error", "skipped", None):
        case = ET.SubElement(suite, "testcase")
        if tag:
            junit_outcome(case, tag, "kind", "message", "told")
    assert junit_counts(suite) == {"tests": "5", "failures": "2", "errors": "1", "skipped": "1"}


@pytest.mark.parametrize("evil", HOSTILE)
def test_an_outcome_has_one_line_of_bounded_message(evil):
    case = ET.Element("testcase")
    junit_outcome(case, "failure", evil, evil, evil)
    message = ET.fromstring(xml_document(case).encode()).find("failure").get("message")
    assert len(message) <= 1000
    assert message.isprintable()


@pytest.mark.parametrize(
    ("moment", "stamp"),
    [
        ("2026-11-21T05:13:35.815303+00:00", "2026-11-21T05:13:35"),
        ("2026-11-21T05:13:35Z", "2026-11-21T05:13:35"),
        ("2025-05-01T10:00:00", "2025-05-01T10:00:00"),
        ("2025-05-01T10:00:00+02:00", None),
        ("2025-05-01", None),
        ("", None),
    ],
)
def test_a_stamp_is_a_moment_in_utc_without_its_zone(moment, stamp):
    assert junit_stamp(moment) == stamp
