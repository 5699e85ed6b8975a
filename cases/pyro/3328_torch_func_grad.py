# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3328"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3328"]
# kind = "silent"
# api = ["pyro.nn.PyroParam"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^gradient 0.0, not 8.0$"
# failing = ["pyro-ppl<1.9.0"]
#
# [tool.case.fix.global_parameters]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = "AssertionError"
# match = "^gradient 0.0, not 8.0$"
#
# [tool.case.fix.backward]
# source = "ours"
#
# [tool.case.fix.plain_parameter]
# source = "ours"
# refuted = ["pyro-ppl<1.9.0"]
# raises = "NotImplementedError"
# match = "global pyro.param statements in PyroModules with local param mode enabled"
# ///
"""torch.func.grad is zero for the constrained parameters of a PyroModule."""

import pyro
import torch
from pyro.nn import PyroModule, PyroParam
from torch.distributions import constraints
from torch.func import functional_call, grad


class Square(PyroModule):
    """The square of a scale of 2: its derivative by log(scale) is 2 * scale**2 = 8."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = PyroParam(torch.tensor(2.0), constraint=constraints.positive)

    def forward(self) -> torch.Tensor:
        return self.scale**2


class SquareOfExp(PyroModule):
    """The same with an unconstrained parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = torch.nn.Parameter(torch.tensor(2.0).log())

    def forward(self) -> torch.Tensor:
        return self.log_scale.exp() ** 2


def assert_gradient(gradient: torch.Tensor) -> None:
    assert torch.isclose(gradient, torch.tensor(8.0)), f"gradient {gradient.item()}, not 8.0"


def assert_functional_gradient(module: type[PyroModule], local: bool) -> None:
    pyro.clear_param_store()
    with pyro.settings.context(module_local_params=local):
        model = module()
        model()  # as after training
        parameters = dict(model.named_parameters())
        gradients = grad(lambda values: functional_call(model, values, ()))(parameters)
    assert_gradient(*gradients.values())


def failure() -> None:
    """With local parameters, torch.func.grad differentiates by the unconstrained value."""
    assert_functional_gradient(Square, local=True)


def fix_global_parameters() -> None:
    """torch.func.grad differentiates when parameters are in the parameter store, too."""
    assert_functional_gradient(Square, local=False)


def fix_backward() -> None:
    """Tensor.backward finds the gradient of the constrained parameter."""
    pyro.clear_param_store()
    with pyro.settings.context(module_local_params=True):
        model = Square()
        model().backward()
    assert_gradient(*(parameter.grad for parameter in model.parameters()))


def fix_plain_parameter() -> None:
    """torch.func.grad differentiates by a plain parameter that forward() transforms."""
    assert_functional_gradient(SquareOfExp, local=True)


if __name__ == "__main__":
    failure()
