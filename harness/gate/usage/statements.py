"""Walks statements: what they bind in which namespace."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from harness.gate.usage.expressions import Expressions
from harness.gate.usage.parsing import running
from harness.gate.usage.scopes import Binding, How, ImportSite, Module, Part, Role, Scope, Space

_Try = (ast.Try, getattr(ast, "TryStar", ast.Try))
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def note(module: Module, part: Part) -> None:
    """Add to a module what a part of its source binds and what may be uses in it."""
    _Statements(module, part).block(part.tree.body, module.scope, False)


class _Statements(Expressions):
    def block(self, statements: Sequence[ast.stmt], scope: Scope, is_conditional: bool) -> None:
        for statement in statements:
            self._statement(statement, scope, is_conditional)

    def _statement(self, node: ast.stmt, scope: Scope, is_conditional: bool) -> None:
        if isinstance(node, ast.Expr):
            self.load(node.value, scope, Role.READ)
        elif isinstance(node, ast.Assign):
            self._assign(node.targets, node.value, scope, is_conditional)
        elif isinstance(node, ast.AnnAssign):
            self.annotation(node.annotation, scope, scope.space is not Space.FUNCTION)
            if node.value is not None:
                self._assign([node.target], node.value, scope, is_conditional)
            else:
                self._declared(node, scope)
        elif isinstance(node, ast.Import):
            self._import(node, scope, is_conditional)
        elif isinstance(node, ast.ImportFrom):
            self._import_from(node, scope, is_conditional)
        elif isinstance(node, _Function):
            self._function(node, scope, is_conditional)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope, is_conditional)
        elif isinstance(node, ast.If):
            self.load(node.test, scope, Role.READ)
            self.block(running(node), scope, True)
        elif isinstance(node, _Try):
            self._try(node, scope)
        else:
            self._other(node, scope, is_conditional)

    def _other(self, node: ast.stmt, scope: Scope, is_conditional: bool) -> None:
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                self._with_item(item, scope)
            self.block(node.body, scope, is_conditional)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.load(node.iter, scope, Role.PASSED)
            self.target(node.target, scope)
            self.block([*node.body, *node.orelse], scope, True)
        elif isinstance(node, ast.While):
            self.load(node.test, scope, Role.READ)
            self.block([*node.body, *node.orelse], scope, True)
        elif isinstance(node, ast.Global):
            scope.globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            scope.nonlocals.update(node.names)
        elif isinstance(node, ast.AugAssign):
            self.load(node.value, scope, Role.PASSED)
            self.target(node.target, scope)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                self.target(target, scope, Binding(how=How.NOTHING, scope=scope))
        elif isinstance(node, ast.Assert):
            self.load(node.test, scope, Role.READ)
            self.load(node.msg, scope, Role.PASSED)
        elif isinstance(node, ast.Match):
            self.load(node.subject, scope, Role.PASSED)
            for case in node.cases:
                self._pattern(case.pattern, scope)
                self.load(case.guard, scope, Role.READ)
                self.block(case.body, scope, True)
        else:  # return, raise, and what later Pythons bring
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.load(child, scope, Role.PASSED)
                elif isinstance(child, ast.stmt):
                    self._statement(child, scope, True)

    def _assign(
        self, targets: Sequence[ast.expr], value: ast.expr, scope: Scope, is_conditional: bool
    ) -> None:
        if len(targets) == 1 and (pairs := _pairs(targets[0], value)):
            for target, element in pairs:
                self._assign([target], element, scope, is_conditional)
            return
        is_plain = all(isinstance(target, ast.Name) for target in targets)
        self.load(value, scope, Role.READ if is_plain else Role.PASSED)
        how = How.NOTHING if isinstance(value, ast.Constant) and value.value is None else How.ALIAS
        binding = Binding(how=how, scope=scope, node=value, is_conditional=is_conditional)
        for target in targets:
            self.target(target, scope, binding)

    def _declared(self, node: ast.AnnAssign, scope: Scope) -> None:
        """`name: Type` without a value: it is one of these, if anything."""
        binding = Binding(how=How.ALIAS, scope=scope, node=node.annotation, is_weak=True, is_result=True)
        if isinstance(node.target, ast.Name):
            if scope.space is not Space.MODULE or node.target.id not in scope.bindings:
                self.target(node.target, scope, binding)
        elif isinstance(node.target, ast.Attribute):
            self.target(node.target, scope, binding)

    def _import(self, node: ast.Import, scope: Scope, is_conditional: bool) -> None:
        for alias in node.names:
            whole = Binding(how=How.IMPORT, scope=scope, module=alias.name, is_conditional=is_conditional)
            self.module.imports.append(ImportSite(self.part, scope, alias, whole))
            bound = whole
            if alias.asname is None and "." in alias.name:
                root = alias.name.partition(".")[0]
                bound = Binding(how=How.IMPORT, scope=scope, module=root, is_conditional=is_conditional)
            scope.bind(alias.asname or bound.module, bound)

    def _import_from(self, node: ast.ImportFrom, scope: Scope, is_conditional: bool) -> None:
        if node.module == "__future__":
            self.module.lacks_annotations |= any(alias.name == "annotations" for alias in node.names)
            return
        for alias in node.names:
            is_star = alias.name == "*"
            binding = Binding(
                how=How.IMPORT if is_star else How.FROM,
                scope=scope,
                module=node.module or "",
                level=node.level,
                name="" if is_star else alias.name,
                is_conditional=is_conditional,
            )
            self.module.imports.append(ImportSite(self.part, scope, alias, binding))
            if is_star:
                self.module.stars.append(binding)
            else:
                scope.bind(alias.asname or alias.name, binding)

    def _decorated(self, node: _Function | ast.ClassDef, scope: Scope, plain: Binding) -> None:
        for decorator in node.decorator_list:
            self.callee(decorator, None, scope)
        scope.bind(node.name, plain)

    def _function(self, node: _Function, scope: Scope, is_conditional: bool) -> None:
        binding = Binding(how=How.OTHER, scope=scope, is_conditional=is_conditional)
        if node.decorator_list:
            outer = node.decorator_list[0]
            binding = Binding(how=How.ALIAS, scope=scope, node=outer, is_weak=True, is_result=True)
        self._decorated(node, scope, binding)
        self.annotation(node.returns, scope)
        inner = self.function(node, scope)
        self.block(node.body, inner, False)

    def _class(self, node: ast.ClassDef, scope: Scope, is_conditional: bool) -> None:
        inner = Scope(space=Space.CLASS, parent=scope, module=self.module, bases=node.bases)
        self._decorated(
            node, scope, Binding(how=How.CLASS, scope=inner, name=node.name, is_conditional=is_conditional)
        )
        for base in node.bases:
            self.load(base, scope, Role.PASSED)
        for keyword in node.keywords:
            self.load(keyword.value, scope, Role.PASSED)
        self.block(node.body, inner, False)

    def _try(self, node: ast.stmt, scope: Scope) -> None:
        assert isinstance(node, _Try)
        self.block(node.body, scope, True)
        for handler in node.handlers:
            self.load(handler.type, scope, Role.READ)
            if handler.name:
                scope.bind(handler.name, Binding(how=How.OTHER, scope=scope, is_conditional=True))
            self.block(handler.body, scope, True)
        self.block([*node.orelse, *node.finalbody], scope, True)

    def _with_item(self, item: ast.withitem, scope: Scope) -> None:
        variables = item.optional_vars
        is_plain = variables is None or isinstance(variables, ast.Name)
        self.load(item.context_expr, scope, Role.READ if is_plain else Role.PASSED)
        if variables is not None:
            entered = Binding(how=How.ALIAS, scope=scope, node=item.context_expr, is_weak=True)
            self.target(variables, scope, entered)

    def _pattern(self, pattern: ast.pattern, scope: Scope) -> None:
        for node in ast.walk(pattern):
            if isinstance(node, ast.MatchValue):
                self.load(node.value, scope, Role.READ)
            elif isinstance(node, ast.MatchClass):
                self.load(node.cls, scope, Role.READ)
            name = None
            if isinstance(node, ast.MatchAs | ast.MatchStar):
                name = node.name
            elif isinstance(node, ast.MatchMapping):
                name = node.rest
            if name:
                scope.bind(name, Binding(how=How.OTHER, scope=scope))


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]] | None:
    """Of `a, b = x, y` what goes where."""
    if not isinstance(target, ast.Tuple | ast.List) or not isinstance(value, ast.Tuple | ast.List):
        return None
    if len(target.elts) != len(value.elts):
        return None
    if any(isinstance(node, ast.Starred) for node in [*target.elts, *value.elts]):
        return None
    return list(zip(target.elts, value.elts, strict=True))
