# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/2919"
# kind = "bug"
# api = ["pyro.infer.TraceEnum_ELBO"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = '^Enumeration dim conflict at site "i"'
# failing = ["pyro-ppl"]
#
# [tool.case.fix.markov_history]
# source = "documented"           # by the error message
# refuted = ["pyro-ppl"]
# raises = "ValueError"
# match = '^Enumeration dim conflict at site "i"'
#
# [tool.case.fix.without_validation]
# source = "ours"
#
# [tool.case.fix.sequential]
# source = "ours"
# ///
"""TraceEnum_ELBO refuses a guide in which a latent depends on an enumerated one."""

import math
from collections.abc import Callable

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import TraceEnum_ELBO, config_enumerate

MODEL_PROBS, GUIDE_PROB = (0.25, 0.75), 0.5
X = torch.tensor([-1.0, 2.0])


def model() -> None:
    x = pyro.sample("x", dist.Normal(0.0, 1.0))
    low, high = torch.tensor(MODEL_PROBS)
    pyro.sample("i", dist.Bernoulli(torch.where(x > 0, high, low)))


def guide() -> None:
    i = pyro.sample("i", dist.Bernoulli(GUIDE_PROB))
    pyro.sample("x", dist.Delta(X[i.long()]))


def assert_loss(model: Callable[[], None], guide: Callable[[], None]) -> None:
    """The guide gives x = -1 to i = 0 and x = 2 to i = 1, of which the model has 3/4 each."""
    log_normal = -0.5 * (X**2).mean().item() - 0.5 * math.log(2 * math.pi)
    expected = math.log(GUIDE_PROB) - math.log(MODEL_PROBS[1]) - log_normal
    loss = TraceEnum_ELBO(max_plate_nesting=0).loss(model, guide)
    assert math.isclose(loss, expected, rel_tol=1e-5), f"loss {loss}, not {expected}"


def failure() -> None:
    """The guide may factorise in another order than the model."""
    assert_loss(model, config_enumerate(guide))


def fix_markov_history() -> None:
    """Increasing the history size of pyro.markov helps."""
    assert_loss(pyro.markov(model, history=2), pyro.markov(config_enumerate(guide), history=2))


def fix_without_validation() -> None:
    """Without validation the loss is right."""
    with pyro.validation_enabled(False):
        assert_loss(model, config_enumerate(guide))


def fix_sequential() -> None:
    """With sequential enumeration the loss is right."""
    assert_loss(model, config_enumerate(guide, "sequential"))


if __name__ == "__main__":
    failure()
