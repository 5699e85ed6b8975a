"""Where a library defines what it re-exports: `numpyro.infer.SVI` is `numpyro.infer.svi.SVI`. Only read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.gate.usage.files import Unreadable, decode
from harness.gate.usage.parsing import deep, parse, running

_HOPS = 50
"""Names that stand for other names, one after the other: more than any library has, and an end to cycles."""

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, kw_only=True)
class _Exports:
    """What a module binds at its top."""

    names: dict[str, str | None] = field(default_factory=dict)
    """Name to the dotted name that it stands for; None where it is defined here."""
    stars: list[str] = field(default_factory=list)


class Libraries:
    """The source of installed libraries, as far as names need it."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._modules: dict[str, _Exports | None] = {}
        self._names: dict[str, tuple[str, bool]] = {}

    def canonical(self, name: str) -> tuple[str, bool]:
        """The name under which something is defined, and whether its definition was found."""
        if name not in self._names:
            self._names[name] = (name, False)  # where the way leads back here, it leads nowhere
            self._names[name] = self._canonical(name, 0)
        return self._names[name]

    def _canonical(self, name: str, hops: int) -> tuple[str, bool]:
        seen = {name}
        module, *rest = name.split(".")
        while rest:
            exports = self._exports(module)
            if exports is None:
                return ".".join([module, *rest]), False
            part = rest[0]
            target = self._target(module, exports, part)
            if target == f"{module}.{part}.{part}":  # a module that is hidden by what it defines
                return self._hidden(target, rest[1:], hops + len(seen))
            if target is not None:
                moved = ".".join([target, *rest[1:]])
                if moved not in seen:
                    if hops + len(seen) > _HOPS:
                        return name, False
                    seen.add(moved)
                    module, *rest = moved.split(".")
                    continue
            elif part in exports.names:
                return ".".join([module, *rest]), True
            if self._exports(f"{module}.{part}") is None:
                return ".".join([module, *rest]), False
            module, rest = f"{module}.{part}", rest[1:]
        return module, self._exports(module) is not None

    def _hidden(self, target: str, rest: Sequence[str], hops: int) -> tuple[str, bool]:
        """`a.b.b`, which `a` binds as its `b`, so that the module `a.b` cannot be reached by attributes."""
        module, _, part = target.rpartition(".")
        for _ in range(hops, _HOPS):
            exports = self._exports(module)
            further = None if exports is None else self._target(module, exports, part)
            name = ".".join([module, part, *rest])
            if further is None:
                is_defined = exports is not None and part in exports.names
                is_module = not is_defined and self._exports(f"{module}.{part}") is not None
                return self._canonical(name, hops + 1) if is_module else (name, is_defined)
            module, _, part = further.rpartition(".")
        return ".".join([target, *rest]), False

    def _target(self, module: str, exports: _Exports, part: str) -> str | None:
        if part in exports.names:
            return exports.names[part]
        return self._starred(module, exports, part)

    def _starred(self, module: str, exports: _Exports, part: str) -> str | None:
        seen = {module}
        waiting = list(reversed(exports.stars))
        while waiting:
            star = waiting.pop()
            other = None if star in seen else self._exports(star)
            seen.add(star)
            if other is None:
                continue
            if part in other.names:
                return f"{star}.{part}"
            waiting += reversed(other.stars)
        return None

    def _exports(self, module: str) -> _Exports | None:
        if module not in self._modules:
            self._modules[module] = self._read(module)
        return self._modules[module]

    def _read(self, module: str) -> _Exports | None:
        for folder in self._folders:
            place = folder.joinpath(*module.split("."))
            for path, is_package in (
                (place / "__init__.py", True),
                (place.with_name(f"{place.name}.py"), False),
            ):
                try:
                    with deep():
                        tree = parse(decode(path.read_bytes()))
                        return _scan(tree, module, is_package)
                except (OSError, ValueError):
                    continue
                except (Unreadable, RecursionError):
                    return _Exports()
            if place.is_dir():
                return _Exports()
        return None


def _scan(tree: ast.Module, module: str, is_package: bool) -> _Exports:
    exports = _Exports()
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in _statements(tree.body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                exports.names.setdefault(bound, alias.name if alias.asname else bound)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                if alias.name == "*":
                    exports.stars.append(source)
                else:
                    exports.names.setdefault(alias.asname or alias.name, f"{source}.{alias.name}")
        elif isinstance(node, _Definition):
            exports.names.setdefault(node.name, None)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for name in _targets(node):
                dotted = _dotted(node.value)
                exports.names.setdefault(name, _renamed(dotted, exports, module, name))
    return exports


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, functions and classes not entered."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _statements(running(node))
        elif isinstance(node, ast.Try):
            yield from _statements([*node.body, *node.orelse, *node.finalbody])
            for handler in node.handlers:
                yield from _statements(handler.body)
        elif isinstance(node, ast.With | ast.For):
            yield from _statements(node.body)


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _dotted(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        above = _dotted(node.value)
        return f"{above}.{node.attr}" if above else None
    return None


def _renamed(dotted: str | None, exports: _Exports, module: str, name: str) -> str | None:
    """What `name = dotted` stands for: something imported above, or something of the module's own."""
    head, _, rest = (dotted or "").partition(".")
    if head not in exports.names or head == name:
        return None
    target = exports.names[head] or f"{module}.{head}"
    return f"{target}.{rest}" if rest else target
