# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3358"
# kind = "limitation"
# api = ["pyro.infer.Predictive(guide=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^returned are x, y$"
# failing = ["pyro-ppl"]
#
# [tool.case.fix.guide_first]
# source = "ours"
# ///
"""Predictive leaves out the deterministic sites of the guide, even those that are asked for."""

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import Predictive


def model() -> None:
    x = pyro.sample("x", dist.Normal(0.0, 1.0))
    pyro.sample("y", dist.Normal(x, 1.0))


def guide() -> None:
    loc = pyro.deterministic("loc", torch.tensor(2.0))
    pyro.sample("x", dist.Normal(loc, 1.0))


def assert_loc(samples: dict[str, torch.Tensor]) -> None:
    assert set(samples) == {"loc", "x", "y"}, f"returned are {', '.join(sorted(samples))}"
    assert samples["loc"].tolist() == [2.0, 2.0, 2.0]
    assert samples["y"].shape == (3,)


def failure() -> None:
    """A site of the guide that is named in return_sites is returned."""
    predictive = Predictive(model, guide=guide, num_samples=3, return_sites=["loc", "x", "y"])
    assert_loc(predictive())


def fix_guide_first() -> None:
    """Predictive of the guide returns its sites, and they condition Predictive of the model."""
    posterior = Predictive(guide, num_samples=3)()
    assert_loc({**posterior, **Predictive(model, {"x": posterior["x"]})()})


if __name__ == "__main__":
    failure()
