# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3402"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3402"]
# kind = "feature"
# api = ["pyro.ops.stats.energy_score_empirical(pred_batch_size=)"]
#
# [tool.case.failure]
# raises = ["TypeError", "AttributeError"]     # the function itself came with 1.9.1
# match = "unexpected keyword argument 'pred_batch_size'$|has no attribute 'energy_score_empirical'$"
# failing = ["pyro-ppl<1.9.2"]
#
# [tool.case.fix.uneven_batches]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = ["TypeError", "AttributeError"]
# match = "unexpected keyword argument 'pred_batch_size'$|has no attribute 'energy_score_empirical'$"
#
# [tool.case.fix.sample_by_sample]
# source = "ours"
# ///
"""The energy score takes memory that is quadratic in the samples: it has no batches."""

from __future__ import annotations

from collections.abc import Callable

import torch
from pyro.ops import stats
from torch.overrides import TorchFunctionMode

SAMPLES = torch.arange(40.0).unsqueeze(-1) * torch.tensor([3.0, 4.0])  # each five from the next
TRUTH = torch.zeros(2)
SCORE = 5 * 39 / 2 - 5 * (40 - 1 / 40) / 3 / 2  # by the definition


class LargestResult(TorchFunctionMode):
    """Tells how many elements the largest tensor has that is computed meanwhile."""

    elements = 0

    def __torch_function__(
        self, func: Callable, types: tuple, args: tuple = (), kwargs: dict | None = None
    ) -> object:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            self.elements = max(self.elements, result.numel())
        return result


def assert_score(score: torch.Tensor) -> None:
    assert abs(score.item() - SCORE) < 1e-3, f"{score.item()}, not {SCORE}"


def failure() -> None:
    """In batches of ten samples, no more than a hundred distances are computed at a time."""
    with LargestResult() as largest:
        score = stats.energy_score_empirical(SAMPLES, TRUTH, pred_batch_size=10)
    assert_score(score)
    assert largest.elements == 100, f"{largest.elements} distances at a time"


def fix_uneven_batches() -> None:
    """The last batch may be smaller."""
    assert_score(stats.energy_score_empirical(SAMPLES, TRUTH, pred_batch_size=15))


def fix_sample_by_sample() -> None:
    """The distances from one sample after the other can be added up."""
    within = sum((SAMPLES - sample).norm(dim=-1).sum() for sample in SAMPLES) / 40**2
    assert_score((SAMPLES - TRUTH).norm(dim=-1).mean() - within / 2)


if __name__ == "__main__":
    failure()
