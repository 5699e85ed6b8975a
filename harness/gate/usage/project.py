"""Which file of the team's an import means. Modules are known by their absolute paths without suffix."""

from __future__ import annotations

import os.path
from collections.abc import Iterable

from harness.gate.usage.files import SourceFile


class Project:
    """The modules and packages below the roots, whether they were parsed or not."""

    def __init__(self, files: Iterable[SourceFile]) -> None:
        files = [file for file in files if not file.is_notebook]
        self.roots = {file.root for file in files}
        self._packages = {
            os.path.dirname(file.absolute)
            for file in files
            if os.path.basename(file.absolute) == "__init__.py"
        }
        self._known: set[str] = set()
        """Every module, and every folder that holds one."""
        self._bases: dict[str, list[str]] = {}
        """Top-level name to the folders in which an interpreter might find it."""
        for file in files:
            self._add(file)

    def _add(self, file: SourceFile) -> None:
        key, _ = self.key(file.absolute)
        while key not in self._known and len(key) > len(file.root):
            self._known.add(key)
            key = os.path.dirname(key)
        key, _ = self.key(file.absolute)
        for base in (self.base(file.absolute), file.root, f"{file.root}/src"):
            if key.startswith(f"{base}/"):
                self._offer(key[len(base) + 1 :].partition("/")[0], base)
        folder, _, name = file.root.rpartition("/")
        if key == file.root or name.isidentifier():
            self._known.add(file.root)
            self._offer(name, folder)

    def _offer(self, name: str, base: str) -> None:
        bases = self._bases.setdefault(name, [])
        if base not in bases:
            bases.append(base)

    @staticmethod
    def key(absolute: str) -> tuple[str, bool]:
        """The module's key, and whether it is a package."""
        folder, _, name = absolute.rpartition("/")
        if name == "__init__.py":
            return folder, True
        return f"{folder}/{name.rpartition('.')[0] if '.' in name else name}", False

    def base(self, absolute: str) -> str:
        """The folder above the topmost package that a file belongs to; of a script, its own."""
        folder = os.path.dirname(absolute)
        while folder in self._packages:
            folder = os.path.dirname(folder)
        return folder

    def is_known(self, key: str) -> bool:
        return key in self._known

    def absolute(self, name: str, base: str) -> list[str]:
        """Modules that `import name` may mean in a file below `base`: its neighbours first."""
        root, _, rest = name.partition(".")
        below = f"{root}/{rest.replace('.', '/')}" if rest else root
        bases = self._bases.get(root, [])
        here = [f"{place}/{below}" for place in bases if place == base]
        if here and self.is_known(here[0]):
            return here
        whole = [key for key in (f"{place}/{below}" for place in bases) if self.is_known(key)]
        return list(dict.fromkeys(whole or here or [f"{place}/{below}" for place in bases]))

    @staticmethod
    def relative(key: str, is_package: bool, level: int, name: str) -> str:
        """The module that `from ..name import` means."""
        for _ in range(level - is_package):
            key = key.rpartition("/")[0]
        return f"{key}/{name.replace('.', '/')}" if name else key
