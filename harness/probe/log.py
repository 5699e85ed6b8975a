"""Keeps what a process prints within bounds. Standard library only, Python 3.8 and newer."""

from __future__ import annotations

HEAD = 16 * 1024
TAIL = 48 * 1024


class BoundedLog:
    """Keeps the beginning and the end of what a process prints, however much that is."""

    def __init__(self) -> None:
        self.head = b""
        self.tail = b""
        self.dropped = 0

    def add(self, data: bytes) -> None:
        room = HEAD - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        if len(self.tail) > 2 * TAIL:
            self.trim()

    def trim(self) -> None:
        excess = max(0, len(self.tail) - TAIL)
        self.dropped += excess
        self.tail = self.tail[excess:]

    def text(self) -> str:
        self.trim()
        middle = f"\n[... {self.dropped} bytes left out ...]\n".encode() if self.dropped else b""
        return (self.head + middle + self.tail).decode("utf-8", "replace")
