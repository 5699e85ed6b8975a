"""Keeping what a process prints within bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.probe.log import HEAD, TAIL, BoundedLog


def log_of(*chunks: bytes) -> BoundedLog:
    log = BoundedLog()
    for chunk in chunks:
        log.add(chunk)
    return log


def test_a_short_log_is_kept_as_it_is():
    assert log_of(b"one\n", b"", b"two\n").text() == "one\ntwo\n"


def test_a_log_of_just_the_limit_is_kept_whole():
    assert log_of(b"x" * (HEAD + TAIL)).text() == "x" * (HEAD + TAIL)


def test_of_a_long_log_the_head_and_the_tail_stay_and_the_gap_is_counted():
    text = log_of(b"a" * HEAD, b"b" * 1000, b"c" * TAIL).text()
    assert text == "a" * HEAD + "\n[... 1000 bytes left out ...]\n" + "c" * TAIL


def test_the_memory_for_a_log_is_bounded():
    log = BoundedLog()
    for _ in range(100):
        log.add(b"x" * 65536)
        assert len(log.head) + len(log.tail) <= HEAD + 2 * TAIL + 65536


def test_a_character_that_was_cut_in_two_is_shown_as_missing():
    assert log_of("é".encode()[:1], b" ", "é".encode()).text() == "\ufffd é"


@given(st.lists(st.integers(0, 40_000), max_size=12))
def test_what_is_kept_does_not_depend_on_how_it_arrived(sizes):
    whole = b"".join(b"%07d\n" % n for n in range(sum(sizes) // 8 + 1))
    pieces, start = [], 0
    for size in sizes:
        pieces.append(whole[start : start + size])
        start += size
    pieces.append(whole[start:])
    assert log_of(*pieces).text() == log_of(whole).text()
