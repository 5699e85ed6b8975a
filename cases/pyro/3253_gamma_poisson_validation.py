# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3253"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3253"]
# kind = "bug"
# api = ["pyro.distributions.GammaPoisson(validate_args=)"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^Expected parameter concentration .* of distribution Gamma\\("
# failing = ["pyro-ppl<1.9"]
#
# [tool.case.fix.name_in_message]
# source = "ours"
# refuted = ["pyro-ppl<1.9"]
# raises = "AssertionError"
# match = "^the message blames the distribution Gamma$"
#
# [tool.case.fix.global_switch]
# source = "ours"
#
# [tool.case.fix.replace]
# source = "ours"
# ///
"""GammaPoisson rejects parameters although validate_args=False is given."""

import math

import pyro
import pyro.distributions as dist
import torch

CONCENTRATION = torch.tensor([2.0, math.nan])  # the second is missing, and masked later


def assert_density(distribution: dist.GammaPoisson) -> None:
    """Two failures and two successes of a fair coin, the second of which comes last: 3 / 16."""
    density = distribution.log_prob(torch.tensor(2.0)).exp()
    assert math.isclose(density[0].item(), 3 / 16, rel_tol=1e-4), density[0].item()


def failure() -> None:
    """Without validation valid parameters have a density beside invalid ones."""
    assert_density(dist.GammaPoisson(CONCENTRATION, torch.tensor(1.0), validate_args=False))


def fix_name_in_message() -> None:
    """With validation the error names the distribution that the user made."""
    try:
        dist.GammaPoisson(torch.tensor(-1.0), torch.tensor(1.0), validate_args=True)
    except ValueError as error:
        name = str(error).split("of distribution ")[1].split("(")[0]
    assert name == "GammaPoisson", f"the message blames the distribution {name}"


def fix_global_switch() -> None:
    """With all validation switched off the distribution can be made."""
    with pyro.validation_enabled(False):
        assert_density(dist.GammaPoisson(CONCENTRATION, torch.tensor(1.0)))


def fix_replace() -> None:
    """Invalid parameters can be replaced before."""
    valid = CONCENTRATION.nan_to_num(1.0)
    assert_density(dist.GammaPoisson(valid, torch.tensor(1.0)))


if __name__ == "__main__":
    failure()
