# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3362"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3362"]
# kind = "feature"
# api = ["pyro.ops.stats.energy_score_empirical"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "^module 'pyro\\.ops\\.stats' has no attribute 'energy_score_empirical'$"
# failing = ["pyro-ppl<1.9.1"]
#
# [tool.case.fix.crps_of_each_component]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = "AssertionError"
# match = "^forecasts with and without the correlation have the same score$"
#
# [tool.case.fix.by_hand]
# source = "ours"
# ///
"""There is no score of multivariate forecasts: the CRPS does not see how components correlate."""

from collections.abc import Callable

import torch
from pyro.ops import stats

CORRELATED = torch.tensor([[0.0, 0.0], [1.0, 1.0]])  # two samples of two components
OPPOSITE = torch.tensor([[0.0, 1.0], [1.0, 0.0]])  # with the same components
TRUTH = torch.tensor([1.0, 1.0])


def assert_score(score: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
    """The forecast that had the truth among its samples has the better, lower score."""
    correlated, opposite = score(CORRELATED, TRUTH).item(), score(OPPOSITE, TRUTH).item()
    assert correlated != opposite, "forecasts with and without the correlation have the same score"
    assert abs(correlated - 2**0.5 / 4) < 1e-5, correlated
    assert abs(opposite - (1 - 2**0.5 / 4)) < 1e-5, opposite


def failure() -> None:
    """The energy score is the mean distance to the truth minus half of that among the samples."""
    assert_score(stats.energy_score_empirical)


def fix_crps_of_each_component() -> None:
    """The sum of the components' CRPS tells the forecasts apart."""
    assert_score(lambda samples, truth: stats.crps_empirical(samples, truth).sum())


def fix_by_hand() -> None:
    """The score can be computed from the distances."""
    assert_score(
        lambda samples, truth: (
            (samples - truth).norm(dim=-1).mean() - torch.cdist(samples, samples).mean() / 2
        )
    )


if __name__ == "__main__":
    failure()
