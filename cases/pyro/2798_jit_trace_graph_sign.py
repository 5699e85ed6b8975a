# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/2798"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3229"]
# kind = "silent"
# api = ["pyro.infer.JitTraceGraph_ELBO"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^the loss is -2\\.919, not 2\\.919$"
# failing = ["pyro-ppl<1.8.6"]
#
# [tool.case.fix.gradient]
# source = "documented"
#
# [tool.case.fix.loss]
# source = "documented"
#
# [tool.case.fix.not_compiled]
# source = "documented"
#
# [tool.case.fix.other_elbo]
# source = "documented"
# ///
"""JitTraceGraph_ELBO returns the loss with the wrong sign, which SVI.step then returns."""

import math

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import JitTrace_ELBO, JitTraceGraph_ELBO, TraceGraph_ELBO


def model() -> None:
    loc = pyro.param("loc", torch.tensor(0.0))
    pyro.sample("x", dist.Normal(loc, 1.0), obs=torch.tensor(2.0))


def guide() -> None:
    pass


def assert_loss(loss: float) -> None:
    """It is minus the log density of the observation, 2 + log(2 pi) / 2."""
    assert math.isclose(loss, 2.919, abs_tol=1e-3), f"the loss is {loss:.3f}, not 2.919"


def failure() -> None:
    """loss_and_grads returns the loss, which SVI.step passes on."""
    assert_loss(JitTraceGraph_ELBO().loss_and_grads(model, guide))


def fix_gradient() -> None:
    """The gradient has the right sign, so that training is not concerned."""
    pyro.clear_param_store()
    JitTraceGraph_ELBO().loss_and_grads(model, guide)
    assert pyro.param("loc").grad.item() == -2.0


def fix_loss() -> None:
    """The loss without gradients, as SVI.evaluate_loss returns it, has the right sign."""
    assert_loss(JitTraceGraph_ELBO().loss(model, guide))


def fix_not_compiled() -> None:
    """TraceGraph_ELBO, which is not compiled, has the right sign."""
    assert_loss(TraceGraph_ELBO().loss_and_grads(model, guide))


def fix_other_elbo() -> None:
    """JitTrace_ELBO has the right sign."""
    assert_loss(JitTrace_ELBO().loss_and_grads(model, guide))


if __name__ == "__main__":
    failure()
