# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3376"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3376"]
# kind = "feature"
# api = ["pyro.nn.PyroSample"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "^'Tensor' object is not callable$"
# failing = ["pyro-ppl<1.9.2"]
#
# [tool.case.fix.decorator]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "TypeError"
# match = "^'Tensor' object is not callable$"
#
# [tool.case.fix.delta]
# source = "ours"
#
# [tool.case.fix.deterministic_in_forward]
# source = "ours"
# ///
"""A PyroSample cannot be a deterministic function of other samples of its module."""

import pyro
import pyro.distributions as dist
import torch
from pyro import poutine
from pyro.nn import PyroModule, PyroSample


class Radius(PyroModule):
    def __init__(self) -> None:
        super().__init__()
        self.radius = PyroSample(dist.LogNormal(0.0, 1.0))

    def forward(self) -> torch.Tensor:
        return self.area


class Decorated(Radius):
    @PyroSample
    def area(self) -> torch.Tensor:
        return 3 * self.radius**2


def assert_area(circle: PyroModule, seed: int) -> None:
    pyro.set_rng_seed(seed)
    sites = poutine.trace(circle).get_trace().nodes
    assert sites["area"]["value"] == 3 * sites["radius"]["value"] ** 2


def failure(seed: int) -> None:
    """A PyroSample may be a function that returns a value instead of a distribution."""
    circle = Radius()
    circle.area = PyroSample(lambda self: 3 * self.radius**2)
    assert_area(circle, seed)


def fix_decorator(seed: int) -> None:
    """PyroSample may decorate a method that returns a value."""
    assert_area(Decorated(), seed)


def fix_delta(seed: int) -> None:
    """The function may return the value as a Delta distribution."""
    circle = Radius()
    circle.area = PyroSample(lambda self: dist.Delta(3 * self.radius**2))
    assert_area(circle, seed)


def fix_deterministic_in_forward(seed: int) -> None:
    """forward() may compute the value with pyro.deterministic."""

    class Circle(Radius):
        def forward(self) -> torch.Tensor:
            return pyro.deterministic("area", 3 * self.radius**2)

    assert_area(Circle(), seed)


if __name__ == "__main__":
    failure(0)
