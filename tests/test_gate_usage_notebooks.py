from __future__ import annotations

import json

import pytest
from usage_world import MODULES, case_of, write

from harness.gate.usage import read_usage

SVI = "numpyro.infer.SVI"


def notebook(*sources, **metadata):
    cells = [{"cell_type": "code", "source": source, "outputs": [], "metadata": {}} for source in sources]
    return {"cells": cells, "metadata": metadata, "nbformat": 4}


def read(tmp_path, document, **options):
    text = document if isinstance(document, str) else json.dumps(document, **{"indent": 1, **options})
    write(tmp_path, {"n.ipynb": text})
    usage = read_usage([tmp_path], MODULES)
    return usage, text.split("\n")


def places(usage):
    return [(use.cell, use.line, use.is_certain) for use in usage.meeting(case_of(SVI)) if not use.is_import]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_cells_share_a_namespace_and_lines_are_those_of_the_file(tmp_path, ascii_only):
    document = notebook(["import numpyro as n\n", "x = 'é'\n"], ["n.infer.SVI()\n", "n.infer.SVI()"])
    document["cells"].insert(0, {"cell_type": "markdown", "source": ["n.infer.SVI()\n"]})
    usage, lines = read(tmp_path, document, ensure_ascii=ascii_only)
    found = places(usage)
    assert [cell for cell, _, _ in found] == [2, 2]
    assert [lines[line - 1].strip() for _, line, _ in found] == ['"n.infer.SVI()\\n",', '"n.infer.SVI()"']
    assert found[0][1] > next(index for index, line in enumerate(lines) if "import numpyro" in line)


def test_a_source_that_is_one_string(tmp_path):
    usage, lines = read(tmp_path, notebook("import numpyro\nnumpyro.infer.SVI()"))
    ((cell, line, certain),) = places(usage)
    assert (cell, certain) == (1, True)
    assert "import numpyro" in lines[line - 1]


def test_everything_on_one_line(tmp_path):
    usage, _ = read(tmp_path, notebook(["import numpyro\n", "numpyro.infer.SVI()"]), indent=None)
    assert places(usage) == [(1, 1, True)]


def test_format_three(tmp_path):
    cell = {"cell_type": "code", "language": "python", "input": ["import numpyro\n", "numpyro.infer.SVI()"]}
    usage, _ = read(tmp_path, {"worksheets": [{"cells": [cell]}], "nbformat": 3})
    assert [place[0] for place in places(usage)] == [1]


MAGICS = {
    "line magics": (
        ["%matplotlib inline\n", "!ls\n", "?x\n", "x = !ls\n", "x = %env\n", "numpyro?\n", "SVI()"],
        1,
    ),
    "indented magic": (["if 1:\n", "    %matplotlib inline\n", "SVI()"], 1),
    "remainder is no magic": (["y = (1\n", "  % 2)\n", "SVI()"], 1),
    "timed line": (["%time SVI()\n"], 1),
    "timed line with options": (["%timeit -n 1 SVI()\n", "SVI()"], 1),
    "timed cell": (["%%time\n", "SVI()"], 1),
    "captured cell": (["\n", "%%capture out\n", "SVI()"], 1),
    "shell cell": (["%%bash\n", "SVI()"], 0),
    "html cell": (["%%html\n", "SVI()"], 0),
}


@pytest.mark.parametrize(("source", "count"), MAGICS.values(), ids=MAGICS)
def test_magics(tmp_path, source, count):
    usage, lines = read(tmp_path, notebook("from numpyro.infer import SVI", source))
    assert [(cell, "SVI()" in lines[line - 1]) for cell, line, _ in places(usage)] == [(2, True)] * count
    assert not usage.reading.skipped


def test_a_cell_with_an_error_is_named_and_the_others_count(tmp_path):
    usage, lines = read(
        tmp_path, notebook("from numpyro.infer import SVI", ["x = 1\n", "def f(:\n"], "SVI()")
    )
    (skipped,) = usage.reading.skipped
    assert skipped.reason == "cell 2 is not Python (invalid syntax)"
    assert lines[skipped.line - 1].strip() == '"def f(:\\n"'
    assert [cell for cell, _, _ in places(usage)] == [3]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"cells": numpyro', "is no notebook (Expecting value)"),
        ('["numpyro"]', "is no notebook (it has no cells)"),
        ('{"numpyro": 1}', "is no notebook (it has no cells)"),
        ('{"numpyro": ' + "[" * 100_000, "is nested too deeply to be read"),
    ],
)
def test_what_is_no_notebook_is_named(tmp_path, text, reason):
    usage, _ = read(tmp_path, text)
    assert [skipped.reason for skipped in usage.reading.skipped] == [reason]
    assert usage.reading.files == 0


@pytest.mark.parametrize(
    "cells", [None, 3, [3], [{}], [{"cell_type": "code", "source": 3}], [{"cell_type": "code"}]]
)
def test_odd_cells_are_no_cells(tmp_path, cells):
    usage, _ = read(tmp_path, {"cells": cells, "x": "numpyro"})
    assert usage.reading.skipped == ()


def test_another_language_is_not_read(tmp_path):
    usage, _ = read(tmp_path, notebook("numpyro <- 1; f(", language_info={"name": "R"}))
    assert usage.reading.skipped == ()


def test_a_notebook_reads_the_modules_beside_it(tmp_path):
    write(tmp_path, {"compat.py": "from numpyro.infer import SVI"})
    usage, _ = read(tmp_path, notebook("x = 1\nfrom compat import SVI\nSVI()"))
    assert [place[0] for place in places(usage)] == [1]
