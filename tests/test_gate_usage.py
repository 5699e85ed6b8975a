"""Planted snippets: what in them meets a name, in which line, and how certain."""

from __future__ import annotations

import pytest
from usage_world import meeting, write

SVI = "numpyro.infer.SVI"
RUN = "numpyro.infer.SVI.run"
MASK = "numpyro.sample(obs_mask=)"
PASSED = (SVI, "numpyro.infer")

CERTAIN = {
    "import and chain": ("import numpyro\nnumpyro.infer.SVI()", SVI, [2]),
    "submodule import": ("import numpyro.infer\nnumpyro.infer.SVI()", SVI, [2]),
    "import as": ("import numpyro.infer as inf\ninf.SVI()", SVI, [2]),
    "from import": ("from numpyro.infer import SVI\nSVI()", SVI, [2, 1]),
    "from import as": ("from numpyro.infer import SVI as S\nS()", SVI, [2, 1]),
    "import only": ("from numpyro.infer import SVI", SVI, [1]),
    "import inside function": ("def f():\n    import numpyro\n    numpyro.infer.SVI()", SVI, [3]),
    "try import": (
        "try:\n    import numpyro\nexcept ImportError:\n    numpyro = None\nnumpyro.infer.SVI()",
        SVI,
        [5],
    ),
    "try import mock": (
        "try:\n    import numpyro\nexcept ImportError:\n    numpyro = mock()\nnumpyro.infer.SVI()",
        SVI,
        [5],
    ),
    "try other import": (
        "try:\n    from numpyro.infer import SVI\nexcept ImportError:\n    from other import SVI\nSVI()",
        SVI,
        [5, 2],
    ),
    "alias": ("import numpyro\nS = numpyro.infer.SVI\nS()", SVI, [2, 3]),
    "module alias": ("import numpyro\ninfer = numpyro.infer\ninfer.SVI()", SVI, [3]),
    "paired alias": ("import numpyro\na, b = numpyro.infer, 1\na.SVI()", SVI, [3]),
    "instance": ("from numpyro.infer import SVI\nsvi = SVI()\nsvi.run()", RUN, [3]),
    "instance passed on": ("from numpyro.infer import SVI\nsvi = SVI()\nprint(svi)", SVI, [2, 1]),
    "instance in one": ("from numpyro.infer import SVI\nSVI().run()", RUN, [2]),
    "instance in a method": (
        "from numpyro.infer import SVI\nclass A:\n    def __init__(self):\n        self.svi = SVI()\n"
        "    def go(self):\n        self.svi.run()",
        RUN,
        [6],
    ),
    "result": ("import pyro\npyro.get_param_store().load('f')", "pyro.get_param_store().load", [2]),
    "named result": (
        "import pyro\ns = pyro.get_param_store()\ns.load('f')",
        "pyro.get_param_store().load",
        [3],
    ),
    "below": ("import numpyro\nnumpyro.infer.SVI.run", SVI, [2]),
    "decorator": ("import numpyro\n@numpyro.infer.SVI\ndef f(): ...", SVI, [2]),
    "base class": ("import numpyro\nclass A(numpyro.infer.SVI): ...", SVI, [2]),
    "getattr": ("import numpyro\ngetattr(numpyro.infer, 'SVI')()", SVI, [2]),
    "import_module": ("import importlib\nm = importlib.import_module('numpyro.infer')\nm.SVI()", SVI, [3]),
    "import_module name": ("from importlib import import_module as i\ni('numpyro.infer').SVI()", SVI, []),
    "import_module from": (
        "from importlib import import_module\nimport_module('numpyro.infer').SVI()",
        SVI,
        [2],
    ),
    "import_module dots": (
        "import importlib\nimportlib.import_module('.infer', 'numpyro').SVI()",
        SVI,
        [2],
    ),
    "__import__": ("__import__('numpyro.infer').infer.SVI()", SVI, [1]),
    "importorskip": (
        "import pytest\nnumpyro = pytest.importorskip('numpyro')\nnumpyro.infer.SVI()",
        SVI,
        [3],
    ),
    "walrus": ("import numpyro\nif (S := numpyro.infer.SVI): S()", SVI, [2, 2]),
    "comprehension reads outer": ("from numpyro.infer import SVI\n[SVI() for x in y]", SVI, [2, 1]),
    "comprehension target is its own": (
        "import numpyro\n[numpyro for numpyro in y]\nnumpyro.infer.SVI()",
        SVI,
        [3],
    ),
    "first iterable is outside": ("import numpyro\n[numpyro for numpyro in numpyro.infer.SVI()]", SVI, [2]),
    "lambda": ("import numpyro\nf = lambda x: numpyro.infer.SVI(x)", SVI, [2]),
    "default": ("import numpyro\ndef f(numpyro=numpyro.infer.SVI()): ...", SVI, [2]),
    "class scope alias": (
        "import numpyro\nclass A:\n    numpyro = numpyro\n    x = numpyro.infer.SVI()",
        SVI,
        [4],
    ),
    "class name is not seen inside": (
        "import numpyro\nclass A:\n    numpyro = 1\n    def f(self):\n        numpyro.infer.SVI()",
        SVI,
        [5],
    ),
    "global": ("def f():\n    global n\n    import numpyro as n\ndef g():\n    n.infer.SVI()", SVI, [5]),
    "nonlocal": (
        "def f():\n    n = None\n    def g():\n        nonlocal n\n        import numpyro as n\n"
        "    n.infer.SVI()",
        SVI,
        [6],
    ),
    "del": ("import numpyro\nnumpyro.infer.SVI()\ndel numpyro", SVI, [2]),
    "none first": ("from numpyro.infer import SVI\ns = None\ns = SVI()\ns.run()", RUN, [4]),
    "async": ("import numpyro\nasync def f():\n    await numpyro.infer.SVI()", SVI, [3]),
    "match": ("import numpyro\nmatch x:\n    case numpyro.infer.SVI():\n        pass", SVI, [3]),
    "with": ("import numpyro\nwith numpyro.plate('a', 2): ...", "numpyro.plate", [2]),
    "except": ("import numpyro\ntry: ...\nexcept numpyro.infer.SVI: ...", SVI, [3]),
    "chain over lines": (
        "import pyro\n(pyro\n .get_param_store()\n .load('x'))",
        "pyro.get_param_store().load",
        [4],
    ),
    "else of TYPE_CHECKING": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    x = 1\nelse:\n    import numpyro\n"
        "numpyro.infer.SVI()",
        SVI,
        [6],
    ),
    "f-string": ("import numpyro\nf'{numpyro.infer.SVI()}'", SVI, [2]),
    "monkeypatch": ("import numpyro\nnumpyro.infer.SVI = 1", SVI, [2]),
    "bare module": ("import numpyro\nnumpyro.sample", "numpyro", [1]),
    "bare module by below": ("def f():\n    from numpyro.infer import SVI", "numpyro", [2]),
    "bare module at run time": ("import importlib\nimportlib.import_module('numpyro')", "numpyro", [2]),
    "keyword": ("import numpyro\nnumpyro.sample('x', d, obs_mask=m)", MASK, [2]),
    "keyword in partial": (
        "import numpyro, functools\nfunctools.partial(numpyro.sample, obs_mask=m)",
        MASK,
        [2],
    ),
    "keyword after partial": (
        "import numpyro\nfrom functools import partial\np = partial(numpyro.sample, obs_mask=1)\n"
        "p('x', obs_mask=m)",
        MASK,
        [3, 4],
    ),
    "super": ("from numpyro.infer import SVI\nclass A(SVI):\n    def f(self): pass", SVI, [2, 1]),
    "not of TYPE_CHECKING": (
        "import typing\nif not typing.TYPE_CHECKING:\n    import numpyro\nnumpyro.infer.SVI()",
        SVI,
        [4],
    ),
    "exec order": ("def f():\n    return S()\nfrom numpyro.infer import SVI as S", SVI, [2, 3]),
    "annotation": ("import numpyro\ndef f(x: numpyro.infer.SVI): ...", SVI, [2]),
    "walrus in comprehension": ("import numpyro\n[(n := numpyro) for x in y]\nn.infer.SVI()", SVI, [3]),
}
CERTAIN["import_module name"] = ("import importlib as il\nil.import_module('numpyro.infer').SVI()", SVI, [2])

POSSIBLE = {
    "argument": ("import numpyro\nf(numpyro.infer)", SVI, [2]),
    "list": ("import numpyro\nx = [numpyro]", SVI, [2]),
    "attribute": ("import numpyro\nx.y = numpyro", SVI, [2]),
    "return": ("import numpyro\ndef f():\n    return numpyro", SVI, [3]),
    "class returned": ("from numpyro.infer import SVI\ndef f():\n    return SVI", RUN, [3]),
    "instance passed": ("from numpyro.infer import SVI\nf(SVI())", RUN, [2]),
    "made up name": ("import numpyro\ngetattr(numpyro.infer, name)", SVI, [2]),
    "__dict__": ("import numpyro\nnumpyro.infer.__dict__['SVI']", SVI, [2]),
    "vars": ("import numpyro\nvars(numpyro.infer)['SVI']", SVI, [2]),
    "star": ("from numpyro.infer import *\nSVI()", SVI, [2]),
    "keywords unknown": ("import numpyro\nnumpyro.sample('x', **options)", MASK, [2]),
    "function passed": ("import numpyro\nf(numpyro.sample)", MASK, [2]),
    "partial without": ("import numpyro, functools\nfunctools.partial(numpyro.sample, 'x')", MASK, [2]),
    "module passed, keyword": ("import numpyro\nf(numpyro)", MASK, [2]),
    "either": ("import numpyro\nS = numpyro.infer.SVI if x else y\nS.run()", RUN, [3]),
    "two meanings": (
        "import numpyro\nif x:\n    S = numpyro.infer.SVI\nelse:\n    S = Mine\nS.run()",
        RUN,
        [6],
    ),
    "replaced import": ("from numpyro.infer import SVI\nSVI = wrap()\nSVI.run()", RUN, [3]),
    "self alias": ("import numpyro\nx = numpyro\nx = x.infer\nx.SVI()", SVI, [4]),
    "other path": ("from numpyro.infer.svi import SVI\nSVI()", SVI, [2, 1]),
    "below other path": ("from numpyro.infer.svi import SVI\nSVI().run()", SVI, [2, 1]),
    "with as": ("from numpyro.infer import SVI\nwith SVI() as s:\n    s.run()", RUN, [3]),
    "annotated": ("import numpyro\ndef f(s: numpyro.infer.SVI):\n    s.run()", RUN, [3]),
    "inherited": ("from numpyro.infer import SVI\nclass A(SVI): ...\nA().run()", RUN, [2, 3]),
    "super method": (
        "from numpyro.infer import SVI\nclass A(SVI):\n    def f(self):\n        super().run()",
        RUN,
        [2, 4],
    ),
    "annotation that does not run": (
        "from __future__ import annotations\nimport numpyro\ndef f(x: numpyro.infer.SVI): ...",
        SVI,
        [3],
    ),
    "loop over modules": ("import numpyro, pyro\nfor m in (numpyro, pyro):\n    m.infer.SVI()", SVI, [2]),
}

NONE = {
    "import of a parent": ("import numpyro\nfrom numpyro import infer", SVI),
    "alias of a parent": ("import numpyro\nn = numpyro\ni = n.infer", SVI),
    "parameter": ("import numpyro\ndef f(numpyro):\n    numpyro.infer.SVI()", SVI),
    "lambda parameter": ("import numpyro\nlambda numpyro: numpyro.infer.SVI()", SVI),
    "assigned": ("import numpyro\ndef f():\n    numpyro = 1\n    numpyro.infer.SVI()", SVI),
    "comprehension variable": ("import numpyro\n[numpyro.infer.SVI() for numpyro in y]", SVI),
    "for": ("import numpyro\ndef f():\n    for numpyro in x:\n        numpyro.infer.SVI()", SVI),
    "with": ("import numpyro\ndef f():\n    with x as numpyro:\n        numpyro.infer.SVI()", SVI),
    "except": (
        "import numpyro\ndef f():\n    try: ...\n    except E as numpyro:\n        numpyro.infer.SVI()",
        SVI,
    ),
    "walrus": ("import numpyro\ndef f():\n    (numpyro := 1)\n    numpyro.infer.SVI()", SVI),
    "match": (
        "import numpyro\ndef f():\n    match x:\n        case {'a': numpyro}:\n"
        "            numpyro.infer.SVI()",
        SVI,
    ),
    "nested def": ("import numpyro\ndef f():\n    def numpyro(): ...\n    numpyro.infer.SVI()", SVI),
    "string": ("import numpyro\n'numpyro.infer.SVI()'", SVI),
    "comment": ("import numpyro\n# numpyro.infer.SVI()", SVI),
    "docstring": ('import numpyro\ndef f():\n    """numpyro.infer.SVI()"""', SVI),
    "type checking": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from numpyro.infer import SVI",
        SVI,
    ),
    "bound for type checking": (
        "import typing\nif typing.TYPE_CHECKING:\n    from numpyro.infer import SVI\n"
        "def f(x: SVI):\n    SVI()",
        SVI,
    ),
    "bare module for type checking": (
        "import typing\nif typing.TYPE_CHECKING:\n    import numpyro",
        "numpyro",
    ),
    "import of another": ("import numpyroid\nnumpyroid.infer.SVI()", SVI),
    "sibling": ("import numpyro\nnumpyro.infer.SVIX()", SVI),
    "other parent": ("from numpyro.contrib import SVI\nSVI()", SVI),
    "call without keyword": ("import numpyro\nnumpyro.sample('x', d)", MASK),
    "keyword of the result": ("import numpyro\nx = numpyro.sample('x', d)\nx(obs_mask=1)\nf(x)", MASK),
    "keyword of another": ("import numpyro\nnumpyro.plate(obs_mask=1)", MASK),
    "import for keyword": ("from numpyro import sample", MASK),
    "alias for keyword": ("import numpyro\ns = numpyro.sample", MASK),
    "shadowed getattr": (
        "import numpyro\ndef getattr(a, b): ...\ngetattr(numpyro.infer, 'x')",
        "numpyro.infer.x",
    ),
    "star builtin": ("from numpyro.infer import *\nprint()", "numpyro.infer.print"),
    "star bound": ("from numpyro.infer import *\nSVI = 1\nSVI()", SVI),
    "test": ("import numpyro\nif numpyro is not None and numpyro: ...", SVI),
    "result passed": ("import numpyro\nf(numpyro.sample())", MASK),
    "class variable inside a function": (
        "class A:\n    import numpyro\n    def f(self):\n        numpyro.infer.SVI()",
        SVI,
    ),
    "local to another function": ("def f():\n    import numpyro\ndef g():\n    numpyro.infer.SVI()", SVI),
}


def found(tmp_path, text, api):
    write(tmp_path, {"a.py": text})
    return [(line, certain) for _, line, _, certain in meeting(tmp_path, api)]


@pytest.mark.parametrize(("text", "api", "lines"), CERTAIN.values(), ids=CERTAIN)
def test_certain(tmp_path, text, api, lines):
    assert [line for line, certain in found(tmp_path, text, api) if certain] == lines


@pytest.mark.parametrize(("text", "api", "lines"), POSSIBLE.values(), ids=POSSIBLE)
def test_possible(tmp_path, text, api, lines):
    assert found(tmp_path, text, api) == [(line, False) for line in lines]


@pytest.mark.parametrize(("text", "api"), NONE.values(), ids=NONE)
def test_no_use(tmp_path, text, api):
    assert found(tmp_path, text, api) == []
