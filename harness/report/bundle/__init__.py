"""The evidence of one cell as one bundle that stands by itself: pure functions of what is stored."""

from __future__ import annotations
