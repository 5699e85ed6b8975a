"""What an expression is: names of libraries, modules and classes of the team's, or nothing known."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from harness.gate.usage.expressions import IMPORTERS, literal_attribute, literal_import
from harness.gate.usage.project import Project
from harness.gate.usage.scopes import Binding, How, Module, Scope, Space

_BUILTINS = frozenset(dir(builtins))
_ATTEMPTS = 20
"""So often is a name tried whose meaning hangs on itself before the answer so far is taken."""


class Value(NamedTuple):
    """What something may be."""

    name: str
    """A dotted name of a library; empty for something of the team's own."""
    is_certain: bool = True
    is_result: bool = False
    """Whether it is what calling the name gives."""
    module: str = ""
    """Key of a module of the team's."""
    scope: Scope | None = None
    """A class of the team's, or an instance of it."""

    @property
    def same(self) -> tuple[object, ...]:
        return (self.name, self.is_result, self.module, self.scope)


Values = tuple[Value, ...]
_UNKNOWN = Module(path="", key="", is_package=False, base="").scope


def _merged(values: Iterable[Value]) -> Values:
    """Each thing once, certain where it is once."""
    found: dict[tuple[object, ...], Value] = {}
    for value in values:
        known = found.get(value.same)
        if known is None or (value.is_certain and not known.is_certain):
            found[value.same] = value
    return tuple(found.values())


def _weak(values: Iterable[Value]) -> Values:
    return tuple(value._replace(is_certain=False) for value in values)


class Resolver:
    """Follows names through namespaces, files and assignments. Cycles end where they close."""

    def __init__(self, project: Project, modules: dict[str, Module], libraries: Collection[str]) -> None:
        self._project = project
        self._modules = modules
        self._libraries = frozenset(libraries)
        self._memo: dict[tuple[Scope, str, str], Values] = {}
        self._active: dict[tuple[Scope, str, str], tuple[int, Values]] = {}
        self._attempts: dict[tuple[Scope, str, str], int] = {}
        self._owners: dict[tuple[Scope, str], Scope | None] = {}
        self._low = 1 << 30
        """How far down on the stack an answer hangs on one that is not yet there."""

    def values(self, node: ast.expr, scope: Scope) -> Values:
        if isinstance(node, ast.Name):
            return self.lookup(scope, node.id)
        if isinstance(node, ast.Attribute):
            return self._attributes(self.values(node.value, scope), node.attr)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, ast.NamedExpr | ast.Await):
            return self.values(node.value, scope)
        if isinstance(node, ast.BoolOp):
            return _weak(value for operand in node.values for value in self.values(operand, scope))
        if isinstance(node, ast.IfExp):
            return _weak([*self.values(node.body, scope), *self.values(node.orelse, scope)])
        return ()

    def _call(self, node: ast.Call, scope: Scope) -> Values:
        attribute = literal_attribute(node)
        if attribute is not None and self._is_builtin(scope, "getattr"):
            return self._attributes(self.values(node.args[0], scope), attribute)
        if (imported := literal_import(node)) and self.is_importer(node.func, scope):
            name = imported.module
            is_whole = not isinstance(node.func, ast.Name) or node.func.id != "__import__"
            return self.imported(name if is_whole else name.partition(".")[0], scope.module)
        if isinstance(node.func, ast.Name) and node.func.id == "super" and self._is_builtin(scope, "super"):
            return self._above(scope)
        found = self.values(node.func, scope)
        if not found:
            return found
        if node.args and any(value.name in _PARTIAL for value in found):
            return self.values(node.args[0], scope)
        if len(found) == 1 and found[0].name:
            return (Value(found[0].name, found[0].is_certain, True),)
        return _merged(value._replace(is_result=True) if value.name else value for value in found)

    def is_importer(self, node: ast.expr, scope: Scope) -> bool:
        """Whether calling it imports a module, as far as can be seen."""
        if isinstance(node, ast.Name) and node.id == "__import__":
            return self._is_builtin(scope, node.id)
        return any(value.name.rpartition(".")[2] in IMPORTERS for value in self.values(node, scope))

    def is_partial(self, node: ast.expr, scope: Scope) -> bool:
        return any(value.name in _PARTIAL for value in self.values(node, scope))

    def _is_builtin(self, scope: Scope, name: str) -> bool:
        return self._defining(scope, name) is None

    def _above(self, scope: Scope) -> Values:
        """What `super()` may be: the bases of the class around it."""
        around: Scope | None = scope
        while around is not None and around.space is not Space.CLASS:
            around = around.parent
        if around is None or around.parent is None:
            return ()
        bases = (value for base in around.bases for value in self.values(base, around.parent))
        return _weak(value._replace(is_result=True) if value.name else value for value in bases)

    def _attributes(self, values: Values, name: str) -> Values:
        if len(values) < 2:
            return self.attribute(values[0], name) if values else ()
        return _merged(found for value in values for found in self.attribute(value, name))

    def attribute(self, value: Value, name: str) -> Values:
        """What `value.name` may be."""
        if value.scope is not None:
            found = self._member(value.scope, name)
        elif value.module:
            found = self._exported(value.module, name)
        else:
            return (Value(f"{value.name}.{name}", value.is_certain),)
        return found if value.is_certain else _weak(found)

    def _member(self, owner: Scope, name: str) -> Values:
        """An attribute of a class of the team's: its own, what its methods set, or that of its bases."""
        key = (owner, name, "member")
        if key in self._active or owner.parent is None:
            return ()
        self._active[key] = (len(self._active), ())
        try:
            found = list(self._bound(owner, name, owner.bindings[name]) if name in owner.bindings else ())
            if name in owner.attributes:
                found += self._bound(owner, name, owner.attributes[name], "self")
            if name not in owner.bindings:
                for base in owner.bases:
                    found += _weak(self._attributes(self.values(base, owner.parent), name))
            return _merged(found)
        finally:
            del self._active[key]

    def _exported(self, key: str, name: str) -> Values:
        """An attribute of a module of the team's: a name in it, or a module below it."""
        module = self._modules.get(key)
        found: Values = ()
        if module is not None:
            if name in module.scope.bindings:
                found = self._bound(module.scope, name, module.scope.bindings[name])
            else:
                found = self._starred(module, name)
        below = f"{key}/{name}"
        if not found and self._project.is_known(below):
            return (Value("", module=below),)
        return found

    def _starred(self, module: Module, name: str) -> Values:
        """What a name may be that only a star import can have bound; through any number of them."""
        found: list[Value] = []
        seen = {module.key}
        waiting = [module]
        while waiting:
            here = waiting.pop()
            for star in here.stars:
                for value in self._modules_of(star, here):
                    if value.name:
                        found.append(Value(f"{value.name}.{name}", False))
                    elif value.module not in seen:
                        seen.add(value.module)
                        other = self._modules.get(value.module)
                        if other is None:
                            continue
                        if name in other.scope.bindings:
                            found += _weak(self._bound(other.scope, name, other.scope.bindings[name]))
                        else:
                            waiting.append(other)
        return _merged(found)

    def imported(self, name: str, module: Module, level: int = 0) -> Values:
        """The module that an import statement names."""
        if level:
            return (Value("", module=self._project.relative(module.key, module.is_package, level, name)),)
        if name.partition(".")[0] in self._libraries:
            return (Value(name),)
        keys = self._project.absolute(name, module.base)
        if not keys:
            return (Value(name),)
        return tuple(Value("", len(keys) == 1, module=key) for key in keys)

    def _modules_of(self, binding: Binding, module: Module) -> Values:
        return self.imported(binding.module, module, binding.level)

    def lookup(self, scope: Scope, name: str) -> Values:
        """What a name may be where it is read."""
        owner = self._owners.get((scope, name), _UNKNOWN)
        if owner is _UNKNOWN:
            owner = self._owners[scope, name] = self._defining(scope, name)
        if owner is not None:
            known = self._memo.get((owner, name, ""))
            return known if known is not None else self._bound(owner, name, owner.bindings[name])
        if name in _BUILTINS or not scope.module.stars:
            return ()
        return self._starred(scope.module, name)

    @staticmethod
    def _defining(scope: Scope, name: str) -> Scope | None:
        here: Scope | None = scope
        while here is not None:
            if name in here.globals:
                here = here.module.scope
            if name in here.bindings and (here is scope or here.space is not Space.CLASS):
                return here
            here = here.parent
        return None

    def _bound(self, scope: Scope, name: str, bindings: list[Binding], kind: str = "") -> Values:
        key = (scope, name, kind)
        known = self._memo.get(key)
        if known is not None:
            return known
        if key in self._active:
            depth, so_far = self._active[key]
            self._low = min(self._low, depth)
            if not so_far and scope.space is Space.CLASS and scope.parent is not None:
                return self.lookup(scope.parent, name)  # in a class, `name = name` reads the outer one
            return so_far
        depth = len(self._active)
        self._active[key] = (depth, ())
        try:
            found = self._together(key, bindings)
        finally:
            del self._active[key]
        self._attempts[key] = self._attempts.get(key, 0) + 1
        if self._low >= depth or self._attempts[key] > _ATTEMPTS:
            self._memo[key] = found
        if self._low >= depth:
            self._low = 1 << 30
        return found

    def _together(self, key: tuple[Scope, str, str], bindings: list[Binding]) -> Values:
        """The meaning of a name that one or several places bind: which of them ran last is not known."""
        if len(bindings) == 1:
            return self._one(bindings[0])
        single: list[tuple[Binding, Values]] = []
        for binding in sorted(bindings, key=lambda binding: not binding.is_import):
            if binding.how is not How.NOTHING:
                single.append((binding, self._one(binding)))
                depth = self._active[key][0]
                self._active[key] = (depth, _merged(value for _, values in single for value in values))
        return _merged(self._weighed(single))

    @staticmethod
    def _weighed(single: list[tuple[Binding, Values]]) -> Iterator[Value]:
        """An import holds unless something always replaces it; anything else only where all agree."""
        for binding, values in single:
            others = [
                {value.same for value in rival_values}
                for rival, rival_values in single
                if rival is not binding
                and not (binding.is_import and (rival.is_import or rival.is_conditional))
            ]
            for value in values:
                agreed = all(value.same in other for other in others)
                yield value if agreed else value._replace(is_certain=False)

    def _one(self, binding: Binding) -> Values:
        module = binding.scope.module
        if binding.how is How.IMPORT:
            return self._modules_of(binding, module)
        if binding.how is How.FROM:
            return self._attributes(self._modules_of(binding, module), binding.name)
        if binding.how in (How.CLASS, How.SELF):
            return (Value("", scope=binding.scope),)
        if binding.how is not How.ALIAS or binding.node is None:
            return ()
        found = self.values(binding.node, binding.scope)
        if binding.is_result:
            found = tuple(value._replace(is_result=True) if value.name else value for value in found)
        return _weak(found) if binding.is_weak else found


_PARTIAL = {"functools.partial", "functools.partialmethod", "jax.tree_util.Partial"}
