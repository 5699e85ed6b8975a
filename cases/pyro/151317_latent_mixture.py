# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pytorch/pytorch/pull/151317"
# kind = "drift"
# api = ["pyro.distributions.MixtureSameFamily"]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^Cannot transform MixtureSameFamilyConstraint constraints"
# failing = ["torch>=2.8"]
#
# [tool.case.fix.nuts]
# source = "ours"
# refuted = ["torch>=2.8"]
# raises = "NotImplementedError"
# match = "^Cannot transform MixtureSameFamilyConstraint constraints"
#
# [tool.case.fix.register]
# source = "ours"
#
# [tool.case.fix.subclass]
# source = "ours"
# ///
"""A latent mixture has no automatic guide with torch 2.8: its new support cannot be transformed."""

from collections.abc import Callable

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import MCMC, NUTS
from pyro.infer.autoguide import AutoNormal
from torch.distributions import biject_to, constraints, transform_to

WEIGHTS = dist.Categorical(torch.tensor([0.5, 0.5]))
COMPONENTS = dist.LogNormal(torch.tensor([-1.0, 1.0]), 1.0)


class PositiveMixture(dist.MixtureSameFamily):
    support = constraints.positive


def make_model(prior: dist.TorchDistribution) -> Callable[[], torch.Tensor]:
    return lambda: pyro.sample("x", prior)


def assert_guide(prior: dist.TorchDistribution) -> None:
    pyro.clear_param_store()
    assert AutoNormal(make_model(prior))()["x"] > 0


def failure() -> None:
    """A mixture of positive distributions has a guide of positive samples."""
    assert_guide(dist.MixtureSameFamily(WEIGHTS, COMPONENTS))


def fix_nuts(seed: int) -> None:
    """MCMC is not concerned."""
    pyro.set_rng_seed(seed)
    kernel = NUTS(make_model(dist.MixtureSameFamily(WEIGHTS, COMPONENTS)))
    mcmc = MCMC(kernel, num_samples=3, warmup_steps=3, disable_progbar=True)
    mcmc.run()
    assert (mcmc.get_samples()["x"] > 0).all()


def fix_register() -> None:
    """The new support can be registered, to be transformed as that of the components."""
    kind = getattr(constraints, "MixtureSameFamilyConstraint", None)
    if kind is not None:
        for registry in (biject_to, transform_to):
            registry.register(kind, lambda support: biject_to(support.base_constraint))
    assert_guide(dist.MixtureSameFamily(WEIGHTS, COMPONENTS))


def fix_subclass() -> None:
    """A subclass can tell the support."""
    assert_guide(PositiveMixture(WEIGHTS, COMPONENTS))


if __name__ == "__main__":
    failure()
