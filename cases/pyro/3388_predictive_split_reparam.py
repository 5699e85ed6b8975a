# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3388"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3388"]
# kind = "bug"
# api = ["pyro.infer.reparam.SplitReparam"]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^ImproperUniform does not support sampling"
# failing = ["pyro-ppl<1.9.2"]
#
# [tool.case.fix.init_messenger]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = "AssertionError"
# match = "^y is -?[0-9.]+ and -?[0-9.]+, not 6 and 15$"     # the parts are drawn anew
#
# [tool.case.fix.condition]
# source = "ours"
#
# [tool.case.fix.parallel]
# source = "ours"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "NotImplementedError"
# match = "^ImproperUniform does not support sampling"
#
# [tool.case.fix.plain_model]
# source = "ours"
# ///
"""Predictive cannot sample from a model of which a site is split by SplitReparam."""

import pyro
import pyro.distributions as dist
import torch
from pyro import poutine
from pyro.infer import Predictive
from pyro.infer.autoguide.initialization import InitMessenger, init_to_sample
from pyro.infer.reparam import SplitReparam

SAMPLES = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
PARTS = {"x_split_0": SAMPLES[:, :2], "x_split_1": SAMPLES[:, 2:]}


def model() -> torch.Tensor:
    x = pyro.sample("x", dist.Normal(torch.zeros(3), 1.0).to_event(1))
    return pyro.sample("y", dist.Delta(x.sum(-1)))


split_model = poutine.reparam(model, {"x": SplitReparam([2, 1], dim=-1)})


def assert_sums(y: torch.Tensor) -> None:
    assert y.tolist() == [6, 15], "y is {:.3f} and {:.3f}, not 6 and 15".format(*y.tolist())


def failure() -> None:
    """The posterior predictive follows from samples of the parts."""
    assert_sums(Predictive(split_model, PARTS)()["y"])


def fix_init_messenger(seed: int) -> None:
    """Predictive works on the model in InitMessenger, as the pull request wraps its first run."""
    pyro.set_rng_seed(seed)
    initialized = InitMessenger(init_to_sample)(split_model)
    assert_sums(Predictive(initialized, PARTS)()["y"])


def fix_condition() -> None:
    """The model can be conditioned on the samples one by one, without Predictive."""
    samples = [{name: part[i] for name, part in PARTS.items()} for i in range(2)]
    assert_sums(torch.stack([poutine.condition(split_model, sample)() for sample in samples]))


def fix_parallel() -> None:
    """Predictive works when all samples are predicted in one vectorised run."""
    assert_sums(Predictive(split_model, PARTS, parallel=True)()["y"])


def fix_plain_model() -> None:
    """The plain model predicts from the parts put together."""
    assert_sums(Predictive(model, {"x": torch.cat(list(PARTS.values()), -1)})()["y"])


if __name__ == "__main__":
    failure()
