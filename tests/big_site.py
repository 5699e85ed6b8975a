"""A made-up corpus with stored results of any size: what a report must still be quick with."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from big_texts import Failure, functions, log, words
from packaging.version import Version

from harness.case import Case
from harness.config import Config, Library
from harness.environment.ids import EnvironmentId
from harness.environment.lock import Lock, LockFolder
from harness.evidence import (
    Attestation,
    Cell,
    Deprecation,
    EnvironmentRecord,
    Evidence,
    Outcome,
    Phase,
    Raised,
)
from harness.header import parse_case
from harness.rows import Row, flat
from harness.store import Store

LIBRARIES = ("numpyro", "flax", "jax")
PROJECT = "".join(f"[tool.harness.library.{name}]\n" for name in LIBRARIES)
README = "# Made up\n\n<!-- compatibility:begin -->\n<!-- compatibility:end -->\n"

_TOOLS = """\
absl-py chex etils fsspec humanize jaxlib markdown-it-py mdurl ml-dtypes msgpack multipledispatch nest-asyncio
numpy opt-einsum optax orbax-checkpoint protobuf pygments pyyaml rich scipy simplejson tensorstore toolz tqdm
typing-extensions zipp
"""
_BEGIN = date(2022, 3, 1)
_DAYS = 1650
_JAX_EVERY = 33
"""Days from one release of JAX to the next; its n-th is 0.4.n."""
_KINDS = ("bug", "silent", "limitation", "feature", "drift")
_OUTCOMES = (Outcome.RETURNED, Outcome.TIMED_OUT, Outcome.CRASHED)
_ERRORS = ("ValueError", "TypeError", "AttributeError", "jax.errors.TracerArrayConversionError")

_HEADER = """\
# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://example.org/{library}/issues/{number}"
# fixed-by = ["https://example.org/{library}/pull/{number}1"]
# kind = "{kind}"
# api = ["{library}.{one}.{two}", "{library}.{three}"]
#
# [tool.case.failure]
# raises = "{error}"
# match = "{message}"
# failing = {failing}
{fixes}# ///
\"\"\"{title}\"\"\"
"""
_FIX = """\
#
# [tool.case.fix.{name}]
# source = "{source}"
# raises = "{error}"
# match = "{message}"
# refuted = ["jax<0.4.{until}"]
"""


@dataclass(frozen=True, kw_only=True)
class History:
    """At which releases of JAX, by number, each variant of a case shows its symptom."""

    number: int
    failing: tuple[range, ...]
    refuted: tuple[int, ...]
    """For each remedy, the first release with which it works."""
    surprises: frozenset[int]
    """Releases where the failure is not what the case says."""
    unimportable: range
    unmeasured: range
    """Environments, by their place, that the case was never run in."""

    @staticmethod
    def of(number: int, remedies: int, environments: int) -> History:
        draw = random.Random(f"history {number}")
        edges = sorted(draw.sample(range(1, _DAYS // _JAX_EVERY), 3))
        failing = (
            [range(edges[1])],
            [range(edges[0]), range(edges[1], edges[2])],
            [range(edges[0], 99)],
            [range(edges[0], edges[2])],
            [range(99)],
        )[draw.randrange(5)]
        gap, at = (draw.randrange(1, 5), draw.randrange(environments)) if number % 3 == 0 else (0, 0)
        since = edges[0] if number % 7 == 0 else 99
        return History(
            number=number,
            failing=tuple(failing),
            refuted=tuple(draw.choice([0, 0, edges[0], edges[1], 99]) for _ in range(remedies)),
            surprises=frozenset({edges[1] + 1} if number % 11 == 0 else ()),
            unimportable=range(since, since + 3),
            unmeasured=range(at, at + gap),
        )

    @property
    def conditions(self) -> str:
        groups = [[f'"jax>=0.4.{each.start}"', f'"jax<0.4.{each.stop}"'] for each in self.failing]
        return "[" + ", ".join(f"[{', '.join(group)}]" for group in groups) + "]"

    def is_shown(self, variant: int, release: int) -> bool:
        """Whether a variant fails there, the first one being the failure itself."""
        if variant:
            return release < self.refuted[variant - 1]
        return any(release in each for each in self.failing) is not (release in self.surprises)


@dataclass(frozen=True, kw_only=True)
class BigSite:
    """Cases of `variants` each, all measured in each of the environments, but for gaps."""

    cases_count: int = 300
    environments_count: int = 60
    variants: int = 3
    is_terse: bool = False
    """Sources, tracebacks and logs of a line each: what only concerns the overview is made much faster."""
    _histories: dict[str, History] = field(default_factory=dict, repr=False)

    @property
    def config(self) -> Config:
        return Config(
            root=Path("/nowhere"),
            libraries={name: Library(name=name, distribution=name, module=name) for name in LIBRARIES},
            axes=(),
            devices=(),
            known=(),
            only_binary=(),
            uploaded={},
        )

    @cached_property
    def cases(self) -> list[Case]:
        return [self._case(number) for number in range(1000, 1000 + self.cases_count)]

    def _case(self, number: int) -> Case:
        draw = random.Random(f"case {number}")
        history = History.of(number, self.variants - 1, self.environments_count)
        library = draw.choice(["numpyro", "numpyro", "numpyro", "flax", "jax"])
        self._histories[f"{library}-{number}"] = history
        error, message = draw.choice(_ERRORS), words(draw, 5)
        one, two, three = words(draw, 3).split()
        names = [f"fix_{words(draw, 2).replace(' ', '_')}_{n}" for n in range(1, self.variants)]
        fixes = "".join(
            _FIX.format(name=name[4:], source="documented", error=error, message=message, until=until)
            for name, until in zip(names, history.refuted, strict=True)
        )
        header = _HEADER.format(
            library=library,
            number=number,
            kind=draw.choice(_KINDS),
            one=one,
            two=two.title(),
            three=f"{three}_{one}",
            error=error,
            message=message,
            failing=history.conditions,
            fixes=fixes,
            title=f"{words(draw, 9).capitalize()}.",
        )
        claims = {name: f"{words(draw, 8).capitalize()}." for name in ("failure", *names)}
        path = Path(f"cases/{library}/{number}_{one}_{two}.py")
        return parse_case(path, header + functions(claims, draw, 0 if self.is_terse else 4200))

    @cached_property
    def locks(self) -> list[Lock]:
        """Half of them releases of NumPyro in their time, then latest ones, pairs, and other libraries."""
        count = self.environments_count
        pairs, latest = count // 10, count // 10
        others = count // 5
        period = count - pairs - latest - 2 * others
        return [
            *(_lock("numpyro", n / period) for n in range(period)),
            *(_lock("numpyro", 1 - (n + 1) / period, latest=True) for n in reversed(range(latest))),
            *(_lock("numpyro", 0.5 + n / period, pin=n) for n in range(pairs)),
            *(_lock(library, n / others) for library in ("flax", "jax") for n in range(others)),
        ]

    @cached_property
    def environments(self) -> dict[str, EnvironmentRecord]:
        return {str(lock.id): lock.record() for lock in self.locks}

    def rows(self) -> Iterator[Row]:
        for case in self.cases:
            for position, variant in enumerate(case.variants):
                yield from self._measured(case, position, variant.name)

    def _measured(self, case: Case, position: int, variant: str) -> Iterator[Row]:
        history = self._histories[case.id]
        symptom = case.variants[0].present.symptom
        error = f"{symptom.raises[0]}: {symptom.match}"
        failure = None if self.is_terse else Failure(case.path.name, variant, error)
        for place, record in enumerate(self.environments.values()):
            if place in history.unmeasured:
                continue
            yield Row(
                cell=Cell(case=case.id, variant=variant, environment=record.id, device="cpu"),
                case_digest=case.digest,
                environment_key=record.key,
                platform="linux-x86_64",
                evidence=_evidence(case, history, position, failure, record),
            )

    def write(self, root: Path) -> Path:
        """A project of these cases, locks and stored results, ready for `harness report`."""
        for case in self.cases:
            path = root / case.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(case.text, encoding="utf-8")
        folder = LockFolder(path=root / "harness" / "locks")
        for lock in self.locks:
            folder.put(lock)
        (root / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        (root / "README.md").write_text(README, encoding="utf-8")
        with Store(root / ".harness" / "results.sqlite") as store:
            for record in self.environments.values():
                store.put_environment(record)
            store._put_rows(flat(row) for row in self.rows())  # at once: a row at a time takes minutes
        return root


def _lock(library: str, at: float, *, latest: bool = False, pin: int | None = None) -> Lock:
    """A release of a library, at a part of the time from the first to the last."""
    day = int(_DAYS * at)
    jax = (_DAYS if latest else day) // _JAX_EVERY
    version = {"jax": f"0.4.{jax}"}.get(library, f"0.{12 + day // 99}.{day % 99 // 33}")
    pins = () if pin is None else (("jax", Version(f"0.4.{max(0, jax - 2 + pin)}")),)
    packages = {name: _version(name, _DAYS if latest else day) for name in _TOOLS.split()}
    packages |= {
        "flax": f"0.{6 + day // 150}.{day % 150 // 50}",
        "numpyro": f"0.{12 + day // 99}.{day % 99 // 33}",
    }
    packages |= {"jax": str(pins[0][1]) if pins else f"0.4.{jax}", library: version}
    if pins and library != "jax":
        packages["jaxlib"] = packages["jax"]
    released = _BEGIN + timedelta(days=day)
    return Lock(
        id=EnvironmentId(library=library, version=Version(version), latest=latest, pins=pins),
        python="3.11",
        released=released.isoformat(),
        as_of=None if latest or pins else (released + timedelta(days=1)).isoformat(),
        requested=(f"{library}=={version}",),
        packages=dict(sorted(packages.items())),
    )


def _version(name: str, day: int) -> str:
    """Some packages move every few weeks, others hardly ever."""
    number = day // random.Random(name).choice([25, 40, 70, 130, 400])
    return f"{1 + number // 12}.{number % 12}.0"


def _evidence(
    case: Case, history: History, position: int, failure: Failure | None, record: EnvironmentRecord
) -> Evidence:
    draw = random.Random(f"{case.id} {position} {record.id}")
    release = Version(record.packages["jax"]).micro
    raised = _raised(case, history, position, release, failure, record.packages)
    logged = failure is not None and draw.random() < 0.23
    outcome = Outcome.RAISED if raised else draw.choices(_OUTCOMES, [300, 1, 1])[0]
    return Evidence(
        outcome=outcome,
        raised=raised,
        reason={Outcome.TIMED_OUT: "60 s", Outcome.CRASHED: "signal 11 (SIGSEGV)"}.get(outcome, ""),
        attested=_attested(record),
        seconds=draw.random() * 9,
        peak_mib=300 + round(draw.random() * 90, 1),
        log=log(case.id, case.variants[position].name, record.id, record.packages) if logged else "",
        deprecations=_deprecations(case, release),
        measured_at=_measured_at(case, position, record),
    )


def _measured_at(case: Case, position: int, record: EnvironmentRecord) -> str:
    """An environment is measured in one go, its cases in order."""
    begun = datetime(2026, 11, 20) + timedelta(seconds=random.Random(record.id).randrange(80_000))
    return (begun + timedelta(seconds=case.number - 1000 + 2 * position)).isoformat()


def _raised(
    case: Case,
    history: History,
    position: int,
    release: int,
    failure: Failure | None,
    packages: Mapping[str, str],
) -> Raised | None:
    if release in history.unimportable:
        message = f"cannot import name 'xla_call_p' from 'jax.interpreters.xla' of jax 0.4.{release}"
        text = f'Traceback (most recent call last):\n  File "{case.path.name}", line 40\n{message}\n'
        return Raised(type="builtins.ImportError", message=message, traceback=text, phase=Phase.IMPORT)
    if not history.is_shown(position, release):
        return None
    symptom = case.variants[0].present.symptom
    return Raised(
        type=symptom.raises[0] if "." in symptom.raises[0] else f"builtins.{symptom.raises[0]}",
        message=symptom.match,
        traceback=failure.traceback(packages) if failure else symptom.match,
        phase=Phase.RUN,
    )


def _attested(record: EnvironmentRecord) -> Attestation:
    return Attestation(
        python="3.11.7",
        platform="linux-x86_64",
        versions=dict(record.packages),
        origins={name: f"lib/python3.11/site-packages/{name}/__init__.py" for name in ("jax", "numpyro")},
        device="cpu x 1",
        precision="float32",
    )


def _deprecations(case: Case, release: int) -> tuple[Deprecation, ...]:
    if case.number % 4 or release < 12:
        return ()
    message = f"jax.core.{case.path.stem.split('_')[1]} is deprecated; it goes with jax 0.4.{release + 6}."
    return (Deprecation(category="DeprecationWarning", message=message, module="numpyro"),)
