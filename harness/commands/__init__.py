"""What each command does, as a list of steps."""

from __future__ import annotations
