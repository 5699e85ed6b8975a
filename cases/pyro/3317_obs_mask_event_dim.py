# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3317"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3317"]
# kind = "silent"
# api = ["pyro.sample(obs_mask=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^shape \(3, 3\), not \(3,\)$'
# failing = ["pyro-ppl<1.9.0"]
#
# [tool.case.fix.without_mask]
# source = "ours"
#
# [tool.case.fix.by_hand]
# source = "ours"
# ///
"""A partly observed site in a plate has its shape doubled when it is sampled."""

from __future__ import annotations

from collections.abc import Callable

import pyro
import pyro.distributions as dist
import torch
from pyro import poutine

DATA = torch.zeros(3)
OBSERVED = torch.tensor([True, False, True])


def model(data: torch.Tensor | None = DATA, observed: torch.Tensor | None = OBSERVED) -> None:
    with pyro.plate("plate", 3):
        pyro.sample("x", dist.Normal(0.0, 1.0), obs=data, obs_mask=observed)


def model_by_hand() -> None:
    with pyro.plate("plate", 3):
        with poutine.mask(mask=OBSERVED):
            pyro.sample("x_observed", dist.Normal(0.0, 1.0), obs=DATA)
        with poutine.mask(mask=~OBSERVED):
            unobserved = pyro.sample("x_unobserved", dist.Normal(0.0, 1.0))
        pyro.deterministic("x", torch.where(OBSERVED, DATA, unobserved), event_dim=0)


def assert_shape(sampled: Callable[[], None]) -> None:
    x = poutine.trace(sampled).get_trace().nodes["x"]["value"]
    assert x.shape == (3,), f"shape {tuple(x.shape)}, not (3,)"


def failure() -> None:
    """Without its observations the site is sampled once for each element of the plate."""
    assert_shape(poutine.uncondition(model))


def fix_without_mask() -> None:
    """Called with neither data nor mask, the model is sampled in the right shape."""
    assert_shape(lambda: model(None, None))


def fix_by_hand() -> None:
    """With both parts and their event_dim written out, the site is sampled in the right shape."""
    assert_shape(poutine.uncondition(model_by_hand))


if __name__ == "__main__":
    failure()
