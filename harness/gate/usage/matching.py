"""Which uses meet a case."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.api import Api, parse_api
from harness.case import Case
from harness.gate.observations import SourceReading, Use
from harness.gate.usage.library import Libraries
from harness.gate.usage.scopes import Role


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A use with what is done there."""

    use: Use
    role: Role
    is_result: bool = False
    """Whether it is what calling the name gave: its attributes are meant, not the name itself."""
    keywords: frozenset[str] = frozenset()
    has_more_keywords: bool = False
    """Whether the call has `**keywords`."""


class _Relation(enum.Enum):
    SAME = "the name itself"
    BELOW = "something of it"
    ABOVE = "a module or class that holds it"
    LIKE = "perhaps the name itself, under another path"
    LIKE_BELOW = "perhaps something of it, under another path"


class Usage:
    """What a team's source uses."""

    def __init__(self, reading: SourceReading, mentions: Iterable[Mention], libraries: Libraries) -> None:
        self.reading = reading
        self._libraries = libraries
        self._mentions: dict[str, dict[str, list[Mention]]] = {}
        """By library, then by name."""
        for mention in mentions:
            root = mention.use.name.partition(".")[0]
            self._mentions.setdefault(root, {}).setdefault(mention.use.name, []).append(mention)

    def meeting(self, case: Case) -> tuple[Use, ...]:
        """The uses that meet any `api` entry of a case, each place once, the most certain first."""
        best: dict[tuple[str, int, int], Use] = {}
        for entry in case.api:
            for use in self._meeting(parse_api(entry)):
                place = (use.path, use.line, use.column)
                known = best.get(place)
                if known is None or _rank(use) < _rank(known):
                    best[place] = use
        return tuple(sorted(best.values(), key=_rank))

    def _meeting(self, api: Api) -> Iterable[Use]:
        for name, mentions in self._mentions.get(api.root, {}).items():
            if api.name == api.root:
                if not api.keyword:
                    yield from (mention.use for mention in mentions if mention.role is Role.IMPORTED)
                continue
            relation = self._relation(name, api.name)
            if relation is None:
                continue
            judge = _with_keyword if api.keyword else _without_keyword
            for mention in mentions:
                is_certain = judge(mention, relation, api.keyword or "")
                if is_certain is not None:
                    yield replace(mention.use, is_certain=is_certain and mention.use.is_certain)

    def _relation(self, name: str, api: str) -> _Relation | None:
        canonical, is_found = self._libraries.canonical(name)
        canonical_api, is_api_found = self._libraries.canonical(api)
        pairs = ((name, api), (canonical, canonical_api))
        if any(one == other for one, other in pairs):
            return _Relation.SAME
        if any(one.startswith(f"{other}.") for one, other in pairs):
            return _Relation.BELOW
        if not (is_found and is_api_found):
            parts = name.split(".")
            for end in range(len(parts), 1, -1):
                if any(_is_like(parts[:end], other.split(".")) for _, other in pairs):
                    return _Relation.LIKE if end == len(parts) else _Relation.LIKE_BELOW
        if any(other.startswith(f"{one}.") for one, other in pairs):
            return _Relation.ABOVE
        return None


def _is_like(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one name may be the other's re-export: a common last part, and a parent above the other's."""
    shared = min(len(one), len(other)) - 1
    return shared > 0 and one[-1] == other[-1] and one[:shared] == other[:shared]


def _without_keyword(mention: Mention, relation: _Relation, _: str) -> bool | None:
    """True where it certainly meets the name, False where it may, None where not."""
    if relation is _Relation.ABOVE:
        return False if mention.role in (Role.PASSED, Role.BOUND) else None
    if mention.is_result and relation in (_Relation.SAME, _Relation.LIKE):
        return None
    return relation in (_Relation.SAME, _Relation.BELOW)


def _with_keyword(mention: Mention, relation: _Relation, keyword: str) -> bool | None:
    if relation is _Relation.ABOVE:
        return False if mention.role in (Role.PASSED, Role.BOUND) else None
    if relation not in (_Relation.SAME, _Relation.LIKE) or mention.is_result:
        return None
    if mention.role in (Role.CALLED, Role.BOUND) and keyword in mention.keywords:
        return relation is _Relation.SAME
    if mention.role in (Role.BOUND, Role.PASSED):
        return False
    return False if mention.role is Role.CALLED and mention.has_more_keywords else None


def _rank(use: Use) -> tuple[bool, bool, str, int, int, str]:
    return (not use.is_certain, use.is_import, use.path, use.line, use.column, use.name)
