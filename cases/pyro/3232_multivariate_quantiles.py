# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3232"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3233"]
# kind = "silent"
# api = ["pyro.infer.autoguide.AutoMultivariateNormal.quantiles"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^standard deviations 1\\.00, 1\\.00, not 1\\.00, 5\\.00$"
# failing = ["pyro-ppl<1.8.6"]
#
# [tool.case.fix.posterior]
# source = "documented"
#
# [tool.case.fix.samples]
# source = "ours"
# ///
"""Quantiles of AutoMultivariateNormal are too narrow for variables that are correlated."""

import pyro
import pyro.distributions as dist
import torch
from pyro.infer.autoguide import AutoMultivariateNormal


def model() -> None:
    pyro.sample("x", dist.Normal(torch.zeros(2), 1.0).to_event(1))


def make_guide() -> AutoMultivariateNormal:
    """A guide of two variables; 24 parts in 25 of the second's variance come from the first."""
    pyro.clear_param_store()
    guide = AutoMultivariateNormal(model)
    guide()
    guide.scale = torch.ones(2)
    guide.scale_tril = torch.tensor([[1.0, 0.0], [24**0.5, 1.0]])  # 24 + 1 = 5²
    return guide


def assert_deviations(deviations: torch.Tensor, tolerance: float = 1e-3) -> None:
    message = "standard deviations {:.2f}, {:.2f}, not 1.00, 5.00".format(*deviations.tolist())
    assert torch.allclose(deviations, torch.tensor([1.0, 5.0]), rtol=tolerance), message


def failure() -> None:
    """The quantiles tell the standard deviations: 84.13% lie below the mean and one of them."""
    mean, above = make_guide().quantiles([0.5, 0.841345])["x"]
    assert_deviations(above - mean)


def fix_posterior() -> None:
    """The distribution that get_posterior returns has the right standard deviations."""
    assert_deviations(make_guide().get_posterior().stddev)


def fix_samples(seed: int) -> None:
    """Samples of the guide have the right standard deviations."""
    pyro.set_rng_seed(seed)
    guide = make_guide()
    with pyro.plate("samples", 1000):
        samples = guide()["x"]
    assert_deviations(samples.std(0), tolerance=0.2)


if __name__ == "__main__":
    failure()
