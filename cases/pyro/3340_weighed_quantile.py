# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3340"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3340"]
# kind = "feature"
# api = ["pyro.ops.stats.weighed_quantile"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "^module 'pyro\\.ops\\.stats' has no attribute 'weighed_quantile'$"
# failing = ["pyro-ppl<1.9.1"]
#
# [tool.case.fix.smallest_sample]
# source = "ours"
# refuted = ["pyro-ppl"]     # the weight of the smallest sample is not used
# raises = ["AttributeError", "AssertionError"]
# match = "has no attribute 'weighed_quantile'$|^the median is 2\\.50, not 1\\.00$"
#
# [tool.case.fix.resample]
# source = "ours"
#
# [tool.case.fix.cumulative_weights]
# source = "ours"
# ///
"""Quantiles of weighted samples cannot be computed: pyro.ops.stats has none that takes weights."""

import pyro
import torch
from pyro.ops import stats

SAMPLES = torch.tensor([1.0, 2.0, 3.0, 4.0])
EQUAL = torch.full((4,), 0.25)
FIRST, LAST = torch.tensor([0.97, 0.01, 0.01, 0.01]), torch.tensor([0.01, 0.01, 0.01, 0.97])


def assert_median(median: torch.Tensor, expected: float) -> None:
    assert abs(median.item() - expected) < 0.6, f"the median is {median.item():.2f}, not {expected:.2f}"


def failure() -> None:
    """With equal weights they are the quantiles, and a heavy weight draws them to its sample."""
    equal = stats.weighed_quantile(SAMPLES, [0.2, 0.5, 0.8], EQUAL.log())
    assert torch.allclose(equal, stats.quantile(SAMPLES, [0.2, 0.5, 0.8]))
    assert_median(stats.weighed_quantile(SAMPLES, [0.5], LAST.log()), 4.0)


def fix_smallest_sample() -> None:
    """A heavy weight of the smallest sample draws the median to it as well."""
    assert_median(stats.weighed_quantile(SAMPLES, [0.5], FIRST.log()), 1.0)


def fix_resample(seed: int) -> None:
    """The quantiles of samples that are drawn by their weights are the same."""
    pyro.set_rng_seed(seed)
    for weights, expected in ((FIRST, 1.0), (LAST, 4.0)):
        drawn = SAMPLES[torch.multinomial(weights, 1000, replacement=True)]
        assert_median(stats.quantile(drawn, [0.5]), expected)


def fix_cumulative_weights() -> None:
    """A quantile is the first sample at which the cumulative weight reaches the probability."""
    for weights, expected in ((FIRST, 1.0), (LAST, 4.0)):
        assert_median(SAMPLES[(weights.cumsum(0) < 0.5).sum()], expected)


if __name__ == "__main__":
    failure()
