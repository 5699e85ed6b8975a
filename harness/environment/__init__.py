"""Environments: ids, resolution, locks and builds."""

from __future__ import annotations
