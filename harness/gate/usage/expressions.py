"""Walks expressions: notes what may be a use, and what they bind."""

from __future__ import annotations

import ast

from harness.gate.usage.scopes import Binding, How, ImportSite, Module, Part, Role, Scope, Site, Space

IMPORTERS = {"import_module", "__import__", "importorskip"}
_PARTIALS = {"partial", "partialmethod", "Partial"}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def literal_attribute(node: ast.Call) -> str | None:
    """The name in `getattr(object, "name")`."""
    if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) >= 2:
        return _text(node.args[1])
    return None


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def literal_import(node: ast.Call) -> Binding | None:
    """What `import_module("a.b")` and the like would bind; without its scope's say on what is called."""
    tail = _tail(node.func)
    if tail not in IMPORTERS or not node.args:
        return None
    name = _text(node.args[0])
    if name is None:
        return None
    if name.startswith("."):
        given = node.args[1] if len(node.args) > 1 else None
        package = next((word.value for word in node.keywords if word.arg == "package"), given)
        anchor = (_text(package) or "").split(".") if package is not None else []
        level = len(name) - len(name.lstrip("."))
        if not any(anchor) or level > len(anchor):
            return None
        name = ".".join([*anchor[: len(anchor) - level + 1], name.lstrip(".")])
    return Binding(how=How.IMPORT, scope=_NOWHERE, module=name)


_NOWHERE = Module(path="", key="", is_package=False, base="").scope


def _tail(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


class Expressions:
    """Everything below a statement that has a value."""

    def __init__(self, module: Module, part: Part) -> None:
        self.module = module
        self.part = part

    def load(self, node: ast.expr | None, scope: Scope, role: Role, is_certain: bool = True) -> None:
        """Note the uses in an expression whose value goes to `role`."""
        if node is None or isinstance(node, ast.Constant):
            return
        if isinstance(node, ast.Name):
            self._site(node, scope, role, None, is_certain)
        elif isinstance(node, ast.Attribute):
            self._site(node, scope, role, None, is_certain)
            self._base(node, node.value, scope)
        elif isinstance(node, ast.Call):
            self._call(node, scope, role)
        elif isinstance(node, ast.Lambda):
            self.function(node, scope)
        elif isinstance(node, _COMPREHENSIONS):
            self._comprehension(node, scope)
        elif isinstance(node, ast.NamedExpr):
            owner = scope
            while owner.space is Space.COMPREHENSION and owner.parent is not None:
                owner = owner.parent
            owner.bind(
                node.target.id, Binding(how=How.ALIAS, scope=scope, node=node.value, is_conditional=True)
            )
            self.load(node.value, scope, role)
        elif isinstance(node, ast.Await):
            self.load(node.value, scope, role)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self.load(value, scope, role)
        elif isinstance(node, ast.IfExp):
            self.load(node.test, scope, Role.READ)
            self.load(node.body, scope, role)
            self.load(node.orelse, scope, role)
        elif isinstance(node, ast.Compare):
            self.load(node.left, scope, Role.READ)
            for value in node.comparators:
                self.load(value, scope, Role.READ)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.load(node.operand, scope, Role.READ)
        else:
            for child in ast.iter_child_nodes(node):
                self._any(child, scope)

    def _any(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.expr):
            self.load(node, scope, Role.PASSED)
        elif isinstance(node, ast.keyword):
            self.load(node.value, scope, Role.PASSED)

    def _site(
        self, node: ast.expr, scope: Scope, role: Role, call: ast.Call | None = None, is_certain: bool = True
    ) -> None:
        self.module.sites.append(Site(self.part, scope, node, role, call, is_certain))

    def _base(self, whole: ast.expr, node: ast.expr, scope: Scope) -> None:
        """What stands before a dot: as far as it is names and dots, the site of the chain speaks for it."""
        if isinstance(whole, ast.Attribute) and whole.attr == "__dict__":
            self._site(node, scope, Role.PASSED)
        if isinstance(node, ast.Attribute):
            self._base(node, node.value, scope)
        elif not isinstance(node, ast.Name):
            self.load(node, scope, Role.READ)

    def _call(self, node: ast.Call, scope: Scope, role: Role) -> None:
        self.callee(node.func, node, scope)
        arguments = list(node.args)
        if role is not Role.READ:
            self._site(node, scope, role)
        if literal_attribute(node) is not None:
            if role is Role.READ:
                self._site(node, scope, role)
            self._base(node, arguments.pop(0), scope)
        elif _tail(node.func) in _PARTIALS and arguments:
            self._base(node, bound := arguments.pop(0), scope)
            self._site(bound, scope, Role.BOUND, node)
        elif imported := literal_import(node):
            self.module.imports.append(ImportSite(self.part, scope, node, imported))
        for argument in arguments:
            self.load(argument, scope, Role.PASSED)
        for keyword in node.keywords:
            self.load(keyword.value, scope, Role.PASSED)

    def callee(self, node: ast.expr, call: ast.Call | None, scope: Scope) -> None:
        """What is called: a decorator is called without a call to be seen."""
        self._site(node, scope, Role.CALLED, call)
        if isinstance(node, ast.Name):
            return
        if isinstance(node, ast.Attribute):
            self._base(node, node.value, scope)
        else:
            self.load(node, scope, Role.READ)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope
    ) -> None:
        inner = Scope(space=Space.COMPREHENSION, parent=scope, module=self.module)
        for number, generator in enumerate(node.generators):
            self.load(generator.iter, inner if number else scope, Role.PASSED)
            self.target(generator.target, inner)
            for test in generator.ifs:
                self.load(test, inner, Role.READ)
        for element in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.load(element, inner, Role.PASSED)

    def target(self, node: ast.expr, scope: Scope, binding: Binding | None = None) -> None:
        """Bind what stands left of an assignment; without a binding it is not followed what it is."""
        if isinstance(node, ast.Name):
            scope.bind(node.id, binding or Binding(how=How.OTHER, scope=scope))
        elif isinstance(node, ast.Tuple | ast.List):
            for element in node.elts:
                self.target(element, scope)
        elif isinstance(node, ast.Starred):
            self.target(node.value, scope)
        elif isinstance(node, ast.Attribute):
            owner = self._own_class(node.value, scope)
            if owner is not None:
                owner.attributes.setdefault(node.attr, []).append(
                    binding or Binding(how=How.OTHER, scope=scope)
                )
            else:
                self._site(node, scope, Role.READ)
            self._base(node, node.value, scope)
        elif isinstance(node, ast.Subscript):
            self.load(node.value, scope, Role.PASSED)
            self.load(node.slice, scope, Role.PASSED)

    @staticmethod
    def _own_class(node: ast.expr, scope: Scope) -> Scope | None:
        """The class whose instance `self` is, in one of its methods."""
        if not isinstance(node, ast.Name):
            return None
        inner: Scope | None = scope
        while inner is not None:
            if inner.self_name == node.id:
                return inner.parent
            inner = inner.parent
        return None

    def function(self, node: _Function, scope: Scope) -> Scope:
        """The namespace of a function, with its parameters; of a lambda, its body, too."""
        inner = Scope(space=Space.FUNCTION, parent=scope, module=self.module)
        given = node.args
        for default in [*given.defaults, *given.kw_defaults]:
            self.load(default, scope, Role.PASSED)
        positional = [*given.posonlyargs, *given.args]
        for parameter in [*positional, *given.kwonlyargs]:
            self.annotation(parameter.annotation, scope)
            inner.bind(parameter.arg, self._parameter(parameter, scope))
        for rest in (given.vararg, given.kwarg):
            if rest is not None:
                self.annotation(rest.annotation, scope)
                inner.bind(rest.arg, Binding(how=How.OTHER, scope=inner))
        if isinstance(node, ast.Lambda):
            self.load(node.body, inner, Role.PASSED)
        elif scope.space is Space.CLASS and positional and not _is_static(node):
            inner.self_name = positional[0].arg
            inner.bindings[inner.self_name] = [Binding(how=How.SELF, scope=scope)]
        return inner

    @staticmethod
    def _parameter(parameter: ast.arg, scope: Scope) -> Binding:
        if parameter.annotation is None:
            return Binding(how=How.OTHER, scope=scope)
        return Binding(how=How.ALIAS, scope=scope, node=parameter.annotation, is_weak=True, is_result=True)

    def annotation(self, node: ast.expr | None, scope: Scope, runs: bool = True) -> None:
        self.load(node, scope, Role.READ, runs and not self.module.lacks_annotations)


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(found, ast.Name) and found.id == "staticmethod" for found in node.decorator_list)
