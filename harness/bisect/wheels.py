"""Builds the wheel of a commit, once, into the cache. Pure-Python projects only."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from harness.bisect.repository import Repository
from harness.environment.build import Unbuildable, cache_folder
from harness.environment.indexes import index_environment
from harness.environment.installed import dist_info, site_packages
from harness.environment.uv import UvError, find_python, run_uv
from harness.errors import NoEvidence, UsageError

_DONE = "built.json"
_EPOCH = "315532800"
"""1980, the first time that a zip file can hold: equal files then make equal wheels."""

_VERSION_VARIABLES = (
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
    "UV_DYNAMIC_VERSIONING_BYPASS",
    "PBR_VERSION",
)
_UNRESOLVED = ("Failed to resolve requirements", "Failed to install requirements")


class Compiled(UsageError):
    """The project has compiled parts, so that commits of it cannot be built here."""


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel in the cache."""

    path: Path
    version: str
    """What the wheel calls itself; often the version of the release before."""
    sha256: str
    """Equal for commits that change nothing of what is installed."""
    missing: tuple[str, ...]
    """Files outside of the package that a partial clone lacks, and that therefore were not there."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the commits of a project are built."""

    distribution: str
    python: str
    """Major and minor version of the interpreter that builds."""
    pretend: str = ""
    """The version for projects that take theirs from git; others ignore it."""
    subdirectory: str = ""
    """Where in the repository the project lies."""

    @property
    def key(self) -> str:
        return hashlib.sha256(json.dumps(dataclasses.astuple(self)).encode()).hexdigest()[:8]


def wheel_of(repository: Repository, sha: str, recipe: Recipe) -> Wheel:
    """The wheel of a commit.

    Raises:
        Unbuildable: it cannot be built from these sources; this is remembered.
        Compiled: the wheel is not pure; this is remembered, too.
        NoEvidence: the clone, the network, the disk or the interpreter lacks something.
    """
    return wheel_from(lambda folder: repository.export(sha, folder), f"{repository.key}/{sha}", recipe)


def wheel_without(repository: Repository, sha: str, culprit: str, recipe: Recipe) -> Wheel | None:
    """The wheel of a commit with an earlier one's change taken back; none where that does not apply."""

    def prepare(folder: Path) -> list[str]:
        missing = repository.export(sha, folder)
        _refuse_holes(folder, missing)
        if not repository.reverse(culprit, folder, missing):
            raise _DoesNotApply
        return missing

    try:
        return wheel_from(prepare, f"{repository.key}/{sha}-without-{culprit}", recipe)
    except _DoesNotApply:
        return None


class _DoesNotApply(Exception):
    pass


def wheel_from(prepare: Callable[[Path], Sequence[str]], key: str, recipe: Recipe) -> Wheel:
    """The wheel of files that `prepare` writes into a folder, unless there is one of this key already.

    `prepare` returns the paths that it could not write. Raises as `wheel_of` does.
    """
    folder = cache_folder() / "commits" / f"{key}-{recipe.key}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not (folder / _DONE).is_file():
                _sweep(folder)
                _build_aside(prepare, folder, recipe)
    except OSError as error:
        message = f"{folder.parent} cannot be written ({error.strerror}); make room or set HARNESS_CACHE."
        raise NoEvidence(message) from None
    return _stored(folder, recipe)


def is_pure(interpreter: Path, distribution: str) -> bool:
    """Whether a distribution that is installed in an interpreter's environment is pure Python.

    Raises:
        NoEvidence: it is not installed there.
    """
    info = dist_info(site_packages(interpreter.parent.parent), distribution)
    if info is None:
        message = f"{distribution} is not installed in {interpreter}; choose an environment that holds it."
        raise NoEvidence(message)
    wheel = info / "WHEEL"
    return wheel.is_file() and "root-is-purelib: true" in wheel.read_text(encoding="utf-8").lower()


def _sweep(folder: Path) -> None:
    """Remove what killed builds of the same key left; the caller holds its lock file."""
    shutil.rmtree(folder, ignore_errors=True)
    for left in folder.parent.glob(f"{folder.name}.*/"):
        shutil.rmtree(left, ignore_errors=True)


def _build_aside(prepare: Callable[[Path], Sequence[str]], folder: Path, recipe: Recipe) -> None:
    """Build in a folder of its own and move the result into place, so that no half build is ever used."""
    python = find_python(recipe.python)
    with tempfile.TemporaryDirectory(
        dir=folder.parent, prefix=f"{folder.name}.", ignore_cleanup_errors=True
    ) as name:
        source, result = Path(name) / "source", Path(name) / "result"
        (Path(name) / ".git").mkdir()  # hatchling looks for a .gitignore above, up to one of these
        missing = prepare(source)
        _refuse_holes(source, missing)
        try:
            found = _build(source / recipe.subdirectory, result, python, recipe)
        except Unbuildable as error:
            found = {"unbuildable": str(error)}
        result.mkdir(exist_ok=True)
        (result / _DONE).write_text(json.dumps({**found, "missing": list(missing)}), encoding="utf-8")
        result.rename(folder)


def _refuse_holes(source: Path, missing: Sequence[str]) -> None:
    """Refuse to build without a file that may be part of a package or of its build."""
    initials = {str(Path(path).parent) for path in missing if Path(path).name == "__init__.py"}
    for path in missing:
        folders = [str(parent) for parent in Path(path).parents][:-1]
        is_packaged = any(f in initials or (source / f / "__init__.py").exists() for f in folders)
        if is_packaged or not folders or path.endswith(".py"):
            message = f"the clone is a partial one that lacks {path}; give its URL or a whole clone."
            raise NoEvidence(message)


def _build(source: Path, result: Path, python: str, recipe: Recipe) -> dict[str, str]:
    """Build into a folder, and say what was built.

    Raises:
        Unbuildable: for a reason of the sources.
        NoEvidence: for a reason of this machine.
    """
    if not source.is_dir():
        message = f"there is no folder {recipe.subdirectory}"
        raise Unbuildable(message)
    variables = {"SOURCE_DATE_EPOCH": _EPOCH, "GIT_CEILING_DIRECTORIES": str(source.parent)}
    if recipe.pretend:
        variables |= dict.fromkeys(_VERSION_VARIABLES, recipe.pretend)
    build = ["build", "--wheel", "--python", python, "--out-dir", str(result), str(source)]
    try:
        _run_build(build, {**index_environment(), **variables})
    except UvError as error:
        reason = _short(error.reason.replace(f"{source}/", "").replace(str(source), recipe.distribution))
        if error.is_verdict and "(signal: 9" not in error.reason:
            raise Unbuildable(reason) from None
        message = f"{recipe.distribution} cannot be built now: {reason}"
        raise NoEvidence(message) from None
    return _describe(result, recipe)


def _run_build(build: Sequence[str], environment: dict[str, str]) -> None:
    """Build with the tools in uv's cache: the same for all commits, and no wait for an index.

    Only a failure is looked at again with the newest tools; where these cannot be had, it stands.
    """
    try:
        run_uv([*build, "--offline"], environment=environment)
    except UvError as error:
        try:
            run_uv(build, environment=environment)
        except UvError as again:
            lacked_tools = any(text in error.reason for text in _UNRESOLVED)
            raise (again if lacked_tools else error) from None


def _short(reason: str) -> str:
    """The last line of a build backend where there is one, or else uv's own words."""
    lines = [line for line in reason.splitlines() if line != "Building wheel..."]
    start = next((n for n, line in enumerate(lines) if line.startswith("Failed to build")), len(lines))
    if any("build backend returned" in line for line in lines[start:]) and start:
        return textwrap.shorten(lines[start - 1], 300)
    return textwrap.shorten(": ".join(lines[start + 1 :] or lines), 300)


def _describe(result: Path, recipe: Recipe) -> dict[str, str]:
    wheel = next(result.glob("*.whl"), None)
    if wheel is None:
        message = "the build made no wheel"
        raise Unbuildable(message)
    if not wheel.name.endswith("-none-any.whl"):
        wheel.unlink()
        return {"compiled": wheel.name}
    try:
        name, version, *_ = parse_wheel_filename(wheel.name)
    except InvalidWheelFilename as error:
        raise Unbuildable(str(error)) from None
    if name != canonicalize_name(recipe.distribution):
        message = f"it builds {name}, not {recipe.distribution}"
        raise Unbuildable(message)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {"wheel": wheel.name, "version": str(version), "sha256": digest}


def _stored(folder: Path, recipe: Recipe) -> Wheel:
    found = json.loads((folder / _DONE).read_text(encoding="utf-8"))
    if "unbuildable" in found:
        raise Unbuildable(found["unbuildable"])
    if "compiled" in found:
        compiled = f"{recipe.distribution} has compiled parts ({found['compiled']})"
        message = f"{compiled}: only its releases can be searched."
        raise Compiled(message)
    return Wheel(
        path=folder / found["wheel"],
        version=found["version"],
        sha256=found["sha256"],
        missing=tuple(found["missing"]),
    )
