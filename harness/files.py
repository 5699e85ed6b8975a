"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from harness.errors import NoEvidence


def write_atomically(target: Path, text: str) -> None:
    """Replace a file's content as a whole, so that a reader or an interruption never sees half of it."""
    if target.is_char_device() or target.is_fifo():
        target.write_text(text, encoding="utf-8")  # a pipe or a terminal is written to, not replaced
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        message = f"{target} cannot be written ({error.strerror}); choose another place."
        raise NoEvidence(message) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        message = f"{target} cannot be written ({error.strerror}); free some room or choose another place."
        raise NoEvidence(message) from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
