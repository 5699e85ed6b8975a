"""Listing and selecting among two thousand cases."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from itertools import cycle
from pathlib import Path

from tests.bench.measure import Figure, clock

CASES = 2000


def figures(root: Path) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(root / "pyproject.toml", folder)
        originals = cycle(path.read_text() for path in sorted((root / "cases").glob("*/*.py")))
        library = folder / "cases" / "numpyro"
        library.mkdir(parents=True)
        for number in range(1, CASES + 1):
            (library / f"{number}_synthetic.py").write_text(next(originals))
        command = [sys.executable, "-m", "harness", "list", "--root", name, "-k", "numpyro-1234 and failure"]
        with clock() as measured:
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
        assert "1 cases, 1 variants" in done.stdout, done.stdout
        figure = Figure(
            what=f"listing and selecting among {CASES} cases",
            value=measured.seconds,
            bound=1,
            at_least=False,
            unit=" s",
        )
        return [figure]
