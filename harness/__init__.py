"""Reproducers for documented issues in probabilistic programming libraries, run over released versions."""

from __future__ import annotations

__version__ = "0.1.0"
