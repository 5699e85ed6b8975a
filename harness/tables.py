"""Reads values of TOML tables and says in one clause which one is not as it has to be, as ValueError."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any


def table_of(value: object, what: str, known: Collection[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be a table")
    for key in value:
        if known is not None and key not in known:
            raise ValueError(f"{what} has the unknown key {key!r}; known are {', '.join(sorted(known))}")
    return value


def list_of(table: Mapping[str, Any], key: str, default: Sequence[object] = ()) -> list[Any]:
    value = table.get(key, list(default))
    if not isinstance(value, list):
        raise ValueError(f"{key!r} must be a list")
    return value


def texts_of(table: Mapping[str, Any], key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
    values = list_of(table, key, default)
    if not all(isinstance(value, str) and value for value in values):
        raise ValueError(f"{key!r} must be a list of strings")
    return tuple(values)


def text_of(table: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key!r} must be a string")
    return value


def count_of(table: Mapping[str, Any], key: str) -> int | None:
    value = table.get(key)
    if value is not None and (type(value) is not int or value < 1):
        raise ValueError(f"{key!r} must be a whole number above 0")
    return value
