"""Which indexes to use: those that the user configured for uv or, where uv has none, for pip."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from harness.environment.uv import UvError, run_uv
from harness.errors import UsageError

_DEFAULT, _EXTRA, _LINKS = "index-url", "extra-index-url", "find-links"

_VARIABLES = {
    _DEFAULT: ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    _EXTRA: ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
    _LINKS: ("UV_FIND_LINKS",),
}
"""Each setting, as pip calls it, with uv's variables for it, the one that we set first."""

_SEPARATORS = {_DEFAULT: " ", _EXTRA: " ", _LINKS: ","}


def index_urls() -> list[str]:
    """The addresses of the indexes, credentials included, in the order in which uv looks at them.

    Raises:
        UsageError: uv cannot read its settings.
    """
    settings = _ask(index_environment())
    urls = [*settings[_EXTRA], *settings[_DEFAULT]]
    return [url if "://" in url else Path(url).absolute().as_uri() for url in urls]


@cache
def index_environment() -> Mapping[str, str]:
    """The variables for uv: ours, plus the user's pip index settings where uv has none of its own."""
    environment = dict(os.environ)
    theirs = pip_settings(os.environ)
    missing = _not_configured(list(theirs)) if theirs else []
    for setting in missing:
        environment[_VARIABLES[setting][0]] = _SEPARATORS[setting].join(theirs[setting])
    if _EXTRA in missing:
        # pip takes the best version of all its indexes; uv by default stops at the first.
        environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return environment


def _not_configured(settings: Sequence[str]) -> list[str]:
    """Those of the settings that uv has no value for, in a variable or in one of its files."""
    unset = [s for s in settings if not any(variable in os.environ for variable in _VARIABLES[s])]
    if not unset:
        return []
    own = _ask(os.environ)
    if _DEFAULT in unset:
        bare = {name: value for name, value in os.environ.items() if name != "UV_CONFIG_FILE"}
        if own[_DEFAULT] == _ask(bare, "--no-config")[_DEFAULT]:
            own[_DEFAULT] = []
    return [setting for setting in unset if not own[setting]]


def _ask(environment: Mapping[str, str], *options: str) -> dict[str, list[str]]:
    """What uv itself says that it would use: it knows all its files, and its own default."""
    compile_nothing = ["pip", "compile", "--quiet", "--no-header", "--offline", "-", *options]
    try:
        text = run_uv(
            [*compile_nothing, "--emit-index-url", "--emit-find-links"], stdin="", environment=environment
        )
    except UvError as error:
        message = f"uv cannot read its index settings ({error.brief}); mend them or set UV_CONFIG_FILE."
        raise UsageError(message) from None
    found: dict[str, list[str]] = {setting: [] for setting in _VARIABLES}
    for line in text.splitlines():
        option, _, value = line.partition(" ")
        if option.removeprefix("--") in found:
            found[option.removeprefix("--")].append(value)
    return found


def pip_settings(environ: Mapping[str, str]) -> dict[str, list[str]]:
    """pip's index settings, from its variables and configuration files."""
    found: dict[str, str] = {}
    for path in _pip_files(environ):
        found |= _read_pip_file(path)
    for setting in _VARIABLES:
        found[setting] = environ.get("PIP_" + setting.replace("-", "_").upper()) or found.get(setting, "")
    settings = {setting: text.split() for setting, text in found.items()}
    # pip passes over folders that are not there; uv would stop at them.
    settings[_LINKS] = [link for link in settings[_LINKS] if "://" in link or Path(link).exists()]
    return {setting: values for setting, values in settings.items() if values}


def _read_pip_file(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):  # pip says so itself; here it counts as not configured
        return {}
    sections = [dict(parser[name]) for name in ("global", "install") if parser.has_section(name)]
    options = {key.replace("_", "-"): value for section in sections for key, value in section.items()}
    return {setting: options[setting] for setting in _VARIABLES if setting in options}


def _pip_files(environ: Mapping[str, str]) -> list[Path]:
    """pip's configuration files, weakest first."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    home = Path(environ.get("HOME", "~")).expanduser()
    user = Path(environ.get("XDG_CONFIG_HOME", home / ".config"))
    folders = [Path("/etc/xdg/pip"), Path("/etc"), home / ".pip", user / "pip"]
    folders += [home / "Library/Application Support/pip", Path(sys.prefix)]
    return [*(folder / "pip.conf" for folder in folders), *([Path(named)] if named else [])]
