"""Limits on versions: their opposites, and sets of versions as the bits of a number."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_NUMBER = 99_999
"""Larger than the parts of versions are."""


@dataclass(frozen=True, order=True)
class Line:
    """A requirement with one limit, such as `jax<0.10`."""

    package: str
    limit: str

    def __str__(self) -> str:
        return f"{self.package}{self.limit}"

    def rank(self, *own: str) -> tuple[int, str, Version, str]:
        """The best first: an own floor, another's cap, another's floor, exclusions, an own cap, pins."""
        kind = re.sub(r"[^<>=!]", "", self.limit)
        is_own = self.package in own
        order = {">": 0 if is_own else 2, "<": 4 if is_own else 1, "!": 3}
        at = 5 if kind == "==" else order[kind[0]]
        return at, self.package, Version(self.limit.lstrip("<>=!").removesuffix(".*")), self.limit


def opposites(package: str, specifier: SpecifierSet) -> Iterator[Line]:
    """The limits that rule a range out, one for each of its ends and holes."""
    for part in sorted(specifier, key=str):
        if part.operator == "~=":
            release = Version(part.version)
            yield Line(package, f"<{release}")
            yield Line(package, f">={after(release, len(release.release) - 1)}")
        elif part.operator in _OPPOSITE:
            yield Line(package, f"{_OPPOSITE[part.operator]}{part.version}")


def after(version: Version, length: int) -> Version:
    """The first release that does not begin with the first `length` parts of a version."""
    *head, last = (*version.release, *[0] * length)[:length]
    return Version(f"{version.epoch}!{'.'.join(map(str, [*head, last + 1]))}")


class Space:
    """All versions of a package that matter: the measured ones, and one of each stretch between limits."""

    def __init__(
        self, environments: Iterable[Mapping[str, str]], limits: Iterable[Mapping[str, SpecifierSet]]
    ) -> None:
        parts: dict[str, set[Specifier]] = {}
        for each in limits:
            for name, specifier in each.items():
                parts.setdefault(name, set()).update(specifier)
        measured: dict[str, set[Version]] = {name: set() for name in parts}
        for facts in environments:
            for name in measured.keys() & facts.keys():
                with suppress(InvalidVersion):
                    measured[name].add(Version(facts[name]))
        self._points = {
            name: sorted(measured[name].union(*map(around, parts[name]))) for name in sorted(parts)
        }
        self._places = {name: {v: i for i, v in enumerate(vs)} for name, vs in self._points.items()}
        self._known = {name: self._bits(name, versions) for name, versions in measured.items()}
        self._masks: dict[tuple[str, str], int] = {}

    def known(self, package: str) -> int:
        """The measured versions."""
        return self._known[package]

    def mask(self, package: str, specifier: str) -> int:
        """The versions that a range holds."""
        key = package, specifier
        if key not in self._masks:
            held = SpecifierSet(specifier)
            self._masks[key] = self._bits(
                package, (v for v in self._points[package] if held.contains(v, prereleases=True))
            )
        return self._masks[key]

    def has(self, facts: Mapping[str, str], limits: Mapping[str, int]) -> bool:
        """Whether an environment breaks no limit; a package that is not in it breaks none."""
        return all(
            limits[name] >> self._places[name][Version(facts[name])] & 1
            for name in limits.keys() & facts.keys()
        )

    def _bits(self, package: str, versions: Iterable[Version]) -> int:
        return reduce(operator.or_, (1 << self._places[package][version] for version in versions), 0)


def around(part: Specifier) -> set[Version]:
    """A version of every stretch that one limit makes: its bounds, just before and just after them."""
    try:
        bound = Version(part.version.removesuffix(".*"))
    except (InvalidVersion, InvalidSpecifier):
        return set()  # ===, with something that is no version
    ends = {bound}
    if part.operator == "~=":
        ends.add(after(bound, len(bound.release) - 1))
    elif part.version.endswith(".*"):
        ends.add(after(bound, len(bound.release)))
    return ends.union(*map(_beside, ends))


def _beside(version: Version) -> set[Version]:
    release = ".".join(map(str, version.release))
    found = {Version(f"{version.epoch}!{release}.0.0.0.1")}
    *head, last = re.sub(r"(\.0)+$", "", release).split(".")
    if int(last):
        found.add(Version(f"{version.epoch}!{'.'.join([*head, str(int(last) - 1), str(_NUMBER)])}"))
    return found
