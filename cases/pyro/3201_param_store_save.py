# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3201"
# introduced-by = ["torch==2.0.0"]
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3212"]
# kind = "drift"
# api = ["pyro.get_param_store().save", "pyro.params.param_store.ParamStoreDict.save"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "^cannot pickle 'weakref\\.ReferenceType' object$"
# failing = ["pyro-ppl<1.8.5", "torch>=2.0"]
#
# [tool.case.fix.get_state]
# source = "documented"
# refuted = ["pyro-ppl<1.8.5", "torch>=2.0"]
# raises = "TypeError"
# match = "^cannot pickle 'weakref\\.ReferenceType' object$"
#
# [tool.case.fix.constrained]
# source = "ours"
#
# [tool.case.fix.without_attribute]
# source = "upstream"
# ///
"""Pyro 1.8.4 cannot save unconstrained parameters with torch 2, which it admits."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pyro
import torch
from pyro.params.param_store import ParamStoreDict
from torch.distributions import constraints


def make_store(constraint: constraints.Constraint = constraints.real) -> ParamStoreDict:
    store = pyro.get_param_store()
    store.clear()
    pyro.param("loc", torch.tensor(2.0), constraint=constraint)
    return store


def assert_saves(save: Callable[[str], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "params"))
        save(path)
        loaded = torch.load(path, weights_only=False)
    assert list(loaded["params"]) == ["loc"]


def failure() -> None:
    """The store is written to a file."""
    assert_saves(make_store().save)


def fix_get_state() -> None:
    """The state of the store can be saved with torch.save."""
    state = make_store().get_state()
    assert_saves(lambda path: torch.save(state, path))


def fix_constrained() -> None:
    """A store of constrained parameters is written to a file."""
    assert_saves(make_store(constraints.positive).save)


def fix_without_attribute() -> None:
    """Without the attribute that Pyro sets on the tensors, the state can be saved."""
    state = make_store().get_state()
    for value in state["params"].values():
        value.__dict__.pop("unconstrained", None)
    assert_saves(lambda path: torch.save(state, path))


if __name__ == "__main__":
    failure()
