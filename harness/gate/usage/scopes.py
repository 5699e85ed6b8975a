"""Namespaces of source files, and what binds the names in them."""

from __future__ import annotations

import ast
import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


class Space(enum.Enum):
    """What kind of code a namespace belongs to. Functions inside do not see the names of a class."""

    MODULE = "module"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"
    CLASS = "class"


class How(enum.Enum):
    """How a name is bound."""

    IMPORT = "import module"
    FROM = "from module import name"
    ALIAS = "name = expression"
    CLASS = "class name"
    SELF = "the first parameter of a method"
    NOTHING = "name = None, or del name"
    OTHER = "in a way that is not followed"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Binding:
    """One place that binds a name."""

    how: How
    scope: Scope
    """Where `node` is evaluated; of a class, its own namespace."""
    module: str = ""
    level: int = 0
    """Leading dots of a relative import."""
    name: str = ""
    node: ast.expr | None = None
    is_conditional: bool = False
    """Whether it stands below `if`, `try` or the like, where another binding may be the other branch."""
    is_weak: bool = False
    """Whether the name may be something else than the expression."""
    is_result: bool = False
    """Whether the name is what calling the expression gives."""

    @property
    def is_import(self) -> bool:
        return self.how in (How.IMPORT, How.FROM)


@dataclass(kw_only=True, eq=False, slots=True)
class Scope:
    """A namespace."""

    space: Space
    parent: Scope | None
    module: Module
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    bases: list[ast.expr] = field(default_factory=list)
    """Of a class."""
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    """Of a class: what methods assign to attributes of `self`."""
    self_name: str = ""
    """Of a method."""

    def bind(self, name: str, binding: Binding) -> None:
        self._owner(name).bindings.setdefault(name, []).append(binding)

    def _owner(self, name: str) -> Scope:
        if name in self.globals:
            return self.module.scope
        if name in self.nonlocals:
            scope = self.parent
            while scope is not None and scope.parent is not None:
                if scope.space is not Space.CLASS and name in scope.bindings:
                    return scope
                scope = scope.parent
        return self


class Role(enum.Enum):
    """What is done with a value."""

    READ = "looked at, or given another name"
    CALLED = "called"
    BOUND = "given to functools.partial"
    PASSED = "passed on as a whole: what becomes of it is not followed"
    IMPORTED = "named by an import statement"


class Part(NamedTuple):
    """A piece of source that was parsed by itself: a file, or a cell of a notebook."""

    tree: ast.Module
    lines: list[str]
    cell: int | None
    raw: Callable[[int], int]
    """Line of the piece to line of the file, both from 1."""


class Site(NamedTuple):
    """An expression that may be a use."""

    part: Part
    scope: Scope
    node: ast.expr
    role: Role
    call: ast.Call | None = None
    """The call whose keywords count."""
    is_certain: bool = True


class ImportSite(NamedTuple):
    """An import statement, or a call that imports."""

    part: Part
    scope: Scope
    node: ast.alias | ast.Call
    binding: Binding


@dataclass(kw_only=True, eq=False)
class Module:
    """A file of the team's."""

    path: str
    """As shown."""
    key: str
    """Absolute path without suffix; of a package's `__init__.py`, the folder."""
    is_package: bool
    base: str
    """The folder from which its own top-level package is imported."""
    scope: Scope = field(init=False)
    stars: list[Binding] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    imports: list[ImportSite] = field(default_factory=list)
    lacks_annotations: bool = False
    """Whether `from __future__ import annotations` keeps annotations from running."""

    def __post_init__(self) -> None:
        self.scope = Scope(space=Space.MODULE, parent=None, module=self)

    def forget(self) -> None:
        """Let go of the trees; what names mean to other modules stays."""
        self.sites.clear()
        self.imports.clear()
