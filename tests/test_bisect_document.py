"""Answers as JSON and back."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace

import pytest
from bisect_answers import (
    TOYS,
    answer,
    drift,
    fixed_with_commit,
    introduced_then_fixed,
    nothing_known,
    reading,
    undecided,
    with_change,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.bisect import answer as records
from harness.bisect.answer import Answer, Change, Commit, CommitSearch, Experiment, Move, Point, ReleaseSearch
from harness.bisect.answer import Suspects as SuspectsRecord
from harness.bisect.document import (
    LABELS,
    TEXT_LENGTH,
    answer_document,
    answer_of,
    answer_text,
    confidence,
    noticed_share,
    read_answer,
    schema_text,
    without_credentials,
)
from harness.bisect.labels import Reading
from harness.errors import UsageError

SCHEMA = json.loads(schema_text())


def errors(document):
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)]


LINES = st.text("ab `|<\u00e9\u2713@#-", max_size=8).map(lambda text: " ".join(text.split()))
NAMES = st.text("abz0.9-", min_size=1, max_size=6)
VERSIONS = st.dictionaries(NAMES, NAMES, max_size=3).map(lambda found: tuple(sorted(found.items())))
SECONDS = st.floats(0, 1e6)


def readings(labels):
    numbers = {"runs": st.integers(0, 9), "stored": st.booleans(), "seconds": SECONDS, "attested": VERSIONS}
    return st.builds(Reading, label=labels, detail=LINES, **numbers)


def points(labels):
    names = dict.fromkeys(("environment", "key", "python"), LINES)
    date = st.none() | LINES
    return st.builds(Point, name=NAMES, date=date, packages=VERSIONS, reading=readings(labels), **names)


def tuples(of):
    return st.lists(of, max_size=2).map(tuple)


DECIDED = points(st.sampled_from(LABELS))
ANY = points(st.none() | st.sampled_from(LABELS))
MOVES = st.builds(Move, package=NAMES, before=st.none() | LINES, after=st.none() | LINES)
EXPERIMENTS = st.builds(
    Experiment, description=LINES, moved=tuples(MOVES), reading=readings(st.none() | st.sampled_from(LABELS))
)
SUSPECTS = st.builds(
    SuspectsRecord,
    moves=tuples(MOVES),
    culprits=tuples(NAMES),
    sufficient=st.none() | EXPERIMENTS,
    necessary=st.none() | EXPERIMENTS,
    experiments=tuples(EXPERIMENTS),
    others=tuples(tuples(NAMES)),
    note=LINES,
)
COMMITS = st.builds(
    Commit, sha=NAMES, date=LINES, subject=LINES, pull_request=st.none() | st.integers(0, 10**6), url=LINES
)
SEARCHES = st.builds(
    CommitSearch,
    repository=LINES,
    package=NAMES,
    first=LINES,
    last=LINES,
    total=st.integers(0, 10**6),
    held=LINES,
    points=tuples(ANY),
    before=st.none() | COMMITS,
    culprit=st.none() | COMMITS,
    candidates=tuples(COMMITS),
    reverted=st.none() | EXPERIMENTS,
    compare_url=LINES,
    note=LINES,
)


def changes(pairs):
    return st.builds(
        Change,
        before=DECIDED,
        after=DECIDED,
        undecided=tuples(NAMES),
        suspects=st.none() | SUSPECTS,
        pair=pairs,
        commits=st.none() | SEARCHES,
        random_stream=LINES,
    )


def releases(pairs):
    return st.builds(
        ReleaseSearch,
        package=NAMES,
        held=LINES,
        points=tuples(ANY),
        changes=tuples(changes(pairs)),
        unmeasured=tuples(NAMES),
        unjudged=tuples(NAMES),
    )


ANSWERS = st.builds(
    Answer,
    case=NAMES,
    title=LINES,
    issue=LINES,
    digest=LINES,
    variant=NAMES,
    device=NAMES,
    platform=LINES,
    repeat=st.integers(1, 50),
    command=st.text(max_size=20).map(without_credentials),
    tool=NAMES,
    measured_at=LINES,
    releases=releases(st.none() | releases(st.none())),
    drift=st.none() | changes(st.none()),
)


@settings(max_examples=60)
@given(ANSWERS)
def test_every_answer_is_valid_and_comes_back_as_it_was(found):
    document = answer_document(found)
    assert errors(document) == []
    assert answer_of(json.loads(answer_text(found))) == found


@settings(max_examples=60)
@given(st.text(max_size=2 * TEXT_LENGTH))
def test_foreign_text_becomes_one_bounded_line_and_stays_so(text):
    noisy = with_change(fixed_with_commit(), random_stream=text)
    document = answer_document(noisy)
    assert errors(document) == []
    assert answer_document(answer_of(document)) == document


@pytest.mark.parametrize("make", TOYS.values(), ids=TOYS)
def test_a_toy_is_valid_and_comes_back_as_it_was(make):
    found = make()
    assert errors(answer_document(found)) == []
    assert answer_of(json.loads(answer_text(found))) == found


def test_the_schema_is_itself_valid_and_admits_no_unknown_key():
    Draft202012Validator.check_schema(SCHEMA)
    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    closed = [entry for entry in objects if entry.get("required")]
    assert len(closed) == 10
    assert all(entry["additionalProperties"] is False for entry in closed)
    assert all(sorted(entry["required"]) == sorted(entry["properties"]) for entry in closed)


DERIVED = {
    "Answer": {"schema", "is_decided", "confidence"},
    "Change": {"kind", "is_exact"},
    "Suspects": {"is_proven"},
}


def defined(name):
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    return SCHEMA if name == "Answer" else SCHEMA["$defs"][snake]


@pytest.mark.parametrize(
    "record",
    [*(each for each in vars(records).values() if is_dataclass(each))],
    ids=lambda each: each.__name__,
)
def test_the_schema_has_just_the_fields_of_a_record_and_what_follows_from_them(record):
    names = {field.name for field in fields(record)} | DERIVED.get(record.__name__, set())
    assert set(defined(record.__name__)["properties"]) == names


def test_the_schema_knows_every_label():
    assert set(SCHEMA["$defs"]["label"]["enum"]) == set(LABELS)


def test_the_document_says_what_follows_from_the_records():
    document = answer_document(fixed_with_commit())
    (change,) = document["releases"]["changes"]
    assert (document["schema"], document["is_decided"]) == (1, True)
    assert (change["kind"], change["is_exact"], change["suspects"]["is_proven"]) == ("fixed", True, True)
    assert document["confidence"] == {"runs": 1, "noticed_share": 0.95}
    kinds = [each["kind"] for each in answer_document(introduced_then_fixed())["releases"]["changes"]]
    assert kinds == ["introduced", "fixed"]
    assert answer_document(drift())["drift"]["kind"] == "introduced"


def test_the_document_says_what_is_undecided():
    document = answer_document(undecided())
    assert document["is_decided"] is False
    assert document["releases"]["changes"][0]["undecided"] == ["1.1", "1.2", "1.3"]
    assert answer_document(nothing_known())["is_decided"] is False


def test_versions_are_an_object_by_name():
    document = answer_document(answer("failing"))
    assert document["releases"]["points"][0]["packages"] == {"other": "3.0", "toy": "1.0"}


def test_the_text_is_sorted_indented_and_ends_with_a_line():
    text = answer_text(answer("failing"))
    assert text.startswith('{\n "case": "toy-1",\n "command": "harness bisect toy-1",\n "confidence": {\n')
    assert text.endswith("}\n")
    assert text.isascii()


def test_no_password_gets_into_a_document():
    secret = "https://me:s3cret@example.org/toy.git"
    found = with_change(fixed_with_commit(), commits=None)
    text = answer_text(replace(found, command=f"harness bisect toy-1 --repo {secret}", issue=secret))
    assert "s3cret" not in text
    assert "--repo https://example.org/toy.git" in text
    assert without_credentials("ssh://git@example.org/toy") == "ssh://git@example.org/toy"


@pytest.mark.parametrize(
    ("repeat", "share"), [(1, 0.95), (2, 0.7764), (5, 0.4507), (20, 0.1391), (300, 0.0099)]
)
def test_more_runs_would_have_noticed_rarer_changes(repeat, share):
    assert noticed_share(repeat) == share
    assert (1 - share) ** repeat == pytest.approx(0.05, rel=0.02)


def test_confidence_says_plainly_that_each_point_ran_once():
    assert confidence(1) == (
        "Each point ran once, so a status that comes and goes by chance would not have been noticed."
    )


def test_confidence_rounds_the_share_up():
    assert confidence(5) == (
        "Each point ran 5 times and counts only where all runs agree: beside a change, a point that gives "
        "the other status in 46 % of its runs or more would have been noticed with 95 %."
    )


def test_an_answer_is_read_back(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(answer_text(fixed_with_commit()))
    assert read_answer(path) == fixed_with_commit()


def test_fields_with_a_default_may_be_missing_and_others_not(tmp_path):
    document = answer_document(answer("failing"))
    del document["drift"]
    document["added later"] = 1
    assert answer_of(document) == answer("failing")
    del document["repeat"]
    with pytest.raises(KeyError, match="repeat"):
        answer_of(document)


def spoiled():
    """Damage to a right document, each by one change."""
    yield "no case", lambda d: d.pop("case")
    yield "a number for a name", lambda d: d.update(case=1)
    yield "a text for a list", lambda d: d["releases"].update(points="abc")
    yield "an object for a list", lambda d: d["releases"].update(changes={})
    yield "a list for an object", lambda d: d.update(releases=[])
    yield "a list for versions", lambda d: d["releases"]["points"][0].update(packages=[])
    yield "a number for a version", lambda d: d["releases"]["points"][0]["packages"].update(toy=1)
    yield "an unknown label", lambda d: d["releases"]["points"][0]["reading"].update(label="good")
    yield "a truth for a number", lambda d: d["releases"]["points"][0]["reading"].update(runs=True)
    yield "a text for a duration", lambda d: d["releases"]["points"][0]["reading"].update(seconds="1")
    yield (
        "a change without verdict",
        lambda d: d["releases"]["changes"][0]["after"]["reading"].update(label=None),
    )
    yield "no runs", lambda d: d.update(repeat=0)


@pytest.mark.parametrize("spoil", [pytest.param(spoil, id=name) for name, spoil in spoiled()])
def test_a_damaged_answer_is_refused_by_the_reader_and_the_schema(tmp_path, spoil):
    document = deepcopy(answer_document(fixed_with_commit()))
    spoil(document)
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError) as raised:
        read_answer(path)
    sentence = f"{path} is damaged or no answer of a bisection; make it anew with `harness bisect`."
    assert str(raised.value) == sentence
    assert errors(document) != []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "1", '{"schema": 1', "\udc80", '{"schema": 1}', "[" * 100_000]
)
def test_what_is_no_answer_is_refused(tmp_path, text):
    path = tmp_path / "answer.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match="is damaged or no answer of a bisection"):
        read_answer(path)


def test_a_missing_file_a_newer_one_and_an_odd_one_each_get_their_sentence(tmp_path):
    path = tmp_path / "answer.json"
    with pytest.raises(UsageError, match=r"cannot be read \(No such file or directory\); make it with"):
        read_answer(path)
    path.write_text('{"schema": 2}')
    with pytest.raises(
        UsageError, match=r"newer version \(schema 2, this one reads 1\); update the harness\.$"
    ):
        read_answer(path)
    path.write_text('{"schema": "x"}')
    with pytest.raises(UsageError, match=r"another schema \(this one reads 1\); make it anew"):
        read_answer(path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(extra=1),
        lambda d: d.update(schema=2),
        lambda d: d.update(title="two\nlines"),
        lambda d: d["releases"]["points"][0].update(extra=1),
        lambda d: d["releases"]["changes"][0].update(kind="broken"),
        lambda d: d["releases"]["changes"][0]["suspects"].pop("is_proven"),
        lambda d: d["confidence"].update(noticed_share=0.99),
    ],
)
def test_the_schema_refuses_what_the_reader_does_not_look_at(spoil):
    document = deepcopy(answer_document(fixed_with_commit()))
    spoil(document)
    assert errors(document) != []


def test_foreign_text_of_every_kind_is_made_plain():
    noise = "red \x1b[31mtext\x00\r\nand\u202e more" + "x" * 2000
    found = answer(None, title=noise)
    point = replace(found.releases.points[0], reading=reading(None, detail=noise))
    found = replace(found, releases=replace(found.releases, points=(point,)))
    document = answer_document(found)
    detail = document["releases"]["points"][0]["reading"]["detail"]
    assert detail == document["title"]
    assert detail.startswith("red text and more")
    assert len(detail) == TEXT_LENGTH
