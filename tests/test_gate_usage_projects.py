"""Toy downstream projects on disk: re-exports, layouts, what cannot be read, the libraries' own source."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest
from usage_world import MODULES, case_of, meeting, write

from harness.errors import UsageError
from harness.gate.usage import read_usage

SVI = "numpyro.infer.SVI"
COMPAT = "from numpyro.infer import SVI\n"
USES = {
    "absolute": "from mylib.compat import SVI as S\nS()",
    "relative": "from .compat import SVI\nSVI()",
    "module": "import mylib.compat as c\nc.SVI()",
    "chain": "import mylib.compat\nmylib.compat.SVI()",
    "from package": "from mylib import compat\ncompat.SVI()",
    "from dot": "from . import compat\ncompat.SVI()",
    "in brackets": "from . import (  # (\n    compat)\ncompat.SVI()",
}


@pytest.mark.parametrize("text", USES.values(), ids=USES)
@pytest.mark.parametrize("place", ["", "src/", "deep/er/"])
def test_re_exports_of_a_package(tmp_path, text, place):
    files = {"__init__.py": "", "compat.py": COMPAT, "user.py": text}
    write(tmp_path, {f"{place}mylib/{name}": content for name, content in files.items()})
    line = len(text.splitlines())
    assert (f"{place}mylib/user.py", line, SVI, True) in meeting(tmp_path, SVI)


@pytest.mark.parametrize("text", USES.values(), ids=USES)
@pytest.mark.parametrize("place", ["", "src/"])
def test_re_exports_of_a_namespace_package(tmp_path, text, place):
    write(tmp_path, {f"{place}mylib/compat.py": COMPAT, f"{place}mylib/user.py": text})
    assert (f"{place}mylib/user.py", len(text.splitlines()), SVI, True) in meeting(tmp_path, SVI)


@pytest.mark.parametrize("init", [{}, {"__init__.py": ""}])
@pytest.mark.parametrize("text", USES.values(), ids=USES)
def test_the_root_is_the_package(tmp_path, text, init):
    folder = write(tmp_path / "mylib", {**init, "compat.py": COMPAT, "user.py": text})
    assert ("user.py", len(text.splitlines()), SVI, True) in meeting(folder, SVI)


def test_a_script_imports_its_neighbour_and_not_another_folder(tmp_path):
    user = "from helpers import SVI\nSVI()"
    write(
        tmp_path,
        {"a/helpers.py": COMPAT, "a/user.py": user, "b/helpers.py": "SVI = 1", "b/user.py": user},
    )
    assert meeting(tmp_path, SVI) == [
        ("a/user.py", 2, SVI, True),
        ("a/helpers.py", 1, SVI, True),
        ("a/user.py", 1, SVI, True),
    ]


def test_one_of_several_modules_of_a_name_is_possible(tmp_path):
    write(
        tmp_path,
        {"a/helpers.py": COMPAT, "b/helpers.py": "x = 1", "user.py": "from helpers import SVI\nSVI()"},
    )
    assert ("user.py", 2, SVI, False) in meeting(tmp_path, SVI)


def test_a_package_exports_through_its_init(tmp_path):
    write(
        tmp_path,
        {
            "mylib/__init__.py": "from .inner import *",
            "mylib/inner/__init__.py": "from .deep import SVI",
            "mylib/inner/deep.py": COMPAT,
            "user.py": "import mylib\nmylib.SVI()",
            "mylib/other.py": "from . import SVI\nSVI()",
        },
    )
    answer = meeting(tmp_path, SVI)
    assert ("user.py", 2, SVI, False) in answer
    assert ("mylib/other.py", 2, SVI, False) in answer


def test_cycles_survive_and_lose_nothing(tmp_path):
    write(
        tmp_path,
        {
            "p/__init__.py": "from .a import *\nfrom .b import X, Y",
            "p/a.py": "from .b import *\nfrom .b import X\nfrom . import Y",
            "p/b.py": "from .a import *\nfrom .a import X\nfrom numpyro.infer import SVI as Y",
            "user.py": "from p import X, Y\nX()\nY()",
        },
    )
    assert [found for found in meeting(tmp_path, SVI) if found[:2] == ("user.py", 3)] == [
        ("user.py", 3, SVI, True)
    ]


def test_a_dense_web_of_star_imports_ends(tmp_path):
    names = [f"m{number}" for number in range(40)]
    text = "".join(f"from {name} import *\n" for name in names)
    files = {f"{name}.py": f"{text}def {name}f():\n    return SVI(missing{name})\n" for name in names}
    write(tmp_path, {**files, "m7.py": f"{text}import numpyro\nfrom numpyro.infer import SVI\n"})
    assert len([found for found in meeting(tmp_path, SVI) if found[1] == 42 and not found[3]]) == 39


def test_a_long_chain_of_re_exports(tmp_path):
    files = {f"m{n}.py": f"from m{n - 1} import SVI" for n in range(1, 400)}
    write(tmp_path, {"m0.py": COMPAT, **files, "user.py": "from m399 import SVI\nSVI()"})
    assert ("user.py", 2, SVI, True) in meeting(tmp_path, SVI)


def test_a_thousand_files(tmp_path):
    pure = {f"p/m{number}.py": "def f(x):\n    return x + 1\n" for number in range(1000)}
    write(
        tmp_path,
        {**pure, "p/__init__.py": "", "p/user.py": COMPAT + "SVI()\n", "p/m500.py": "from .user import SVI"},
    )
    usage = read_usage([tmp_path], MODULES)
    assert usage.reading.files == 1002
    assert usage.reading.libraries == {"numpyro": 3}
    assert [Path(use.path).name for use in usage.meeting(case_of(SVI))] == ["user.py", "m500.py", "user.py"]


LIBRARY = {
    "numpyro/__init__.py": "from .primitives import sample\nfrom . import infer\nclass AutoNormal: ...",
    "numpyro/primitives.py": "def sample(name, d, obs_mask=None): ...",
    "numpyro/infer/__init__.py": "from .svi import SVI\nfrom .autoguide import *\ntry:\n"
    "    import x\nexcept E: ...",
    "numpyro/infer/svi.py": "class _SVI: ...\nSVI = _SVI",
    "numpyro/infer/autoguide.py": "class AutoNormal: ...",
    "numpyro/other.py": "class SVI: ...\nclass AutoNormal: ...",
}


@pytest.mark.parametrize(
    ("text", "api", "certain"),
    [
        ("from numpyro.infer.svi import SVI\nSVI()", SVI, [True]),
        ("from numpyro.infer import SVI\nSVI().run()", "numpyro.infer.svi.SVI.run", [True]),
        ("import numpyro\nnumpyro.infer.AutoNormal()", "numpyro.infer.autoguide.AutoNormal", [True]),
        ("import numpyro\nnumpyro.primitives.sample(obs_mask=1)", "numpyro.sample(obs_mask=)", [True]),
        ("import numpyro.other\nnumpyro.other.SVI()", SVI, []),
        ("import numpyro.other\nnumpyro.other.AutoNormal()", "numpyro.AutoNormal", []),
        ("from numpyro.infer.missing import SVI\nSVI()", SVI, [False]),
        ("import numpyro\nf(numpyro.infer)", SVI, [False]),
    ],
)
def test_the_source_of_the_library_tells_what_is_the_same(tmp_path, text, api, certain):
    library = write(tmp_path / "library", LIBRARY)
    folder = write(tmp_path / "team", {"a.py": text})
    answer = meeting(folder, api, libraries=[library])
    assert [found[3] for found in answer if found[1] == 2] == certain


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"import numpyro\ndef f(:\n", 2, "is not Python (invalid syntax)"),
        (b"import numpyro\nx = '\0'\n", None, "is not Python (source code string cannot contain null bytes)"),
        (b"import numpyro\nx = '\xff'\n", 2, "is no text (invalid start byte)"),
        (b"# coding: klingon\nimport numpyro\n", None, "unknown encoding: klingon"),
        (b"import numpyro\n" + b"(" * 500 + b")" * 500, 2, "is not Python (too many nested parentheses)"),
        (b"import numpyro\nx = " + b"-" * 200_000 + b"1", None, "is nested too deeply to be read"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_counts(tmp_path, data, line, reason):
    write(tmp_path, {"bad.py": data, "good.py": COMPAT})
    usage = read_usage([tmp_path], MODULES)
    (skipped,) = usage.reading.skipped
    assert (Path(skipped.path).name, skipped.line, skipped.reason) == ("bad.py", line, reason)
    assert usage.reading.files == 1
    assert len(usage.meeting(case_of(SVI))) == 1


def test_long_expressions_are_followed(tmp_path):
    write(tmp_path, {"a.py": "import numpyro\nx = " + "1 + " * 900 + "numpyro.infer.SVI()"})
    assert meeting(tmp_path, SVI)[0][3]


def test_a_dangling_link_and_a_pipe_are_named(tmp_path):
    write(tmp_path, {"good.py": COMPAT})
    (tmp_path / "link.py").symlink_to("nowhere.py")
    os.mkfifo(tmp_path / "pipe.py")
    reasons = [skipped.reason for skipped in read_usage([tmp_path], MODULES).reading.skipped]
    assert reasons == ["cannot be read (No such file or directory)", "is no regular file"]


def test_warnings_of_the_source_are_silent(tmp_path):
    write(tmp_path, {"a.py": "import numpyro\nx = '\\d' is 1\n"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_usage([tmp_path], MODULES)


def test_text_as_python_decodes_it(tmp_path):
    write(
        tmp_path,
        {
            "latin.py": "# coding: latin-1\nimport numpyro\ns = 'é'; numpyro.infer.SVI()\n".encode("latin-1"),
            "mark.py": "import numpyro\r\ns = 'é'; numpyro.infer.SVI()\r\n".encode("utf-8-sig"),
            "feed.py": "import numpyro\n\x0c\ns = '\u2028'; numpyro.infer.SVI()\n",
        },
    )
    usage = read_usage([tmp_path], MODULES)
    assert {(use.line, use.column) for use in usage.meeting(case_of(SVI))} == {(3, 10), (2, 10)}
    assert not usage.reading.skipped


def test_folders_that_are_not_theirs_are_left_out(tmp_path):
    inside = [".git", "__pycache__", "node_modules", "lib/site-packages", "env"]
    write(tmp_path, {**{f"{folder}/a.py": COMPAT for folder in inside}, "env/pyvenv.cfg": "", "a.py": COMPAT})
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [found[0] for found in meeting(tmp_path, SVI)] == ["a.py"]


def test_paths_are_as_given(tmp_path, monkeypatch):
    write(tmp_path, {"p/b.py": COMPAT, "p/a/c.py": COMPAT, "tool": COMPAT})
    monkeypatch.chdir(tmp_path)
    usage = read_usage([Path("p"), Path("p/a/c.py"), Path("tool")], MODULES)
    assert usage.reading.roots == ("p", "p/a/c.py", "tool")
    assert [use.path for use in usage.meeting(case_of(SVI))] == ["p/a/c.py", "p/b.py", "tool"]
    assert [use.path for use in read_usage([Path()], MODULES).meeting(case_of(SVI))] == ["p/a/c.py", "p/b.py"]


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_roots_without_source(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=rf"{name} (does not exist|holds no Python file)"):
        read_usage([tmp_path / name], MODULES)


def test_certain_before_possible_and_uses_before_imports(tmp_path):
    write(
        tmp_path,
        {"a.py": "from numpyro.infer import *\nSVI()", "b.py": "from numpyro.infer import SVI\nSVI()\nSVI()"},
    )
    assert [found[:2] for found in meeting(tmp_path, SVI)] == [
        ("b.py", 2),
        ("b.py", 3),
        ("b.py", 1),
        ("a.py", 2),
    ]


def test_an_entry_each_place_once(tmp_path):
    write(tmp_path, {"a.py": "from numpyro.infer import SVI\nSVI().run()"})
    usage = read_usage([tmp_path], MODULES)
    assert len(usage.meeting(case_of(SVI, "numpyro.infer.SVI.run"))) == 2


def test_names_of_a_library_that_lead_on_forever(tmp_path):
    source = {
        "numpyro/__init__.py": "from .a import x",
        "numpyro/a.py": "from .b.x import x",
        "numpyro/b.py": "",
    }
    source["numpyro/b.py"] = "from .a import x"
    library = write(tmp_path / "library", source)
    folder = write(tmp_path / "team", {"a.py": "import numpyro\nnumpyro.x()"})
    assert meeting(folder, "numpyro.x", libraries=[library])[0][1] == 2
