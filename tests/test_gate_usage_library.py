"""Where libraries define what they re-export: also where names lead in circles."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.gate.usage.library import Libraries


def libraries(folder: Path, files: dict[str, str]) -> Libraries:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Libraries([folder])


def test_a_function_may_hide_the_module_that_defines_it(tmp_path):
    """As `pyro.poutine.trace` and many others: following the name must come to an end."""
    found = libraries(
        tmp_path, {"toy/__init__.py": "from toy.clip import clip", "toy/clip.py": "def clip(): ..."}
    )
    assert found.canonical("toy.clip") == ("toy.clip.clip", True)
    assert found.canonical("toy.clip.more") == ("toy.clip.clip.more", True)


def test_a_hidden_module_may_pass_on_what_another_defines(tmp_path):
    files = {
        "toy/__init__.py": "from toy.clip import clip",
        "toy/clip.py": "from toy.base import clip",
        "toy/base.py": "def clip(): ...",
    }
    assert libraries(tmp_path, files).canonical("toy.clip") == ("toy.base.clip", True)


def test_what_is_hidden_may_come_from_what_is_hidden(tmp_path):
    files = {
        "toy/__init__.py": "from toy.clip import clip\nfrom toy.base import base",
        "toy/clip.py": "from toy.base import base as clip",
        "toy/base.py": "def base(): ...",
    }
    found = libraries(tmp_path, files)
    assert found.canonical("toy.clip") == found.canonical("toy.base") == ("toy.base.base", True)


def test_a_hidden_module_may_pass_on_a_module(tmp_path):
    files = {
        "toy/__init__.py": "from toy.ops import ops",
        "toy/ops.py": "import toy.more as ops",
        "toy/more.py": "from toy.deep import f",
        "toy/deep.py": "def f(): ...",
    }
    assert libraries(tmp_path, files).canonical("toy.ops.f") == ("toy.deep.f", True)


def test_a_module_under_another_name_is_the_module(tmp_path):
    files = {
        "toy/__init__.py": "import toy2.sub as part",
        "toy2/__init__.py": "",
        "toy2/sub.py": "def f(): ...",
    }
    assert libraries(tmp_path, files).canonical("toy.part.f") == ("toy2.sub.f", True)


@pytest.mark.parametrize(
    "files",
    [
        {
            "toy/__init__.py": "from toy.x import x",
            "toy/x.py": "from pkg.y import y as x",
            "pkg/__init__.py": "from pkg.y import y",
            "pkg/y.py": "from toy.x import x as y",
        },
        {"toy/__init__.py": "from toy.a import x", "toy/a.py": "from toy import x"},
        {"toy/__init__.py": "import toy2\nx = toy2.x.y", "toy2/__init__.py": "import toy\nx = toy.x.y"},
        {
            "toy/__init__.py": "from toy.x import x",
            "toy/x.py": "from toy.y import y as x",
            "toy/y.py": "from toy.x import x as y",
        },
        {"toy/__init__.py": "from .a import *", "toy/a.py": "from . import *"},
    ],
    ids=["hidden twice", "two modules", "growing", "hidden", "stars"],
)
def test_names_that_lead_in_circles_are_not_found(tmp_path, files):
    assert libraries(tmp_path, files).canonical("toy.x.z")[1] is False
