"""How to avoid a failure, and whether it had been fixed before, from published measurements alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.case import FAILURE, Case, satisfied
from harness.gate.published import Published, PublishedCell
from harness.gate.records import Avoidance
from harness.verdict import Status, expected_status

RIGHT = frozenset({Status.FIXED, Status.REJECTED})
"""The failure is not there."""

_OPPOSITES = {">=": "<", ">": "<=", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
_FLOORS = {">=", ">"}
_CAPS = {"<", "<="}
_ZERO = Version("0")
_COMBINATIONS = 200
"""Combinations of alternatives that are tried where several groups hold."""

_Group = tuple[Requirement, ...]


def avoidances(
    case: Case, facts: Mapping[str, str], published: Published, device: str
) -> tuple[Avoidance, ...]:
    """Requirements under which a failure that is in these packages is gone, each one measured.

    A requirement turns every group of the failure's condition that holds, and leaves all else of the group
    as it is. It was measured right at least once so, and never otherwise. None where the case does not
    expect the failure here: then nothing is known of what would turn it.
    """
    variant = case.variant(FAILURE)
    if variant is None or variant.present is None or expected_status(variant, facts) is not Status.FAILING:
        return ()
    holding = [g for g in variant.present.where.groups if all(satisfied(r, facts) for r in g)]
    cells = _failure_cells(case, published, device)
    own = published.distribution(case)
    turns = (_Turn.of(own, picked) for picked in _combinations(holding))
    measured = {turn.alternatives: (turn, turn.best(cells)) for turn in turns}
    proven = [(turn, best) for turn, best in measured.values() if best is not None]
    proven.sort(key=lambda pair: pair[0].order)
    return tuple(Avoidance(requirement=str(turn), measured=turn.told(best)) for turn, best in proven)


def was_fixed_before(case: Case, facts: Mapping[str, str], published: Published, device: str) -> bool:
    """Whether a failure in a state comes back: measurements show it in an older release, and then gone.

    Two ways, both over releases of the case's own library and on this device:

    - on one axis of releases, so that nothing but the release is set against each other, the failure was
      measured failing in a release and fixed or rejected in a later one, and this later one is not newer
      than the state's. A release that is right with an older JAX does not count beside one that fails with
      a newer JAX: that is drift, and nobody fixed it;
    - the case expects it fixed or rejected with the state's packages, and it was measured failing in a
      release older than the state's.

    False where the state's version is not known or cannot be compared, and where the text was not measured.
    """
    own = published.distribution(case)
    here = _version(facts, own)
    if here is None:
        return False
    cells = [
        (version, c) for c in _failure_cells(case, published, device) if (version := _version(c.facts, own))
    ]
    failing = [(version, cell.axis) for version, cell in cells if cell.status is Status.FAILING]
    right = [(version, cell.axis) for version, cell in cells if cell.status in RIGHT and version <= here]
    if any(old < new and axis == same for old, axis in failing for new, same in right if axis):
        return True
    variant = case.variant(FAILURE)
    is_right = variant is not None and expected_status(variant, facts) in RIGHT
    return is_right and any(version < here for version, _ in failing)


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """What turns all groups that hold: alternatives to some of their requirements, beside the rest."""

    own: str
    alternatives: tuple[tuple[str, tuple[Specifier, ...]], ...]
    """Package to what it must be; packages in the groups' order."""
    rest: _Group
    packages: tuple[str, ...]
    """Everything that the groups name, in their order."""

    @staticmethod
    def of(own: str, picked: Sequence[tuple[_Group, Requirement, Specifier]]) -> _Turn:
        packages = tuple(dict.fromkeys(_name(r) for group, _, _ in picked for r in group))
        wanted: dict[str, list[Specifier]] = {}
        for _, turned, specifier in picked:
            wanted.setdefault(_name(turned), []).append(specifier)
        return _Turn(
            own=own,
            alternatives=tuple((p, _least(wanted[p])) for p in packages if p in wanted),
            rest=tuple(r for group, turned, _ in picked for r in group if r is not turned),
            packages=packages,
        )

    def __str__(self) -> str:
        return " and ".join(f"{name}{','.join(map(str, alike))}" for name, alike in self.alternatives)

    @property
    def order(self) -> tuple[int, int, int, Version, str]:
        """Floors on the own library, the lowest first, then caps on other packages, then the rest."""
        name, specifiers = self.alternatives[0]
        operators = {each.operator for each in specifiers}
        is_single = len(self.alternatives) == 1
        rank = 2
        if is_single and name == self.own and operators <= _FLOORS:
            rank = 0
        elif is_single and name != self.own and operators <= _CAPS:
            rank = 1
        return (rank, len(self.alternatives), self.packages.index(name), _bound(specifiers[0]), str(self))

    def best(self, cells: Iterable[PublishedCell]) -> PublishedCell | None:
        """The newest measurement that shows it right; None where there is none, or one that is not right."""
        within = [cell for cell in cells if self._covers(cell.facts)]
        if any(cell.status not in RIGHT for cell in within):
            return None
        return max(within, key=lambda cell: self._versions(cell.facts), default=None)

    def told(self, cell: PublishedCell) -> str:
        """The versions of a measurement that matter, in words."""
        named = [name for name in self._names if name in cell.facts]
        said = [f"{name} {cell.facts[name]}" for name in named]
        return said[0] + (f" with {' and '.join(said[1:])}" if said[1:] else "")

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([self.own, *self.packages]))

    def _versions(self, facts: Mapping[str, str]) -> list[Version]:
        return [_version(facts, name) or _ZERO for name in self._names]

    def _covers(self, facts: Mapping[str, str]) -> bool:
        turned = all(
            (have := _version(facts, name)) is not None
            and all(each.contains(have, prereleases=True) for each in specifiers)
            for name, specifiers in self.alternatives
        )
        return turned and all(satisfied(requirement, facts) for requirement in self.rest)


def _combinations(groups: Sequence[_Group]) -> Iterable[list[tuple[_Group, Requirement, Specifier]]]:
    """Every choice of one alternative per group; none where a group has no alternative."""
    choices = [[(group, r, turned) for r in group for turned in _complement(r.specifier)] for group in groups]
    found = (list(picked) for picked in itertools.product(*choices))
    return itertools.islice(found, _COMBINATIONS) if groups else ()


def _complement(specifiers: SpecifierSet) -> list[Specifier]:
    """What admits only versions that these do not, one for each side on which they can be left."""
    found = []
    for each in sorted(specifiers, key=str):
        if each.operator == "~=":
            floor = Version(each.version)
            above = [*floor.release[:-2], floor.release[-2] + 1]
            next_ = f"{floor.epoch}!{'.'.join(map(str, above))}" if floor.epoch else ".".join(map(str, above))
            found += [Specifier(f"<{each.version}"), Specifier(f">={next_}")]
        elif each.operator in _OPPOSITES:
            found.append(Specifier(f"{_OPPOSITES[each.operator]}{each.version}"))
    return found


def _least(specifiers: Sequence[Specifier]) -> tuple[Specifier, ...]:
    """The same demand without what others already say."""
    kept: dict[str, Specifier] = {}
    for each in specifiers:
        key = each.operator if each.operator in _FLOORS | _CAPS else str(each)
        known = kept.get(key)
        is_stricter = known is None or (
            _bound(each) > _bound(known) if each.operator in _FLOORS else _bound(each) < _bound(known)
        )
        if is_stricter:
            kept[key] = each
    return tuple(sorted(kept.values(), key=str))


def _bound(specifier: Specifier) -> Version:
    try:
        return Version(specifier.version.removesuffix(".*"))
    except InvalidVersion:
        return _ZERO


def _failure_cells(case: Case, published: Published, device: str) -> list[PublishedCell]:
    return [cell for cell in published.cells(case) if cell.variant == FAILURE and cell.device == device]


def _name(requirement: Requirement) -> str:
    return str(canonicalize_name(requirement.name))


def _version(facts: Mapping[str, str], package: str) -> Version | None:
    try:
        return Version(facts[package])
    except (KeyError, InvalidVersion):
        return None
