# /// script
# requires-python = ">=3.9"
# dependencies = ["torch"]
#
# [tool.case]
# issue = "https://github.com/pytorch/pytorch/pull/151317"
# fixed-by = ["https://github.com/pytorch/pytorch/pull/151317"]
# kind = "bug"
# api = ["torch.distributions.MixtureSameFamily"]
#
# [tool.case.failure]
# raises = "RuntimeError"
# match = "^The size of tensor a \\(3\\) must match the size of tensor b \\(2\\)"
# failing = ["torch<2.8"]
#
# [tool.case.fix.support]
# source = "upstream"
# refuted = ["torch<2.8"]
# raises = "RuntimeError"
# match = "^The size of tensor a \\(3\\) must match the size of tensor b \\(2\\)"
#
# [tool.case.fix.no_validation]
# source = "documented"
#
# [tool.case.fix.logsumexp]
# source = "ours"
# ///
"""A batch of mixtures of binomials has no log density: validation compares wrong shapes."""

import torch
from torch.distributions import Binomial, Categorical, MixtureSameFamily

PROBS = torch.tensor([[0.2, 0.5], [0.3, 0.6], [0.4, 0.7]])  # three mixtures of two components
WEIGHTS = torch.tensor([0.5, 0.5])
VALUE = torch.tensor([0.0, 1.0, 2.0])


def mixture(**options: bool) -> MixtureSameFamily:
    return MixtureSameFamily(Categorical(WEIGHTS.expand(3, 2)), Binomial(2, PROBS), **options)


def assert_density(log_prob: torch.Tensor) -> None:
    expected = torch.tensor([0.8**2 + 0.5**2, 2 * (0.3 * 0.7 + 0.6 * 0.4), 0.4**2 + 0.7**2]) / 2
    assert torch.allclose(log_prob.exp(), expected), log_prob.exp().tolist()


def failure() -> None:
    """Every mixture of the batch has the mean density of its components."""
    assert_density(mixture().log_prob(VALUE))


def fix_support() -> None:
    """The support of the mixtures tells which values are in it."""
    assert mixture().support.check(VALUE).tolist() == [True, True, True]
    assert mixture().support.check(VALUE + 1).tolist() == [True, True, False]


def fix_no_validation() -> None:
    """Without validation the mixtures have a density."""
    assert_density(mixture(validate_args=False).log_prob(VALUE))


def fix_logsumexp() -> None:
    """The density can be put together from those of the components."""
    parts = Binomial(2, PROBS).log_prob(VALUE.unsqueeze(-1)) + WEIGHTS.log()
    assert_density(parts.logsumexp(-1))


if __name__ == "__main__":
    failure()
