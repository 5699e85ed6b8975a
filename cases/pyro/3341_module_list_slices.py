# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3341"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3339"]
# kind = "bug"
# api = ["pyro.nn.PyroModule"]
#
# [tool.case.failure]
# raises = "RuntimeError"
# match = "^Multiple sample sites named '0\\.bias'"
# failing = ["pyro-ppl<1.9.1"]
#
# [tool.case.fix.site_names]
# source = "ours"
# refuted = ["pyro-ppl<1.9.1"]
# raises = "AssertionError"
# match = "^sites 0\\.bias, layers\\.1\\.bias$"
#
# [tool.case.fix.pyro_module_list]
# source = "upstream"
# refuted = ["pyro-ppl<1.9.1"]
# raises = "AttributeError"
# match = "has no attribute 'PyroModuleList'"
#
# [tool.case.fix.index]
# source = "documented"
#
# [tool.case.fix.slice_of_list]
# source = "ours"
# ///
"""Slicing a PyroModule[ModuleList] renames its modules, so that two lists have the same sites."""

from __future__ import annotations

import pyro
import pyro.distributions as dist
import torch
from pyro import poutine
from pyro.nn import PyroModule, PyroSample


class Shift(PyroModule):
    def __init__(self) -> None:
        super().__init__()
        self.bias = PyroSample(dist.Normal(0.0, 1.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.bias


class Net(PyroModule):
    """Two layers, the first of which comes from a slice."""

    def __init__(self, list_type: type | None = None) -> None:
        super().__init__()
        self.layers = (list_type or PyroModule[torch.nn.ModuleList])([Shift(), Shift()])

    def but_last(self) -> list[Shift]:
        return self.layers[:-1]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.but_last():
            x = layer(x)
        return self.layers[-1](x)


class NetWithIndex(Net):
    def but_last(self) -> list[Shift]:
        return [self.layers[0]]


class NetWithList(Net):
    def but_last(self) -> list[Shift]:
        return list(self.layers)[:-1]


class TwoNets(PyroModule):
    def __init__(self, first: Net, second: Net) -> None:
        super().__init__()
        self.first = first
        self.second = second

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x))


def site_names(model: PyroModule) -> str:
    return ", ".join(poutine.trace(model).get_trace(torch.tensor(0.0)).stochastic_nodes)


def assert_two_nets(first: Net, second: Net) -> None:
    assert site_names(TwoNets(first, second)) == (
        "first.layers.0.bias, first.layers.1.bias, second.layers.0.bias, second.layers.1.bias"
    )


def failure() -> None:
    """Two nets that slice their layers can be parts of one model."""
    assert_two_nets(Net(), Net())


def fix_site_names() -> None:
    """A single net names the sites of sliced layers as those of indexed ones."""
    names = site_names(Net())
    assert names == "layers.0.bias, layers.1.bias", f"sites {names}"


def fix_pyro_module_list() -> None:
    """With PyroModuleList instead, the layers may be sliced."""
    list_type = pyro.nn.PyroModuleList
    assert_two_nets(Net(list_type), Net(list_type))


def fix_index() -> None:
    """Layers that are taken by an index keep their names."""
    assert_two_nets(NetWithIndex(), NetWithIndex())


def fix_slice_of_list() -> None:
    """Layers that are taken from a plain list of them keep their names."""
    assert_two_nets(NetWithList(), NetWithList())


if __name__ == "__main__":
    failure()
