# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3268"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3270"]
# kind = "bug"
# api = ["pyro.distributions.transforms.LeakyReLUTransform"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^Expected value argument .* to be within the support \\(GreaterThan\\(lower_bound=0\\.0\\)\\)"
# failing = ["pyro-ppl<1.9"]
#
# [tool.case.fix.no_validation]
# source = "ours"
#
# [tool.case.fix.subclass]
# source = "documented"
# ///
"""A distribution transformed by LeakyReLUTransform rejects its own negative values."""

import math

import pyro.distributions as dist
import torch
from pyro.distributions import constraints
from pyro.distributions.transforms import LeakyReLUTransform


class RealLeakyReLUTransform(LeakyReLUTransform):
    codomain = constraints.real


def assert_density(transform: LeakyReLUTransform, **options: bool) -> None:
    """The transform makes -0.01 of -1, and the density a hundred times as great."""
    transformed = dist.TransformedDistribution(dist.Normal(0.0, 1.0), [transform], **options)
    log_prob = transformed.log_prob(torch.tensor(-0.01)).item()
    expected = dist.Normal(0.0, 1.0).log_prob(torch.tensor(-1.0)).item() + math.log(100)
    assert math.isclose(log_prob, expected, rel_tol=1e-4), log_prob


def failure() -> None:
    """Negative values are in the support, and have a density."""
    assert_density(LeakyReLUTransform())


def fix_no_validation() -> None:
    """Without validation the density of negative values is right."""
    assert_density(LeakyReLUTransform(), validate_args=False)


def fix_subclass() -> None:
    """A subclass with the real numbers as its codomain works."""
    assert_density(RealLeakyReLUTransform())


if __name__ == "__main__":
    failure()
