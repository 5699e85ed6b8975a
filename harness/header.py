"""Reads the PEP 723 header of a case file and checks every key, without importing the file."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import tomli
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from harness.api import parse_api
from harness.case import (
    FAILURE,
    FIX_PREFIX,
    Case,
    Condition,
    Expectation,
    Kind,
    Source,
    Symptom,
    Variant,
)
from harness.device import Device, parse_device
from harness.errors import UsageError
from harness.skeleton import unfinished
from harness.strings import is_release, read_requirement, wrong_pattern

DEFAULT_TIMEOUT = 60.0
"""Seconds after which a variant counts as hanging, unless its case says otherwise."""

_DAY = 86_400

_Choice = TypeVar("_Choice", bound=enum.Enum)

_BLOCK = re.compile(r"^# /// script\s*$\n(?P<body>(?:^#(?: .*)?\r?$\n)+?)^# ///\s*$", re.MULTILINE)
_FUNCTION = re.compile(r"\ndef (failure|fix_\w+)\(")
_FILE_NAME = re.compile(r"(?P<number>[0-9]+)_(?P<slug>[a-z0-9_]+)")
_CHANGE = re.compile(
    r"https://[\w.-]+(?::[0-9]+)?(?:/[\w.~-]+)+"
    r"/(?:(?:pulls?|pull-requests|merge_requests|issues)/[0-9]+|commits?/[0-9a-f]{7,64})",
    re.ASCII,
)
"""The address of a pull request, an issue or a commit, on whatever host."""

_CASE_KEYS = {
    "issue", "introduced-by", "fixed-by", "kind", "api", "devices", "timeout", "failure", "rejected", "fix",
}  # fmt: skip
_FAILURE_KEYS = {"raises", "match", "failing"}
_REJECTED_KEYS = {"raises", "match", "rejected"}
_FIX_KEYS = {"source", "raises", "match", "refuted"}


def has_header(text: str) -> bool:
    """Tell whether a file declares itself a case."""
    return "# [tool.case]" in text and _BLOCK.search(text) is not None


def read_case(path: Path) -> Case:
    """Read one case.

    Raises:
        UsageError: the file cannot be read, or its header is malformed; the message names file and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({error}); a case is a UTF-8 Python file."
        raise UsageError(message) from None
    return parse_case(path, text)


def parse_case(path: Path, text: str) -> Case:
    """Build a case from its file's text; `path` gives library, number and slug."""
    return _Reader(path).case(text)


class _Reader:
    """Carries the path through the checks, so that every message can name the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, message: str) -> UsageError:
        return UsageError(f"{self.path}: {message}")

    def case(self, text: str) -> Case:
        name = _FILE_NAME.fullmatch(self.path.stem)
        if name is None:
            raise self.fail("name the file <upstream number>_<slug>.py, with a slug of a-z, 0-9 and _.")
        if open_ := unfinished(self.path.stem, text):
            raise self.fail(f"is still a skeleton: write {', '.join(open_)} in place of TODO.")
        script = self.script(text)
        table = self.table(script.get("tool", {}), "case", "tool.case")
        self.known_keys(table, _CASE_KEYS, "tool.case")
        library = self.path.parent.name
        return Case(
            id=f"{library}-{int(name['number'])}",
            library=library,
            number=int(name["number"]),
            path=self.path,
            text=text,
            issue=self.string(table, "issue", "tool.case"),
            introduced_by=self.changes(table, "introduced-by"),
            fixed_by=self.changes(table, "fixed-by"),
            kind=self.choice(table, "kind", "tool.case", Kind),
            api=tuple(self.api(text) for text in self.strings(table, "api", "tool.case")),
            devices=self.devices(table),
            requires=tuple(
                self.requirement(dependency, "dependencies")
                for dependency in self.strings(script, "dependencies", "script")
            ),
            requires_python=self.python(script),
            timeout=self.seconds(table),
            variants=self.variants(table, text),
        )

    def script(self, text: str) -> dict[str, Any]:
        block = _BLOCK.search(text)
        if block is None:
            raise self.fail("has no '# /// script' header closed by '# ///'; copy one from cases/README.md.")
        body = "\n".join(line[2:] for line in block["body"].split("\n"))
        try:
            return tomli.loads(body)
        except (ValueError, RecursionError) as error:  # ValueError alone: an integer of over 4,300 digits
            raise self.fail(f"the header is not valid TOML: {error}.") from None

    def variants(self, table: dict[str, Any], text: str) -> tuple[Variant, ...]:
        fixes = self.table(table, "fix", "tool.case.fix", default={})
        declared = [self.failure(table), *(self.fix(name, fixes) for name in fixes)]
        names = {variant.name for variant in declared}
        defined = _FUNCTION.findall("\n" + text)
        for variant in declared:
            if variant.name not in defined:
                raise self.fail(f"declares the variant {variant.name} but has no 'def {variant.name}('.")
        for name in defined:
            if name not in names:
                table_name = f"tool.case.fix.{name.removeprefix(FIX_PREFIX)}"
                raise self.fail(f"defines {name}() without a [{table_name}] table; add it to the header.")
        if len(set(defined)) < len(defined):
            raise self.fail("defines a variant twice.")
        return tuple(declared)

    def failure(self, case: dict[str, Any]) -> Variant:
        table = self.table(case, "failure", "tool.case.failure")
        self.known_keys(table, _FAILURE_KEYS, "tool.case.failure")
        rejected = None
        if "rejected" in case:
            refusal = self.table(case, "rejected", "tool.case.rejected")
            self.known_keys(refusal, _REJECTED_KEYS, "tool.case.rejected")
            rejected = self.expectation(refusal, "rejected", "tool.case.rejected")
        return Variant(
            name=FAILURE,
            present=self.expectation(table, "failing", "tool.case.failure"),
            rejected=rejected,
        )

    def fix(self, name: str, fixes: dict[str, Any]) -> Variant:
        where = f"tool.case.fix.{name}"
        table = self.table(fixes, name, where)
        self.known_keys(table, _FIX_KEYS, where)
        has_symptom = {"raises", "match"} & set(table)
        if has_symptom and "refuted" not in table:
            message = f"[{where}] has a symptom but no 'refuted' conditions; add them or remove the symptom."
            raise self.fail(message)
        return Variant(
            name=FIX_PREFIX + name,
            source=self.choice(table, "source", where, Source),
            present=self.expectation(table, "refuted", where) if "refuted" in table else None,
        )

    def expectation(self, table: dict[str, Any], key: str, where: str) -> Expectation:
        return Expectation(symptom=self.symptom(table, where), where=self.condition(table, key, where))

    def symptom(self, table: dict[str, Any], where: str) -> Symptom:
        match = self.string(table, "match", where)
        wrong = wrong_pattern(match)
        if wrong:
            raise self.fail(f"[{where}] match is not a regular expression: {wrong}.")
        return Symptom(raises=self.strings(table, "raises", where), match=match)

    def condition(self, table: dict[str, Any], key: str, where: str) -> Condition:
        value = table.get(key)
        if not isinstance(value, list) or not value:
            message = f"[{where}] needs {key} = [requirement strings]; for everywhere name the library alone."
            raise self.fail(message)
        groups = value if all(isinstance(item, list) for item in value) else [value]
        return Condition(groups=tuple(self.group(group, key) for group in groups))

    def group(self, group: list[Any], key: str) -> tuple[Requirement, ...]:
        if not group:
            raise self.fail(f"'{key}' has an empty list; for everywhere name the library alone.")
        requirements = tuple(self.requirement(item, key) for item in group)
        for requirement in requirements:
            if requirement.extras or requirement.url or requirement.marker:
                message = f"'{key}' holds '{requirement}'; a condition is a name with versions, nothing else."
                raise self.fail(message)
        return requirements

    def requirement(self, text: object, key: str) -> Requirement:
        if not isinstance(text, str):
            raise self.fail(f"'{key}' holds {text!r}; write requirement strings such as \"numpyro<0.17\".")
        try:
            return read_requirement(text)
        except InvalidRequirement as error:
            reason = str(error).splitlines()[0]
            raise self.fail(f"'{key}' holds {text!r}, which is not a requirement ({reason}).") from None

    def api(self, text: str) -> str:
        try:
            return parse_api(text).text
        except UsageError as error:
            raise self.fail(f"[tool.case] api: {error}") from None

    def changes(self, table: dict[str, Any], key: str) -> tuple[str, ...]:
        """Pull requests, commits or issues by address, and releases of other packages as `name==version`."""
        return tuple(self.change(text, key) for text in self.strings(table, key, "tool.case", default=()))

    def change(self, text: str, key: str) -> str:
        if _CHANGE.fullmatch(text):
            return text
        with suppress(InvalidRequirement):
            if is_release(read_requirement(text)):
                return str(read_requirement(text))
        message = f"[tool.case] {key} holds {text!r}; write the https address of a pull request, commit"
        raise self.fail(f'{message} or issue, or one release such as "jax==0.10.0".')

    def python(self, script: dict[str, Any]) -> str | None:
        value = script.get("requires-python")
        if value is None:
            return None
        if isinstance(value, str):
            with suppress(InvalidSpecifier):
                return str(SpecifierSet(value))
        raise self.fail(f"requires-python = {value!r} is not a version specifier.")

    def seconds(self, table: dict[str, Any]) -> float:
        value = table.get("timeout", DEFAULT_TIMEOUT)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _DAY:
            raise self.fail(f"timeout = {value!r} is not a number of seconds above 0 and up to a day.")
        return float(value)

    def known_keys(self, table: dict[str, Any], known: Iterable[str], where: str) -> None:
        for key in table:
            if key not in known:
                names = ", ".join(sorted(known))
                raise self.fail(f"[{where}] has the unknown key {key!r}; known are {names}.")

    def table(self, parent: object, key: str, where: str, default: object = None) -> dict[str, Any]:
        value = parent.get(key, default) if isinstance(parent, dict) else None
        if not isinstance(value, dict):
            raise self.fail(f"the header has no [{where}] table.")
        return value

    def string(self, table: dict[str, Any], key: str, where: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value:
            raise self.fail(f'[{where}] needs {key} = "...", a non-empty string.')
        return value

    def strings(
        self, table: dict[str, Any], key: str, where: str, default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        if key not in table:
            if default is None:
                raise self.fail(f"[{where}] needs {key}.")
            return default
        value = table[key]
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not values or not all(isinstance(v, str) and v for v in values):
            raise self.fail(f"[{where}] {key} must be a string or a list of strings, not {value!r}.")
        return tuple(values)

    def devices(self, table: dict[str, Any]) -> tuple[Device, ...]:
        named = self.strings(table, "devices", "tool.case", default=())
        try:
            return tuple(dict.fromkeys(map(parse_device, named)))
        except UsageError as error:
            raise self.fail(f"[tool.case] devices: {error}") from None

    def choice(self, table: dict[str, Any], key: str, where: str, choices: type[_Choice]) -> _Choice:
        value = self.string(table, key, where)
        try:
            return choices(value)
        except ValueError:
            known = ", ".join(choice.value for choice in choices)
            raise self.fail(f"[{where}] {key} = {value!r} is unknown; use one of {known}.") from None
