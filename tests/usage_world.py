"""Reads planted source and says what is used, for the tests of the gate's reading."""

from __future__ import annotations

from pathlib import Path

from toy.cases import HEADER, edited, make_case

from harness.gate.usage import read_usage

MODULES = ("numpyro", "pyro", "flax", "jax", "torch")


def case_of(*names):
    """A case that is about these names."""
    listed = ", ".join(f'"{name}"' for name in names)
    return make_case(header=edited('"toy.infer.sample"', listed))


def write(folder: Path, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def meeting(folder: Path, api: str, *, libraries=(), roots=None):
    """(path below the folder, line, name, certain) of every use that meets `api`."""
    usage = read_usage(roots or [folder], MODULES, libraries)
    return [
        (Path(use.path).relative_to(folder).as_posix(), use.line, use.name, use.is_certain)
        for use in usage.meeting(case_of(api))
    ]


__all__ = ["HEADER", "MODULES", "case_of", "meeting", "write"]
