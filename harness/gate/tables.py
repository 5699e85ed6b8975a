"""Checks tables of a TOML file: every error is a ValueError that names the key and says what to write."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import Any, TypeVar

Choice = TypeVar("Choice", bound=Enum)


def checked_table(value: object, what: str, known: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no table; write keys and values")
    for key in value:
        if key not in known:
            raise ValueError(f"{what} has the unknown key {key!r}; known are {', '.join(known)}")
    return value


def table_entries(table: dict[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    """The tables of a list, each with its name for people."""
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise ValueError(
            f"{key!r} is no list of tables; begin each with [[{key}]], or [[tool.harness.gate.{key}]]"
        )
    return [(f"{key} {number}", value) for number, value in enumerate(values, start=1)]


def text_list(table: dict[str, Any], key: str) -> tuple[str, ...]:
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(each, str) and each.strip() for each in values):
        raise ValueError(f'{key!r} is no list of texts; write {key} = ["..."]')
    return tuple(values)


def text_of(entry: dict[str, Any], key: str, what: str) -> str:
    """An entry's text, which is not blank; empty where it has none."""
    value = entry.get(key, "-")
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} of {what} is {value!r}; write a text that says something")
    return value if key in entry else ""


def choice_of(kind: type[Choice], value: object, what: str) -> Choice:
    names = [member.value for member in kind]
    if value not in names:
        raise ValueError(f"{what} is {value!r}; use {', '.join(names)}")
    return kind(value)
