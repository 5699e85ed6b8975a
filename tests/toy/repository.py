"""Git repositories with made-up histories, written at once, of a package that builds without an index."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

_START = datetime(2024, 1, 1, 12, tzinfo=UTC)

_BACKEND = '''\
"""A build backend of the project's own: packs all Python files but itself, by the standard library alone."""

import base64, hashlib, os, re, zipfile


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("pyproject.toml") as stream:
        text = stream.read()
    name, version = (re.search('^%s = "(.*)"' % key, text, re.M).group(1) for key in ("name", "version"))
    requires = eval(re.search(r"^dependencies = (\\[.*\\])", text, re.M).group(1), {})
    tag = re.search('^tag = "(.*)"', text, re.M).group(1)
    stem = "%s-%s" % (name.replace("-", "_"), version)
    metadata = ["Metadata-Version: 2.1", "Name: " + name, "Version: " + version]
    metadata += ["Requires-Dist: " + requirement for requirement in requires]
    pure = "true" if tag.endswith("-none-any") else "false"
    files = {path: open(path, "rb").read() for path in sources()}
    files[stem + ".dist-info/METADATA"] = "\\n".join(metadata + [""]).encode()
    files[stem + ".dist-info/WHEEL"] = (
        "Wheel-Version: 1.0\\nGenerator: toy\\nRoot-Is-Purelib: %s\\nTag: %s\\n" % (pure, tag)
    ).encode()
    record = stem + ".dist-info/RECORD"
    rows = ["%s,%s,%d" % (path, digest(data), len(data)) for path, data in files.items()]
    files[record] = "\\n".join(rows + [record + ",,", ""]).encode()
    wheel = "%s-%s.whl" % (stem, tag)
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path), data)
    return wheel


def sources():
    found = [os.path.join(folder, name)[2:] for folder, _, names in os.walk(".") for name in names]
    return sorted(path for path in found if path.endswith(".py") and path != "backend.py")


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
'''

BROKEN = {"backend.py": 'raise RuntimeError("the sources are broken")\n'}
"""Files that make a commit of `package` impossible to build, and those that mend it again."""
MENDED = {"backend.py": _BACKEND}


def package(
    module: str = "",
    *,
    name: str = "toy",
    version: str = "1.0",
    requires: Sequence[str] = (),
    tag: str = "py3-none-any",
) -> dict[str, str]:
    """The files of a project whose only module has this text; later commits give `{"toy.py": text}`."""
    project = f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {list(requires)!r}\n'
    system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    settings = f'{project}\n{system}\n[tool.toy]\ntag = "{tag}"\n'
    return {"pyproject.toml": settings, "backend.py": _BACKEND, f"{name.replace('-', '_')}.py": module}


@dataclass(frozen=True)
class Special:
    """A file that is no ordinary one: `120000` for a link, `100755` a program, `160000` a submodule."""

    mode: str
    content: str


@dataclass
class ToyRepository:
    """A history that is collected commit by commit and written at once.

    >>> toy = ToyRepository(tmp_path / "toy")
    >>> old = toy.commit(package("VALUE = 1"), "start", tag="1.0")
    >>> new = toy.commit({"toy.py": "VALUE = 2"}, "change it (#7)")
    >>> toy.write().sha(new)
    """

    path: Path
    bare: bool = True
    """Without a work tree; a repository with one is checked out at its last commit."""
    shas: list[str] = field(default_factory=list)
    """Of all commits in order, after `write`."""
    _stream: list[bytes] = field(default_factory=list)
    _count: int = 0

    def commit(
        self,
        files: Mapping[str, str | bytes | Special | None],
        subject: str,
        *,
        tag: str | Sequence[str] = (),
        date: datetime | None = None,
        parents: Sequence[int] | None = None,
    ) -> int:
        """Add a commit, and return its number for `parents` and `sha`.

        `files` is what differs from the first parent, none for a removed one. Without `parents` it follows
        the commit before; two make a merge, whose files are the first parent's unless given. Days follow each
        other from 2024-01-01 on, at noon.
        """
        number, self._count = self._count, self._count + 1
        when = date or _START + timedelta(days=number)
        author = f"Toy <toy@example.org> {int(when.timestamp())} +0000"
        # Always on main: the last commit that is added is its tip.
        self._add(f"reset refs/heads/main\ncommit refs/heads/main\nmark :{number + 1}\ncommitter {author}\n")
        self._add_data(subject)
        before = [number - 1] if parents is None else list(parents)
        words = ["from", *["merge"] * len(before)]
        for word, parent in zip(words, [p for p in before if p >= 0], strict=False):
            self._add(f"{word} :{parent + 1}\n")
        for path, content in files.items():
            self._add_file(path, content)
        for name in [tag] if isinstance(tag, str) else tag:
            self._add(f"\nreset refs/tags/{name}\nfrom :{number + 1}\n")
        return number

    def write(self) -> ToyRepository:
        """Make the repository on disk."""
        form = ["--bare"] if self.bare else []
        self._git("init", "--quiet", "--template=", "--initial-branch=main", *form, str(self.path))
        marks = self.path / "marks"
        self._git("fast-import", "--quiet", f"--export-marks={marks}", stdin=b"".join(self._stream))
        rows = [line.split() for line in marks.read_text().splitlines()]
        marks.unlink()
        self.shas = [sha for _, sha in sorted((int(mark[1:]), sha) for mark, sha in rows)]
        if not self.bare:
            self._git("reset", "--quiet", "--hard")
        return self

    def sha(self, number: int) -> str:
        """The commit that `commit` numbered."""
        return self.shas[number]

    def _add_file(self, path: str, content: str | bytes | Special | None) -> None:
        if content is None:
            self._add(f"D {path}\n")
        elif isinstance(content, Special) and content.mode == "160000":
            self._add(f"M 160000 {content.content} {path}\n")
        else:
            special = content if isinstance(content, Special) else None
            self._add(f"M {special.mode if special else '100644'} inline {path}\n")
            self._add_data(special.content if special else content)

    def _add(self, text: str) -> None:
        self._stream.append(text.encode())

    def _add_data(self, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        self._stream.append(b"data %d\n%s\n" % (len(data), data))

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        folder = self.path if self.path.exists() else None
        done = subprocess.run(
            ["git", *arguments], input=stdin, cwd=folder, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


def linear(path: Path, modules: Sequence[str], *, tags: Mapping[int, str] | None = None) -> ToyRepository:
    """A written history of the package `toy` in which each commit gives its module another text."""
    toy = ToyRepository(path)
    for number, text in enumerate(modules):
        files = package(text) if number == 0 else {"toy.py": text}
        toy.commit(files, f"commit {number} (#{number + 1})", tag=(tags or {}).get(number, ()))
    return toy.write()
