# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3389"
# introduced-by = ["torch==2.6.0"]
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3389"]
# kind = "drift"
# api = ["pyro.get_param_store().load", "pyro.params.param_store.ParamStoreDict.load"]
#
# [tool.case.failure]
# raises = "UnpicklingError"
# match = "Unsupported global: GLOBAL torch.distributions.constraints._GreaterThan"
# failing = ["pyro-ppl<1.9.2", "torch>=2.6"]
#
# [tool.case.fix.load_by_hand]
# source = "upstream"
#
# [tool.case.fix.allow_the_constraint]
# source = "documented"
# refuted = ["torch<2.4"]
# raises = "AttributeError"
# match = "has no attribute 'add_safe_globals'"
#
# [tool.case.fix.environment_variable]
# source = "documented"
# ///
"""Pyro up to 1.9.1 cannot load a saved parameter store with torch 2.6, which it admits."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyro
import torch
from torch.distributions import constraints


def assert_restores(load: Callable[[str], None]) -> None:
    """Save a constrained parameter, forget it, load it, and compare."""
    store = pyro.get_param_store()
    store.clear()
    pyro.param("scale", torch.tensor(2.0), constraint=constraints.positive)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "params"))
        store.save(path)
        store.clear()
        load(path)
    assert list(store.keys()) == ["scale"]
    assert torch.isclose(pyro.param("scale"), torch.tensor(2.0))
    assert torch.isclose(pyro.param("scale").unconstrained(), torch.tensor(2.0).log())


def failure() -> None:
    """What ParamStoreDict.save wrote, ParamStoreDict.load reads."""
    assert_restores(pyro.get_param_store().load)


def fix_load_by_hand() -> None:
    """Read the file without the restriction, as Pyro 1.9.2 does, and pass it to set_state."""
    assert_restores(lambda path: pyro.get_param_store().set_state(torch.load(path, weights_only=False)))


def fix_allow_the_constraint() -> None:
    """Allow the constraint's class, as the error message and torch's documentation advise."""
    torch.serialization.add_safe_globals([type(constraints.positive)])
    try:
        assert_restores(pyro.get_param_store().load)
    finally:
        torch.serialization.clear_safe_globals()


def fix_environment_variable() -> None:
    """Switch the new default off for calls that do not say what they want."""
    os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
    try:
        assert_restores(pyro.get_param_store().load)
    finally:
        del os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"]


if __name__ == "__main__":
    failure()
