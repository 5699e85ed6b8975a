"""A case: one documented issue, read from the header of one file without importing it."""

from __future__ import annotations

import ast
import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness.device import Device
from harness.errors import UsageError


class Kind(enum.Enum):
    """What sort of issue a case documents."""

    BUG = "bug"
    SILENT = "silent"
    LIMITATION = "limitation"
    FEATURE = "feature"
    DRIFT = "drift"


class Source(enum.Enum):
    """Who recommended a remedy."""

    DOCUMENTED = "documented"
    UPSTREAM = "upstream"
    OURS = "ours"


FAILURE = "failure"
FIX_PREFIX = "fix_"


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """How a failure shows: the exact exception type and a pattern that its message must contain."""

    raises: tuple[str, ...]
    match: str

    def __str__(self) -> str:
        return f"{' or '.join(self.raises)} matching {self.match!r}"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Requirement strings in disjunctive normal form: any of the groups, and all requirements of a group.

    `python` is a pseudo package. A package that is absent satisfies nothing.
    """

    groups: tuple[tuple[Requirement, ...], ...]

    def holds(self, packages: Mapping[str, str]) -> bool:
        """Tell whether the condition holds for `packages` (canonical name to version)."""
        return any(all(satisfied(r, packages) for r in group) for group in self.groups)

    def __str__(self) -> str:
        return " or ".join(" and ".join(str(r) for r in group) for group in self.groups)


def satisfied(requirement: Requirement, packages: Mapping[str, str]) -> bool:
    """Tell whether the installed version of a requirement's package is one that it admits."""
    version = packages.get(canonicalize_name(requirement.name))
    return version is not None and requirement.specifier.contains(version, prereleases=True)


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """A symptom together with the environments in which it was measured."""

    symptom: Symptom
    where: Condition


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One function of a case: the failure, or a remedy that someone documented."""

    name: str
    source: Source | None = None
    present: Expectation | None = None
    """For the failure, where it is `failing`; for a remedy, where it is `refuted`."""
    rejected: Expectation | None = None

    @property
    def is_failure(self) -> bool:
        return self.name == FAILURE


@dataclass(frozen=True, kw_only=True)
class Case:
    """One documented issue. `text` is the whole file; everything else comes from its header."""

    id: str
    library: str
    number: int
    path: Path
    text: str = field(repr=False)
    issue: str
    introduced_by: tuple[str, ...]
    """Addresses of pull requests, commits or issues, and releases of other packages as `name==version`."""
    fixed_by: tuple[str, ...]
    kind: Kind
    api: tuple[str, ...]
    devices: tuple[Device, ...] = ()
    """The only ones on which the issue shows itself; empty where any will do."""
    requires: tuple[Requirement, ...]
    requires_python: str | None
    timeout: float
    variants: tuple[Variant, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file: evidence for another text is not evidence for this one."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def _parsed(self) -> ast.Module:
        try:
            return ast.parse(self.text, self.path.name)
        except (SyntaxError, ValueError) as error:  # ValueError: a null byte, before Python 3.12
            message = f"{self.path}: is not Python ({error}); run it by itself first."
            raise UsageError(message) from None

    @cached_property
    def _docstrings(self) -> dict[str | None, str]:
        module = self._parsed()
        found: dict[str | None, str] = {None: _first_line(ast.get_docstring(module))}
        for node in _functions(module):
            found[node.name] = _first_line(ast.get_docstring(node))
        return found

    @cached_property
    def seeded(self) -> frozenset[str]:
        """The functions that the probe gives a seed, which it does by name; told from the text."""
        return frozenset(node.name for node in _functions(self._parsed()) if "seed" in _parameters(node))

    @property
    def title(self) -> str:
        """The first line of the module's docstring: the issue in one sentence."""
        return self._docstrings[None]

    def claim(self, variant: str) -> str:
        """The first line of a variant's docstring: what it asserts."""
        return self._docstrings.get(variant, "")

    def variant(self, name: str) -> Variant | None:
        return next((v for v in self.variants if v.name == name), None)


def _functions(module: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in module.body if isinstance(node, ast.FunctionDef)]


def _parameters(function: ast.FunctionDef) -> set[str]:
    """Those that can be given by name."""
    found = function.args
    return {each.arg for each in (*found.args, *found.kwonlyargs)}


def _first_line(docstring: str | None) -> str:
    return (docstring or "").strip().partition("\n\n")[0].replace("\n", " ")
