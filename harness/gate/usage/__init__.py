"""Which cases a team's source can meet, and where: read with `ast`, never imported and never run."""

from harness.gate.usage.matching import Usage
from harness.gate.usage.reading import read_usage

__all__ = ["Usage", "read_usage"]
