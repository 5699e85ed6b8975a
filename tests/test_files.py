"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from harness.errors import NoEvidence
from harness.files import write_atomically


def test_a_file_is_replaced_as_a_whole_and_everybody_may_read_it(tmp_path):
    target = tmp_path / "deep" / "file.txt"
    write_atomically(target, "old")
    write_atomically(target, "new")
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert [path.name for path in target.parent.iterdir()] == ["file.txt"]


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    """As is a device: run as root, `export` to the null device would otherwise replace it for all."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    listener = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    listener.start()
    write_atomically(pipe, "said")
    listener.join(timeout=30)
    assert heard == ["said"]
    assert pipe.is_fifo()


def test_a_folder_in_its_place_is_no_target(tmp_path):
    with pytest.raises(NoEvidence, match=r"cannot be written"):
        write_atomically(tmp_path, "text")
