# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3365"
# introduced-by = ["https://github.com/pyro-ppl/pyro/pull/3328"]
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3366"]
# kind = "bug"
# api = ["pyro.render_model", "pyro.infer.inspect.get_model_relations"]
#
# [tool.case.failure]
# raises = "KeyError"
# match = "^'constraint'$"
# failing = ["pyro-ppl>=1.9.0", "pyro-ppl<1.9.1"]
#
# [tool.case.fix.global_parameters]
# source = "documented"
# ///
"""A PyroModule with a constrained parameter cannot be rendered when parameters are local."""

import pyro
import pyro.distributions as dist
import torch
from pyro.infer.inspect import get_model_relations
from pyro.nn import PyroModule, PyroParam
from torch.distributions import constraints


class Model(PyroModule):
    def __init__(self) -> None:
        super().__init__()
        self.scale = PyroParam(torch.tensor(1.0), constraint=constraints.positive)

    def forward(self) -> torch.Tensor:
        return pyro.sample("x", dist.Normal(0.0, self.scale))


def assert_renders(local: bool) -> None:
    """The graph that pyro.render_model draws has an edge from the parameter to the sample."""
    pyro.clear_param_store()
    with pyro.settings.context(module_local_params=local):
        relations = get_model_relations(Model())
    assert relations["sample_param"] == {"x": ["scale"]}


def failure() -> None:
    """A module with local parameters is rendered."""
    assert_renders(local=True)


def fix_global_parameters() -> None:
    """Without local parameters the module is rendered."""
    assert_renders(local=False)


if __name__ == "__main__":
    failure()
