# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3468"
# kind = "silent"
# api = [
#   "pyro.infer.autoguide.AutoNormal",
#   "pyro.infer.autoguide.AutoDelta",
#   "pyro.plate(subsample=)",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^data \[3, 4\] are compared with latents \[\d+, \d+\]$'
# failing = ["pyro-ppl"]         # open: pull requests 3471 and 3478 are in no release
#
# [tool.case.fix.auto_delta]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = "AssertionError"
# match = '^data \[3, 4\] are compared with latents \[\d+, \d+\]$'
#
# [tool.case.fix.create_plates]
# source = "documented"
#
# [tool.case.fix.index_of_the_plate]
# source = "documented"
# ///
"""AutoNormal silently replaces the subsample that a model gives to a plate with a random one."""

from collections.abc import Callable

import pyro
import pyro.distributions as dist
import torch
from pyro import poutine
from pyro.infer.autoguide import AutoDelta, AutoGuide, AutoNormal

SIZE = 1000
DATA = torch.zeros(SIZE)
BATCH = torch.tensor([3, 4])


def compare(data: torch.Tensor, latents: torch.Tensor) -> str:
    """Observe data, and tell the indices of what is compared with what."""
    z = pyro.sample("z", dist.Normal(0.0, 1.0))
    pyro.sample("obs", dist.Normal(z, 1.0), obs=DATA[data])
    return f"data {data.tolist()} are compared with latents {latents.tolist()}"


def model(batch: torch.Tensor) -> str:
    with pyro.plate("data", SIZE, subsample=batch) as latents:
        return compare(batch, latents)


def model_without_batch(_: torch.Tensor) -> str:
    with pyro.plate("data", SIZE, subsample_size=2) as latents:
        return compare(latents, latents)


def create_plates(batch: torch.Tensor) -> pyro.plate:
    return pyro.plate("data", SIZE, subsample=batch)


def assert_aligned(model: Callable[[torch.Tensor], str], guide: AutoGuide, seed: int) -> None:
    """The model is run with the latents of the guide, as SVI does."""
    pyro.set_rng_seed(seed)
    pyro.clear_param_store()
    guide_trace = poutine.trace(guide).get_trace(BATCH)
    result = poutine.replay(model, guide_trace)(BATCH)
    latents = guide_trace.nodes["data"]["value"].tolist()
    assert result == f"data {latents} are compared with latents {latents}", result


def failure(seed: int) -> None:
    """With AutoNormal a plate takes the subsample that the model gives to it."""
    assert_aligned(model, AutoNormal(model), seed)


def fix_auto_delta(seed: int) -> None:
    """With AutoDelta a plate takes the subsample that the model gives to it."""
    assert_aligned(model, AutoDelta(model), seed)


def fix_create_plates(seed: int) -> None:
    """A guide whose create_plates gives the plate the same subsample is aligned."""
    assert_aligned(model, AutoNormal(model, create_plates=create_plates), seed)


def fix_index_of_the_plate(seed: int) -> None:
    """A model that lets the plate draw, and takes its data at those indices, is aligned."""
    assert_aligned(model_without_batch, AutoNormal(model_without_batch), seed)


if __name__ == "__main__":
    failure(0)
