# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3274"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3277"]
# kind = "bug"
# api = ["pyro.distributions.MixtureOfDiagNormals", "pyro.distributions.MixtureOfDiagNormalsSharedCovariance"]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^\\s*Trace Shapes:"
# failing = ["pyro-ppl<1.9"]
#
# [tool.case.fix.shared_covariance]
# source = "documented"
# refuted = ["pyro-ppl<1.9"]
# raises = "NotImplementedError"
# match = "^\\s*Trace Shapes:"
#
# [tool.case.fix.subclass]
# source = "documented"
#
# [tool.case.fix.same_family]
# source = "ours"
# refuted = ["torch>=2.8"]     # since the support of MixtureSameFamily is one of its own
# raises = "NotImplementedError"
# match = "^Cannot transform MixtureSameFamilyConstraint constraints"
# ///
"""A latent mixture of diagonal normals has no support, so that automatic guides fail."""

import pyro
import pyro.distributions as dist
import torch
from pyro.distributions import constraints
from pyro.infer.autoguide import AutoNormal

LOCS, SCALES, LOGITS = torch.tensor([[-1.0, 1.0], [1.0, 2.0]]), torch.ones(2, 2), torch.zeros(2)


class RealMixture(dist.MixtureOfDiagNormals):
    support = constraints.real_vector


def assert_guide(prior: dist.TorchDistribution) -> None:
    """The guide makes a vector of two real numbers."""
    pyro.clear_param_store()
    guide = AutoNormal(lambda: pyro.sample("x", prior))
    assert guide()["x"].shape == (2,)


def failure() -> None:
    """A model with such a variable has an automatic guide."""
    assert_guide(dist.MixtureOfDiagNormals(LOCS, SCALES, LOGITS))


def fix_shared_covariance() -> None:
    """The mixture with a shared covariance has a support."""
    assert_guide(dist.MixtureOfDiagNormalsSharedCovariance(LOCS, SCALES[0], LOGITS))


def fix_subclass() -> None:
    """A subclass can tell the support."""
    assert_guide(RealMixture(LOCS, SCALES, LOGITS))


def fix_same_family() -> None:
    """MixtureSameFamily of independent normals has a support."""
    components = dist.Normal(LOCS, SCALES).to_event(1)
    assert_guide(dist.MixtureSameFamily(dist.Categorical(logits=LOGITS), components))


if __name__ == "__main__":
    failure()
