# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3345"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3345"]
# kind = "feature"
# api = ["pyro.infer.WeighedPredictive"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "^module 'pyro\\.infer' has no attribute 'WeighedPredictive'$"
# failing = ["pyro-ppl<1.9.1"]
#
# [tool.case.fix.predictive]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = "AssertionError"
# match = "^the mean is 0\\.\\d\\d, not 1\\.00$"
#
# [tool.case.fix.importance]
# source = "ours"
#
# [tool.case.fix.by_hand]
# source = "ours"
# ///
"""Predictions from an approximate guide cannot be corrected: Predictive returns no weights."""

from __future__ import annotations

import pyro
import pyro.distributions as dist
import torch
from pyro import infer, poutine

NUM_SAMPLES = 2000


def model(y: torch.Tensor | None = None) -> None:
    x = pyro.sample("x", dist.Normal(0.0, 1.0))
    pyro.sample("y", dist.Normal(x, 1.0), obs=y)


def observed_model() -> None:
    """The posterior is Normal(1, sqrt(1 / 2))."""
    model(torch.tensor(2.0))


def guide() -> None:
    """A bad approximation of the posterior."""
    pyro.sample("x", dist.Normal(0.5, 1.0))


def assert_mean(x: torch.Tensor, log_weights: torch.Tensor) -> None:
    mean = (log_weights.flatten().softmax(0) * x.flatten()).sum().item()
    assert abs(mean - 1) < 0.15, f"the mean is {mean:.2f}, not 1.00"


def failure(seed: int) -> None:
    """The samples of the guide come with weights, with which they have the posterior's mean."""
    pyro.set_rng_seed(seed)
    predictive = infer.WeighedPredictive(model, guide=guide, num_samples=NUM_SAMPLES, parallel=True)
    result = predictive(model_guide=observed_model)
    assert_mean(result.samples["x"], result.log_weights)


def fix_predictive(seed: int) -> None:
    """The samples of Predictive have the posterior's mean without weights."""
    pyro.set_rng_seed(seed)
    predictive = infer.Predictive(model, guide=guide, num_samples=NUM_SAMPLES, parallel=True)
    assert_mean(predictive()["x"], torch.zeros(NUM_SAMPLES))


def fix_importance(seed: int) -> None:
    """Importance, without vectorisation, has weights."""
    pyro.set_rng_seed(seed)
    posterior = infer.Importance(observed_model, guide, num_samples=500).run()
    x = torch.stack([trace.nodes["x"]["value"] for trace in posterior.exec_traces])
    assert_mean(x, torch.stack(posterior.log_weights))


def fix_by_hand(seed: int) -> None:
    """The weights are the model's density over the guide's, of traces in a plate."""
    pyro.set_rng_seed(seed)
    plate = pyro.plate("samples", NUM_SAMPLES)
    guide_trace = poutine.trace(plate(guide)).get_trace()
    model_trace = poutine.trace(poutine.replay(plate(observed_model), guide_trace)).get_trace()
    for trace in (guide_trace, model_trace):
        trace.compute_log_prob()
    log_weights = sum(model_trace.nodes[name]["log_prob"] for name in "xy")
    assert_mean(guide_trace.nodes["x"]["value"], log_weights - guide_trace.nodes["x"]["log_prob"])


if __name__ == "__main__":
    failure(seed=0)
