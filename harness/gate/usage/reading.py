"""Reads a team's source.

A file is parsed only where it can matter: where its bytes hold the name of a library, or the name of a module
of the team's that is itself parsed and through which a library may be reached. In all other files nothing can
be a use, so that a syntax error there is not looked for and not named.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.gate.observations import Skipped, SourceReading, Use
from harness.gate.usage.files import SourceFile, Unreadable, decode, find_files
from harness.gate.usage.library import Libraries
from harness.gate.usage.matching import Mention, Usage
from harness.gate.usage.notebooks import cells
from harness.gate.usage.parsing import deep, parse, split_lines, uncollected
from harness.gate.usage.project import Project
from harness.gate.usage.resolving import Resolver, Value, Values
from harness.gate.usage.scopes import ImportSite, Module, Part, Role, Site
from harness.gate.usage.statements import note

_WORD = re.compile(rb"\w+")
_DOTS_ONLY = re.compile(rb"from\s*\.[\s.]*import")


@dataclass(frozen=True, kw_only=True)
class _Content:
    file: SourceFile
    data: bytes


def read_usage(
    roots: Sequence[Path], modules: Collection[str], library_folders: Sequence[Path] = ()
) -> Usage:
    """Read every Python file and notebook below `roots` for uses of the libraries `modules`.

    `library_folders` are site-packages folders: the libraries' own source tells which names mean the same.

    Raises:
        UsageError: a root is missing or holds no Python.
    """
    files = find_files(roots)
    skipped: list[Skipped] = []
    contents: list[_Content] = []
    for file in files:
        try:
            contents.append(_Content(file=file, data=file.read()))
        except Unreadable as error:
            skipped.append(error.at(file.path))
    project = Project(files)
    with deep(), uncollected():
        read = [_module(content, project, skipped) for content in _relevant(contents, modules)]
        parsed = [module for module in read if module is not None]
        resolver = Resolver(project, {module.key: module for module in parsed}, modules)
        mentions: list[Mention] = []
        for module in parsed:
            mentions += _mentions(module, resolver, modules)
            module.forget()
        reading = SourceReading(
            roots=tuple(root.as_posix() for root in roots),
            files=len(contents) - read.count(None),
            libraries=_counted(mentions, modules),
            skipped=tuple(sorted(skipped, key=lambda found: (found.path, found.line or 0))),
        )
        return Usage(reading, mentions, Libraries(library_folders))


def _relevant(contents: Sequence[_Content], modules: Collection[str]) -> list[_Content]:
    """The files that can hold a use: they name a library, or a module that can hold one."""
    if not modules:
        return []
    names = re.compile(
        rb"(?<!\w)(?:" + b"|".join(re.escape(name.encode()) for name in sorted(modules)) + rb")(?!\w)"
    )
    texts = [_searched(content) for content in contents]
    chosen = {index for index, text in enumerate(texts) if names.search(text)}
    offered = {name for content in contents for name in _offered(content.file)}
    waiting = [index for index in range(len(texts)) if index not in chosen]
    users: dict[bytes, list[int]] = {}
    for index in waiting:
        text = texts[index]
        if b"import" not in text:
            continue
        words = set(_WORD.findall(text)) & offered
        if _DOTS_ONLY.search(text):
            words.update(_folders(contents[index].file))
        for word in words:
            users.setdefault(word, []).append(index)
    followed = list(chosen)
    while followed:
        for name in _offered(contents[followed.pop()].file):
            new = set(users.pop(name, ())) - chosen
            chosen |= new
            followed += new
    return [contents[index] for index in sorted(chosen)]


def _searched(content: _Content) -> bytes:
    if not content.file.is_notebook:
        return content.data
    return re.sub(rb"\\[nrt]", b" ", content.data)


def _offered(file: SourceFile) -> set[bytes]:
    """The word without which nobody reaches a module."""
    key, _ = Project.key(file.absolute)
    return {key.rpartition("/")[2].encode()}


def _folders(file: SourceFile) -> set[bytes]:
    return {part.encode() for part in file.absolute.split("/")[:-1]}


def _module(content: _Content, project: Project, skipped: list[Skipped]) -> Module | None:
    """Parse a file; None where nothing of it can be read."""
    file = content.file
    key, is_package = project.key(file.absolute)
    if file.is_notebook:
        key += ".ipynb"  # nothing imports a notebook
    module = Module(path=file.path, key=key, is_package=is_package, base=project.base(file.absolute))
    try:
        for part in _parts(content, skipped):
            note(module, part)
    except Unreadable as error:
        skipped.append(error.at(file.path))
        return None
    except RecursionError:
        skipped.append(Unreadable("is nested too deeply to be read").at(file.path))
        return None
    return module


def _parts(content: _Content, skipped: list[Skipped]) -> Iterator[Part]:
    if not content.file.is_notebook:
        text = decode(content.data)
        yield Part(parse(text), split_lines(text), None, lambda line: line)
        return
    for cell in cells(content.data):
        try:
            tree = cell.parse()
        except Unreadable as error:
            reason = f"cell {cell.number} {error.reason}"
            skipped.append(Skipped(path=content.file.path, line=cell.line(error.line or 1), reason=reason))
            continue
        yield Part(tree, cell.lines, cell.number, cell.line)


def _mentions(module: Module, resolver: Resolver, modules: Collection[str]) -> Iterator[Mention]:
    for statement in module.imports:
        if isinstance(statement.node, ast.Call) and not resolver.is_importer(
            statement.node.func, statement.scope
        ):
            continue
        for value in _imported(statement, module, resolver):
            if value.name.partition(".")[0] in modules:
                use = _use(module, statement.part, statement.node, value, True)
                yield Mention(use=use, role=Role.IMPORTED)
    known: dict[ast.expr, Values] = {}
    for site in module.sites:
        values = known.get(site.node)
        if values is None:
            try:
                values = known[site.node] = resolver.values(site.node, site.scope)
            except RecursionError:
                continue
        for value in values:
            if value.name.partition(".")[0] in modules:
                yield from _mention(module, site, value, resolver)


def _imported(statement: ImportSite, module: Module, resolver: Resolver) -> Iterable[Value]:
    binding = statement.binding
    sources = resolver.imported(binding.module, module, binding.level)
    if not binding.name:
        return sources
    return (value for source in sources for value in resolver.attribute(source, binding.name))


def _mention(module: Module, site: Site, value: Value, resolver: Resolver) -> Iterator[Mention]:
    role = site.role
    if value.is_result and role is Role.CALLED:
        value = Value(f"{value.name}.__call__", value.is_certain)
    if value.is_result and role is Role.READ:
        return
    if role is Role.BOUND and site.call is not None and not resolver.is_partial(site.call.func, site.scope):
        role = Role.PASSED
    keywords = site.call.keywords if site.call is not None and role is not Role.PASSED else []
    yield Mention(
        use=_use(module, site.part, site.node, value, False, site.is_certain),
        role=role,
        is_result=value.is_result,
        keywords=frozenset(keyword.arg for keyword in keywords if keyword.arg),
        has_more_keywords=any(keyword.arg is None for keyword in keywords),
    )


def _use(
    module: Module,
    part: Part,
    node: ast.expr | ast.alias,
    value: Value,
    is_import: bool,
    is_certain: bool = True,
) -> Use:
    line, column = node.lineno, node.col_offset
    if isinstance(node, ast.Attribute) and node.end_lineno != line:
        # a chain over lines: where its last name stands
        line = node.end_lineno or line
        column = (node.end_col_offset or 0) - len(node.attr.encode())
    before = part.lines[line - 1] if line <= len(part.lines) else ""
    if not before.isascii():
        column = len(before.encode()[:column].decode(errors="replace"))
    return Use(
        path=module.path,
        line=part.raw(line),
        column=column + 1,
        name=value.name,
        is_certain=value.is_certain and is_certain,
        is_import=is_import,
        cell=part.cell,
    )


def _counted(mentions: Iterable[Mention], modules: Collection[str]) -> dict[str, int]:
    """How many places use each library, leaving out what may be something else."""
    places: dict[str, set[tuple[str, int, int]]] = {}
    for mention in mentions:
        if mention.use.is_certain:
            root = mention.use.name.partition(".")[0]
            places.setdefault(root, set()).add((mention.use.path, mention.use.line, mention.use.column))
    return {name: len(places[name]) for name in sorted(modules) if name in places}
