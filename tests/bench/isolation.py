"""The whole corpus in one environment: a probe against a process per variant and against no isolation."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from harness.case import Case
from harness.device import Device
from harness.environment.build import build
from harness.environment.places import libraries_of
from harness.evidence import Phase
from harness.probe.client import Target, environment_for
from harness.probe.session import Session
from harness.workspace import Workspace
from tests.bench.measure import Figure, clock

ENVIRONMENT = "numpyro-0.22.0"

ONE = """
import runpy, sys
path, *variants = sys.argv[1:]
for variant in variants:
    module = runpy.run_path(path)
    function = module[variant]
    try:
        function(0) if "seed" in function.__code__.co_varnames[:function.__code__.co_argcount] else function()
    except Exception:
        pass
"""

ALL = """
import runpy, sys
for argument in sys.argv[1:]:
    path, variant = argument.split("::")
    function = runpy.run_path(path)[variant]
    try:
        function(0) if "seed" in function.__code__.co_varnames[:function.__code__.co_argcount] else function()
    except Exception:
        pass
"""


def figures(root: Path) -> list[Figure]:
    workspace = Workspace.at(root)
    cases = [case for case in workspace.cases if case.library == "numpyro"]
    lock = workspace.lock(ENVIRONMENT)
    python = build(lock, workspace.config.only_binary)
    libraries = libraries_of(cases, workspace.config)
    pairs = [(case, variant.name) for case in cases for variant in case.variants]
    plain = environment_for(Target(python=python, libraries=libraries))
    with tempfile.TemporaryDirectory() as folder:
        target = Target(python=python, libraries=libraries, writable=True, jax_cache=Path(folder))
        _probe(Target(python=python, libraries=libraries, writable=True), pairs[:1])  # page cache, bytecode
        no_isolation = _no_isolation(python, pairs, plain)
        cold = _probe(target, pairs)
        warm = _probe(target, pairs)
    each = _process_each(python, pairs, plain)
    detail = (
        f"[{len(pairs)} variants: each {each:.1f} s, cold cache {cold:.1f} s, warm cache {warm:.1f} s, "
        f"no isolation {no_isolation:.1f} s]"
    )
    return [
        Figure(
            what="probe against a process per variant",
            value=each / cold,
            bound=3,
            at_least=True,
            unit="x",
            detail=detail,
        ),
        Figure(
            what="probe's time over no isolation",
            value=cold / no_isolation,
            bound=1.2,
            at_least=False,
            unit="x",
        ),
        Figure(
            what="probe again, warm cache, over no isolation",
            value=warm / no_isolation,
            bound=1.2,
            at_least=False,
            unit="x",
        ),
    ]


def _probe(target: Target, pairs: list[tuple[Case, str]]) -> float:
    device = Device(platform="cpu")
    with clock() as measured, Session(target) as session:
        for case, variant in pairs:
            evidence = session.run(case, variant, device)
            assert evidence.raised is None or evidence.raised.phase is not Phase.IMPORT, evidence.raised
    return measured.seconds


def _process_each(python: Path, pairs: list[tuple[Case, str]], environment: dict[str, str]) -> float:
    with clock() as measured:
        for case, variant in pairs:
            _run([str(python), "-c", ONE, str(case.path), variant], environment)
    return measured.seconds


def _no_isolation(python: Path, pairs: list[tuple[Case, str]], environment: dict[str, str]) -> float:
    with clock() as measured:
        _run([str(python), "-c", ALL, *(f"{case.path}::{variant}" for case, variant in pairs)], environment)
    return measured.seconds


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(
        command, env={**environment, "JAX_PLATFORMS": "cpu"}, check=True, capture_output=True, cwd=os.sep
    )
