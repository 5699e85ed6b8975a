# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3371"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3378"]
# kind = "silent"
# api = [
#   "pyro.render_model(render_params=)",
#   "pyro.infer.inspect.get_model_relations",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^x depends on \[\]$'
# failing = ["pyro-ppl<1.9.2"]
#
# [tool.case.fix.sample]
# source = "documented"
#
# [tool.case.fix.delta]
# source = "ours"
# ///
"""The rendered graph has no edge from a parameter to a deterministic site that it determines."""

from collections.abc import Callable

import pyro
import pyro.distributions as dist
import torch
from pyro.infer.inspect import get_model_relations


def parameter() -> torch.Tensor:
    return pyro.param("parameter", torch.tensor(1.0))


def assert_edge(model: Callable[[], object]) -> None:
    """The relations that pyro.render_model draws with render_params=True have the edge."""
    pyro.clear_param_store()
    parents = get_model_relations(model)["sample_param"]["x"]
    assert parents == ["parameter"], f"x depends on {parents}"


def failure() -> None:
    """A deterministic site depends on the parameter of which it is a function."""
    assert_edge(lambda: pyro.deterministic("x", 2 * parameter()))


def fix_sample() -> None:
    """An observed site depends on the parameter of its distribution."""
    data = torch.tensor(0.0)
    assert_edge(lambda: pyro.sample("x", dist.Normal(2 * parameter(), 1.0), obs=data))


def fix_delta() -> None:
    """A sample site with a Delta distribution depends on the parameter."""
    assert_edge(lambda: pyro.sample("x", dist.Delta(2 * parameter())))


if __name__ == "__main__":
    failure()
