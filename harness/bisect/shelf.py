"""Locks for a search: those of the project, those that an earlier search resolved, or else new ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.bisect.journal import Journal
from harness.config import Config
from harness.environment.lock import Lock, LockFolder
from harness.environment.resolve import Request, Resolver


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Gives the lock of a request, and keeps what it had to resolve: a restart must not ask again."""

    config: Config
    locks: LockFolder
    journal: Journal
    resolver: Resolver

    def at_hand(self, request: Request) -> Lock | None:
        found = self.locks.get(str(request.id))
        return found or self.kept(_name(request))

    def lock(self, request: Request) -> Lock:
        """Raises UsageError for a release that does not exist, NoEvidence where the index cannot be read."""
        found = self.at_hand(request)
        if found is None:
            found = self.resolver.resolve(request)
            self.journal.put_lock(_name(request), found, self._day(found))
        return found

    def kept(self, title: str) -> Lock | None:
        return self.journal.get_lock(title, None) or self._of_today(title)

    def made(self, title: str, make: Callable[[], Lock]) -> Lock:
        """A lock that is not of a request, by what it is called; made where it is not kept.

        That there is none holds for a day: tomorrow the index may have what was missing.
        """
        found = self.kept(title)
        if found is None:
            found = make()
            self.journal.put_lock(title, found, str(self.resolver.today) if found.unresolvable else None)
        return found

    def _of_today(self, name: str) -> Lock | None:
        return self.journal.get_lock(name, str(self.resolver.today))

    def _day(self, lock: Lock) -> str | None:
        """What is newest, or was so on a day that is not over, holds for a day; what is past, for ever."""
        today = str(self.resolver.today)
        return today if lock.as_of is None or lock.as_of > today else None


def _name(request: Request) -> str:
    return f"{request.id} on Python {request.python}, {' '.join(request.extra)}"
