"""Device profiles: `cpu`, `cpu:4`, `cuda`, `mps`, `tpu`, each optionally with `+x64`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import UsageError

PLATFORMS = ("cpu", "cuda", "mps", "tpu")
_PATTERN = re.compile(rf"(?P<platform>{'|'.join(PLATFORMS)})(?::(?P<count>[1-9][0-9]?))?(?P<x64>\+x64)?")


@dataclass(frozen=True, kw_only=True, order=True)
class Device:
    """Where a cell runs. `count` is the number of host devices that JAX is told to make."""

    platform: str
    count: int = 1
    x64: bool = False

    def __str__(self) -> str:
        count = f":{self.count}" if self.count > 1 else ""
        return f"{self.platform}{count}{'+x64' if self.x64 else ''}"


def parse_device(text: str) -> Device:
    """Read a device profile.

    Raises:
        UsageError: it is none of the profiles, or counts devices of a platform that is not `cpu`.
    """
    found = _PATTERN.fullmatch(text)
    if found is None or (found["count"] and found["platform"] != "cpu"):
        message = f"unknown device {text!r}; use cpu, cpu:N, cuda, mps or tpu, each optionally with +x64."
        raise UsageError(message)
    return Device(platform=found["platform"], count=int(found["count"] or 1), x64=found["x64"] is not None)
