"""`python -m tests.bench [NAME]... [--repo PATH]`: measure, print, and end with 1 where a bound is missed."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tests.bench import bisecting, gating, installing, isolation, listing, reading, site, unchanged

BENCHMARKS = {
    "listing": listing,
    "unchanged": unchanged,
    "installing": installing,
    "isolation": isolation,
    "bisecting": bisecting,
    "gating": gating,
    "reading": reading,
    "site": site,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--repo", metavar="PATH", help=f"A clone of {bisecting.PACKAGE}, for `bisecting`.")
    given = parser.parse_args()
    if given.repo:
        os.environ[bisecting.REPOSITORY] = given.repo
    names = given.names or list(BENCHMARKS)
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
