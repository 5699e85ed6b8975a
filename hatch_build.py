"""Puts the corpus into the wheel; an editable install has that of the repository."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CORPUS = "harness/_corpus"
PARTS = ("pyproject.toml", "cases", "harness/locks", "reports/compatibility.json")
"""What a folder given with --root has; `harness/home.py` looks for it in CORPUS."""


class CorpusHook(BuildHookInterface):
    """Adds the corpus to a wheel that is installed for good."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update({part: f"{CORPUS}/{part}" for part in PARTS})
