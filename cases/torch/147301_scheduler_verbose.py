# /// script
# requires-python = ">=3.9"
# dependencies = ["torch"]
#
# [tool.case]
# issue = "https://github.com/pytorch/pytorch/pull/147301"
# kind = "drift"
# api = ["torch.optim.lr_scheduler.ReduceLROnPlateau(verbose=)"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "__init__\\(\\) got an unexpected keyword argument 'verbose'$"
# failing = ["torch>=2.7"]
#
# [tool.case.fix.get_last_lr]
# source = "documented"
# refuted = ["torch<2.2"]
# raises = "AttributeError"
# match = "'ReduceLROnPlateau' object has no attribute 'get_last_lr'"
#
# [tool.case.fix.param_groups]
# source = "documented"
# ///
"""Learning rate schedulers no longer take verbose, so that code that passes it fails."""

from collections.abc import Callable

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

OPTIMIZER = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)  # imports much, once


def assert_reduces(rate: Callable[[ReduceLROnPlateau], float], **options: bool) -> None:
    """After a step without improvement a tenth of the rate is left."""
    OPTIMIZER.param_groups[0]["lr"] = 0.1
    scheduler = ReduceLROnPlateau(OPTIMIZER, patience=0, **options)
    scheduler.step(1.0)
    scheduler.step(2.0)
    assert abs(rate(scheduler) - 0.01) < 1e-9


def param_groups(scheduler: ReduceLROnPlateau) -> float:
    return scheduler.optimizer.param_groups[0]["lr"]


def failure() -> None:
    """With verbose the scheduler tells of every reduction."""
    assert_reduces(param_groups, verbose=True)


def fix_get_last_lr() -> None:
    """Without verbose, get_last_lr tells the rate."""
    assert_reduces(lambda scheduler: scheduler.get_last_lr()[0])


def fix_param_groups() -> None:
    """Without verbose, the parameter groups of the optimizer tell the rate."""
    assert_reduces(param_groups)


if __name__ == "__main__":
    failure()
