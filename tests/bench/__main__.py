"""`python -m tests.bench [NAME]...`: measure, print, and end with 1 where a bound is missed."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench import installing, isolation, listing, unchanged

BENCHMARKS = {"listing": listing, "unchanged": unchanged, "installing": installing, "isolation": isolation}


def main() -> int:
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"unknown benchmark {unknown[0]!r}; known are {', '.join(BENCHMARKS)}")
        return 2
    missed = 0
    for name in names:
        for figure in BENCHMARKS[name].figures(Path.cwd()):
            print(figure, flush=True)
            missed += not figure.holds
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
