"""Dates locks that were written without the date of their release; nothing of them is resolved anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from harness.environment.lock import Lock
from harness.environment.resolve import Resolver
from harness.errors import NoEvidence


def date_locks(locks: Iterable[Lock], resolver: Resolver) -> tuple[list[Lock], list[str]]:
    """Those of the locks that have no date and for which an index has one, with it; and why others got none.

    No reason is given for a release that the index does not have or does not date, nor for a library that
    the configuration does not know.
    """
    dated: list[Lock] = []
    reasons: list[str] = []
    undated = sorted((lock for lock in locks if lock.released is None), key=_library)
    for library, group in groupby(undated, key=_library):
        if library not in resolver.config.libraries:
            continue
        try:
            dates = resolver.dates(library)
        except NoEvidence as error:
            reasons.append(str(error))
            continue
        dated += [
            replace(lock, released=dates[lock.id.version]) for lock in group if lock.id.version in dates
        ]
    return dated, reasons


def _library(lock: Lock) -> str:
    return lock.id.library
