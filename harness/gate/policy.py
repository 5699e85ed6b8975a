"""What a team wants done about findings: `[tool.harness.gate]` of their pyproject.toml, or a file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from harness.case import Case, Kind
from harness.device import parse_device
from harness.errors import UsageError
from harness.gate.records import Acceptance, Action, Finding, FindingKind
from harness.gate.tables import checked_table, choice_of, table_entries, text_list, text_of

DEFAULTS: Mapping[FindingKind, Action] = {
    FindingKind.NEWLY_FAILING: Action.BLOCK,
    FindingKind.FAILING_AGAIN: Action.BLOCK,
    FindingKind.KNOWN_FAILING: Action.WARN,
    FindingKind.REFUTED_REMEDY: Action.WARN,
    FindingKind.LOST_REMEDY: Action.WARN,
    FindingKind.CHANGED: Action.BLOCK,
    FindingKind.DEPRECATION: Action.WARN,
    FindingKind.NO_EVIDENCE: Action.BLOCK,
    FindingKind.NOTHING_TO_RUN: Action.BLOCK,
    FindingKind.STALE_ENTRY: Action.WARN,
}

NEVER_ACCEPTED = frozenset({FindingKind.NOTHING_TO_RUN, FindingKind.STALE_ENTRY})
"""What no acceptance covers: a gate that saw nothing, and acceptances themselves."""

_SEVERITY = {action: rank for rank, action in enumerate((Action.ALLOW, Action.WARN, Action.BLOCK))}
_RULE_KEYS = ("library", "case", "kind", "case-kind", "device")
_ACCEPT_KEYS = ("case", "reason", "until", "kind", "device")
_KEYS = (*(kind.value for kind in FindingKind), "uses", "devices", "rule", "accept")
_TABLE = "[tool.harness.gate]"


def severity(action: Action) -> int:
    """How much an action asks of people: more for more severe ones."""
    return _SEVERITY[action]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """An action for the findings that have everything it names; what is empty names nothing."""

    action: Action
    library: str = ""
    case: str = ""
    kind: FindingKind | None = None
    case_kind: str = ""
    device: str = ""

    def holds(self, finding: Finding, case: str, library: str, case_kind: str) -> bool:
        """Whether it is about a finding, as far as one of its cases goes."""
        return (
            self.kind in (None, finding.kind)
            and self.device in ("", finding.device)
            and self.case in ("", case)
            and self.library in ("", library)
            and self.case_kind in ("", case_kind)
        )


# What a release never had breaks nobody who runs on it.
BUILT_IN = tuple(
    Rule(action=Action.ALLOW, kind=kind, case_kind=Kind.FEATURE.value)
    for kind in (FindingKind.KNOWN_FAILING, FindingKind.REFUTED_REMEDY)
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """An action for every kind of finding, with exceptions."""

    source: str = "the defaults"
    """Where it comes from, in words."""
    actions: Mapping[FindingKind, Action] = field(default_factory=lambda: DEFAULTS)
    rules: tuple[Rule, ...] = BUILT_IN
    """Of several that hold the last one counts; the built-in ones come first."""
    acceptances: tuple[Acceptance, ...] = ()
    uses: tuple[str, ...] = ()
    """Source to read where the command names none, as one would type it from the current folder."""
    devices: tuple[str, ...] = ()
    """Devices to ask about where the command names none."""

    def action(self, finding: Finding, cases: Mapping[str, Case]) -> Action:
        """What to do about a finding: of several cases the one counts that asks for most."""
        actions = [self._action(finding, id_, cases.get(id_)) for id_ in finding.cases or ("",)]
        return max(actions, key=severity)

    def _action(self, finding: Finding, id_: str, case: Case | None) -> Action:
        library = case.library if case else finding.library
        case_kind = case.kind.value if case else finding.case_kind
        holding = (
            rule.action for rule in reversed(self.rules) if rule.holds(finding, id_, library, case_kind)
        )
        return next(holding, self.actions[finding.kind])


def load_policy(path: Path | None, folder: Path, cases: Collection[Case]) -> Policy:
    """Read a policy: of a file, else of the nearest pyproject.toml that has one, from a folder upwards.

    Raises:
        UsageError: it cannot be read, or anything in it is not as it must be.
    """
    if path is not None:
        document = _document(path)
        table = _gate_table(document, path)
        if table is None and path.name == "pyproject.toml":
            raise UsageError(f"{path} has no {_TABLE} table; add one, or name another file with --policy.")
        if table is None:
            return _policy(document, path, path.as_posix(), path.as_posix(), cases)
        mixed = [key for key in document if key in _KEYS and path.name != "pyproject.toml"]
        if mixed:
            raise UsageError(f"{path} has {mixed[0]!r} beside {_TABLE}; write all of it in that table.")
        return _in_project(table, path, path.as_posix(), cases)
    here = folder.resolve()
    for project in (parent / "pyproject.toml" for parent in (here, *here.parents)):
        if project.is_file() and _may_have_policy(project):
            table = _gate_table(_document(project), project)
            if table is not None:
                return _in_project(table, project, _from_here(project), cases)
    return Policy()


def _may_have_policy(project: Path) -> bool:
    """Whether the words are there at all: other people's broken files do not matter."""
    try:
        text = project.read_bytes()
    except OSError as error:
        raise UsageError(_unreadable(project, error)) from None
    return b"harness" in text and b"gate" in text


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(_unreadable(path, error)) from None
    except (ValueError, RecursionError) as error:  # ValueError: no UTF-8, no TOML, an endless integer
        raise UsageError(f"{path} is not valid TOML ({error}); correct it.") from None


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path} cannot be read ({error.strerror}); name a file that can with --policy."


def _gate_table(document: dict[str, Any], path: Path) -> object | None:
    """`[tool.harness.gate]` of a file, if it has one."""
    value: object = document
    for key in ("tool", "harness", "gate"):
        if not isinstance(value, dict):
            raise UsageError(f"{path}: {_TABLE} lies in something that is no table; correct it.")
        if key not in value:
            return None
        value = value[key]
    return value


def _in_project(table: object, path: Path, shown: str, cases: Collection[Case]) -> Policy:
    return _policy(table, path, f"{shown}: {_TABLE}", f"{_TABLE} of {shown}", cases)


def _from_here(path: Path) -> str:
    """A path as one would type it from the current folder; whole where there is no way, as between drives."""
    try:
        return Path(os.path.relpath(path, Path.cwd())).as_posix()
    except ValueError:
        return path.as_posix()


def _policy(value: object, path: Path, where: str, source: str, cases: Collection[Case]) -> Policy:
    known = {case.id: case for case in cases}
    try:
        table = checked_table(value, "the policy", _KEYS)
        actions = {
            kind: choice_of(Action, table[kind.value], kind.value)
            for kind in FindingKind
            if kind.value in table
        }
        rules = tuple(_rule(entry, what, known) for what, entry in table_entries(table, "rule"))
        folder = path.parent.resolve()
        return Policy(
            source=source,
            actions={**DEFAULTS, **actions},
            rules=BUILT_IN + rules,
            acceptances=_acceptances(table, known),
            uses=tuple(_use(text, folder) for text in text_list(table, "uses")),
            devices=tuple(_profile(text, "devices") for text in text_list(table, "devices")),
        )
    except (ValueError, UsageError) as error:
        raise UsageError(f"{where}: {str(error).removesuffix('.')}.") from None


def _use(text: str, folder: Path) -> str:
    return Path(text).as_posix() if Path(text).is_absolute() else _from_here(folder / text)


def _rule(entry: dict[str, Any], what: str, cases: Mapping[str, Case]) -> Rule:
    checked_table(entry, what, (*_RULE_KEYS, "action"))
    if "action" not in entry:
        raise ValueError(f'{what} has no \'action\'; add action = "allow", "warn" or "block"')
    if not any(key in entry for key in _RULE_KEYS):
        raise ValueError(f"{what} does not say what it is about; give one or more of {', '.join(_RULE_KEYS)}")
    library, case_kind = text_of(entry, "library", what), text_of(entry, "case-kind", what)
    libraries = sorted({case.library for case in cases.values()})
    if library and library not in libraries:
        raise ValueError(f"{what}: no case is of library {library!r}; there are {', '.join(libraries)}")
    if case_kind:
        choice_of(Kind, case_kind, f"case-kind of {what}")
    case = _case(entry, what, cases)
    if case and (library not in ("", cases[case].library) or case_kind not in ("", cases[case].kind.value)):
        raise ValueError(f"{what}: {case} is of another library or case-kind; leave those out beside 'case'")
    return Rule(
        action=choice_of(Action, entry["action"], f"action of {what}"),
        library=library,
        case=case,
        kind=_kind(entry, what),
        case_kind=case_kind,
        device=_device(entry, what),
    )


def _acceptances(table: dict[str, Any], cases: Mapping[str, Case]) -> tuple[Acceptance, ...]:
    found: dict[tuple[object, ...], Acceptance] = {}
    for what, entry in table_entries(table, "accept"):
        acceptance = _acceptance(entry, what, cases)
        same = (acceptance.case, acceptance.kind, acceptance.device)
        if same in found:
            raise ValueError(f"{what} accepts the same as an earlier one for {acceptance.case}; remove one")
        found[same] = acceptance
    return tuple(found.values())


def _acceptance(entry: dict[str, Any], what: str, cases: Mapping[str, Case]) -> Acceptance:
    checked_table(entry, what, _ACCEPT_KEYS)
    for key in ("case", "reason", "until"):
        if key not in entry:
            raise ValueError(f"{what} has no {key!r}; every acceptance needs case, reason and until")
    until, kind = entry["until"], _kind(entry, what)
    if not isinstance(until, date) or isinstance(until, datetime):
        raise ValueError(
            f"until of {what} is no date; write a day without quotes, such as until = 2026-03-31"
        )
    if kind in NEVER_ACCEPTED:
        raise ValueError(f"{what}: {kind.value} cannot be accepted; leave 'kind' out or name another")
    return Acceptance(
        case=_case(entry, what, cases),
        reason=text_of(entry, "reason", what),
        until=until,
        kind=kind,
        device=_device(entry, what),
    )


def _case(entry: dict[str, Any], what: str, cases: Mapping[str, Case]) -> str:
    case = text_of(entry, "case", what)
    if case and case not in cases:
        raise ValueError(f"{what}: there is no case {case!r}; `harness list` shows the {len(cases)} case ids")
    return case


def _kind(entry: dict[str, Any], what: str) -> FindingKind | None:
    return choice_of(FindingKind, entry["kind"], f"kind of {what}") if "kind" in entry else None


def _device(entry: dict[str, Any], what: str) -> str:
    text = text_of(entry, "device", what)
    return _profile(text, f"device of {what}") if text else ""


def _profile(text: str, what: str) -> str:
    """The one way in which a device is written."""
    try:
        return str(parse_device(text))
    except UsageError as error:
        raise ValueError(f"{what}: {error}") from None
