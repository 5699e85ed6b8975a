"""XML of test reports: text that every parser takes, and counts that are those of the elements."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from harness.report.text import plain

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
_MESSAGE_LENGTH = 1000
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)?", re.ASCII)


def xml_text(text: str) -> str:
    """Text without the characters that no XML may hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def xml_document(root: ET.Element) -> str:
    """A whole document, indented in place."""
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def junit_outcome(case: ET.Element, tag: str, kind: str, message: str, told: str) -> None:
    """Say why a test case did not pass: in one line, and in full."""
    shown = xml_text(plain(message, _MESSAGE_LENGTH))
    ET.SubElement(case, tag, type=xml_text(kind), message=shown).text = xml_text(told)


def junit_counts(element: ET.Element) -> dict[str, str]:
    """The attributes of a suite that say how many test cases it holds, and how many of each outcome."""
    counts = {name: len(list(element.iter(tag))) for name, tag in _COUNTED.items()}
    tests = len(list(element.iter("testcase")))
    return {"tests": str(tests), **{name: str(count) for name, count in counts.items()}}


def junit_stamp(moment: str) -> str | None:
    """A moment in UTC as JUnit writes it, to the second and without a zone; `None` if it is none."""
    found = _MOMENT.fullmatch(moment)
    return found[1] if found else None
