"""The bundle as one Markdown text, fit to be pasted as a comment: the answer first, then its proof."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from harness.report.bundle.foreign import fenced, shown
from harness.report.bundle.record import brief_record_text
from harness.report.bundle.script import script_text, takes_seed
from harness.report.bundle.subject import Subject
from harness.report.bundle.words import ending, heading, meaning, symptom, warnings
from harness.report.markup import quoted, said, table, titled
from harness.report.text import plain

LIMIT = 65_536
"""GitHub takes no longer comment. It counts characters; bytes of UTF-8 are never fewer."""

_SHARES = (40_000, 30_000, 24_000, 18_000, 14_000, 10_000, 7_000, 5_000, 3_000, 2_000, 1_000, 500)
"""Characters that each part which can be cut may have, tried one after the other."""


def bundle_markdown(subject: Subject) -> str:
    """The whole text, always shorter than a comment may be.

    Of traceback, log, versions and record the middle is left out where that must be, and the script where
    it is too long by itself, each with a note.
    """
    script = script_text(subject)
    too_long = (
        f"The script has {len(script):,} characters, too many for a comment; `harness evidence` writes it "
        "with `--folder`.\n"
    )
    tried = [(share, listing) for listing in (fenced(script, "python"), too_long) for share in _SHARES]
    for share, listing in tried[:-1]:
        text = _whole(subject, listing, share)
        if len(text.encode()) < LIMIT:
            return text
    share, listing = tried[-1]
    return _whole(subject, listing, share)


def _whole(subject: Subject, listing: str, share: int) -> str:
    return "\n".join([*_answer(subject), *_script(subject, listing), *_details(subject, share)])


def _answer(subject: Subject) -> Iterator[str]:
    yield f"## {heading(subject)}\n"
    yield f"{titled(subject.case.title)}\n"
    if not subject.variant.is_failure:
        yield f"{titled(subject.case.claim(subject.variant.name))}\n"
    yield f"{meaning(subject)}\n"
    yield from (f"> {warning}\n" for warning in warnings(subject))
    yield _facts(subject)
    yield "### Symptom\n"
    yield from symptom(subject)


def _facts(subject: Subject) -> str:
    attested, evidence = subject.attested, subject.evidence
    versions = ", ".join(f"{quoted(f'{name} {version}')}" for name, version in subject.telling.items())
    rows = {
        "environment": _environment(subject),
        "versions" if attested else "versions, as requested": versions,
        "Python": said(attested.python if attested else subject.python),
        "platform": said(subject.row.platform),
        "device": said(attested.device or "") if attested else "",
        "precision": said(attested.precision or "") if attested else "",
        "duration": f"{evidence.seconds:.2f} s" if subject.judgement.status.is_evidence else "",
        "seed": str(evidence.seed) if takes_seed(subject) else "",
        "measured": said(f"{evidence.measured_at[:19].replace('T', ' ')} UTC"),
    }
    return table(("", ""), [(name, value) for name, value in rows.items() if value])


def _environment(subject: Subject) -> str:
    record = subject.record
    facts = [record.resolution, f"the index as of {record.as_of}" if record.as_of else "", record.note]
    return f"{quoted(record.id)} ({said(', '.join(fact for fact in facts if fact))})"


def _script(subject: Subject, listing: str) -> Iterator[str]:
    yield "### Script\n"
    locked = "versions that were held" if subject.lock is None else "lock"
    yield f"With the {locked} in its header. Save it as {quoted(subject.script_name)}, then:\n"
    yield fenced(f"$ uv run {shlex.quote(subject.script_name)}", "console")
    yield f"{ending(subject)}\n"
    yield listing


def _details(subject: Subject, share: int) -> Iterator[str]:
    raised = subject.evidence.raised
    if raised is not None:
        yield _folded(
            "Traceback, with the line numbers of the case's own file", shown(raised.traceback, share)
        )
    if subject.evidence.log.strip():
        yield _folded("Log", shown(subject.evidence.log, share))
    yield _folded(_title_of_versions(subject), shown(versions_text(subject), share))
    yield _folded("Record", shown(brief_record_text(subject), share), "json")


def versions_text(subject: Subject) -> str:
    """Every version that was used, and beside it what the lock has where that is another."""
    requested = {difference.name: difference for difference in subject.differences}
    lines = [f"{plain(name)} {plain(version)}" for name, version in sorted(subject.versions.items())]
    for name, difference in requested.items():
        old, new = difference.requested or "nothing", difference.attested or "nothing"
        lines.append(f"DIFFERS FROM THE LOCK: {plain(name)}, locked {plain(old)}, used {plain(new)}")
    return "\n".join(lines)


def _title_of_versions(subject: Subject) -> str:
    if subject.attested is None:
        return f"All {len(subject.versions)} requested versions; nothing was started there"
    same = "differing from the lock" if subject.differences else "as in the lock"
    return f"All {len(subject.versions)} attested versions{'' if subject.lock is None else f', {same}'}"


def _folded(title: str, text: str, language: str = "text") -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{fenced(text, language)}\n</details>\n"
