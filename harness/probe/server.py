"""Runs inside the target interpreter: imports the libraries once, then forks for every variant.

Standard library only, Python 3.8 and newer. Speaks JSON, one object per line, on standard input and
output: first it is told which libraries to import, names each before it imports it, and answers with an
attestation; then every request is one variant and every answer one record.

Run again with `--child FOLDER` it is the process of a single variant, for platforms without a sound fork
and for libraries that start threads or a backend when they are imported.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import traceback
import types
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from harness.probe import holdings, process, text, variant

HERE = os.path.dirname(os.path.abspath(__file__))


def load_siblings() -> None:
    """Import the modules of this folder, which must not be on the path of the libraries under test."""
    package = types.ModuleType("harness_probe")
    package.__path__ = [HERE]
    sys.modules[package.__name__] = package
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    for name in ("holdings", "text", "variant", "process"):
        globals()[name] = importlib.import_module(f"{package.__name__}.{name}")
    sys.dont_write_bytecode = before


class Client:
    """The other end of standard input and output, which libraries and variants cannot reach."""

    def __init__(self) -> None:
        self.requests, self.answers = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)  # what libraries print while they are imported is no answer
        os.close(nothing)

    def lines(self) -> Iterator[Any]:
        buffer = b""
        while True:
            line, found, rest = buffer.partition(b"\n")
            if found:
                buffer = rest
                yield json.loads(line)
                continue
            data = os.read(self.requests, 65536)
            if not data:
                return
            buffer += data

    def answer(self, data: dict[str, Any]) -> None:
        left = json.dumps(data).encode() + b"\n"
        while left:
            left = left[os.write(self.answers, left) :]


def serve() -> None:
    environment = dict(os.environ)
    client = Client()
    requests = client.lines()
    hello = next(requests, None)
    if hello is None:
        return
    libraries = hello["libraries"]
    # An import that hangs does not see that its client is gone.
    variant.die_with_parent()
    imported = holdings.import_libraries(
        libraries, text.describe, lambda name: client.answer({"importing": name})
    )
    variant.outlive_parent()
    installed = holdings.installed()
    # A collection in a forked child would touch, and so copy, every page of the libraries.
    gc.collect()
    gc.freeze()
    client.answer(holdings.attest(imported, installed))
    for request in requests:
        needs = request["needs"]
        request.update(
            libraries=libraries,
            frameworks=holdings.frameworks(needs, installed),
            broken=[imported[name]["module"] for name in needs if imported.get(name, {}).get("error")],
        )
        client.answer(process.serve_one(request, client.requests, client.answers, environment))


def be_child(folder: Path) -> None:
    request = json.loads((folder / process.REQUEST).read_text(encoding="utf-8"))
    variant.die_with_parent(request["server"])
    holdings.import_libraries(request["libraries"], text.describe, lambda name: None)
    process.conclude(request, folder)


def main() -> None:
    """Run to the end, whatever threads the libraries have started."""
    load_siblings()
    code = 0
    try:
        if sys.argv[1:2] == ["--child"]:
            be_child(Path(sys.argv[2]))
        else:
            serve()
    except process.ClientGone:
        pass
    except BaseException:
        traceback.print_exc()
        code = 1
    process.flush()
    os._exit(code)


if __name__ == "__main__":
    if not sys.flags.isolated:
        sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]
    main()
