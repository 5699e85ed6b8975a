"""Printable ids: `numpyro-0.16.1`, `numpyro-0.20.1@latest`, `pyro-1.9.1+torch-2.13.0`, `current`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from harness.errors import UsageError

CURRENT = "current"
"""The interpreter at hand, whatever it holds."""

_RELEASE = r"[a-z][a-z0-9_]*-[0-9][a-z0-9.]*"
_ID = re.compile(
    rf"(?P<release>{_RELEASE})(?P<latest>@latest)?(?P<pins>(?:\+{_RELEASE})*)(?:@py(?P<python>3\.[0-9]+))?"
)


@dataclass(frozen=True, kw_only=True)
class EnvironmentId:
    """A release of a library, how the rest is resolved, and a Python other than the axis's own."""

    library: str
    version: Version
    latest: bool = False
    pins: tuple[tuple[str, Version], ...] = ()
    python: str | None = None

    @property
    def resolution(self) -> str:
        return "pinned" if self.pins else "latest" if self.latest else "period"

    def __str__(self) -> str:
        pins = "".join(f"+{name}-{version}" for name, version in self.pins)
        python = f"@py{self.python}" if self.python else ""
        return f"{self.library}-{self.version}{'@latest' if self.latest else ''}{pins}{python}"


def parse_environment_id(text: str) -> EnvironmentId:
    """Read a printable id; the order of its pins does not matter.

    Raises:
        UsageError: it does not have the form of one.
    """
    found = _ID.fullmatch(text)
    if found is None or (found["latest"] and found["pins"]):
        message = (
            f"{text!r} is no environment id; write numpyro-0.16.1, numpyro-0.20.1@latest, "
            "pyro-1.9.1+torch-2.13.0 or current."
        )
        raise UsageError(message)
    try:
        library, version = _release(found["release"])
        pins = tuple(sorted(_release(pin) for pin in found["pins"].split("+") if pin))
    except InvalidVersion as error:
        message = f"{text!r} is no environment id: {error}."
        raise UsageError(message) from None
    return EnvironmentId(
        library=library, version=version, latest=bool(found["latest"]), pins=pins, python=found["python"]
    )


def _release(text: str) -> tuple[str, Version]:
    name, _, version = text.partition("-")
    return name, Version(version)
