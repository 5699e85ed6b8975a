# /// script
# requires-python = ">=3.9"
# dependencies = ["torch"]
#
# [tool.case]
# issue = "https://github.com/pytorch/pytorch/issues/173912"
# kind = "silent"
# api = ["torch.distributions.Kumaraswamy.mode"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^the mode is nan, not 0\\.523$"
# failing = ["torch"]
#
# [tool.case.fix.formula]
# source = "documented"
#
# [tool.case.fix.maximum]
# source = "ours"
# ///
"""The mode of a Kumaraswamy distribution is NaN."""

import math

import torch
from torch.distributions import Kumaraswamy

A, B = 3.0, 5.0


def assert_is_mode(mode: float) -> None:
    assert math.isclose(mode, 0.523, abs_tol=1e-3), f"the mode is {mode:.3f}, not 0.523"


def failure() -> None:
    """The mode is the value at which the density is greatest."""
    assert_is_mode(Kumaraswamy(torch.tensor(A), torch.tensor(B)).mode.item())


def fix_formula() -> None:
    """The mode follows from the two concentrations by the formula in the issue."""
    density = Kumaraswamy(torch.tensor(A), torch.tensor(B))
    a, b = density.concentration1, density.concentration0
    assert_is_mode((((a - 1) / (a * b - 1)) ** (1 / a)).item())


def fix_maximum() -> None:
    """The maximum of the density on a grid is the mode."""
    grid = torch.linspace(0.001, 0.999, 999)
    density = Kumaraswamy(torch.tensor(A), torch.tensor(B)).log_prob(grid)
    assert_is_mode(grid[density.argmax()].item())


if __name__ == "__main__":
    failure()
