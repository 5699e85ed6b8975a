# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3301"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3303"]
# kind = "silent"
# api = ["pyro.distributions.ZeroInflatedPoisson(gate_logits=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^100% zeros$"
# failing = ["pyro-ppl<1.9"]
#
# [tool.case.fix.mean]
# source = "ours"
# refuted = ["pyro-ppl<1.9"]
# raises = "AssertionError"
# match = "^the mean is 0$"
#
# [tool.case.fix.logits_of_gate]
# source = "ours"
# refuted = ["pyro-ppl<1.9"]
# raises = "AssertionError"
# match = "^the logits are -1\\.204, not -0\\.847$"
#
# [tool.case.fix.log_density]
# source = "ours"
#
# [tool.case.fix.gate]
# source = "documented"
# ///
"""A zero-inflated distribution samples nothing but zeros when its gate is given as logits."""

import math

import pyro
import pyro.distributions as dist
import torch

RATE, GATE = torch.tensor(100.0), torch.tensor(0.3)
LOGITS = torch.logit(GATE)


def assert_zeros(distribution: dist.ZeroInflatedPoisson, seed: int) -> None:
    """About three in ten samples are zero."""
    pyro.set_rng_seed(seed)
    zeros = (distribution.sample((1000,)) == 0).float().mean().item()
    assert 0.2 < zeros < 0.4, f"{zeros:.0%} zeros"


def failure(seed: int) -> None:
    """With probability 0.3, given as logits, a sample is zero."""
    assert_zeros(dist.ZeroInflatedPoisson(RATE, gate_logits=LOGITS), seed)


def fix_mean() -> None:
    """The mean is right."""
    mean = dist.ZeroInflatedPoisson(RATE, gate_logits=LOGITS).mean.item()
    assert math.isclose(mean, 70, rel_tol=1e-4), f"the mean is {mean:.0f}"


def fix_logits_of_gate() -> None:
    """The logits of a gate that is given as a probability are right."""
    logits = dist.ZeroInflatedPoisson(RATE, gate=GATE).gate_logits.item()
    message = f"the logits are {logits:.3f}, not {LOGITS.item():.3f}"
    assert math.isclose(logits, LOGITS.item(), rel_tol=1e-4), message


def fix_log_density() -> None:
    """The density of zero is right, so that inference is not concerned."""
    density = dist.ZeroInflatedPoisson(RATE, gate_logits=LOGITS).log_prob(torch.tensor(0.0)).exp()
    assert math.isclose(density.item(), 0.3, rel_tol=1e-4), f"the density is {density:.3f}"


def fix_gate(seed: int) -> None:
    """Given as a probability, the gate is right."""
    assert_zeros(dist.ZeroInflatedPoisson(RATE, gate=torch.sigmoid(LOGITS)), seed)


if __name__ == "__main__":
    failure(seed=0)
