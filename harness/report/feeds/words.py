"""What feeds say of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def why_no_evidence(cell: Mapping[str, Any]) -> str:
    """The known reason first, then what the cell itself says."""
    return str(cell["gap"] or cell["reason"] or cell["symptom"] or "no reason was recorded")
