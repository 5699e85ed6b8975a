"""Builds in the background what a search over commits may ask for next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType


class Ahead:
    """One thread that makes the wheels of expected commits while another commit is measured.

    Only a head start: whoever needs a wheel asks for it as if nobody had, and gets its errors.
    """

    def __init__(self, make: Callable[[str], object]) -> None:
        self._make = make
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="wheels")
        self._waiting: list[Future[object]] = []

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def expect(self, commits: Iterable[str]) -> None:
        """Make these next, in this order, and none of those that were expected before and not begun."""
        for future in self._waiting:
            future.cancel()
        self._waiting = [self._pool.submit(self._make, commit) for commit in dict.fromkeys(commits)]
