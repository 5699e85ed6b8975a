"""Runs variants inside a target interpreter and says what happened there."""

from __future__ import annotations
