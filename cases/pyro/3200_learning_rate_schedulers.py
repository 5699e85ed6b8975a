# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3200"
# introduced-by = ["torch==2.0.0"]
# fixed-by = [
#     "https://github.com/pyro-ppl/pyro/pull/3167",
#     "https://github.com/pyro-ppl/pyro/pull/3207",
# ]
# kind = "drift"
# api = [
#   "pyro.optim.ExponentialLR",
#   "pyro.optim.StepLR",
#   "pyro.optim.MultiStepLR",
#   "pyro.optim.LambdaLR",
#   "pyro.optim.MultiplicativeLR",
#   "pyro.optim.ConstantLR",
#   "pyro.optim.LinearLR",
#   "pyro.optim.PolynomialLR",
#   "pyro.optim.CosineAnnealingLR",
#   "pyro.optim.CosineAnnealingWarmRestarts",
#   "pyro.optim.CyclicLR",
#   "pyro.optim.OneCycleLR",
#   "pyro.optim.PyroLRScheduler",
# ]
#
# [tool.case.failure]
# raises = ["AttributeError", "AssertionError"]   # the latter between the two pull requests, in no release
# match = 'has no attribute .ExponentialLR.$|^learning rates \[0.25, 0.0625\], parameter 0.0$'
# failing = ["pyro-ppl<1.8.5", "torch>=2.0"]
#
# [tool.case.fix.wrap_by_hand]
# source = "ours"
# refuted = ["pyro-ppl<1.8.5", "torch>=2.0"]
# raises = "AssertionError"
# match = '^learning rates \[0.25, 0.0625\], parameter 0.0$'
#
# [tool.case.fix.torch_optimizer]
# source = "upstream"
# ///
"""Pyro 1.8.4 wraps no learning rate scheduler of torch 2, which it admits."""

import pyro
import pyro.distributions as dist
import pyro.optim
import torch
from pyro.infer import SVI, Trace_ELBO


def model() -> None:
    loc = pyro.param("loc", torch.tensor(0.0))
    pyro.sample("obs", dist.Normal(loc, 1.0), obs=torch.tensor(1.0))


def guide() -> None:
    pass


def assert_schedules(scheduler: pyro.optim.PyroLRScheduler) -> None:
    """Two epochs of one step each, at rates 0.5 and 0.25: 0 -> 0.5 -> 0.625."""
    pyro.clear_param_store()
    svi = SVI(model, guide, scheduler, Trace_ELBO())
    rates = []
    for _ in range(2):
        svi.step()
        (inner,) = scheduler.optim_objs.values()
        rates.append(inner.get_last_lr()[0])
        scheduler.step()
    result = f"learning rates {rates}, parameter {pyro.param('loc').item()}"
    assert result == "learning rates [0.5, 0.25], parameter 0.625", result


def arguments() -> dict[str, object]:
    return {"optimizer": torch.optim.SGD, "optim_args": {"lr": 0.5}, "gamma": 0.5}


def failure() -> None:
    """pyro.optim has torch's schedulers, and one decays the rate when it is told to."""
    assert_schedules(pyro.optim.ExponentialLR(arguments()))


def fix_wrap_by_hand() -> None:
    """Construct by hand the wrapper that pyro.optim lacks (here issue 3202 strikes)."""
    scheduler = torch.optim.lr_scheduler.ExponentialLR
    assert_schedules(pyro.optim.PyroLRScheduler(scheduler, arguments()))


def fix_torch_optimizer() -> None:
    """Train with torch's own optimiser and scheduler on the ELBO as a differentiable loss."""
    pyro.clear_param_store()
    model()
    optimizer = torch.optim.SGD([pyro.param("loc").unconstrained()], lr=0.5)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    for _ in range(2):
        optimizer.zero_grad()
        Trace_ELBO().differentiable_loss(model, guide).backward()
        optimizer.step()
        scheduler.step()
    assert scheduler.get_last_lr() == [0.125]
    assert pyro.param("loc").item() == 0.625


if __name__ == "__main__":
    failure()
